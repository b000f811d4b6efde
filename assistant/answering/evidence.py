"""Scores the sentences of the passages found for a question: the candidates for an answer, before any is chosen."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from assistant.retrieval.search import FoundEntry
from assistant.understanding.answer_type import NOT_DEFINITIONS, AnswerType, is_definition
from assistant.understanding.reading import ParsedQuestion
from index import dates, deadline
from index.embed import Vectors
from index.generation import Index
from index.lexical import terms
from index.models import AnyEntry, Guide, heading_of

MAX_PASSAGES = 14
"""Passages that are examined sentence by sentence."""
ENTRIES_IN_A_ROUND = 3
"""Passages are taken from the best three entries first, then from the next three."""
MAX_PASSAGES_OF_A_FIELD = 3
"""A field with no more passages is examined whole if one of them is found."""
CONTEXT_SHARE = 0.7
"""A question's word that only the title or the heading contains counts this share of its weight."""

DEFINITION_PENALTY = 0.2
"""Subtracted from the score of a definition if the question asks for evidence, examples, results or criticism."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A candidate: a sentence of an entry with its scores, each in 0..1."""

    entry: AnyEntry
    place: int
    """The number of the sentence in the index."""
    field: str
    start: int
    end: int
    text: str
    cosine: float
    """Cosine of the question and the sentence."""
    passage_cosine: float
    """Cosine of the question and the passage with its title."""
    coverage: float
    """Share of the question's words, by weight, in the sentence; words in its title or heading count in part."""
    standing: float
    """The fused search score of its entry."""
    fits: bool
    """Whether it contains the kind of thing that the question asks for: a number, a date, a name, a reason."""
    only_defines: bool = False
    """Whether it is a definition although the question asks for evidence, examples, results or criticism."""
    judged: float | None = None
    """The entry reader's probability that it helps to answer; None without an entry reader."""
    answered: float = 0.0
    """The entry reader's probability that its entry or section answers the question."""
    asked: float = 0.0
    """Cosine of the question and the question that the entry says this sentence answers; 0 without such a question."""
    chance: float | None = None
    """The probability that it answers the question; None without an entry reader. See `reader/ranking.py`."""

    halves: tuple[float, float] | None = None
    """The same for each of two questions in one message."""

    @property
    def score(self) -> float:
        """How well it answers; `tests/evals/RESULTS.md` explains the weights."""
        if self.chance is not None:
            return self.chance
        plain = (
            0.40 * self.cosine
            + 0.10 * self.passage_cosine
            + 0.20 * self.coverage
            + 0.30 * self.standing
            + (0.05 if self.fits else 0.0)
        )
        return plain - (DEFINITION_PENALTY if self.only_defines else 0.0)


class Examiner:
    """Scores the sentences of passages in one open index."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def weights(self, words: Sequence[str]) -> dict[str, float]:
        """The inverse document frequency of each word; words unknown to the catalogue weigh the most."""
        return {word: self._index.words.idf(word) for word in words}

    def known_weights(self, words: Sequence[str]) -> dict[str, float]:
        """As `weights`, without the words that are unknown to the catalogue."""
        unknown = set(self.unknown(words))
        return self.weights([word for word in words if word not in unknown])

    def unknown(self, words: Sequence[str]) -> list[str]:
        """The words that occur nowhere in the catalogue, nor in the questions of its entries."""
        return [
            word
            for word in words
            if self._index.words.frequency(word) == 0 and word not in self._index.words_of_questions
        ]

    def best_by_words(self, text: str, most: int = 20) -> npt.NDArray[np.float32]:
        """The `most` highest BM25 scores of passages for a text, highest first."""
        return np.sort(self._index.words.scores(terms(text)))[::-1][:most]

    def best_cosine(self, vector: Vectors | None, evidence: Sequence[Evidence]) -> float:
        """The highest cosine of a vector and one of some sentences; 0 without a vector."""
        return max((self._cosine(vector, item.place) for item in evidence), default=0.0)

    def examine(
        self,
        reading: ParsedQuestion,
        vector: Vectors | None,
        found: Sequence[FoundEntry],
        *,
        kind: AnswerType | None = None,
    ) -> list[Evidence]:
        """Score the sentences of the best passages; return them best first.

        Args:
            reading: The parsed question.
            vector: Its vector; None without an embedder.
            found: The entries found, best first.
            kind: The kind of thing that the question asks for, if known.
        """
        weights = self.weights(reading.words)
        passages = [
            (rank, entry, hit.place, hit.cosine or 0.0) for rank, entry in enumerate(found) for hit in entry.hits
        ]
        # The passages of the best entries come first, in rounds, so that a single entry cannot take all the places.
        passages.sort(key=lambda item: (item[0] // ENTRIES_IN_A_ROUND, item[0]))
        evidence = []
        for found_entry, passage_place, passage_cosine in self._with_neighbours(passages[:MAX_PASSAGES]):
            deadline.check()
            entry = found_entry.entry
            passage = self._index.passages[passage_place]
            text = entry.texts()[passage.field]
            context = _context(entry, passage.field)
            for place in self._index.sentences_of.get(passage_place, ()):
                sentence = self._index.sentences[place]
                sentence_text = text[sentence.start : sentence.end]
                evidence.append(
                    Evidence(
                        entry,
                        place,
                        passage.field,
                        sentence.start,
                        sentence.end,
                        sentence_text,
                        self._cosine(vector, place),
                        passage_cosine,
                        _coverage(weights, words_of(sentence_text), context),
                        found_entry.score,
                        _fits(kind, sentence_text, entry),
                        kind is not None and kind.name in NOT_DEFINITIONS and is_definition(sentence_text),
                    )
                )
        return sorted(evidence, key=lambda item: -item.score)

    def asked(self, vector: Vectors | None) -> dict[int, float]:
        """For each sentence that a question of an entry asks for, the highest cosine of such a question and the user's."""
        if vector is None or self._index.question_vectors is None:
            return {}
        best: dict[int, float] = {}
        for question, cosine in zip(self._index.questions, self._index.question_vectors @ vector, strict=True):
            best[question.sentence] = max(best.get(question.sentence, 0.0), float(cosine))
        return best

    def before(self, item: Evidence) -> Evidence | None:
        """The sentence before another in the same field; None at its start."""
        place = item.place - 1
        if place < 0:
            return None
        sentence = self._index.sentences[place]
        passage = self._index.passages[sentence.passage]
        if (passage.entry_id, passage.field) != (item.entry.id, item.field):
            return None
        text = item.entry.texts()[item.field][sentence.start : sentence.end]
        return replace(item, place=place, start=sentence.start, end=sentence.end, text=text)

    def _with_neighbours(
        self, passages: Sequence[tuple[int, FoundEntry, int, float]]
    ) -> Iterator[tuple[FoundEntry, int, float]]:
        """The passages found, and the other passages of a short field: a sentence is judged within its text."""
        seen = {place for _, _, place, _ in passages}
        for _, found_entry, place, cosine in passages:
            yield found_entry, place, cosine
            field = self._index.passages[place].field
            places = self._index.passages_of.get(found_entry.entry.id, ())
            same = [other for other in places if self._index.passages[other].field == field]
            if len(same) <= MAX_PASSAGES_OF_A_FIELD:
                for other in same:
                    if other not in seen:
                        seen.add(other)
                        yield found_entry, other, cosine

    def _cosine(self, vector: Vectors | None, place: int) -> float:
        row = int(self._index.sentence_rows[place])
        if vector is None or row < 0:
            return 0.0
        return float(np.dot(vector, self._index.vectors[row].astype(np.float32)))

    def likeness(self, first: Evidence, second: Evidence) -> float:
        """How much two sentences say the same, in 0..1: their cosine, or without vectors the share of common words."""
        rows = (int(self._index.sentence_rows[first.place]), int(self._index.sentence_rows[second.place]))
        if min(rows) >= 0:
            vectors = [self._index.vectors[row].astype(np.float32) for row in rows]
            return float(np.dot(vectors[0], vectors[1]))
        first_words, second_words = words_of(first.text), words_of(second.text)
        return len(first_words & second_words) / max(1, min(len(first_words), len(second_words)))


def best_of(first: Sequence[Evidence], second: Sequence[Evidence]) -> list[Evidence]:
    """The candidates of two readings of a question, best first; each with the scores of the reading that it fits better."""
    found: dict[int, Evidence] = {}
    for item in (*first, *second):
        known = found.get(item.place)
        if known is None or item.score > known.score:
            found[item.place] = item
    return sorted(found.values(), key=lambda item: -item.score)


def _context(entry: AnyEntry, field: str) -> frozenset[str]:
    """Index terms of the texts around a sentence that say what it is about: title, heading, fields."""
    parts = [entry.title, heading_of(entry, field) or "", *entry.organisations]
    parts += [topic.replace("-", " ") for topic in entry.topics]
    if entry.date:
        parts.append(dates.in_words(entry.date))
    if isinstance(entry, Guide):
        parts.append("guide")
    return words_of("\n".join(parts))


@lru_cache(maxsize=4_000)
def words_of(text: str) -> frozenset[str]:
    """The index terms of a text; cached, because the same sentences are examined for many questions."""
    return frozenset(terms(text))


def _coverage(weights: dict[str, float], words: Collection[str], context: Collection[str]) -> float:
    total = sum(weights.values())
    if not total:
        return 0.0
    covered = sum(
        weight if word in words else CONTEXT_SHARE * weight if word in context else 0.0
        for word, weight in weights.items()
    )
    return covered / total


def _fits(kind: AnswerType | None, text: str, entry: AnyEntry) -> bool:
    if kind is None or kind.holds(text):
        return True
    # The date and the organisations of an event are shown before its quotation: they may be the answer.
    return (kind.name == "date" and entry.date is not None) or (kind.name == "person" and bool(entry.organisations))
