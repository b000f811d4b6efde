"""A hundred questions of fixed answers, drawn once from the question files here, for the test that scores them in CI.

`python -m tests.evals.hundred` draws them again with the same seed and writes `hundred.jsonl`.
`unseen-2.jsonl` stays out: it judges work that nobody has tuned against it.
"""

import json
import random
from pathlib import Path
from typing import Any

from assistant.evaluation.answers import play
from assistant.evaluation.datasets import tasks
from assistant.pipeline import Assistant
from assistant.question import Question

HOME = Path(__file__).parent
FILE = HOME / "hundred.jsonl"
SEED = 12
LOOKUPS, REFUSALS, LISTS = 75, 13, 12
SOURCES = ("questions", "tuning-1", "tuning-2", "tuning-3", "unseen-1")
FIELDS = ("id", "history", "question", "gold", "gold_all", "answerable", "as_of")
FIRST_FOUND = 5
"""Entries found, best first, among which the gold entries are counted."""


def draw() -> list[dict[str, Any]]:
    """The rows of the data file: questions with an answer, without one, and for lists."""
    rows = [json.loads(line) for name in SOURCES for line in _lines(name)]
    lists = [json.loads(line) for line in _lines("records")]
    chance = random.Random(SEED)  # noqa: S311 - a sample that can be drawn again
    drawn = [
        *chance.sample([row for row in rows if row["answerable"]], LOOKUPS),
        *chance.sample([row for row in rows if not row["answerable"]], REFUSALS),
        *chance.sample([row for row in lists if row.get("gold_all")], LISTS),
    ]
    return [{name: row[name] for name in FIELDS if name in row} for row in drawn]


def line(row: dict[str, Any]) -> str:
    """A row as it stands in the file."""
    return json.dumps(row, ensure_ascii=False)


def score(assistant: Assistant, questions: Path = FILE) -> dict[str, float]:
    """Ask every question once, after its conversation.

    Returns:
        Shares in 0..1. `cited_right`: of the questions with an answer, those whose answer cites a gold entry. `recall`:
        the mean share of a question's gold entries among the first entries found. `refused`: of the questions without
        an answer, those that get none. `sets_exact`: of the lists, those that cite the gold entries and no other.
    """
    cited, recalls, refused, exact = [], [], [], []
    for task in tasks(questions):
        answer = assistant.ask(Question(task.question, history=play(assistant, task.history).turns, as_of=task.as_of))
        gold = set(task.gold)
        if task.gold_all is not None:
            exact.append(set(answer.cited) == set(task.gold_all))
        elif task.answerable:
            cited.append(bool(gold & set(answer.cited)))
            # A definition or a named entry is answered without a search; then what it cites is what was found.
            recalls.append(len(gold & {*answer.found[:FIRST_FOUND], *answer.cited}) / len(gold))
        else:
            refused.append(answer.status == "abstained")
    shares = {"cited_right": cited, "recall": recalls, "refused": refused, "sets_exact": exact}
    return {name: round(sum(values) / len(values), 4) for name, values in shares.items()}


def _lines(name: str) -> list[str]:
    return (HOME / f"{name}.jsonl").read_text("utf-8").splitlines()


if __name__ == "__main__":
    FILE.write_text("".join(f"{line(row)}\n" for row in draw()), "utf-8")
