"""Opens and runs the small ONNX models that ship with the assistant: the entry reader and the cross-encoder."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from index.errors import EmbedderError

Floats = npt.NDArray[np.float64]


class OnnxModel:
    """A model with a calibration curve for each of its heads. Thread-safe.

    Args:
        session: The session of onnxruntime.
        name: The name of the model in messages: "the reader".
        curves: The slope and the offset of Platt scaling, by head.
    """

    def __init__(self, session: Any, name: str, curves: Mapping[str, tuple[float, float]]) -> None:
        self._session = session
        self._name = name
        self._curves = curves

    def run(self, inputs: Mapping[str, Any]) -> list[Any]:
        """Run the model once and return its outputs.

        Raises:
            EmbedderError: the model failed.
        """
        try:
            return list(self._session.run(None, dict(inputs)))
        except Exception as error:  # onnxruntime has its own exceptions
            raise EmbedderError(
                f"{self._name} failed: {error}", hint="install the assistant again: pip install ."
            ) from error

    def probability(self, head: str, logits: npt.ArrayLike) -> Floats:
        """Turn logits of a head into calibrated probabilities."""
        slope, offset = self._curves[head]
        return np.asarray(1 / (1 + np.exp(-np.clip(slope * np.asarray(logits, np.float64) + offset, -30, 30))))


def open_model(
    name: str, file: str, sha256: str, heads: Sequence[str], folder: Path | None = None
) -> tuple[OnnxModel | None, str | None]:
    """Open a model; return None and a notice for the operator if it cannot be used.

    Args:
        name: The name of the model in messages: "the reader".
        file: The folder and the name of its file: "reader/reader.onnx" in the data of the package.
        sha256: The checksum that the file must have.
        heads: The heads that `calibration.json` must have beside the file.
        folder: The folder to read in place of the one in the package.
    """
    unavailable = f"{name} is unavailable, answers rely on words and vectors only"
    shipped = Path(str(resources.files("assistant") / "data" / file))
    model = folder / shipped.name if folder else shipped
    try:
        content = model.read_bytes()
        parsed = json.loads((model.parent / "calibration.json").read_text(encoding="utf-8"))
        curves = {head: (float(parsed[head]["slope"]), float(parsed[head]["offset"])) for head in heads}
    except (OSError, ValueError, KeyError, TypeError) as error:
        return None, f"{unavailable}: {error}"
    if hashlib.sha256(content).hexdigest() != sha256:
        return None, f"{unavailable}: {model.name} has the wrong checksum"
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = _cores()
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001  # onnxruntime has its own exceptions
        return None, f"{unavailable}: {error}"
    return OnnxModel(session, name, curves), None


def batches(lengths: Sequence[int], max_tokens: int) -> Iterator[list[int]]:
    """Yield the positions of the inputs in batches of similar length; with padding a batch has at most `max_tokens` tokens.

    An input that is longer than that is a batch of its own.
    """
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[place] > max_tokens:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def _cores() -> int:
    """The number of cores that this process may use."""
    allowed: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1
