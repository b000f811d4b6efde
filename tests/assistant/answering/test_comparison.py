"""Comparisons quote both sides equally, and say what the catalogue lacks."""

import pytest

from assistant.pipeline import Assistant
from tests.assistant.test_always_true import check


@pytest.mark.parametrize("question", ["Compare RLHF and constitutional AI", "RLHF vs constitutional AI"])
def test_both_sides_are_quoted_in_balance(assistant: Assistant, question: str) -> None:
    """Each side has its name before its sentences, and about as many sentences as the other."""
    answer = assistant.ask(question)
    check(answer, assistant.catalogue)
    assert answer.intent == "compare"
    first, second = answer.text.index("On RLHF:"), answer.text.index("On constitutional AI:")
    counts = answer.text[first:second].count("["), answer.text[second:].count("[")
    assert abs(counts[0] - counts[1]) <= 1
    assert "Entries that mention RLHF" in answer.text


def test_a_comparison_says_which_side_is_unknown(assistant: Assistant) -> None:
    """The known side is quoted, the unknown side is named."""
    answer = assistant.ask("What is the difference between RLHF and quorvaxian teleportation?")
    check(answer, assistant.catalogue)
    assert answer.text.endswith("The catalogue has nothing on quorvaxian teleportation.")


def test_two_unknown_things_are_not_compared(assistant: Assistant) -> None:
    """A comparison of two unknown names is answered like any other question."""
    answer = assistant.ask("Compare banana bread with quorvaxian teleportation")
    assert (answer.status, answer.intent) == ("abstained", "lookup")


@pytest.mark.parametrize(
    "question",
    ["compare interpretability, AI control and scalable oversight", "difference between interpretability, AI control, and scalable oversight",
     "interpretability vs AI control vs scalable oversight", "how do interpretability, AI control and scalable oversight differ?"],
)  # fmt: skip
def test_three_things_are_three_sides(assistant: Assistant, question: str) -> None:
    """Each has its name before its sentences, and no side has more than two."""
    answer = assistant.ask(question)
    check(answer, assistant.catalogue)
    sides = ["On interpretability:", "On AI control:", "On scalable oversight:"]
    assert sorted(sides, key=answer.text.index) == sides
    assert len(answer.sentences) <= 6
    assert "; all: " in answer.text


def test_a_side_without_a_definition_is_introduced_by_its_release(assistant: Assistant) -> None:
    """The first sentence of the entry on its release says what it is."""
    answer = assistant.ask("compare GPT-4, Claude and Gemini")
    assert set(answer.cited) == {"gpt-4", "claude-1", "gemini-1"}


@pytest.mark.parametrize("side", ["it", "that", "the other one", "...", "them"])
def test_a_side_that_names_nothing_is_no_error(assistant: Assistant, side: str) -> None:
    """A pronoun has no words that an entry could be about."""
    assert assistant.ask(f"what is the difference between RLHF and {side}?").status in {"answered", "abstained"}
    assert not assistant._records.with_name("it")
