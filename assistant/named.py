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
from .titles import HEAD, LONGEST, WITHIN, Name, Titles, Word, bare, places_of, words_of
from .types import Citation, Sentence

MOST = 3
"""Entries of one name that are shown: more than one thing may bear it."""
OPENING = 3
"""Sentences that say what a thing is."""
_FINER = {"day": 10, "date": 10, "month": 7}
"""How many characters a date must have to give a unit."""
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A part of a question that names something, how, and the events with the words that are left over for each."""

    rank: int
    length: int
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
        candidates = list(self._candidates(asked.words))
        if not candidates:
            names = naming.names_in(asked.said, asked.words)
            return self._unknown(asked.said, names[0], began) if len(names) == 1 else None
        found = min(candidates, key=lambda one: (one.rank == WITHIN, -one.length, one.rank))
        events = sorted(found.events, key=lambda one: dates.sort_key(one[0].date))
        fitting = [entry for entry, left in events if _says(entry, left, within=found.rank == WITHIN)]
        if not fitting:
            return None if found.rank == WITHIN else _said_otherwise(*events[0], began)
        if found.rank == WITHIN and len(fitting) > 1:
            return None
        dated = [entry for entry in fitting if entry.date]
        if not dated:
            if any(_YEAR.search(text) for entry in fitting for text in entry.texts().values()):
                return None  # the text may say when
            return _refusal(f"The catalogue has “{fitting[0].title}”, but no date is recorded for it.", fitting, began)
        return self._dated(dated[:MOST], asked.unit, began)

    def _candidates(self, words: Sequence[Word]) -> Iterator[_Candidate]:
        """What parts of a question name, with the rest of it; where too much is left over, that is not what is asked."""
        for start in range(len(words)):
            for end in range(min(len(words), start + LONGEST), start, -1):
                texts = tuple(word.text for word in words[start:end])
                if bare(texts) != texts or all(text in naming.GLUE for text in texts):
                    continue
                found = self._titles.titled(texts)
                if found is None:
                    continue
                left = [(entry, naming.left_over(words, start, end, entry)) for entry in found[1]]
                events = [(entry, words) for entry, words in left if len(words) <= 1]
                if events:
                    yield _Candidate(found[0], len(texts), events)

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
        if found is not None and (found[0] <= HEAD or len(found[1]) == 1):
            pieces = [piece for entry in found[1][:MOST] for piece in self._opening(entry, with_title=found[0] == WITHIN)]
            return Draft(*compose(pieces), 1.0, began)
        if found is None:
            apposed = next(self._apposed(name), None)
            if apposed is not None:
                return Draft(*compose([apposed]), 1.0, began)
            names = naming.names_in(said, words)
            if len(names) == 1 and len(names[0]) == len(name):
                return self._unknown(said, names[0], began)
        return None

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

    def _apposed(self, name: Name) -> Iterator[Piece]:
        """Sentences that say what a name is: "a watermark called Tallow", "Tallow, a watermark"."""
        for place in self._mentions(name):
            passage = self._index.passages[place]
            entry = self._index.catalogue.by_id[passage.entry_id]
            text = entry.texts()[passage.field]
            for number in self._index.sentences_of.get(place, ()):
                sentence = self._index.sentences[number]
                if naming.says_what(name, text[sentence.start : sentence.end]):
                    yield Piece(entry, passage.field, sentence.start, sentence.end)

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


def _says(entry: Event, left: Sequence[Word], *, within: bool) -> bool:
    """Whether the date of an entry is the date of what a question says of the name, by the words left over."""
    for word in left:
        if word.is_proper or not word.text.isalpha():
            return False  # another name, which the entry does not have
        form = stem(word.text)
        in_title, told = (
            any(form == stem(one.text) for text in texts for one in words_of(text))
            for texts in ((entry.title,), entry.texts().values())
        )
        if not told and form in naming.OTHERWISE:
            return False
        if within and not in_title and form not in naming.CAME_ABOUT:
            return False
    return True


def _said_otherwise(entry: Event, left: Sequence[Word], began: float) -> Draft | None:
    """A refusal where something else is said of a thing than its entry tells; None where that is for the search."""
    if not all(stem(word.text) in naming.OTHERWISE for word in left):
        return None
    reason = f"The catalogue has “{entry.title}”, but no sentence found there says when it was {left[0].text}."
    return _refusal(reason, [entry], began)


def _refusal(reason: str, events: Sequence[AnyEntry], began: float) -> Draft:
    return Draft("", (), (), 0.0, began, reason, tuple(entry.id for entry in events[:MOST]))
