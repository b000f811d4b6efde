"""Orders the candidates of an answer by the probability that a sentence answers the question.

The probability is a logistic regression over what the entry reader, the search and the questions of the entries say
about a sentence. Its weights are data (`assistant/data/ranking.json`), fitted by `python -m training.fit_ranking`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from assistant import logistic
from assistant.answering.evidence import Evidence

_LEAST = 1e-3
"""Probabilities nearer to 0 or 1 than this say no more."""

FEATURES = {
    "sentence": "logit of the entry reader's probability that the sentence helps",
    "cosine": "cosine of the question and the sentence",
    "coverage": "share of the question's words, by weight, in the sentence",
    "standing": "search score of the entry",
    "fits": "1 if the sentence contains the kind of thing that is asked for",
    "asked": "cosine of the question and the question that the entry says this sentence answers",
}
"""Every feature with its meaning, in the order used for vectors and sums."""


def features(item: Evidence) -> dict[str, float]:
    """The features of a candidate that the entry reader has judged."""
    return {
        "sentence": _logit(item.judged or 0.0),
        "cosine": item.cosine,
        "coverage": item.coverage,
        "standing": item.standing,
        "fits": float(item.fits),
        "asked": item.asked,
    }


@dataclass(frozen=True, slots=True)
class Ranking:
    """A fitted logistic regression over `FEATURES`."""

    weights: Mapping[str, float]
    bias: float

    @classmethod
    def open(cls) -> "Ranking":
        """Load the shipped weights."""
        return cls(*logistic.load("ranking.json"))

    def probability(self, item: Evidence) -> float:
        """The probability that a judged candidate answers the question, in 0..1."""
        return logistic.probability(self.weights, self.bias, features(item))


def _logit(probability: float) -> float:
    p = min(max(probability, _LEAST), 1 - _LEAST)
    return math.log(p / (1 - p))
