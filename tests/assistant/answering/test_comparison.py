"""Comparisons: both sides, in balance, and what only one side has."""

import pytest

from assistant.pipeline import Assistant
from tests.assistant.test_always_true import check


@pytest.mark.parametrize("question", ["Compare RLHF and constitutional AI", "RLHF vs constitutional AI"])
def test_both_sides_are_quoted_in_balance(assistant: Assistant, question: str) -> None:
    """Each side is named before its sentences, and neither has many more than the other."""
    answer = assistant.ask(question)
    check(answer, assistant.catalogue)
    assert answer.intent == "compare"
    first, second = answer.text.index("On RLHF:"), answer.text.index("On constitutional AI:")
    counts = answer.text[first:second].count("["), answer.text[second:].count("[")
    assert abs(counts[0] - counts[1]) <= 1
    assert "Entries that mention RLHF" in answer.text


def test_a_side_that_the_catalogue_lacks_is_said(assistant: Assistant) -> None:
    """What is known is told, what is not is named."""
    answer = assistant.ask("What is the difference between RLHF and quorvaxian teleportation?")
    check(answer, assistant.catalogue)
    assert answer.text.endswith("The catalogue has nothing on quorvaxian teleportation.")


def test_two_unknown_things_are_not_compared(assistant: Assistant) -> None:
    """A comparison of things that are no names here is looked up like any other question."""
    answer = assistant.ask("Compare banana bread with quorvaxian teleportation")
    assert (answer.status, answer.intent) == ("abstained", "lookup")
