"""Tests for CSV, TSV and JSON with arbitrary field names: given mappings and common names."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ImportSourceError
from index.importers import Imported, read_source
from index.importers.cells import split
from index.importers.mapping import parse_map
from index.models import Guide

from .sources import events, problem_text, read

CSV = 'Headline;Published;Firms;Text\n"Kiwi; 2";13/05/2023;OpenAI, Inc., Google;First line.\nMango;03/05/2023;"[""a"", ""b""]";"<b>Bold</b> &amp; more"\n'
MAP = "title=Headline,date=Published,organisations=Firms,summary=Text"


def test_a_table_is_mapped_as_told(tmp_path: Path) -> None:
    """The delimiter is detected, lists are split, HTML is removed, and one day above 12 decides the date order."""
    (tmp_path / "t.csv").write_text(CSV, "utf-8")
    imported = read_source(str(tmp_path / "t.csv"), mapping=parse_map([MAP]))
    first, second = events(imported)
    assert (first.title, first.date, first.organisations) == ("Kiwi; 2", "2023-05-13", ("OpenAI, Inc.", "Google"))
    assert (second.date, second.organisations, second.summary) == ("2023-05-03", ("a", "b"), "Bold & more")
    assert problem_text(imported) == ""


def test_obvious_names_need_no_mapping_and_other_columns_are_kept() -> None:
    """Tabs, other spellings of names and a byte order mark are supported."""
    imported = read("\ufeffTITLE\tPub_Date\tURL\tmood\nOne\tMay 2023\thttps://x.example/1\tcalm\n")
    entry = events(imported)[0]
    assert (imported.format, entry.title, entry.date, entry.url) == ("csv", "One", "2023-05", "https://x.example/1")
    assert (entry.model_extra or {})["mood"] == "calm"


def test_one_field_may_be_in_several_columns_and_names_may_hold_commas() -> None:
    """Lists from several columns are combined without duplicates."""
    mapping = parse_map(['"organisations=a, b",organisations=c', "title=t"])
    assert mapping == {"organisations": ["a, b", "c"], "title": ["t"]}
    entry = events(read_source_text('t,"a, b",c\nX,one,one; two\n', mapping))[0]
    assert entry.organisations == ("one", "two")


def read_source_text(text: str, mapping: dict[str, list[str]]) -> Imported:
    """Import text as from standard input, with a full mapping."""
    return read_source("-", mapping=mapping, format="csv", stdin=io.BytesIO(text.encode()))


@pytest.mark.parametrize(
    ("cell", "day"), [("2026-11-27", "2026-11-27"), ("27 November 2026", "2026-11-27"), ("", None), ("2026-11", None)]
)
def test_a_column_checked_is_the_day_of_the_last_check(cell: str, day: str | None) -> None:
    """A cell that is no full day is left out with a warning that says how to write it."""
    imported = read(f"Title,Summary,Checked\nKiwi,Text.,{cell}\n")
    assert [event.checked for event in events(imported)] == [day]
    assert ("must be a day that exists" in "\n".join(map(str, imported.warnings))) == (cell == "2026-11")


def test_ambiguous_dates_keep_the_year_and_odd_rows_are_reported() -> None:
    """Rows with missing or additional fields, ambiguous dates and empty rows are reported."""
    imported = read("title,date,summary\nA,03/04/2023,x\nB,soon\nC,2023,x,y\n,2023,\n")
    assert [(entry.title, entry.date) for entry in imported.entries] == [("A", "2023"), ("B", None), ("C", "2023")]
    assert [problem.place for problem in imported.problems] == ["-:5"]
    assert all(word in problem_text(imported) for word in ("two ways", "'soon'", "2 fields", "beyond"))


def test_a_quote_that_is_never_closed_costs_its_line_alone() -> None:
    """The following rows are read."""
    imported = read('title,date\nA,2020\n"B,2021\nC,2022\nD,2023\n')
    assert [entry.title for entry in imported.entries][-2:] == ["C", "D"]
    assert len(imported.entries) == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [("a,b\n1,2\n", "no column for a title"), ("title,date\n", ""), ("one column\nx\n", "no column for a title")],
)
def test_a_table_without_titles_is_refused_with_its_columns(text: str, words: str) -> None:
    """The error hint suggests a mapping."""
    if not words:
        assert read(text, "csv").entries == ()
        return
    with pytest.raises(ImportSourceError, match=words) as raised:
        read(text, "csv")
    assert "--map" in raised.value.hint


@pytest.mark.parametrize("word", ["title", "=x", "nonsense=x", "title="])
def test_a_mapping_that_cannot_be_read_names_the_fields(word: str) -> None:
    """A mapping to a missing column is refused, too."""
    with pytest.raises(ImportSourceError) as raised:
        parse_map([word])
    assert "FIELD=COLUMN" in raised.value.hint
    with pytest.raises(ImportSourceError, match="no column 'Nope'"):
        read("title,date\nA,2020\n", "csv", summary="Nope")


def test_cells_are_cut_at_the_strongest_mark() -> None:
    """Cells are parsed as JSON or Python lists, or split at semicolons, bars or commas, in this order."""
    assert (
        split("['a b', 'c']")
        == split('["a b", "c"]')
        == split("a b; c")
        == split("a b|c")
        == split("a b, c")
        == ["a b", "c"]
    )
    assert split([{"name": "OpenAI"}, "Google", None]) == ["OpenAI", "Google"]


ENTRY = {"id": "e", "kind": "event", "title": "E", "summary": "S.", "mood": "calm"}
GUIDE = {"id": "g", "kind": "guide", "title": "G", "level": "beginner", "tldr": "T."}


@pytest.mark.parametrize(
    "document", [[ENTRY, GUIDE], {"meta": 1, "entries": [ENTRY, GUIDE]}, {"data": {"items": [ENTRY, GUIDE]}}]
)
@pytest.mark.parametrize("indent", [None, 1])
def test_a_json_document_with_a_list_is_a_catalogue(document: object, indent: int | None) -> None:
    """Catalogue entries, recognised by `kind`, are imported unchanged."""
    imported = read(json.dumps(document, indent=indent))
    assert (imported.format, [entry.id for entry in imported.entries]) == ("json", ["e", "g"])
    assert isinstance(imported.entries[1], Guide)
    assert problem_text(imported) == ""


def test_other_objects_are_mapped() -> None:
    """Fields are mapped by common names or by the given mapping; values that are not objects are reported."""
    rows = [{"headline": "H", "published": 2023, "tags": ["a", {"name": "b"}], "body": "<p>x</p>"}, 7, {"n": 1}]
    imported = read(json.dumps(rows))
    entry = events(imported)[0]
    assert (entry.title, entry.date, entry.topics, entry.summary) == ("H", "2023", ("a", "b"), "x")
    assert [problem.place for problem in imported.problems] == ["-:item 2", "-:item 3"]
    assert read(json.dumps({"h": "T", "s": "x"}) + "\n", "jsonl", title="h", summary="s").entries[0].title == "T"


def test_json_that_breaks_off_keeps_its_whole_objects() -> None:
    """NaN counts as missing; a truncated object is reported with its line."""
    text = json.dumps([{"title": "A", "summary": "x", "date": float("nan")}, {"title": "B", "summary": "y"}], indent=1)
    assert [entry.title for entry in read(text).entries] == ["A", "B"]
    broken = read(text[:-10], "json")
    assert [entry.title for entry in broken.entries] == ["A"]
    assert "is not JSON" in problem_text(broken)


@pytest.mark.parametrize("data", ["[" * 100_000, '{"a":' * 100_000, '[{"title":"ok"},' + "[" * 100_000])
def test_endless_nesting_is_refused(data: str) -> None:
    """Deep nesting gives an error message instead of a RecursionError."""
    with pytest.raises(ImportSourceError, match="nested too deeply"):
        read(data, "json")


def test_a_line_that_no_entry_fills_is_reported_and_the_rest_loads() -> None:
    """The test has a JSON Lines line of 9 million characters."""
    line = json.dumps(ENTRY)
    imported = read(
        f'{line}\n{{"id": "{"x" * 9_000_000}"}}\n{line.replace("e", "f", 1).replace(chr(34) + "e" + chr(34), chr(34) + "z" + chr(34))}',
        "jsonl",
    )
    assert imported.entries[0].id == "e"
    assert "more than 8,388,608" in problem_text(imported)


@given(st.text(alphabet='title,date;"\n\t|=x1', max_size=80))
def test_any_table_is_read_or_refused(text: str) -> None:
    """Any table is imported or refused, without other exceptions."""
    try:
        read("title,date\n" + text, "csv")
    except ImportSourceError:
        return
