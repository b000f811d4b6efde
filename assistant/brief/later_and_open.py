"""What a summary does not settle: later entries on the same things, and what is near and not covered."""

import re
from collections.abc import Iterator, Sequence
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

LATER = 4
OPEN = 4
"""Pointers of either kind at the most."""
SAME_THING = 0.66
"""The cosine from which a sentence of a later entry is on the same thing as a cited one, …"""
CHANGED = 0.55
"""… from which it is where it tells of a change and has words of the cited entry's title …"""
SAME_FIGURE = 0.7
"""… and from which their numbers of the same unit are numbers of the same thing."""
SHARED = 2
"""Topics that two linked entries share where they are about the same thing, unless they share an organisation."""

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


class Outlook:
    """Looks beyond the sentences of one summary, within the question's filters."""

    def __init__(self, index: Index, vocabulary: Vocabulary, filters: Filters) -> None:
        self._index = index
        self._vocabulary = vocabulary
        self._filters = filters

    @cached_property
    def _within(self) -> frozenset[str]:
        catalogue = self._index.catalogue
        only = within(catalogue, self._filters)
        return frozenset(catalogue.by_id) if only is None else only

    def later(self, citations: Sequence[Citation], pool: Sequence[Evidence]) -> tuple[Later, ...]:
        """Later entries on what is cited: those that tell of a change first, then other figures, then what is only later.

        A later entry is linked with the cited one or gives another figure of the same thing; nothing is said to have
        been replaced.
        """
        found: dict[tuple[str, str], Later] = {}
        for citation in citations:
            entry = self._index.catalogue.by_id[citation.entry_id]
            if entry.kind != "event" or entry.date is None:
                continue
            for one in (*self._linked(citation, entry), *self._figures(citation, entry, pool)):
                key = (one.entry_id, citation.entry_id)
                if key not in found or _rank(one) < _rank(found[key]):
                    found[key] = one
        cited = {citation.entry_id for citation in citations}
        told = sorted(
            (one for one in found.values() if one.says != "later" or one.entry_id not in cited),
            key=lambda one: (_rank(one), dates.sort_key(one.date), one.number),
        )
        once = {one.entry_id: one for one in reversed(told)}
        return tuple(one for one in told if once[one.entry_id] is one)[:LATER]

    def _linked(self, citation: Citation, entry: AnyEntry) -> Iterator[Later]:
        catalogue = self._index.catalogue
        for name in catalogue.links.get(entry.id, ()):
            other = catalogue.by_id[name]
            if other.kind != "event" or name not in self._within or not _after(other.date, entry.date):
                continue
            alike = set(other.topics) & set(entry.topics)
            if len(alike) < SHARED and not set(other.organisations) & set(entry.organisations):
                continue
            yield from self._of(citation, entry, other)

    def _of(self, citation: Citation, entry: AnyEntry, other: AnyEntry) -> Iterator[Later]:
        """The sentence of a later entry that speaks of the same thing as a citation, if one does."""
        names = set(terms(entry.title))
        best: tuple[float, int] | None = None
        for place in self._sentences(other.id):
            text = self._text(place, other)
            near = self._near(citation, text, place)
            named = len(names & words_of(text)) >= min(2, len(names))
            if named and near >= CHANGED and _CHANGES.search(text):
                yield self._pointer(citation, other, place, "changed")
                return
            if near >= SAME_THING and (best is None or near > best[0]):
                best = near, place
        if best is not None:
            yield self._pointer(citation, other, best[1], "later")

    def _figures(self, citation: Citation, entry: AnyEntry, pool: Sequence[Evidence]) -> Iterator[Later]:
        own = _amounts(citation.quote)
        if not own:
            return
        names = self._names(citation.quote)
        for one in pool:
            if one.entry.id == entry.id or one.entry.kind != "event" or not _after(one.entry.date, entry.date):
                continue
            given = _amounts(one.text)
            differ = [unit for unit in own if unit in given and not own[unit] & given[unit]]
            if differ and names & self._names(one.text) and self._near(citation, one.text, one.place) >= SAME_FIGURE:
                yield self._pointer(citation, one.entry, one.place, "figures")

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

    def _near(self, citation: Citation, text: str, place: int) -> float:
        vector = self._vector(place)
        own = next(
            (
                self._vector(n)
                for n in self._sentences(citation.entry_id)
                if self._index.sentences[n].start == citation.start
                and self._index.passages[self._index.sentences[n].passage].field == citation.field
            ),
            None,
        )
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
        assert other.date is not None  # `_after` asked
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

    def open_points(self, asked: str, citations: Sequence[Citation], near: Sequence[AnyEntry]) -> tuple[OpenPoint, ...]:
        """What is near the topic and covered by no event within the filters: words asked, glossary terms, topics."""
        points = [*self._words(asked, citations), *self._glossary(asked, near), *self._topics(citations)]
        return tuple({point.about: point for point in reversed(points)}[point.about] for point in points)[:OPEN]

    def _words(self, asked: str, citations: Sequence[Citation]) -> Iterator[OpenPoint]:
        """Names asked about that no cited entry holds; a common word may be said in another way."""
        index = self._index
        cited = dict.fromkeys(citation.entry_id for citation in citations)
        own = [place for name in cited for place in index.passages_of.get(name, ())]
        for word in _WORD.findall(without_dates(asked)):
            is_name = any(sign.isupper() or sign.isdigit() for sign in word)
            if is_name and any(not (index.words.scores([part])[own] > 0).any() for part in terms(word)[:1]):
                yield OpenPoint(word, "no cited entry speaks of it")

    def _glossary(self, asked: str, near: Sequence[AnyEntry]) -> Iterator[OpenPoint]:
        asked_words = set(terms(without_dates(asked)))
        for guide in {entry.id: entry for entry in near if isinstance(entry, Guide)}.values():
            named = [guide.title, *(topic.replace("-", " ") for topic in guide.topics)]
            if not any(words and words <= asked_words for words in (set(terms(name)) for name in named)):
                continue
            for term in guide.terms:
                bare = re.sub(r"\s*\(.*?\)", "", term.term)
                if self._events_with(bare) == 0:
                    yield OpenPoint(bare, f"in the glossary of “{guide.title}”; no event{self._when()} names it")

    def _topics(self, citations: Sequence[Citation]) -> Iterator[OpenPoint]:
        """Topics of what is linked with the cited entries, when the filters leave out all there is on them."""
        if not (self._filters.since or self._filters.until):
            return
        catalogue = self._index.catalogue
        cited = dict.fromkeys(citation.entry_id for citation in citations)
        linked = dict.fromkeys(other for name in cited for other in catalogue.links.get(name, ()))
        for topic in dict.fromkeys(topic for name in linked for topic in catalogue.by_id[name].topics):
            events = [entry for entry in catalogue.entries if entry.kind == "event" and topic in entry.topics]
            if events and not any(entry.id in self._within for entry in events):
                count = f"{len(events)} {'entry' if len(events) == 1 else 'entries'}"
                yield OpenPoint(
                    topic.replace("-", " "), f"a topic of {count} in the catalogue, none of them{self._when()}"
                )

    def _events_with(self, name: str) -> int:
        """Events within the filters of which one passage holds every word of a name."""
        index = self._index
        holds = np.ones(len(index.passages), bool)
        for word in dict.fromkeys(terms(name)):
            holds &= index.words.scores([word]) > 0
        owners = {index.passages[int(place)].entry_id for place in np.flatnonzero(holds)}
        return sum(index.catalogue.by_id[owner].kind == "event" and owner in self._within for owner in owners)

    def _when(self) -> str:
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


def _rank(one: Later) -> int:
    return ("changed", "figures", "later").index(one.says)


def _after(date: str | None, other: str | None) -> bool:
    """Whether a date is certainly after another: a month is not after a day in it."""
    return date is not None and other is not None and dates.span(date)[0] > dates.span(other)[1]


def _amounts(text: str) -> dict[str, set[str]]:
    """Numbers by what they count: {"paramet": {"175 billion"}}."""
    found: dict[str, set[str]] = {}
    for match in _AMOUNT.finditer(text):
        number, scale, percent, unit = match.groups()
        stems = terms(unit) if unit else []
        key = percent or (stems[0] if stems else "")
        if key:
            found.setdefault(key, set()).add(f"{number.replace(',', '')} {scale or ''}".strip())
    return found
