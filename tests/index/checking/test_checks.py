"""Checks find what an editor has to see, and leave alone what is right."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from index.catalogue import Catalogue, load_starter, read
from index.checking import addresses, checks
from index.checking.entry_checks import days_in
from index.checking.finding import Finding
from index.fetching.fetch import Fetcher
from tests.support.web_server import Site

TODAY = date(2026, 6, 1)
URL = "https://example.org/"


def event(name: str, **fields: Any) -> dict[str, Any]:
    """An event in which no check finds anything."""
    base = {
        "id": name, "kind": "event", "title": f"Launch of {name}", "date": "2024-05-02", "url": f"{URL}{name}",
        "summary": f"{name} was launched in Wellington.",
    }  # fmt: skip
    return base | fields


def guide(name: str, **fields: Any) -> dict[str, Any]:
    """A guide in which no check finds anything."""
    base = {"id": name, "kind": "guide", "title": f"What {name} is", "date": "2025-01-01", "level": "beginner"}
    return base | {"tldr": f"{name} is a fruit."} | fields


def catalogue(*entries: dict[str, Any]) -> Catalogue:
    """A catalogue of these records, as it is read from a file."""
    return read((f"c:{number}", json.dumps(entry).encode()) for number, entry in enumerate(entries, start=1))


def found(check: str, *entries: dict[str, Any]) -> list[str]:
    """The findings of one check in short."""
    findings = checks.run(catalogue(*entries), TODAY, [check])
    assert {one.check for one in findings} <= {check}
    return [f"{one.severity} {one.entry_id} {one.field}: {one.message}" for one in findings]


@pytest.mark.parametrize("check", checks.NAMES)
def test_entries_without_faults_have_no_findings(check: str) -> None:
    """No check reports what is right."""
    assert found(check, event("kiwi", related_guides=["fig"]), guide("fig", related_events=["kiwi"])) == []


def test_missing_fields_are_named() -> None:
    """A missing date, text or source of an event is a problem."""
    assert found("missing", event("a", date=None), event("b", summary=" "), event("c", url=None), event("d", url=None, source="X"), guide("g", date=None)) == [
        "problem a date: no date: it matches no date filter and sorts last",
        "problem b : no text: only its title can be found and quoted",
        "problem c url: no source: neither address nor name",
        "hint d url: no address, only the name of a source",
        "hint g date: no day of the last update",
    ]  # fmt: skip


def test_a_line_that_cannot_be_read_is_a_problem() -> None:
    """With its place in the file."""
    (finding,) = found("unreadable", event("a"), event("b", date="soon"))
    assert finding.startswith("problem  date: c:2 was left out: ")


def test_duplicates_are_found_by_address_title_and_sentence() -> None:
    """The same address or title and date is a problem, nearly the same title or a shared sentence a hint."""
    long = "The committee published its final report on the safety of orchards in spring."
    findings = found(
        "duplicate",
        event("a", url="http://www.example.org/x/?utm_source=y"), event("b", url="https://example.org/x"),
        event("c", title="A law on plums is passed"), event("d", title="A law on plums was passed"),
        event("e", title="Plum 3"), event("f", title="Plum 4"),
        event("g", summary=long), event("h", summary=f"{long} More."),
    )  # fmt: skip
    assert [" ".join(line.split()[:2]) for line in findings] == ["problem b", "hint d", "hint h"]


def test_links_are_checked_in_both_directions() -> None:
    """A missing target is a problem; a former id and a link that is not returned are hints."""
    findings = found(
        "link",
        event("a", related_events=["b", "nothing", "old"]),
        event("b"), event("new", former_ids=["old"], related_events=["a"]),
        {"id": "p", "kind": "path", "title": "P", "description": "D.", "steps": ["a", "lost"]},
    )  # fmt: skip
    assert findings == [
        "problem a related_events: no entry has the id 'nothing'",
        "problem p steps: no entry has the id 'lost'",
        "hint a related_events: 'b' does not link back",
        "hint a related_events: 'old' is a former id of 'new'",
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [("OpenAI", "Open AI"), ("DeepMind", "Deepmind"), ("Apple Inc.", "Apple"), ("Café Labs", "Cafe Labs"), ("Anthropic", "Antropic"), ("policies", "policie")],
)  # fmt: skip
def test_spellings_of_one_organisation_are_found(first: str, second: str) -> None:
    """The rarer is named first."""
    (finding,) = found(
        "name", *(event(f"e{n}", organisations=[first]) for n in range(2)), event("x", organisations=[second])
    )
    assert finding == f"problem  organisations: {second!r} (1) may be {first!r} (2)"


@pytest.mark.parametrize(
    ("first", "second"),
    [("GPT-3", "GPT-4"), ("Meta", "Mega"), ("Court of the Third Circuit", "Court of the Fifth Circuit"), ("Model 2023", "Model 2024"), ("US", "UK")],
)  # fmt: skip
def test_different_names_are_left_alone(first: str, second: str) -> None:
    """Numbers, short names and other words make another name."""
    assert found("name", event("a", organisations=[first]), event("b", organisations=[second])) == []


def test_a_topic_of_one_entry_is_a_hint() -> None:
    """It leads nowhere else."""
    assert found("name", event("a", topics=["x", "y"]), event("b", topics=["x"])) == [
        "hint a topics: no other entry has the topic 'y'"
    ]


def test_a_day_in_the_text_that_contradicts_the_date_is_a_hint() -> None:
    """Only if it is the only day there; a month or a year of the date contains its days."""
    assert found("contradiction", event("a", summary="It was launched on 3 May 2024.")) == [
        "hint a date: is 2024-05-02, and the only day in the text is 2024-05-03"
    ]
    assert found("contradiction", event("a", date="2024-05", summary="Launched on May 3, 2024.")) == []
    assert found("contradiction", event("a", summary="Announced on 3 May 2023, launched on 2024-05-02.")) == []
    assert list(days_in("31 June 2024, 2024-13-01, May 1, 2020")) == [date(2020, 5, 1)]


def test_old_guides_and_old_checks_are_hints() -> None:
    """A guide older than an event it is linked with, in either direction; a day in `checked` of over a year ago."""
    findings = found(
        "outdated",
        guide("old", date="2024-04"), event("kiwi", related_guides=["old"]), guide("new", related_events=["kiwi"]),
        event("seen", checked="2025-01-01"), event("fresh", checked="2026-05-01"),
    )  # fmt: skip
    assert findings == [
        "hint old date: was updated 2024-04, before 'kiwi' of 2024-05-02",
        "hint seen checked: was last checked 2025-01-01, 516 days ago",
    ]


def test_a_field_that_begins_with_a_reference_is_a_hint() -> None:
    """Its first sentence cannot be quoted alone. A single later one is fine."""
    assert found("leaning", event("a", summary="It was launched in Wellington. Kiwi is a model.")) == [
        "hint a summary: begins with a reference to something else: 'It was launched in Wellington. Kiwi is a model.'"
    ]
    assert found("leaning", event("a", summary="Kiwi is a model. It paints. Its orchards are green. They grow.")) == [
        "hint a summary: 3 of 4 sentences lean on the one before"
    ]
    assert found("leaning", event("a", summary="Kiwi is a model. It paints.")) == []


def test_addresses_are_asked_once_and_only_those_of_entries(web: Site, tmp_path: Path) -> None:
    """Gone, moved and existing pages; the second run asks none of them again."""
    there, gone = web.puts("/there", b"<title>x</title>"), web.url("/gone")
    moved = web.leads("/moved", "/there")
    large = web.puts("/large", b"x" * 500_000)
    held = catalogue(
        *(event(name, url=url) for name, url in {"a": there, "b": gone, "c": moved, "d": large, "e": there}.items())
    )
    fetcher = Fetcher(allow_private=True, limits=addresses.LIMITS)

    def run() -> list[Finding]:
        return list(addresses.check(held, tmp_path / "addresses.json", fetcher, pause=0.01))

    findings = run()
    assert [(one.entry_id, one.severity) for one in findings] == [("b", "problem"), ("c", "hint")]
    assert "404" in findings[0].message
    assert findings[1].message == f"{moved} leads to {there}"
    asked = len(web.asked)
    assert asked == 5
    assert run() == findings
    assert len(web.asked) == asked
    (tmp_path / "addresses.json").write_text("{", "utf-8")
    assert run() == findings
    assert len(web.asked) == 2 * asked


def test_an_address_that_cannot_be_reached_is_a_hint(tmp_path: Path) -> None:
    """The server may be down only today; an address of a private network is not asked at all."""
    held = catalogue(event("a", url="http://127.0.0.1:9/x"))
    fetcher = Fetcher(limits=addresses.LIMITS)
    (finding,) = addresses.check(held, tmp_path / "addresses.json", fetcher)
    assert finding.severity == "hint"
    assert "127.0.0.1" in finding.message


def test_the_starter_catalogue_has_no_problem() -> None:
    """What we ship is what we ask of others."""
    findings = [one for one in checks.run(load_starter(), TODAY) if one.severity == "problem"]
    assert findings == []
