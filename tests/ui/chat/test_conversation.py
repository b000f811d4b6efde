"""A question as the page sends it: whatever arrives becomes a valid question with the turns of its conversation."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import LONGEST_QUESTION, Restriction, Turn
from tests.support.answers import answer, catalogue, cite, shown
from ui.chat.asked import Asked
from ui.chat.conversation import Exchange, Failure, turns

SENT = {
    "question": " And then? ",
    "key": "k1",
    "number": 3,
    "level": "beginner",
    "mode": "summary",
    "without": '[["dates", "since 2024"]]',
    "turns": [
        {"role": "user", "content": "What is RLHF?", "searched_for": "What is RLHF, then?"},
        {"role": "assistant", "content": "A way.", "cited": ["rlhf"], "suggestions": ["Why?"]},
    ],
}


def test_what_the_page_sends_is_read_whole() -> None:
    """The question, its options, and what a follow-up needs."""
    assert Asked.read(SENT) == Asked(
        "And then?",
        "k1",
        3,
        "beginner",
        "summary",
        (Restriction("dates", "since 2024"),),
        (
            Turn("user", "What is RLHF?", searched_for="What is RLHF, then?"),
            Turn("assistant", "A way.", cited=("rlhf",), suggestions=("Why?",)),
        ),
    )


@pytest.mark.parametrize(
    "change",
    [
        {"level": "expert", "mode": ["chat"], "number": -4, "without": {"a": 1}, "turns": "x"},
        {"level": None, "mode": None, "number": True, "without": None, "turns": [1, {"role": "system"}, None]},
        {"number": 10**30, "key": ["k"], "turns": [{"role": "user", "content": 5, "cited": "x", "suggestions": [[]]}]},
    ],
)
def test_parts_of_another_shape_are_left_out(change: dict[str, Any]) -> None:
    """The question is asked all the same."""
    asked = Asked.read(SENT | change)
    assert (asked.question, asked.level, asked.mode) == (
        "And then?",
        None if "level" in change else "beginner",
        "chat" if "mode" in change else "summary",
    )
    assert asked.number == 1
    assert [turn for turn in asked.turns if turn.cited or turn.suggestions] == []


@given(
    st.dictionaries(
        st.sampled_from(list(SENT)),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800"),
            lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["role", "content", "cited"]), inner),
        ),
    )
)
def test_nothing_that_a_page_can_send_breaks(values: dict[str, Any]) -> None:
    """Each text can be encoded, and a question that is too long is known as such."""
    asked = Asked.read(values)
    asked.question.encode()
    assert len(asked.question) <= LONGEST_QUESTION + 1
    assert all(turn.role in {"user", "assistant"} for turn in asked.turns)


def test_turns_carry_what_a_follow_up_needs() -> None:
    """What was cited and how a question was understood; a question without answer is left out."""
    held = catalogue()
    made = answer(cite(held, 1, "rlhf", "tldr", "It needs comparisons."), searched_for="What is RLHF, then?")
    exchanges = (*shown(made), Exchange(2, "Broken?", failure=Failure("no", "none")))
    assert [(turn.role, turn.cited, turn.searched_for) for turn in turns(exchanges)] == [
        ("user", (), "What is RLHF, then?"),
        ("assistant", ("rlhf",), None),
    ]
