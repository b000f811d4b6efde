"""Measures the reader as a reranker: `python training/rerank.py DATA [--first 10] [--shares 0.1 0.3 0.5]`.

For each public data set, the reader scores the first passages of the product's search, and its probabilities are mixed with
the search scores at several shares. We report nDCG@10 with bootstrap intervals, and the time per question. DATA is a folder
with `mtrag`, `scifact` and `aiid`. Follow-up questions are resolved as in the product.
"""

import argparse
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from assistant.conversation.context import NOTHING, Background
from assistant.evaluation import datasets, metrics
from assistant.evaluation.bench import Bench
from assistant.pipeline import Assistant
from assistant.retrieval.search import Hit
from assistant.settings.settings import load
from assistant.verification.cross_encoder import CrossEncoder
from assistant.workplace import Workplace

JudgedQuestion = tuple[str, Background, Mapping[str, int]]


def conversations(assistant: Assistant, folder: Path) -> Iterator[JudgedQuestion]:
    """Later turns, resolved as in the product, with their judgements."""
    judged = datasets.judgements(datasets.find(folder, "qrels.tsv"))
    for task in datasets.tasks(datasets.find(folder, "queries.questions.jsonl")):
        if task.id in judged and task.history:
            resolved = assistant.resolve(task.question, task.history)
            yield resolved.text, resolved.background, judged[task.id]


def queries(folder: Path, name: str, qrels: str) -> Iterator[JudgedQuestion]:
    """Stand-alone queries with their judgements."""
    texts = datasets.queries(datasets.find(folder, name))
    for query, grades in datasets.judgements(datasets.find(folder, qrels)).items():
        if query in texts:
            yield texts[query], NOTHING, grades


def reranked(
    assistant: Assistant, cross_encoder: CrossEncoder, asked: list[JudgedQuestion], first: int, shares: list[float]
) -> dict:
    """nDCG@10 at each share of the reader, and the time that the reader took."""
    index, searcher = assistant.index, assistant.searcher
    found: dict[float, list[float]] = {share: [] for share in (0.0, *shares)}
    took = []
    for text, background, grades in asked:
        hits = searcher.passages(text, searcher.embed(text), background=background)
        head, rest = hits[:first], hits[first:]
        started = time.perf_counter()
        passages = [index.passages[hit.place] for hit in head]
        titles = [index.catalogue.by_id[passage.entry_id].title for passage in passages]
        pairs = [f"{title}. {one.text}" for title, one in zip(titles, passages, strict=True)]
        read = cross_encoder.answers(text, pairs) if pairs else []
        took.append((time.perf_counter() - started) * 1000)
        for share, values in found.items():
            mixed = [
                Hit(hit.place, (1 - share) * hit.score + share * float(value), hit.cosine, hit.bm25)
                for hit, value in zip(head, read, strict=True)
            ]
            order = sorted(mixed, key=lambda hit: -hit.score) + list(rest)
            ranking = [one.entry.id for one in searcher.entries(order)]
            values.append(metrics.ndcg(ranking, grades, 10))
    figures = metrics.described({f"share {share:g}": values for share, values in found.items()})
    return {**figures, "questions": len(took), "reading_ms_median": round(sorted(took)[len(took) // 2], 1)}


def main() -> None:
    """Measure each set and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--first", type=int, default=10, help="passages read for a question")
    parser.add_argument("--shares", type=float, nargs="+", default=[0.1, 0.3, 0.5])
    parser.add_argument("--every", type=int, default=1, help="every so many questions of the stand-alone sets")
    asked = parser.parse_args()
    settings, _ = load()
    workplace = Workplace(settings)
    cross_encoder = CrossEncoder.open()
    if cross_encoder is None:
        raise SystemExit("the reader is not there")
    bench = Bench(settings.data / "eval", workplace.embedder, lambda *_: None)
    out = {}
    for pool in ("clapnq", "fiqa"):
        folder = asked.data / "mtrag" / pool
        assistant = bench.assistant(folder, with_sentences=True)
        out[pool] = reranked(
            assistant, cross_encoder, list(conversations(assistant, folder)), asked.first, asked.shares
        )
        print(pool, json.dumps(out[pool]), flush=True)
    for name, file, qrels in (
        ("scifact", "queries.jsonl", "qrels.tsv"),
        ("aiid", "queries.gmf_snippets.jsonl", "qrels.gmf_snippets.tsv"),
    ):
        folder = asked.data / name
        assistant = bench.assistant(folder, with_sentences=True)
        some = list(queries(folder, file, qrels))[:: asked.every]
        out[name] = reranked(assistant, cross_encoder, some, asked.first, asked.shares)
        print(name, json.dumps(out[name]), flush=True)


if __name__ == "__main__":
    main()
