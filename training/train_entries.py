"""Trains the entry reader: `python -m training.train_entries --help`. After a stop it continues from the last checkpoint."""

import argparse
import hashlib
import json
import math
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # busy waiting would take cores from other processes

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from assistant.answering.reader.entry_encoding import EntryEncoder, Window, batch
from index.embed import tokenizer_file

from . import entry_data
from .entry_data import Row
from .entry_model import EntryReader, pretrained
from .loop import HEADS_RATE, Trainer, say

OWN_ROWS = Path(__file__).parent / "data"
BATCH_TOKENS = 5000
LEARNING_RATE = 1.6e-4
WARM_UP = 0.05
"""Share of the steps in which the learning rate rises; after that it falls linearly to 0."""
HEADS = ("weigh", "sentence_", "entry_")
"""How the names of the parameters begin that are not pretrained."""
UNANSWERED_WEIGHT = 0.5
"""Weight of the sentence labels of an entry that does not answer: they are all 0 and easy."""
LATER_RATE = {"retrieved": 5e-5, "judged": 6e-5}
"""Learning rates of the later stages, which start from a trained model."""
OWN_BESIDE = {"retrieved": 6000, "judged": 3500}
"""Rows written by hand in a later stage, so that the model keeps what it has learnt from them."""
RETRIEVED_BESIDE_JUDGED = 1500
PASSES_OVER_JUDGED = 2
HELPS = 0.35
"""Label of a sentence that does not answer, but belongs after the answer."""
SAVE_EVERY = 240
"""Seconds between checkpoints."""


@dataclass(frozen=True, slots=True)
class Example:
    """A window with its labels."""

    window: Window
    labels: tuple[float, ...]
    missing: float


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the arguments of the command."""
    parser = argparse.ArgumentParser(prog="python -m training.train_entries", description=__doc__)
    parser.add_argument("--traindata", type=Path, required=True, help="folder of entries.jsonl.gz and handwritten/")
    parser.add_argument("--evaldata", type=Path, required=True, help="folder of the data for measurements")
    parser.add_argument(
        "--out", type=Path, default=Path("build/entry-reader"), help="folder for checkpoint and weights"
    )
    parser.add_argument("--passes", type=int, default=3, help="passes over the rows written by hand")
    parser.add_argument("--public", type=float, default=1.0, help="share of the public rows that is used")
    parser.add_argument("--minutes", type=float, default=math.inf, help="time after which the learning rate is 0")
    parser.add_argument("--seed", type=int, default=29)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument(
        "--start",
        type=Path,
        help="trained weights; only the stage of --stage is trained",
    )
    parser.add_argument(
        "--stage",
        choices=tuple(LATER_RATE),
        default="retrieved",
        help="what is learnt after --start: the negatives of mine_negatives, or the judged rows",
    )
    parser.add_argument("--without", nargs="*", default=(), help="authors of judged rows that are left out")
    parser.add_argument(
        "--everything", action="store_true", help="train on the validation texts too, for the shipped file"
    )
    asked = parser.parse_args(given)
    if unknown := sorted(set(asked.without) - {path.stem for path in (OWN_ROWS / "judged").glob("*.jsonl")}):
        parser.error(
            f"--without: no judged rows by {', '.join(unknown)}; the authors are the files in training/data/judged"
        )
    return asked


def training_rows(given: argparse.Namespace) -> list[list[Row]]:
    """The rows in parts: the public rows with one pass of ours, then the other passes of ours.

    With trained weights to start from, the rows of one stage and some rows of ours.
    """
    rng = random.Random(given.seed)
    own = entry_data.handwritten(OWN_ROWS, given.traindata, given.evaldata)
    public = entry_data.public(given.traindata, given.evaldata, rng)
    if not given.everything:
        own = [row for row in own if not entry_data.is_validation(row.text)]
        public = [row for row in public if not entry_data.is_validation(row.text)]
    public = rng.sample(public, int(len(public) * given.public))
    public = [replace(row, question=entry_data.as_typed(row.question, rng)) for row in public]
    if given.start is not None:
        beside = rng.sample(own, min(len(own), OWN_BESIDE[given.stage]))
        retrieved = entry_data.retrieved(OWN_ROWS, given.traindata, given.evaldata)
        if given.stage == "retrieved":
            last = [*retrieved, *beside]
            rng.shuffle(last)
            return [last]
        beside += rng.sample(retrieved, min(len(retrieved), RETRIEVED_BESIDE_JUDGED))
        judged = entry_data.judged(OWN_ROWS, given.traindata, given.evaldata, given.without)
        rng.shuffle(judged)
        answered = [row for row in judged if row.answers]  # in both passes; the others, which are many, in one
        others = [*(row for row in judged if not row.answers), *beside]
        rng.shuffle(others)
        return [[*answered, *others[number::PASSES_OVER_JUDGED]] for number in range(PASSES_OVER_JUDGED)]
    first = [*public, *own]
    rng.shuffle(first)
    parts = [first]
    for _ in range(given.passes - 1):
        some = rng.sample(public, min(len(public), len(own) // 5))
        again = [*own, *some]
        rng.shuffle(again)
        parts.append(again)
    return parts


def examples(rows: Sequence[Row], encoder: EntryEncoder) -> list[Example]:
    """Encode rows; a row of several windows gives several examples."""
    made = []
    for row in rows:
        for window in encoder.encode(row.question, row.history, row.entry):
            numbers = range(window.first, window.first + len(window.markers))
            labels = (1.0 if number in row.answers else HELPS * (number in row.helps) for number in numbers)
            made.append(Example(window, tuple(labels), row.missing))
    return made


def batches(made: Sequence[Example], rng: random.Random) -> list[list[Example]]:
    """Batches of similar length, in random order."""
    order = sorted(made, key=lambda example: (len(example.window.ids), rng.random()))
    result: list[list[Example]] = [[]]
    for example in order:
        if (len(result[-1]) + 1) * len(example.window.ids) > BATCH_TOKENS:
            result.append([])
        result[-1].append(example)
    rng.shuffle(result)
    return result


def loss_of(reader: EntryReader, chosen: Sequence[Example], device: torch.device) -> Tensor:
    """The loss of a batch: sentences one by one, the best sentence of the answered entries, and the entry as a whole."""
    arrays = [torch.from_numpy(array).to(device) for array in batch([example.window for example in chosen])]
    size = arrays[-1].shape[1]
    labels = np.zeros((len(chosen), size), np.float32)
    weights = np.zeros_like(labels)
    for row, example in enumerate(chosen):
        labels[row, : len(example.labels)] = example.labels
        answered = 1.0 in example.labels
        zero = example.missing if answered else UNANSWERED_WEIGHT
        weights[row, : len(example.labels)] = [1.0 if label else zero for label in example.labels]
        weights[row] /= math.sqrt(len(example.labels))
    label, weight = torch.from_numpy(labels).to(device), torch.from_numpy(weights).to(device)
    with torch.autocast(device.type, torch.bfloat16):
        sentences, entry = reader(*arrays)
    sentences, entry = sentences.float(), entry.float()
    by_sentence = functional.binary_cross_entropy_with_logits(sentences, label, reduction="none")
    by_sentence = (by_sentence * weight).sum() / len(chosen)
    full = (label == 1).float()
    answered = full.amax(dim=1)
    by_entry = functional.binary_cross_entropy_with_logits(entry, answered)
    masked = sentences.masked_fill(arrays[-1] == 0, -30.0)
    right = torch.logsumexp(masked.masked_fill(full == 0, -30.0), dim=1)
    best = ((torch.logsumexp(masked, dim=1) - right) * answered).sum() / answered.sum().clamp(min=1)
    return by_sentence + by_entry + 0.5 * best


def train(parts: Sequence[Sequence[Row]], given: argparse.Namespace) -> EntryReader:
    """Train on the parts one after another; continue from a checkpoint with the same data and settings."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(given.seed)
    torch.set_num_threads(given.threads)
    rng = random.Random(given.seed)
    encoder = EntryEncoder(tokenizer_file())
    plan = [chosen for part in parts for chosen in batches(examples(part, encoder), rng)]
    rows = sum(map(len, parts))
    say(f"{rows:,} rows, {len(plan):,} batches")
    reader = pretrained()
    if given.start is not None:
        reader.load_state_dict(torch.load(given.start, weights_only=True))
    reader = reader.to(device).train()
    trainer = Trainer(
        reader,
        [value for name, value in reader.named_parameters() if name.startswith(HEADS)],
        identity=hashlib.sha256(repr((given.seed, given.start is None, parts)).encode()).hexdigest(),
        out=given.out,
        rate=LEARNING_RATE if given.start is None else LATER_RATE[given.stage],
        heads_rate=HEADS_RATE if given.start is None else LATER_RATE[given.stage],
        warm_up=WARM_UP,
        minutes=given.minutes,
        save_every=SAVE_EVERY,
    )
    trainer.run(len(plan), lambda step: loss_of(reader, plan[step], device))
    told = {"steps": trainer.step, "of": len(plan), "rows": rows, "seed": given.seed}
    (given.out / "training.json").write_text(json.dumps(told) + "\n", encoding="utf-8")
    return reader


def main() -> None:
    """Train, and write the weights."""
    given = arguments()
    given.out.mkdir(parents=True, exist_ok=True)
    reader = train(training_rows(given), given)
    torch.save(reader.state_dict(), given.out / "entry-reader.pt")
    say(f"wrote {given.out / 'entry-reader.pt'}; next: python -m training.export_entries")


if __name__ == "__main__":
    main()
