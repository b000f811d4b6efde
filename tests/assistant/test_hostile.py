"""No question takes much longer than a plain question of its length: known slow questions, and generated ones."""

import pytest

from assistant.answer import LONGEST_QUESTION, Turn
from assistant.pipeline import Assistant
from tests.support.hostile_questions import MAX_RATIO, cost, phrases, plain_cost, questions, warm_up


@pytest.fixture(scope="module")
def plain(assistant: Assistant) -> float:
    """Seconds for a plain question of the maximum length, after everything is loaded."""
    warm_up(assistant)
    return plain_cost(assistant)


@pytest.mark.parametrize(
    "phrase",
    [
        "could you please ",
        "events guides paths ",
        "the release of ",
        "list all events ",
        "differences between a and b ",
        "between GPT-3 and GPT-4 ",
        "the model ",
        "since the release of GPT-4 ",
        "is it ",
        "- ",
        " ",
    ],
)
def test_a_phrase_said_over_and_over_costs_little_more(assistant: Assistant, plain: float, phrase: str) -> None:
    """The repeated phrase alone, after a request for a summary, and after a conversation about the same phrase."""
    whole = phrase * (LONGEST_QUESTION // len(phrase))
    history = [Turn("user", whole), Turn("assistant", whole * 20)]
    assert cost(assistant, f"{whole[:-1]}x") < MAX_RATIO * plain
    assert cost(assistant, f"what is known about {whole}"[:LONGEST_QUESTION], tuple(history)) < MAX_RATIO * plain


def test_questions_made_from_our_patterns_cost_little_more(assistant: Assistant, plain: float) -> None:
    """A sample; `python -m tests.support.hostile_questions 10000` asks many more."""
    over = [text[:80] for text, history in questions(24, seed=3) if cost(assistant, text, history) > MAX_RATIO * plain]
    assert not over


def test_the_phrases_are_those_of_the_patterns() -> None:
    """The generated phrases contain each alternative of each pattern."""
    known = phrases()
    assert len(known) > 3_000
    assert any("could you please" in phrase for phrase in known)
    assert any("brief me on" in phrase for phrase in known)
