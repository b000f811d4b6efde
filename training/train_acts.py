"""Fits the classifier of dialogue acts: `python -m training.train_acts [--write]`.

The messages are those of `training/data/acts`; the questions of `training/data/*.jsonl` are added at a low weight, so
that a question is rarely taken for something else. The fit is a multinomial logistic regression (numpy, Adam), once
with MiniLM's vectors and once without. It is judged by author (fitted on one file, tested on the other, and on the
questions of two other authors) and by five folds. The threshold keeps the share of misread questions at `MISREAD`.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.conversation import acts
from index.embed import open_embedder

HERE = Path(__file__).parent
TARGET = HERE.parent / "assistant" / "data" / acts.FILE
ASKING_AUTHORS = ("professionals", "visitors")
"""Those who wrote hundreds of questions beside other messages."""
AUTHORS = ("professionals", "visitors", "locals", "passers")
QUESTIONS = {"seen": ("neighbours", "reporters"), "kept out": ("practitioners", "students")}
"""Authors of questions for the reader: those whose questions are fitted while judging, and those who judge."""
QUESTION_WEIGHT = 0.3
MISREAD = 0.01
"""The largest share of questions and follow-ups that may be taken for another act."""
EPOCHS, BATCH, RATE, RIDGE = 30, 256, 0.02, 1e-5
FOLDS = 5
ASKING = [acts.ACTS.index("question"), acts.ACTS.index("follow_up")]
VECTOR = 384


@dataclass(frozen=True)
class Rows:
    """Messages as numbers: their inputs, the numbers of their acts, and their authors."""

    inputs: np.ndarray
    act: np.ndarray
    author: np.ndarray

    def of(self, *authors: str) -> np.ndarray:
        """Whether each row is by one of the authors."""
        return np.isin(self.author, authors)


def read() -> list[dict[str, str]]:
    """The messages of all authors, with their author."""
    rows: list[dict[str, str]] = []
    for author in AUTHORS:
        lines = (HERE / "data" / "acts" / f"{author}.jsonl").read_text("utf-8").splitlines()
        rows += [{**json.loads(line), "author": author} for line in lines]
    for author in (*QUESTIONS["seen"], *QUESTIONS["kept out"]):
        for line in (HERE / "data" / f"{author}.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            if row["kind"] != "act":
                previous = row["history"][-1] if row["history"] else ""
                act = "follow_up" if previous else "question"
                rows.append({"previous": previous, "utterance": row["question"], "act": act, "author": author})
    return rows


def encoded(rows: list[dict[str, str]]) -> Rows:
    """The messages as numbers, with vectors."""
    embedder, _ = open_embedder("minilm")
    assert embedder is not None
    texts = sorted({text for row in rows for text in (row["utterance"], row["previous"][: acts.LONGEST]) if text})
    vector_of = dict(zip(texts, embedder.texts(texts), strict=True))
    inputs = np.zeros((len(rows), acts.BUCKETS + 2 * VECTOR), np.float32)
    for row, target in zip(rows, inputs, strict=True):
        hashed = acts.features(row["utterance"], row["previous"])
        target[hashed] = acts.HASHED_SHARE / len(hashed) ** 0.5
        target[acts.BUCKETS : acts.BUCKETS + VECTOR] = vector_of[row["utterance"]] * acts.VECTOR_SHARE
        if row["previous"]:
            target[acts.BUCKETS + VECTOR :] = vector_of[row["previous"][: acts.LONGEST]] * acts.PREVIOUS_SHARE
    names: list[str] = list(acts.ACTS)
    return Rows(inputs, np.array([names.index(row["act"]) for row in rows]), np.array([row["author"] for row in rows]))


def fit(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Fit the weights; the last row is the bias."""
    rng = np.random.default_rng(0)
    weights = np.zeros((x.shape[1] + 1, len(acts.ACTS)), np.float32)
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    steps = EPOCHS * -(-len(y) // BATCH)
    step = 0
    for _ in range(EPOCHS):
        order = rng.permutation(len(y))
        for at in range(0, len(order), BATCH):
            batch = order[at : at + BATCH]
            error = probabilities(x[batch], weights)
            error[np.arange(len(batch)), y[batch]] -= 1
            error *= weight[batch][:, None] / len(batch)
            gradient = np.vstack([x[batch].T @ error, error.sum(axis=0)[None]])
            gradient[:-1] += RIDGE * weights[:-1]
            step += 1
            mean += 0.1 * (gradient - mean)
            square += 0.01 * (gradient**2 - square)
            change = (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
            weights -= RATE * (1 - step / steps) * change
    return weights


def probabilities(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The probability of each act for each row."""
    scores = x @ weights[:-1] + weights[-1]
    exponents = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=1, keepdims=True))


def threshold(p: np.ndarray, y: np.ndarray) -> float:
    """The probability of other acts that at most `MISREAD` of the questions and follow-ups reach."""
    others = 1 - p[np.isin(y, ASKING)][:, ASKING].sum(axis=1)
    return float(np.nextafter(np.quantile(others, 1 - MISREAD, method="higher"), 1))


def decided(p: np.ndarray, limit: float) -> np.ndarray:
    """The number of the act of each row, as `acts.Fit.decided` chooses it."""
    others = p.copy()
    others[:, ASKING] = 0
    asking = np.array(ASKING)[p[:, ASKING].argmax(axis=1)]
    return np.where(others.sum(axis=1) >= limit, others.argmax(axis=1), asking)


def report(name: str, p: np.ndarray, y: np.ndarray, limit: float) -> None:
    """Print how well the acts of some rows are recognised."""
    chosen = decided(p, limit)
    asks = np.isin(y, ASKING)
    misread = float((~np.isin(chosen[asks], ASKING)).mean())
    line = f"{name}: {len(y)} rows, threshold {limit:.3f}, questions and follow-ups misread {misread:.4f}"
    if not asks.all():
        taken = float(np.isin(chosen[~asks], ASKING).mean())
        right = float((chosen == y)[~asks].mean())
        line += f", accuracy {(chosen == y).mean():.3f}, most probable act right {(p.argmax(axis=1) == y).mean():.3f}; "
        line += f"other acts: right {right:.3f}, taken for questions {taken:.3f}"
    print(line, flush=True)


def report_acts(p: np.ndarray, y: np.ndarray, limit: float) -> None:
    """Print precision, recall and F1 of every act."""
    chosen = decided(p, limit)
    for number, act in enumerate(acts.ACTS):
        hits = float(((chosen == number) & (y == number)).sum())
        precision, recall = hits / max(1, (chosen == number).sum()), hits / max(1, (y == number).sum())
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        print(f"  {act:18} precision {precision:.2f} recall {recall:.2f} f1 {f1:.2f}")


def judged(rows: Rows, x: np.ndarray, label: str) -> float:
    """Judge the fit by author and by fold; return a threshold.

    It is the mean of those that `MISREAD` needs for each unseen author, so it is safer than the folds alone suggest.
    """
    weight = np.where(rows.of(*AUTHORS), 1.0, QUESTION_WEIGHT).astype(np.float32)
    seen, kept = rows.of(*QUESTIONS["seen"]), rows.of(*QUESTIONS["kept out"])
    fold = np.random.default_rng(1).permutation(len(rows.act)) % FOLDS
    hand = rows.of(*AUTHORS)
    p = np.zeros((len(rows.act), len(acts.ACTS)))
    for number in range(FOLDS):
        used = (fold != number) & ~kept
        p[fold == number] = probabilities(x[fold == number], fit(x[used], rows.act[used], weight[used]))
    limits = []
    for author in AUTHORS:  # the threshold is a share of misread questions, so only authors of many questions set it
        used = (hand | seen) & ~rows.of(author)
        q = probabilities(x[rows.of(author)], fit(x[used], rows.act[used], weight[used]))
        own = threshold(q, rows.act[rows.of(author)])
        if author in ASKING_AUTHORS:
            limits.append(own)
        report(f"{label}, {author} unseen", q, rows.act[rows.of(author)], own)
    limit = float(np.mean(limits))
    report(f"{label}, {FOLDS} folds", p[hand], rows.act[hand], limit)
    report(f"{label}, {FOLDS} folds, questions of other authors", p[kept], rows.act[kept], limit)
    report_acts(p[hand], rows.act[hand], limit)
    return limit


def packed(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights as whole numbers of 8 bits, and the scale of each column."""
    scale = np.abs(weights).max(axis=0) / 127
    return np.round(weights / scale).astype(np.int8), scale.astype(np.float32)


def main() -> None:
    """Judge the classifier; with `--write`, fit it on everything and save it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    embedder, _ = open_embedder("minilm")
    assert embedder is not None
    rows = encoded(read())
    weight = np.where(rows.of(*AUTHORS), 1.0, QUESTION_WEIGHT).astype(np.float32)
    saved: dict[str, Any] = {"acts": np.array(acts.ACTS), "embedder": np.array(embedder.identity)}
    for label, columns in (("vectors", rows.inputs.shape[1]), ("words", acts.BUCKETS)):
        x = rows.inputs[:, :columns]
        limit = judged(rows, x, label)
        if write:
            weights = fit(x, rows.act, weight)
            whole, scale = packed(weights[:-1])
            saved |= {f"{label}.weights": whole, f"{label}.scale": scale, f"{label}.bias": weights[-1]}
            saved[f"{label}.threshold"] = np.array(limit, np.float32)
    if write:
        np.savez_compressed(TARGET, **saved)
        print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
