"""Exports the entry reader as an int8 ONNX file, calibrates it and measures it: `python -m training.export_entries --help`."""

import argparse
import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from assistant.answering.reader.entry_encoding import EntryEncoder, EntryText, Window, batch
from assistant.answering.reader.entry_reader import INPUTS, forward
from assistant.onnx_model import OnnxModel
from index.embed import tokenizer_file

from . import entry_data
from .entry_data import Row
from .entry_model import EntryReader, pretrained
from .export import auroc, calibration_error, fit, session, write_int8
from .train_entries import OWN_ROWS

PARITY = (
    (
        "who opposed the bill",
        (),
        "Example bill signed. 3 May 2024",
        ("The governor signed the bill.", "Two unions opposed it."),
    ),
    (
        "and when was that?",
        ("what did the lab release",),
        "Lab opens a model",
        ("A lab opened its model.", "That was in May."),
    ),
    (
        "how much did it cost",
        (),
        "A fine for a company. 2023. Acme",
        ("Acme was fined 5 million euros.", "It appealed.", "The court has not decided."),
    ),
)
"""Inputs with stored logits, so that a test can compare the shipped file with torch without torch."""

Array = npt.NDArray[np.float64]
Forward = Callable[[Sequence[Window]], tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]]


def to_onnx(reader: EntryReader, path: Path) -> None:
    """Export the entry reader; errors as `write_int8`."""
    windows = EntryEncoder(tokenizer_file()).encode(
        "who did it", (), EntryText("A title", ("One sentence.", "And one more."))
    )
    given = tuple(torch.from_numpy(array) for array in batch([windows[0]] * 3))
    rows = torch.export.Dim("rows", max=4096)
    shape = {0: rows, 1: torch.export.Dim("tokens", max=512)}
    shapes = dict.fromkeys(INPUTS[:-1], shape) | {"markers": {0: rows, 1: torch.export.Dim("sentences", max=320)}}
    write_int8(reader, given, path, INPUTS, ["sentences", "entry"], shapes)


def by_torch(reader: EntryReader) -> Forward:
    """The model in torch as a function of windows."""

    def run(windows: Sequence[Window]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        with torch.inference_mode():
            sentences, entry = reader(*(torch.from_numpy(array) for array in batch(windows)))
        return sentences.numpy(), entry.numpy()

    return run


def judged(run: Forward, rows: Sequence[Row]) -> tuple[list[Array], Array]:
    """The logits of the sentences of each row, and the logit of each row: the highest of its windows."""
    encoder = EntryEncoder(tokenizer_file())
    windows = [(n, w) for n, row in enumerate(rows) for w in encoder.encode(row.question, row.history, row.entry)]
    windows.sort(key=lambda item: len(item[1].ids))
    sentences = [np.full(len(row.entry.sentences), -20.0) for row in rows]
    entries = np.full(len(rows), -20.0)
    for at in range(0, len(windows), 16):
        part = windows[at : at + 16]
        sentence_logits, entry_logits = run([window for _, window in part])
        for place, (number, window) in enumerate(part):
            count = len(window.markers)
            sentences[number][window.first : window.first + count] = sentence_logits[place, :count]
            entries[number] = max(entries[number], float(entry_logits[place]))
    return sentences, entries


def figures(rows: Sequence[Row], sentences: Sequence[Array], entries: Array) -> dict[str, float]:
    """AUROC of "answered here" and the share of answered rows whose highest sentence is a right one.

    Rows of the kinds `broad` and `act` are not counted: these are no questions to one entry.
    """
    counted = [n for n, row in enumerate(rows) if row.kind not in {"broad", "act"}]
    labels = np.array([float(bool(rows[n].answers)) for n in counted])
    several = [n for n in counted if rows[n].answers and len(rows[n].entry.sentences) > 1]
    right = [float(int(np.argmax(sentences[n])) in rows[n].answers) for n in several]
    chance = [len(rows[n].answers) / len(rows[n].entry.sentences) for n in several]
    return {
        "rows": len(counted),
        "auroc": round(auroc(entries[counted], labels), 3),
        "first_right": round(float(np.mean(right)), 3),
        "first_right_by_chance": round(float(np.mean(chance)), 3),
    }


def validation_rows(traindata: Path, evaldata: Path) -> list[Row]:
    """The rows written by hand over texts that were kept for validation."""
    own = entry_data.handwritten(OWN_ROWS, traindata, evaldata)
    return [row for row in own if entry_data.is_validation(row.text)]


def main() -> None:
    """Export, compare with torch, calibrate, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m training.export_entries", description=__doc__)
    parser.add_argument("--weights", type=Path, default=Path("build/entry-reader/entry-reader.pt"))
    parser.add_argument("--traindata", type=Path, required=True)
    parser.add_argument("--evaldata", type=Path, required=True)
    parser.add_argument("--to", type=Path, default=Path("assistant/data/entry-reader"))
    parser.add_argument(
        "--parity", type=Path, default=Path("tests/assistant/answering/reader/entry_reader_parity.json")
    )
    given = parser.parse_args()
    given.to.mkdir(parents=True, exist_ok=True)
    reader = pretrained()
    held = torch.load(given.weights, weights_only=True)
    reader.load_state_dict(held.get("reader", held))
    path = given.to / "entry-reader.onnx"
    to_onnx(reader, path)
    model = OnnxModel(session(path), "the entry reader", {})
    rows = validation_rows(given.traindata, given.evaldata)
    sentences, entries = judged(lambda windows: forward(model, windows), rows)
    groups = {"all": rows}
    for row in rows:
        groups.setdefault(row.text.split(":")[0], []).append(row)
    for name, group in groups.items():
        places = [place for place, row in enumerate(rows) if row in group] if name != "all" else list(range(len(rows)))
        print(name, json.dumps(figures(group, [sentences[n] for n in places], entries[places])))
    float_sentences, float_entries = judged(by_torch(reader), rows[:300])
    print("float32, first 300", json.dumps(figures(rows[:300], float_sentences, float_entries)))
    print("int8, first 300", json.dumps(figures(rows[:300], sentences[:300], entries[:300])))
    labels = np.array([float(bool(row.answers)) for row in rows])
    flat = np.concatenate(sentences)
    flat_labels = np.concatenate([[float(n in row.answers) for n in range(len(row.entry.sentences))] for row in rows])
    curves = {}
    for name, scores, truth in (("answered", entries, labels), ("sentence", flat, flat_labels)):
        slope, offset = fit(scores, truth)
        curves[name] = {"slope": round(slope, 4), "offset": round(offset, 4)}
        p = 1 / (1 + np.exp(-(slope * scores + offset)))
        print(name, "calibration error", round(calibration_error(p, truth), 3))
    (given.to / "calibration.json").write_text(json.dumps(curves, indent=1) + "\n", encoding="utf-8")
    stored = []
    for question, history, head, texts in PARITY:
        one = [Row(question, history, EntryText(head, texts), (), "plain", "parity", head)]
        parity_sentences, parity_entry = judged(by_torch(reader), one)
        stored.append(
            {
                "question": question,
                "history": history,
                "head": head,
                "sentences": texts,
                "sentence_logits": [round(float(value), 3) for value in parity_sentences[0]],
                "entry_logit": round(float(parity_entry[0]), 3),
            }
        )
    given.parity.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    print("sha256", hashlib.sha256(path.read_bytes()).hexdigest(), f"{path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
