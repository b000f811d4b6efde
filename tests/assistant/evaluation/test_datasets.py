"""Task files: what a good row gives, and what the message says about a bad one."""

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.evaluation import datasets
from assistant.evaluation.datasets import EvaluationError


def written(folder: Path, **fields: Any) -> Path:
    """A task file with a good row and, in line 2, a row with these fields."""
    file = folder / "tasks.jsonl"
    rows = [{"id": "1", "question": "First?"}, {"id": "2", "question": "Second?", **fields}]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def test_the_first_sentence_the_length_and_the_forbidden_are_read(tmp_path: Path) -> None:
    """Fields that are missing or null ask for nothing."""
    first, second = datasets.tasks(written(tmp_path, lead="2012", never=["a", "b"], most=2, must=["f(x"]))
    assert (second.lead, second.never, second.most, second.must) == ("2012", ("a", "b"), 2, ("f(x",))
    assert (first.lead, first.never, first.most, first.must) == (None, (), None, ())
    _, second = datasets.tasks(written(tmp_path, lead=None, never=None, most=None, must=None))
    assert (second.lead, second.never, second.most, second.must) == (None, (), None, ())


@pytest.mark.parametrize(
    ("field", "value", "message", "hint"),
    [
        ("lead", "(open", "lead: '(open' is not a regular expression", "backslash"),
        ("lead", ["a"], "lead: not a text", '"lead": "2012|AlexNet"'),
        ("lead", "", "lead: an empty pattern", "leave it out"),
        ("lead", "(a+)+b", "lead: '(a+)+b' repeats a group", "write the group out"),
        ("never", "why", "never: not a list of texts", '"never": ["first", "second"]'),
        ("never", ["a", 2], "never: not a list of texts", '"never": ["first", "second"]'),
        ("never", ["a", "*b"], "never: '*b' is not a regular expression", "backslash"),
        ("must", "text", "must: not a list of texts", '"must": ["first", "second"]'),
        ("must", ["(a|b)*c"], "must: '(a|b)*c' repeats a group", "write the group out"),
        ("most", "2", "most: not a whole number", '"most": 2'),
        ("most", True, "most: not a whole number", '"most": 2'),
        ("most", -1, "most: not a whole number", '"most": 2'),
        ("most", 1.5, "most: not a whole number", '"most": 2'),
    ],
)
def test_a_bad_value_is_an_error_with_its_line_and_its_fix(
    tmp_path: Path, field: str, value: object, message: str, hint: str
) -> None:
    """The message names the file, the line and the field."""
    with pytest.raises(EvaluationError) as caught:
        datasets.tasks(written(tmp_path, **{field: value}))
    assert str(caught.value).startswith(f"tasks.jsonl:2: {message}")
    assert hint in caught.value.hint


def test_the_tasks_of_the_checkout_have_no_mistake(project: Path) -> None:
    """All patterns of our own questions are accepted."""
    files = [
        file for file in sorted((project / "tests/evals").glob("*.jsonl")) if '"question"' in file.read_text("utf-8")
    ]
    assert len(files) > 5
    assert sum(len(datasets.tasks(file)) for file in files) > 300
