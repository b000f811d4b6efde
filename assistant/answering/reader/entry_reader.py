"""The entry reader: a small model that reads a question and a whole entry, and judges which sentences answer.

It is fine-tuned from all-MiniLM-L6-v2 by `training/train_entries.py` and quantised to 8 bits; `docs/reader.md` describes its
training and its quality. The file is checked against the hash below. Without it, answers rely on words and vectors.
"""

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from assistant.verification.cross_encoder import cores
from index import dates
from index.embed import tokenizer_file
from index.errors import EmbedderError
from index.models import AnyEntry, heading_of

from .entry_encoding import EntryEncoder, EntryText, Window, batch

ENTRY_READER_SHA256 = "906d8c7a62565fcf598f56c7f2fe9f0d0b2fc3426eed37746edf02efdffa771f"
INPUTS = ("input_ids", "attention_mask", "token_type_ids", "sentence_of", "markers")
MAX_ORGANISATIONS = 3
_BATCH_TOKENS = 1_600
"""Tokens of one call to the model, with padding; larger calls are no faster on two cores."""

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

    def __init__(self, session: Any, encoder: EntryEncoder, curves: dict[str, tuple[float, float]]) -> None:
        self._session = session
        self._encoder = encoder
        self._curves = curves

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
        windows = [
            (number, w) for number, entry in enumerate(entries) for w in self._encoder.encode(question, history, entry)
        ]
        results = self._run([window for _, window in windows])
        answered = [0.0] * len(entries)
        sentences = [[0.0] * len(entry.sentences) for entry in entries]
        for (number, window), (sentence_logits, entry_logit) in zip(windows, results, strict=True):
            answered[number] = max(answered[number], self._probability("answered", entry_logit))
            for at, logit in enumerate(sentence_logits):
                sentences[number][window.first + at] = self._probability("sentence", logit)
        return [Judgement(value, tuple(each)) for value, each in zip(answered, sentences, strict=True)]

    def _probability(self, curve: str, logit: float) -> float:
        slope, offset = self._curves[curve]
        return float(1 / (1 + np.exp(-np.clip(slope * logit + offset, -30, 30))))

    def _run(self, windows: Sequence[Window]) -> list[tuple[list[float], float]]:
        """The logits of the sentences of each window, and the logit of the window."""
        order = sorted(range(len(windows)), key=lambda place: len(windows[place].ids))
        results: list[tuple[list[float], float]] = [([], 0.0)] * len(windows)
        while order:
            size = 1
            while size < len(order) and (size + 1) * len(windows[order[size]].ids) <= _BATCH_TOKENS:
                size += 1
            places, order = order[:size], order[size:]
            sentences, entry = forward(self._session, [windows[place] for place in places])
            for row, place in enumerate(places):
                count = len(windows[place].markers)
                results[place] = ([float(value) for value in sentences[row, :count]], float(entry[row]))
        return results


def forward(session: Any, windows: Sequence[Window]) -> tuple[Logits, Logits]:
    """Run the model once: logits of sentences, shape (windows, most sentences), and of windows, shape (windows,)."""
    inputs = dict(zip(INPUTS, batch(windows), strict=True))
    try:
        sentences, entry = session.run(None, inputs)
    except Exception as error:  # onnxruntime has its own exceptions
        raise EmbedderError(
            f"the entry reader failed: {error}", hint="install the assistant again: pip install ."
        ) from error
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
    place = folder or Path(str(resources.files("assistant") / "data" / "entry-reader"))
    model = place / "entry-reader.onnx"
    unavailable = "the entry reader is unavailable, answers rely on words and vectors only"
    try:
        content = model.read_bytes()
        parsed = json.loads((place / "calibration.json").read_text(encoding="utf-8"))
        curves = {
            name: (float(parsed[name]["slope"]), float(parsed[name]["offset"])) for name in ("answered", "sentence")
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        return None, f"{unavailable}: {error}"
    if hashlib.sha256(content).hexdigest() != ENTRY_READER_SHA256:
        return None, f"{unavailable}: {model.name} has the wrong checksum"
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = cores()
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001  # onnxruntime has its own exceptions
        return None, f"{unavailable}: {error}"
    return EntryReader(session, EntryEncoder(tokenizer_file()), curves), None
