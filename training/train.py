"""Trains the reader: `python -m training.train --help`. After a stop it continues from the last checkpoint."""

import argparse
import dataclasses
import hashlib
import json
import math
import os
import random
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # busy waiting would take cores from other processes

import torch
from torch import Tensor
from torch.nn import functional

from assistant.verification.pair_encoding import Encoded, PairEncoder, batch
from index.embed import tokenizer_file

from . import mix, sources
from .loop import Trainer, say
from .model import Reader, pretrained
from .sources import Example

MAX_TRAINING_TOKENS = 160
"""Tokens of a pair in training."""
BATCH_TOKENS = 2048
LEARNING_RATE = 1.5e-4
WARM_UP = 0.06
"""Share of the steps in which the learning rate rises; after that it falls linearly to 0."""
SAVE_EVERY = 180
"""Seconds between checkpoints."""


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the arguments of the command."""
    parser = argparse.ArgumentParser(prog="python -m training.train", description=__doc__)
    parser.add_argument("--traindata", type=Path, required=True, help="folder of qa.jsonl.gz and nli.jsonl.gz")
    parser.add_argument("--evaldata", type=Path, required=True, help="folder of the data for measurements")
    parser.add_argument("--out", type=Path, default=Path("build/reader"), help="folder for checkpoint and weights")
    parser.add_argument("--scale", type=float, default=0.5, help="size of the training set; 1 is about 52,000 pairs")
    parser.add_argument("--minutes", type=float, default=math.inf, help="time after which the learning rate is 0")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    return parser.parse_args(given)


def examples(traindata: Path, evaldata: Path, *, scale: float, seed: int) -> list[Example]:
    """Build the training set; the same seed gives the same set."""
    without = sources.sealed(evaldata)
    public, left_out = sources.public(traindata, without)
    rng = random.Random(seed)
    chosen = mix.balanced(public, scale, rng)
    chosen += mix.Maker(public, sources.catalogue(evaldata), rng).make(scale)
    kept = [one for one in chosen if sources.plain(one.first) not in without]
    held_out = {name for names in sources.HELD_OUT.values() for name in names}
    assert not [one for one in kept if one.source in held_out]
    say(f"{len(kept):,} pairs; {left_out + len(chosen) - len(kept)} left out because measurements use them")
    return kept


def batches(encoded: Sequence[Encoded], seed: int) -> list[list[int]]:
    """Batches of example numbers: similar lengths in a batch, batches in random order, heads mixed."""
    rng = random.Random(seed)
    order = sorted(range(len(encoded)), key=lambda place: (len(encoded[place].ids), rng.random()))
    made: list[list[int]] = []
    now: list[int] = []
    for place in order:
        if (len(now) + 1) * len(encoded[place].ids) > BATCH_TOKENS:
            made.append(now)
            now = []
        now.append(place)
    made.append(now)
    rng.shuffle(made)
    return made


def train(pairs: Sequence[Example], given: argparse.Namespace) -> Reader:
    """Train for one pass over the pairs; continue from a checkpoint with the same data and settings."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(given.seed)
    torch.set_num_threads(given.threads)
    encoder = PairEncoder(tokenizer_file())
    encoded = encoder.encode([(one.first, one.second) for one in pairs], max_tokens=MAX_TRAINING_TOKENS)
    plan = batches(encoded, given.seed)
    reader = pretrained().to(device).train()
    trainer = Trainer(
        reader,
        [*reader.heads.parameters(), *reader.pool.parameters()],
        identity=hashlib.sha256(
            repr((given.seed, given.scale, [dataclasses.astuple(p) for p in pairs])).encode()
        ).hexdigest(),
        out=given.out,
        rate=LEARNING_RATE,
        warm_up=WARM_UP,
        minutes=given.minutes,
        save_every=SAVE_EVERY,
    )

    def loss_of(step: int) -> Tensor:
        return _loss(reader, [pairs[p] for p in plan[step]], [encoded[p] for p in plan[step]], device)

    trainer.run(len(plan), loss_of)
    told = {"steps": trainer.step, "of": len(plan), "pairs": len(pairs), "seed": given.seed, "scale": given.scale}
    (given.out / "training.json").write_text(json.dumps(told) + "\n", encoding="utf-8")
    return reader


def _loss(reader: Reader, pairs: Sequence[Example], encoded: Sequence[Encoded], device: torch.device) -> Tensor:
    ids, mask, types = (torch.from_numpy(each).to(device) for each in batch(encoded))
    labels = torch.tensor([float(one.label) for one in pairs], device=device)
    weights = torch.tensor([one.weight for one in pairs], device=device)
    heads = torch.tensor([one.head for one in pairs], device=device)
    with torch.autocast(device.type, torch.bfloat16):
        logits = reader(ids, mask, types)
    chosen = logits.float().gather(1, heads[:, None])[:, 0]
    losses = functional.binary_cross_entropy_with_logits(chosen, labels, reduction="none")
    return (losses * weights).sum() / weights.sum()


def main() -> None:
    """Train, and write the weights."""
    given = arguments()
    given.out.mkdir(parents=True, exist_ok=True)
    pairs = examples(given.traindata, given.evaldata, scale=given.scale, seed=given.seed)
    reader = train(pairs, given)
    torch.save(reader.state_dict(), given.out / "reader.pt")
    say(f"wrote {given.out / 'reader.pt'}; next: python -m training.export")


if __name__ == "__main__":
    main()
