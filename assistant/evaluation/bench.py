"""Measures the product's search, gate and related entries on external data (`docs/measuring.md`)."""

import hashlib
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.answering.reader.entry_reader import EntryReader
from assistant.answering.related import neighbours
from assistant.conversation.context import NOTHING, Background
from assistant.pipeline import Assistant
from assistant.question import Question
from assistant.retrieval.search import Searcher
from assistant.verification.cross_encoder import CrossEncoder
from index import build as builds
from index import importers
from index.build import ProgressCallback
from index.catalogue import Catalogue
from index.embed import Embedder
from index.importers import ids

from . import datasets, metrics
from .datasets import EvaluationError

try:
    import resource
except ImportError:  # Windows has no such module, and then memory is not measured
    resource = None  # type: ignore[assignment]

Figures = dict[str, Any]


class Bench:
    """Builds indexes for external data in a cache folder, by content hash, so that a second run is fast."""

    def __init__(
        self,
        cache: Path,
        embedder: Embedder | None,
        report: ProgressCallback,
        cross_encoder: CrossEncoder | None = None,
        entry_reader: EntryReader | None = None,
    ) -> None:
        self._cache = cache
        self._embedder = embedder
        self._report = report
        self._cross_encoder = cross_encoder
        self._entry_reader = entry_reader
        self._open: tuple[str, Assistant] | None = None

    def assistant(self, data: Path, *, with_sentences: bool) -> Assistant:
        """An assistant over a BEIR folder or a catalogue file."""
        imported = importers.read_source(str(data))
        if not imported.entries:
            raise EvaluationError(f"{data} has no document")
        catalogue = Catalogue(imported.entries)
        identity = self._embedder.identity if self._embedder else "none"
        name = hashlib.sha256(f"{catalogue.hash} {identity}".encode()).hexdigest()[:16]
        if self._open is not None and self._open[0] == name:
            return self._open[1]  # consecutive measurements often use the same data
        folder = self._cache / name
        builds.build(catalogue, folder, self._embedder, with_sentences=with_sentences, report=self._report)
        self._open = (
            name,
            Assistant(
                builds.open_current(folder, self._embedder),
                self._embedder,
                cross_encoder=self._cross_encoder,
                entry_reader=self._entry_reader,
            ),
        )
        return self._open[1]


def retrieval(bench: Bench, data: Path, *, queries: str = "queries.jsonl", qrels: str = "qrels.tsv") -> Figures:
    """Measure the rankings of entries for the queries with judgements: hybrid, words only, vectors only."""
    texts = datasets.queries(datasets.find(data, queries))
    judged = datasets.judgements(datasets.find(data, qrels))
    judged_queries = [(texts[name], grades) for name, grades in judged.items() if name in texts]
    if not judged_queries:
        raise EvaluationError(f"no query of {queries} has a judgement in {qrels}")
    assistant = bench.assistant(data, with_sentences=True)
    return ranked([searched(assistant.searcher, text, NOTHING, grades) for text, grades in judged_queries])


@dataclass(frozen=True, slots=True)
class Search:
    """The rankings of one query by each kind of search, with its judgements."""

    grades: Mapping[str, int]
    hybrid: Sequence[str]
    bm25: Sequence[str]
    dense: Sequence[str] | None
    milliseconds: float


def searched(searcher: Searcher, text: str, background: Background, grades: Mapping[str, int]) -> Search:
    """Search for a question with the background of its conversation."""
    started = time.perf_counter()
    vector = searcher.embed(text)
    hits = searcher.passages(text, vector, background=background)
    hybrid = [match.entry.id for match in searcher.entries(hits)]
    took = (time.perf_counter() - started) * 1000
    blended = searcher.blended(vector, background)
    dense = searcher.names(searcher.by_meaning(blended)) if searcher.has_vectors else None
    return Search(grades, hybrid, searcher.names(searcher.by_words(text, background=background)), dense, took)


def ranked(searches: Sequence[Search]) -> Figures:
    """The figures of the hybrid ranking, with those of the single rankings under `bm25` and `dense`."""
    times = [search.milliseconds for search in searches]
    figures: Figures = {
        **_figures([(search.hybrid, search.grades) for search in searches]),
        "queries": len(searches),
        "ms_per_query": round(metrics.mean(times), 2),
        **costs(times),
        "bm25": _figures([(search.bm25, search.grades) for search in searches]),
    }
    dense = [(search.dense, search.grades) for search in searches if search.dense is not None]
    return figures | {"dense": _figures(dense)} if dense else figures


def costs(times: Sequence[float]) -> Figures:
    """The median and the 95th percentile of times in milliseconds, and the peak memory of this process in MB."""
    figures: Figures = {
        f"ms_{name}": round(float(np.percentile(times, share)), 1) for name, share in (("median", 50), ("p95", 95))
    }
    if resource is not None:
        unit = 2**20 if sys.platform == "darwin" else 2**10
        figures["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit)
    return figures


def _figures(pairs: Sequence[tuple[Sequence[str], Mapping[str, int]]]) -> Figures:
    values = {f"ndcg@{k}": [metrics.ndcg(r, g, k) for r, g in pairs] for k in (5, 10)}
    values |= {f"recall@{k}": [metrics.recall(r, g, k) for r, g in pairs] for k in (5, 10, 100)}
    values["mrr@10"] = [metrics.reciprocal_rank(r, g, 10) for r, g in pairs]
    return metrics.described(values)


def abstention(bench: Bench, data: Path, *, tasks: Path, only: datasets.Only | None = None) -> Figures:
    """Measure how well the gate distinguishes answerable questions: by its probability, and at the product's threshold."""
    selected = datasets.tasks(tasks, only=only)
    assistant = bench.assistant(data, with_sentences=True)
    scores, answered = [], []
    times: list[float] = []
    for task in selected:
        started = time.perf_counter()
        answer, draft = assistant.answer_and_draft(Question(task.question, task.history))
        times.append((time.perf_counter() - started) * 1000)
        scores.append(draft.probability)
        answered.append(answer.status == "answered")
    labels = [task.answerable for task in selected]
    if all(labels) or not any(labels):
        raise EvaluationError("abstention needs answerable and unanswerable tasks")
    pairs = list(zip(answered, labels, strict=True))
    return {
        "auroc": round(metrics.auroc(scores, labels), 4),
        "auroc_95": metrics.rounded(metrics.auroc_interval(scores, labels)),
        **metrics.described(
            {
                "false_answers": [float(is_answered) for is_answered, label in pairs if not label],
                "false_refusals": [float(not is_answered) for is_answered, label in pairs if label],
            }
        ),
        "tasks": len(selected),
        "answerable": sum(labels),
        **costs(times),
    }


def related(bench: Bench, data: Path, *, queries: str = "queries.jsonl", qrels: str = "qrels.tsv") -> Figures:
    """Measure the related entries of entries against judgements."""
    judged = datasets.judgements(datasets.find(data, qrels))
    names = [row for row in datasets.queries(datasets.find(data, queries)) if row in judged]
    assistant = bench.assistant(data, with_sentences=True)
    by_id = assistant.catalogue.by_id
    rankings, grades = [], []
    for name in names:
        entry = by_id.get(ids.of_foreign(name))
        if entry is not None:
            rankings.append([item.entry_id for item in neighbours(assistant.index, entry, most=10)])
            grades.append(judged[name])
    if not rankings:
        raise EvaluationError(f"no query of {queries} is a document with a judgement in {qrels}")
    pairs = list(zip(rankings, grades, strict=True))
    return {
        **metrics.described(
            {
                "ndcg@10": [metrics.ndcg(r, g, 10) for r, g in pairs],
                "recall@8": [metrics.recall(r, g, 8) for r, g in pairs],
                "recall@10": [metrics.recall(r, g, 10) for r, g in pairs],
            }
        ),
        "queries": len(pairs),
    }
