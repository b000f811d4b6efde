"""Answers "Who wrote X?" and "What did X write?" from the field `authors`.

A name matches an author if it is the whole name, or its last part and no other author's. Other questions and unknown names
are left to the rest of the assistant.
"""

import re
import time
from collections.abc import Sequence
from datetime import date
from functools import cached_property

from assistant.answer import Citation, Intent, Sentence
from assistant.answering import refusal
from assistant.answering.composition import Piece, escape, title_piece
from assistant.draft import Draft
from assistant.understanding import reading as questions
from assistant.understanding.phrases import OPENER, TELL_ME
from assistant.understanding.restrictions import span_in_words
from assistant.understanding.vocabulary import Key, key_of
from index import dates
from index.catalogue import Catalogue, newest_first
from index.models import AnyEntry

MAX_AUTHORS = 100
"""Authors of one entry that are named; the others are counted."""
_MAX_WORKS = 3
_NEAREST = 3
_OPENING = rf"^{OPENER}{TELL_ME}?+"
_WHO_WROTE = (
    r"(?:who (?:wrote|authored|co-?authored|penned)"
    r"|who(?:'s|’s| is| are| was| were) the (?:co-?)?(?:authors?|writers?) of"
    r"|(?:name|list|give me|show me|what are) the authors of|(?:the )?authors? of|by whom (?:was|is))"
)
_AUTHORS_OF_WORK = re.compile(rf"{_OPENING}{_WHO_WROTE}\s+(?P<work>[^\n]+)$", re.IGNORECASE)
_KIND_OF_WORK = re.compile(
    r"^(?:the|this|that)?\s*(?:research )?(?:paper|article|preprint|post|blog post|report|book|thesis|study|entry|work)?"
    r"\s*(?:called|titled|entitled|named)?\s+",
    re.IGNORECASE,
)
_WORKS = r"(?:papers?|publications?|articles?|preprints?|reports?|books?|posts?|works?|entries|studies|things)"
_PUBLISHED = r"(?:published|publish|written|write|wrote|authored|author|co-?authored)"
_WHAT = rf"what (?:else )?(?:has|have|did|does) (?P<name>[^\n?]+?) {_PUBLISHED}\b[^\n]*"
_WHICH = (
    rf"(?:which|what|how many) (?:of the )?{_WORKS} (?:has|have|did|does|do) (?P<name>[^\n?]+?)"
    rf" (?:have {_PUBLISHED}|have|{_PUBLISHED})\b[^\n]*"
)
_BY = (
    rf"(?:(?:list|show|show me|give me|find|what are|which are|how many|what|which) )?(?:all )?(?:the )?{_WORKS}"
    r" (?:(?:are|were|is) )?(?:there )?(?:written )?(?:by|from) (?P<name>[^\n?]+)"
)
_PATTERNS = tuple(re.compile(rf"{_OPENING}{pattern}$", re.IGNORECASE) for pattern in (_WHAT, _WHICH, _BY))
_COUNT = re.compile(r"\bhow many\b", re.IGNORECASE)
_PERIOD = re.compile(r"\s+(?:in|since|before|after|until|from|during|between|up to|last|this)\b.*$", re.IGNORECASE)


class Authors:
    """Answers questions about the authors of one catalogue's entries."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def answer(self, text: str, today: date) -> tuple[Draft, Intent] | None:
        """Answer a question about authors; return the draft and the intent, or None for any other question."""
        if not self._by_author:
            return None
        line = " ".join(text.split()).rstrip(" ?.!")
        if match := _AUTHORS_OF_WORK.match(line):
            return self._authors_of_work(match["work"])
        for pattern in _PATTERNS:
            if match := pattern.match(line):
                answer = self._works_of_author(match["name"], line, today)
                if answer is not None:
                    return answer
        return None

    def _authors_of_work(self, work: str) -> tuple[Draft, Intent] | None:
        began = time.perf_counter()
        entries = self._works_titled(work)
        if not entries:
            return None
        sentences: list[Sentence] = []
        citations: list[Citation] = []
        lines: list[str] = []
        for entry in entries:
            pieces = [title_piece(entry), *_author_pieces(entry)]
            numbers = range(len(citations) + 1, len(citations) + 1 + len(pieces))
            citations += [piece.citation(number) for piece, number in zip(pieces, numbers, strict=True)]
            names = [" ".join(piece.quote.split()) for piece in pieces[1:]]
            more = len(getattr(entry, "authors", ())) - len(names)
            rest = f", and {more:,} more" if more > 0 else ""
            title = " ".join(entry.title.split())
            text = f"“{title}” was written by {_listed(names)}{rest}."
            sentences.append(Sentence(text, tuple(numbers), 1.0))
            lines.append(f"{escape(text)} {''.join(f'[{number}]' for number in numbers)}")
        ids = tuple(entry.id for entry in entries)
        return Draft("\n\n".join(lines), tuple(sentences), tuple(citations), 1.0, began, found=ids), "lookup"

    def _works_titled(self, work: str) -> list[AnyEntry]:
        """The entries with authors that have this id or title; else those whose title contains it, if they are few."""
        bare = work.strip(" \"'“”‘’.")
        without_kind = _KIND_OF_WORK.sub("", bare, count=1).strip(" \"'“”‘’")
        keys = [key for key in (key_of(bare), key_of(without_kind)) if key]
        by_id = [entry for entry, _ in self._titled if entry.id == bare]
        same = by_id or [entry for entry, title in self._titled if title in keys]
        if same:
            return same[:_MAX_WORKS]
        containing = [entry for entry, title in self._titled if any(_contains(title, key) for key in keys)]
        return containing if len(containing) <= _MAX_WORKS else []

    def _works_of_author(self, name: str, line: str, today: date) -> tuple[Draft, Intent] | None:
        began = time.perf_counter()
        author = self._author(name) or self._author(_PERIOD.sub("", name))
        if author is None or author in self._organisations:
            return None
        since, until = questions.dates_in(line, today)
        shown_name, works = self._by_author[author]
        entries = newest_first([entry for entry in works if dates.within(entry.date, since, until)])
        period = f" {span_in_words(since, until)}" if since or until else ""
        if not entries:
            nearest = tuple(entry.id for entry in works[:_NEAREST])
            reason = refusal.no_entries_by(shown_name, period)
            return Draft("", (), (), 0.0, began, reason, nearest, total=0), "list"
        noun = "entry" if len(entries) == 1 else "entries"
        lead = escape(f"{len(entries):,} {noun} by {shown_name}{period}:")
        draft = _list_of_titles(lead, entries, began)
        return draft, "count" if _COUNT.search(line) else "list"

    def _author(self, name: str) -> Key | None:
        """The author with this whole name, or the only author whose name ends with it."""
        key = key_of(name.strip(" \"'“”‘’.,"))
        if key in self._by_author:
            return key
        ending = [author for author in self._by_author if key and author[-len(key) :] == key]
        return ending[0] if len(ending) == 1 else None

    @cached_property
    def _titled(self) -> list[tuple[AnyEntry, Key]]:
        """The entries with authors, each with its title in the form in which titles are compared."""
        return [(entry, key_of(entry.title)) for entry in self._catalogue.entries if getattr(entry, "authors", ())]

    @cached_property
    def _organisations(self) -> frozenset[Key]:
        """All organisations: they published more than the entries that name them as an author."""
        return frozenset(map(key_of, self._catalogue.organisation_of))

    @cached_property
    def _by_author(self) -> dict[Key, tuple[str, list[AnyEntry]]]:
        """By author: the name as the first entry writes it, and the entries."""
        by_author: dict[Key, tuple[str, list[AnyEntry]]] = {}
        for entry in self._catalogue.entries:
            for key, name in {key_of(name): name for name in getattr(entry, "authors", ())}.items():
                if key:
                    by_author.setdefault(key, (name, []))[1].append(entry)
        return by_author


def _list_of_titles(lead: str, entries: Sequence[AnyEntry], began: float) -> Draft:
    """A list of entries, each with its date and title, under a first line."""
    sentences, citations, items = [], [], []
    for number, entry in enumerate(entries, start=1):
        citations.append(title_piece(entry).citation(number))
        text = f"{dates.in_words(entry.date)}: {entry.title}" if entry.date else entry.title
        sentences.append(Sentence(" ".join(text.split()), (number,), 1.0))
        items.append(f"- {escape(text)} [{number}]")
    markdown = "\n".join([f"{lead}\n", *items])
    return Draft(markdown, tuple(sentences), tuple(citations), 1.0, began, total=len(entries))


def _author_pieces(entry: AnyEntry) -> list[Piece]:
    """Each author as a quotation; the text of the field has one author per line."""
    pieces = []
    start = 0
    for name in getattr(entry, "authors", ())[:MAX_AUTHORS]:
        pieces.append(Piece(entry, "authors", start, start + len(name)))
        start += len(name) + 1
    return pieces


def _contains(text: Key, words: Key) -> bool:
    return bool(words) and any(text[at : at + len(words)] == words for at in range(len(text) - len(words) + 1))


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
