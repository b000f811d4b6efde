"""`almanac eval conversation` measures first and later turns, questions alone, and rewrites by people."""

import json
from pathlib import Path

import pytest

from assistant.evaluation.bench import Bench
from assistant.evaluation.conversations import conversation
from assistant.evaluation.datasets import EvaluationError


def _lines(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A BEIR folder of three documents and a conversation of two turns."""
    texts = {
        "a": "Sourdough bread rises by wild yeast.",
        "b": "The causes of rust are water and air.",
        "c": "Causes matter.",
    }
    _lines(tmp_path / "corpus.jsonl", [{"_id": name, "title": name, "text": text} for name, text in texts.items()])
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nt1\ta\t1\nt2\tb\t1\n", "utf-8")
    _lines(
        tmp_path / "tasks.jsonl",
        [
            {"id": "t1", "history": [], "question": "What makes sourdough bread rise?"},
            {"id": "t2", "history": ["What is rust?"], "question": "what are its causes?"},
        ],
    )
    _lines(tmp_path / "rewrites.jsonl", [{"_id": "t2", "text": "What are the causes of rust?"}])
    return tmp_path


def test_later_turns_are_measured_beside_the_bare_turn_and_the_rewrite(folder: Path) -> None:
    """All documented figures are there, with the share of the gap that the resolver closes."""
    bench = Bench(folder / "cache", None, lambda _step, _done, _all: None)
    figures = conversation(bench, folder, tasks=folder / "tasks.jsonl", rewrites=folder / "rewrites.jsonl")
    assert (figures["first_turns_changed"], figures["later_turns_changed"]) == (0.0, 1.0)
    assert figures["first_turns"]["queries"] == figures["later_turns"]["queries"] == 1
    assert figures["later_turns"]["ndcg@10"] == figures["later_turns_rewrite"]["ndcg@10"] == 1.0
    assert figures["later_turns_last_turn"]["ndcg@10"] < 1.0
    assert figures["gap_recovered"] == 1.0


def test_a_task_without_its_rewrite_is_named(folder: Path) -> None:
    """If a task has no rewrite, there is an error, because the figures would be on different tasks."""
    _lines(folder / "rewrites.jsonl", [{"_id": "t1", "text": "What makes sourdough bread rise?"}])
    bench = Bench(folder / "cache", None, lambda _step, _done, _all: None)
    with pytest.raises(EvaluationError, match="the first of them t2"):
        conversation(bench, folder, tasks=folder / "tasks.jsonl", rewrites=folder / "rewrites.jsonl")
