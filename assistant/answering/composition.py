"""Turns chosen quotations into the text of an answer, its sentences and its numbered citations."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.answer import Citation, Sentence
from assistant.understanding.vocabulary import names_in
from index import dates
from index.generation import Index
from index.models import AnyEntry, Event, heading_of

from .definitions import sentence_spans

_MARKUP = re.compile(r"([\\`*_\[\]<>~|&])")
Introduce = Callable[["Piece", str | None], str]
"""Returns the words before a quotation; gets the id of the entry quoted before it, or None."""
_BLOCK = re.compile(r"^(?:#{1,6}|[-+]|\d{1,9}[.)])(?:\s|$)|^(?:=|-{2})")


@dataclass(frozen=True, slots=True)
class Piece:
    """One quotation: a range of characters in a field of an entry."""

    entry: AnyEntry
    field: str
    start: int
    end: int

    @property
    def quote(self) -> str:
        """Exactly the characters of the field."""
        return self.entry.texts()[self.field][self.start : self.end]

    def citation(self, number: int) -> Citation:
        """The citation of this quotation under a number."""
        entry = self.entry
        source = getattr(entry, "source", None)
        place = (self.field, self.quote, self.start, self.end)
        return Citation(number, entry.id, entry.kind, entry.title, entry.date, source, entry.url, *place)


def title_piece(entry: AnyEntry) -> Piece:
    """The title of an entry as a quotation."""
    return Piece(entry, "title", 0, len(entry.title))


def first_sentence(index: Index, entry: AnyEntry) -> Piece | None:
    """The first sentence of an entry's summary, TL;DR or description."""
    field = next((name for name in entry.texts() if name in {"summary", "tldr", "description"}), None)
    spans = sentence_spans(index, entry, field) if field else ()
    return Piece(entry, field, *spans[0]) if field and spans else None


def compose(
    pieces: Sequence[Piece], introduce: Introduce | None = None
) -> tuple[str, tuple[Sentence, ...], tuple[Citation, ...]]:
    """Write quotations as Markdown; return the text, its sentences and its citations.

    Consecutive quotations of one entry form a paragraph.

    Args:
        pieces: The quotations.
        introduce: Returns the words before a quotation; by default `introduction`.
    """
    introduce = introduce or introduction
    sentences: list[Sentence] = []
    citations: list[Citation] = []
    paragraphs: list[list[str]] = []
    previous: str | None = None
    for number, piece in enumerate(pieces, start=1):
        text = " ".join(f"{introduce(piece, previous)}{piece.quote}".split())
        citations.append(piece.citation(number))
        sentences.append(Sentence(text, (number,), 1.0))
        if piece.entry.id != previous:
            paragraphs.append([])
        paragraphs[-1].append(f"{escape(text)} [{number}]")
        previous = piece.entry.id
    return "\n\n".join(" ".join(parts) for parts in paragraphs), tuple(sentences), tuple(citations)


def introduction(piece: Piece, previous: str | None) -> str:
    """The words before a quotation, with a colon and a space at the end; may be empty.

    A glossary definition gets its term, unless it contains it. The first quotation of an event gets its month, unless it
    states a year, and its only organisation, unless it names anybody: "OpenAI, January 2022: ".
    """
    entry, quote = piece.entry, piece.quote
    heading = heading_of(entry, piece.field)
    if piece.field.startswith("terms.") and heading is not None:
        term = re.sub(r"\s*\(.*?\)", "", heading)
        has_term = term.casefold() in quote[: len(heading) + 20].casefold()
        return "" if has_term else f"{heading[:1].upper()}{heading[1:]}: "
    if entry.id == previous or not isinstance(entry, Event):
        return ""
    names_actor = any(not at_start for _, _, at_start in names_in(quote)) or any(
        name in quote for name in entry.organisations
    )
    who = entry.organisations[0] if len(entry.organisations) == 1 and not names_actor else None
    parts = [part for part in (who, unstated_month(piece)) if part]
    return f"{', '.join(parts)}: " if parts else ""


def unstated_month(piece: Piece) -> str | None:
    """The month of the event that is quoted; None for a quotation that states a year, where the month would only confuse."""
    entry = piece.entry
    if not isinstance(entry, Event) or not entry.date or dates.YEAR.search(piece.quote):
        return None
    return dates.in_words(entry.date[:7])


def escape(text: str) -> str:
    """Escape Markdown, so that a text is shown exactly as it is written: entries may contain markup.

    Brackets are escaped too, so that every `[n]` left in an answer is a citation marker.
    """
    line = _MARKUP.sub(r"\\\1", " ".join(text.split()))
    block = _BLOCK.match(line)
    if block is None:
        return line
    # In "12. " the backslash goes before the full stop, in all other cases before the first character.
    at = next((place for place, character in enumerate(line) if not character.isdigit()), 0)
    return f"{line[:at]}\\{line[at:]}"
