"""What an answerer makes of a question and the search hits, before the rest of the answer is added."""

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
    """When the answerer received the hits, on the performance counter."""
    reason: str | None = None
    """Why there is no answer."""
    found: tuple[str, ...] = ()
    """Ids of the entries found, best first."""
    signals: Mapping[str, float] = field(default_factory=dict)
    """The inputs of the abstention model; empty where it was not used."""
    leading: tuple[str, ...] = ()
    """Ids of the entries of the best sentences: the entries that would be cited without abstention."""
    brief: Brief | None = None
    """The frame of a summary."""
    total: int | None = None
    """For a list or a count: the number of matching entries, all of which are cited."""
    removed: tuple[Removed, ...] = ()
    """Sentences of a language model that are not supported by the catalogue."""

    def timings_ms(self, started: float) -> dict[str, float]:
        """Milliseconds until now of a question that came at `started`, on the performance counter."""
        ended = time.perf_counter()
        return {
            "retrieve": round((self.began - started) * 1000, 1),
            "answer": round((ended - self.began) * 1000, 1),
            "total": round((ended - started) * 1000, 1),
        }
