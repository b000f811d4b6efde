"""Word search: BM25 over the passages of an index, with the library bm25s and our own index terms."""

import logging
import re
import unicodedata
from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import numpy.typing as npt
import Stemmer
from rapidfuzz.distance import OSA

from . import deadline
from .errors import StoreError

# bm25s sets its own logger to DEBUG when it is imported, and so would write on everybody's standard error.
logging.getLogger("bm25s").setLevel(logging.WARNING)

_PARTS = re.compile(r"[^\W\d_]+|\d+")
_POSSESSIVE = re.compile(r"(?<=\w)['’]s\b")
_MIN_CORRECTED_LETTERS = 6
"""A shorter word is not corrected: one slip in it makes another word."""
_MAX_CACHED_CORRECTIONS = 50_000
"""Words whose nearest term is cached; the cache is emptied when it is full, because users may send any word."""
_JOINTS = frozenset({"", "-", " "})
_MAX_NAME_LETTERS = 6
"""A longer word before a number ("incident 23") does not form a name with it."""
_MAX_CACHED_CHARACTERS = 2_000
"""The terms of a longer text are not cached."""
_STEMMER = Stemmer.Stemmer("english")
STOPWORDS = frozenset(
    "a about above after again all also am an and any are as at be because been before being below between both but by "
    "can could did do does doing down during each few for from further had has have having he her here hers him his how "
    "i if in into is it its itself just let me more most my no nor not of off on once only or other our out over own "
    "please same she should so some such tell than that the their them then there these they this those through to too "
    "under until up us very was we were what when where which while who whom whose why will with would you your "
    # What is left of "I'm", "don't" and "we've", with the apostrophe or without.
    "d don doesn didn isn aren wasn weren couldn wouldn shouldn hasn haven hadn ll m re s t ve im ive dont doesnt didnt isnt wasnt cant whats".split()
)


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The stem of one lower-case word (Porter2); numbers stay as they are."""
    return str(_STEMMER.stemWord(word)) if word.isalpha() else word


def fold(text: str) -> str:
    """Lower case without accents, in compatibility form: how words are compared."""
    if text.isascii():
        return text.lower()  # the same, many times faster
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def terms(text: str, *, stopwords: frozenset[str] = STOPWORDS) -> list[str]:
    """The index terms of a text: stems without stop words.

    Letters before digits are found however they are joined: "GPT-4", "GPT4" and "gpt 4" all give `gpt`, `4`, `gpt4`.
    The terms of short texts are cached, because parts of a question are needed many times.
    """
    return list(_cached_terms(text, stopwords)) if len(text) <= _MAX_CACHED_CHARACTERS else _terms(text, stopwords)


@lru_cache(maxsize=4_096)
def _cached_terms(text: str, stopwords: frozenset[str]) -> tuple[str, ...]:
    return tuple(_terms(text, stopwords))


def _terms(text: str, stopwords: frozenset[str]) -> list[str]:
    deadline.check()
    found: list[str] = []
    folded = _POSSESSIVE.sub("", fold(text))
    name, name_ends = "", -9
    for match in _PARTS.finditer(folded):
        part = match.group()
        if part in stopwords:
            continue
        word = stem(part)
        found.append(word)
        if part.isdigit() and name and folded[name_ends : match.start()] in _JOINTS:
            found.append(name + part)
        name, name_ends = (word, match.end()) if part.isalpha() and len(part) <= _MAX_NAME_LETTERS else ("", -9)
    return found


class LexicalIndex:
    """BM25 (Lucene's form, k1 1.5, b 0.75: bm25s's own defaults) over passages in the index's order."""

    def __init__(self, scorer: Any, size: int) -> None:
        self._scorer = scorer
        self._size = size
        self._nearest: dict[str, str] = {}

    @classmethod
    def build(cls, texts: Sequence[str]) -> "LexicalIndex":
        """Index texts; a search returns their positions in this sequence."""
        corpus = [terms(text) or ["∅"] for text in texts]
        scorer = bm25s.BM25()
        if corpus:
            scorer.index(corpus, show_progress=False)
        return cls(scorer, len(texts))

    @classmethod
    def open(cls, folder: Path, size: int) -> "LexicalIndex":
        """Open what `save` wrote.

        Raises:
            StoreError: the files are missing or damaged.
        """
        if not size:
            return cls(bm25s.BM25(), 0)
        try:
            return cls(bm25s.BM25.load(str(folder), mmap=True), size)
        except Exception as error:  # bm25s does not wrap what numpy and json raise
            raise StoreError(f"the word index under {folder} cannot be read: {error}") from error

    def within(self, kept: npt.NDArray[np.bool_]) -> "LexicalIndex":
        """The same index over some of its passages only; it does not know words that none of them has.

        Args:
            kept: For each passage, whether it stays.
        """
        size = int(kept.sum())
        if not size:
            return LexicalIndex(bm25s.BM25(), 0)
        begins, passages, weights = self.postings()
        stays = kept[passages]
        ends = np.concatenate(([0], np.cumsum(stays)))[begins]
        scorer = bm25s.BM25()
        scorer.scores = {
            "data": weights[stays],
            "indices": (np.cumsum(kept) - 1)[passages[stays]].astype(np.int32),
            "indptr": ends,
            "num_docs": size,
        }
        scorer.nonoccurrence_array = None  # Lucene's form has none
        known = self._scorer.vocab_dict.items()
        scorer.vocab_dict = {word: term for word, term in known if term + 1 < len(ends) and ends[term] < ends[term + 1]}
        return LexicalIndex(scorer, size)

    def save(self, folder: Path) -> None:
        """Write the index into a folder."""
        if self._size:
            self._scorer.save(str(folder), show_progress=False)

    def scores(self, words: Sequence[str]) -> npt.NDArray[np.float32]:
        """The BM25 score of every passage for index terms; all zero where none of them occurs."""
        known = [near for near in map(self.nearest, words) if self.frequency(near)] if self._size else []
        if not known:
            return np.zeros(self._size, np.float32)
        return np.asarray(self._scorer.get_scores(known), np.float32)

    def nearest(self, word: str) -> str:
        """The term of the index that a word most likely means: itself, a corrected spelling, or another form; else itself.

        A word of six letters may have one slip, a word of nine two; swapped neighbours count as one slip, and the
        first letter must be right. Another form has the same beginning and at most two more letters ("Californian" for
        "California"), or begins with a long stem.
        """
        near = self._nearest.get(word)
        if near is None:
            near = word if self.frequency(word) else self._alike(word)
            if len(self._nearest) >= _MAX_CACHED_CORRECTIONS:
                self._nearest.clear()
            self._nearest[word] = near
        return near

    def _alike(self, word: str) -> str:
        if len(word) < _MIN_CORRECTED_LETTERS or not word.isalpha() or not self._size:
            return word
        deadline.check()
        same_start = self._by_letter.get(word[0], [])
        slips = 1 if len(word) < 9 else 2
        found = [
            (OSA.distance(word, known, score_cutoff=slips), -self.frequency(known), known)
            for known in same_start
            if abs(len(known) - len(word)) <= slips and len(known) >= _MIN_CORRECTED_LETTERS - 1
        ]
        found += [
            (slips, -self.frequency(known), known)
            for known in same_start
            if len(known) >= _MIN_CORRECTED_LETTERS and _is_form(word, known)
        ]
        best = min(found, default=(slips + 1, 0, word))
        return best[2] if best[0] <= slips else word

    @cached_property
    def _by_letter(self) -> dict[str, list[str]]:
        """The words of the index by their first letter."""
        found: dict[str, list[str]] = {}
        for known in self._scorer.vocab_dict:
            if known.isalpha():
                found.setdefault(known[0], []).append(known)
        return found

    def idf(self, word: str) -> float:
        """Inverse document frequency of an index term over the passages, ln(1 + (N - n + ½) / (n + ½))."""
        n = self.frequency(word)
        return float(np.log(1 + (self._size - n + 0.5) / (n + 0.5)))

    def frequency(self, word: str) -> int:
        """In how many passages an index term occurs."""
        place = self._scorer.vocab_dict.get(word) if self._size else None
        if place is None or place + 1 >= len(self._begins):  # bm25s keeps an empty word that no passage has
            return 0
        return int(self._begins[place + 1] - self._begins[place])

    @cached_property
    def _begins(self) -> npt.NDArray[np.int64]:
        """Where the passages of each term begin in the table, in memory: reading a mapped file item by item is slow."""
        return np.array(self._scorer.scores["indptr"], np.int64)

    def postings(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """The whole table, term by term: where each term begins, then passages and what a term weighs in each."""
        if not self._size:
            return np.zeros(1, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32)
        table = self._scorer.scores
        begins, passages = (np.asarray(table[name], np.int64) for name in ("indptr", "indices"))
        return begins, passages, np.asarray(table["data"], np.float32)


def _is_form(word: str, known: str) -> bool:
    """Whether one word is the other with up to two more letters, or begins with a long stem ("hallucinaton", "hallucin")."""
    if known.startswith(word):
        return len(known) - len(word) <= 2
    return word.startswith(known) and len(word) - len(known) <= (6 if len(known) >= 8 else 2)
