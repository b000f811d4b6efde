"""Answer or abstain: is what was asked in the evidence? If not, the reason, in words for the reader."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from assistant.answer import Filters
from assistant.understanding.reading import Reading
from index import dates
from index.models import AnyEntry, Guide

from .abstention_signals import Signals
from .evidence import Evidence


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's decision: `probability` that the evidence answers, and why not where it does not."""

    answers: bool
    probability: float
    reason: str | None = None


def name_of(*, with_vectors: bool, with_reader: bool = False, bare: bool = False) -> str:
    """What a fit is kept under: "words" or "vectors", each perhaps "+reader", perhaps ", bare"."""
    return ("vectors" if with_vectors else "words") + ("+reader" if with_reader else "") + (", bare" if bare else "")


_DESCRIBED = 0.1
"""A catalogue in which fewer of the entries name an organisation, a topic or a term is bare."""


def is_bare(entries: Sequence[AnyEntry]) -> bool:
    """Whether a catalogue has texts and hardly any fields.

    What names a question holds, and what it asks of them, is then read from running text and tells little; the gate
    fitted for such catalogues goes by how well the texts fit alone.
    """
    described = sum(bool(one.organisations or one.topics or (isinstance(one, Guide) and one.terms)) for one in entries)
    return described < _DESCRIBED * len(entries)


@dataclass(frozen=True, slots=True)
class Gate:
    """A logistic regression over the signals; its weights are data, made by `python training/fit_gate.py`."""

    weights: Mapping[str, float]
    bias: float
    threshold: float

    @classmethod
    def open(cls, *, with_vectors: bool, with_reader: bool = False, bare: bool = False) -> "Gate":
        """The gate as fitted for what takes part; without vectors and reader words decide alone."""
        file = resources.files("assistant") / "data" / "gate.json"
        name = name_of(with_vectors=with_vectors, with_reader=with_reader, bare=bare)
        fitted = json.loads(file.read_text("utf-8"))[name]
        return cls(fitted["weights"], fitted["bias"], fitted["threshold"])

    def decide(self, signals: Signals) -> Verdict:
        """Whether evidence with these signals answers; a signal without a weight counts for nothing."""
        logit = self.bias + sum(self.weights.get(name, 0.0) * value for name, value in signals.items())
        probability = 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
        return Verdict(probability >= self.threshold, probability)


def reason(
    reading: Reading,
    evidence: Sequence[Evidence],
    filters: Filters,
    names: Sequence[str],
    unknown: Sequence[str],
    *,
    about: str | None = None,
    wanted: str | None = None,
) -> str:
    """Why there is no answer, as a sentence for the reader.

    Args:
        reading: The question as it was read.
        evidence: The best sentences, best first; may be empty.
        filters: What the search was restricted to.
        names: Names in the question that the catalogue does not have.
        unknown: Other words of the question that the catalogue does not have, as the reader wrote them.
        about: The title of the entry that the question's own names stand for and that was found first.
        wanted: What was asked for, as `wanted.wanted` says it.
    """
    if names:
        return f"The catalogue has no entry that mentions {_listed(names)}."
    if filters.since or filters.until:
        return f"The catalogue has no entry {_when(filters)} that answers this."
    if about and wanted:
        return f"The catalogue has “{about}”, but no sentence found there says {wanted}."
    if unknown and len(unknown) <= 3:
        return f"Nothing in the catalogue speaks of {_listed(unknown)}."
    if not evidence or evidence[0].score < 0.3:
        return "The catalogue has nothing near this question."
    if wanted:
        return f"The catalogue has entries near this question, but no sentence found there says {wanted}."
    kind = {
        "amount": "but not the number you ask for",
        "time": "but not when that was",
        "person": "but not who that was",
        "place": "but not where that was",
        "reason": "but not the reason you ask for",
    }.get(reading.asked, "but nothing that answers this")
    return f"The catalogue has entries near this question, {kind}."


def _when(filters: Filters) -> str:
    since, until = filters.since, filters.until
    if since and since == until:
        return f"from {dates.in_words(since)}"
    if since and until:
        return f"between {dates.in_words(since)} and {dates.in_words(until)}"
    return f"since {dates.in_words(since)}" if since else f"up to {dates.in_words(until or '')}"


def _listed(words: Sequence[str]) -> str:
    quoted = [f"“{word}”" for word in words[:3]]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
