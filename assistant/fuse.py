"""Several rankings made one: reciprocal rank fusion."""

from collections.abc import Hashable, Sequence
from typing import TypeVar

RRF_K = 60  # Cormack, Clarke and Büttcher, SIGIR 2009

Item = TypeVar("Item", bound=Hashable)


def fuse(rankings: Sequence[Sequence[Item]], *, weights: Sequence[float] | None = None, k: int = RRF_K) -> dict[Item, float]:
    """The sum of weight / (k + rank) over the rankings, ranks from 1; best first, ties in order of appearance.

    Raises:
        ValueError: there is not one weight for each ranking, or `k` is not positive.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    scores: dict[Item, float] = {}
    for ranking, weight in zip(rankings, weights or [1.0] * len(rankings), strict=True):
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + weight / (k + rank)
    return dict(sorted(scores.items(), key=lambda scored: -scored[1]))
