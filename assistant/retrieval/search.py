"""A question to ranked passages and entries: word search and vectors, their scores fused."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.conversation.context import NOTHING, Background
from index import deadline
from index.embed import Embedder, Vectors
from index.generation import Index
from index.lexical import terms
from index.models import AnyEntry

from .fusion import fuse

CANDIDATES = 100
"""Passages taken from each ranking; more changes nothing below rank 20 (tests/evals/RESULTS.md)."""

LOOKED_THROUGH = 60_000
"""Sentences; up to so many are held in memory (90 MB) and all compared with the question, in a few milliseconds."""
BY_WORDS = (0.25, 0.40)
"""What word search weighs for a short question and for a long one: few words are easily other words than the text's."""
SHORT, LONG = 3, 6
"""Index terms of a short question, at most, and of a long one, at least."""
BY_SENTENCE = 0.30
"""What the best sentences by meaning weigh; the rest is the passages' by meaning. Measured: tests/evals/RESULTS.md."""
FAVOUR = 0.1
"""What an entry that the conversation is about gains on the scale of 0..1: a nudge, not a rule."""


def weights(question: str) -> tuple[float, float, float]:
    """What words, passages by meaning and sentences by meaning weigh for a question."""
    low, high = BY_WORDS
    length = (len(set(terms(question))) - SHORT) / (LONG - SHORT)
    words = low + (high - low) * min(1.0, max(0.0, length))
    return words, 1 - BY_SENTENCE - words, BY_SENTENCE


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found: its place in the index, the fused score, and what either ranking made of it."""

    place: int
    score: float
    cosine: float | None = None
    bm25: float = 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """An entry found, with its hits, best first; `score` is that of the best hit."""

    entry: AnyEntry
    score: float
    hits: tuple[Hit, ...]

    @property
    def cosine(self) -> float:
        """The highest cosine of its hits; 0 where vectors took no part."""
        return max((hit.cosine for hit in self.hits if hit.cosine is not None), default=0.0)


class Searcher:
    """Searches one open index; without an embedder by words alone."""

    def __init__(self, index: Index, embedder: Embedder | None, *, candidates: int = CANDIDATES) -> None:
        if candidates < 1:
            raise ValueError(f"candidates must be at least 1, got {candidates}")
        self._index = index
        self._embedder = embedder if index.store is not None else None
        self._candidates = candidates
        self._owners = np.array([sentence.passage for sentence in index.sentences], np.int64)
        self._sentence_rows = index.sentence_rows
        has_all = 0 < len(index.sentences) <= LOOKED_THROUGH and bool((index.sentence_rows >= 0).all())
        self._sentence_vectors = index.vectors[index.sentence_rows].astype(np.float32) if has_all else None

    @property
    def has_vectors(self) -> bool:
        """Whether meaning takes part."""
        return self._embedder is not None

    def embed(self, text: str) -> Vectors | None:
        """The vector of a question, or None where there is no embedder."""
        deadline.check()
        return None if self._embedder is None else self._embedder.query(text)

    def blended(self, vector: Vectors | None, background: Background) -> Vectors | None:
        """A question's vector with its share of what the conversation was about."""
        if vector is None or not background.text or not background.share:
            return vector
        behind = self.embed(background.text)
        if behind is None:
            return vector
        mixed = (1 - background.share) * vector + background.share * behind
        length = float(np.linalg.norm(mixed))
        return np.asarray(mixed / length, np.float32) if length else vector

    def by_words(
        self, text: str, *, only: Collection[str] | None = None, background: Background = NOTHING
    ) -> list[tuple[int, float]]:
        """Places and BM25 scores, best first, scores of 0 left out; ties keep the catalogue's order."""
        scores = self._index.words.scores(terms(text if background.own is None else background.own))
        if scores.any() or background.own is not None:  # the background alone answers nothing
            for weight, words in background.levels():
                scores = scores + weight * self._index.words.scores(words)
        if only is not None:
            allowed = [place for name in only for place in self._index.passages_of.get(name, ())]
            masked = np.zeros_like(scores)
            masked[allowed] = scores[allowed]
            scores = masked
        best = np.argsort(-scores, kind="stable")[: self._candidates]
        return [(int(place), float(scores[place])) for place in best if scores[place] > 0]

    def by_meaning(self, vector: Vectors | None, *, only: Collection[str] | None = None) -> list[tuple[int, float]]:
        """Places and cosines, best first; empty without an embedder."""
        if vector is None or self._index.store is None:
            return []
        found = self._index.store.search(vector, top=self._candidates, only=only)
        return [(self._index.place(name), cosine) for name, cosine in found]

    def passages(
        self,
        text: str,
        vector: Vectors | None,
        *,
        only: Collection[str] | None = None,
        favoured: Sequence[str] = (),
        background: Background = NOTHING,
    ) -> list[Hit]:
        """Hits of both searches fused, best first.

        Args:
            text: The question.
            vector: Its vector; None searches by words alone.
            only: Keep to the passages of these entries.
            favoured: Entries that the conversation is about; where found, they are moved up a little.
            background: What was asked before, at a lower weight.
        """
        vector = self.blended(vector, background)
        words = dict(self.by_words(text, only=only, background=background))
        meaning = dict(self.by_meaning(vector, only=only))
        sentences = self.by_sentence(vector, {*words, *meaning}, only=only)
        fused = fuse((words, meaning, sentences), weights=weights(text if background.own is None else background.own))
        if favoured:
            spoken_of = {place for name in favoured for place in self._index.passages_of.get(name, ())}
            fused = {place: score + (FAVOUR if place in spoken_of else 0.0) for place, score in fused.items()}
            fused = dict(sorted(fused.items(), key=lambda item: -item[1]))
        return [Hit(place, score, meaning.get(place), words.get(place, 0.0)) for place, score in fused.items()]

    def by_sentence(
        self, vector: Vectors | None, places: Collection[int], *, only: Collection[str] | None = None
    ) -> dict[int, float]:
        """The cosine of each passage's best sentence; a long passage hides its best one.

        Given for the passages at `places` and, where the index is not too large to look through, for the best others.
        """
        if vector is None or not len(self._sentence_rows):
            return {}
        index = self._index
        if self._sentence_vectors is None:
            looked = [n for place in sorted(places) for n in index.sentences_of.get(place, ())]
            cosines = index.vectors[index.sentence_rows[looked]].astype(np.float32) @ vector
            owners = self._owners[looked]
        else:
            cosines, owners = self._sentence_vectors @ vector, self._owners
        best = np.full(len(index.passages), -1.0, np.float32)
        np.maximum.at(best, owners, cosines)
        allowed = set(places)
        if self._sentence_vectors is not None:
            top = np.argsort(-best, kind="stable")[: self._candidates]
            allowed.update(int(place) for place in top if only is None or index.passages[place].entry_id in only)
        return {place: float(best[place]) for place in sorted(allowed) if best[place] > -1.0}

    def names(self, ranking: Sequence[tuple[int, float]]) -> list[str]:
        """Entry ids of one search's places, each at its best place."""
        return list(dict.fromkeys(self._index.passages[place].entry_id for place, _ in ranking))

    def entries(self, hits: Sequence[Hit]) -> list[Found]:
        """Hits grouped to entries, in the order of each entry's best hit."""
        grouped: dict[str, list[Hit]] = {}
        for hit in hits:
            grouped.setdefault(self._index.passages[hit.place].entry_id, []).append(hit)
        by_id = self._index.catalogue.by_id
        return [Found(by_id[name], hits[0].score, tuple(hits)) for name, hits in grouped.items()]
