"""Fits the order of the sentences of an answer: `python -m training.fit_ranking [--write]`.

The judged conversations of authors whom the entry reader has not seen are played. Each candidate that a reader judged is a
row: its features, and whether it answers. The fit is a logistic regression with a ridge; each question weighs the same.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from assistant.answering.reader.ranking import FEATURES, features
from assistant.settings.settings import load
from assistant.workplace import Workplace

from . import logistic
from .judged_turns import UNSEEN, JudgedTurn, played

TARGET = Path(__file__).parent.parent / "assistant" / "data" / "ranking.json"
RIDGE = 1.0


def table(turns: Sequence[JudgedTurn]) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Author, features and labels of the judged candidates of each turn."""
    made = []
    for turn in turns:
        judged = [(item, turn.label(item)) for item in turn.candidates if item.chance is not None and item.answered > 0]
        known = [(item, label) for item, label in judged if label is not None]
        if known:
            x = np.array([list(features(item).values()) for item, _ in known])
            y = np.array([label == 2 for _, label in known])
            made.append((turn.id.split("-")[0], x, y))
    return made


def fit(data: Sequence[tuple[str, np.ndarray, np.ndarray]]) -> np.ndarray:
    """Weights in the order of `FEATURES`, and the bias at the end."""
    x = np.concatenate([features_ for _, features_, _ in data])
    y = np.concatenate([labels for _, _, labels in data])
    weight = np.concatenate([np.full(len(labels), 10 / len(labels)) for _, _, labels in data])
    return logistic.fit(x, y, ridge=RIDGE, weight=weight)


def first_right(data: Sequence[tuple[str, np.ndarray, np.ndarray]], weights: np.ndarray) -> list[bool]:
    """For each question with an answer among its candidates, whether the first one answers."""
    return [bool(y[np.argmax(x @ weights[:-1])]) for _, x, y in data if y.any()]


def main() -> None:
    """Fit and report; with `--write`, save the weights."""
    parser = argparse.ArgumentParser(prog="python -m training.fit_ranking", description=__doc__)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    settings, _ = load()
    data = table(list(played(Workplace(settings).assistant())))
    right = [
        value
        for author in UNSEEN
        for value in first_right([row for row in data if row[0] == author], fit([r for r in data if r[0] != author]))
    ]
    weights = fit(data)
    alone = np.eye(len(FEATURES) + 1)[0]
    print(
        f"{len(data)} questions, {len(right)} with an answer; first sentence right {np.mean(right):.3f} (each author by a fit "
        f"to the others), by the entry reader alone {np.mean(first_right(data, alone)):.3f}"
    )
    logistic.publish(FEATURES, weights, "python -m training.fit_ranking --write", TARGET, write=asked.write)


if __name__ == "__main__":
    main()
