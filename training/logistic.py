"""Fits logistic regressions with a ridge, and writes their weights for `assistant/logistic.py`."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np


def regression(x: np.ndarray, y: np.ndarray, weight: np.ndarray, *, ridge: float) -> np.ndarray:
    """Fit a weighted logistic regression with a ridge by Newton's method; the bias, which has no ridge, comes last."""
    ones = np.hstack([x, np.ones((len(x), 1))])
    penalty = np.diag([ridge] * x.shape[1] + [0.0])
    weights = np.zeros(ones.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(ones @ weights, -30, 30)))
        gradient = ones.T @ (weight * (p - y)) + penalty @ weights
        step = np.linalg.solve(
            (ones * (weight * p * (1 - p))[:, None]).T @ ones + penalty + 1e-9 * np.eye(len(weights)), gradient
        )
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def fit(x: np.ndarray, y: np.ndarray, *, ridge: float, weight: np.ndarray | None = None) -> np.ndarray:
    """Fit features of any scale: each is divided by its standard deviation first. The bias comes last."""
    scale = _scale(x)
    weights = regression(x / scale, y, np.ones(len(y)) if weight is None else weight, ridge=ridge)
    return np.append(weights[:-1] / scale, weights[-1])


def crossed(x: np.ndarray, y: np.ndarray, groups: np.ndarray, *, ridge: float, folds: int) -> np.ndarray:
    """The logit of every row, from a fit without the rows of its fold; a group is in one fold."""
    x = x / _scale(x)
    scores = np.zeros(len(y))
    for fold in range(folds):
        kept = groups % folds == fold
        weights = regression(x[~kept], y[~kept], np.ones(int((~kept).sum())), ridge=ridge)
        scores[kept] = x[kept] @ weights[:-1] + weights[-1]
    return scores


def logit(probability: float) -> float:
    """The score at which a regression gives a probability."""
    return float(np.log(probability / (1 - probability)))


def publish(names: Iterable[str], weights: np.ndarray, command: str, target: Path, *, write: bool) -> None:
    """Print a fit as `assistant/logistic.py` reads it, and write it if asked to; the bias is the last weight."""
    fitted = {
        "command": command,
        "weights": {name: round(float(value), 3) for name, value in zip(names, weights[:-1], strict=True)},
        "bias": round(float(weights[-1]), 3),
    }
    text = json.dumps(fitted, indent=1) + "\n"
    sys.stdout.write(text)
    if write:
        target.write_text(text, encoding="utf-8")


def _scale(x: np.ndarray) -> np.ndarray:
    return x.std(axis=0) + 1e-9
