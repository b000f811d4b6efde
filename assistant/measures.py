"""Measures of rankings and decisions, each by its usual definition."""

import math
from collections.abc import Mapping, Sequence

import numpy as np


def ndcg(ranking: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Normalised discounted cumulative gain at `k`, linear gain (Järvelin and Kekäläinen, 2002)."""
    gained = sum(grades.get(name, 0) / math.log2(place + 2) for place, name in enumerate(ranking[:k]))
    ideal = sum(grade / math.log2(place + 2) for place, grade in enumerate(sorted(grades.values(), reverse=True)[:k]))
    return gained / ideal if ideal else 0.0


def recall(ranking: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Share of the relevant documents among the first `k`."""
    relevant = {name for name, grade in grades.items() if grade > 0}
    return len(relevant & set(ranking[:k])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranking: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """1 / rank of the first relevant document among the first `k`, else 0."""
    return next((1 / place for place, name in enumerate(ranking[:k], start=1) if grades.get(name, 0) > 0), 0.0)


def auroc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Area under the ROC curve: how often a positive scores above a negative, ties for half.

    Raises:
        ValueError: there are not both positives and negatives.
    """
    order = np.argsort(scores, kind="stable")
    values = np.asarray(scores, float)[order]
    positive = np.asarray(labels, bool)[order]
    if positive.all() or not positive.any():
        raise ValueError("the area under the curve needs positives and negatives")
    ranks = np.empty(len(values))
    at = 0
    while at < len(values):
        end = at
        while end < len(values) and values[end] == values[at]:
            end += 1
        ranks[at:end] = (at + end + 1) / 2
        at = end
    hits = int(positive.sum())
    return float((ranks[positive].sum() - hits * (hits + 1) / 2) / (hits * (len(values) - hits)))


def mean(values: Sequence[float]) -> float:
    """The mean.

    Raises:
        ValueError: there are no values: a measurement of nothing is no 0.0.
    """
    if not values:
        raise ValueError("nothing was measured")
    return float(np.mean(values))


def interval(values: Sequence[float], *, samples: int = 1_000, seed: int = 7) -> tuple[float, float]:
    """95 % bootstrap interval of the mean (percentile method), with a fixed seed."""
    drawn = np.random.default_rng(seed).choice(np.asarray(values, float), (samples, len(values)))
    low, high = np.percentile(drawn.mean(axis=1), [2.5, 97.5])
    return float(low), float(high)
