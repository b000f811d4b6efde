"""Finds the entries of one catalogue that a request for a list asks for, and says by which rule its words were matched."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from assistant.answer import Filters
from assistant.answering.definitions import sentence_spans
from assistant.retrieval import filters as find
from assistant.understanding.lists.entry_request import Request
from assistant.understanding.lists.filter_names import FieldNames
from assistant.understanding.vocabulary import Key, key_of
from index import deadline
from index.embed import Vectors
from index.generation import Index
from index.lexical import terms
from index.models import AnyEntry, Event

from .list_headings import listed
from .releases import released

MIN_SHARE_NEAR = 0.6
"""An entry is about a phrase if its title and first sentences have at least this share of the weight of its words."""
MIN_COSINE_NEAR = 0.45
"""… and one of those sentences has at least this cosine with it, if there are vectors."""
FIRST_SENTENCES = 2
TYPICAL_SHARE = 0.5
"""Words before a topic ("safety summits") restrict nothing if at least this share of the topic's entries have them."""
Matched = tuple[list[AnyEntry], Request, str]


class EntryMatcher:
    """Matches the entries of one open index.

    Args:
        index: The open index.
        names: The names in its fields.
        embed: Computes the vector of a text; may return None.
        general: Index terms of what the whole catalogue is about.
    """

    def __init__(
        self, index: Index, names: FieldNames, embed: Callable[[str], Vectors | None], general: frozenset[str]
    ) -> None:
        self._index = index
        self._catalogue = index.catalogue
        self._names = names
        self._embed = embed
        self._general = general

    @cached_property
    def own_words(self) -> dict[str, tuple[frozenset[str], tuple[Key, ...]]]:
        """By entry id: the index terms of its title, lead and fields as a set, and in order for each of these texts."""
        with deadline.lifted():
            return {entry.id: _words_of(entry) for entry in self._catalogue.entries}

    def matching(self, request: Request) -> Matched:
        """The entries that match, the request as it was applied, and the condition on words in words."""
        deadline.check()
        entries = self._by_fields(request)
        if not entries and request.every_topic:
            request = replace(request, every_topic=False)
            entries = self._by_fields(request)
        rule = ""
        if request.released:
            entries, request, rule = self._releases(entries, request)
        if request.words and not request.released:
            entries, request, rule = self._with_words(entries, request)
        return entries, self._with_units_found(entries, request), rule

    def _by_fields(self, request: Request) -> list[AnyEntry]:
        excluded = request.excluded_words and terms(request.excluded_words)
        return [
            entry
            for entry in self._catalogue.entries
            if self._fits(entry, request) and not (excluded and self.own_words[entry.id][0].issuperset(excluded))
        ]

    def _fits(self, entry: AnyEntry, request: Request) -> bool:
        """Whether an entry meets every condition of a request except its words."""
        excluded = request.excluded
        return (
            find.matches(entry, request.filters)
            and not (excluded and find.matches(entry, excluded))
            and self._fits_every_name(entry, request)
            and _fits_fields(entry, request)
        )

    def _fits_every_name(self, entry: AnyEntry, request: Request) -> bool:
        """Whether an entry has all the organisations or topics of a request that asks for all of them."""
        groups = request.named if request.every_organisation else ()
        topics = request.filters.topics if request.every_topic else ()
        each = (
            *(Filters(organisations=(*names, *self._names.units(names))) for names in groups),
            *(Filters(topics=(topic,)) for topic in topics),
        )
        return all(find.matches(entry, filters) for filters in each)

    def _with_units_found(self, entries: Sequence[AnyEntry], request: Request) -> Request:
        """The request without those units of an organisation that no entry found has."""
        named = {name for names in request.named for name in names}
        if not named:
            return request
        found = {name for entry in entries for name in entry.organisations} | named
        kept = tuple(name for name in request.filters.organisations if name in found)
        return replace(request, filters=replace(request.filters, organisations=kept))

    def _releases(self, entries: Sequence[AnyEntry], request: Request) -> Matched:
        """The releases of the things asked for; if there are none, all entries, because no field tells them apart."""
        noun = request.released or ""
        named = [(entry, name) for entry in entries if (name := released(entry, noun))]
        family = key_of(request.words)
        if family:
            named = [(entry, name) for entry, name in named if key_of(name)[: len(family)] == family]
        if not named:
            request = replace(request, released=None)
            return self._with_words(list(entries), request) if request.words else (list(entries), request, "")
        return [entry for entry, _ in named], request, f" named “{request.words}”" if family else ""

    def _with_words(self, entries: list[AnyEntry], request: Request) -> Matched:
        if request.counted:
            counted = self._counted(entries, request)
            if counted is not None:
                return counted
        mentioning = self._mentioning(entries, request.words)
        is_name = any(character.isupper() or character.isdigit() for character in request.words)
        if mentioning and (is_name or len(terms(request.words)) == 1):
            return mentioning, request, f" mentioning “{request.words}”"
        wanted = set(terms(request.words))
        if not wanted:
            return [], request, ""  # only words such as "it", which no entry is about
        with_all = [entry for entry in entries if wanted <= self.own_words[entry.id][0]]
        if not with_all and len(wanted) > 1:
            near = self._near(entries, request.words)
            if near:
                return near, request, f" about “{request.words}” (by their titles and first sentences)"
        words = [f"“{word}”" for word in request.words.split() if terms(word)]
        rule = f" with the {'word' if len(words) == 1 else 'words'} {listed(words, 'and')}"
        return with_all, request, rule

    def _counted(self, entries: Sequence[AnyEntry], request: Request) -> Matched | None:
        """The entries that report what a noun names: by a topic and the words before it."""
        topics = self._names.topics(request.words)
        if not topics or topics[-1].end != len(request.words):
            return None
        tail = topics[-1]
        before = set(terms(request.words[: tail.start])) - self._general
        on_topic = [entry for entry in entries if set(tail.names) & set(entry.topics)]
        with_words = [entry for entry in on_topic if before <= self.own_words[entry.id][0]]
        if not with_words:
            return None
        filters = replace(request.filters, topics=tail.names)
        if len(with_words) >= TYPICAL_SHARE * len(on_topic):
            return on_topic, replace(request, filters=filters), f" (asked for as “{request.words}”)"
        return with_words, replace(request, filters=filters), f" with “{request.words[: tail.start].strip()}”"

    def _near(self, entries: Sequence[AnyEntry], phrase: str) -> list[AnyEntry]:
        """The entries whose title or first sentences are about a phrase of which no entry has all the words."""
        wanted = list(dict.fromkeys(terms(phrase)))
        weights = {word: self._index.words.idf(word) for word in wanted if word not in self._general}
        total = sum(weights.values())
        vector = self._embed(phrase)
        near = []
        for entry in entries if total else ():
            numbers, words = self._opening(entry)
            share = sum(weight for word, weight in weights.items() if word in words) / total
            if share >= MIN_SHARE_NEAR and (vector is None or self._cosine(vector, numbers) >= MIN_COSINE_NEAR):
                near.append(entry)
        return near

    def _opening(self, entry: AnyEntry) -> tuple[list[int], frozenset[str]]:
        """The first sentences of an entry: their numbers in the index, and the index terms of them, title and fields."""
        field = next(iter(list(entry.texts())[1:2]), "title")
        spans = sentence_spans(self._index, entry, field)[:FIRST_SENTENCES]
        text = " ".join(entry.texts()[field][start:end] for start, end in spans)
        fields = " ".join([*entry.organisations, *(topic.replace("-", " ") for topic in entry.topics)])
        starts = {start for start, _ in spans}
        numbers = [
            number
            for place in self._index.passages_of.get(entry.id, ())
            if self._index.passages[place].field in {field, "title"}
            for number in self._index.sentences_of.get(place, ())
            if self._index.sentences[number].start in starts
        ]
        return numbers, frozenset(terms(f"{entry.title}\n{text}\n{fields}"))

    def _cosine(self, vector: Vectors, numbers: Sequence[int]) -> float:
        rows = self._index.sentence_rows
        if not numbers or not len(rows):
            return 1.0
        cosines = self._index.vectors[rows[list(numbers)]].astype(np.float32) @ vector
        return float(cosines.max())

    def _mentioning(self, entries: Sequence[AnyEntry], words: str) -> list[AnyEntry]:
        """The entries that contain some words next to each other, or another form of the same name."""
        forms = [key_of(form) for form in (words, *self._names.other_forms(words))]
        return [
            entry
            for entry in entries
            if any(contains(text, form) for text in self.own_words[entry.id][1] for form in forms)
        ]


def _words_of(entry: AnyEntry) -> tuple[frozenset[str], tuple[Key, ...]]:
    """The index terms of an entry's title, lead, organisations and topics: as a set, and in order for each text."""
    texts = [entry.title, next(iter(list(entry.texts().values())[1:2]), ""), *entry.organisations]
    texts += [topic.replace("-", " ") for topic in entry.topics]
    return frozenset(terms("\n".join(texts))), tuple(map(key_of, texts))


def _fits_fields(entry: AnyEntry, request: Request) -> bool:
    """Whether an entry has the source, level and importance of a request."""
    is_event = isinstance(entry, Event)
    least = request.least_importance
    return (
        (not request.sources or (isinstance(entry, Event) and entry.source in request.sources))
        and (request.level is None or (not is_event and getattr(entry, "level", None) == request.level))
        and (not request.important or (isinstance(entry, Event) and (entry.importance or 0) >= least))
    )


def contains(text: Key, words: Key) -> bool:
    """Whether a text contains some words next to each other."""
    return bool(words) and any(text[at : at + len(words)] == words for at in range(len(text) - len(words) + 1))
