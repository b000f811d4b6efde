"""Encodes a question and a whole entry as input for the entry reader; training and product use the same encoding.

One input holds the earlier user turns, the question, the head of the entry (title, date, organisations) and its sentences, with
a marker token before each sentence. The token types say which part a token belongs to, and whether its word also occurs
in the question. A small model learns from fewer examples when it does not have to learn first how to compare words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import Stemmer
from tokenizers import Tokenizer

MAX_TOKENS = 320
"""Tokens of one window; a longer entry is read in several windows."""
MAX_HISTORY_TOKENS, MAX_QUESTION_TOKENS, MAX_HEAD_TOKENS, MAX_SENTENCE_TOKENS = 48, 64, 48, 120
TYPE_QUESTION, TYPE_TEXT, TYPE_QUESTION_SHARED, TYPE_TEXT_SHARED = 0, 1, 2, 3
TYPE_HISTORY, TYPE_HEAD, TYPE_MARKER, TYPE_HEAD_SHARED = 4, 5, 6, 7
TYPES = 8
_MARKER, _CLS, _SEP = 3, 101, 102
"""Token 3 is unused in the vocabulary; its type embedding gives it a meaning."""
_MAX_TEXT_CHARACTERS = 3000
"""Maximum number of characters of a text that are tokenised: enough to fill every limit in tokens, and a protection
against hostile texts."""

Tokens = npt.NDArray[np.int64]
_Words = tuple[list[int], list[str]]
"""Token numbers of a text, and for each token the stem of the word that it belongs to."""


@dataclass(frozen=True, slots=True)
class EntryText:
    """The text of an entry, or of one section, that the model reads."""

    head: str
    """Title, date and organisations."""
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """One input of the model."""

    ids: list[int]
    types: list[int]
    sentence_of: list[int]
    """For each token the number of its sentence in this window, from 1; 0 for all other tokens."""
    markers: list[int]
    """The position of the marker of each sentence."""
    first: int
    """The number of its first sentence in the entry."""


class EntryEncoder:
    """Encodes questions and entries with the tokenizer of the embedder."""

    def __init__(self, tokenizer: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._words = lru_cache(maxsize=8_000)(self._tokenise)

    def encode(self, question: str, history: Sequence[str], entry: EntryText) -> list[Window]:
        """Encode a question and an entry as one window or, if the entry is long, several.

        Args:
            question: The question.
            history: The user's earlier turns, oldest first; the oldest are cut if they are long.
            entry: The entry; a window holds at least one of its sentences.
        """
        asked, stems = self._words(question)
        asked, stems = asked[:MAX_QUESTION_TOKENS], stems[:MAX_QUESTION_TOKENS]
        earlier = [token for turn in history for token in (*self._words(turn)[0], _SEP)][-MAX_HISTORY_TOKENS:]
        head, head_stems = self._words(entry.head)
        head, head_stems = head[:MAX_HEAD_TOKENS], head_stems[:MAX_HEAD_TOKENS]
        sentences = [self._words(sentence) for sentence in entry.sentences]
        in_question = {stem for stem in stems if stem}
        in_entry = {stem for _, words in sentences for stem in words} | set(head_stems)
        ids = [_CLS, *earlier, *asked, _SEP, *head, _SEP]
        types = [TYPE_QUESTION, *([TYPE_HISTORY] * len(earlier))]
        types += [TYPE_QUESTION_SHARED if stem and stem in in_entry else TYPE_QUESTION for stem in stems]
        types.append(TYPE_QUESTION)
        types += [TYPE_HEAD_SHARED if stem in in_question else TYPE_HEAD for stem in head_stems]
        types.append(TYPE_HEAD)
        return _windows(ids, types, sentences, in_question)

    def _tokenise(self, text: str) -> _Words:
        # The tokenizer rejects lone surrogates.
        clean = text[:_MAX_TEXT_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
        encoding = self._tokenizer.encode(clean, add_special_tokens=False)
        words: dict[int | None, str] = {}
        for place, token in zip(encoding.word_ids, encoding.tokens, strict=True):
            words[place] = words.get(place, "") + token.removeprefix("##")
        stems = {place: _stem(word) for place, word in words.items()}
        return encoding.ids, [stems[place] for place in encoding.word_ids]


def _windows(ids: list[int], types: list[int], sentences: Sequence[_Words], in_question: set[str]) -> list[Window]:
    windows: list[Window] = []
    window = Window([*ids], [*types], [0] * len(ids), [], 0)
    room = min(MAX_SENTENCE_TOKENS, MAX_TOKENS - len(ids) - 2)
    for number, (all_tokens, all_stems) in enumerate(sentences):
        tokens, stems = all_tokens[:room], all_stems[:room]
        if window.markers and len(window.ids) + len(tokens) + 2 > MAX_TOKENS:
            windows.append(_closed(window))
            window = Window([*ids], [*types], [0] * len(ids), [], number)
        window.markers.append(len(window.ids))
        slot = len(window.markers)
        window.ids.extend((_MARKER, *tokens))
        window.types.append(TYPE_MARKER)
        window.types.extend(TYPE_TEXT_SHARED if stem in in_question else TYPE_TEXT for stem in stems)
        window.sentence_of.extend([slot] * (1 + len(tokens)))
    return [*windows, _closed(window)] if window.markers else windows


def _closed(window: Window) -> Window:
    window.ids.append(_SEP)
    window.types.append(TYPE_TEXT)
    window.sentence_of.append(0)
    return window


_stemmer = Stemmer.Stemmer("english")


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    """The stem of a word; empty for punctuation, which never counts as shared with the question."""
    return str(_stemmer.stemWord(word)) if any(map(str.isalnum, word)) else ""


def batch(windows: Sequence[Window]) -> tuple[Tokens, Tokens, Tokens, Tokens, Tokens]:
    """Arrays of some windows, padded with 0.

    Returns:
        Token numbers, attention mask, token types, sentence of each token: shape (windows, tokens of the longest). Positions
        of the markers: shape (windows, most sentences).
    """
    length = max(len(window.ids) for window in windows)
    ids = np.zeros((len(windows), length), np.int64)
    mask, types, sentence_of = np.zeros_like(ids), np.zeros_like(ids), np.zeros_like(ids)
    markers = np.zeros((len(windows), max(len(window.markers) for window in windows)), np.int64)
    for row, window in enumerate(windows):
        size = len(window.ids)
        ids[row, :size] = window.ids
        types[row, :size] = window.types
        sentence_of[row, :size] = window.sentence_of
        mask[row, :size] = 1
        markers[row, : len(window.markers)] = window.markers
    return ids, mask, types, sentence_of, markers
