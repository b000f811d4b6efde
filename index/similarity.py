"""How similar entries are to each other, by four signals: words, meaning of sentences, topics and dates.

Links that an editor has put into entries are not used: they are an opinion, while the signals measure the texts.
"""

import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from . import dates
from .catalogue import Catalogue
from .chunk import Passage, Sentence
from .lexical import LexicalIndex, fold

WEIGHTS = {"words": 0.715, "sentences": 0.185, "topics": 0.08, "time": 0.02}
"""Fitted on one half of the starter entries and confirmed on the other half, with `almanac eval related`."""
SENTENCE_CANDIDATES = 40
"""Entries whose sentences are compared: the best by the other signals. 30, 50, 80 or all gave the same recall."""
_DAYS_TO_FADE = 365
"""Days between two events after which their time signal has fallen to 1/e."""

Scores = npt.NDArray[np.float32]


class EntrySimilarity:
    """Scores all entries of a catalogue against one of them, in the order of the catalogue.

    Scores are between 0 and 1; the entry itself gets 0, or -1 from `scores`. `position` maps an entry's id
    to its position.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        passages: Sequence[Passage],
        sentences: Sequence[Sentence],
        sentence_rows: npt.NDArray[np.int64],
        vectors: npt.NDArray[np.float16],
        words: LexicalIndex,
    ) -> None:
        self._catalogue = catalogue
        self._vectors = vectors
        self.position = {entry.id: position for position, entry in enumerate(catalogue.entries)}
        owners = np.array([self.position[passage.entry_id] for passage in passages], np.int64)
        self._weigh(owners, words)
        self._sentence_rows: dict[int, list[int]] = {}
        for sentence, row in zip(sentences, sentence_rows, strict=True):
            if row >= 0:
                self._sentence_rows.setdefault(int(owners[sentence.passage]), []).append(int(row))
        self._topics = [{fold(topic) for topic in entry.topics} for entry in catalogue.entries]
        frequency = Counter(topic for topics in self._topics for topic in topics)
        self._rarity = {topic: math.log(1 + len(self._topics) / count) for topic, count in frequency.items()}
        self._by_topic: dict[str, list[int]] = {}
        for position, topics in enumerate(self._topics):
            for topic in topics:
                self._by_topic.setdefault(topic, []).append(position)
        self._topic_norms = np.array([self._norm(topics) for topics in self._topics], np.float32)
        self._days = np.array(
            [
                dates.span(entry.date)[0].toordinal() if entry.kind == "event" and entry.date else np.nan
                for entry in catalogue.entries
            ],
            np.float64,
        )
        self.scores = lru_cache(maxsize=256)(self._scores)

    def close(self) -> None:
        """Drop the memory map of the vectors; no signal can be computed afterwards."""
        self._vectors = np.zeros((0, 0), np.float16)

    def _weigh(self, owners: npt.NDArray[np.int64], words: LexicalIndex) -> None:
        """Turn BM25 weights of passages into weights of entries: the maximum over passages, scaled to unit length."""
        begins, passages, weights = words.postings()
        width = max(1, len(self._catalogue.entries))
        terms = np.repeat(np.arange(len(begins) - 1), np.diff(begins))
        keys, inverse = np.unique(terms * width + owners[passages], return_inverse=True)
        best = np.zeros(len(keys), np.float32)
        np.maximum.at(best, inverse, weights)
        self._owner = keys % width
        term = keys // width
        norms = np.sqrt(np.bincount(self._owner, best.astype(np.float64) ** 2, minlength=width))
        self._weight = (best / np.maximum(norms[self._owner], 1e-9)).astype(np.float32)
        self._begins = np.searchsorted(term, np.arange(len(begins)))
        # The same table sorted by entry, to look up the terms of one entry.
        order = np.argsort(self._owner, kind="stable")
        self._own_begins = np.searchsorted(self._owner[order], np.arange(width + 1))
        self._own_terms, self._own_weights = term[order], self._weight[order]

    def _norm(self, topics: set[str]) -> float:
        return math.sqrt(sum(self._rarity[topic] for topic in topics))

    def topic_rarity(self, topic: str) -> float:
        """The weight of a shared topic: ln(1 + entries / entries with the topic); 0 for an unknown topic."""
        return self._rarity.get(fold(topic), 0.0)

    def by_words(self, entry_id: str) -> Scores:
        """The cosine of the entries' BM25 weights."""
        position = self.position[entry_id]
        own = slice(self._own_begins[position], self._own_begins[position + 1])
        scores = np.zeros(len(self.position), np.float32)
        for term, weight in zip(self._own_terms[own], self._own_weights[own], strict=True):
            postings = slice(self._begins[term], self._begins[term + 1])
            scores[self._owner[postings]] += weight * self._weight[postings]
        scores[position] = 0.0
        return scores

    def by_topics(self, entry_id: str) -> Scores:
        """The cosine of the entries' topics, weighted by rarity."""
        position = self.position[entry_id]
        scores = np.zeros(len(self.position), np.float32)
        for topic in self._topics[position]:
            scores[self._by_topic[topic]] += self._rarity[topic]
        scores /= np.maximum(self._topic_norms * self._topic_norms[position], 1e-9)
        scores[position] = 0.0
        return scores

    def _scores(self, entry_id: str) -> Scores:
        """The weighted sum of the four signals; -1 for the entry itself. The result is cached and read-only."""
        scores = np.array(list(WEIGHTS.values()), np.float32) @ self.signals(entry_id)
        scores[self.position[entry_id]] = -1.0
        scores.setflags(write=False)
        return scores

    def signals(self, entry_id: str) -> Scores:
        """The four signals, shape (4, entries), in the order of `WEIGHTS`.

        Sentences are compared only for the `SENTENCE_CANDIDATES` entries that the other signals rank highest.
        """
        position = self.position[entry_id]
        words, topics = self.by_words(entry_id), self.by_topics(entry_id)
        with np.errstate(invalid="ignore"):
            days_apart = np.abs(self._days - self._days[position])
        fading = np.exp(-np.nan_to_num(days_apart) / _DAYS_TO_FADE)
        time = np.where(np.isnan(days_apart), 0.0, fading).astype(np.float32)
        cheap = WEIGHTS["words"] * words + WEIGHTS["topics"] * topics + WEIGHTS["time"] * time
        candidates = np.argsort(-cheap, kind="stable")[:SENTENCE_CANDIDATES]
        sentences = np.zeros_like(words)
        sentences[candidates] = self._by_sentences(position, candidates)
        return np.stack([words, sentences, topics, time])

    def _by_sentences(self, position: int, candidates: npt.NDArray[np.int64]) -> Scores:
        """For each candidate: the mean cosine of a sentence with the nearest sentence of the other entry, both ways averaged."""
        own = self._sentence_rows.get(position, [])
        rows = [self._sentence_rows.get(int(candidate), []) for candidate in candidates]
        counts = np.array([len(each) for each in rows], np.int64)
        scores = np.zeros(len(candidates), np.float32)
        if not own or not counts.any():
            return scores
        has_sentences = counts > 0
        begins = np.concatenate(([0], np.cumsum(counts[has_sentences])[:-1]))
        own_vectors = self._vectors[own].astype(np.float32)
        other_vectors = self._vectors[[row for each in rows for row in each]].astype(np.float32)
        cosines = own_vectors @ other_vectors.T
        forward = np.maximum.reduceat(cosines, begins, axis=1).mean(axis=0)
        backward = np.add.reduceat(cosines.max(axis=0), begins) / counts[has_sentences]
        scores[has_sentences] = (forward + backward) / 2
        return scores
