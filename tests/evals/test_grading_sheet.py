"""The sheet for graders: what is drawn, how it is played, and what the grader sees."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.answer import Answer, Near, Sentence
from assistant.evaluation.datasets import EvaluationError
from assistant.question import Question
from index.errors import QuestionError
from tests.support import answers
from tests.support.answers import catalogue, cite

from . import grading_sheet
from .grading_sheet import Talk

TALKS = [Talk("a", ("one", "two", "three"), ("newcomer", "follow-up", None)), Talk("b", ("four",), ("visitor",))]


def quoting(question: str) -> Answer:
    """An answer of two sentences with suggestions."""
    cited = [
        cite(catalogue(), 1, "rlhf", "key_takeaways", "It needs comparisons, not a rule."),
        cite(catalogue(), 2, "rlhf", "key_takeaways", "It can be gamed."),
    ]
    said = (Sentence(cited[0].quote, (1,), 1.0), Sentence(cited[1].quote, (2,), 1.0))
    return answers.answer(*cited, question=question, sentences=said, suggestions=("What is a reward model?",))


class Recording:
    """An assistant that gives one answer and remembers the questions; it refuses the text "four" with an error."""

    def __init__(self) -> None:
        self.asked: list[Question] = []

    def ask(self, question: Question) -> Answer:
        """The answer."""
        self.asked.append(question)
        if question.text == "four":
            raise QuestionError("too many words", hint="use fewer")
        return quoting(question.text)


def test_each_turn_is_drawn_once_and_the_same_seed_draws_the_same() -> None:
    """The order is that of the draw."""
    drawn = grading_sheet.draw(TALKS, 4, 1)
    assert sorted(one.id for one in drawn) == ["a.1", "a.2", "a.3", "b.1"]
    assert grading_sheet.draw(TALKS, 4, 1) == drawn
    assert {tuple(one.id for one in grading_sheet.draw(TALKS, 4, seed)) for seed in range(20)} > {
        tuple(one.id for one in drawn)
    }
    for count in (0, 5):
        with pytest.raises(EvaluationError, match=f"cannot draw {count} of 4 turns"):
            grading_sheet.draw(TALKS, count, 1)


def test_every_turn_before_a_drawn_one_is_played_with_the_state_of_the_chat() -> None:
    """Only once for each conversation, and not beyond the last drawn turn."""
    engine: Any = Recording()
    drawn = [one for one in grading_sheet.draw(TALKS, 4, 1) if one.id in {"a.1", "a.2"}]
    list(grading_sheet.sheet(engine, drawn))
    assert [question.text for question in engine.asked] == ["one", "two"]
    first, second = engine.asked[1].history
    assert (first.content, second.cited) == ("one", ("rlhf",))
    assert second.content == "It needs comparisons, not a rule. It can be gamed."
    assert second.suggestions == ("What is a reward model?",)


def test_a_row_has_what_a_grader_may_see_and_the_key_has_the_kind() -> None:
    """User turns only, and no kind."""
    engine: Any = Recording()
    drawn = grading_sheet.draw(TALKS, 4, 1)
    rows = {row["id"]: row for row in grading_sheet.sheet(engine, drawn)}
    assert rows["a.3"] == {
        "id": "a.3",
        "conversation": ["one", "two"],
        "question": "three",
        "answer": "1. It needs comparisons, not a rule. [RLHF explained]\n2. It can be gamed. [RLHF explained]",
        "suggestions": ["What is a reward model?"],
    }
    assert rows["b.1"]["answer"] == "too many words. use fewer."
    kinds = {row["id"]: row["kind"] for row in grading_sheet.key(drawn)}
    assert kinds == {"a.1": "newcomer", "a.2": "follow-up", "a.3": None, "b.1": "visitor"}
    assert list(kinds) == list(rows)


def shown(answer: Answer) -> str:
    """The text of an answer in the sheet."""
    (exchange,) = answers.shown(answer)
    return grading_sheet.shown(exchange)


def test_a_refusal_shows_its_reason_and_the_closest_entries() -> None:
    """As the chat does."""
    refusal = answers.answer(status="abstained", reason="Nothing says why.", nearest=(Near("rlhf", "RLHF explained"),))
    assert shown(refusal) == "Nothing says why.\n\nClosest entries in the catalogue:\n- RLHF explained"
    assert shown(replace(refusal, nearest=())) == "Nothing says why."


def test_a_list_keeps_its_lines_and_its_heading() -> None:
    """The items are numbered as sentences, and what is around them has no number."""
    cited = (
        cite(catalogue(), 1, "rlhf", "title", "RLHF explained"),
        cite(catalogue(), 2, "rlhf", "key_takeaways", "It can be gamed."),
    )
    text = "1 guide:\n\n- RLHF explained [1] It can be gamed. [2]\n\nNothing else."
    listed = "- 1. RLHF explained [RLHF explained]\n  2. It can be gamed. [RLHF explained]"
    assert shown(answers.answer(*cited, text=text)) == f"1 guide:\n\n{listed}\n\nNothing else."


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"turns": [{"text": "x"}]}, "needs an id and turns"),
        ({"id": "a", "turns": []}, "needs an id and turns"),
        ({"id": "a", "turns": ["x"]}, "turn 1 needs a text"),
        ({"id": "a", "turns": [{"text": "x"}, {"text": " "}]}, "turn 2 needs a text"),
        ({"id": "a", "turns": [{"text": "x", "kind": 1}]}, "turn 1: the kind is not a text"),
    ],
)
def test_a_bad_conversation_is_an_error_with_its_line(tmp_path: Path, row: dict[str, Any], message: str) -> None:
    """The file, the line and the turn are named."""
    file = tmp_path / "c.jsonl"
    file.write_text('{"id": "good", "turns": [{"text": "x"}]}\n' + json.dumps(row) + "\n", "utf-8")
    with pytest.raises(EvaluationError, match=rf"c\.jsonl:2: .*{message}"):
        grading_sheet.read(file)
    file.write_text('{"id": "a", "turns": [{"text": "x"}]}\n' * 2, "utf-8")
    with pytest.raises(EvaluationError, match=r"c\.jsonl:2: the id 'a' was used before"):
        grading_sheet.read(file)


def test_the_command_writes_sheet_and_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], assistant: object
) -> None:
    """With the real engine; `assistant` has built the index in the folder of the settings."""
    assert assistant
    file, out, key = (tmp_path / name for name in ("c.jsonl", "sheet.jsonl", "key.jsonl"))
    turns = [{"text": "What is RLHF?", "kind": "newcomer"}, {"text": "Compare GPT-3 and GPT-4"}, {"text": "hello"}]
    file.write_text(json.dumps({"id": "x-01", "turns": turns}), "utf-8")
    options = [str(file), "--seed", "3", "--out", str(out), "--key", str(key)]
    assert grading_sheet.main([*options, "--count", "3"]) == 0
    rows = {row["id"]: row for row in map(json.loads, out.read_text("utf-8").splitlines())}
    assert rows["x-01.1"]["answer"].startswith("1. RLHF")
    assert rows["x-01.2"]["answer"].startswith("On GPT-3:\n\n1. ")
    assert "Entries that mention GPT-3" in rows["x-01.2"]["answer"]
    assert rows["x-01.3"]["conversation"] == ["What is RLHF?", "Compare GPT-3 and GPT-4"]
    assert "newcomer" not in out.read_text("utf-8")
    assert '{"id": "x-01.1", "kind": "newcomer"}' in key.read_text("utf-8").splitlines()
    assert grading_sheet.main(options) == 2
    assert "error: cannot draw 100 of 3 turns\n  try: " in capsys.readouterr().err
