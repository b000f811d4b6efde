"""Is a generated sentence carried by its evidence? The reader's score, and checks that need no model."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from index import sentences
from index.lexical import terms

from . import claim_checks as checks
from .claim_checks import Fault, Kind
from .cross_encoder import Reader

WORKING_POINT = 0.5
"""Support below this is not shown."""
WITHOUT_READER = 0.6
"""Share of a claim's words that its evidence must hold where there is no reader."""
FOCUS = 700
"""Characters of evidence that are read with a claim, about 160 tokens: as much as the reader saw in training."""
PENALTIES: dict[Kind, float] = {
    "number": 6.0,
    "date": 4.0,
    "name": 4.0,
    "negation": 2.0,
    "comparative": 4.0,
    "subject": 4.0,
}
"""What a fault takes from the log odds of support; the figures are in docs/reader.md."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence and what is to carry it: texts of the cited entries, their titles and dates among them."""

    text: str
    evidence: tuple[str, ...]
    subject: str = ""
    """What a pronoun at its start refers to: the sentence before, or the question."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found about a claim: `support` in 0..1 and what its evidence lacks."""

    support: float
    faults: tuple[Fault, ...]

    @property
    def reason(self) -> str | None:
        """Why the claim is not shown; None where it is."""
        if self.support >= WORKING_POINT:
            return None
        return self.faults[0].reason if self.faults else "the cited entry does not say this"


class Verifier:
    """Judges claims; without a reader by words alone."""

    def __init__(self, reader: Reader | None) -> None:
        self._reader = reader

    def judge(self, claims: Sequence[Claim]) -> list[Judgement]:
        """A judgement for each claim, in their order.

        A claim of several sentences is carried as well as the least carried of them.
        """
        cut = [[part for text in claim.evidence for part in _sentences(text)] for claim in claims]
        said = [_sentences(claim.text) or [""] for claim in claims]
        base = self._carried([(one, parts) for each, parts in zip(said, cut, strict=True) for one in each])
        found = []
        at = 0
        for claim, each, parts in zip(claims, said, cut, strict=True):
            lacking = checks.faults(claim.text, parts, subject=claim.subject)
            least = min(base[at : at + len(each)])
            at += len(each)
            found.append(Judgement(_lowered(least, lacking), tuple(lacking)))
        return found

    def _carried(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> list[float]:
        if self._reader is None:
            return [_shared(claim, parts) for claim, parts in pairs]
        return [float(one) for one in self._reader.supports([(claim, focus(claim, parts)) for claim, parts in pairs])]


def _sentences(text: str) -> list[str]:
    return [text[begin:end] for begin, end in sentences.split(text)]


def _lowered(support: float, lacking: Sequence[Fault]) -> float:
    """Support less what the faults take from it, each kind twice at the most."""
    sure = min(max(support, 1e-6), 1 - 1e-6)
    counts = Counter(fault.kind for fault in lacking)
    taken = sum(PENALTIES[kind] * min(2, count) for kind, count in counts.items())
    return 1 / (1 + math.exp(-(math.log(sure / (1 - sure)) - taken)))


def _shared(claim: str, parts: Sequence[str]) -> float:
    """Share of the claim's words in the evidence, so that `WITHOUT_READER` becomes the working point."""
    said = set(terms(claim))
    if not said:
        return 0.0
    share = len(said & set(terms(" ".join(parts)))) / len(said)
    return min(1.0, share * WORKING_POINT / WITHOUT_READER)


def focus(claim: str, parts: Sequence[str], *, most: int = FOCUS) -> str:
    """The sentences nearest to a claim, in their order, as many as can be read with it."""
    if sum(len(part) + 1 for part in parts) <= most:
        return " ".join(parts)
    said = set(terms(claim))
    frequency: dict[str, int] = {}
    words = [set(terms(part)) for part in parts]
    for held in words:
        for word in held & said:
            frequency[word] = frequency.get(word, 0) + 1
    weight = [sum(1 / frequency[word] ** 0.5 for word in held & said) / (5 + len(held)) ** 0.25 for held in words]
    chosen: set[int] = set()
    size = 0
    for place in sorted(range(len(parts)), key=lambda one: -weight[one]):
        if weight[place] <= 0 and chosen:
            break
        if size + len(parts[place]) + 1 > most and chosen:
            continue
        chosen.add(place)
        size += len(parts[place]) + 1
    return " ".join(parts[place] for place in sorted(chosen))
