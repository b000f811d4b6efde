"""Fitted logistic regressions: their weights are files in `assistant/data`, made by the commands in `training`."""

import json
import math
from collections.abc import Mapping
from functools import cache
from importlib import resources


@cache
def load(name: str) -> tuple[Mapping[str, float], float]:
    """Return the weights by feature, and the bias, from a file of `assistant/data`."""
    fitted = json.loads((resources.files("assistant") / "data" / name).read_text("utf-8"))
    return fitted["weights"], fitted["bias"]


def probability(weights: Mapping[str, float], bias: float, values: Mapping[str, float]) -> float:
    """Return the probability for the values of the features, in 0..1. A value without a weight is ignored."""
    logit = bias + sum(weights.get(name, 0.0) * value for name, value in values.items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
