"""How a message is typed does not decide what it asks: capitals, and sentences before the question."""

import pytest

from assistant.answering import abstention, refusal
from assistant.pipeline import Assistant
from assistant.question import Question
from assistant.understanding.answer_type import asks_for_course
from assistant.understanding.reading import asks_where_to_start
from assistant.understanding.wording import in_lower_case, last_question


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("AI KILLER DRONES in ukraine", "AI killer drones in ukraine"),
        ("PLEASE EXPLAIN RLHF", "please explain RLHF"),
        ("the OECD, UN and BBC", "the OECD, UN and BBC"),
        ("What is GPT-4?", "What is GPT-4?"),
    ],
)
def test_words_typed_in_capitals_to_be_loud_are_no_names(typed: str, meant: str) -> None:
    """Acronyms, and names that the catalogue has, keep their capitals."""
    assert in_lower_case(typed, lambda word: word in {"AI", "RLHF"}) == meant


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("i keep hearing claude. who is claude", "who is claude"),
        ("Hello! What is RLHF?", "What is RLHF?"),
        ("What is RLHF?", None),
        ("what is agi? shorter please", None),
    ],
)
def test_the_last_sentence_of_a_message_is_its_question(text: str, question: str | None) -> None:
    """If it asks, and another stands before it."""
    assert last_question(text) == question


@pytest.mark.parametrize(
    "text", ["where do I start", "im new to this, what should i read first", "where to begin with AI"]
)
def test_where_to_start_is_recognised(text: str) -> None:
    """In the words of newcomers."""
    assert asks_where_to_start(text)


@pytest.mark.parametrize(
    "text", ["how do I start a company", "where did OpenAI start", "when does the AI Act begin to apply"]
)
def test_other_beginnings_are_no_reading_advice(text: str) -> None:
    """Something that starts is not somebody who starts to read."""
    assert not asks_where_to_start(text)


def test_where_to_start_is_answered_with_a_reading_path(reading_assistant: Assistant) -> None:
    """And with nothing else."""
    answer = reading_assistant.ask("im totally new to all this ai stuff, what should i read first")
    assert {citation.kind for citation in answer.citations} == {"path"}


def test_the_course_of_an_affair_is_told_in_its_order(reading_assistant: Assistant) -> None:
    """All sentences are of one text, from its start to its end."""
    assert asks_for_course("timeline of altman being fired and coming back")
    answer = reading_assistant.ask("give me the events around Altman's dismissal step by step")
    places = [(citation.entry_id, citation.field, citation.start) for citation in answer.citations]
    assert places == sorted(places)


def test_an_answer_that_may_be_beside_the_point_says_so(reading_assistant: Assistant) -> None:
    """The note stands before the quotations of an improbable answer, and only there."""
    seen = set()
    for question in ("What is RLHF?", "how old was lee sedol when he lost to alphago", "when did chatgpt come out"):
        answer, draft = reading_assistant.answer_and_draft(Question(question))
        is_unsure = bool(draft.signals.get("read")) and draft.probability < abstention.UNSURE
        if answer.status == "answered":
            assert answer.text.startswith(refusal.UNSURE) == is_unsure
            seen.add(is_unsure)
    assert False in seen
