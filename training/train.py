"""Trains the reader: `python -m training.train --help`. After a stop it continues from the last checkpoint."""

import argparse
import dataclasses
import hashlib
import json
import math
import os
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # busy waiting would take cores from other processes

import torch
from torch.nn import functional

from assistant.verification.pair_encoding import Encoded, PairEncoder, batch

from . import mix, sources
from .model import Reader, pretrained
from .sources import Example

TOKENIZER = Path(__file__).parent.parent / "index" / "data" / "minilm" / "tokenizer.json"
MAX_TRAINING_TOKENS = 160
"""Tokens of a pair in training."""
BATCH_TOKENS = 2048
LEARNING_RATE, HEADS_RATE = 1.5e-4, 6e-4
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
    _say(f"{len(kept):,} pairs; {left_out + len(chosen) - len(kept)} left out because measurements use them")
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
    encoded = PairEncoder(TOKENIZER).encode([(one.first, one.second) for one in pairs], max_tokens=MAX_TRAINING_TOKENS)
    plan = batches(encoded, given.seed)
    identity = hashlib.sha256(
        repr((given.seed, given.scale, [dataclasses.astuple(p) for p in pairs])).encode()
    ).hexdigest()
    reader = pretrained().to(device).train()
    heads = [*reader.heads.parameters(), *reader.pool.parameters()]
    known = {id(one) for one in heads}
    body = [one for one in reader.parameters() if one.requires_grad and id(one) not in known]
    groups = [{"params": body, "lr": LEARNING_RATE}, {"params": heads, "lr": HEADS_RATE}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    peaks = [float(group["lr"]) for group in optimizer.param_groups]
    file = given.out / "checkpoint.pt"
    step, before = _resume(file, identity, reader, optimizer)
    started = saved = time.monotonic()
    running: list[float] = []
    while step < len(plan):
        elapsed = (before + time.monotonic() - started) / 60
        left = min(1 - step / len(plan), 1 - elapsed / given.minutes)
        if left <= 0:
            break
        for group, peak in zip(optimizer.param_groups, peaks, strict=True):
            group["lr"] = peak * min(left, (step + 1) / max(1, WARM_UP * len(plan)))
        running.append(
            _step(reader, optimizer, [pairs[p] for p in plan[step]], [encoded[p] for p in plan[step]], device)
        )
        step += 1
        if step % 20 == 0:
            mean = sum(running[-60:]) / len(running[-60:])
            _say(f"step {step}/{len(plan)}  loss {mean:.4f}  {elapsed:.1f} min")
        if time.monotonic() - saved > SAVE_EVERY:
            saved = time.monotonic()
            _save(file, identity, reader, optimizer, step, before + saved - started)
    _say(f"{step} of {len(plan)} batches in {(before + time.monotonic() - started) / 60:.1f} minutes")
    told = {"steps": step, "of": len(plan), "pairs": len(pairs), "seed": given.seed, "scale": given.scale}
    (given.out / "training.json").write_text(json.dumps(told) + "\n", encoding="utf-8")
    return reader


def _step(
    reader: Reader,
    optimizer: torch.optim.Optimizer,
    pairs: Sequence[Example],
    encoded: Sequence[Encoded],
    device: torch.device,
) -> float:
    ids, mask, types = (torch.from_numpy(each).to(device) for each in batch(encoded))
    labels = torch.tensor([float(one.label) for one in pairs], device=device)
    weights = torch.tensor([one.weight for one in pairs], device=device)
    heads = torch.tensor([one.head for one in pairs], device=device)
    with torch.autocast(device.type, torch.bfloat16):
        logits = reader(ids, mask, types)
    chosen = logits.float().gather(1, heads[:, None])[:, 0]
    loss = (
        functional.binary_cross_entropy_with_logits(chosen, labels, reduction="none") * weights
    ).sum() / weights.sum()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
    optimizer.step()
    return float(loss.detach())


def _resume(file: Path, identity: str, reader: Reader, optimizer: torch.optim.Optimizer) -> tuple[int, float]:
    if not file.is_file():
        return 0, 0.0
    held = torch.load(file, weights_only=True)
    if held["identity"] != identity:
        raise SystemExit(f"{file} is from other data or settings\n  try: another --out, or delete it")
    reader.load_state_dict(held["reader"])
    optimizer.load_state_dict(held["optimizer"])
    torch.set_rng_state(held["random"])
    _say(f"continuing from step {held['step']}")
    return int(held["step"]), float(held["seconds"])


def _save(
    file: Path, identity: str, reader: Reader, optimizer: torch.optim.Optimizer, step: int, seconds: float
) -> None:
    held = {
        "identity": identity,
        "reader": reader.state_dict(),
        "optimizer": optimizer.state_dict(),
        "random": torch.get_rng_state(),
        "step": step,
        "seconds": seconds,
    }
    part = file.with_suffix(".part")
    torch.save(held, part)
    part.replace(file)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Train, and write the weights."""
    given = arguments()
    given.out.mkdir(parents=True, exist_ok=True)
    pairs = examples(given.traindata, given.evaldata, scale=given.scale, seed=given.seed)
    reader = train(pairs, given)
    torch.save(reader.state_dict(), given.out / "reader.pt")
    _say(f"wrote {given.out / 'reader.pt'}; next: python -m training.export")


if __name__ == "__main__":
    main()
