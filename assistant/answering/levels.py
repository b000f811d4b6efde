"""For whom an answer is: what is selected changes with the level, the facts never do.

A beginner reads TL;DRs, short sentences and the words explained; an expert more entries, numbers and sources.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.understanding.vocabulary import Key, key_of
from index.generation import Index
from index.models import AnyEntry, Guide, Level

from .evidence import Evidence

EXPLAINED = 2
"""Words explained in one answer: more would bury it."""


@dataclass(frozen=True, slots=True)
class Room:
    """How much a short answer holds."""

    sentences: int
    entries: int
    near_best: float
    """A sentence of another entry must score at least this share of the best one's."""


ROOM: dict[Level, Room] = {
    "beginner": Room(4, 3, 0.85),
    "intermediate": Room(5, 3, 0.85),
    "advanced": Room(7, 5, 0.8),
}
_PLAIN = {"tldr": 0.05, "terms": 0.04, "key_takeaways": 0.03, "sections": 0.01, "description": 0.01}
"""What a field written for newcomers gains at level "beginner", on the scale of a sentence's score."""
_EASY = 18
"""Words in a sentence that is easily read; each further one costs a beginner's sentence a little, up to twenty."""
_A_WORD = 0.002
_NUMBER = 0.03
_SOURCE = 0.02
"""What a number, and an event with its source, gain at level "advanced"."""


def suited(evidence: Sequence[Evidence], level: Level) -> list[Evidence]:
    """Sentences in the order of their fitness for a level; the best answer stays the first, whatever the level."""
    if level == "intermediate":
        return list(evidence)
    worth = _for_beginners if level == "beginner" else _for_experts
    return [*evidence[:1], *sorted(evidence[1:], key=lambda one: -(one.score + worth(one)))]


def _for_beginners(one: Evidence) -> float:
    long = min(max(0, len(one.text.split()) - _EASY), 20)
    return _PLAIN.get(one.field.partition(".")[0], 0.0) - _A_WORD * long


def _for_experts(one: Evidence) -> float:
    return (_NUMBER if any(c.isdigit() for c in one.text) else 0.0) + (_SOURCE if one.entry.kind == "event" else 0.0)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the glossary, and where its definition's first sentence stands."""

    entry: AnyEntry
    field: str
    start: int
    end: int


class Glossary:
    """The words that a catalogue's guides explain."""

    def __init__(self, index: Index) -> None:
        self._words: dict[Key, Word] = {}
        for guide in index.catalogue.entries:
            if isinstance(guide, Guide):
                firsts = _first_sentences(index, guide)
                for number, term in enumerate(guide.terms):
                    field = f"terms.{number}.definition"
                    names = [re.sub(r"\s*\(.*?\)", "", term.term), *re.findall(r"\((.*?)\)", term.term)]
                    for key in filter(None, map(key_of, names)):
                        if field in firsts:
                            self._words.setdefault(key, Word(guide, field, *firsts[field]))
        self._longest = max(map(len, self._words), default=0)

    def unmet(self, text: str, met: str, is_told: Callable[[Word], bool]) -> list[Word]:
        """Words of a text that need explaining, in order: not met before, not told already.

        Args:
            text: What the reader is about to read.
            met: What was read before, the reader's own words included.
            is_told: Whether a definition is in the answer already.
        """
        known = self._found(met)
        return [word for where, word in self._found(text).items() if where not in known and not is_told(word)]

    def _found(self, text: str) -> dict[tuple[str, str], Word]:
        keys = key_of(text)
        found: dict[tuple[str, str], Word] = {}
        at = 0
        while at < len(keys):
            for length in range(min(self._longest, len(keys) - at), 0, -1):
                word = self._words.get(keys[at : at + length])
                if word is not None:
                    found.setdefault((word.entry.id, word.field), word)
                    at += length - 1
                    break
            at += 1
        return found


def _first_sentences(index: Index, guide: AnyEntry) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for place in index.passages_of.get(guide.id, ()):
        field = index.passages[place].field
        if field.startswith("terms."):
            for number in index.sentences_of.get(place, ())[:1]:
                found.setdefault(field, (index.sentences[number].start, index.sentences[number].end))
    return found
