"""How near entries are to each other: by their words, by what their sentences mean, by topics and by time.

Nothing here looks at the links that entries name: those are their owner's word, this is what the texts say.
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
"""Fitted on half of the starter entries and confirmed on the other half: `almanac eval related`."""
POOL = 40
"""Entries whose sentences are compared: the nearest by all else. Of 30, 50, 80 and all the recall was the same."""

Scores = npt.NDArray[np.float32]


class Nearness:
    """Scores of all entries for one of them, in the order of the catalogue; an entry is not near itself."""

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
        self.place = {entry.id: place for place, entry in enumerate(catalogue.entries)}
        owners = np.array([self.place[passage.entry_id] for passage in passages], np.int64)
        self._weigh(owners, words)
        self._sentences: dict[int, list[int]] = {}
        for sentence, row in zip(sentences, sentence_rows, strict=True):
            if row >= 0:
                self._sentences.setdefault(int(owners[sentence.passage]), []).append(int(row))
        self._topics = [{fold(topic) for topic in entry.topics} for entry in catalogue.entries]
        spread = Counter(topic for topics in self._topics for topic in topics)
        self._rarity = {topic: math.log(1 + len(self._topics) / count) for topic, count in spread.items()}
        self._by_topic: dict[str, list[int]] = {}
        for place, topics in enumerate(self._topics):
            for topic in topics:
                self._by_topic.setdefault(topic, []).append(place)
        self._topic_norms = np.array([self._norm(topics) for topics in self._topics], np.float32)
        self._days = np.array(
            [
                dates.span(entry.date)[0].toordinal() if entry.kind == "event" and entry.date else np.nan
                for entry in catalogue.entries
            ],
            np.float64,
        )
        self.among = lru_cache(maxsize=256)(self._among)

    def _weigh(self, owners: npt.NDArray[np.int64], words: LexicalIndex) -> None:
        """BM25 weights by entry (the best of its passages), each entry's brought to length 1."""
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
        # The same table entry by entry, to read one entry's terms.
        order = np.argsort(self._owner, kind="stable")
        self._own_begins = np.searchsorted(self._owner[order], np.arange(width + 1))
        self._own_terms, self._own_weights = term[order], self._weight[order]

    def _norm(self, topics: set[str]) -> float:
        return math.sqrt(sum(self._rarity[topic] for topic in topics))

    def topic_rarity(self, topic: str) -> float:
        """How much it tells that two entries share a topic."""
        return self._rarity.get(fold(topic), 0.0)

    def by_words(self, name: str) -> Scores:
        """The cosine of BM25 weights."""
        place = self.place[name]
        mine = slice(self._own_begins[place], self._own_begins[place + 1])
        found = np.zeros(len(self.place), np.float32)
        for term, weight in zip(self._own_terms[mine], self._own_weights[mine], strict=True):
            theirs = slice(self._begins[term], self._begins[term + 1])
            found[self._owner[theirs]] += weight * self._weight[theirs]
        found[place] = 0.0
        return found

    def by_topics(self, name: str) -> Scores:
        """The share of topics in common, rare ones counting for more."""
        place = self.place[name]
        found = np.zeros(len(self.place), np.float32)
        for topic in self._topics[place]:
            found[self._by_topic[topic]] += self._rarity[topic]
        found /= np.maximum(self._topic_norms * self._topic_norms[place], 1e-9)
        found[place] = 0.0
        return found

    def _among(self, name: str) -> Scores:
        """All of it, weighed; -1 for the entry itself."""
        found = np.array(list(WEIGHTS.values()), np.float32) @ self.parts(name)
        found[self.place[name]] = -1.0
        found.setflags(write=False)
        return found

    def parts(self, name: str) -> Scores:
        """The scores one by one, a row for each of `WEIGHTS`; those of sentences for the nearest by the others."""
        place = self.place[name]
        words, topics = self.by_words(name), self.by_topics(name)
        with np.errstate(invalid="ignore"):
            apart = np.abs(self._days - self._days[place])
        time = np.where(np.isnan(apart), 0.0, np.exp(-np.nan_to_num(apart) / 365)).astype(np.float32)
        cheap = WEIGHTS["words"] * words + WEIGHTS["topics"] * topics + WEIGHTS["time"] * time
        looked = np.argsort(-cheap, kind="stable")[:POOL]
        sentences = np.zeros_like(words)
        sentences[looked] = self._by_sentences(place, looked)
        return np.stack([words, sentences, topics, time])

    def _by_sentences(self, place: int, looked: npt.NDArray[np.int64]) -> Scores:
        """How well each sentence of one finds its like in the other, both ways, for the entries looked at."""
        own = self._sentences.get(place, [])
        rows = [self._sentences.get(int(other), []) for other in looked]
        counts = np.array([len(each) for each in rows], np.int64)
        found = np.zeros(len(looked), np.float32)
        if not own or not counts.any():
            return found
        has = counts > 0
        begins = np.concatenate(([0], np.cumsum(counts[has])[:-1]))
        mine = self._vectors[own].astype(np.float32)
        theirs = self._vectors[[row for each in rows for row in each]].astype(np.float32)
        cosines = mine @ theirs.T
        one_way = np.maximum.reduceat(cosines, begins, axis=1).mean(axis=0)
        back = np.add.reduceat(cosines.max(axis=0), begins) / counts[has]
        found[has] = (one_way + back) / 2
        return found
