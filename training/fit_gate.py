"""Fits the gate: `python training/fit_gate.py [TASKS …] [--write]`.

Every task is put to the product's own code path; what the gate saw is kept with whether an answer would have been
right: there is one, and a right entry leads. Logistic regression with a ridge (numpy, Newton's method), judged by cross-validation
over whole tasks; the threshold is set where false refusals of answerable questions are as many as `--refusals` allows.
"""

import argparse
import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant import evaldata, evaluate_answers, measures
from assistant.factory import Workplace
from assistant.gate import name_of
from assistant.pipeline import Assistant
from assistant.settings import load
from assistant.signals import ABOUT

HERE = Path(__file__).parent.parent
TASKS = [HERE / "tests" / "evals" / f"tuning-{number}.jsonl" for number in (1, 2, 3)]
TARGET = HERE / "assistant" / "data" / "gate.json"
FOLDS = 10


def observed(assistant: Assistant, files: Sequence[Path]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Signals (one row a task), whether an answer would be right, and whether there is one."""
    rows, right, answerable = [], [], []
    for file in files:
        for task in evaldata.tasks(file):
            history = evaluate_answers.played(assistant, task.history)
            _, draft = assistant.judged(task.question, history=history)
            if not draft.signals:
                continue  # a definition, or a greeting: the gate was not asked
            rows.append([draft.signals[name] for name in ABOUT])
            right.append(task.answerable and bool(set(draft.leading) & set(task.gold)))
            answerable.append(task.answerable)
    return np.array(rows, float), np.array(right), np.array(answerable)


def fit(x: np.ndarray, y: np.ndarray, *, ridge: float) -> np.ndarray:
    """Weights and, last, the bias; the classes weigh the same."""
    ones = np.hstack([x, np.ones((len(x), 1))])
    balance = np.where(y, 0.5 / max(1, y.sum()), 0.5 / max(1, (~y).sum())) * len(y)
    penalty = np.diag([ridge] * x.shape[1] + [0.0])
    weights = np.zeros(ones.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(ones @ weights, -30, 30)))
        gradient = ones.T @ (balance * (p - y)) + penalty @ weights
        step = np.linalg.solve(
            (ones * (balance * p * (1 - p))[:, None]).T @ ones + penalty + 1e-9 * np.eye(len(weights)), gradient
        )
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def crossed(x: np.ndarray, y: np.ndarray, *, ridge: float) -> np.ndarray:
    """For every row its logit from a fit that did not see it."""
    fold = np.random.default_rng(0).permutation(len(y)) % FOLDS
    scores = np.zeros(len(y))
    for number in range(FOLDS):
        weights = fit(x[fold != number], y[fold != number], ridge=ridge)
        scores[fold == number] = x[fold == number] @ weights[:-1] + weights[-1]
    return scores


def main() -> None:
    """Fit, report, and with `--write` keep the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="*", type=Path, default=TASKS)
    parser.add_argument("--ridge", type=float, default=1.0)
    parser.add_argument(
        "--refusals", type=float, default=0.08, help="share of answerable questions that may be refused"
    )
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    settings, _ = load()
    names = list(ABOUT)
    fitted: dict[str, Any] = {
        "command": "python training/fit_gate.py --write",
        "tasks": [file.name for file in asked.tasks],
    }
    for embedder, reads in itertools.product((settings.embedder, "none"), (False, True)):
        label = name_of(embedder != "none", reads)
        assistant = Workplace(settings.model_copy(update={"embedder": embedder, "reader": reads})).assistant()
        x, right, answerable = observed(assistant, asked.tasks)
        # What is the same in every row tells nothing, and is left out.
        kept = x.std(axis=0) > 0
        x = x * kept
        scores = crossed(x, right, ridge=asked.ridge)
        threshold = float(np.quantile(scores[right], asked.refusals))
        print(
            f"{label}: {len(right)} tasks, {right.sum()} right, area {measures.auroc(scores, right):.3f} "
            f"(answerable: {measures.auroc(scores, answerable):.3f}); at {asked.refusals:.0%} refused of the right, "
            f"{np.mean(scores[~answerable] < threshold):.3f} of those without an answer are caught"
        )
        weights = fit(x, right, ridge=asked.ridge)
        fitted[label] = {
            "weights": {
                name: round(float(weight), 3) for name, weight, keep in zip(names, weights, kept, strict=False) if keep
            },
            "bias": round(float(weights[-1]), 3),
            "threshold": round(1 / (1 + float(np.exp(-threshold))), 3),
        }
        print(json.dumps(fitted[label]))
    if asked.write:
        TARGET.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
