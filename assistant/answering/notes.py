"""The notes around an answer: what is not certain about it, and what it leaves out."""

from collections.abc import Sequence

from assistant.understanding.wording import halves

from . import refusal
from .composition import escape
from .evidence import Evidence
from .selection import MIN_CHANCE

UNSURE = 0.3
"""An answer whose first sentence has a lower probability gets a note: about one in three of these answers."""
UNANSWERED = 0.15
"""One of two questions in a message has no answer if no sentence has this probability of answering it."""


def added(text: str, question: str, evidence: Sequence[Evidence], names: Sequence[str]) -> str:
    """Return the text of an answer with its note; unchanged without the entry reader.

    Args:
        text: The text of the answer.
        question: The question as the entry reader has read it.
        evidence: The candidates, best first.
        names: Names in the question that the catalogue does not have.
    """
    chance = evidence[0].chance
    if chance is None:
        return text
    if names:
        return f"{escape(refusal.no_entry_mentions(names))} {refusal.NEAREST}\n\n{text}"
    if chance < UNSURE:
        return f"{refusal.UNSURE}\n\n{text}"
    part = _unanswered_half(question, evidence)
    return f"{text}\n\n{escape(refusal.other_part(part))}" if part else text


def _unanswered_half(question: str, evidence: Sequence[Evidence]) -> str | None:
    """The one of two questions in a message that nothing found answers; None if there is none, or if both have no answer."""
    asked = halves(question)
    chances = [item.halves for item in evidence if item.halves is not None]
    if asked is None or not chances:
        return None
    best = [max(values) for values in zip(*chances, strict=True)]
    if min(best) >= UNANSWERED or max(best) < MIN_CHANCE:
        return None
    return asked[best.index(min(best))].rstrip("?.! ")
