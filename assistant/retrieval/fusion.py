"""Several rankings made one: a weighted sum of scores, each brought to 0..1.

Bruch, Gai and Ingber (TOIS 2023) found such a sum better than reciprocal rank fusion; so did we, on every set tried
(tests/evals/RESULTS.md). Rank fusion is kept for rankings whose scores mean nothing beside each other, and to measure against.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

RRF_K = 60  # Cormack, Clarke and Büttcher, SIGIR 2009

Item = TypeVar("Item", bound=Hashable)


def fuse(scored: Sequence[Mapping[Item, float]], *, weights: Sequence[float]) -> dict[Item, float]:
    """The weighted sum of scores, best first; in each mapping the best becomes 1, the worst 0, as does what is missing.

    Weights of empty mappings go to the others, so that one search alone keeps the whole range.

    Raises:
        ValueError: there is not one weight for each mapping.
    """
    total = sum(weight for mapping, weight in zip(scored, weights, strict=True) if mapping)
    fused: dict[Item, float] = {}
    for mapping, weight in zip(scored, weights, strict=True):
        if not mapping:
            continue
        low, high = min(mapping.values()), max(mapping.values())
        for item, score in mapping.items():
            share = (score - low) / (high - low) if high > low else 1.0
            fused[item] = fused.get(item, 0.0) + weight / total * share
    return dict(sorted(fused.items(), key=lambda item: -item[1]))


def fuse_ranks(rankings: Sequence[Sequence[Item]], *, k: int = RRF_K) -> dict[Item, float]:
    """Reciprocal rank fusion: the sum of 1 / (k + rank), ranks from 1; best first, ties in order of appearance.

    Raises:
        ValueError: `k` is not positive.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    scores: dict[Item, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + 1 / (k + rank)
    return dict(sorted(scores.items(), key=lambda scored: -scored[1]))
