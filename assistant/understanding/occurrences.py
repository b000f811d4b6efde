"""Finds where the catalogue's texts write a name, whatever case and accents the question uses.

Nothing is collected when an index opens: a name is looked up in the word index, and only the passages with all its words
are read. The results are cached.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from assistant.answering.composition import Piece
from index import dates, deadline
from index.generation import Index
from index.lexical import STOPWORDS, fold, terms
from index.models import AnyEntry, Event

from . import person_names
from .titles import Name, Word, name_of, places_of, words_of
from .vocabulary import names_in

MAX_PASSAGES = 600
"""Maximum number of passages read for one name."""
_MIN_EVIDENCE = 1
"""Points of evidence from which a name counts as a person's."""
_DOMINATES = 3
"""A surname stands for one person if its other bearers occur this many times less often."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A name in a sentence of an entry: the characters of the name in the sentence, and whether it is part of a longer name."""

    piece: Piece
    text: str
    start: int
    end: int
    is_within_longer: bool

    @property
    def entry(self) -> AnyEntry:
        """The entry of the sentence."""
        return self.piece.entry

    @property
    def date(self) -> str:
        """The date of an event, or the newest year in the sentence: what it says is rarely newer than both; may be empty."""
        years = dates.YEAR.findall(self.text)
        own = self.entry.date or ""
        is_own = isinstance(self.entry, Event) and (not years or own[:4] in years)
        return own if is_own else max(years, default="")


class Occurrences:
    """Looks up names in the texts of one open index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._read = lru_cache(maxsize=512)(self._find)
        self.is_person = lru_cache(maxsize=1024)(self._find_is_person)
        self.full_name = lru_cache(maxsize=512)(self._find_full_name)

    def of(self, name: Name) -> tuple[Occurrence, ...]:
        """All occurrences of the words as a name in sentences, in catalogue order."""
        return self._read(name)[0]

    def is_name(self, name: Name) -> bool:
        """Whether the texts write some words mostly as a name ("claude"), not as common words ("training")."""
        found, common = self._read(name)
        if len(name) > 1:
            return len(found) > common
        inside = sum(occurrence.start > 0 for occurrence in found)
        return inside > common or (len(found) > 1 and not common)

    def _find(self, name: Name) -> tuple[tuple[Occurrence, ...], int]:
        """The occurrences of the words as a name, and how often they are written without capitals."""
        known = self._index.words
        forms = [form for text in name for form in terms(text)[:1]]
        if not forms or not all(map(known.frequency, forms)):
            return (), 0
        hold_all = np.logical_and.reduce([known.scores([form]) > 0 for form in forms])
        found: list[Occurrence] = []
        common = 0
        for place in map(int, np.flatnonzero(hold_all)[:MAX_PASSAGES]):
            deadline.check()
            passage = self._index.passages[place]
            entry = self._index.catalogue.by_id[passage.entry_id]
            for number in self._index.sentences_of.get(place, ()):
                sentence = self._index.sentences[number]
                own, others = _in_sentence(Piece(entry, passage.field, sentence.start, sentence.end), name)
                found += own
                common += others
        return tuple(found), common

    @cached_property
    def _organisations(self) -> frozenset[str]:
        """The names of one word in the field `organisations`, and aliases: no person's name has one of them."""
        names = map(name_of, self._index.catalogue.organisation_of)
        return frozenset(name[0] for name in names if len(name) == 1)

    def may_be_person(self, name: Name) -> bool:
        """Whether a sentence writes a name in the form of a person's full name."""
        return len(name) > 1 and any(map(_has_form_of_person, self.of(name)))

    def _find_is_person(self, name: Name) -> bool:
        """Whether the sentences with a full name treat it as a person's name."""
        found = self.of(name)
        if not self.may_be_person(name) or not self._organisations.isdisjoint(name):
            return False
        return sum(person_names.evidence(one.text, one.start, one.end) for one in found) >= _MIN_EVIDENCE

    def _find_full_name(self, name: Name) -> Name | None:
        """The person that a full name, or a surname alone, stands for; None if it is nobody, or more than one."""
        if len(name) > 1:
            return name if self.is_person(name) else None
        bearers: Counter[Name] = Counter()
        for occurrence in self.of(name):
            for full in person_names.full_names(occurrence.text):
                if full.start < occurrence.start and full.end == occurrence.end:
                    bearers[tuple(word.text for word in words_of(full.text))] += 1
        people = [(full, times) for full, times in bearers.most_common() if self.is_person(full)]
        if not people or any(times * _DOMINATES > people[0][1] for _, times in people[1:]):
            return None
        return people[0][0]

    def of_person(self, full: Name) -> list[Occurrence]:
        """The sentences about a person: with the full name, or with the surname alone in an entry that has the full name."""
        found = list(self.of(full))
        entries = {occurrence.entry.id for occurrence in found}
        seen = {(occurrence.entry.id, occurrence.piece.field, occurrence.piece.start) for occurrence in found}
        surname = (full[-1],)
        is_only_bearer = self.full_name(surname) == full
        for occurrence in self.of(surname):
            place = (occurrence.entry.id, occurrence.piece.field, occurrence.piece.start)
            if place not in seen and _stands_alone(occurrence) and (is_only_bearer or occurrence.entry.id in entries):
                found.append(occurrence)
        return found + self._with_shared_surname(full)

    def _with_shared_surname(self, full: Name) -> list[Occurrence]:
        """The sentences that name two people with one surname: "Dario and Daniela Amodei"."""
        found = []
        for occurrence in self.of(full[:1]) if len(full) == 2 else ():
            rest = [word.text for word in words_of(occurrence.text[occurrence.end :])[:3]]
            if len(rest) == 3 and rest[0] == "and" and rest[2] == full[1]:
                found.append(occurrence)
        return found

    def longer_names(self, name: Name) -> list[Name]:
        """The longer names that hold a name, the most frequent first: "GitHub Copilot" for "Copilot"."""
        longer: Counter[Name] = Counter()
        for occurrence in self.of(name):
            for run, start, _ in names_in(occurrence.text) if occurrence.is_within_longer else ():
                if start <= occurrence.start and occurrence.end <= start + len(run):
                    longer[name_of(run)] += 1
        return [other for other, _ in longer.most_common() if other != name]

    def people_in(self, text: str) -> list[tuple[str, int]]:
        """The people named in full in a text, in order, each with its start."""
        return [
            (full.text, full.start)
            for full in person_names.full_names(text)
            if self.is_person(tuple(word.text for word in words_of(full.text)))
        ]


def _in_sentence(piece: Piece, name: Name) -> tuple[list[Occurrence], int]:
    """The occurrences of a name in a sentence, and how often it is written there without capitals."""
    text = piece.quote
    found: list[Occurrence] = []
    common = 0
    if name[0] not in fold(text):
        return found, common
    words = words_of(text)
    for at in places_of(name, [word.text for word in words]):
        own = words[at : at + len(name)]
        if own[0].is_proper and (own[-1].is_proper or len(own) > 2 or "-" in text[own[0].start : own[-1].end]):
            longer = _is_longer(text, words, at, at + len(name))
            found.append(Occurrence(piece, text, own[0].start, own[-1].end, longer))
        else:
            common += 1
    return found, common


def _stands_alone(occurrence: Occurrence) -> bool:
    """Whether a surname is neither part of a full name nor put before a noun: "the Musk verdict"."""
    before = occurrence.text[: occurrence.start].casefold()
    return not before.endswith("the ") and all(
        full.end != occurrence.end for full in person_names.full_names(occurrence.text)
    )


def _has_form_of_person(occurrence: Occurrence) -> bool:
    """Whether the name, as the sentence writes it, is a whole full name of a person."""
    return any(
        full.start == occurrence.start and full.end == occurrence.end
        for full in person_names.full_names(occurrence.text)
    )


def _is_longer(text: str, words: Sequence[Word], start: int, end: int) -> bool:
    """Whether the words at a position are part of a longer name: "Claude" in "Claude 3 Opus" or in "Golden Gate Claude"."""
    after = (
        end < len(words) and words[end].is_proper and text[words[end - 1].end : words[end].start] in {" ", "-", ".", ""}
    )
    previous = words[start - 1] if start else None
    before = (
        previous is not None
        and previous.is_proper
        and not (start == 1 and previous.text in STOPWORDS)
        and text[previous.end : words[start].start] in {" ", "-"}
    )
    return after or before
