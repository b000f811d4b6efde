"""Searches passages by words (BM25) and by meaning (vectors), and fuses the scores into one ranking."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from assistant.conversation.context import NOTHING, Background
from index import deadline
from index.embed import Embedder, Vectors
from index.generation import Index
from index.lexical import terms
from index.models import AnyEntry

from .fusion import fuse, weights

CANDIDATES = 100
"""Passages taken from each ranking; more do not change the first 20 ranks (tests/evals/RESULTS.md)."""

MAX_SENTENCES_IN_MEMORY = 60_000
"""Up to this number, all sentence vectors are kept in memory (90 MB) and compared with a question in a few milliseconds."""
CONVERSATION_BONUS = 0.1
"""Added to the score (0..1) of an entry that the conversation is about: enough to move it up a little."""
MAX_CACHED_VECTORS = 512
"""Texts whose vectors are kept: a message and those before it are needed several times."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found by a search: its number in the index, its fused score, and its score in each ranking."""

    place: int
    score: float
    cosine: float | None = None
    bm25: float = 0.0


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry found by a search, with its passages, best first; `score` is that of the best passage."""

    entry: AnyEntry
    score: float
    hits: tuple[Hit, ...]

    @property
    def cosine(self) -> float:
        """The highest cosine of its passages; 0 without vectors."""
        return max((hit.cosine for hit in self.hits if hit.cosine is not None), default=0.0)


class Searcher:
    """Searches one open index; without an embedder by words only."""

    def __init__(self, index: Index, embedder: Embedder | None, *, candidates: int = CANDIDATES) -> None:
        if candidates < 1:
            raise ValueError(f"candidates must be at least 1, got {candidates}")
        self._index = index
        self._embedder = embedder if index.store is not None else None
        self._candidates = candidates
        self._vector_of = lru_cache(maxsize=MAX_CACHED_VECTORS)(embedder.query) if self._embedder and embedder else None
        self._owners = np.array([sentence.passage for sentence in index.sentences], np.int64)
        self._sentence_rows = index.sentence_rows
        fits_in_memory = 0 < len(index.sentences) <= MAX_SENTENCES_IN_MEMORY and bool((index.sentence_rows >= 0).all())
        self._sentence_vectors = index.vectors[index.sentence_rows].astype(np.float32) if fits_in_memory else None
        self._add_questions(index)

    def _add_questions(self, index: Index) -> None:
        """Add the vectors of the entries' own questions; each counts for the passage with the nearest sentence."""
        vectors = index.question_vectors
        known = [n for n, question in enumerate(index.questions) if question.sentence >= 0]
        if self._sentence_vectors is not None and vectors is not None and known:
            owners = [index.sentences[index.questions[n].sentence].passage for n in known]
            self._sentence_vectors = np.concatenate([self._sentence_vectors, vectors[known]])
            self._owners = np.concatenate([self._owners, np.array(owners, np.int64)])

    @property
    def has_vectors(self) -> bool:
        """Whether the search uses vectors."""
        return self._embedder is not None

    def embed(self, text: str) -> Vectors | None:
        """The vector of a question; None without an embedder."""
        deadline.check()
        return None if self._vector_of is None else self._vector_of(text)

    def blended(self, vector: Vectors | None, background: Background) -> Vectors | None:
        """The vector of a question mixed with the vector of its conversation."""
        if vector is None or not background.text or not background.share:
            return vector
        context = self.embed(background.text)
        if context is None:
            return vector
        mixed = (1 - background.share) * vector + background.share * context
        length = float(np.linalg.norm(mixed))
        return np.asarray(mixed / length, np.float32) if length else vector

    def by_words(
        self, text: str, *, only: Collection[str] | None = None, background: Background = NOTHING
    ) -> list[tuple[int, float]]:
        """Passage numbers with BM25 scores above 0, best first; equal scores stay in the order of the catalogue."""
        scores = self._index.words.scores(terms(text if background.own is None else background.own))
        if scores.any() or background.own is not None:  # a match with the conversation alone does not count
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
        """Passage numbers with cosines, best first; empty without an embedder."""
        if vector is None or self._index.store is None:
            return []
        found = self._index.store.search(vector, top=self._candidates, only=only)
        return [(self._index.position(name), cosine) for name, cosine in found]

    def passages(
        self,
        text: str,
        vector: Vectors | None,
        *,
        only: Collection[str] | None = None,
        favoured: Sequence[str] = (),
        background: Background = NOTHING,
    ) -> list[Hit]:
        """Search by words and by meaning; return the passages with fused scores, best first.

        Args:
            text: The question.
            vector: Its vector; with None the search uses words only.
            only: Ids of the entries to search; None for all.
            favoured: Ids of the entries that the conversation is about; they move up a little if found.
            background: The earlier questions of the conversation, at a lower weight.
        """
        vector = self.blended(vector, background)
        words = dict(self.by_words(text, only=only, background=background))
        meaning = dict(self.by_meaning(vector, only=only))
        sentences = self.by_sentence(vector, {*words, *meaning}, only=only)
        fused = fuse((words, meaning, sentences), weights=weights(text if background.own is None else background.own))
        if favoured:
            favoured_places = {place for name in favoured for place in self._index.passages_of.get(name, ())}
            fused = {
                place: score + (CONVERSATION_BONUS if place in favoured_places else 0.0)
                for place, score in fused.items()
            }
            fused = dict(sorted(fused.items(), key=lambda item: -item[1]))
        return [Hit(place, score, meaning.get(place), words.get(place, 0.0)) for place, score in fused.items()]

    def by_sentence(
        self, vector: Vectors | None, places: Collection[int], *, only: Collection[str] | None = None
    ) -> dict[int, float]:
        """The cosine of the best sentence of each passage, by passage number.

        A long passage has a vector in which its best sentence hardly shows. The result covers the passages in `places`
        and, if the sentence vectors are in memory, the best other passages.
        """
        if vector is None or not len(self._sentence_rows):
            return {}
        index = self._index
        if self._sentence_vectors is None:
            numbers = [n for place in sorted(places) for n in index.sentences_of.get(place, ())]
            cosines = index.vectors[index.sentence_rows[numbers]].astype(np.float32) @ vector
            owners = self._owners[numbers]
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
        """The ids of the entries of a ranking of passages, each at its best rank."""
        return list(dict.fromkeys(self._index.passages[place].entry_id for place, _ in ranking))

    def entries(self, hits: Sequence[Hit]) -> list[FoundEntry]:
        """Group passages by entry, in the order of each entry's best passage."""
        grouped: dict[str, list[Hit]] = {}
        for hit in hits:
            grouped.setdefault(self._index.passages[hit.place].entry_id, []).append(hit)
        by_id = self._index.catalogue.by_id
        return [FoundEntry(by_id[name], hits[0].score, tuple(hits)) for name, hits in grouped.items()]
