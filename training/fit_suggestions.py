"""Fits which questions are suggested below an answer: `python -m training.fit_suggestions [--write]`.

The conversations of `training/data/suggestions/judged.jsonl` are played. Each row is a question of the catalogue that could be
suggested after the last turn: its features, and whether a reader of the answer would want to press it. Turns without an
answer are left out, because other rules hold for these. The fit is a logistic regression with a ridge.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

import numpy as np

from assistant.answer import Citation, Turn
from assistant.answering.entry_questions import FEATURES, MIN_CHANCE, EntryQuestions
from assistant.evaluation import answers, metrics
from assistant.pipeline import Assistant
from assistant.question import Question
from assistant.settings.settings import load
from assistant.workplace import Workplace

from . import logistic
from .sources import rows

DATA = Path(__file__).parent / "data" / "suggestions" / "judged.jsonl"
TARGET = Path(__file__).parent.parent / "assistant" / "data" / "suggestions.json"
RIDGE = 1.0
FOLDS = 5


def table(assistant: Assistant) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The features of each judged suggestion, whether it was wanted, and the number of its turn."""
    numbers = {(one.entry_id, one.text): number for number, one in enumerate(assistant.index.questions)}
    x, y, turns = [], [], []
    original = EntryQuestions.next

    for place, row in enumerate(rows(DATA)):
        *earlier, text = row["turns"]
        history = answers.play(assistant, [Turn("user", turn) for turn in earlier]).turns
        known = [one for one in row["suggestions"] if (one["entry"], one["question"]) in numbers]

        def recorded(
            self: EntryQuestions,
            question: str,
            asked: Sequence[str],
            citations: Sequence[Citation],
            others: Sequence[str],
            *,
            most: int,
            known: list[dict[str, str]] = known,
            place: int = place,
        ) -> tuple[str, ...]:
            if citations and known:
                judged = [numbers[one["entry"], one["question"]] for one in known]
                x.append(self.features(judged, asked[0], citations, others))
                y.extend(bool(one["pressable"]) for one in known)
                turns.extend([place] * len(known))
            return original(self, question, asked, citations, others, most=most)

        with patch.object(EntryQuestions, "next", recorded):
            assistant.answer_and_draft(Question(text, history))
    return np.concatenate(x), np.array(y), np.array(turns)


def main() -> None:
    """Fit and report; with `--write`, save the weights."""
    parser = argparse.ArgumentParser(prog="python -m training.fit_suggestions", description=__doc__)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    settings, _ = load()
    x, y, turns = table(Workplace(settings).assistant())
    scores = logistic.crossed(x, y, turns, ridge=RIDGE, folds=FOLDS)
    shown = scores >= logistic.logit(MIN_CHANCE)
    print(
        f"{len(y)} suggestions after {len(set(turns))} answers, {y.mean():.2f} wanted; area {metrics.auroc(scores, y):.3f} "
        f"(by turns not in the fit); at {MIN_CHANCE} {shown.sum() / len(set(turns)):.2f} for an answer, {y[shown].mean():.2f} wanted"
    )
    weights = logistic.fit(x, y, ridge=RIDGE)
    logistic.publish(FEATURES, weights, "python -m training.fit_suggestions --write", TARGET, write=asked.write)


if __name__ == "__main__":
    main()
