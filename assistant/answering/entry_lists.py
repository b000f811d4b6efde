"""Lists, counts, the latest and timelines, from fields: every entry that matches is cited, and the rule is said.

Nothing here is a guess. An entry is in by its organisations, topics, date, kind, level and importance, and where words
are asked for that are no topic, by holding them; the first line of an answer says which of these it was.
"""

import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property

from assistant.answer import Citation, Filters, Sentence
from assistant.query_engine import Draft
from assistant.retrieval import filters as find
from assistant.understanding.field_names import FieldNames
from assistant.understanding.list_frames import IMPORTANT
from assistant.understanding.list_request import Reader, Request
from assistant.understanding.restrictions import KINDS, span_in_words
from assistant.understanding.vocabulary import Key, key_of
from index import dates, deadline
from index.catalogue import newest_first
from index.generation import Index
from index.lexical import terms
from index.models import AnyEntry, Event

from .selection import Piece, escape, first_sentence

SHORT = 5
"""A list of up to so many entries gives each one's first sentence as well."""


class Records:
    """Answers from the fields of one catalogue."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._catalogue = index.catalogue
        self._names = FieldNames(index.catalogue)
        graded = any(isinstance(entry, Event) and entry.importance for entry in index.catalogue.entries)
        self._reader = Reader(self._names, with_importance=graded)

    def asked(self, question: str, today: date, without: Sequence[str] = ()) -> tuple[Draft, Request] | None:
        """The draft that answers a question about entries, and how it was understood; None for any other question."""
        request = self._reader.read(question, today)
        return self.answer(request.without(without)) if request is not None else None

    @property
    def entries(self) -> tuple[AnyEntry, ...]:
        """All there are."""
        return self._catalogue.entries

    def matching(self, question: str, today: date) -> list[AnyEntry] | None:
        """Every entry that a question about entries asks for; None where fields alone cannot tell."""
        request = self._reader.read(question, today)
        if request is None:
            return None
        found, request, _ = self._matching(request)
        if request.intent in {"latest", "timeline"}:
            found = [entry for entry in found if entry.date]
        return None if request.words and not found else found

    def holding_all(self, words: Collection[str], filters: Filters) -> list[AnyEntry]:
        """The entries within filters that hold every one of some index terms in what they say of themselves."""
        if not words:
            return []
        return [
            entry
            for entry in self._catalogue.entries
            if find.matches(entry, filters) and self._said[entry.id][0].issuperset(words)
        ]

    def holding(self, name: str) -> list[AnyEntry]:
        """The entries that have a name among their topics or organisations, or mention it."""
        topics = [topic for one in self._names.topics(name) for topic in one.names if one.end - one.start == len(name)]
        by_field = [one for one in self._catalogue.entries if set(topics) & set(one.topics)]
        mentioning, _, _ = self._matching(Request("list", Filters(), words=name))
        held = {entry.id for entry in (*by_field, *mentioning)}
        return [entry for entry in self._catalogue.entries if entry.id in held]

    @cached_property
    def _said(self) -> dict[str, tuple[frozenset[str], tuple[Key, ...]]]:
        """By entry: the index terms of what it says of itself, and the same in order, field by field."""
        with deadline.lifted():
            return {entry.id: self._said_by(entry) for entry in self._catalogue.entries}

    def _said_by(self, entry: AnyEntry) -> tuple[frozenset[str], tuple[Key, ...]]:
        texts = [entry.title, next(iter(list(entry.texts().values())[1:2]), ""), *entry.organisations]
        texts += [topic.replace("-", " ") for topic in entry.topics]
        return frozenset(terms("\n".join(texts))), tuple(map(key_of, texts))

    def answer(self, request: Request) -> tuple[Draft, Request] | None:
        """The draft, and the request as it was answered; None where other searching will serve the reader better."""
        began = time.perf_counter()
        found, request, rule = self._matching(request)
        if request.intent in {"latest", "timeline"}:
            found = [entry for entry in found if entry.date]
        if not found:
            if request.words and request.intent != "count":
                return None  # other words may say the same: meaning will find them
            near, _, _ = self._matching(replace(request, filters=replace(request.filters, since=None, until=None)))
            reason = f"The catalogue has no {self._described(request, rule, 1)}."
            names = tuple(entry.id for entry in newest_first(near)[:3])
            return Draft("", (), (), 0.0, began, reason, names, total=0), request
        ordered = newest_first(found)
        if request.oldest_first:
            ordered = [*reversed([one for one in ordered if one.date]), *(one for one in ordered if not one.date)]
        shown = ordered[: request.most] if request.intent == "latest" else ordered
        lead = self._lead(request, rule, len(found), len(shown))
        text, sentences, citations = self._composed(lead, shown)
        total = len(shown) if request.intent in {"list", "count"} else None
        return Draft(text, sentences, citations, 1.0, began, None, (), total=total), request

    def _matching(self, request: Request) -> tuple[list[AnyEntry], Request, str]:
        """The entries, the request as it could be met, and how the words asked for were looked for."""
        deadline.check()
        within = [entry for entry in self._catalogue.entries if _fits(entry, request)]
        if not within and request.every_topic:
            request = replace(request, every_topic=False)
            within = [entry for entry in self._catalogue.entries if _fits(entry, request)]
        if not request.words:
            return within, request, ""
        proper = any(character.isupper() or character.isdigit() for character in request.words)
        forms = [key_of(form) for form in (request.words, *self._names.other_forms(request.words))]
        whole = [
            entry for entry in within if any(_holds(text, form) for text in self._said[entry.id][1] for form in forms)
        ]
        if whole and (proper or len(terms(request.words)) == 1):
            return whole, request, f" mentioning “{request.words}”"
        wanted = dict.fromkeys(terms(request.words))
        words = [word for word in request.words.split() if terms(word)]
        rule = f" with the {'word' if len(words) == 1 else 'words'} {_listed([f'“{word}”' for word in words], 'and')}"
        return [entry for entry in within if wanted.keys() <= self._said[entry.id][0]], request, rule

    def _lead(self, request: Request, rule: str, found: int, shown: int) -> str:
        described = self._described(request, rule, found)
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

    def _described(self, request: Request, rule: str, count: int) -> str:
        """The entries asked for, as in "major events of Anthropic on the topic scaling since 2024"; in the singular for one."""
        had = request.filters
        kinds = _listed([KINDS[kind][: None if count != 1 else -1] for kind in had.kinds], "or") if had.kinds else ""
        noun = kinds or ("entry" if count == 1 else "entries")
        words = [f"{noun}"]
        if request.level:
            words.insert(0, f"{request.level}-level")
        if request.important:
            words.insert(0, f"major (importance {IMPORTANT} or more)")
        if had.organisations:
            words.append(f"of {_listed(had.organisations, 'and' if request.every_organisation else 'or')}")
        if request.sources:
            words.append(f"from the source {_listed(request.sources, 'or')}")
        if had.topics:
            topics = [topic.replace("-", " ") for topic in had.topics]
            many = "s" if len(topics) > 1 else ""
            words.append(f"on the topic{many} {_listed(topics, 'and' if request.every_topic else 'or')}")
        return " ".join([*words, *([rule.strip()] if rule else []), *_dated(had)])

    def _left_out(self, request: Request) -> str:
        """What a span of time leaves out because it cannot be told."""
        had = request.filters
        if not (had.since or had.until):
            return ""
        undated, _, _ = self._matching(replace(request, filters=replace(had, since=None, until=None)))
        open_ones = [entry for entry in undated if entry.date is None]
        vague = [entry for entry in undated if entry.date and _may_be_within(entry.date, had)]
        said = []
        if open_ones:
            said.append(f"{len(open_ones):,} without a date {'is' if len(open_ones) == 1 else 'are'} left out")
        if vague:
            said.append(f"{len(vague):,} with a date too inexact to tell {'is' if len(vague) == 1 else 'are'} left out")
        return f"({'; '.join(said)}.)" if said else ""

    def _composed(
        self, lead: str, entries: Sequence[AnyEntry]
    ) -> tuple[str, tuple[Sentence, ...], tuple[Citation, ...]]:
        sentences: list[Sentence] = []
        citations: list[Citation] = []
        items = []
        for entry in entries:
            item = []
            pieces = [Piece(entry, "title", 0, len(entry.title))]
            opening = first_sentence(self._index, entry) if len(entries) <= SHORT else None
            for piece in [*pieces, *([opening] if opening else [])]:
                number = len(citations) + 1
                citations.append(piece.citation(number))
                text = piece.quote if piece.field != "title" else _titled(entry)
                sentences.append(Sentence(" ".join(text.split()), (number,), 1.0))
                item.append(f"{escape(text)} [{number}]")
            items.append(f"- {' '.join(item)}")
        return "\n".join([f"{escape(lead)}\n", *items]), tuple(sentences), tuple(citations)


def _fits(entry: AnyEntry, request: Request) -> bool:
    had = request.filters
    every = (
        *((Filters(organisations=(name,)) for name in had.organisations) if request.every_organisation else ()),
        *((Filters(topics=(name,)) for name in had.topics) if request.every_topic else ()),
    )
    return (
        find.matches(entry, had)
        and all(find.matches(entry, one) for one in every)
        and (not request.sources or (isinstance(entry, Event) and entry.source in request.sources))
        and (request.level is None or (not isinstance(entry, Event) and entry.level == request.level))
        and (not request.important or (isinstance(entry, Event) and (entry.importance or 0) >= IMPORTANT))
    )


def _holds(text: Key, words: Key) -> bool:
    return bool(words) and any(text[at : at + len(words)] == words for at in range(len(text) - len(words) + 1))


def _may_be_within(given: str, had: Filters) -> bool:
    """Whether a date overlaps a span without lying in it."""
    first, last = dates.span(given)
    begins = had.since is None or last >= dates.span(had.since)[0]
    ends = had.until is None or first <= dates.span(had.until)[1]
    return begins and ends and not dates.within(given, had.since, had.until)


def _titled(entry: AnyEntry) -> str:
    """A title with what sorts it: an event's date, a guide's level."""
    if entry.date:
        return f"{dates.in_words(entry.date)}: {entry.title}"
    level = None if isinstance(entry, Event) else entry.level
    return f"{entry.title} ({level})" if level else entry.title


def _dated(had: Filters) -> list[str]:
    return [span_in_words(had.since, had.until)] if had.since or had.until else []


def _listed(names: Sequence[str], last: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"


def _plural(noun: str) -> str:
    return noun if noun.endswith("s") else f"{noun}s"
