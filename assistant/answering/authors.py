"""Who wrote an entry, and what somebody wrote: answers from the field `authors`.

A name is one that the field holds, whole or by its last part where that is only one author's. Any other question, and
any name that the field does not hold, is left to the rest of the assistant.
"""

import re
import time
from collections.abc import Sequence
from datetime import date
from functools import cached_property

from assistant.answer import Citation, Intent, Sentence
from assistant.query_engine import Draft
from assistant.understanding import reading as questions
from assistant.understanding.phrases import OPENER, TELL_ME
from assistant.understanding.restrictions import span_in_words
from assistant.understanding.vocabulary import Key, key_of
from index import dates
from index.catalogue import Catalogue, newest_first
from index.models import AnyEntry

from .selection import Piece, escape

MOST_AUTHORS = 100
"""Authors of one entry that are named; further ones are counted."""
_MOST_ENTRIES = 3
_BEFORE = rf"^{OPENER}{TELL_ME}?+"
_OF = (
    r"(?:who (?:wrote|authored|co-?authored|penned)"
    r"|who(?:'s|’s| is| are| was| were) the (?:co-?)?(?:authors?|writers?) of"
    r"|(?:name|list|give me|show me|what are) the authors of|(?:the )?authors? of|by whom (?:was|is))"
)
_WROTE = re.compile(rf"{_BEFORE}{_OF}\s+(?P<work>[^\n]+)$", re.IGNORECASE)
_THING = re.compile(
    r"^(?:the|this|that)?\s*(?:research )?(?:paper|article|preprint|post|blog post|report|book|thesis|study|entry|work)?"
    r"\s*(?:called|titled|entitled|named)?\s+",
    re.IGNORECASE,
)
_WORKS = r"(?:papers?|publications?|articles?|preprints?|reports?|books?|posts?|works?|entries|studies|things)"
_DONE = r"(?:published|publish|written|write|wrote|authored|author|co-?authored)"
_WHAT = rf"what (?:else )?(?:has|have|did|does) (?P<name>[^\n?]+?) {_DONE}\b[^\n]*"
_WHICH = (
    rf"(?:which|what|how many) (?:of the )?{_WORKS} (?:has|have|did|does|do) (?P<name>[^\n?]+?)"
    rf" (?:have {_DONE}|have|{_DONE})\b[^\n]*"
)
_BY = (
    rf"(?:(?:list|show|show me|give me|find|what are|which are|how many|what|which) )?(?:all )?(?:the )?{_WORKS}"
    r" (?:(?:are|were|is) )?(?:there )?(?:written )?(?:by|from) (?P<name>[^\n?]+)"
)
_PATTERNS = tuple(re.compile(rf"{_BEFORE}{pattern}$", re.IGNORECASE) for pattern in (_WHAT, _WHICH, _BY))
_COUNT = re.compile(r"\bhow many\b", re.IGNORECASE)
_DATED = re.compile(r"\s+(?:in|since|before|after|until|from|during|between|up to|last|this)\b.*$", re.IGNORECASE)


class Authors:
    """Answers about the authors of one catalogue's entries."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def answer(self, text: str, today: date) -> tuple[Draft, Intent] | None:
        """The draft and what was asked for; None for a question about something else."""
        if not self._by_author:
            return None
        line = " ".join(text.split()).rstrip(" ?.!")
        if match := _WROTE.match(line):
            return self._of_work(match["work"])
        for pattern in _PATTERNS:
            if match := pattern.match(line):
                found = self._by_name(match["name"], line, today)
                if found is not None:
                    return found
        return None

    def _of_work(self, work: str) -> tuple[Draft, Intent] | None:
        began = time.perf_counter()
        entries = self._named(work)
        if not entries:
            return None
        sentences: list[Sentence] = []
        citations: list[Citation] = []
        lines: list[str] = []
        for entry in entries:
            pieces = [Piece(entry, "title", 0, len(entry.title)), *_authors_of(entry)]
            numbers = range(len(citations) + 1, len(citations) + 1 + len(pieces))
            citations += [piece.citation(number) for piece, number in zip(pieces, numbers, strict=True)]
            names = [" ".join(piece.quote.split()) for piece in pieces[1:]]
            more = len(getattr(entry, "authors", ())) - len(names)
            rest = f", and {more:,} more" if more > 0 else ""
            title = " ".join(entry.title.split())
            text = f"“{title}” was written by {_listed(names)}{rest}."
            sentences.append(Sentence(text, tuple(numbers), 1.0))
            lines.append(f"{escape(text)} {''.join(f'[{number}]' for number in numbers)}")
        found = tuple(entry.id for entry in entries)
        return Draft("\n\n".join(lines), tuple(sentences), tuple(citations), 1.0, began, found=found), "lookup"

    def _named(self, work: str) -> list[AnyEntry]:
        """The entries with authors that a title names: the same title before one that holds it."""
        bare = work.strip(" \"'“”‘’.")
        said = [key for key in (key_of(bare), key_of(_THING.sub("", bare, count=1).strip(" \"'“”‘’"))) if key]
        titled = self._titled
        by_id = [entry for entry, _ in titled if entry.id == bare]
        same = by_id or [entry for entry, key in titled if key in said]
        if same:
            return same[:_MOST_ENTRIES]
        holding = [entry for entry, key in titled if any(_holds(key, words) for words in said)]
        return holding if len(holding) <= _MOST_ENTRIES else []

    def _by_name(self, name: str, line: str, today: date) -> tuple[Draft, Intent] | None:
        began = time.perf_counter()
        known = self._author(name) or self._author(_DATED.sub("", name))
        if known is None or known in self._organisations:
            return None
        since, until = questions.dates_in(line, today)
        entries = newest_first([one for one in self._by_author[known][1] if dates.within(one.date, since, until)])
        shown = self._by_author[known][0]
        span = f" {span_in_words(since, until)}" if since or until else ""
        if not entries:
            reason = f"The catalogue has no entries by {shown}{span}."
            near = tuple(entry.id for entry in self._by_author[known][1][:3])
            return Draft("", (), (), 0.0, began, reason, near, total=0), "list"
        noun = "entry" if len(entries) == 1 else "entries"
        sentences, citations, items = [], [], []
        for number, entry in enumerate(entries, start=1):
            citations.append(Piece(entry, "title", 0, len(entry.title)).citation(number))
            titled = f"{dates.in_words(entry.date)}: {entry.title}" if entry.date else entry.title
            sentences.append(Sentence(" ".join(titled.split()), (number,), 1.0))
            items.append(f"- {escape(titled)} [{number}]")
        lead = escape(f"{len(entries):,} {noun} by {shown}{span}:")
        text = "\n".join([f"{lead}\n", *items])
        draft = Draft(text, tuple(sentences), tuple(citations), 1.0, began, total=len(entries))
        return draft, "count" if _COUNT.search(line) else "list"

    def _author(self, name: str) -> Key | None:
        """The author that a name is: the whole name, or the last part of one author's alone."""
        key = key_of(name.strip(" \"'“”‘’.,"))
        if key in self._by_author:
            return key
        alike = [author for author in self._by_author if key and author[-len(key) :] == key]
        return alike[0] if len(alike) == 1 else None

    @cached_property
    def _titled(self) -> list[tuple[AnyEntry, Key]]:
        """The entries with authors, each with its title as titles are compared."""
        return [(entry, key_of(entry.title)) for entry in self._catalogue.entries if getattr(entry, "authors", ())]

    @cached_property
    def _organisations(self) -> frozenset[Key]:
        """Organisations that entries are of: what these published is more than what names them as its author."""
        return frozenset(key_of(name) for entry in self._catalogue.entries for name in entry.organisations)

    @cached_property
    def _by_author(self) -> dict[Key, tuple[str, list[AnyEntry]]]:
        """By an author's name: the name as it is written first, and the entries."""
        found: dict[Key, tuple[str, list[AnyEntry]]] = {}
        for entry in self._catalogue.entries:
            for key, name in {key_of(name): name for name in getattr(entry, "authors", ())}.items():
                if key:
                    found.setdefault(key, (name, []))[1].append(entry)
        return found


def _authors_of(entry: AnyEntry) -> list[Piece]:
    """Each author as a quotation of the field, in which they stand on lines of their own."""
    pieces = []
    start = 0
    for name in getattr(entry, "authors", ())[:MOST_AUTHORS]:
        pieces.append(Piece(entry, "authors", start, start + len(name)))
        start += len(name) + 1
    return pieces


def _holds(text: Key, words: Key) -> bool:
    return bool(words) and any(text[at : at + len(words)] == words for at in range(len(text) - len(words) + 1))


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
