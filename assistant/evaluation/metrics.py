"""Metrics of rankings and decisions, each by its usual definition, with bootstrap intervals."""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

SAMPLES = 1_000
"""Bootstrap samples behind each interval."""
_SEED = 7


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
    """Area under the ROC curve: how often a positive scores above a negative; a tie counts half.

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
        ValueError: there are no values; that is an error and not a mean of 0.
    """
    if not values:
        raise ValueError("nothing was measured")
    return float(np.mean(values))


def interval(values: Sequence[float], *, samples: int = SAMPLES, seed: int = _SEED) -> tuple[float, float]:
    """95 % bootstrap interval of the mean (percentile method), with a fixed seed."""
    return _between(_draws(len(values), samples, seed) @ np.asarray(values, float) / len(values))


def auroc_interval(scores: Sequence[float], labels: Sequence[bool], *, seed: int = _SEED) -> tuple[float, float]:
    """95 % bootstrap interval of the area under the ROC curve; positives and negatives are drawn separately.

    Raises:
        ValueError: there are not both positives and negatives.
    """
    values, positive = np.asarray(scores, float), np.asarray(labels, bool)
    if positive.all() or not positive.any():
        raise ValueError("the area under the curve needs positives and negatives")
    above, below = values[positive], values[~positive]
    # For each positive: how many negatives score lower in each sample; a tie counts half.
    order = np.argsort(below, kind="stable")
    counts = _draws(len(below), SAMPLES, seed + 1)[:, order]
    reached = np.concatenate((np.zeros((SAMPLES, 1)), np.cumsum(counts, axis=1)), axis=1)
    left, right = (np.searchsorted(below[order], above, side=side) for side in ("left", "right"))
    beaten = (reached[:, left] + reached[:, right]) / 2
    return _between((_draws(len(above), SAMPLES, seed) * beaten).sum(axis=1) / (len(above) * len(below)))


def ratio_interval(parts: Sequence[float], wholes: Sequence[float], *, seed: int = _SEED) -> tuple[float, float]:
    """95 % bootstrap interval of a ratio of sums: the sentences of one answer are drawn together, for they are alike.

    Raises:
        ValueError: a whole is not positive.
    """
    if any(whole <= 0 for whole in wholes):
        raise ValueError("a ratio needs positive wholes")
    drawn = _draws(len(parts), SAMPLES, seed)
    return _between((drawn @ np.asarray(parts, float)) / (drawn @ np.asarray(wholes, float)))


def described(values: Mapping[str, Sequence[float]]) -> dict[str, float | list[float]]:
    """The mean of each figure and its 95 % interval as `NAME_95`; a figure without values is left out."""
    result: dict[str, float | list[float]] = {}
    for name, each in values.items():
        if each:
            result[name] = round(mean(each), 4)
            result[f"{name}_95"] = rounded(interval(each))
    return result


def rounded(bounds: tuple[float, float]) -> list[float]:
    """An interval with four decimals, as it is reported."""
    return [round(bound, 4) for bound in bounds]


@lru_cache(maxsize=4)
def _draws(size: int, samples: int, seed: int) -> npt.NDArray[np.float64]:
    """How often each of `size` values is drawn, in each sample."""
    if not size:
        raise ValueError("nothing was measured")
    return np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), samples).astype(np.float64)


def _between(means: npt.NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)
