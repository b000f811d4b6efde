"""Tests for almanac pages: nine events are read correctly from every form in which a page can be saved."""

import io
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ImportSourceError
from index.importers import Imported, read_source
from index.models import ID_PATTERN, AnyEntry, Event

from .pages import GUIDES, NINE, Blank, Told, plain, saved_html

BLANKS = get_args(Blank)


def imported(page: str, *, form: str | None = None) -> Imported:
    """Import a page from standard input."""
    return read_source("-", format=form, stdin=io.BytesIO(page.encode("utf-8")))


def told(entries: tuple[AnyEntry, ...]) -> list[tuple[str, str]]:
    """Return the titles and summaries of the entries."""
    return [(entry.title, entry.summary) for entry in entries if isinstance(entry, Event)]


def wanted(*events: Told) -> list[tuple[str, str]]:
    """Return the expected titles and summaries."""
    return [(event.title, event.summary) for event in events]


@pytest.mark.parametrize(("blank", "meta", "guides"), list(product(BLANKS, [False, True], [(), GUIDES])))
def test_nine_events_come_back_from_a_plain_page(*, blank: Blank, meta: bool, guides: tuple[str, ...]) -> None:
    """Blank lines, source lines and guides are optional; one summary has two paragraphs."""
    read = imported(plain(NINE, blank=blank, meta=meta, guides=guides))
    assert read.format == "page"
    assert told(read.entries) == wanted(*NINE)
    assert read.problems == ()


def test_nine_events_come_back_from_a_saved_web_page() -> None:
    """Menus, scripts, styles and the footer are ignored, and HTML entities are decoded."""
    read = imported(saved_html(NINE))
    assert told(read.entries) == wanted(*NINE)
    assert read.problems == ()


def test_windows_line_ends_change_nothing() -> None:
    """A page saved on Windows gives the same entries."""
    page = plain(NINE, blank="everywhere", meta=True)
    assert imported(page.replace("\n", "\r\n")).entries == imported(page).entries


def test_the_source_line_gives_source_importance_and_age() -> None:
    """There may be no space between name and number; an age is kept as text and does not become a date."""
    for page in (plain(NINE, meta=True), saved_html(NINE)):
        events = [entry for entry in imported(page).entries if isinstance(entry, Event)]
        assert [(event.importance, event.source) for event in events[:4]] == [
            (7, "Anthropic News"),
            (6, "The Register"),
            (10, "404 Media"),
            (3, "arXiv"),
        ]
        assert [(event.model_extra or {})["age_when_saved"] for event in events[:3]] == [
            "20d ago",
            "3h ago",
            "yesterday",
        ]
        assert {event.date for event in events} == {None}


@pytest.mark.parametrize(
    "age", ["3h ago", "20d ago", "2w ago", "5mo ago", "1y ago", "yesterday", "2 days ago", "just now"]
)
def test_every_age_makes_a_source_line(age: str) -> None:
    """A source line is recognised with any age, with or without spaces, and with or without the link symbol."""
    for line in (f"7Wired·{age}·source ↗", f"7 Wired · {age} · source ↗", f"7Wired·{age}", f"Wired·{age}·source"):
        (event,) = imported(f"{line}\nA title\nA summary.").entries
        assert isinstance(event, Event)
        assert (event.title, event.source) == ("A title", "Wired")
        assert event.importance == (7 if line.startswith("7") else None)


def test_a_source_line_may_be_spread_over_several_lines() -> None:
    """If each part is a block element, the browser copies it to a separate line."""
    (event,) = imported("7\nAnthropic News\n·\n20d ago\n·\nsource ↗\nA title\nA summary.").entries
    assert isinstance(event, Event)
    assert (event.importance, event.source, event.title) == (7, "Anthropic News", "A title")


def test_addresses_come_from_the_source_link_first() -> None:
    """The link to the source is preferred to the link around the title; relative links become absolute."""
    events = imported(saved_html(NINE)).entries
    assert [event.url for event in events[:2]] == ["https://news.example/0?a=1&b=2", "https://news.example/1?a=1&b=2"]
    bare = saved_html([Told(event.title, event.paragraphs) for event in NINE]).replace(
        "https://news.example", "ftp://x"
    )
    assert [event.url for event in imported(bare).entries[:2]] == [
        "https://almanac.example/events/first",
        "https://almanac.example/events/1",
    ]


def test_the_first_event_is_linked_with_all_others_both_ways() -> None:
    """The page's own event links to all listed events; each listed event links only to the page's own event."""
    first, *others = imported(plain(NINE)).entries
    assert first.related_events == tuple(other.id for other in others)
    assert {other.related_events for other in others} == {(first.id,)}


def test_related_guides_are_kept_as_titles() -> None:
    """Guides on a page have no text, so they do not become entries; levels and descriptions are not read as titles."""
    for guides in (GUIDES, (GUIDES[0], "Intermediate", GUIDES[1], "advanced")):
        page = plain(NINE, guides=guides).replace("guides (4)", "guides (2)")
        assert (imported(page).entries[0].model_extra or {})["related_guide_titles"] == list(GUIDES)
    page = plain(NINE, guides=(GUIDES[0], "How to notice it.", GUIDES[1], "What they are.")).replace("(4)", "(2)")
    assert (imported(page).entries[0].model_extra or {})["related_guide_titles"] == list(GUIDES)
    extra = imported(saved_html(NINE)).entries[0].model_extra or {}
    assert extra["related_guide_titles"] == list(GUIDES)
    assert extra["related_guide_urls"][GUIDES[1]] == "https://almanac.example/guides/1"


@pytest.mark.parametrize("meta", [False, True])
def test_a_page_may_hold_its_own_event_alone(*, meta: bool) -> None:
    """A page without related events is read, both with headings that say 0 and without headings."""
    alone = plain(NINE[:1], meta=meta)
    for page in (alone, f"{alone}Related guides (0)\nRelated events (0)\n", f"{alone}Related events (0)\n"):
        read = imported(page, form="page")
        assert told(read.entries) == wanted(NINE[0])
        assert read.entries[0].related_events == ()
        assert read.problems == ()


def test_a_page_without_guides_or_with_the_lists_the_other_way_round_is_read() -> None:
    """Sections may be missing, and may be in any order."""
    page = plain(NINE)
    assert told(imported(page.replace("Related guides (0)\n", "")).entries) == wanted(*NINE)
    turned = page.replace("Related guides (0)\n", "") + "Related guides (1)\nA guide\n"
    assert told(imported(turned).entries) == wanted(*NINE)


def test_events_without_a_page_of_their_own_are_kept_unlinked() -> None:
    """If the copied text starts at the list, the listed events are read, and the missing first event is reported."""
    page = plain(NINE)
    read = imported(page[page.index("Related events") :])
    assert told(read.entries) == wanted(*NINE[1:])
    assert not any(event.related_events for event in read.entries)
    assert "not linked" in str(read.problems[0])


def test_a_list_of_events_without_headings_is_read_by_its_source_lines() -> None:
    """An overview page has source lines but no related lists, so its events are not linked as related."""
    page = "\n".join(line for line in plain(NINE, meta=True).splitlines() if not line.startswith("Related"))
    read = imported(page)
    assert told(read.entries) == wanted(*NINE)
    assert not any(event.related_events for event in read.entries)


@pytest.mark.parametrize("count", [0, 5, 7, 9, 40])
def test_a_wrong_count_is_reported_and_loses_no_event(count: int) -> None:
    """The number after "Related events" is only used as a check."""
    read = imported(plain(NINE, count=count, meta=True))
    assert told(read.entries) == wanted(*NINE)
    (problem,) = read.problems
    assert str(problem) == f"-:7: the page says {count} related events, 8 were found"


def test_without_a_count_titles_are_told_by_their_looks() -> None:
    """A line that ends like a sentence is a summary; a title that ends like one is only recognised with the count."""
    usual = [event for event in NINE if not event.title.endswith(".") and len(event.paragraphs) == 1]
    page = plain(usual).replace(f" ({len(usual) - 1})", "")
    assert told(imported(page).entries) == wanted(*usual)


def test_wrapped_summaries_are_put_together_again() -> None:
    """Lines that end in the middle of a sentence are joined to one paragraph."""
    page = (
        "A long title about a model that was wrapped by no one\n\nThe first line of the summary breaks off here, and the\n"
        "second one ends it.\n\nA second paragraph.\n\nRelated events (1)\n\nAnother title\n\nA summary that is\nwrapped.\n"
    )
    assert told(imported(page).entries) == [
        (
            "A long title about a model that was wrapped by no one",
            "The first line of the summary breaks off here, and the second one ends it.\n\nA second paragraph.",
        ),
        ("Another title", "A summary that is wrapped."),
    ]


def test_what_stands_below_the_last_event_is_left_out_and_reported() -> None:
    """Text of the website itself does not become part of a summary."""
    read = imported(plain(NINE) + "© 2026 The Almanac\nPrivacy\nImprint\n")
    assert told(read.entries) == wanted(*NINE)
    assert "Privacy" in str(read.problems[0])


def test_an_event_without_a_summary_is_kept_and_reported() -> None:
    """A following source line shows that the title has no summary."""
    page = (
        plain(NINE, meta=True).replace("It gave the secret away.", "It did.").replace(f"{NINE[4].paragraphs[0]}\n", "")
    )
    read = imported(page)
    assert [entry.title for entry in read.entries] == [event.title for event in NINE]
    assert [problem.field for problem in read.problems] == ["summary"]


def test_an_event_listed_twice_is_kept_once() -> None:
    """Events with the same title on one page are the same event."""
    read = imported(plain([*NINE, NINE[3]], meta=True))
    assert told(read.entries) == wanted(*NINE)
    assert [problem.field for problem in read.problems] == ["title"]


def test_ids_are_made_of_titles_alone() -> None:
    """Equal titles have the same id on every page; different titles have different, valid ids."""
    long = "A very long title " * 12
    titles = [event.title for event in NINE] + ["モデル", "模型", "🚀", "A & B", "A + B", "A B", long, f"{long}end"]
    ids = {}
    for title in titles:
        (entry,) = imported(f"1X·1d ago·source ↗\n{title}\nA summary.").entries
        assert ID_PATTERN.fullmatch(entry.id)
        assert len(entry.id) <= 89
        ids[title] = entry.id
    assert len(set(ids.values())) == len(titles)
    assert ids[NINE[8].title] == "sao-paulo-bans-face-search-in-schools"
    both = imported(plain([Told("GPT-4: out", ("One.",)), Told("GPT 4, out", ("Two.",)), Told("Else", ("Three.",))]))
    assert len({entry.id for entry in both.entries}) == 3


def test_a_page_drawn_by_a_script_says_what_to_do(tmp_path: Path) -> None:
    """If the saved file has no text, the error advises copying the text from the browser."""
    file = tmp_path / "page.html"
    file.write_text("<!doctype html><html><body><div id=app></div><script>draw()</script></body></html>")
    with pytest.raises(ImportSourceError, match="no event was found") as raised:
        read_source(str(file), format="page")
    assert "text file" in raised.value.hint


@pytest.mark.parametrize(
    "markup", ["<div>" * 5_000 + "Related events (0)", "<![x", "<p><b></p></i>", "<a href='http://['>x"]
)
def test_broken_html_is_read_or_refused(markup: str) -> None:
    """Broken HTML gives either entries or an error with a hint."""
    titles = ["A title"]
    with suppress(ImportSourceError):
        titles = [entry.title for entry in imported(f"<html><h1>A title</h1><p>A summary.</p>{markup}").entries]
    assert titles == ["A title"]


WORDS = st.lists(
    st.text("abcdefghijklmnopqrstuvwxyzäöüß0123456789-'", min_size=1, max_size=10), min_size=1, max_size=14
)
PHRASES = WORDS.map(lambda words: f"T{' '.join(words)}")
TITLES = st.builds("{}{}".format, PHRASES, st.sampled_from(["", "", "?", "!", " (again)", '"']))
SENTENCES = st.builds("{}{}".format, PHRASES, st.sampled_from([".", "?", "!", '."', ".)"]))
METAS = st.builds(
    "{}{}{}·{}·source ↗".format,
    st.integers(1, 10),
    st.sampled_from(["", " "]),
    st.sampled_from(["Wired", "404 Media", "arXiv", "Le Monde"]),
    st.sampled_from(["3h ago", "yesterday", "11mo ago"]),
)
TELLINGS = st.builds(
    Told, TITLES, st.lists(SENTENCES, min_size=1, max_size=3).map(lambda sentences: (" ".join(sentences),)), METAS
)


@given(
    events=st.lists(TELLINGS, min_size=1, max_size=9, unique_by=lambda event: event.title),
    guides=st.lists(TITLES, max_size=3),
    blank=st.sampled_from(BLANKS),
    meta=st.booleans(),
)
def test_any_events_come_back_whole(*, events: list[Told], guides: list[str], blank: Blank, meta: bool) -> None:
    """Generated events are read correctly in every form of the page, if the count is correct."""
    pages = [plain(events, blank=blank, meta=meta, guides=guides), saved_html(events, guides)]
    for page in pages:
        read = imported(page, form="page")
        assert told(read.entries) == wanted(*events)
        assert read.problems == ()
