"""Writes quotations one after the other, each with the month of its event if the sentence itself has no year."""

from collections.abc import Sequence

from assistant.answering.composition import Piece, compose, escape, unstated_month
from assistant.draft import Draft


def draft_of(pieces: Sequence[Piece], began: float, note: str = "") -> Draft:
    """Return the answer that quotes some sentences, after a note in our own words.

    Args:
        pieces: The sentences, at least one.
        began: When the work began, in seconds of `time.perf_counter`.
        note: What the sentences do not answer; may be empty.
    """
    text, sentences, citations = compose(pieces, _month)
    text = "\n\n".join([*([escape(note)] if note else []), text])
    found = tuple(dict.fromkeys(piece.entry.id for piece in pieces))
    return Draft(text, sentences, citations, 1.0, began, None, found)


def _month(piece: Piece, _previous: str | None) -> str:
    """The month of an event before a sentence without a year: "May 2024: "."""
    month = unstated_month(piece)
    return f"{month}: " if month else ""
