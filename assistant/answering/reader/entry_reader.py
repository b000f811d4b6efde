"""The entry reader: a small model that reads a question and a whole entry, and judges which sentences answer.

It is fine-tuned from all-MiniLM-L6-v2 by `training/train_entries.py` and quantised to 8 bits; `docs/reader.md` describes its
training and its quality. The file is checked against the hash below. Without it, answers rely on words and vectors.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.onnx_model import OnnxModel, open_model
from index import dates, deadline
from index.embed import tokenizer_file
from index.models import AnyEntry, heading_of

from .entry_encoding import EntryEncoder, EntryText, Window, batch

ENTRY_READER_SHA256 = "dd662284c4ac2e636cd838f798c264801c8d7272f36b04bdcf4c5e6e04fff1e4"
HEADS = ("answered", "sentence")
INPUTS = ("input_ids", "attention_mask", "token_type_ids", "sentence_of", "markers")
MAX_ORGANISATIONS = 3

Logits = npt.NDArray[np.float32]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the model says about one entry."""

    answered: float
    """The calibrated probability that the entry answers the question."""
    sentences: tuple[float, ...]
    """For each sentence the calibrated probability that it helps to answer."""


class EntryReader:
    """Judges entries with calibrated probabilities. Thread-safe."""

    def __init__(self, model: OnnxModel, encoder: EntryEncoder) -> None:
        self._model = model
        self._encoder = encoder

    @classmethod
    def open(cls, folder: Path | None = None) -> "EntryReader | None":
        """Open the shipped reader; None, with a warning in the log, if its files are missing or changed."""
        opened, notice = open_entry_reader(folder)
        if notice is not None:
            _log.warning(notice)
        return opened

    def judge(self, question: str, history: Sequence[str], entries: Sequence[EntryText]) -> list[Judgement]:
        """Judge some entries, in their order.

        Args:
            question: The question.
            history: The user's earlier turns, oldest first; empty for a stand-alone question.
            entries: The entries; one without a sentence gets the probability 0.

        Raises:
            EmbedderError: the model failed.
        """
        owners: list[int] = []
        windows: list[Window] = []
        for number, entry in enumerate(entries):
            read = self._encoder.encode(question, history, entry)
            owners += [number] * len(read)
            windows += read
        answered = [0.0] * len(entries)
        sentences = [[0.0] * len(entry.sentences) for entry in entries]
        # One window at a time: without padding this takes half the time of a batch, and the eight-bit values of an
        # entry, which are scaled by the largest value of a call, do not depend on the other entries.
        for number, window in zip(owners, windows, strict=True):
            deadline.check()
            sentence_logits, entry_logits = forward(self._model, [window])
            helps = self._model.probability("sentence", sentence_logits)
            answered[number] = max(answered[number], float(self._model.probability("answered", entry_logits)[0]))
            end = window.first + len(window.markers)
            sentences[number][window.first : end] = helps[0, : len(window.markers)].tolist()
        return [Judgement(value, tuple(each)) for value, each in zip(answered, sentences, strict=True)]


def forward(model: OnnxModel, windows: Sequence[Window]) -> tuple[Logits, Logits]:
    """Run the model once: logits of sentences, shape (windows, most sentences), and of windows, shape (windows,)."""
    sentences, entry = model.run(dict(zip(INPUTS, batch(windows), strict=True)))
    return np.asarray(sentences, np.float32), np.asarray(entry, np.float32)


def entry_head(entry: AnyEntry, field: str) -> str:
    """The head of an entry, or of a section of it, as the model has seen it in training."""
    heading = heading_of(entry, field)
    title = f"{entry.title} · {heading}" if heading else entry.title
    return head_of(title, entry.date, entry.organisations)


def head_of(title: str, date: str | None, organisations: Sequence[str]) -> str:
    """Title, date in words, and up to `MAX_ORGANISATIONS` organisations, as one text."""
    named = ", ".join(name.replace("-", " ") for name in organisations[:MAX_ORGANISATIONS])
    return ". ".join(part for part in (title.rstrip("."), dates.in_words(date) if date else "", named) if part)


def open_entry_reader(folder: Path | None = None) -> tuple[EntryReader | None, str | None]:
    """Open the entry reader; return None and a notice for the operator if it cannot be used."""
    file = "entry-reader/entry-reader.onnx"
    model, notice = open_model("the entry reader", file, ENTRY_READER_SHA256, HEADS, folder)
    return (EntryReader(model, EntryEncoder(tokenizer_file())) if model else None), notice
