"""The cross-encoder: a small model that judges whether a text answers a question, and whether evidence supports a claim.

It is fine-tuned from all-MiniLM-L6-v2 by `training/` and quantised to 8 bits. `docs/reader.md` describes its training and
its quality; settings and user messages call it the reader. The file is checked against the hash below; the assistant also
works without it.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.onnx_model import OnnxModel, batches, open_model
from index.embed import tokenizer_file

from .pair_encoding import PairEncoder, batch

CROSS_ENCODER_SHA256 = "777479e3f613a55dc4f68480152f6bc4fe569828a0edb20aaea0e1b361b8eeac"
HEADS = ("answers", "supports")
_BATCH_TOKENS = 2048
"""Tokens of one call to the model, with padding; larger calls are no faster on two cores."""
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")

Probabilities = npt.NDArray[np.float64]
_log = logging.getLogger(__name__)


class CrossEncoder:
    """Gives probabilities for pairs of texts, calibrated on data that the model was not trained on."""

    def __init__(self, model: OnnxModel, encoder: PairEncoder) -> None:
        self._model = model
        self._encoder = encoder

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
        encoded = self._encoder.encode(pairs) if pairs else []
        # A pair that occurs twice is read once.
        places: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = {}
        for place, pair in enumerate(encoded):
            places.setdefault((tuple(pair.ids), tuple(pair.types)), []).append(place)
        groups = list(places.values())
        logits = np.zeros(len(encoded))
        for part in batches([len(encoded[same[0]].ids) for same in groups], _BATCH_TOKENS):
            inputs = batch([encoded[groups[number][0]] for number in part])
            read = self._model.run(dict(zip(_INPUTS, inputs, strict=True)))[0][:, head]
            for number, logit in zip(part, read, strict=True):
                logits[groups[number]] = logit
        return self._model.probability(HEADS[head], logits)


def open_cross_encoder(folder: Path | None = None) -> tuple[CrossEncoder | None, str | None]:
    """Open the cross-encoder; return None and a notice for the operator if it cannot be used."""
    model, notice = open_model("the reader", "reader/reader.onnx", CROSS_ENCODER_SHA256, HEADS, folder)
    return (CrossEncoder(model, PairEncoder(tokenizer_file())) if model else None), notice
