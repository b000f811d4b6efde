"""Answers questions for lists, counts, the latest entries and timelines from the fields of the entries.

Every entry that matches is cited. An entry matches by its organisations, topics, date, kind, level and importance. Words
that are no topic must occur in it. The first line of the answer states these conditions.
"""

import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property

from assistant.answer import Citation, Filters, Sentence
from assistant.draft import Draft
from assistant.retrieval import filters as find
from assistant.understanding.filter_names import FieldNames
from assistant.understanding.list_frames import IMPORTANT
from assistant.understanding.list_request import Reader, Request
from assistant.understanding.restrictions import KINDS, span_in_words
from assistant.understanding.vocabulary import Key, key_of
from index import dates, deadline
from index.catalogue import newest_first
from index.generation import Index
from index.lexical import terms
from index.models import AnyEntry, Event

from . import refusal
from .composition import Piece, escape, first_sentence, title_piece

MAX_DETAILED_LIST = 5
"""A list of up to so many entries also quotes the first sentence of each."""
_NEAREST = 3
"""Entries named when none matches."""


class Records:
    """Answers from the fields of one catalogue."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._catalogue = index.catalogue
        self._names = FieldNames(index.catalogue)
        has_importance = any(isinstance(entry, Event) and entry.importance for entry in index.catalogue.entries)
        self._reader = Reader(self._names, with_importance=has_importance)

    def asked(self, question: str, today: date, without: Sequence[str] = ()) -> tuple[Draft, Request] | None:
        """Answer a question for a list; return the draft and the parsed request, or None for any other question."""
        request = self._reader.read(question, today)
        return self.answer(request.without(without)) if request is not None else None

    @property
    def entries(self) -> tuple[AnyEntry, ...]:
        """All entries of the catalogue."""
        return self._catalogue.entries

    def matching(self, question: str, today: date) -> list[AnyEntry] | None:
        """All entries that a question for a list asks for; None if the fields do not decide."""
        request = self._reader.read(question, today)
        if request is None:
            return None
        entries, request, _ = self._matching(request)
        if request.intent in {"latest", "timeline"}:
            entries = [entry for entry in entries if entry.date]
        return None if request.words and not entries else entries

    def holding_all(self, words: Collection[str], filters: Filters) -> list[AnyEntry]:
        """The entries that pass the filters and contain all of some index terms in their title, lead or fields."""
        if not words:
            return []
        return [
            entry
            for entry in self._catalogue.entries
            if find.matches(entry, filters) and self._own_words[entry.id][0].issuperset(words)
        ]

    def holding(self, name: str) -> list[AnyEntry]:
        """The entries that have a name among their topics or organisations, or that mention it."""
        topics = [
            topic for match in self._names.topics(name) for topic in match.names if match.end - match.start == len(name)
        ]
        by_field = [entry for entry in self._catalogue.entries if set(topics) & set(entry.topics)]
        mentioning, _, _ = self._matching(Request("list", Filters(), words=name))
        ids = {entry.id for entry in (*by_field, *mentioning)}
        return [entry for entry in self._catalogue.entries if entry.id in ids]

    @cached_property
    def _own_words(self) -> dict[str, tuple[frozenset[str], tuple[Key, ...]]]:
        """By entry id: the index terms of its title, lead and fields as a set, and in order for each of these texts."""
        with deadline.lifted():
            return {entry.id: _words_of(entry) for entry in self._catalogue.entries}

    def answer(self, request: Request) -> tuple[Draft, Request] | None:
        """Answer a request; return the draft and the request as it was answered.

        None if nothing matches its words: the search by meaning may then find other words for the same thing.
        """
        began = time.perf_counter()
        found, request, rule = self._matching(request)
        if request.intent in {"latest", "timeline"}:
            found = [entry for entry in found if entry.date]
        if not found:
            return None if request.words and request.intent != "count" else self._none_found(request, rule, began)
        ordered = newest_first(found)
        if request.oldest_first:
            dated = [entry for entry in ordered if entry.date]
            ordered = [*reversed(dated), *(entry for entry in ordered if not entry.date)]
        shown = ordered[: request.most] if request.intent == "latest" else ordered
        lead = self._lead(request, rule, len(found), len(shown))
        text, sentences, citations = self._composed(lead, shown)
        total = len(shown) if request.intent in {"list", "count"} else None
        return Draft(text, sentences, citations, 1.0, began, None, (), total=total), request

    def _none_found(self, request: Request, rule: str, began: float) -> tuple[Draft, Request]:
        """A refusal that names the newest entries which match at any date."""
        any_date, _, _ = self._matching(replace(request, filters=replace(request.filters, since=None, until=None)))
        reason = refusal.no_matching_entries(_described(request, rule, 1))
        ids = tuple(entry.id for entry in newest_first(any_date)[:_NEAREST])
        return Draft("", (), (), 0.0, began, reason, ids, total=0), request

    def _matching(self, request: Request) -> tuple[list[AnyEntry], Request, str]:
        """The entries that match, the request as it was applied, and the condition on words in words."""
        deadline.check()
        entries = [entry for entry in self._catalogue.entries if _fits(entry, request)]
        if not entries and request.every_topic:
            request = replace(request, every_topic=False)
            entries = [entry for entry in self._catalogue.entries if _fits(entry, request)]
        if not request.words:
            return entries, request, ""
        mentioning = self._mentioning(entries, request.words)
        is_name = any(character.isupper() or character.isdigit() for character in request.words)
        if mentioning and (is_name or len(terms(request.words)) == 1):
            return mentioning, request, f" mentioning “{request.words}”"
        wanted = set(terms(request.words))
        words = [f"“{word}”" for word in request.words.split() if terms(word)]
        rule = f" with the {'word' if len(words) == 1 else 'words'} {_listed(words, 'and')}"
        return [entry for entry in entries if wanted <= self._own_words[entry.id][0]], request, rule

    def _mentioning(self, entries: Sequence[AnyEntry], words: str) -> list[AnyEntry]:
        """The entries that contain some words next to each other, or another form of the same name."""
        forms = [key_of(form) for form in (words, *self._names.other_forms(words))]
        return [
            entry
            for entry in entries
            if any(_contains(text, form) for text in self._own_words[entry.id][1] for form in forms)
        ]

    def _lead(self, request: Request, rule: str, found: int, shown: int) -> str:
        """The first line of an answer: what is listed, what is left out."""
        described = _described(request, rule, found)
        match request.intent:
            case "latest":
                which = "earliest" if request.oldest_first else "latest"
                if found == 1:
                    lead = f"The only {described}"
                elif found == shown:
                    lead = f"All {found:,} {described}, {'oldest' if request.oldest_first else 'newest'} first"
                else:
                    lead = f"The {f'{shown:,} ' if shown > 1 else ''}{which} of {found:,} {described}"
            case "timeline":
                lead = f"{found:,} {described}, oldest first"
            case _:
                lead = f"{found:,} {described}"
        notes = [self._left_out(request)]
        if request.unmarked:
            notes.append(f"The catalogue does not mark which of its events are {_plural(request.unmarked)}.")
        return " ".join([f"{lead}:", *(note for note in notes if note)])

    def _left_out(self, request: Request) -> str:
        """How many entries a period leaves out because their dates are missing or too inexact; empty if none."""
        filters = request.filters
        if not (filters.since or filters.until):
            return ""
        any_date, _, _ = self._matching(replace(request, filters=replace(filters, since=None, until=None)))
        undated = sum(entry.date is None for entry in any_date)
        inexact = sum(entry.date is not None and _may_be_within(entry.date, filters) for entry in any_date)
        notes = []
        if undated:
            notes.append(f"{undated:,} without a date {'is' if undated == 1 else 'are'} left out")
        if inexact:
            notes.append(f"{inexact:,} with a date too inexact to tell {'is' if inexact == 1 else 'are'} left out")
        return f"({'; '.join(notes)}.)" if notes else ""

    def _composed(
        self, lead: str, entries: Sequence[AnyEntry]
    ) -> tuple[str, tuple[Sentence, ...], tuple[Citation, ...]]:
        """The list as Markdown with its sentences and citations."""
        sentences: list[Sentence] = []
        citations: list[Citation] = []
        items = []
        for entry in entries:
            item = []
            for piece in self._pieces(entry, detailed=len(entries) <= MAX_DETAILED_LIST):
                number = len(citations) + 1
                citations.append(piece.citation(number))
                text = piece.quote if piece.field != "title" else _title_line(entry)
                sentences.append(Sentence(" ".join(text.split()), (number,), 1.0))
                item.append(f"{escape(text)} [{number}]")
            items.append(f"- {' '.join(item)}")
        return "\n".join([f"{escape(lead)}\n", *items]), tuple(sentences), tuple(citations)

    def _pieces(self, entry: AnyEntry, *, detailed: bool) -> list[Piece]:
        opening = first_sentence(self._index, entry) if detailed else None
        return [title_piece(entry), *([opening] if opening else [])]


def _words_of(entry: AnyEntry) -> tuple[frozenset[str], tuple[Key, ...]]:
    """The index terms of an entry's title, lead, organisations and topics: as a set, and in order for each text."""
    texts = [entry.title, next(iter(list(entry.texts().values())[1:2]), ""), *entry.organisations]
    texts += [topic.replace("-", " ") for topic in entry.topics]
    return frozenset(terms("\n".join(texts))), tuple(map(key_of, texts))


def _fits(entry: AnyEntry, request: Request) -> bool:
    """Whether an entry meets every condition of a request except its words."""
    return find.matches(entry, request.filters) and _fits_every_name(entry, request) and _fits_fields(entry, request)


def _fits_every_name(entry: AnyEntry, request: Request) -> bool:
    """Whether an entry has all the organisations or topics of a request that asks for all of them."""
    names = request.filters.organisations if request.every_organisation else ()
    topics = request.filters.topics if request.every_topic else ()
    each = (*(Filters(organisations=(name,)) for name in names), *(Filters(topics=(topic,)) for topic in topics))
    return all(find.matches(entry, filters) for filters in each)


def _fits_fields(entry: AnyEntry, request: Request) -> bool:
    """Whether an entry has the source, level and importance of a request."""
    is_event = isinstance(entry, Event)
    return (
        (not request.sources or (isinstance(entry, Event) and entry.source in request.sources))
        and (request.level is None or (not is_event and getattr(entry, "level", None) == request.level))
        and (not request.important or (isinstance(entry, Event) and (entry.importance or 0) >= IMPORTANT))
    )


def _described(request: Request, rule: str, count: int) -> str:
    """The entries that a request asks for: "major events of Anthropic on the topic scaling since 2024".

    In the singular for a count of 1.
    """
    filters = request.filters
    words = [_noun(filters, count)]
    if request.level:
        words.insert(0, f"{request.level}-level")
    if request.important:
        words.insert(0, f"major (importance {IMPORTANT} or more)")
    if filters.organisations:
        words.append(f"of {_listed(filters.organisations, 'and' if request.every_organisation else 'or')}")
    if request.sources:
        words.append(f"from the source {_listed(request.sources, 'or')}")
    if filters.topics:
        topics = [topic.replace("-", " ") for topic in filters.topics]
        plural = "s" if len(topics) > 1 else ""
        words.append(f"on the topic{plural} {_listed(topics, 'and' if request.every_topic else 'or')}")
    if rule:
        words.append(rule.strip())
    if filters.since or filters.until:
        words.append(span_in_words(filters.since, filters.until))
    return " ".join(words)


def _noun(filters: Filters, count: int) -> str:
    """The kinds of entries: "events or guides", "entry"."""
    kinds = [KINDS[kind].removesuffix("s") if count == 1 else KINDS[kind] for kind in filters.kinds]
    return _listed(kinds, "or") if kinds else "entry" if count == 1 else "entries"


def _contains(text: Key, words: Key) -> bool:
    return bool(words) and any(text[at : at + len(words)] == words for at in range(len(text) - len(words) + 1))


def _may_be_within(given: str, filters: Filters) -> bool:
    """Whether a date overlaps a period without lying in it."""
    first, last = dates.span(given)
    begins = filters.since is None or last >= dates.span(filters.since)[0]
    ends = filters.until is None or first <= dates.span(filters.until)[1]
    return begins and ends and not dates.within(given, filters.since, filters.until)


def _title_line(entry: AnyEntry) -> str:
    """A title with the date of an event, or with the level of a guide or path."""
    if entry.date:
        return f"{dates.in_words(entry.date)}: {entry.title}"
    level = None if isinstance(entry, Event) else entry.level
    return f"{entry.title} ({level})" if level else entry.title


def _listed(names: Sequence[str], last: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"


def _plural(noun: str) -> str:
    return noun if noun.endswith("s") else f"{noun}s"
