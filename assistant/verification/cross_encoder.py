"""The cross-encoder: a small model that judges whether a text answers a question, and whether evidence supports a claim.

It is fine-tuned from all-MiniLM-L6-v2 by `training/` and quantised to 8 bits. `docs/reader.md` describes its training and
its quality; settings and user messages call it the reader. The file is checked against the hash below; the assistant also
works without it.
"""

import hashlib
import json
import logging
import os
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from index.embed import tokenizer_file
from index.errors import EmbedderError

from .pair_encoding import Encoded, PairEncoder, batch

CROSS_ENCODER_SHA256 = "777479e3f613a55dc4f68480152f6bc4fe569828a0edb20aaea0e1b361b8eeac"
HEADS = ("answers", "supports")
_BATCH_TOKENS = 2048
"""Tokens of one call to the model, with padding; larger calls are no faster on two cores."""
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")

Probabilities = npt.NDArray[np.float64]
_log = logging.getLogger(__name__)


class CrossEncoder:
    """Gives probabilities for pairs of texts, calibrated on data that the model was not trained on."""

    def __init__(self, session: Any, encoder: PairEncoder, curves: dict[str, tuple[float, float]]) -> None:
        self._session = session
        self._encoder = encoder
        self._curves = curves

    @classmethod
    def open(cls, folder: Path | None = None) -> "CrossEncoder | None":
        """Open the shipped cross-encoder; None, with a warning in the log, if its files are missing or changed."""
        opened, notice = open_cross_encoder(folder)
        if notice is not None:
            _log.warning(notice)
        return opened

    def answers(self, question: str, texts: Sequence[str]) -> Probabilities:
        """The probability that each text answers the question, as an array with one value per text."""
        return self._judge(0, [(question, text) for text in texts])

    def supports(self, pairs: Sequence[tuple[str, str]]) -> Probabilities:
        """For each pair of a claim and its evidence, the probability that the evidence supports the whole claim.

        The model reads about the first 200 tokens of the evidence; `verify.focus` chooses the sentences that matter.
        """
        return self._judge(1, pairs)

    def _judge(self, head: int, pairs: Sequence[tuple[str, str]]) -> Probabilities:
        slope, offset = self._curves[HEADS[head]]
        encoded = self._encoder.encode(pairs) if pairs else []
        # A pair that occurs twice is read once.
        places: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = {}
        for place, pair in enumerate(encoded):
            places.setdefault((tuple(pair.ids), tuple(pair.types)), []).append(place)
        firsts = sorted((same[0] for same in places.values()), key=lambda place: len(encoded[place].ids))
        logits = np.zeros(len(encoded))
        while firsts:
            size = _fitting([len(encoded[place].ids) for place in firsts])
            part, firsts = firsts[:size], firsts[size:]
            logits[part] = self._forward([encoded[place] for place in part])[:, head]
        for same in places.values():
            logits[same] = logits[same[0]]
        return np.asarray(1 / (1 + np.exp(-np.clip(slope * logits + offset, -30, 30))), np.float64)

    def _forward(self, encoded: Sequence[Encoded]) -> npt.NDArray[np.float32]:
        inputs = dict(zip(_INPUTS, batch(encoded), strict=True))
        try:
            return np.asarray(self._session.run(None, inputs)[0], np.float32)
        except Exception as error:  # onnxruntime has its own exceptions
            raise EmbedderError(
                f"the reader failed: {error}", hint="install the assistant again: pip install ."
            ) from error


def _fitting(lengths: Sequence[int]) -> int:
    """How many of the first lengths, sorted ascending, fit into one batch."""
    size = 1
    while size < len(lengths) and (size + 1) * lengths[size] <= _BATCH_TOKENS:
        size += 1
    return size


def open_cross_encoder(folder: Path | None = None) -> tuple[CrossEncoder | None, str | None]:
    """Open the cross-encoder; return None and a notice for the operator if it cannot be used."""
    place = folder or Path(str(resources.files("assistant") / "data" / "reader"))
    model = place / "reader.onnx"
    try:
        content = model.read_bytes()
        curves = json.loads((place / "calibration.json").read_text(encoding="utf-8"))
        parsed = {name: (float(curves[name]["slope"]), float(curves[name]["offset"])) for name in HEADS}
    except (OSError, ValueError, KeyError, TypeError) as error:
        return None, f"the reader is unavailable, answers rely on words and vectors only: {error}"
    if hashlib.sha256(content).hexdigest() != CROSS_ENCODER_SHA256:
        return (
            None,
            f"the reader is unavailable, answers rely on words and vectors only: {model.name} has the wrong checksum",
        )
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = cores()
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001  # onnxruntime has its own exceptions
        return None, f"the reader is unavailable, answers rely on words and vectors only: {error}"
    return CrossEncoder(session, PairEncoder(tokenizer_file()), parsed), None


def cores() -> int:
    """The number of cores that this process may use."""
    allowed: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1
