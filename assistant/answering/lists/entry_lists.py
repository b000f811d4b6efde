"""Answers requests for lists, counts, the latest entries and timelines from the fields of the entries.

Every entry that matches is cited. An entry matches by its organisations, topics, date, kind, level and importance. Words
of the question that name no topic must occur in the entry. The first line of the answer states these conditions.
"""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date

from assistant.answer import Citation, Filters, Sentence
from assistant.answering import refusal
from assistant.answering.composition import Piece, escape, first_sentence, title_piece
from assistant.draft import Draft
from assistant.retrieval import filters as find
from assistant.understanding import restrictions
from assistant.understanding.lists.entry_request import Request
from assistant.understanding.lists.filter_names import FieldNames
from assistant.understanding.lists.list_request import ListRequestParser
from assistant.understanding.lists.list_wording import Wordings
from assistant.understanding.vocabulary import key_of
from index import dates
from index.catalogue import newest_first
from index.embed import Vectors
from index.generation import Index
from index.models import AnyEntry, Event

from . import list_headings
from .entry_matching import EntryMatcher, contains
from .releases import released, released_piece

MAX_DETAILED_LIST = 5
"""A list of at most this many entries also quotes the first sentence of each."""
_NEAREST = 3
"""Number of entries that a refusal names when no entry matches."""


class EntryLists:
    """Answers requests for lists from the fields of the entries of one catalogue."""

    def __init__(self, index: Index, embed: Callable[[str], Vectors | None] = lambda _text: None) -> None:
        self._index = index
        self._catalogue = index.catalogue
        self._names = FieldNames(index.catalogue)
        wordings = Wordings(index.catalogue)
        self._matcher = EntryMatcher(index, self._names, embed, wordings.subject_terms)
        has_importance = any(isinstance(entry, Event) and entry.importance for entry in index.catalogue.entries)
        self._reader = ListRequestParser(self._names, wordings, with_importance=has_importance)

    def answer_question(self, question: str, today: date, without: Sequence[str] = ()) -> tuple[Draft, Request] | None:
        """Answer a question that asks for a list; return the draft and the parsed request, or None for others."""
        request = self._reader.read(question, today)
        return self.answer(request.without(without)) if request is not None else None

    def is_request(self, question: str) -> bool:
        """Whether a question asks for a list, a count, the latest entries or a timeline."""
        return self._reader.read(question, restrictions.day(None)) is not None

    def is_plain_request(self, question: str) -> bool:
        """Whether a question explicitly asks for a list, a count or a timeline, and does not just name a topic."""
        return self._reader.is_plain(question, restrictions.day(None))

    @property
    def names(self) -> FieldNames:
        """The names in the fields of the catalogue."""
        return self._names

    @property
    def entries(self) -> tuple[AnyEntry, ...]:
        """All entries of the catalogue."""
        return self._catalogue.entries

    def matching(self, question: str, today: date) -> list[AnyEntry] | None:
        """All entries that a question asks for; None if it does not ask for a list, or if no entry has its words."""
        request = self._reader.read(question, today)
        if request is None:
            return None
        entries, request, _ = self._matcher.matching(request)
        if request.intent in {"latest", "timeline"}:
            entries = [entry for entry in entries if entry.date]
        return None if request.words and not entries else entries

    def containing_all(self, words: Collection[str], filters: Filters) -> list[AnyEntry]:
        """The entries that pass the filters and contain all of the given index terms in their title, lead or fields."""
        if not words:
            return []
        return [
            entry
            for entry in self._catalogue.entries
            if find.matches(entry, filters) and self._matcher.own_words[entry.id][0].issuperset(words)
        ]

    def with_name(self, name: str) -> list[AnyEntry]:
        """The entries that list the name among their topics or organisations, or mention it."""
        topics = [
            topic for match in self._names.topics(name) for topic in match.names if match.end - match.start == len(name)
        ]
        by_field = [entry for entry in self._catalogue.entries if set(topics) & set(entry.topics)]
        mentioning, _, _ = self._matcher.matching(Request("list", Filters(), words=name))
        ids = {entry.id for entry in (*by_field, *mentioning)}
        return [entry for entry in self._catalogue.entries if entry.id in ids]

    def introducing(self, name: str, entries: Sequence[AnyEntry]) -> list[Piece]:
        """The first sentence of the entry that introduces a name: its release, or the oldest entry titled with the name."""
        keys = {key_of(form) for form in (name, *self._names.other_forms(name))}
        releases = [one for one in entries if key_of(released(one, "products") or "") in keys]
        titled = [one for one in entries if any(contains(key_of(one.title), key) for key in keys)]
        found = next(iter(releases or newest_first(titled)[::-1]), None)
        piece = first_sentence(self._index, found) if found is not None else None
        return [piece] if piece is not None else []

    def answer(self, request: Request) -> tuple[Draft, Request] | None:
        """Answer a request; return the draft and the request as it was answered.

        None if nothing matches its words: the search by meaning may then find other words for the same thing.
        """
        began = time.perf_counter()
        found, request, rule = self._matcher.matching(request)
        if request.intent in {"latest", "timeline"}:
            found = [entry for entry in found if entry.date]
        if not found:
            return None if request.words and request.intent != "count" else self._none_found(request, rule, began)
        ordered = _in_order(found, request)[request.skip :]
        if not ordered:
            return Draft(
                "",
                (),
                (),
                0.0,
                began,
                refusal.no_more_entries(list_headings.described(request, rule, len(found)), len(found)),
                total=0,
            ), request
        shown = ordered[: request.most] if request.intent == "latest" else ordered
        lead = self._lead(request, rule, len(found), len(shown))
        text, sentences, citations = self._composed(lead, shown, request.released)
        total = len(shown) if request.intent in {"list", "count"} else None
        return Draft(text, sentences, citations, 1.0, began, None, (), total=total), request

    def _none_found(self, request: Request, rule: str, began: float) -> tuple[Draft, Request]:
        """A refusal that names the newest of the entries that match if the dates in the request are ignored."""
        any_date, _, _ = self._matcher.matching(
            replace(request, filters=replace(request.filters, since=None, until=None))
        )
        reason = refusal.no_matching_entries(list_headings.described(request, rule, 1))
        ids = tuple(entry.id for entry in newest_first(any_date)[:_NEAREST])
        return Draft("", (), (), 0.0, began, reason, ids, total=0), request

    def _lead(self, request: Request, rule: str, found: int, shown: int) -> str:
        """The first line of an answer: what is listed, what is left out."""
        notes = [self._left_out(request)]
        if request.unmarked and not request.released:
            notes.append(
                f"The catalogue does not mark which of its events are {list_headings.plural(request.unmarked)}."
            )
        if request.released:
            notes.append("(Recognised by their opening sentences; the catalogue does not mark releases.)")
        return " ".join([f"{list_headings.lead(request, rule, found, shown)}:", *(note for note in notes if note)])

    def _left_out(self, request: Request) -> str:
        """How many entries a period leaves out because their dates are missing or too inexact; empty if none."""
        filters = request.filters
        if not (filters.since or filters.until):
            return ""
        any_date, _, _ = self._matcher.matching(replace(request, filters=replace(filters, since=None, until=None)))
        undated = sum(entry.date is None for entry in any_date)
        inexact = sum(entry.date is not None and _may_be_within(entry.date, filters) for entry in any_date)
        notes = []
        if undated:
            notes.append(f"{undated:,} without a date {'is' if undated == 1 else 'are'} left out")
        if inexact:
            verb = "is" if inexact == 1 else "are"
            notes.append(f"{inexact:,} with a date too inexact for this period {verb} left out")
        return f"({'; '.join(notes)}.)" if notes else ""

    def _composed(
        self, lead: str, entries: Sequence[AnyEntry], noun: str | None
    ) -> tuple[str, tuple[Sentence, ...], tuple[Citation, ...]]:
        """The list as Markdown with its sentences and citations. In a list of releases, `noun` is what was released."""
        sentences: list[Sentence] = []
        citations: list[Citation] = []
        items = []
        for entry in entries:
            item = []
            for text, pieces in self._lines(entry, noun, detailed=len(entries) <= MAX_DETAILED_LIST):
                numbers = tuple(range(len(citations) + 1, len(citations) + 1 + len(pieces)))
                citations += [piece.citation(number) for piece, number in zip(pieces, numbers, strict=True)]
                sentences.append(Sentence(" ".join(text.split()), numbers, 1.0))
                item.append(f"{escape(text)} {''.join(f'[{number}]' for number in numbers)}")
            items.append(f"- {' '.join(item)}")
        return "\n".join([f"{escape(lead)}\n", *items]), tuple(sentences), tuple(citations)

    def _lines(self, entry: AnyEntry, noun: str | None, *, detailed: bool) -> list[tuple[str, list[Piece]]]:
        """The lines of one entry, each with its quotations: its date and title, and for a short list its first sentence."""
        name = released_piece(entry, noun) if noun and not detailed else None
        line = _title_line(entry, f"{name.quote} – {entry.title}" if name else entry.title)
        lines = [(line, [title_piece(entry), *([name] if name else [])])]
        opening = first_sentence(self._index, entry) if detailed else None
        return [*lines, *([(opening.quote, [opening])] if opening else [])]


def _in_order(entries: Sequence[AnyEntry], request: Request) -> list[AnyEntry]:
    """Entries in the order that a request asks for; those without a date come last."""
    ordered = newest_first(entries)
    if request.order == "importance":
        return sorted(ordered, key=lambda entry: -(getattr(entry, "importance", None) or 0))
    if not request.oldest_first:
        return ordered
    dated = [entry for entry in ordered if entry.date]
    return [*reversed(dated), *(entry for entry in ordered if not entry.date)]


def _may_be_within(given: str, filters: Filters) -> bool:
    """Whether a date overlaps a period without lying in it."""
    first, last = dates.span(given)
    begins = filters.since is None or last >= dates.span(filters.since)[0]
    ends = filters.until is None or first <= dates.span(filters.until)[1]
    return begins and ends and not dates.within(given, filters.since, filters.until)


def _title_line(entry: AnyEntry, title: str) -> str:
    """A title with the date of an event, or with the level of a guide or path."""
    if entry.date:
        return f"{dates.in_words(entry.date)}: {title}"
    level = None if isinstance(entry, Event) else entry.level
    return f"{title} ({level})" if level else title
