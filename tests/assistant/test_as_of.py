"""Questions with `as_of`: no part of an answer uses an entry dated later."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from assistant.answer import Answer, Mode, Turn
from assistant.export import receipt, replay
from assistant.pipeline import Assistant
from assistant.question import Question
from assistant.settings.settings import Settings
from assistant.workplace import Workplace
from index import as_of, dates
from index.catalogue import Catalogue
from index.errors import QuestionError

DAY = "2024-06-30"
QUESTIONS: tuple[tuple[str, Mode], ...] = (
    ("What is RLHF?", "chat"),
    ("What is sycophancy?", "chat"),
    ("Why do chatbots flatter people?", "chat"),
    ("What is known about sycophancy?", "summary"),
    ("AI safety", "summary"),
    ("scaling laws", "summary"),
    ("Summarise what is known about jailbreaks", "chat"),
    ("List all events", "chat"),
    ("List all entries", "chat"),
    ("How many events are there?", "chat"),
    ("What has Anthropic published since 2023?", "chat"),
    ("What has OpenAI published?", "chat"),
    ("What are the latest events?", "chat"),
    ("What is the latest from Anthropic?", "chat"),
    ("What happened last year?", "chat"),
    ("What happened in 2025?", "chat"),
    ("Give me a timeline of OpenAI", "chat"),
    ("Timeline of AI regulation", "chat"),
    ("Compare Anthropic and OpenAI", "chat"),
    ("What is the difference between RLHF and constitutional AI?", "chat"),
    ("GPT-3 vs GPT-4", "chat"),
    ("When was GPT-4 released?", "chat"),
    ("What is Claude?", "chat"),
    ("Which guides are for beginners?", "chat"),
    ("Who won the 1954 football world cup?", "chat"),
    ("What happened to sycophantic models in 2025?", "chat"),
    ("Which reading paths are there?", "chat"),
    ("What are reasoning models?", "chat"),
    ("What did Google do in May 2024?", "chat"),
    ("Hello", "chat"),
    ("What is it?", "chat"),
    ("How is AI regulated in Europe?", "chat"),
)
LATER = ("What is the latest from Anthropic?", "What happened in 2025?", "List all events", "AI safety")


def named_in(answer: Answer, catalogue: Catalogue) -> set[str]:
    """Return the ids of all entries whose id or title occurs in an answer's JSON."""
    whole = json.dumps(answer.as_dict(), ensure_ascii=False)
    ids = set(re.findall(r'"entry_id": "([^"]+)"', whole))
    titles = {entry.id for entry in catalogue.entries if json.dumps(entry.title, ensure_ascii=False)[1:-1] in whole}
    return ids | titles


@pytest.mark.parametrize(("question", "mode"), QUESTIONS)
@pytest.mark.parametrize("level", ["beginner", "advanced"])
def test_nothing_later_is_in_an_answer_as_of_a_day(assistant: Assistant, question: str, mode: Mode, level: str) -> None:
    """Checks citations, lists, related entries, suggestions, nearest entries, later notes and text, at every level."""
    answer = assistant.ask(Question(question, mode=mode, level=level, as_of=DAY))  # type: ignore[arg-type]
    later = as_of.later(assistant.catalogue, date.fromisoformat(DAY))
    assert len(later) > 20
    assert not named_in(answer, assistant.catalogue) & later
    assert not set(answer.found) & later
    assert answer.catalogue.as_of == DAY
    assert answer.catalogue.hash == assistant.catalogue.hash


def test_the_questions_reach_later_entries_without_a_day(assistant: Assistant) -> None:
    """Shows that the test above can fail."""
    later = as_of.later(assistant.catalogue, date.fromisoformat(DAY))
    for question in LATER:
        assert named_in(assistant.ask(question), assistant.catalogue) & later, question


def test_a_follow_up_as_of_a_day_takes_up_nothing_later(assistant: Assistant) -> None:
    """Entries cited by the conversation are left out if they are later than the day."""
    later = as_of.later(assistant.catalogue, date.fromisoformat(DAY))
    before = assistant.ask("What is the latest from Anthropic?")
    assert set(before.cited) & later
    turns = (Turn("user", before.question), Turn("assistant", before.text, before.cited, None, before.suggestions))
    for reply in ("Tell me more", "yes", "What came after it?", "Simpler please"):
        answer = assistant.ask(Question(reply, history=turns, as_of=DAY))
        assert not {one.entry_id for one in (*answer.citations, *answer.related, *answer.nearest)} & later


def test_lists_and_counts_as_of_a_day_are_exact(assistant: Assistant) -> None:
    """They contain exactly the events up to that day."""
    day = date.fromisoformat(DAY)
    events = {one.id for one in assistant.catalogue.entries if one.kind == "event" and as_of.counts_on(one, day)}
    answer = assistant.ask(Question("How many events are there?", as_of=DAY))
    assert answer.total == len(events)
    assert set(answer.cited) == events
    newest = max(one.date for one in assistant.catalogue.entries if one.id in events and one.date)
    assert assistant.ask(Question("What is the latest event?", as_of=DAY)).citations[0].date == newest


def test_a_day_after_everything_bounds_nothing(assistant: Assistant) -> None:
    """The stamp then has the catalogue's own newest date."""
    bound, free = (assistant.ask(Question("What are the latest events?", as_of=day)) for day in ("2999", None))
    assert (bound.text, bound.catalogue) == (free.text, free.catalogue)


def test_a_day_before_everything_leaves_what_has_no_date(assistant: Assistant) -> None:
    """A list of events is then empty, and the answer says so."""
    answer = assistant.ask(Question("List all events", as_of="1900"))
    assert (answer.status, answer.total) == ("abstained", 0)
    dated = {entry.id for entry in assistant.catalogue.entries if entry.date}
    assert not named_in(answer, assistant.catalogue) & dated


def test_a_wrong_day_is_refused_with_the_form_that_is_known(assistant: Assistant) -> None:
    """The error comes before a view is created."""
    with pytest.raises(QuestionError) as caught:
        assistant.ask(Question("List all events", as_of="30.6.2024"))
    assert "YYYY-MM-DD" in caught.value.hint


def _entry(name: str, day: str | None, **more: object) -> str:
    values = {"id": name, "kind": "event", "title": f"Event {name}", "summary": f"The {name} accord was signed."}
    return json.dumps(values | ({"date": day} if day else {}) | more)


@pytest.fixture
def small(tmp_path: Path) -> Workplace:
    """A workplace with a small catalogue of partial dates, dated guides, and links to later entries."""
    guide = {"kind": "guide", "level": "beginner", "tldr": "Accords bind states."}
    lines = [
        _entry("tern", "2024-06-15"),
        _entry("heron", "2024-06-16", related_events=["tern"]),
        _entry("crane", "2024-06"),
        _entry("stork", "2024"),
        _entry("ibis", "2024-07"),
        _entry("egret", None),
        _entry("old", None, title="Guide to accords", **guide),
        _entry("new", "2024-09-01", title="Newer guide to accords", **guide),
        json.dumps({"id": "way", "kind": "path", "title": "Accords", "description": "Read.", "steps": ["old", "new"]}),
    ]
    file = tmp_path / "catalogue.jsonl"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return Workplace(Settings(data=tmp_path, catalogue=file, embedder="none"))


def test_partial_dates_count_from_their_first_day(small: Workplace) -> None:
    """A month or year that has begun counts, undated entries always count, and guides count from their last update."""
    assistant = small.assistant()
    answer = assistant.ask(Question("List all entries", as_of="2024-06-15"))
    assert set(answer.cited) == {"tern", "crane", "stork", "egret", "old", "way"}
    assert answer.catalogue.as_of == "2024-06-15"
    assert set(assistant.ask(Question("List all entries", as_of="2024-06")).cited) == {*answer.cited, "heron"}
    assert set(assistant.ask(Question("List all entries", as_of="2024")).cited) == set(assistant.catalogue.by_id)
    related = assistant.ask(Question("What is the tern accord?", as_of="2024-06-15"))
    assert related.cited == ("tern",)
    assert "heron" not in {one.entry_id for one in related.related}


def test_a_catalogue_of_which_nothing_counts_yet_says_that_it_knows_nothing(tmp_path: Path) -> None:
    """Every question gets an answer that says so, without an error."""
    file = tmp_path / "catalogue.jsonl"
    file.write_text(_entry("tern", "2024-06-15") + "\n", "utf-8")
    assistant = Workplace(Settings(data=tmp_path, catalogue=file)).assistant()
    for question in ("What is the tern accord?", "List all events", "Compare tern and heron", "What is the latest?"):
        for mode in ("chat", "summary"):
            answer = assistant.ask(Question(question, mode=mode, as_of="2000"))  # type: ignore[arg-type]
            assert (answer.status, answer.citations, answer.nearest) == ("abstained", (), ())
    assistant.index.close()


def test_what_is_asked_as_of_two_days_in_turn_stays_apart(assistant: Assistant) -> None:
    """Asks as of more days than views are cached, then asks as of the first day again."""
    days = ("2022-12-31", "2023-12-31", "2024-12-31", "2022-12-31")
    totals = [assistant.ask(Question("How many events are there?", as_of=day)).total for day in days]
    assert totals[0] == totals[3]
    assert len(set(totals)) == 3


def test_a_receipt_keeps_the_day_and_is_replayed_as_of_it(assistant: Assistant) -> None:
    """Entries dated after that day are not reported as newer."""
    answer = assistant.ask(Question("What are the latest events?", as_of=DAY))
    made = receipt.make(answer, assistant.catalogue, (), made_on=date(2026, 1, 1))
    assert made["as_of"] == DAY
    kept = receipt.parse(receipt.in_json(made).encode(), name="r")
    checked = replay.replay(kept, assistant)
    assert (checked.unchanged, checked.newer) == (True, ())
    without = {name: value for name, value in made.items() if name != "as_of"}
    assert receipt.parse(json.dumps(without).encode(), name="r").as_of is None
    assert dates.span(DAY)
