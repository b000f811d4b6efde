"""Fits the weights of the gate: `python -m training.fit_gate [TASKS …] [--outside DATA] [--rows TRAINDATA] [--write]`.

The product answers every task, and we record the signals of the gate. The label is whether an answer would be right: the
question has an answer, and a right entry is among the leading ones. The fit is a logistic regression with a ridge (numpy,
Newton's method), evaluated by cross-validation over tasks. The threshold allows a share of `--refusals` false refusals
among the questions of `TYPED`, or among all tasks if these are not asked.

With the entry reader, the judged turns of authors that it has not seen are asked too (`judged_turns.py`); most typed questions
of the fit come from there, and the threshold is set for these and for `TYPED`.

A catalogue without guides has a threshold of its own: the reader is less sure of reports. It is set on the rows below.

With `--rows`, the rows written by hand for the entry reader are asked as well, of the catalogue that each is about: the
starter catalogue and the AI incidents. Only rows over texts that the reader was not trained on are used. A question that its
own entry does not answer counts as one without an answer; a few of these are answered by another entry.

With `--outside`, the folder of the MTRAG pools, we also fit the gates for bare catalogues, on the tasks of MTRAG-UN:
answerable ones against unanswerable and underspecified ones. Without it, these gates stay as they are in the file.
"""

import argparse
import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.answering.abstention import name_of
from assistant.answering.abstention_signals import SIGNALS
from assistant.evaluation import answers, datasets, metrics
from assistant.evaluation.bench import Bench
from assistant.pipeline import Assistant
from assistant.question import Question
from assistant.settings.settings import load
from assistant.workplace import Workplace

from . import entry_data, judged_turns
from .logistic import regression

HERE = Path(__file__).parent.parent
OWN_ROWS = Path(__file__).parent / "data"
TYPED = HERE / "tests" / "evals" / "typed" / "dev.jsonl"
"""Questions as people type them. The threshold is set for these: the others borrow the catalogue's words."""
TASKS = [*(HERE / "tests" / "evals" / f"tuning-{number}.jsonl" for number in (1, 2, 3)), TYPED]
POOLS = ("clapnq", "fiqa")
USED_LABELS = {"ANSWERABLE", "UNANSWERABLE", "UNDERSPECIFIED"}
BARE = {
    True: ("sentence", "passage", "words", "peaked", "missing_name", "agree"),
    False: ("coverage", "words", "peaked", "missing_name", "unknown"),
}
"""Signals of the gate for bare catalogues without the entry reader, with and without vectors; more signals do not help with so few tasks."""
WITH_READER = {
    True: ("sentence", "passage", "answered", "answered_more", "best_sentence", "chance", "follows"),
    False: ("coverage", "words", "answered", "answered_more", "best_sentence", "chance", "follows"),
}
"""Signals of the gates with the entry reader, with and without vectors. With all signals the fit is better on the catalogues
that it is made from and worse on others: the area on questions as people type them falls from .85 to .80."""
TARGET = HERE / "assistant" / "data" / "gate.json"
FOLDS = 10
FIRST = 3
"""An answer counts as right if one of so many first candidates answers."""
BARE_RIDGE = 5.0


def observed(assistant: Assistant, file: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The signals (one row per task), whether an answer would be right, and whether the question has an answer."""
    rows, right, answerable = [], [], []
    for task in datasets.tasks(file):
        if task.answerable and not task.gold:
            continue  # an instruction or small talk
        history = answers.play(assistant, task.history).turns
        _, draft = assistant.answer_and_draft(Question(task.question, history))
        if not draft.signals:
            continue  # a definition or a greeting: the gate took no part
        rows.append([draft.signals[name] for name in SIGNALS])
        right.append(task.answerable and bool(set(draft.leading) & set(task.gold)))
        answerable.append(task.answerable)
    return np.array(rows, float).reshape(-1, len(SIGNALS)), np.array(right, bool), np.array(answerable, bool)


def observed_judged(assistant: Assistant) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same as `observed`, for the judged turns of authors that the entry reader has not seen."""
    turns = [turn for turn in judged_turns.played(assistant) if turn.draft.signals and turn.candidates]
    signals = [[turn.draft.signals[name] for name in SIGNALS] for turn in turns]
    right = [any(turn.label(item) == 2 for item in turn.candidates[:FIRST]) for turn in turns]
    return np.array(signals, float), np.array(right), np.array([turn.is_held for turn in turns])


def observed_rows(
    bench: Bench, starter: Assistant, evaldata: Path, traindata: Path
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same as `observed`, for the rows written by hand over texts that the entry reader has not seen."""
    kept = [
        row
        for row in entry_data.handwritten(OWN_ROWS, traindata, evaldata)
        if entry_data.is_validation(row.text) and row.kind not in {"broad", "act"} and not row.history
    ]
    signals, right, answerable = [], [], []
    for prefix, assistant in (
        ("starter", starter),
        ("aiid", bench.assistant(evaldata / "aiid", with_sentences=True)),
    ):
        for row in kept:
            if not row.text.startswith(f"{prefix}:"):
                continue
            _, draft = assistant.answer_and_draft(Question(row.question))
            if draft.signals:
                name = row.text.split()[0].removeprefix("starter:").replace("aiid:", "aiid-")
                signals.append([draft.signals[each] for each in SIGNALS])
                right.append(bool(row.answers) and name in draft.leading)
                answerable.append(bool(row.answers))
    return np.array(signals, float), np.array(right), np.array(answerable)


def observed_outside(bench: Bench, folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The signals of the MTRAG-UN tasks, whether each is answerable, and its weight, so that all pools weigh the same."""
    rows, right, weight = [], [], []
    for pool in POOLS:
        assistant = bench.assistant(folder / pool, with_sentences=True)
        tasks = datasets.tasks(folder / "un-tasks.jsonl.gz", only={"collection": {pool}, "answerability": USED_LABELS})
        for task in tasks:
            _, draft = assistant.answer_and_draft(Question(task.question, task.history))
            if draft.signals:
                rows.append([draft.signals[name] for name in SIGNALS])
                right.append(task.answerable)
                weight.append(1 / len(tasks))
    return np.array(rows, float), np.array(right), np.array(weight)


def fit(x: np.ndarray, y: np.ndarray, *, ridge: float, weight: np.ndarray | None = None) -> np.ndarray:
    """Fit the weights; return them with the bias at the end. Both classes weigh the same."""
    if weight is None:
        weight = np.ones(len(y))
    balance = np.where(y, 0.5 / max(1e-9, weight[y].sum()), 0.5 / max(1e-9, weight[~y].sum())) * weight * len(y)
    return regression(x, y, balance, ridge=ridge)


def crossed(x: np.ndarray, y: np.ndarray, *, ridge: float, weight: np.ndarray | None = None) -> np.ndarray:
    """The logit of every row, from a fit without that row."""
    fold = np.random.default_rng(0).permutation(len(y)) % FOLDS
    scores = np.zeros(len(y))
    for number in range(FOLDS):
        seen = fold != number
        weights = fit(x[seen], y[seen], ridge=ridge, weight=None if weight is None else weight[seen])
        scores[fold == number] = x[fold == number] @ weights[:-1] + weights[-1]
    return scores


def fitted_bare(bench: Bench, folder: Path, *, vectors: bool, ridge: float, refusals: float) -> dict[str, Any]:
    """Fit the gate for bare catalogues; print and return it."""
    x, right, weight = observed_outside(bench, folder)
    kept = list(BARE[vectors])
    x = x[:, [list(SIGNALS).index(name) for name in kept]]
    deviation = x.std(axis=0) + 1e-9
    scores = crossed(x / deviation, right, ridge=ridge, weight=weight)
    threshold = float(np.quantile(scores[right], refusals))
    print(
        f"bare: {len(right)} tasks, {right.sum()} answerable, area {metrics.auroc(scores, right):.3f}; at {refusals:.0%} "
        f"refused of the answerable, {np.mean(scores[~right] < threshold):.3f} of the others are caught"
    )
    weights = fit(x / deviation, right, ridge=ridge, weight=weight)
    return as_data(dict(zip(kept, weights[:-1] / deviation, strict=True)), weights[-1], threshold)


def _typed_threshold(
    label: str,
    typed: tuple[np.ndarray, np.ndarray, np.ndarray],
    weights: np.ndarray,
    kept: np.ndarray,
    refusals: float,
) -> float:
    """The threshold that refuses a share of the typed questions that would be answered right; print what it catches."""
    x, right, answerable = typed
    scores = (x * kept) @ weights[:-1] + weights[-1]
    threshold = float(np.quantile(scores[right], refusals))
    print(
        f"{label}, typed: {right.sum()} right, area {metrics.auroc(scores, answerable):.3f} (fitted on these as well); "
        f"{np.mean(scores[~answerable] < threshold):.3f} of those without an answer are caught"
    )
    return threshold


def _parts(
    asked: argparse.Namespace, assistant: Assistant, bench: Bench, *, reads: bool
) -> dict[Path, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The sets of questions of one fit."""
    parts = {file: observed(assistant, file) for file in asked.tasks if not reads or file == TYPED}
    if reads:
        parts[judged_turns.FOLDER] = observed_judged(assistant)
    if asked.rows is not None and asked.outside is not None:
        parts[asked.rows] = observed_rows(bench, assistant, asked.outside.parent, asked.rows)
    return parts


def _joined(parts: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Several sets of questions as one; empty for none."""
    if not parts:
        return np.zeros((0, len(SIGNALS))), np.zeros(0, bool), np.zeros(0, bool)
    x, right, answerable = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return x, right, answerable


def as_data(weights: Mapping[str, float], bias: float, threshold: float) -> dict[str, Any]:
    """A fit in the format of `gate.json`; the threshold becomes a probability."""
    return {
        "weights": {name: round(float(weight), 3) for name, weight in weights.items()},
        "bias": round(float(bias), 3),
        "threshold": _as_probability(threshold),
    }


def _as_probability(logit: float) -> float:
    return round(1 / (1 + float(np.exp(-logit))), 3)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="*", type=Path, default=TASKS)
    parser.add_argument("--ridge", type=float, default=1.0)
    parser.add_argument(
        "--refusals", type=float, default=0.04, help="share of answerable questions that may be refused"
    )
    parser.add_argument("--outside", type=Path, help="folder of MTRAG's pools, for the gates of bare catalogues")
    parser.add_argument("--rows", type=Path, help="folder of the training data of the entry reader")
    parser.add_argument("--only-with-reader", action="store_true", help="keep the gates without the entry reader")
    parser.add_argument("--write", action="store_true")
    return parser.parse_args()


def main() -> None:
    """Fit and report; with `--write`, save the weights."""
    asked = _arguments()
    settings, _ = load()
    names = list(SIGNALS)
    before = json.loads(TARGET.read_text("utf-8"))
    fitted: dict[str, Any] = {
        "command": "python -m training.fit_gate --outside DATA/mtrag --rows TRAINDATA --write",
        "tasks": [file.name for file in asked.tasks],
    }
    for embedder, reads in itertools.product((settings.embedder, "none"), (False, True)):
        if asked.only_with_reader and not reads:
            for bare in (False, True):
                name = name_of(with_vectors=embedder != "none", with_reader=False, bare=bare)
                fitted[name] = before[name]
            continue
        vectors = embedder != "none"
        label = name_of(with_vectors=vectors, with_reader=reads)
        workplace = Workplace(settings.model_copy(update={"embedder": embedder, "reader": reads}))
        assistant = workplace.assistant()
        bench = Bench(settings.data / "eval", workplace.embedder, lambda *_: None, None, workplace.entry_reader)
        parts = _parts(asked, assistant, bench, reads=reads)
        typed = _joined([parts[name] for name in (TYPED, judged_turns.FOLDER) if name in parts])
        x, right, answerable = _joined(list(parts.values()))
        # A signal with the same value in every row is useless, so it is left out.
        kept = x.std(axis=0) > 0
        if reads:
            kept &= np.isin(names, WITH_READER[vectors])
        x = x * kept
        scores = crossed(x, right, ridge=asked.ridge)
        weights = fit(x, right, ridge=asked.ridge)
        threshold = float(np.quantile(scores[right], asked.refusals))
        if TYPED in parts:
            threshold = _typed_threshold(label, typed, weights, kept, asked.refusals)
        print(
            f"{label}: {len(right)} tasks, {right.sum()} right, area {metrics.auroc(scores, right):.3f} "
            f"(answerable: {metrics.auroc(scores, answerable):.3f}); at {asked.refusals:.0%} refused of the right, "
            f"{np.mean(scores[~answerable] < threshold):.3f} of those without an answer are caught"
        )
        chosen = {name: weight for name, weight, keep in zip(names, weights, kept, strict=False) if keep}
        fitted[label] = as_data(chosen, weights[-1], threshold)
        if asked.rows in parts and reads:
            x, right, _ = parts[asked.rows]
            scores = (x * kept) @ weights[:-1] + weights[-1]
            fitted[label]["threshold_without_guides"] = _as_probability(np.quantile(scores[right], asked.refusals))
        print(json.dumps(fitted[label]))
        if reads:
            continue
        bare = name_of(with_vectors=vectors, bare=True)
        if asked.outside is None:
            fitted[bare] = before[bare]
            continue
        fitted[bare] = fitted_bare(bench, asked.outside, vectors=vectors, ridge=BARE_RIDGE, refusals=asked.refusals)
        print(json.dumps(fitted[bare]))
    if asked.write:
        TARGET.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
