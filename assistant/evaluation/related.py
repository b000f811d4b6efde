"""Related entries against a catalogue's own links, with these hidden; and what the four signs of nearness are worth."""

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

_LEARNED_FROM = 400
"""Entries that weights are learned from at the most: their scores of all entries are held at once."""
_ROUNDS = 30
"""Newton's steps; the fit stands still after ten."""


def held_out(index: Index) -> Figures:
    """How many of an entry's own links its neighbours are, where neither side's links are looked at.

    Raises:
        EvaluationError: no entry has a link.
    """
    catalogue = index.catalogue
    linked = [entry for entry in catalogue.entries if catalogue.links[entry.id]]
    if not linked:
        raise EvaluationError("no entry of this catalogue has a link", hint="measure with --data and --qrels")
    grades = [dict.fromkeys(catalogue.links[entry.id], 1) for entry in linked]

    def shown(most: int) -> list[tuple[list[str], dict[str, int]]]:
        lists = [neighbours(index, entry, most=most, with_links=False) for entry in linked]
        return [([one.entry_id for one in each], grade) for each, grade in zip(lists, grades, strict=True)]

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
    """Weights learned on each half of the entries, tried on that half and on the other."""
    digests = {name: hashlib.sha256(name.encode()).digest() for name in names}
    chosen = sorted(names, key=lambda name: digests[name])[:_LEARNED_FROM]
    halves = [[name for name in chosen if digests[name][-1] % 2 == half] for half in (0, 1)]
    if not all(halves):
        return {}
    parts = {name: index.nearness.parts(name) for name in chosen}
    figures: Figures = {"in_force": {name: round(value, 3) for name, value in WEIGHTS.items()}}
    for label, own, other in (("half_a", halves[0], halves[1]), ("half_b", halves[1], halves[0])):
        weights = _fit(index, parts, own)
        figures[label] = {
            "weights": dict(zip(WEIGHTS, np.round(weights / weights.sum(), 3).tolist(), strict=True)),
            **metrics.described(
                {
                    "recall@8_seen": _recalls(index, parts, own, weights),
                    "recall@8_unseen": _recalls(index, parts, other, weights),
                }
            ),
        }
    return figures


def _fit(index: Index, parts: Mapping[str, Scores], names: Sequence[str]) -> npt.NDArray[np.float64]:
    """Logistic regression of "is linked" on the parts of nearness, with a small ridge, by Newton's method."""
    rows, labels = [], []
    place = index.nearness.place
    for name in names:
        is_link = np.zeros(len(place), bool)
        is_link[[place[other] for other in index.catalogue.links[name]]] = True
        others = np.arange(len(place)) != place[name]
        rows.append(parts[name].T[others])
        labels.append(is_link[others])
    values, wanted = np.concatenate(rows).astype(np.float64), np.concatenate(labels).astype(np.float64)
    scale = np.maximum(values.std(axis=0), 1e-9)
    design = np.column_stack([np.ones(len(values)), (values - values.mean(axis=0)) / scale])
    ridge = np.diag([0.0, *[1.0] * values.shape[1]])
    found = np.zeros(design.shape[1])
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
        slope = (design.T * np.maximum(chance * (1 - chance), 1e-9)) @ design + ridge
        found = found + np.linalg.solve(slope, design.T @ (wanted - chance) - ridge @ found)
    weights: npt.NDArray[np.float64] = found[1:] / scale
    return weights


def _recalls(
    index: Index, parts: Mapping[str, Scores], names: Sequence[str], weights: npt.NDArray[np.float64]
) -> list[float]:
    entries, place = index.catalogue.entries, index.nearness.place
    found = []
    for name in names:
        scores = weights @ parts[name]
        scores[place[name]] = -np.inf
        ranking = [entries[at].id for at in np.argsort(-scores, kind="stable")[:8]]
        found.append(metrics.recall(ranking, dict.fromkeys(index.catalogue.links[name], 1), 8))
    return found
