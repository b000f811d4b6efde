"""What the catalogue's sentences have to say to a question: each candidate with its scores, before any is chosen."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.retrieval.search import Found
from assistant.understanding.answer_type import AnswerType
from assistant.understanding.reading import Reading
from index import dates, deadline
from index.embed import Vectors
from index.generation import Index
from index.lexical import terms
from index.models import AnyEntry, Guide, heading_of

READER_SHARE = 0.35
"""What the reader's word weighs in a sentence's score, where there is a reader."""
READ = 8
"""Sentences that the reader looks at, the best by all else: each costs about ten milliseconds on two cores."""
PASSAGES = 14
"""Passages looked into, sentence by sentence."""


Judge = Callable[[str, Sequence[str]], Any]
"""A question and texts to an array of probabilities that each text answers it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that might answer: where it stands, and how well it fits, each score in 0..1."""

    entry: AnyEntry
    place: int
    """Its place among the index's sentences."""
    field: str
    start: int
    end: int
    text: str
    cosine: float
    """Of the question and the sentence alone."""
    passage_cosine: float
    """Of the question and the passage with its title."""
    coverage: float
    """Share of the question's words found here, by weight; words of the title and heading count in part."""
    standing: float
    """The fused score of its entry."""
    fits: bool
    """Whether it holds the kind of thing that was asked for: a number, a date, a name, a reason."""
    judged: float | None = None
    """The reader's probability that it answers; None where the reader did not look at it."""

    @property
    def score(self) -> float:
        """How well it answers; weights from `tests/evals/RESULTS.md`."""
        plain = (
            0.40 * self.cosine
            + 0.10 * self.passage_cosine
            + 0.20 * self.coverage
            + 0.30 * self.standing
            + (0.05 if self.fits else 0.0)
        )
        return plain if self.judged is None else (1 - READER_SHARE) * plain + READER_SHARE * self.judged


class Examiner:
    """Looks into the passages found for a question."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def weights(self, words: Sequence[str]) -> dict[str, float]:
        """The weight of each word of a question: its inverse document frequency, unknown words the highest."""
        return {word: self._index.words.idf(word) for word in words}

    def known_weights(self, words: Sequence[str]) -> dict[str, float]:
        """The weights of those words of a question that stand in the catalogue."""
        unknown = set(self.unknown(words))
        return self.weights([word for word in words if word not in unknown])

    def unknown(self, words: Sequence[str]) -> list[str]:
        """Words of a question that stand nowhere in the catalogue."""
        return [word for word in words if self._index.words.frequency(word) == 0]

    def best_by_words(self, text: str, most: int = 20) -> npt.NDArray[np.float32]:
        """The highest BM25 scores that passages have for a text, best first; at most so many."""
        return np.sort(self._index.words.scores(terms(text)))[::-1][:most]

    def best_cosine(self, vector: Vectors | None, evidence: Sequence[Evidence]) -> float:
        """The highest cosine of a vector and some sentences."""
        return max((self._cosine(vector, one.place) for one in evidence), default=0.0)

    def examine(
        self,
        reading: Reading,
        vector: Vectors | None,
        found: Sequence[Found],
        *,
        kind: AnswerType | None = None,
    ) -> list[Evidence]:
        """The sentences of the best passages with their scores, best first.

        Args:
            reading: The question as it was read.
            vector: Its vector, or None.
            found: The entries found, best first.
            kind: The kind of thing it asks for, where that can be told.
        """
        weights = self.weights(reading.words)
        candidates = [(rank, one, hit.place, hit.cosine or 0.0) for rank, one in enumerate(found) for hit in one.hits]
        # Passages of the leading entries first, but no entry takes all the places.
        candidates.sort(key=lambda c: (c[0] // 3, c[0]))
        evidence = []
        for _, one, passage_place, passage_cosine in candidates[:PASSAGES]:
            deadline.check()
            entry = one.entry
            passage = self._index.passages[passage_place]
            text = entry.texts()[passage.field]
            context = _context(entry, passage.field)
            for place in self._index.sentences_of.get(passage_place, ()):
                sentence = self._index.sentences[place]
                said = text[sentence.start : sentence.end]
                evidence.append(
                    Evidence(
                        entry,
                        place,
                        passage.field,
                        sentence.start,
                        sentence.end,
                        said,
                        self._cosine(vector, place),
                        passage_cosine,
                        _coverage(weights, words_of(said), context),
                        one.score,
                        _fits(kind, said, entry),
                    )
                )
        return sorted(evidence, key=lambda one: -one.score)

    def judge(self, question: str, evidence: Sequence[Evidence], reader: Judge) -> list[Evidence]:
        """The same sentences, the best of them read and put in order anew.

        Those that were not read stay behind: they get the lowest probability that any got.
        """
        if not evidence:
            return []
        texts = [f"{one.entry.title}. {one.text}" for one in evidence[:READ]]
        judged = [float(one) for one in reader(question, texts)]
        read = [replace(one, judged=value) for one, value in zip(evidence, judged, strict=False)]
        rest = [replace(one, judged=min(judged)) for one in evidence[READ:]]
        return sorted([*read, *rest], key=lambda one: -one.score)

    def _cosine(self, vector: Vectors | None, place: int) -> float:
        row = int(self._index.sentence_rows[place])
        if vector is None or row < 0:
            return 0.0
        return float(np.dot(vector, self._index.vectors[row].astype(np.float32)))

    def likeness(self, first: Evidence, second: Evidence) -> float:
        """How much two sentences say the same, in 0..1: their cosine, or the share of words they have in common."""
        rows = (int(self._index.sentence_rows[first.place]), int(self._index.sentence_rows[second.place]))
        if min(rows) >= 0:
            one, other = (self._index.vectors[row].astype(np.float32) for row in rows)
            return float(np.dot(one, other))
        one_words, other_words = words_of(first.text), words_of(second.text)
        return len(one_words & other_words) / max(1, min(len(one_words), len(other_words)))


def _context(entry: AnyEntry, field: str) -> frozenset[str]:
    """Index terms of what stands around a sentence and says what it is about."""
    parts = [entry.title, heading_of(entry, field) or "", *entry.organisations]
    parts += [topic.replace("-", " ") for topic in entry.topics]
    if entry.date:
        parts.append(dates.in_words(entry.date))
    if isinstance(entry, Guide):
        parts.append("guide")
    return words_of("\n".join(parts))


@lru_cache(maxsize=4_000)
def words_of(text: str) -> frozenset[str]:
    """The index terms of a text; the same sentences are looked into again and again."""
    return frozenset(terms(text))


def _coverage(weights: dict[str, float], said: Collection[str], context: Collection[str]) -> float:
    total = sum(weights.values())
    if not total:
        return 0.0
    got = sum(weight if word in said else 0.7 * weight if word in context else 0.0 for word, weight in weights.items())
    return got / total


def _fits(kind: AnswerType | None, said: str, entry: AnyEntry) -> bool:
    if kind is None or kind.holds(said):
        return True
    # An event's date and its organisations stand before the quotation: they may be what was asked.
    return (kind.name == "date" and entry.date is not None) or (kind.name == "person" and bool(entry.organisations))
