"""When something was, and what it is, where the catalogue's titles name it.

An event's date is a field, so "When was Quiet-5 released?" is answered from it, whatever the verb and as exactly as the
field says. Where anything is in a question that is not understood, the question is left to the search.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from index import dates
from index.generation import Index
from index.lexical import STOPWORDS, stem, terms
from index.models import AnyEntry, Event

from . import naming
from .engine import Draft
from .extract import Piece, compose, escape, first_sentence
from .naming import DateAsked
from .titles import LONGEST, WITHIN, Name, Titles, Word, bare, places_of, words_of
from .types import Citation, Sentence

MOST = 3
"""Entries of one name that are shown: more than one thing may bear it."""
OPENING = 3
"""Sentences that say what a thing is."""
_FINER = {"day": 10, "date": 10, "month": 7}
"""How many characters a date must have to give a unit."""
_DESCRIBES = 3
"""Words that a description needs to be one."""
_LOOKED_AT = 20
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A part of a question that names something, how, and the events with the words that are left over for each."""

    rank: int
    name: Name
    events: list[tuple[Event, list[Word]]]


class Named:
    """Answers questions on the dates and the nature of what one catalogue names."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._titles = Titles(index.catalogue)

    def answer(self, question: str, defined: Callable[[str], object]) -> Draft | None:
        """The draft that answers a question about a named thing; None for any other question.

        Args:
            question: The question, standing alone.
            defined: Tells what guides and glossaries define: for a question, None where they do not answer it.
        """
        began = time.perf_counter()
        asked = naming.date_asked(question)
        if asked is not None:
            return self._when(asked, began)
        thing = naming.thing_asked(question)
        if thing is None or defined(question) is not None:
            return None
        return self._what(*thing, began)

    def _when(self, asked: DateAsked, began: float) -> Draft | None:
        candidates = sorted(self._candidates(asked.words), key=lambda one: (one.rank == WITHIN, -len(one.name), one.rank))
        for one in candidates:
            fitting = [entry for entry, left in one.events if _says(entry, left, one, asked.words)]
            if len(fitting) > 1 and one.rank == WITHIN:
                return None
            if fitting:
                return self._date_of(fitting, asked.unit, began)
        sure = [one for one in candidates if one.rank != WITHIN]
        if sure:
            return _said_otherwise(*sure[0].events[0], began)
        described = self._described(asked.words)
        if described is not None:
            return self._date_of([described], asked.unit, began)
        names = naming.names_in(asked.said, asked.words)
        return self._told(asked, names[0], began) if len(names) == 1 and not candidates else None

    def _date_of(self, entries: Sequence[Event], unit: str, began: float) -> Draft | None:
        """The dates of entries; a refusal where none has any, and no text that may say it."""
        dated = sorted((entry for entry in entries if entry.date), key=lambda entry: dates.sort_key(entry.date))
        if dated:
            return self._dated(dated[:MOST], unit, began)
        if any(_YEAR.search(text) for entry in entries for text in entry.texts().values()):
            return None
        return _refusal(f"The catalogue has “{entries[0].title}”, but no date is recorded for it.", entries, began)

    def _described(self, words: Sequence[Word]) -> Event | None:
        """The one event whose title has all that a question says: "When did a self-driving Uber kill a pedestrian?"."""
        said = {stem(word.text) for word in words if word.text not in naming.GLUE}
        if len(said) < _DESCRIBES:
            return None
        scores = self._index.words.scores(sorted(said))
        best = sorted(scores.nonzero()[0], key=lambda place: -scores[place])[:_LOOKED_AT]
        entries = dict.fromkeys(self._index.passages[int(place)].entry_id for place in best)
        found = [
            entry
            for entry in map(self._index.catalogue.by_id.__getitem__, entries)
            if isinstance(entry, Event) and said <= {stem(word.text) for word in words_of(entry.title)}
        ]
        return found[0] if len(found) == 1 else None

    def _told(self, asked: DateAsked, name: Sequence[Word], began: float) -> Draft | None:
        """The date of an entry that tells of a name which no title has; a refusal where none does."""
        key = bare([word.text for word in name])
        verbs = {stem(word.text) for word in asked.words if word not in name and word.text not in naming.GLUE}
        titles = {}
        for entry, piece in self._sentences(key):
            titles[entry.id] = entry
            if not isinstance(entry, Event) or not entry.date or _YEAR.search(piece.quote):
                continue
            if naming.tells_of(key, piece.quote, verbs):
                text = " ".join(f"{dates.in_words(entry.date)}: {piece.quote}".split())
                sentence = Sentence(text, (1,), 1.0)
                return Draft(f"{escape(text)} [1]", (sentence,), (piece.citation(1),), 1.0, began)
        named = asked.said[name[0].start : name[-1].end]
        longer = [entry for entry in titles.values() if set(key) <= {word.text for word in words_of(entry.title)}]
        if longer and any(text[0].isdigit() for text in key):
            reason = f"The catalogue has “{longer[0].title}”, but does not say when “{named}” itself came about."
            return _refusal(reason, longer, began)
        return self._unknown(asked.said, name, began)

    def _candidates(self, words: Sequence[Word]) -> Iterator[_Candidate]:
        """What parts of a question name, with the rest of it; where too much is left over, that is not what is asked."""
        for start in range(len(words)):
            for end in range(min(len(words), start + LONGEST), start, -1):
                texts = tuple(word.text for word in words[start:end])
                if bare(texts) != texts or all(text in naming.GLUE for text in texts):
                    continue
                for rank, named in self._titles.titled(texts):
                    left = [(entry, naming.left_over(words, start, end, entry)) for entry in named]
                    events = [(entry, rest) for entry, rest in left if len(rest) <= 1]
                    if events:
                        yield _Candidate(rank, texts, events)

    def _dated(self, events: Sequence[Event], unit: str, began: float) -> Draft:
        """The dates of some entries, each with its title and how the entry begins."""
        sentences: list[Sentence] = []
        citations: list[Citation] = []
        paragraphs = []
        for entry in events:
            assert entry.date is not None  # the caller's choice
            too_coarse = len(entry.date) < _FINER.get(unit, 0)
            note = f" (the {'day' if unit == 'date' else unit} is not recorded)" if too_coarse else ""
            lead = f"{dates.in_words(entry.date)}{note}: "
            parts = []
            opening = first_sentence(self._index, entry)
            for piece in [Piece(entry, "title", 0, len(entry.title)), *([opening] if opening else [])]:
                number = len(citations) + 1
                text = " ".join(f"{lead if piece.field == 'title' else ''}{piece.quote}".split())
                citations.append(piece.citation(number))
                sentences.append(Sentence(text, (number,), 1.0))
                parts.append(f"{escape(text)} [{number}]")
            paragraphs.append(" ".join(parts))
        return Draft("\n\n".join(paragraphs), tuple(sentences), tuple(citations), 1.0, began)

    def _what(self, said: str, words: Sequence[Word], began: float) -> Draft | None:
        name = bare([word.text for word in words])
        found = self._titles.titled(name)
        if found:
            rank, events = found[0]
            if rank == WITHIN and len(events) > 1:
                return None
            pieces = [piece for entry in events[:MOST] for piece in self._opening(entry, with_title=rank == WITHIN)]
            return Draft(*compose(pieces), 1.0, began)
        for _, piece in self._sentences(name):
            if naming.says_what(name, piece.quote):
                return Draft(*compose([piece]), 1.0, began)
        names = naming.names_in(said, words)
        return self._unknown(said, names[0], began) if len(names) == 1 and len(names[0]) == len(name) else None

    def _opening(self, entry: AnyEntry, *, with_title: bool) -> list[Piece]:
        """What an entry says first; its title where it says nothing more, or where that names the thing among others."""
        first = first_sentence(self._index, entry)
        title = [Piece(entry, "title", 0, len(entry.title))]
        if first is None:
            return title
        spans = (
            (self._index.sentences[number].start, self._index.sentences[number].end)
            for place in self._index.passages_of.get(entry.id, ())
            if self._index.passages[place].field == first.field
            for number in self._index.sentences_of.get(place, ())
        )
        opening = [Piece(entry, first.field, *span) for _, span in zip(range(OPENING), spans, strict=False)]
        return [*title, *opening] if with_title else opening

    def _sentences(self, name: Name) -> Iterator[tuple[AnyEntry, Piece]]:
        """The sentences of the passages in which, or in whose title or fields, a name stands."""
        for place in self._mentions(name):
            passage = self._index.passages[place]
            entry = self._index.catalogue.by_id[passage.entry_id]
            for number in self._index.sentences_of.get(place, ()):
                sentence = self._index.sentences[number]
                yield entry, Piece(entry, passage.field, sentence.start, sentence.end)

    def _mentions(self, name: Name) -> Iterator[int]:
        """Places of the passages in whose text, title or fields a name stands, word by word."""
        known = self._index.words
        forms = [form for text in name for form in terms(text, stopwords=frozenset())[:1] if text not in STOPWORDS]
        if not forms or not all(map(known.frequency, forms)):
            return
        rarest = min(forms, key=known.frequency)
        for place in known.scores([rarest]).nonzero()[0]:
            passage = self._index.passages[int(place)]
            entry = self._index.catalogue.by_id[passage.entry_id]
            around = (passage.text, entry.title, getattr(entry, "source", None) or "", *entry.organisations, *entry.topics)
            if any(next(places_of(name, [word.text for word in words_of(text)]), None) is not None for text in around):
                yield int(place)

    def _unknown(self, said: str, name: Sequence[Word], began: float) -> Draft | None:
        """A refusal where a name stands nowhere in the catalogue."""
        if not self._is_unknown(name):
            return None
        return _refusal(f"The catalogue has no entry that mentions “{said[name[0].start : name[-1].end]}”.", (), began)

    def _is_unknown(self, words: Sequence[Word]) -> bool:
        """Whether a name has a word that the catalogue has not, or a number that stands after no such word there."""
        texts = [word.text for word in words]
        for at, text in enumerate(texts):
            if text[0].isdigit():
                if at and not texts[at - 1][0].isdigit() and next(self._mentions((texts[at - 1], text)), None) is None:
                    return True
            elif text.isalpha() and text not in STOPWORDS:
                known = self._index.words
                if not known.frequency(known.nearest(stem(text))):
                    return True
        return False


def _says(entry: Event, left: Sequence[Word], found: _Candidate, asked: Sequence[Word]) -> bool:
    """Whether the date of an entry is the date of what a question says of the name, by the words left over."""
    titled = {stem(word.text) for word in words_of(entry.title)}
    for word in left:
        if word.is_proper or not word.text.isalpha():
            return False  # another name, which the entry does not have
        form = stem(word.text)
        told = any(form == stem(one.text) for text in entry.texts().values() for one in words_of(text))
        if not told and form in naming.OTHERWISE:
            return False
        if found.rank == WITHIN and form not in titled and form not in naming.CAME_ABOUT:
            return False
    if found.rank != WITHIN:
        return True
    # A title that says more than the name dates what it says: "Kestrel acquires Loom" is not when Loom came out.
    said = {stem(word.text) for word in asked if word.text not in found.name and word.text not in naming.GLUE}
    return bool(said & titled) or not naming.CAME_ABOUT.isdisjoint(titled)


def _said_otherwise(entry: Event, left: Sequence[Word], began: float) -> Draft | None:
    """A refusal where something else is said of a thing than its entry tells; None where that is for the search."""
    if any(word.is_proper for word in left):
        named = left[0].said
        return _refusal(f"The catalogue has “{entry.title}”, but nothing there mentions “{named}”.", [entry], began)
    return _refusal(f"The catalogue has “{entry.title}”, but no sentence found there says when that was.", [entry], began)


def _refusal(reason: str, events: Sequence[AnyEntry], began: float) -> Draft:
    return Draft("", (), (), 0.0, began, reason, tuple(entry.id for entry in events[:MOST]))
