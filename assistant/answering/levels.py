"""How an answer depends on the reader's level: other sentences are selected, the facts stay the same.

A beginner gets summaries, short sentences and definitions of new words; an expert gets more entries, numbers and sources.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.understanding.vocabulary import Key, key_of
from index.generation import Index
from index.models import AnyEntry, Guide, Level

from .evidence import Evidence

MAX_EXPLAINED_WORDS = 2
"""Words explained in one answer; with more definitions the answer itself would be hard to find."""


@dataclass(frozen=True, slots=True)
class AnswerSize:
    """Limits for the sentences and entries of an answer."""

    sentences: int
    entries: int
    min_share: float
    """A sentence of another entry than the best must reach this share of the best score."""


SIZE_BY_LEVEL: dict[Level, AnswerSize] = {
    "beginner": AnswerSize(4, 3, 0.85),
    "intermediate": AnswerSize(5, 3, 0.85),
    "advanced": AnswerSize(7, 5, 0.8),
}
_BEGINNER_BONUS = {"tldr": 0.05, "terms": 0.04, "key_takeaways": 0.03, "sections": 0.01, "description": 0.01}
"""Added to a sentence's score for beginners, by field: these fields are written for newcomers."""
_SHORT_SENTENCE = 18
"""Words in a sentence that is easy to read."""
_LONG_SENTENCE_PENALTY = 0.002
"""Taken off a beginner's sentence for each further word, for at most twenty words."""
_NUMBER_BONUS = 0.03
_SOURCE_BONUS = 0.02
"""Added to a sentence's score for experts if it has a number, and if it is from an event, which has a source."""


def suited(evidence: Sequence[Evidence], level: Level) -> list[Evidence]:
    """Sort sentences by how well they suit a level; the best answer stays first at every level."""
    if level == "intermediate":
        return list(evidence)
    bonus = _beginner_bonus if level == "beginner" else _expert_bonus
    return [*evidence[:1], *sorted(evidence[1:], key=lambda item: -(item.score + bonus(item)))]


def _beginner_bonus(item: Evidence) -> float:
    extra_words = min(max(0, len(item.text.split()) - _SHORT_SENTENCE), 20)
    return _BEGINNER_BONUS.get(item.field.partition(".")[0], 0.0) - _LONG_SENTENCE_PENALTY * extra_words


def _expert_bonus(item: Evidence) -> float:
    has_number = any(character.isdigit() for character in item.text)
    return (_NUMBER_BONUS if has_number else 0.0) + (_SOURCE_BONUS if item.entry.kind == "event" else 0.0)


@dataclass(frozen=True, slots=True)
class GlossaryWord:
    """A word of the glossary, and where the first sentence of its definition is."""

    entry: AnyEntry
    field: str
    start: int
    end: int


class Glossary:
    """The words that a catalogue's guides define."""

    def __init__(self, index: Index) -> None:
        self._words: dict[Key, GlossaryWord] = {}
        for guide in index.catalogue.entries:
            if isinstance(guide, Guide):
                first_sentences = _first_sentences(index, guide)
                for number, term in enumerate(guide.terms):
                    field = f"terms.{number}.definition"
                    names = [re.sub(r"\s*\(.*?\)", "", term.term), *re.findall(r"\((.*?)\)", term.term)]
                    for key in filter(None, map(key_of, names)):
                        if field in first_sentences:
                            self._words.setdefault(key, GlossaryWord(guide, field, *first_sentences[field]))
        self._max_key_words = max(map(len, self._words), default=0)

    def unmet(self, text: str, met: str, is_defined: Callable[[GlossaryWord], bool]) -> list[GlossaryWord]:
        """The glossary words in a text that are new to the reader, in order.

        Args:
            text: The text that the reader is about to read.
            met: Everything the reader has written or read before.
            is_defined: Whether the answer already has a word's definition.
        """
        known = self._words_in(met)
        return [word for key, word in self._words_in(text).items() if key not in known and not is_defined(word)]

    def _words_in(self, text: str) -> dict[tuple[str, str], GlossaryWord]:
        """The glossary words in a text by entry id and field. Where several words overlap, the longest one is taken."""
        keys = key_of(text)
        words: dict[tuple[str, str], GlossaryWord] = {}
        at = 0
        while at < len(keys):
            for length in range(min(self._max_key_words, len(keys) - at), 0, -1):
                word = self._words.get(keys[at : at + length])
                if word is not None:
                    words.setdefault((word.entry.id, word.field), word)
                    at += length - 1
                    break
            at += 1
        return words


def _first_sentences(index: Index, guide: AnyEntry) -> dict[str, tuple[int, int]]:
    """The start and end of the first sentence of each glossary definition, by field."""
    spans: dict[str, tuple[int, int]] = {}
    for place in index.passages_of.get(guide.id, ()):
        field = index.passages[place].field
        if field.startswith("terms."):
            for number in index.sentences_of.get(place, ())[:1]:
                spans.setdefault(field, (index.sentences[number].start, index.sentences[number].end))
    return spans
