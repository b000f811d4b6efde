"""Combines several rankings into one: a weighted sum of their scores, each scaled to 0..1.

Bruch, Gai and Ingber (TOIS 2023) found that such a sum ranks better than reciprocal rank fusion. We measured the same on
every data set we tried (tests/evals/RESULTS.md).
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from index.lexical import terms

Item = TypeVar("Item", bound=Hashable)
WORD_WEIGHTS = (0.25, 0.40)
"""Weight of word search for a short and for a long question: a text may easily put a few words in other words."""
SHORT_QUESTION, LONG_QUESTION = 3, 6
"""Index terms: a short question has at most the first number, a long one at least the second."""
BY_SENTENCE = 0.30
"""Weight of the best sentences by meaning; passages by meaning get the rest. Measured in tests/evals/RESULTS.md."""


def weights(question: str) -> tuple[float, float, float]:
    """The weights of the three rankings for a question: words, passages by meaning, sentences by meaning; the sum is 1."""
    low, high = WORD_WEIGHTS
    length = (len(set(terms(question))) - SHORT_QUESTION) / (LONG_QUESTION - SHORT_QUESTION)
    words = low + (high - low) * min(1.0, max(0.0, length))
    return words, 1 - BY_SENTENCE - words, BY_SENTENCE


def fuse(scored: Sequence[Mapping[Item, float]], *, weights: Sequence[float]) -> dict[Item, float]:
    """Add up the scores of several rankings, and return the items with their sums, best first.

    Each ranking is first scaled: its best score becomes 1 and its worst 0. An item missing from a ranking counts 0 there.
    The weight of an empty ranking is shared among the others, so that a single ranking still covers 0..1.

    Args:
        scored: One mapping per ranking, from item to score.
        weights: One weight per ranking.

    Raises:
        ValueError: the numbers of rankings and weights differ.
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
