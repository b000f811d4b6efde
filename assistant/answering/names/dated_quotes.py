"""Writes quotations one after the other, each with the month of its event if the sentence itself has no year."""

import re
from collections.abc import Sequence

from assistant.answer import Citation, Sentence
from assistant.answering.composition import Piece, escape
from assistant.draft import Draft
from index import dates
from index.models import Event

_YEAR = re.compile(r"\b(?:1[89]|20)\d\d\b")


def draft_of(pieces: Sequence[Piece], began: float, note: str = "") -> Draft:
    """Return the answer that quotes some sentences, after a note in our own words.

    Args:
        pieces: The sentences, at least one.
        began: When the work began, in seconds of `time.perf_counter`.
        note: What the sentences do not answer; may be empty.
    """
    sentences: list[Sentence] = []
    citations: list[Citation] = []
    paragraphs: list[list[str]] = []
    previous = None
    for number, piece in enumerate(pieces, start=1):
        text = " ".join(f"{_month(piece)}{piece.quote}".split())
        citations.append(piece.citation(number))
        sentences.append(Sentence(text, (number,), 1.0))
        if piece.entry.id != previous:
            paragraphs.append([])
        paragraphs[-1].append(f"{escape(text)} [{number}]")
        previous = piece.entry.id
    text = "\n\n".join([*([escape(note)] if note else []), *(" ".join(parts) for parts in paragraphs)])
    found = tuple(dict.fromkeys(piece.entry.id for piece in pieces))
    return Draft(text, tuple(sentences), tuple(citations), 1.0, began, None, found)


def _month(piece: Piece) -> str:
    """The month of an event before a sentence without a year: "May 2024: "."""
    entry = piece.entry
    if not isinstance(entry, Event) or not entry.date or _YEAR.search(piece.quote):
        return ""
    return f"{dates.in_words(entry.date[:7])}: "
