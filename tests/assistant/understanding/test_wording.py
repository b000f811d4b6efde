"""How a message is typed does not decide what it asks: capitals, and sentences before the question."""

import pytest

from assistant.pipeline import Assistant
from assistant.understanding.answer_type import asks_for_course
from assistant.understanding.reading import asks_where_to_start
from assistant.understanding.wording import halves, in_lower_case, last_question


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


TWO_QUESTIONS = {
    "who is Sam Altman and why was he fired": ("who is Sam Altman", "why was he fired"),
    "Did V3 cost six million, and who disputed that?": ("Did V3 cost six million", "who disputed that?"),
    "what is deepseek? and why did the market fall": ("what is deepseek", "why did the market fall"),
}
ONE_QUESTION = [
    "What is RLHF?",
    "what did Bengio and LeCun say about risk",
    "the court said no, and what",
]


@pytest.mark.parametrize(("text", "expected"), TWO_QUESTIONS.items())
def test_two_questions_in_one_message_are_told_apart(text: str, expected: tuple[str, str]) -> None:
    """Each half asks something by itself."""
    assert halves(text) == expected


@pytest.mark.parametrize("text", ONE_QUESTION)
def test_one_question_is_not_split(text: str) -> None:
    """Neither at the "and" of a list, nor where too little is left."""
    assert halves(text) is None
