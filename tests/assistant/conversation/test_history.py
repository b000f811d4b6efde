"""A conversation from outside is parsed as it is, or refused with an error that names the problem and the turn."""

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.answer import LONGEST_QUESTION, Turn
from assistant.conversation import history
from index.errors import QuestionError


def test_turns_are_read_in_order_with_what_they_cited() -> None:
    """Roles, contents and the ids of cited entries; other fields of a turn are ignored."""
    given = [
        {"role": "user", "content": "What is RLHF?", "name": "Ada"},
        {"role": "assistant", "content": "Learning from people. [1]", "cited": ["rlhf"]},
        {"role": "user", "content": ""},
    ]
    assert history.parse(given) == (
        Turn("user", "What is RLHF?"),
        Turn("assistant", "Learning from people. [1]", ("rlhf",)),
        Turn("user", ""),
    )
    assert history.parse([]) == ()


@pytest.mark.parametrize("cited", ["rlhf", None, 7, {"rlhf": 1}, ["rlhf", None], [["rlhf"]]])
def test_citations_in_another_shape_are_as_none_given(cited: Any) -> None:
    """Citations are optional; invalid ones do not make the conversation invalid."""
    assert history.parse([{"role": "assistant", "content": "x", "cited": cited}]) == (Turn("assistant", "x"),)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"role": "user", "content": "x"}, "must be a list"),
        ("What is RLHF?", "must be a list"),
        (None, "must be a list"),
        (["What is RLHF?"], "turn 1 of the history needs a role"),
        ([{"role": "user", "content": "x"}, {"role": "system", "content": "x"}], "turn 2 of the history needs a role"),
        ([{"content": "x"}], "turn 1 of the history needs a role"),
        ([{"role": ["user"], "content": "x"}], "turn 1 of the history needs a role"),
        ([{"role": {}, "content": "x"}], "turn 1 of the history needs a role"),
        ([{"role": "user"}], "turn 1 of the history needs content"),
        ([{"role": "user", "content": ["x"]}], "turn 1 of the history needs content"),
        ([{"role": "user", "content": "x" * (history.LONGEST_TURN + 1)}], "at most 50,000 characters"),
        ([{"role": "user", "content": "x"}] * (history.LONGEST + 1), "201 turns; 200 are allowed"),
    ],
)
def test_another_shape_is_refused_with_its_place(given: Any, said: str) -> None:
    """The error says what is wrong, which turn it is in, and what a valid history looks like."""
    with pytest.raises(QuestionError) as refused:
        history.parse(given)
    assert said in str(refused.value)
    assert "{role, content}" in refused.value.hint


def test_the_longest_conversation_is_still_read() -> None:
    """A conversation of exactly the maximum length is accepted."""
    longest = [{"role": "user", "content": "x" * history.LONGEST_TURN}] * history.LONGEST
    assert len(history.parse(longest)) == history.LONGEST


def test_half_a_character_pair_is_read_as_a_question_mark() -> None:
    r"""JSON can contain `\ud83d` alone, which cannot be displayed."""
    turn = history.parse(json.loads('[{"role": "user", "content": "a \\ud83d b"}]'))[0]
    assert turn.content == "a ? b"


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    """Editors on Windows write such a mark."""
    file = tmp_path / "history.json"
    file.write_bytes(b"\xef\xbb\xbf" + '[{"role": "user", "content": "Zürich?"}]'.encode())
    assert history.read_file(file) == [{"role": "user", "content": "Zürich?"}]


@pytest.mark.parametrize(
    "content", [b"", b"[", b"{]", b"\xff\xfe\x00", b"[" * 100_000, b"\x00"], ids=lambda content: repr(content[:8])
)
def test_a_file_that_is_not_json_is_named(tmp_path: Path, content: bytes) -> None:
    """The error names the file, also for bytes that are not text and for unlimited nesting of brackets."""
    file = tmp_path / "history.json"
    file.write_bytes(content)
    with pytest.raises(QuestionError, match=r"history\.json is not JSON"):
        history.read_file(file)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing file, or a folder."""
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(QuestionError, match="cannot read"):
            history.read_file(path)


def test_suggestions_are_read_where_they_are_texts() -> None:
    """A "yes" can accept one of them; suggestions of another shape are ignored."""
    given = {"role": "assistant", "content": "x", "suggestions": ["What is RLHF?", " "]}
    assert history.parse([given]) == (Turn("assistant", "x", suggestions=("What is RLHF?",)),)
    for odd in ("What?", None, 7, ["What?", 7]):
        assert history.parse([given | {"suggestions": odd}]) == (Turn("assistant", "x"),)


def test_a_long_history_is_cut_to_its_last_questions() -> None:
    """Each question is cut to its maximum length, and all together to a limit; the newest are kept, in order."""
    turns = [Turn("user", f"{number} " + "x" * 50_000) for number in range(30)]
    questions = history.questions_in([*turns, Turn("assistant", "no question"), Turn("user", "last")])
    assert questions[-1] == "last"
    assert questions[-2].startswith("29 ")
    assert max(map(len, questions)) == LONGEST_QUESTION
    assert sum(map(len, questions)) <= history.MAX_QUESTION_CHARACTERS
    assert history.questions_in([Turn("user", "first"), Turn("user", "second")]) == ["first", "second"]
