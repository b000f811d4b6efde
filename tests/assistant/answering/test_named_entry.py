"""Questions about named things: titles give the names, fields the dates, whatever the verb."""

from collections.abc import Iterator

import pytest

from assistant import question as questions
from assistant.pipeline import Assistant
from index.embed import Embedder
from tests.assistant.test_always_true import check
from tests.evals.made_names import TODAY, Made, Question, is_right
from tests.support import odd_catalogues

MADE = Made(3)
"""One seed; all of them: `python -m tests.evals.made_names`."""
SAMPLE = list(dict.fromkeys([*MADE.questions[::2], *MADE.questions[-6:]]))
ROWS = (
    ("Quiet-5", "2025-08-07", "Our most useful model yet.", "Heron Labs"),
    (
        "Quiet-5.1 Instant",
        "2025-11-13",
        "We upgrade the Quiet-5 series with the release of Quiet-5.1 Instant.",
        "Heron Labs",
    ),
    ("Quiet-4", "2025-02-01", "Our largest model for chat yet.", "Heron Labs"),
    ("GPT-4", "2023-03-14", "A model that reads pictures.", "OpenAI"),
    ("GPT-4o", "2024-05", "An omni model.", "OpenAI"),
    ("Introducing Sonnet 3", "2024-03-04", "A new family.", "Anthropic"),
    ("Loom", None, "A weaving tool.", "Kestrel"),
    ("Kestrel acquires Loom", "2024-11-11", "Terms were not disclosed.", "Kestrel"),
    ("Heron Labs", "2019-04-02", "A company of two engineers.", ""),
    ("Robocar from Uber kills pedestrian", "2018-03-18", "A woman in Tempe was struck.", ""),
    ("A new chat model", "2025-09-09", "Kestrel releases Murmur, a model for speech.", ""),
)
SAID = {
    "When was Quiet-5 released?": "7 August 2025: Quiet-5 ",
    "when was quiet 4 released": "1 February 2025: Quiet-4 ",
    "Tell me when QUIET-5.1 instant came out": "13 November 2025: Quiet-5.1 Instant ",
    "Quiet-4 was published when?": "1 February 2025: Quiet-4 ",
    "What is the launch date of GPT-4?": "14 March 2023: GPT-4 ",
    "When was gpt4o launched?": "May 2024: GPT-4o ",
    "On what day was GPT-4o launched?": "May 2024 (the day is not recorded): GPT-4o ",
    "When did Sonnet 3 appear?": "4 March 2024: Introducing Sonnet 3 ",
    "When was Loom acquired?": "11 November 2024: Kestrel acquires Loom ",
    "On what day was Heron Labs founded?": "2 April 2019: Heron Labs ",
    "When did an Uber robocar kill a pedestrian?": "18 March 2018: Robocar from Uber kills pedestrian ",
    "When were Quiet-5 and Quiet-4 released?": "1 February 2025: Quiet-4 ",
    "When was Murmur released?": "9 September 2025: Kestrel releases Murmur, a model for speech.",
    "What is Murmur?": "September 2025: Kestrel releases Murmur, a model for speech.",
    "Who released GPT-4o?": "OpenAI, May 2024: GPT-4o ",
}
REFUSED = {
    "When was Quiet-6 released?": "no entry that mentions “Quiet-6”",
    "When did Quiet-4 mini come out?": "no entry that mentions “Quiet-4 mini”",
    "When was Quiet-5.1 released?": "found “Quiet-5.1 Instant” in the catalogue",
    "When was Loom released?": "has “Loom”, but no date is recorded",
    "When was GPT-4 discontinued?": "found “GPT-4” in the catalogue, but not when that was",
    "When did OpenAI release Quiet-4?": "has “Quiet-4”, but nothing there mentions “OpenAI”",
    "What is Halcyon?": "no entry that mentions “Halcyon”",
    "What is GPT-4.5?": "no entry that mentions “GPT-4.5”",
}


@pytest.fixture(scope="module")
def coined(embedder: Embedder) -> Iterator[Assistant]:
    """An assistant over a generated catalogue, with the real embedder."""
    with odd_catalogues.opened(MADE.catalogue, embedder) as opened:
        yield opened


@pytest.fixture(scope="module")
def small() -> Iterator[Assistant]:
    """An assistant over the rows above, without an embedder."""
    entries = [
        odd_catalogues.entry(id=f"e{at}", title=title, date=date, summary=summary, organisations=[of] if of else [])
        for at, (title, date, summary, of) in enumerate(ROWS)
    ]
    with odd_catalogues.opened(odd_catalogues.made(*entries)) as opened:
        yield opened


@pytest.mark.parametrize("question", SAMPLE, ids=lambda question: question.text)
def test_coined_names_and_dates_are_answered_right(coined: Assistant, question: Question) -> None:
    """Each generated question cites the right entry with its date, or gets a refusal with the right reason."""
    answer = coined.ask(questions.Question(question.text, as_of=TODAY))
    assert is_right(question, answer), answer.text
    check(answer, coined.catalogue)


@pytest.mark.parametrize(("question", "said"), SAID.items())
def test_the_named_entry_answers_with_its_date(small: Assistant, question: str, said: str) -> None:
    """The answer starts with the date, as exact as its field, and the title or sentence."""
    answer = small.ask(question)
    check(answer, small.catalogue)
    assert answer.text.startswith(said)


@pytest.mark.parametrize(("question", "reason"), REFUSED.items())
def test_what_the_catalogue_does_not_date_is_refused_with_the_reason(
    small: Assistant, question: str, reason: str
) -> None:
    """The reason names the difference: another version, verb or maker, or no date."""
    answer = small.ask(question)
    assert answer.status == "abstained"
    assert reason in (answer.reason or "")


def test_several_entries_of_one_title_are_all_dated_oldest_first() -> None:
    """Two things with the same name are both shown."""
    entries = [
        odd_catalogues.entry(id="b", title="Tallow", date="2024"),
        odd_catalogues.entry(id="a", title="Tallow", date="2022-05"),
    ]
    with odd_catalogues.opened(odd_catalogues.made(*entries)) as assistant:
        answer = assistant.ask("When was Tallow released?")
    assert answer.cited == ("a", "b")
    assert answer.text.startswith("May 2022: Tallow")


def test_a_source_stands_for_an_organisation_where_no_field_has_one() -> None:
    """The list says that it is by source."""
    entries = [
        odd_catalogues.entry(id="a", title="Tallow", date="2024-02-01", source="Heron Labs"),
        odd_catalogues.entry(id="b", title="Rosin", date="2024-03-01", source="Plover"),
    ]
    with odd_catalogues.opened(odd_catalogues.made(*entries)) as assistant:
        answer = assistant.ask("How many models did Heron Labs release in 2024?")
    assert (answer.total, answer.cited) == (1, ("a",))
    assert "from the source Heron Labs" in answer.text
    assert "does not mark which of its events are models" in answer.text


def test_the_case_of_the_issue(small: Assistant) -> None:
    """All events of the maker are listed, with a note that the catalogue does not mark models."""
    for question in ("How many models did Heron Labs release in 2025?", "Which models did Heron Labs release in 2025?"):
        answer = small.ask(question)
        assert set(answer.cited) == {"e0", "e1", "e2"}
        assert "does not mark which of its events are models" in answer.text
