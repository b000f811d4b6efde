"""Reference managers can read our references, whatever a title contains."""

import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from pathlib import Path as FilePath
from typing import Any

import pytest
import rispy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from markdown_it import MarkdownIt
from pybtex.database import BibliographyData, parse_string

from assistant.export.bibliography import Form, render
from index.catalogue import load_starter
from index.models import AnyEntry, Event, Guide, Path
from tests.support import odd_catalogues

SCHEMA = Draft7Validator(json.loads(FilePath(__file__).with_name("csl-data.json").read_text("utf-8")))
"""The published schema; its licence is beside it."""

EVENT = Event(
    id="weak-to-strong",
    kind="event",
    title="A small model supervises a large one",
    summary="OpenAI showed that it can.",
    date="2023-12-14",
    source="OpenAI Blog",
    url="https://example.org/weak_to_strong?a=1&b=2%20c#top",
    organisations=("OpenAI", "Johnson and Sons"),
)
GUIDE = Guide(
    id="rlhf", kind="guide", title="What is RLHF?", level="beginner", tldr="Learning from people.", date="2024-05"
)
PATH = Path(id="start", kind="path", title="Start here", description="For newcomers.", steps=("rlhf",), date="2024")
TODAY = date(2026, 6, 29)
ODD_TITLES = [
    "A {brace} and an } unbalanced one {{",
    "100% of $5 & #1 in snake_case ~ x^2",
    "A \\backslash{} and \\\\ two",
    'He said "no" and «yes» — 日本語 and emoji 🚀',
    "Two\nlines\r\nand\ttabs\u2028and\x0bmore\x00",
    "ER  - \nTY  - BOOK",
    "},\n@misc{evil, title={x}",
    "[link](https://example.org) **bold** `code` <b>html</b> &amp; | table",
    "2023. A year",
    "- a dash",
    "# a hash",
    "A full stop.",
]
UNLATEX = {
    r"\textbackslash{}": "\\",
    r"\textbraceleft{}": "{",
    r"\textbraceright{}": "}",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
}


def titled(title: str, **fields: Any) -> Event:
    """The event under another title."""
    return EVENT.model_copy(update={"title": title, **fields})


def one_line(text: str) -> str:
    """A text in the form that a record can contain."""
    return " ".join("".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in text).split())


def bibtex(*entries: AnyEntry) -> BibliographyData:
    """The entries as pybtex reads them."""
    return parse_string(render(entries, "bibtex", accessed=TODAY), "bibtex")


def unlatex(text: str) -> str:
    """The text that LaTeX prints."""
    text = text.removeprefix("{").removesuffix("}")
    return re.sub(r"\\text[a-z]+\{\}|\\[%&#_$]", lambda match: UNLATEX.get(match[0], match[0][1:]), text)


def ris(*entries: AnyEntry) -> list[dict[str, Any]]:
    """The entries as rispy reads them."""
    return rispy.loads(render(entries, "ris", accessed=TODAY))


def shown(markdown: str) -> str:
    """The text that Markdown shows."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(markdown)
    return "".join(child.content for token in tokens for child in token.children or ())


def test_an_event_is_an_article_in_bibtex() -> None:
    """The publication is the journal, organisations are authors, and the full date is there."""
    entry = bibtex(EVENT).entries["weak-to-strong"]
    assert entry.type == "article"
    assert entry.fields["journal"] == "OpenAI Blog"
    assert (entry.fields["year"], entry.fields["month"], entry.fields["day"]) == ("2023", "December", "14")
    assert entry.fields["url"] == EVENT.url
    assert entry.fields["urldate"] == "2026-06-29"
    assert [str(person) for person in entry.persons["author"]] == ["{OpenAI}", "{Johnson and Sons}"]


@pytest.mark.parametrize(("given_date", "known"), [("2024", 1), ("2024-05", 2), ("2024-05-07", 3), (None, 0)])
def test_no_form_tells_a_date_more_exactly_than_the_catalogue(given_date: str | None, known: int) -> None:
    """A month has no day, a year has no month, and without a date there is no field."""
    event = EVENT.model_copy(update={"date": given_date})
    fields = bibtex(event).entries[EVENT.id].fields
    assert [name in fields for name in ("year", "month", "day")] == [known >= n for n in (1, 2, 3)]
    (item,) = json.loads(render([event], "csl-json", accessed=None))
    assert item.get("issued") == ({"date-parts": [[2024, 5, 7][:known]]} if known else None)
    (record,) = ris(event)
    assert record.get("year") == ("2024" if known else None)
    assert record.get("date") == {0: None, 1: "2024///", 2: "2024/05//", 3: "2024/05/07/"}[known]
    words = {0: "OpenAI Blog.", 1: "OpenAI Blog, 2024.", 2: "OpenAI Blog, May 2024.", 3: "OpenAI Blog, 7 May 2024."}
    assert render([event], "markdown", accessed=None).rstrip().endswith(words[known])


@pytest.mark.parametrize("title", ODD_TITLES)
@pytest.mark.parametrize("linked", [True, False])
def test_odd_titles_come_back_from_every_form(title: str, *, linked: bool) -> None:
    """No character of a title breaks a record or is lost."""
    event = titled(title, id="odd", **({} if linked else {"url": None, "organisations": ()}))
    wanted = one_line(title)
    entries = bibtex(event, EVENT).entries
    assert list(entries) == ["odd", EVENT.id]
    assert unlatex(entries["odd"].fields["title"]) == wanted
    records = ris(event, EVENT)
    assert [record["id"] for record in records] == ["odd", EVENT.id]
    assert records[0]["title"] == wanted
    assert json.loads(render([event], "csl-json", accessed=None))[0]["title"] == wanted
    assert wanted in shown(render([event], "markdown", accessed=None))


@given(
    title=st.text(min_size=1).filter(lambda text: bool(one_line(text))), names=st.lists(st.text(min_size=1), max_size=4)
)
def test_any_title_and_any_names_come_back(title: str, names: list[str]) -> None:
    """The same for random titles."""
    names = [name for name in names if one_line(name)]
    event = titled(title, organisations=tuple(names))
    entry = bibtex(event).entries[EVENT.id]
    assert unlatex(entry.fields["title"]) == one_line(title)
    assert len(entry.persons.get("author", [])) == len(names)
    (record,) = ris(event)
    assert record["title"] == one_line(title)
    assert record.get("authors", []) == [one_line(name) for name in names]
    (item,) = json.loads(render([event], "csl-json", accessed=TODAY))
    assert [item["title"], *(name["literal"] for name in item.get("author", ()))] == [
        one_line(title),
        *map(one_line, names),
    ]
    markdown = render([event], "markdown", accessed=TODAY)
    assert markdown.count("\n") == 1
    assert one_line(title) in shown(markdown)


def test_braces_are_balanced_by_count_alone() -> None:
    """BibTeX counts braces and has no escape for them, so a brace in a title becomes a command."""
    record = render([titled("a { b \\{ c } d }}}")], "bibtex", accessed=None)
    assert record.count("{") == record.count("}")


def test_keys_differ_even_where_capitals_are_not_told_apart() -> None:
    """For BibTeX `GPT-4` and `gpt-4` are the same key, so ids with capitals get a suffix."""
    upper, lower = titled("A", id="GPT-4"), titled("B", id="gpt-4")
    both, alone = list(bibtex(upper, lower).entries), list(bibtex(upper).entries)
    assert len({key.lower() for key in both}) == 2
    assert both[0] == alone[0]
    assert both[1] == "gpt-4"


def test_a_guide_and_a_path_are_pages_on_the_web() -> None:
    """Guides and paths have no publication, so they are not articles."""
    assert [entry.type for entry in bibtex(GUIDE, PATH).entries.values()] == ["misc", "misc"]
    assert [record["type_of_reference"] for record in ris(GUIDE, PATH)] == ["ELEC", "ELEC"]
    items = json.loads(render([GUIDE, PATH], "csl-json", accessed=TODAY))
    assert [item["type"] for item in items] == ["webpage", "webpage"]


def test_the_day_of_access_is_told_only_of_an_address() -> None:
    """An entry without a URL has no date of access."""
    for form in ("bibtex", "ris", "csl-json", "markdown"):
        assert "2026" in render([EVENT], form, accessed=TODAY)
        assert "2026" not in render([GUIDE], form, accessed=TODAY)


def test_ris_names_everything_once() -> None:
    """Type, title, authors, year, day, publication, URL and id have the usual tags."""
    (record,) = ris(EVENT)
    assert record["type_of_reference"] == "NEWS"
    assert record["authors"] == ["OpenAI", "Johnson and Sons"]
    assert record["urls"] == [EVENT.url]
    assert record["access_date"] == "2026/06/29/"
    assert "JO  - OpenAI Blog\n" in render([EVENT], "ris", accessed=None)


def test_markdown_is_a_numbered_list_with_links() -> None:
    """The title links to the source, and a bracket in the URL does not end the link."""
    event = EVENT.model_copy(update={"url": "https://example.org/a_(b)"})
    text = render([event, GUIDE], "markdown", accessed=TODAY)
    assert text == (
        "1. OpenAI, Johnson and Sons. [A small model supervises a large one](https://example.org/a_%28b%29). "
        "OpenAI Blog, 14 December 2023. Accessed 29 June 2026.\n"
        "2. Ask the almanac. What is RLHF? May 2024.\n"
    )


@pytest.mark.parametrize(("form", "empty"), [("bibtex", ""), ("ris", ""), ("markdown", ""), ("csl-json", "[]\n")])
def test_nothing_to_cite_is_an_empty_list(form: Form, empty: str) -> None:
    """Without entries there are no records, and the format is valid."""
    assert render([], form, accessed=TODAY) == empty


def test_an_entry_named_twice_is_cited_once() -> None:
    """Each entry has one reference."""
    assert len(bibtex(EVENT, EVENT).entries) == 1


@given(entries=odd_catalogues.catalogues(odd_catalogues.BRIEF).map(lambda held: held.entries))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_catalogue_comes_back_from_every_form(entries: tuple[AnyEntry, ...]) -> None:
    """The result is valid by the published schema and has one record per entry, in order."""
    check_round_trips(entries)


def test_the_starter_catalogue_comes_back_from_every_form() -> None:
    """All its entries at once."""
    check_round_trips(load_starter().entries)


def check_round_trips(entries: Sequence[AnyEntry]) -> None:
    """Through pybtex, rispy and the published schema of CSL-JSON."""
    items = json.loads(render(entries, "csl-json", accessed=TODAY))
    SCHEMA.validate(items)
    assert [item["id"] for item in items] == [entry.id for entry in entries]
    assert [one_line(item["title"]) for item in items] == [one_line(entry.title) or entry.id for entry in entries]
    assert [record["id"] for record in ris(*entries)] == [entry.id for entry in entries]
    assert [record["title"] for record in ris(*entries)] == [item["title"] for item in items]
    titles = [unlatex(entry.fields["title"]) for entry in bibtex(*entries).entries.values()]
    assert titles == [item["title"] for item in items]
