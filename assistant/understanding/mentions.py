"""Finds names in a catalogue's texts and fields, by whole words: "Quiet-6" does not match "Quiet-5.6"."""

from collections.abc import Iterator, Sequence

import numpy as np

from assistant.answering.composition import Piece
from index import deadline
from index.generation import Index
from index.lexical import STOPWORDS, fold, stem, terms
from index.models import AnyEntry, Guide

from .titles import Name, Word, bare, name_of, places_of, words_of

MAX_PASSAGES_SEARCHED = 200
"""Maximum number of passages searched for a name, out of those that contain all of its words."""


class Mentions:
    """Finds names in one open index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._organisations = frozenset(map(name_of, index.catalogue.organisation_of))
        """The names of organisations, with the aliases that no text has to write."""

    def has(self, name: Name) -> bool:
        """Whether a name occurs anywhere: in a text, a title, an organisation or its alias, a topic or a source."""
        return name in self._organisations or next(self._passages(name), None) is not None

    def sentences(self, name: Name) -> Iterator[tuple[AnyEntry, Piece]]:
        """Yield the sentences of the passages that contain the name in their text or in the fields of their entry."""
        for position in self._passages(name):
            passage = self._index.passages[position]
            entry = self._index.catalogue.by_id[passage.entry_id]
            for number in self._index.sentences_of.get(position, ()):
                sentence = self._index.sentences[number]
                yield entry, Piece(entry, passage.field, sentence.start, sentence.end)

    def is_unknown(self, words: Sequence[Word]) -> bool:
        """Whether a name has a word that the catalogue lacks, or a number that never follows the word before it there."""
        known = self._index.words
        texts = [word.text for word in words]
        if bare(texts) in self._organisations:
            return False
        for at, text in enumerate(texts):
            if text[0].isdigit():
                if at and not texts[at - 1][0].isdigit() and not self.has((texts[at - 1], text)):
                    return True
            elif text.isalpha() and text not in STOPWORDS and not known.frequency(known.nearest(stem(text))):
                return True
        return False

    def occurs(self, text: str) -> bool:
        """Whether the words of `text` occur together and in order in any entry, or name an organisation by its alias."""
        return name_of(text) in self._organisations or any(
            is_in_entry(text, entry) for entry in self._index.catalogue.entries
        )

    def _passages(self, name: Name) -> Iterator[int]:
        known = self._index.words
        forms = [form for text in name if text not in STOPWORDS for form in terms(text, stopwords=frozenset())[:1]]
        if not forms or not all(map(known.frequency, forms)):
            return
        hold_all = np.logical_and.reduce([known.scores([form]) > 0 for form in forms])
        for position in map(int, np.flatnonzero(hold_all)[:MAX_PASSAGES_SEARCHED]):
            passage = self._index.passages[position]
            entry = self._index.catalogue.by_id[passage.entry_id]
            if any(_occurs_in(name, text) for text in (passage.text, entry.title, *_fields(entry))):
                yield position


def is_in_entry(text: str, entry: AnyEntry) -> bool:
    """Whether the words of `text` occur together and in order in a text or a field of the entry."""
    deadline.check()
    name = name_of(text)
    if not name:
        return False
    glossary = [term.term for term in entry.terms] if isinstance(entry, Guide) else []
    headings = [section.heading for section in entry.sections] if isinstance(entry, Guide) else []
    texts = (*entry.texts().values(), *_fields(entry), *glossary, *headings)
    return any(name[0] in (text.lower() if text.isascii() else fold(text)) and _occurs_in(name, text) for text in texts)


def _fields(entry: AnyEntry) -> tuple[str, ...]:
    topics = (topic.replace("-", " ").replace("_", " ") for topic in entry.topics)
    return (getattr(entry, "source", None) or "", *entry.organisations, *topics)


def _occurs_in(name: Name, text: str) -> bool:
    return next(places_of(name, [word.text for word in words_of(text)]), None) is not None
