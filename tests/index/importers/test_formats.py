"""Tests for format detection, line-by-line reading, and error messages."""

import codecs
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import catalogue
from index.errors import ImportSourceError
from index.importers import FORMATS, read_source
from index.models import ID_PATTERN, Event

from .pages import NINE, plain, saved_html

EVENT = {"id": "one", "kind": "event", "title": "One", "summary": "The first.", "date": "2024-05-01", "mood": "calm"}
GUIDE = {"id": "two", "kind": "guide", "title": "Two", "level": "beginner", "tldr": "The second."}
DOCUMENTS: list[dict[str, Any]] = [
    {"_id": "d1", "title": "A document", "text": "Its text.", "date": "2023-04", "url": "https://example.org/1"},
    {"_id": "d 2/ü", "title": "", "text": "No title here, " + "but many words " * 20, "n_reports": 13},
    {"_id": 3, "title": "A number for an id", "text": "", "date": "May 2023", "topics": ["x"], "importance": 99},
]


def json_lines(*records: object) -> bytes:
    """Return records as JSON Lines."""
    return "".join(json.dumps(record) + "\n" for record in records).encode("ascii")


def corpus(folder: Path, *documents: dict[str, Any]) -> Path:
    """Create a BEIR folder with these documents."""
    (folder / "corpus.jsonl").write_bytes(json_lines(*documents))
    (folder / "queries.jsonl").write_bytes(json_lines({"_id": "q1", "text": "a query"}))
    return folder


def test_json_lines_come_from_a_file_a_folder_or_standard_input(tmp_path: Path) -> None:
    """A file, a folder and standard input give the same records, compressed or not."""
    lines = json_lines(EVENT, GUIDE)
    (tmp_path / "a.jsonl").write_bytes(json_lines(EVENT))
    (tmp_path / "b.jsonl").write_bytes(json_lines(GUIDE))
    file, packed = tmp_path / "other.txt", tmp_path / "packed.gz"
    file.write_bytes(lines)
    packed.write_bytes(gzip.compress(lines))
    wanted = catalogue.read([("x:1", json_lines(EVENT)), ("x:2", json_lines(GUIDE))]).entries
    for source in (str(tmp_path), str(file), str(packed), "-"):
        read = read_source(source, stdin=io.BytesIO(lines))
        assert (read.format, read.entries, read.problems) == ("jsonl", wanted, ())


def test_a_record_that_does_not_fit_is_reported_and_the_rest_loads(tmp_path: Path) -> None:
    """Each problem names the file, the line and the field."""
    file = tmp_path / "mixed.jsonl"
    file.write_bytes(json_lines(EVENT) + b"{broken\n\n" + json_lines({**GUIDE, "level": "wizard"}, EVENT, GUIDE))
    read = read_source(str(file))
    assert [entry.id for entry in read.entries] == ["one", "two"]
    assert [str(problem).split(" ")[0] for problem in read.problems] == [
        "mixed.jsonl:2:",
        "mixed.jsonl:4:",
        "mixed.jsonl:5:",
    ]
    assert read.problems[1].field == "level"


@pytest.mark.parametrize("document", [[EVENT, GUIDE], {"events": [EVENT]}])
def test_one_json_document_is_refused_as_json_lines_with_the_mend(document: object) -> None:
    """A pretty-printed file gives one error message instead of a problem for each line."""
    data = json.dumps(document, indent=2).encode()
    with pytest.raises(ImportSourceError, match="not JSON Lines"):
        read_source("-", format="jsonl", stdin=io.BytesIO(data))


@pytest.mark.parametrize("packed", [False, True])
def test_each_document_of_a_beir_folder_is_an_event(tmp_path: Path, *, packed: bool) -> None:
    """Title, text, date and address are mapped to the fields of an event; other fields are kept."""
    folder = corpus(tmp_path, *DOCUMENTS)
    if packed:
        plain_file = folder / "corpus.jsonl"
        (folder / "corpus.jsonl.gz").write_bytes(gzip.compress(plain_file.read_bytes()))
        plain_file.unlink()
    read = read_source(str(folder))
    first, second, third = read.entries
    assert (read.format, first.id, first.title, first.date, first.url) == (
        "beir",
        "d1",
        "A document",
        "2023-04",
        "https://example.org/1",
    )
    assert isinstance(first, Event)
    assert first.summary == "Its text."
    assert second.title.startswith("No title here, but many words")
    assert len(second.title) < 130
    assert (second.model_extra or {})["n_reports"] == 13
    assert (third.id, third.date, third.topics) == ("3", None, ("x",))
    assert read.problems == ()
    assert {(problem.place.rpartition(":")[2], problem.field): problem.message for problem in read.warnings} == {
        ("3", "date"): "left out: 'May 2023' is not YYYY, YYYY-MM or YYYY-MM-DD",
        ("3", "importance"): "left out: Input should be less than or equal to 10",
        ("beir", "title"): "1 entries have none and are called by the first words of their text",
        (folder.name, ""): "1 of 3 entries have no text",
    }


def test_ids_that_break_the_rule_get_a_stable_substitute(tmp_path: Path) -> None:
    """The substitute depends on the id alone, and different ids have different substitutes."""
    odd = ["d 2/ü", "d 2/u", "", "/", "x" * 300, "x" * 301, "日本", "_a"]
    documents = [{"_id": name, "title": "T", "text": f"Text {n}."} for n, name in enumerate(odd)]
    ids = [entry.id for entry in read_source(str(corpus(tmp_path, *documents))).entries]
    assert len(set(ids)) == len(odd) - 1
    assert all(ID_PATTERN.fullmatch(name) for name in ids)
    backwards = [entry.id for entry in read_source(str(corpus(tmp_path, *reversed(documents)))).entries]
    assert backwards == ids[::-1]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"title": "No id", "text": "x"}, "_id"),
        ({"_id": "a", "title": "", "text": "  "}, "text"),
        ({"_id": "a", "title": ["x"], "text": "x"}, "title"),
        ({"_id": True, "title": "x", "text": "x"}, "_id"),
        (["no", "object"], ""),
    ],
)
def test_a_document_that_cannot_be_an_event_is_left_out_and_reported(tmp_path: Path, row: Any, field: str) -> None:
    """An invalid document is reported, and the other documents are imported."""
    (tmp_path / "corpus.jsonl").write_bytes(json_lines(DOCUMENTS[0], row))
    read = read_source(str(tmp_path))
    assert [entry.id for entry in read.entries] == ["d1"]
    assert [(problem.place, problem.field) for problem in read.problems] == [("corpus.jsonl:2", field)]


def test_a_field_that_an_event_has_of_its_own_is_reported_when_a_row_has_it_too(tmp_path: Path) -> None:
    """The `kind` or `summary` of a row would replace the values that are derived from the document."""
    row = {**DOCUMENTS[0], "summary": "short"}
    read = read_source(str(corpus(tmp_path, row)))
    assert [problem.field for problem in read.warnings] == ["summary"]
    assert isinstance(read.entries[0], Event)
    assert read.entries[0].summary == "Its text."


def test_formats_are_told_apart_by_content(tmp_path: Path) -> None:
    """The format is detected without a file name, and a misleading file name is ignored."""
    samples = {
        "jsonl": json_lines(EVENT),
        "beir": json_lines(*DOCUMENTS),
        "page": plain(NINE).encode(),
    }
    samples |= {"page ": saved_html(NINE).encode(), "page  ": plain(NINE[:1], meta=True).encode()}
    for name, data in samples.items():
        file = tmp_path / "data.txt"
        file.write_bytes(data)
        assert read_source(str(file)).format == name.strip()
        assert read_source("-", stdin=io.BytesIO(data)).format == name.strip()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"Dear diary,\nnothing of note.", "plain text without a title"),
        (b"a,b\n1,2\n", "may be a table"),
        (b"<html><p>Hello</p></html>", "a web page without a title"),
        (b"7", "plain text"),
        (b"<stuff><thing/></stuff>", "XML with the root <stuff>"),
    ],
)
def test_a_source_of_no_known_format_is_refused_by_what_it_is(data: bytes, what: str) -> None:
    """The error is one line with a hint, without a list of formats."""
    with pytest.raises(ImportSourceError, match=what) as raised:
        read_source("-", stdin=io.BytesIO(data))
    assert raised.value.hint
    assert len(f"{raised.value}{raised.value.hint}") < 250


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (codecs.BOM_UTF8 + b"\n", "empty"),
        (gzip.compress(b"", mtime=0), "empty"),
        (b"Related events (1)\n\0\nA title", "binary"),
        (b"\x89PNG\r\n\x1a\n\0\0", "binary"),
        (bytes(range(1, 256)) * 4, "binary"),
        (b"\x1f\x8bnot gzip", "damaged"),
        (gzip.compress(b"x" * 1000, mtime=0)[:-12], "damaged"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8\x41", "UTF-16"),
    ],
)
@pytest.mark.parametrize("form", [None, *FORMATS])
def test_what_is_no_text_is_refused(data: bytes, said: str, form: str | None) -> None:
    """The error says what the data is, whichever format the user chose."""
    with pytest.raises(ImportSourceError, match=said) as raised:
        read_source("-", format=form, stdin=io.BytesIO(data))
    assert raised.value.hint


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_pages_in_unicode_are_read_alike(encoding: str) -> None:
    """UTF-8 is read with and without a byte order mark, and UTF-16 in both byte orders with one."""
    marks = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
    text = plain(NINE, meta=True)
    read = read_source("-", stdin=io.BytesIO(marks.get(encoding, b"") + text.encode(encoding)))
    assert read.entries == read_source("-", stdin=io.BytesIO(text.encode())).entries
    assert read.problems == ()


def test_an_old_encoding_is_guessed_and_reported() -> None:
    """Windows-1252 is assumed, and a warning names the first line that is not UTF-8."""
    text = plain(NINE)
    read = read_source("-", stdin=io.BytesIO(text.encode("windows-1252")))
    assert read.entries[-1].title == "São Paulo bans face search in schools"
    assert [str(problem) for problem in read.problems] == ["-:20: not UTF-8, so the file was read as windows-1252"]


def test_a_source_that_is_not_there_or_not_yet_read_says_so(tmp_path: Path) -> None:
    """A missing file, an unsupported folder, an unknown format and an address each give an error with a hint."""
    for source, said in (
        (str(tmp_path / "none.jsonl"), "there is no file"),
        ("", "there is no file"),
        ("a\0b", "there is no file"),
        ("x" * 5_000, "cannot read"),
        (str(tmp_path), "a folder without any file of a known format"),
        ("https://example.org/page", "is an address"),
        ("HTTP://example.org/page", "is an address"),
    ):
        with pytest.raises(ImportSourceError, match=said) as raised:
            read_source(source)
        assert raised.value.hint
    for name in FORMATS:
        with pytest.raises(ImportSourceError):
            read_source(str(tmp_path), format=name)
    with pytest.raises(ImportSourceError, match="no format 'pptx'"):
        read_source("-", format="pptx", stdin=io.BytesIO(b"x"))


@given(
    data=st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode()),
    form=st.sampled_from([None, *FORMATS]),
)
def test_any_bytes_are_read_or_refused(data: bytes, form: str | None) -> None:
    """Any bytes are imported or refused, without other exceptions."""
    try:
        read = read_source("-", format=form, stdin=io.BytesIO(data))
    except ImportSourceError:
        return
    assert read.format in FORMATS


PIECES = (
    "<div>|</p>|<a href='//x'>|<h1>|<svg>|<li>|<!--|<![CDATA[|&#0;|\u200b|\n|Related events (2)|Related guides|← Events"
    "|7Wired·2d ago·source ↗|7|·|A title|Another title|A summary."
)


@given(pieces=st.lists(st.sampled_from(PIECES.split("|")), max_size=30), html=st.booleans())
def test_any_page_is_read_or_refused(pieces: list[str], *, html: bool) -> None:
    """Any combination of page parts gives valid entries with unique ids, or an error."""
    page = ("<html>" if html else "") + ("" if html else "\n").join(pieces)
    try:
        read = read_source("-", format="page", stdin=io.BytesIO(page.encode()))
    except ImportSourceError:
        return
    again = catalogue.read((f"x:{n}", catalogue.to_line(entry).encode()) for n, entry in enumerate(read.entries))
    assert again.entries == read.entries
