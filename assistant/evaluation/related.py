"""Measures whether related entries find the links of a catalogue while these are hidden; learns weights for similarity."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from assistant.answering.related import neighbours
from index.generation import Index
from index.similarity import WEIGHTS, Scores

from . import metrics
from .bench import Figures
from .datasets import EvaluationError

_MAX_TRAINING_ENTRIES = 400
"""Maximum number of entries from which weights are learned; all their similarities are in memory at once."""
_NEWTON_STEPS = 30
"""Steps of Newton's method; it converges after about ten."""


def held_out(index: Index) -> Figures:
    """Measure how many of an entry's links are among its neighbours if the links are hidden.

    Raises:
        EvaluationError: no entry has a link.
    """
    catalogue = index.catalogue
    linked = [entry for entry in catalogue.entries if catalogue.links[entry.id]]
    if not linked:
        raise EvaluationError("no entry of this catalogue has a link", hint="measure with --data and --qrels instead")
    grades = [dict.fromkeys(catalogue.links[entry.id], 1) for entry in linked]

    def shown(most: int) -> list[tuple[list[str], dict[str, int]]]:
        lists = [neighbours(index, entry, most=most, with_links=False) for entry in linked]
        return [
            ([item.entry_id for item in neighbour_list], grade)
            for neighbour_list, grade in zip(lists, grades, strict=True)
        ]

    of_8, of_10 = shown(8), shown(10)
    return {
        **metrics.described(
            {
                "recall@8": [metrics.recall(ranking, wanted, 8) for ranking, wanted in of_8],
                "recall@10": [metrics.recall(ranking, wanted, 10) for ranking, wanted in of_10],
                "ndcg@10": [metrics.ndcg(ranking, wanted, 10) for ranking, wanted in of_10],
                "recall@8_at_best": [min(8, len(wanted)) / len(wanted) for wanted in grades],
            }
        ),
        "entries": len(linked),
        "learned": _learned(index, [entry.id for entry in linked]),
    }


def _learned(index: Index, names: Sequence[str]) -> Figures:
    """Learn weights on each half of the entries, and test them on both halves."""
    digests = {name: hashlib.sha256(name.encode()).digest() for name in names}
    chosen = sorted(names, key=lambda name: digests[name])[:_MAX_TRAINING_ENTRIES]
    halves = [[name for name in chosen if digests[name][-1] % 2 == half] for half in (0, 1)]
    if not all(halves):
        return {}
    signals = {name: index.similarity.signals(name) for name in chosen}
    figures: Figures = {"in_force": {name: round(value, 3) for name, value in WEIGHTS.items()}}
    for label, own, other in (("half_a", halves[0], halves[1]), ("half_b", halves[1], halves[0])):
        weights = _fit(index, signals, own)
        figures[label] = {
            "weights": dict(zip(WEIGHTS, np.round(weights / weights.sum(), 3).tolist(), strict=True)),
            **metrics.described(
                {
                    "recall@8_seen": _recalls(index, signals, own, weights),
                    "recall@8_unseen": _recalls(index, signals, other, weights),
                }
            ),
        }
    return figures


def _fit(index: Index, signals: Mapping[str, Scores], names: Sequence[str]) -> npt.NDArray[np.float64]:
    """Fit a logistic regression of "is linked" on the signals of similarity, with a small ridge, by Newton's method.

    Returns:
        One weight per signal.
    """
    rows, labels = [], []
    position = index.similarity.position
    for name in names:
        is_link = np.zeros(len(position), bool)
        is_link[[position[other] for other in index.catalogue.links[name]]] = True
        others = np.arange(len(position)) != position[name]
        rows.append(signals[name].T[others])
        labels.append(is_link[others])
    values, wanted = np.concatenate(rows).astype(np.float64), np.concatenate(labels).astype(np.float64)
    scale = np.maximum(values.std(axis=0), 1e-9)
    design = np.column_stack([np.ones(len(values)), (values - values.mean(axis=0)) / scale])
    ridge = np.diag([0.0, *[1.0] * values.shape[1]])
    coefficients = np.zeros(design.shape[1])
    for _ in range(_NEWTON_STEPS):
        probability = 1 / (1 + np.exp(-np.clip(design @ coefficients, -30, 30)))
        slope = (design.T * np.maximum(probability * (1 - probability), 1e-9)) @ design + ridge
        coefficients = coefficients + np.linalg.solve(slope, design.T @ (wanted - probability) - ridge @ coefficients)
    weights: npt.NDArray[np.float64] = coefficients[1:] / scale
    return weights


def _recalls(
    index: Index, signals: Mapping[str, Scores], names: Sequence[str], weights: npt.NDArray[np.float64]
) -> list[float]:
    """The recall of each entry's links among its eight most similar entries."""
    entries, position = index.catalogue.entries, index.similarity.position
    recalls = []
    for name in names:
        scores = weights @ signals[name]
        scores[position[name]] = -np.inf
        ranking = [entries[at].id for at in np.argsort(-scores, kind="stable")[:8]]
        recalls.append(metrics.recall(ranking, dict.fromkeys(index.catalogue.links[name], 1), 8))
    return recalls
