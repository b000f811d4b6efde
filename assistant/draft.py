"""The draft of an answer: the answerer's result, before related entries and suggestions are added."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from .answer import Brief, Citation, Removed, Sentence


@dataclass(frozen=True, slots=True)
class Draft:
    """Sentences with citations, or the reason why there are none."""

    text: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    probability: float
    """The probability that the evidence answers the question, in 0..1."""
    began: float
    """Time at which the answerer received the hits, in seconds of `time.perf_counter`."""
    reason: str | None = None
    """Why there is no answer."""
    found: tuple[str, ...] = ()
    """Ids of the entries found, best first."""
    signals: Mapping[str, float] = field(default_factory=dict)
    """The inputs of the abstention model; empty if the model was not used."""
    leading: tuple[str, ...] = ()
    """Ids of the entries of the best sentences: the entries that would be cited without abstention."""
    brief: Brief | None = None
    """The structure of a summary; None for other answers."""
    total: int | None = None
    """For a list or a count: the number of matching entries, all of which are cited."""
    removed: tuple[Removed, ...] = ()
    """Sentences of a language model that were removed, because the catalogue does not support them."""
    near: tuple[str, ...] | None = None
    """For a refusal: ids of the entries found that have to do with the question, nearest first; None if that is not known."""

    @property
    def cited(self) -> frozenset[str]:
        """Ids of the cited entries."""
        return frozenset(citation.entry_id for citation in self.citations)

    def timings_ms(self, started: float) -> dict[str, float]:
        """Return timings in milliseconds, from `started` (seconds of `time.perf_counter`) until now."""
        ended = time.perf_counter()
        return {
            "retrieve": round((self.began - started) * 1000, 1),
            "answer": round((ended - self.began) * 1000, 1),
            "total": round((ended - started) * 1000, 1),
        }


def answer_time(started: float) -> dict[str, float]:
    """Return the timings, in milliseconds, of an answer without a search; `started` is a `time.perf_counter` value."""
    took = round((time.perf_counter() - started) * 1000, 1)
    return {"retrieve": 0.0, "answer": took, "total": took}
