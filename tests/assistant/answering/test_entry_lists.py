"""Lists, counts, latest entries and timelines equal the result of an oracle that reads the catalogue's JSON."""

import calendar
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.answer import Filters, Turn
from assistant.pipeline import Assistant
from assistant.question import Question
from assistant.understanding import restrictions
from index.errors import QuestionError
from tests.assistant.test_always_true import check
from tests.support import odd_catalogues

TASKS = [json.loads(line) for line in Path("tests/evals/records.jsonl").read_text("utf-8").splitlines()]
ROWS = [
    json.loads(line)
    for file in sorted(Path("tests/support/catalogue_2026_06").glob("*.jsonl"))
    for line in file.open("rb")
]


def edges(text: str) -> tuple[str, str]:
    """The first and the last day of a date."""
    year, month = text[:4], text[5:7]
    if len(text) == 10:
        return text, text
    if month:
        return f"{text}-01", f"{text}-{calendar.monthrange(int(year), int(month))[1]}"
    return f"{year}-01-01", f"{year}-12-31"


def says(row: dict[str, Any]) -> str:
    """The title, lead and fields of an entry, in lower case."""
    body = row.get("summary") or row.get("tldr") or row.get("description") or ""
    topics = [topic.replace("-", " ") for topic in row.get("topics", [])]
    return " ".join([row["title"], body, *row.get("organisations", []), *topics]).casefold()


def is_right(row: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether an entry matches a question, by its fields in the file."""
    own = {name: set(row.get(name, [])) for name in ("organisations", "topics")}
    since, until = wanted.get("since"), wanted.get("until")
    first, last = edges(row["date"]) if row.get("date") else ("", "")
    return all(
        (
            row["kind"] in wanted.get("kinds", [row["kind"]]),
            all(set(wanted[name]) & own[name] for name in own if name in wanted),
            all(set(wanted[f"all_{name}"]) <= own[name] for name in own if f"all_{name}" in wanted),
            "level" not in wanted or row.get("level") == wanted["level"],
            row.get("importance", 0) >= wanted.get("importance", 0),
            since is None or (first != "" and first >= edges(since)[0]),
            until is None or (last != "" and last <= edges(until)[1]),
            "mention" not in wanted
            or any(re.search(rf"\b{re.escape(text.casefold())}\b", says(row)) for text in wanted["mention"]),
            all(re.search(rf"(?<![a-z0-9]){pattern}", says(row)) for pattern in wanted.get("words", [])),
        )
    )


def expected(wanted: dict[str, Any]) -> set[str]:
    """The ids of the matching entries."""
    rows = [row for row in ROWS if is_right(row, wanted)]
    for name, newest in (("newest", True), ("oldest", False)):
        if name in wanted:
            dated = sorted((row for row in rows if row.get("date")), key=lambda row: row["date"], reverse=newest)
            rows = dated[: wanted[name]]
    return {row["id"] for row in rows}


@pytest.mark.parametrize("task", [task for task in TASKS if "wanted" in task], ids=lambda task: task["question"])
def test_every_matching_entry_is_cited_and_no_other(assistant: Assistant, task: dict[str, Any]) -> None:
    """The answer is the set that the oracle finds, its number, or a refusal with the reason."""
    right = expected(task["wanted"])
    assert right == set(task["gold_all"])
    made = assistant._records.answer_question(task["question"], _day(task))
    assert made is not None
    draft, request = made
    assert request.intent == task["intent"]
    assert {citation.entry_id for citation in draft.citations} == right
    assert draft.total == (len(right) if task["intent"] in {"list", "count"} else None)
    assert bool(draft.reason) == (not right)


@pytest.mark.parametrize("task", [task for task in TASKS if "wanted" not in task], ids=lambda task: task["question"])
def test_what_asks_for_no_entries_is_looked_up(assistant: Assistant, task: dict[str, Any]) -> None:
    """Questions about numbers or statements are not questions for lists."""
    assert assistant._records.answer_question(task["question"], _day(task)) is None


def _day(task: dict[str, Any]) -> Any:
    return restrictions.day(task["as_of"])


def test_no_question_of_the_other_sets_is_taken_for_a_list(assistant: Assistant) -> None:
    """None of 436 questions for facts is answered by a list."""
    for name in ("questions", "tuning-1", "tuning-2", "tuning-3"):
        for line in Path(f"tests/evals/{name}.jsonl").read_text("utf-8").splitlines():
            question = json.loads(line)["question"]
            assert assistant._records.answer_question(question, _day({"as_of": "2026-06-30"})) is None, question


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How many events did DeepSeek publish in 2024?", "1 event of DeepSeek in 2024:"),
        ("List the major events of 2012", "1 major (importance 8 or more) event in 2012:"),
        ("papers by DeepSeek in 2024", "does not mark which of its events are papers"),
        ("What did Meta do in 2012?", "The catalogue has no event of Meta in 2012."),
        ("How many events mention zyzzyvas?", "The catalogue has no event with the word “zyzzyvas”."),
        ("What is the latest on export controls?", "events on the topic export controls, newest first:"),
        ("timeline of superalignment", "5 events on the topic superalignment, oldest first:"),
    ],
)
def test_the_rule_is_said_in_words(assistant: Assistant, question: str, text: str) -> None:
    """The first line says how the entries were chosen, and how many there are."""
    answer = assistant.ask(question)
    check(answer, assistant.catalogue)
    assert text in answer.text


def test_relative_dates_count_from_the_day_given(assistant: Assistant) -> None:
    """The meaning of "last year" depends on the day, and a day in an unknown form is refused."""
    answer = assistant.ask(Question("What happened last year?", as_of="2016-05-01"))
    assert (answer.filters.since, answer.filters.until) == ("2015", "2015")
    assert answer.total == sum((row.get("date") or "").startswith("2015") for row in ROWS if row["kind"] == "event")
    with pytest.raises(QuestionError):
        assistant.ask(Question("What happened last year?", as_of="yesterday"))


def test_a_part_of_what_was_understood_can_be_taken_off(assistant: Assistant) -> None:
    """Each restriction has a name that removes it; the others stay, and an unknown name is refused."""
    question = "Major events of OpenAI about copyright since 2023"
    whole = assistant.ask(question)
    labels = ["OpenAI", "copyright", "since 2023", "major", "events"]
    assert [part.label for part in whole.understood] == labels
    for part in whole.understood:
        less = assistant.ask(Question(question, without=[part.name]))
        check(less, assistant.catalogue)
        assert [other.label for other in less.understood] == [label for label in labels if label != part.label]
        assert set(whole.cited) <= set(less.cited)
    with pytest.raises(QuestionError):
        assistant.ask(Question(question, without=["everything"]))


def test_what_was_understood_is_no_part_of_the_json(assistant: Assistant) -> None:
    """The JSON has the keys of the contract."""
    assert "understood" not in assistant.ask("guides on alignment").as_dict()


@pytest.fixture(scope="module")
def small() -> Iterator[Assistant]:
    """A catalogue on another subject, with names in several spellings and dates of every precision."""
    held = odd_catalogues.made(
        odd_catalogues.entry(id="a", title="Blue Heron lands", date="2021-05-04", organisations=["BirdLife"], topics=["water-birds"]),
        odd_catalogues.entry(id="b", title="Reed count", date="2021-05", organisations=["Royal Bird Trust"], topics=["reeds"]),
        odd_catalogues.entry(id="c", title="Owl year", date="2021", organisations=["Northern Royal Bird Trust"], topics=["owls"]),
        odd_catalogues.entry(id="d", title="No date", organisations=["BirdLife"], topics=["water-birds"]),
        odd_catalogues.entry(
            id="e", kind="guide", title="Wetland bird survey (WBS)", tldr="The wetland bird survey (WBS) counts.", level="beginner"
        ),
    )  # fmt: skip
    with odd_catalogues.opened(held) as assistant:
        yield assistant


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        ("events about water birds", "ad"),
        ("What has Bird Life published?", "ad"),
        ("events of the Royal Bird Trust", "bc"),
        ("RBT events", "b"),
        ("events in 2021", "abc"),
        ("events in May 2021", "ab"),
        ("events on 4 May 2021", "a"),
        ("events before the Owl year", ""),
        ("events since the Reed count", "ab"),
        ("Which guides mention WBS?", "e"),
        ("Is there a guide about the wetland bird survey?", "e"),
    ],
)
def test_any_catalogue_has_its_own_names(small: Assistant, question: str, ids: str) -> None:
    """Names, acronyms and spellings come from the catalogue, so that another subject works as well."""
    answer = small.ask(question)
    check(answer, small.catalogue)
    assert set(answer.cited) == set(ids)
    assert answer.total == len(ids)


def test_what_a_date_cannot_tell_is_said(small: Assistant) -> None:
    """An entry dated to its year may not be from May: it is left out, and the answer says so."""
    text = small.ask("events in May 2021").text
    assert "1 without a date is left out" in text
    assert "1 with a date too inexact for this period is left out" in text


@pytest.fixture(scope="module")
def aliased() -> Iterator[Assistant]:
    """A catalogue of birds in which organisations have other names."""
    held = odd_catalogues.made(
        odd_catalogues.entry(id="a", title="Heron count", date="2021-05-04", organisations=["Royal Bird Trust"], summary="The Crown Fowl Fund counted herons in a wetland."),
        odd_catalogues.entry(id="b", title="Owl count", date="2022", organisations=["Royal Bird Trust"], summary="The trust counted owls in a forest."),
        odd_catalogues.entry(id="c", title="Tern count", date="2021", organisations=["Kite"], summary="Kite counted terns."),
    )  # fmt: skip
    names = {"Royal Bird Trust": ("Crown Fowl Fund", "CFF"), "Kite": ("Red Kite Works",)}
    with odd_catalogues.opened(replace(held, aliases=names)) as assistant:
        yield assistant


@pytest.mark.parametrize(
    ("question", "ids", "lead"),
    [
        ("What did the Crown Fowl Fund publish in 2021?", "a", "1 event of Royal Bird Trust in 2021:"),
        ("events of CFF", "ba", "2 events of Royal Bird Trust:"),
        ("How many events of CFF are there?", "ba", "2 events of Royal Bird Trust:"),
        ("Crown Fowl Fund events in 2022", "b", "1 event of Royal Bird Trust in 2022:"),
        ("events of Red Kite Works or the Crown Fowl Fund in 2021", "ac", "2 events of Kite or Royal Bird Trust in 2021:"),
        ("events without the Crown Fowl Fund", "c", "1 event without those of Royal Bird Trust:"),
    ],
)  # fmt: skip
def test_an_alias_stands_for_its_organisation_in_lists_and_counts(
    aliased: Assistant, question: str, ids: str, lead: str
) -> None:
    """The first line names the organisation as the catalogue does."""
    answer = aliased.ask(question)
    assert list(dict.fromkeys(citation.entry_id for citation in answer.citations)) == list(ids)
    assert answer.text.splitlines()[0] == lead
    check(answer, aliased.catalogue)


def test_an_alias_is_known_to_the_search_and_to_filters(aliased: Assistant) -> None:
    """A question that is no list, a follow-up, and a filter of the search."""
    assert aliased.ask("Where did the CFF count herons?").searched_for == "Where did the Royal Bird Trust count herons?"
    history = (Turn("user", "What did Kite publish in 2021?"), Turn("assistant", "1 event."))
    assert "Royal Bird Trust in 2021" in aliased.ask(Question("and CFF?", history)).text
    found = aliased.search("count", Filters(organisations=("crown fowl fund",)), top=9)
    assert {row["entry_id"] for row in found} == {"a", "b"}
