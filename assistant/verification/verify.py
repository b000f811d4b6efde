"""Judges whether the evidence supports a generated sentence: the cross-encoder's score, lowered by checks without a model."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from index import sentences
from index.lexical import terms

from . import claim_checks as checks
from .claim_checks import Fault, FaultKind
from .cross_encoder import CrossEncoder

WORKING_POINT = 0.5
"""A claim with less support than this is not shown."""
MIN_SHARED_WORDS = 0.6
"""Without a cross-encoder, the share of a claim's words that its evidence must contain."""
MAX_EVIDENCE_CHARACTERS = 700
"""Evidence that the cross-encoder gets with a claim, about 160 tokens: as much as in training."""
PENALTIES: dict[FaultKind, float] = {
    "number": 6.0,
    "date": 4.0,
    "name": 4.0,
    "negation": 2.0,
    "comparative": 4.0,
    "subject": 4.0,
}
"""Taken off the log odds of support for each fault; docs/reader.md has the measurements."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence and the texts that should support it: texts of the cited entries with their titles and dates."""

    text: str
    evidence: tuple[str, ...]
    subject: str = ""
    """The text that a pronoun at its start refers to: the sentence before, or the question."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The result for a claim: its support in 0..1, and what the evidence lacks."""

    support: float
    faults: tuple[Fault, ...]

    @property
    def reason(self) -> str | None:
        """Why the claim is not shown; None if it is."""
        if self.support >= WORKING_POINT:
            return None
        return self.faults[0].reason if self.faults else "the cited entry does not say this"


class Verifier:
    """Judges claims; without a cross-encoder by words only."""

    def __init__(self, cross_encoder: CrossEncoder | None) -> None:
        self._cross_encoder = cross_encoder

    def judge(self, claims: Sequence[Claim]) -> list[Judgement]:
        """Judge each claim; the support of several sentences is that of the least supported one."""
        evidence = [[part for text in claim.evidence for part in _sentences(text)] for claim in claims]
        texts = [_sentences(claim.text) or [""] for claim in claims]
        pairs = [(text, parts) for own, parts in zip(texts, evidence, strict=True) for text in own]
        supports = iter(self._support(pairs))
        judgements = []
        for claim, own, parts in zip(claims, texts, evidence, strict=True):
            faults = checks.faults(claim.text, parts, subject=claim.subject)
            least = min([next(supports) for _ in own])
            judgements.append(Judgement(_lowered(least, faults), tuple(faults)))
        return judgements

    def _support(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> list[float]:
        if self._cross_encoder is None:
            return [_shared(claim, parts) for claim, parts in pairs]
        focused = [(claim, focus(claim, parts)) for claim, parts in pairs]
        return [float(value) for value in self._cross_encoder.supports(focused)]


def _sentences(text: str) -> list[str]:
    return [text[begin:end] for begin, end in sentences.split(text)]


def _lowered(support: float, faults: Sequence[Fault]) -> float:
    """The support after the penalties for faults; each kind of fault counts at most twice."""
    sure = min(max(support, 1e-6), 1 - 1e-6)
    counts = Counter(fault.kind for fault in faults)
    penalty = sum(PENALTIES[kind] * min(2, count) for kind, count in counts.items())
    return 1 / (1 + math.exp(-(math.log(sure / (1 - sure)) - penalty)))


def _shared(claim: str, parts: Sequence[str]) -> float:
    """The share of the claim's words in the evidence, scaled so that `MIN_SHARED_WORDS` becomes the working point."""
    claim_words = set(terms(claim))
    if not claim_words:
        return 0.0
    share = len(claim_words & set(terms(" ".join(parts)))) / len(claim_words)
    return min(1.0, share * WORKING_POINT / MIN_SHARED_WORDS)


def focus(claim: str, parts: Sequence[str], *, most: int = MAX_EVIDENCE_CHARACTERS) -> str:
    """The sentences closest to a claim, in their order, up to `most` characters; at least one."""
    if sum(len(part) + 1 for part in parts) <= most:
        return " ".join(parts)
    claim_words = set(terms(claim))
    frequency: dict[str, int] = {}
    words = [set(terms(part)) for part in parts]
    for own in words:
        for word in own & claim_words:
            frequency[word] = frequency.get(word, 0) + 1
    weight = [sum(1 / frequency[word] ** 0.5 for word in own & claim_words) / (5 + len(own)) ** 0.25 for own in words]
    chosen: set[int] = set()
    size = 0
    for place in sorted(range(len(parts)), key=lambda number: -weight[number]):
        if weight[place] <= 0 and chosen:
            break
        if size + len(parts[place]) + 1 > most and chosen:
            continue
        chosen.add(place)
        size += len(parts[place]) + 1
    return " ".join(parts[place] for place in sorted(chosen))
