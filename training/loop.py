"""The loop that trains both models: learning rate, checkpoints, and going on after a stop."""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

HEADS_RATE = 6e-4
"""Highest learning rate of the heads, which are not pretrained."""


class Trainer:
    """Trains a model batch by batch; stopped, it goes on from its last checkpoint.

    Args:
        model: The model, on the device that trains it.
        heads: The parameters that are not pretrained.
        identity: Names the data, their order and the settings; another identity does not go on from a checkpoint.
        out: The folder of the checkpoint.
        rate: The highest learning rate of the pretrained parameters.
        heads_rate: The highest learning rate of the heads.
        warm_up: The share of the steps in which the learning rate rises; after that it falls linearly to 0.
        minutes: The time after which the learning rate is 0.
        save_every: Seconds between checkpoints.
    """

    def __init__(
        self,
        model: nn.Module,
        heads: Sequence[Tensor],
        *,
        identity: str,
        out: Path,
        rate: float,
        heads_rate: float = HEADS_RATE,
        warm_up: float,
        minutes: float,
        save_every: float,
    ) -> None:
        self._model = model
        known = {id(parameter) for parameter in heads}
        body = [value for value in model.parameters() if value.requires_grad and id(value) not in known]
        groups = [{"params": body, "lr": rate}, {"params": list(heads), "lr": heads_rate}]
        self._optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
        self._peaks = [float(group["lr"]) for group in self._optimizer.param_groups]
        self._identity = identity
        self._file = out / "checkpoint.pt"
        self._warm_up, self._minutes, self._save_every = warm_up, minutes, save_every
        self.step, self._seconds_before = 0, 0.0
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """The time that training has taken, with the time before it was continued."""
        return self._seconds_before + time.monotonic() - self._started

    def run(self, steps: int, loss_of: Callable[[int], Tensor]) -> None:
        """Train to the last step, or until the time is over; go on from the checkpoint, if there is one.

        Args:
            steps: The number of steps.
            loss_of: Returns the loss of the batch of a step.

        Raises:
            SystemExit: the checkpoint was made from other data or settings.
        """
        self._resume()
        saved = time.monotonic()
        running: list[float] = []
        while self.step < steps:
            left = min(1 - self.step / steps, 1 - self.seconds / 60 / self._minutes)
            if left <= 0:
                break
            for group, peak in zip(self._optimizer.param_groups, self._peaks, strict=True):
                group["lr"] = peak * min(left, (self.step + 1) / max(1, self._warm_up * steps))
            running.append(self._train(loss_of(self.step)))
            self.step += 1
            if self.step % 20 == 0:
                recent = running[-60:]
                mean = sum(recent) / len(recent)
                say(f"step {self.step}/{steps}  loss {mean:.4f}  {self.seconds / 60:.1f} min")
            if time.monotonic() - saved > self._save_every:
                saved = time.monotonic()
                self._save()
        say(f"{self.step} of {steps} batches in {self.seconds / 60:.1f} minutes")

    def _train(self, loss: Tensor) -> float:
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), 1.0)
        self._optimizer.step()
        return float(loss.detach())

    def _resume(self) -> None:
        if not self._file.is_file():
            return
        held = torch.load(self._file, weights_only=True)
        if held["identity"] != self._identity:
            raise SystemExit(f"{self._file} is from other data or settings\n  try: another --out, or delete it")
        self._model.load_state_dict(held["model"])
        self._optimizer.load_state_dict(held["optimizer"])
        torch.set_rng_state(held["random"])
        self.step, self._seconds_before = int(held["step"]), float(held["seconds"])
        say(f"continuing from step {self.step}")

    def _save(self) -> None:
        held = {
            "identity": self._identity,
            "model": self._model.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "random": torch.get_rng_state(),
            "step": self.step,
            "seconds": self.seconds,
        }
        part = self._file.with_suffix(".part")
        torch.save(held, part)
        part.replace(self._file)


def say(text: str) -> None:
    """Tell the user how far training is."""
    print(text, file=sys.stderr, flush=True)
