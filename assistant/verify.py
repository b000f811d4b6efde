"""Is a generated sentence carried by its evidence? The reader's score, and checks that need no model."""

from collections.abc import Sequence
from dataclasses import dataclass

from index import sentences
from index.lexical import terms

from . import faults as checks
from .faults import Fault
from .reader import Reader
from .types import Removed

WORKING_POINT = 0.5
"""Support below this is not shown."""
WITHOUT_READER = 0.6
"""Share of a claim's words that its evidence must hold where there is no reader."""
FOCUS = 900
"""Characters of evidence that are read with a claim, about 200 tokens."""


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
        if self.faults:
            return self.faults[0].reason
        return None if self.support >= WORKING_POINT else "the cited entry does not say this"


class Verifier:
    """Judges claims; without a reader by words alone."""

    def __init__(self, reader: Reader | None) -> None:
        self._reader = reader

    def judge(self, claims: Sequence[Claim]) -> list[Judgement]:
        """A judgement for each claim, in their order."""
        cut = [[part for text in claim.evidence for part in _sentences(text)] for claim in claims]
        found = [
            tuple(checks.faults(claim.text, parts, subject=claim.subject))
            for claim, parts in zip(claims, cut, strict=True)
        ]
        if self._reader is None:
            support = [_shared(claim.text, parts) for claim, parts in zip(claims, cut, strict=True)]
        else:
            pairs = [(claim.text, focus(claim.text, parts)) for claim, parts in zip(claims, cut, strict=True)]
            support = [float(one) for one in self._reader.supports(pairs)]
        return [Judgement(one, lacking) for one, lacking in zip(support, found, strict=True)]

    def sift(self, claims: Sequence[Claim]) -> tuple[list[tuple[Claim, Judgement]], list[Removed]]:
        """The claims that may be shown, and those taken out with their reasons."""
        kept: list[tuple[Claim, Judgement]] = []
        removed: list[Removed] = []
        for claim, judgement in zip(claims, self.judge(claims), strict=True):
            if judgement.reason is None:
                kept.append((claim, judgement))
            else:
                removed.append(Removed(claim.text, judgement.reason))
        return kept, removed


def _sentences(text: str) -> list[str]:
    return [text[begin:end] for begin, end in sentences.split(text)]


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
