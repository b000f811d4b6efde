"""When something was, and what it is, where the catalogue's titles name it.

An event's date is a field, so "When was Quiet-5 released?" is answered from it, whatever the verb and as exactly as the
field says. Where anything is in a question that is not understood, the question is left to the search.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.answer import Citation, Sentence
from assistant.query_engine import Draft
from assistant.understanding import named_question
from assistant.understanding.mentions import Mentions
from assistant.understanding.named_question import DateAsked
from assistant.understanding.phrases import CAME_ABOUT_TERMS, DATE_FILLERS, HAPPENED_LATER_TERMS
from assistant.understanding.titles import LONGEST, WITHIN, Name, Titles, Word, bare, runs_on, words_of
from index import dates
from index.generation import Index
from index.lexical import stem
from index.models import AnyEntry, Event

from .selection import Piece, compose, escape, first_sentence

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
        self._mentions = Mentions(index)

    def answer(self, question: str, defined: Callable[[str], object]) -> Draft | None:
        """The draft that answers a question about a named thing; None for any other question.

        Args:
            question: The question, standing alone.
            defined: Tells what guides and glossaries define: for a question, None where they do not answer it.
        """
        began = time.perf_counter()
        asked = named_question.date_asked(question)
        if asked is not None:
            return self._when(asked, began)
        made = named_question.maker_asked(question)
        if made is not None:
            return self._maker(made[1], began)
        thing = named_question.thing_asked(question)
        if thing is None or defined(question) is not None:
            return None
        return self._what(*thing, began)

    def _when(self, asked: DateAsked, began: float) -> Draft | None:
        several = self._several(asked.words)
        if several:
            return self._date_of(several, asked.unit, began)
        candidates = sorted(
            self._candidates(asked.words), key=lambda one: (one.rank == WITHIN, -len(one.name), one.rank)
        )
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
        names = named_question.names_in(asked.said, asked.words)
        return self._told(asked, names[0], began) if len(names) == 1 and not candidates else None

    def _date_of(self, entries: Sequence[Event], unit: str, began: float) -> Draft | None:
        """The dates of entries; a refusal where none has any, and no text that may say it."""
        dated = sorted((entry for entry in entries if entry.date), key=lambda entry: dates.sort_key(entry.date))
        if dated:
            return self._dated(dated[:MOST], unit, began)
        if any(_YEAR.search(text) for entry in entries for text in entry.texts().values()):
            return None
        return _refusal(f"The catalogue has “{entries[0].title}”, but no date is recorded for it.", entries, began)

    def _several(self, words: Sequence[Word]) -> list[Event]:
        """The events that a question names by their whole titles, where it names more than one and says one thing of all."""
        found = self._titles.named_in(words)
        inside = {at for start, end in found.values() for at in range(start, end)}
        rest = [word for at, word in enumerate(words) if at not in inside and word.text not in DATE_FILLERS]
        places = sorted(found.values())
        gaps = [{word.text for word in words[end:start]} for (_, end), (start, _) in pairwise(places)]
        joined = any(gaps) and all(gap <= {"and", "or"} for gap in gaps)
        if (
            not joined
            or len(rest) > 1
            or any(word.is_proper or stem(word.text) in HAPPENED_LATER_TERMS for word in rest)
        ):
            return []
        return [entry for name in found for entry in self._titles.titled(name)[0][1]]

    def _maker(self, words: Sequence[Word], began: float) -> Draft | None:
        """What is named, introduced by who it is of, where a field says that."""
        found = self._titles.titled(bare([word.text for word in words]))
        of = [entry for entry in found[0][1] if entry.organisations or entry.source] if found else []
        if not of or found[0][0] == WITHIN:
            return None
        pieces = [piece for entry in of[:MOST] for piece in self._opening(entry, with_title=True)]
        return Draft(*compose(pieces), 1.0, began)

    def _described(self, words: Sequence[Word]) -> Event | None:
        """The one event whose title has all that a question says: "When did a self-driving Uber kill a pedestrian?"."""
        said = {stem(word.text) for word in words if word.text not in DATE_FILLERS}
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
        if self._titles.titled(key):
            return self._longer_unknown(asked, name, began)
        verbs = {stem(word.text) for word in asked.words if word not in name and word.text not in DATE_FILLERS}
        titles = {}
        for entry, piece in self._mentions.sentences(key):
            titles[entry.id] = entry
            if not isinstance(entry, Event) or not entry.date or _YEAR.search(piece.quote):
                continue
            if named_question.tells_of(key, piece.quote, verbs):
                text = " ".join(f"{dates.in_words(entry.date)}: {piece.quote}".split())
                sentence = Sentence(text, (1,), 1.0)
                return Draft(f"{escape(text)} [1]", (sentence,), (piece.citation(1),), 1.0, began)
        named = asked.said[name[0].start : name[-1].end]
        longer = [entry for entry in titles.values() if set(key) <= {word.text for word in words_of(entry.title)}]
        if longer and any(text[0].isdigit() for text in key):
            reason = f"The catalogue has “{longer[0].title}”, but does not say when “{named}” itself came about."
            return _refusal(reason, longer, began)
        return self._unknown(asked.said, name, began)

    def _longer_unknown(self, asked: DateAsked, name: Sequence[Word], began: float) -> Draft | None:
        """A refusal of "When was Quiet-5 mini released?" where the catalogue has Quiet-5 and no Quiet-5 mini."""
        rest = asked.words[asked.words.index(name[-1]) + 1 :]
        if len(rest) < 2 or rest[0].text in DATE_FILLERS:
            return None
        longer = [*name, rest[0]]
        if not named_question.came_about(rest[1:]) or self._mentions.has(tuple(word.text for word in longer)):
            return None
        return _refusal(_not_mentioned(asked.said, longer), (), began)

    def _candidates(self, words: Sequence[Word]) -> Iterator[_Candidate]:
        """What parts of a question name, with the rest of it; where too much is left over, that is not what is asked."""
        for start in range(len(words)):
            for end in range(min(len(words), start + LONGEST), start, -1):
                texts = tuple(word.text for word in words[start:end])
                if (
                    runs_on(words, start)
                    or runs_on(words, end)
                    or bare(texts) != texts
                    or all(text in DATE_FILLERS for text in texts)
                ):
                    continue
                for rank, named in self._titles.titled(texts):
                    left = [(entry, named_question.left_over(words, start, end, entry)) for entry in named]
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
        for _, piece in self._mentions.sentences(name):
            if named_question.says_what(name, piece.quote):
                return Draft(*compose([piece]), 1.0, began)
        names = named_question.names_in(said, words)
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

    def _unknown(self, said: str, name: Sequence[Word], began: float) -> Draft | None:
        """A refusal where a name stands nowhere in the catalogue."""
        if not self._mentions.is_unknown(name):
            return None
        return _refusal(_not_mentioned(said, name), (), began)


def _says(entry: Event, left: Sequence[Word], found: _Candidate, asked: Sequence[Word]) -> bool:
    """Whether the date of an entry is the date of what a question says of the name, by the words left over."""
    titled = {stem(word.text) for word in words_of(entry.title)}
    for word in left:
        if word.is_proper or not word.text.isalpha():
            return False  # another name, which the entry does not have
        form = stem(word.text)
        told = any(form == stem(one.text) for text in entry.texts().values() for one in words_of(text))
        if not told and form in HAPPENED_LATER_TERMS:
            return False
        if found.rank == WITHIN and form not in CAME_ABOUT_TERMS and form not in titled:
            return False
    if found.rank != WITHIN:
        return True
    # A title that says more than the name dates what it says of it: "Kestrel acquires Loom" is not when Loom came out.
    said = {stem(word.text) for word in asked if not word.is_proper and word.text not in DATE_FILLERS}
    return named_question.tells_of(found.name, entry.title, said - set(found.name))


def _said_otherwise(entry: Event, left: Sequence[Word], began: float) -> Draft | None:
    """A refusal where something else is said of a thing than its entry tells; None where that is for the search."""
    if any(word.is_proper for word in left):
        named = left[0].said
        return _refusal(f"The catalogue has “{entry.title}”, but nothing there mentions “{named}”.", [entry], began)
    return _refusal(
        f"The catalogue has “{entry.title}”, but no sentence found there says when that was.", [entry], began
    )


def _not_mentioned(said: str, name: Sequence[Word]) -> str:
    return f"The catalogue has no entry that mentions “{said[name[0].start : name[-1].end]}”."


def _refusal(reason: str, events: Sequence[AnyEntry], began: float) -> Draft:
    return Draft("", (), (), 0.0, began, reason, tuple(entry.id for entry in events[:MOST]))
