"""Finds what a brief leaves open: later entries on the same subjects, and related terms that no event mentions."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np

from assistant.answer import Citation, Filters, Later, OpenPoint
from assistant.answering.evidence import Evidence, words_of
from assistant.retrieval.filters import within
from assistant.understanding.reading import without_dates
from assistant.understanding.vocabulary import NameRank, Vocabulary
from index import dates
from index.embed import Vectors
from index.generation import Index
from index.lexical import terms
from index.models import AnyEntry, Guide

MAX_LATER = 4
MAX_OPEN_POINTS = 4
SAME_THING = 0.66
"""A sentence of a later entry with at least this cosine is about the same thing as the cited sentence."""
SAME_THING_CHANGED = 0.55
"""The same for a sentence that reports a change and has words of the cited entry's title."""
SAME_FIGURE = 0.7
"""If two sentences have at least this cosine, their numbers with the same unit are taken to measure the same thing."""
MIN_SHARED_TOPICS = 2
"""Two linked entries are about the same thing if they share at least this many topics, or an organisation."""

_CHANGES = re.compile(
    r"\b(?:replac(?:e|es|ed|ing)|supersed\w+|repeal\w*|rescind\w*|revok\w+|withdr[ae]w\w*|retract\w*|overturn\w*|revers(?:e|es|ed|ing|al)|cancel\w*|"
    r"delay\w*|postpon\w+|amend\w*|revis(?:e|es|ed|ing|ion)|no longer|abandon\w*|correct(?:ed|ion)|contradict\w*|disput(?:e|es|ed|ing)|scrapp?\w*|"
    r"suspend\w*|lifted|dropped|renam\w+|ended|shut down|closed down)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_][\w’'-]*")
_AMOUNT = re.compile(
    r"(?<![\w.,-])(\d+(?:[.,]\d+)*)(?:\s*(million|billion|trillion|thousand))?(?:\s*(%)|[\s-]+([a-z]{3,}))"
)


class FollowUpFinder:
    """Finds later entries and open points for one brief, among the entries that pass its filters."""

    def __init__(self, index: Index, vocabulary: Vocabulary, filters: Filters) -> None:
        self._index = index
        self._vocabulary = vocabulary
        self._filters = filters

    @cached_property
    def _within(self) -> frozenset[str]:
        """Ids of the entries that pass the filters."""
        catalogue = self._index.catalogue
        only = within(catalogue, self._filters)
        return frozenset(catalogue.by_id) if only is None else only

    def later(self, citations: Sequence[Citation], pool: Sequence[Evidence]) -> tuple[Later, ...]:
        """Later entries on the same subjects as the cited ones: first those that report a change, then those that give other figures, then the rest.

        A later entry is linked to the cited one, or gives a different figure for the same thing. We do not claim that it
        replaces the cited one.
        """
        pointers: dict[tuple[str, str], Later] = {}
        for citation in citations:
            entry = self._index.catalogue.by_id[citation.entry_id]
            if entry.kind != "event" or entry.date is None:
                continue
            for pointer in (*self._linked(citation, entry), *self._figures(citation, entry, pool)):
                key = (pointer.entry_id, citation.entry_id)
                if key not in pointers or _rank(pointer) < _rank(pointers[key]):
                    pointers[key] = pointer
        return _best_pointers(pointers.values(), {citation.entry_id for citation in citations})

    def _linked(self, citation: Citation, entry: AnyEntry) -> Iterator[Later]:
        """Pointers to later events that are linked with a cited one."""
        catalogue = self._index.catalogue
        for name in catalogue.links.get(entry.id, ()):
            other = catalogue.by_id[name]
            if other.kind != "event" or name not in self._within or not _after(other.date, entry.date):
                continue
            shared_topics = set(other.topics) & set(entry.topics)
            if len(shared_topics) < MIN_SHARED_TOPICS and not set(other.organisations) & set(entry.organisations):
                continue
            yield from self._pointer_into(citation, entry, other)

    def _pointer_into(self, citation: Citation, entry: AnyEntry, other: AnyEntry) -> Iterator[Later]:
        """A pointer to the sentence of a later entry that is about the same thing as a citation, if there is one."""
        title_words = set(terms(entry.title))
        best: tuple[float, int] | None = None
        for place in self._sentences(other.id):
            text = self._text(place, other)
            similarity = self._similarity(citation, text, place)
            is_named = len(title_words & words_of(text)) >= min(2, len(title_words))
            if is_named and similarity >= SAME_THING_CHANGED and _CHANGES.search(text):
                yield self._pointer(citation, other, place, "changed")
                return
            if similarity >= SAME_THING and (best is None or similarity > best[0]):
                best = similarity, place
        if best is not None:
            yield self._pointer(citation, other, best[1], "later")

    def _figures(self, citation: Citation, entry: AnyEntry, pool: Sequence[Evidence]) -> Iterator[Later]:
        """Pointers to later sentences that give different numbers for the same thing, in the same unit."""
        own = _amounts(citation.quote)
        if not own:
            return
        names = self._names(citation.quote)
        for item in pool:
            if item.entry.id == entry.id or item.entry.kind != "event" or not _after(item.entry.date, entry.date):
                continue
            differs = _amounts_differ(own, _amounts(item.text))
            if (
                differs
                and names & self._names(item.text)
                and self._similarity(citation, item.text, item.place) >= SAME_FIGURE
            ):
                yield self._pointer(citation, item.entry, item.place, "figures")

    def _names(self, text: str) -> set[str]:
        return {
            name.text for name in self._vocabulary.find(text) if name.is_proper and name.rank != NameRank.ORGANISATION
        }

    def _sentences(self, entry_id: str) -> Iterator[int]:
        for passage in self._index.passages_of.get(entry_id, ()):
            yield from self._index.sentences_of.get(passage, ())

    def _text(self, place: int, entry: AnyEntry) -> str:
        sentence = self._index.sentences[place]
        return entry.texts()[self._index.passages[sentence.passage].field][sentence.start : sentence.end]

    def _similarity(self, citation: Citation, text: str, place: int) -> float:
        """The cosine of a cited sentence and another; without vectors the share of common words."""
        vector = self._vector(place)
        cited = self._index.sentence_at(citation.entry_id, citation.field, citation.start)
        own = self._vector(cited) if cited is not None else None
        if vector is not None and own is not None:
            return float(np.dot(vector, own))
        words, others = words_of(citation.quote), words_of(text)
        return len(words & others) / max(1, min(len(words), len(others)))

    def _vector(self, place: int) -> Vectors | None:
        row = int(self._index.sentence_rows[place])
        return None if row < 0 else self._index.vectors[row].astype(np.float32)

    def _pointer(self, citation: Citation, other: AnyEntry, place: int, says: str) -> Later:
        sentence = self._index.sentences[place]
        field = self._index.passages[sentence.passage].field
        quote = other.texts()[field][sentence.start : sentence.end]
        assert other.date is not None  # `_after` has checked it
        return Later(
            citation.number,
            other.id,
            other.title,
            other.date,
            says,  # type: ignore[arg-type]
            field,
            quote,
            sentence.start,
            sentence.end,
        )

    def open_points(
        self, question: str, citations: Sequence[Citation], near: Sequence[AnyEntry]
    ) -> tuple[OpenPoint, ...]:
        """Names from the question, glossary terms and topics that are related to the question but not covered by the entries."""
        points = [*self._words(question, citations), *self._glossary(question, near), *self._topics(citations)]
        return tuple({point.about: point for point in reversed(points)}[point.about] for point in points)[
            :MAX_OPEN_POINTS
        ]

    def _words(self, question: str, citations: Sequence[Citation]) -> Iterator[OpenPoint]:
        """Names in the question that no cited entry contains; a common word may have a synonym, so it does not count."""
        index = self._index
        cited = dict.fromkeys(citation.entry_id for citation in citations)
        own = [place for name in cited for place in index.passages_of.get(name, ())]
        for word in _WORD.findall(without_dates(question)):
            is_name = any(character.isupper() or character.isdigit() for character in word)
            if is_name and any(not (index.words.scores([part])[own] > 0).any() for part in terms(word)[:1]):
                yield OpenPoint(word, "no cited entry mentions it")

    def _glossary(self, question: str, near: Sequence[AnyEntry]) -> Iterator[OpenPoint]:
        """Terms from the glossaries of guides whose title or topic is in the question, if no event mentions them."""
        question_words = set(terms(without_dates(question)))
        for guide in {entry.id: entry for entry in near if isinstance(entry, Guide)}.values():
            names = [guide.title, *(topic.replace("-", " ") for topic in guide.topics)]
            if not any(words and words <= question_words for words in (set(terms(name)) for name in names)):
                continue
            for term in guide.terms:
                bare = re.sub(r"\s*\(.*?\)", "", term.term)
                if self._events_with(bare) == 0:
                    yield OpenPoint(bare, f"in the glossary of “{guide.title}”; no event{self._when()} names it")

    def _topics(self, citations: Sequence[Citation]) -> Iterator[OpenPoint]:
        """Topics of entries linked to cited ones, where the filters exclude every event on the topic."""
        if not (self._filters.since or self._filters.until):
            return
        catalogue = self._index.catalogue
        for topic in self._linked_topics(citations):
            events = [entry for entry in catalogue.entries if entry.kind == "event" and topic in entry.topics]
            if events and not any(entry.id in self._within for entry in events):
                count = f"{len(events)} {'entry' if len(events) == 1 else 'entries'}"
                yield OpenPoint(
                    topic.replace("-", " "), f"a topic of {count} in the catalogue, none of them{self._when()}"
                )

    def _linked_topics(self, citations: Sequence[Citation]) -> list[str]:
        catalogue = self._index.catalogue
        cited = dict.fromkeys(citation.entry_id for citation in citations)
        linked = dict.fromkeys(other for entry_id in cited for other in catalogue.links.get(entry_id, ()))
        return list(dict.fromkeys(topic for entry_id in linked for topic in catalogue.by_id[entry_id].topics))

    def _events_with(self, name: str) -> int:
        """The number of events that pass the filters and have a passage with every word of a name."""
        index = self._index
        contains = np.ones(len(index.passages), bool)
        for word in dict.fromkeys(terms(name)):
            contains &= index.words.scores([word]) > 0
        owners = {index.passages[int(place)].entry_id for place in np.flatnonzero(contains)}
        return sum(index.catalogue.by_id[owner].kind == "event" and owner in self._within for owner in owners)

    def _when(self) -> str:
        """The period of the filters, starting with a space; empty without one."""
        since, until = self._filters.since, self._filters.until
        if since and until:
            return (
                f" from {dates.in_words(since)} to {dates.in_words(until)}"
                if since != until
                else f" of {dates.in_words(since)}"
            )
        if since:
            return f" since {dates.in_words(since)}"
        return f" up to {dates.in_words(until)}" if until else ""


def _best_pointers(pointers: Iterable[Later], cited: Collection[str]) -> tuple[Later, ...]:
    """The best pointer for each later entry. Entries that are cited already are left out, unless they report a change or another figure."""
    ordered = sorted(
        (pointer for pointer in pointers if pointer.says != "later" or pointer.entry_id not in cited),
        key=lambda pointer: (_rank(pointer), dates.sort_key(pointer.date), pointer.number),
    )
    first = {pointer.entry_id: pointer for pointer in reversed(ordered)}
    return tuple(pointer for pointer in ordered if first[pointer.entry_id] is pointer)[:MAX_LATER]


def _rank(pointer: Later) -> int:
    return ("changed", "figures", "later").index(pointer.says)


def _after(date: str | None, other: str | None) -> bool:
    """Whether a date is certainly after another one: a month is not after a day in it."""
    return date is not None and other is not None and dates.span(date)[0] > dates.span(other)[1]


def _amounts_differ(amounts: Mapping[str, set[str]], others: Mapping[str, set[str]]) -> bool:
    """Whether two sentences have numbers with the same unit, none of them the same."""
    return any(unit in others and not amounts[unit] & others[unit] for unit in amounts)


def _amounts(text: str) -> dict[str, set[str]]:
    """The numbers in a text by the stem of their unit: {"paramet": {"175 billion"}}."""
    amounts: dict[str, set[str]] = {}
    for match in _AMOUNT.finditer(text):
        number, scale, percent, unit = match.groups()
        stems = terms(unit) if unit else []
        key = percent or (stems[0] if stems else "")
        if key:
            amounts.setdefault(key, set()).add(f"{number.replace(',', '')} {scale or ''}".strip())
    return amounts
