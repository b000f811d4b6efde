"""The default answerer: sentences of the catalogue, chosen, ordered and each tied to its exact characters."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.answer import Citation, Mode, Sentence
from index import dates
from index.generation import Index
from index.models import AnyEntry, Event, Guide, Level, heading_of

from .evidence import Evidence
from .levels import EXPLAINED, ROOM, Glossary, Room, suited

SUMMARY_SENTENCES = 15
SUMMARY_ROOM = Room(SUMMARY_SENTENCES, 8, 0.62)
SAME_ENTRY = 0.62
"""The share of the best score that a sentence of the same entry needs: an answer is seldom one sentence long."""
SAME = 0.86
"""Sentences more alike than this say the same thing: the better one is kept."""

_LEANS = re.compile(
    r"\W*(?:It|Its|It['’]s|He|His|She|Her|They|Their|This|That|These|Those|Such|However|But|And|Or|So|Also|Instead|Then|There|Both|Neither|"
    r"Another|Others?|Similarly|Likewise|Moreover|Furthermore|Therefore|Thus|Nevertheless|Still|Yet|Meanwhile|Afterwards|Later|Consequently|"
    r"For example|For instance|In addition|In contrast|As a result|By contrast|On the other hand|The (?:same|latter|former|other|two|three))\b"
)
_ORDER = {"terms": 0, "tldr": 1, "summary": 2, "description": 2, "sections": 3, "key_takeaways": 4}


@dataclass(frozen=True, slots=True)
class Definition:
    """Sentences that say what a thing is: a glossary term, or the opening of a guide."""

    entry: AnyEntry
    field: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """One sentence chosen."""

    entry: AnyEntry
    field: str
    start: int
    end: int

    @property
    def quote(self) -> str:
        """Exactly the field's characters."""
        return self.entry.texts()[self.field][self.start : self.end]

    def citation(self, number: int) -> Citation:
        """The quotation under a number."""
        entry = self.entry
        source = getattr(entry, "source", None)
        place = (self.field, self.quote, self.start, self.end)
        return Citation(number, entry.id, entry.kind, entry.title, entry.date, source, entry.url, *place)


def choose(
    evidence: Sequence[Evidence],
    likeness: Callable[[Evidence, Evidence], float],
    *,
    mode: Mode,
    level: Level,
    definition: Definition | None = None,
    answer_first: bool = False,
) -> list[Piece]:
    """The pieces of an answer in reading order: the definition first, then the best sentences by entry.

    The level decides how many and which are preferred (`assistant.levels`). With `answer_first` the best sentence comes
    before those around it, unless it leans on them.
    """
    rules = SUMMARY_ROOM if mode == "summary" else ROOM[level]
    limit = rules.sentences
    pieces: list[Piece] = []
    if definition is not None:
        pieces = [Piece(definition.entry, definition.field, *span) for span in definition.spans[:limit]]
    chosen: list[Evidence] = []
    room = min(limit - len(pieces), 2 if definition is not None and mode == "chat" else limit)
    best = evidence[0].score if evidence else 0.0
    entries = {piece.entry.id for piece in pieces}
    for one in suited(evidence, level):
        if len(chosen) >= room:
            break
        share = SAME_ENTRY if one.entry.id == evidence[0].entry.id else rules.near_best
        # The best one is in whatever its score: a share of a score below 0 would leave all of them out.
        if one is not evidence[0] and one.score < share * best:
            continue
        if one.entry.id not in entries and len(entries) >= rules.entries:
            continue
        if definition is not None and one.field.startswith("terms."):
            continue  # what another word means does not say what this one is
        if _is_told(one, pieces) or any(likeness(one, other) > SAME or one.text == other.text for other in chosen):
            continue
        chosen.append(one)
        entries.add(one.entry.id)
    ordered = _in_order(chosen, [piece.entry.id for piece in pieces])
    if answer_first and not pieces and chosen and not leans(chosen[0].text):
        best_piece = Piece(chosen[0].entry, chosen[0].field, chosen[0].start, chosen[0].end)
        ordered = [best_piece, *(piece for piece in ordered if piece != best_piece)]
    return pieces + ordered


def leans(text: str) -> bool:
    """Whether a sentence begins so that it needs the one before it."""
    return _LEANS.match(text) is not None


def explained(pieces: Sequence[Piece], glossary: Glossary, met: str, *, most: int = EXPLAINED) -> list[Piece]:
    """Pieces with the definitions of words that the reader has not met, each after the paragraph that first has it."""
    told = {(piece.entry.id, piece.field) for piece in pieces}
    found: list[Piece] = []
    added = 0
    for number, piece in enumerate(pieces):
        found.append(piece)
        if number + 1 < len(pieces) and pieces[number + 1].entry.id == piece.entry.id:
            continue
        begin = next(n for n in range(number, -1, -1) if n == 0 or pieces[n - 1].entry.id != piece.entry.id)
        text = " ".join(one.quote for one in pieces[begin : number + 1])
        for word in glossary.unmet(text, met, lambda word: (word.entry.id, word.field) in told):
            if added < most:
                found.append(Piece(word.entry, word.field, word.start, word.end))
                told.add((word.entry.id, word.field))
                added += 1
    return found


def _is_told(one: Evidence, pieces: Sequence[Piece]) -> bool:
    """Whether a sentence, or another of the same words, is among the pieces."""
    where = (one.entry.id, one.field, one.start)
    return any(where == (piece.entry.id, piece.field, piece.start) or one.text == piece.quote for piece in pieces)


def _in_order(chosen: Sequence[Evidence], first: Sequence[str]) -> list[Piece]:
    """Entries in the order of their best sentence, sentences of one entry in the order they are read."""
    entries = list(dict.fromkeys([*first, *(one.entry.id for one in chosen)]))
    ordered = sorted(chosen, key=lambda one: (entries.index(one.entry.id), _place(one.field), one.start))
    return [Piece(one.entry, one.field, one.start, one.end) for one in ordered]


def _place(field: str) -> tuple[int, int]:
    name, _, rest = field.partition(".")
    return _ORDER.get(name, 9), int(rest.partition(".")[0]) if rest else 0


def define(index: Index, entry_ids: Sequence[str], subject_key: Callable[[str], bool]) -> Definition | None:
    """What the catalogue's guides say a subject is.

    A guide whose title is the subject gives its TL;DR, else a glossary term that is the subject its definition.

    Args:
        index: The open index.
        entry_ids: Entries that the subject's name stands for, best first.
        subject_key: Tells whether a text is the subject.
    """
    guides = [entry for name in entry_ids if isinstance(entry := index.catalogue.by_id.get(name), Guide)]
    for guide in guides:
        heads = re.split(r":\s|\s[—–]\s", guide.title)
        inside = re.findall(r"\((.*?)\)", guide.title)
        if any(
            subject_key(text)
            for text in (guide.title, re.sub(r"\(.*?\)", "", guide.title), heads[0], *inside, guide.id)
        ):
            spans = _spans(index, guide, "tldr")
            if spans:
                return Definition(guide, "tldr", spans)
    for guide in guides:
        for number, term in enumerate(guide.terms):
            inside = re.findall(r"\((.*?)\)", term.term)
            if any(subject_key(text) for text in (term.term, re.sub(r"\(.*?\)", "", term.term), *inside)):
                field = f"terms.{number}.definition"
                spans = _spans(index, guide, field)
                if spans:
                    return Definition(guide, field, spans)
    return None


def _spans(index: Index, entry: AnyEntry, field: str) -> tuple[tuple[int, int], ...]:
    return tuple(
        (sentence.start, sentence.end)
        for place in index.passages_of.get(entry.id, ())
        if index.passages[place].field == field
        for sentence in (index.sentences[n] for n in index.sentences_of.get(place, ()))
    )


def first_sentence(index: Index, entry: AnyEntry) -> Piece | None:
    """The opening of what an entry says: of its summary, TL;DR or description."""
    field = next((name for name in entry.texts() if name in {"summary", "tldr", "description"}), None)
    spans = _spans(index, entry, field) if field else ()
    return Piece(entry, field, *spans[0]) if field and spans else None


def compose(pieces: Sequence[Piece]) -> tuple[str, tuple[Sentence, ...], tuple[Citation, ...]]:
    """The text with its markers, the sentences and the citations of chosen pieces.

    Sentences of one entry stand in one paragraph, which an event's date and source introduce.
    """
    sentences: list[Sentence] = []
    citations: list[Citation] = []
    paragraphs: list[list[str]] = []
    before: str | None = None
    for number, piece in enumerate(pieces, start=1):
        quote = piece.quote
        entry = piece.entry
        lead = introduction(entry, piece.field, quote, first=entry.id != before)
        text = " ".join(f"{lead}{quote}".split())
        citations.append(piece.citation(number))
        sentences.append(Sentence(text, (number,), 1.0))
        if entry.id != before:
            paragraphs.append([])
        paragraphs[-1].append(f"{escape(text)} [{number}]")
        before = entry.id
    return "\n\n".join(" ".join(parts) for parts in paragraphs), tuple(sentences), tuple(citations)


def introduction(entry: AnyEntry, field: str, quote: str, *, first: bool) -> str:
    """What stands before a quotation: "OpenAI, January 2022: " before an event's first, a glossary term's name."""
    heading = heading_of(entry, field)
    if field.startswith("terms.") and heading is not None:
        bare = re.sub(r"\s*\(.*?\)", "", heading)
        return (
            "" if bare.casefold() in quote[: len(heading) + 20].casefold() else f"{heading[:1].upper()}{heading[1:]}: "
        )
    if not first or not isinstance(entry, Event):
        return ""
    who = next((name for name in (*entry.organisations[:1], entry.source) if name and name not in quote), None)
    when = dates.in_words(entry.date[:7]) if entry.date else None
    parts = [part for part in (who, when) if part]
    return f"{', '.join(parts)}: " if parts else ""


_MARKUP = re.compile(r"([\\`*_\[\]<>~|&])")
_BLOCK = re.compile(r"^(?:#{1,6}|[-+]|\d{1,9}[.)])(?:\s|$)|^(?:=|-{2})")


def escape(text: str) -> str:
    """Text as Markdown that shows it as it is: entries are other people's words and may hold markup.

    Brackets are escaped too, so that every `[n]` left is a marker.
    """
    line = _MARKUP.sub(r"\\\1", " ".join(text.split()))
    block = _BLOCK.match(line)
    if block is None:
        return line
    # In "12. " the full stop carries the mark, in all others the first character.
    at = next((n for n, character in enumerate(line) if not character.isdigit()), 0)
    return f"{line[:at]}\\{line[at:]}"
