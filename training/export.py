"""Exports trained weights to the shipped files, an int8 ONNX model and its calibration: `python -m training.export --help`."""

import argparse
import hashlib
import json
import random
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from assistant.verification.pair_encoding import Encoded, PairEncoder, batch
from index.embed import tokenizer_file

from . import sources
from .model import HEADS, Reader
from .sources import Example

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
MAX_MODEL_BYTES = 25_000_000
"""Maximum size of the shipped model."""
CALIBRATED_ON = 600
"""Pairs of held-out sources used for calibration, per head; the others measure how well it fits."""
PARITY_PAIRS = 24
"""Pairs of our own sentences with stored logits, so that a test can compare them without torch."""
Array = npt.NDArray[np.float64]
Shapes = Mapping[str, Mapping[int, Any]]


def write_int8(
    model: nn.Module, given: Sequence[Tensor], path: Path, inputs: Sequence[str], outputs: Sequence[str], shapes: Shapes
) -> None:
    """Export a model to ONNX with 8-bit weights.

    Args:
        model: The model; it is set to evaluate.
        given: Example inputs.
        path: The file to write.
        inputs: The names of the inputs.
        outputs: The names of the outputs.
        shapes: The dimensions of each input that may vary, by its name.

    Raises:
        SystemExit: the file is larger than `MAX_MODEL_BYTES`.
    """
    model.eval()
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        torch.onnx.export(
            model,
            tuple(given),
            str(whole),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_shapes=dict(shapes),
            external_data=False,
            dynamo=True,
            verbose=False,
        )
        quantize_dynamic(whole, path, per_channel=True, weight_type=QuantType.QInt8)
    if path.stat().st_size > MAX_MODEL_BYTES:
        raise SystemExit(f"{path} has {path.stat().st_size:,} bytes, more than {MAX_MODEL_BYTES:,}")


def to_onnx(reader: Reader, path: Path) -> None:
    """Export the cross-encoder; errors as `write_int8`."""
    ids = torch.randint(1000, 20000, (3, 24))
    shape = {0: torch.export.Dim("rows", max=4096), 1: torch.export.Dim("tokens", max=512)}
    given = (ids, torch.ones_like(ids), torch.zeros_like(ids))
    write_int8(reader, given, path, INPUTS, ["logits"], dict.fromkeys(INPUTS, shape))


def session(path: Path, threads: int = 2) -> onnxruntime.InferenceSession:
    """Open the exported model."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def logits(run: onnxruntime.InferenceSession | Reader, encoded: Sequence[Encoded]) -> Array:
    """The logits of pairs, shape (pairs, heads); batched by length."""
    order = sorted(range(len(encoded)), key=lambda place: len(encoded[place].ids))
    found = np.zeros((len(encoded), len(HEADS)))
    at = 0
    while at < len(order):
        size = max(1, 2048 // len(encoded[order[min(len(order) - 1, at + 31)]].ids))
        places = order[at : at + size]
        given = batch([encoded[place] for place in places])
        if isinstance(run, Reader):
            with torch.inference_mode():
                found[places] = run(*(torch.from_numpy(each) for each in given)).numpy()
        else:
            found[places] = run.run(None, dict(zip(INPUTS, given, strict=True)))[0]
        at += size
    return found


def held_out(traindata: Path, evaldata: Path, seed: int, most: int = 1500) -> dict[str, list[Example]]:
    """Examples of the validation sources, for each head."""
    public, _ = sources.public(traindata, sources.sealed(evaldata))
    rng = random.Random(seed)
    found = {}
    for head, name in enumerate(HEADS):
        chosen = [one for one in public if one.source in sources.HELD_OUT[name] and one.head == head]
        rng.shuffle(chosen)
        found[name] = chosen[:most]
    return found


def parity(reader: Reader, encoder: PairEncoder) -> list[dict[str, object]]:
    """Logits of the torch model for pairs of sentences from the starter catalogue."""
    texts = [one for _, _, text in sources.starter() for one in sources.sentences(text)][::40]
    pairs = [(texts[place], " ".join(texts[place - place % 2 :][:2])) for place in range(PARITY_PAIRS)]
    found = logits(reader, encoder.encode(pairs))
    return [
        {"pair": pair, **{name: round(float(value), 4) for name, value in zip(HEADS, row, strict=True)}}
        for pair, row in zip(pairs, found, strict=True)
    ]


def fit(scores: Array, labels: Array) -> tuple[float, float]:
    """Fit the slope and the offset of Platt scaling by Newton's method; a step that makes the fit worse is halved."""
    slope, offset = 1.0, 0.0

    def loss(a: float, b: float) -> float:
        logit = a * scores + b
        return float((np.logaddexp(0, logit) - labels * logit).sum())

    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(slope * scores + offset, -50, 50)))
        gradient = np.array([((p - labels) * scores).sum(), (p - labels).sum()])
        w = p * (1 - p) + 1e-9
        hessian = np.array([[(w * scores**2).sum(), (w * scores).sum()], [(w * scores).sum(), w.sum()]])
        step = np.linalg.solve(hessian + 1e-6 * np.eye(2), gradient)
        before, share = loss(slope, offset), 1.0
        while share > 1e-6 and loss(slope - share * step[0], offset - share * step[1]) > before:
            share /= 2
        slope, offset = slope - share * step[0], offset - share * step[1]
    return float(slope), float(offset)


def auroc(scores: Array, labels: Array) -> float:
    """Area under the ROC curve."""
    ranks = np.argsort(np.argsort(scores, kind="stable"), kind="stable") + 1
    positives = int(labels.sum())
    return float((ranks[labels > 0].sum() - positives * (positives + 1) / 2) / (positives * (len(labels) - positives)))


def calibration_error(p: Array, labels: Array, bins: int = 10) -> float:
    """Expected calibration error over bins of equal width."""
    places = np.minimum((p * bins).astype(int), bins - 1)
    gaps = [
        abs(p[places == b].mean() - labels[places == b].mean()) * (places == b).mean() for b in set(places.tolist())
    ]
    return float(sum(gaps))


def main() -> None:
    """Export, compare with torch, calibrate, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m training.export", description=__doc__)
    parser.add_argument("--weights", type=Path, default=Path("build/reader/reader.pt"))
    parser.add_argument("--traindata", type=Path, required=True)
    parser.add_argument("--evaldata", type=Path, required=True)
    parser.add_argument("--to", type=Path, default=Path("assistant/data/reader"))
    parser.add_argument("--parity", type=Path, default=Path("tests/assistant/verification/reader_parity.json"))
    parser.add_argument("--seed", type=int, default=13)
    given = parser.parse_args()
    reader = Reader()
    held = torch.load(given.weights, weights_only=True)
    reader.load_state_dict(held.get("reader", held))
    given.to.mkdir(parents=True, exist_ok=True)
    path = given.to / "reader.onnx"
    to_onnx(reader, path)
    opened, encoder = session(path), PairEncoder(tokenizer_file())
    figures: dict[str, object] = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}
    curves: dict[str, dict[str, float]] = {}
    for head, (name, chosen) in enumerate(held_out(given.traindata, given.evaldata, given.seed).items()):
        encoded = encoder.encode([(one.first, one.second) for one in chosen])
        labels = np.array([float(one.label) for one in chosen])
        scores = logits(opened, encoded)[:, head]
        whole = logits(reader.eval(), encoded[:200])[:, head]
        gap = np.abs(1 / (1 + np.exp(-whole)) - 1 / (1 + np.exp(-scores[:200])))
        slope, offset = fit(scores[:CALIBRATED_ON], labels[:CALIBRATED_ON])
        curves[name] = {"slope": round(slope, 4), "offset": round(offset, 4)}
        rest = slice(CALIBRATED_ON, None)
        p = 1 / (1 + np.exp(-(slope * scores + offset)))
        figures[name] = {
            "auroc": round(auroc(scores, labels), 4),
            "pairs": len(chosen),
            "calibration_error": round(calibration_error(p[rest], labels[rest]), 4),
            "int8_to_torch_mean": round(float(gap.mean()), 4),
            "int8_to_torch_most": round(float(gap.max()), 4),
        }
    (given.to / "calibration.json").write_text(json.dumps(curves, indent=1) + "\n", encoding="utf-8")
    kept = json.dumps(parity(reader, encoder), indent=1, ensure_ascii=False)
    given.parity.write_text(kept + "\n", encoding="utf-8")
    json.dump(figures, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
