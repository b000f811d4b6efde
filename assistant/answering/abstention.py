"""Decides whether to answer or to abstain, from the signals of one question.

The decision is a logistic regression. Its weights are data (`assistant/data/gate.json`), fitted by
`python -m training.fit_gate`. The texts that explain a refusal are in `refusal.py`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from assistant import logistic
from index.models import AnyEntry, Guide

from .abstention_signals import Signals

SURE_BESIDE_UNKNOWN_NAME = 0.65
"""A question with a name that the catalogue does not have is answered only from this probability on."""
MIN_DESCRIBED = 0.1
"""Share of entries that must name an organisation, a topic or a term; a catalogue with fewer counts as bare."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether to answer, the probability that the evidence answers the question, and the reason for a refusal."""

    answers: bool
    probability: float
    reason: str | None = None


def name_of(*, with_vectors: bool, with_reader: bool = False, bare: bool = False) -> str:
    """The key of a fit in `gate.json`: "words" or "vectors", optionally followed by "+reader" or by ", bare".

    The entry reader judges texts, whatever fields they have, so with it bare catalogues need no gate of their own.
    """
    kind = "vectors" if with_vectors else "words"
    return f"{kind}+reader" if with_reader else f"{kind}, bare" if bare else kind


def is_bare(entries: Sequence[AnyEntry]) -> bool:
    """Whether a catalogue consists of texts with hardly any fields.

    In such a catalogue the names and the details of a question can only be matched against running text, which says
    little. A gate of its own then looks only at how well the texts fit.
    """
    described = sum(
        bool(entry.organisations or entry.topics or (isinstance(entry, Guide) and entry.terms)) for entry in entries
    )
    return described < MIN_DESCRIBED * len(entries)


@dataclass(frozen=True, slots=True)
class Gate:
    """A fitted logistic regression over the signals."""

    weights: Mapping[str, float]
    bias: float
    threshold: float
    threshold_without_guides: float

    @classmethod
    def open(cls, *, with_vectors: bool, with_reader: bool = False, bare: bool = False) -> "Gate":
        """Load the gate that was fitted for this combination of vectors, entry reader and catalogue."""
        file = resources.files("assistant") / "data" / "gate.json"
        name = name_of(with_vectors=with_vectors, with_reader=with_reader, bare=bare)
        fitted = json.loads(file.read_text("utf-8"))[name]
        threshold = fitted["threshold"]
        return cls(fitted["weights"], fitted["bias"], threshold, fitted.get("threshold_without_guides", threshold))

    def decide(self, signals: Signals, *, with_guides: bool = True) -> Verdict:
        """Decide from the signals; a signal that has no weight is ignored.

        Reports and news answer in more various words than guides, so the entry reader gives them lower
        probabilities: a catalogue without guides has a threshold of its own.
        """
        probability = logistic.probability(self.weights, self.bias, signals)
        answers = probability >= (self.threshold if with_guides else self.threshold_without_guides)
        if signals.get("read") and signals["missing_name"]:
            answers = answers and probability >= SURE_BESIDE_UNKNOWN_NAME
        return Verdict(answers, probability)
