"""Measurements of the product's own code path on data from outside (`contracts.md` section 6)."""

import hashlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from index import build as builds
from index import importers
from index.build import Report
from index.catalogue import Catalogue
from index.embed import Embedder
from index.importers import ids
from index.lexical import fold

from . import evaldata, measures
from .background import NOTHING, Background
from .evaldata import EvaluationError, Task
from .pipeline import Assistant
from .reader import Reader
from .related import neighbours
from .retrieve import Searcher
from .types import Answer, Turn

Figures = dict[str, Any]
Ranking = Callable[[str], list[str]]


class Bench:
    """Builds indexes for data from outside in a cache folder, by content hash, so that a second run is fast."""

    def __init__(self, cache: Path, embedder: Embedder | None, report: Report, reader: Reader | None = None) -> None:
        self._cache = cache
        self._reader = reader
        self._embedder = embedder
        self._report = report

    def assistant(self, data: Path, *, with_sentences: bool) -> Assistant:
        """An assistant over a BEIR folder or a catalogue file."""
        imported = importers.read_source(str(data))
        if not imported.entries:
            raise EvaluationError(f"{data} holds no document")
        catalogue = Catalogue(imported.entries)
        identity = self._embedder.identity if self._embedder else "none"
        name = hashlib.sha256(f"{catalogue.hash} {identity}".encode()).hexdigest()[:16]
        home = self._cache / name
        builds.build(catalogue, home, self._embedder, with_sentences=with_sentences, report=self._report)
        return Assistant(builds.open_current(home, self._embedder), self._embedder, reader=self._reader)


def retrieval(bench: Bench, data: Path, *, queries: str = "queries.jsonl", qrels: str = "qrels.tsv") -> Figures:
    """Rankings of entries for the queries that have judgements: hybrid, and either half alone."""
    texts = evaldata.queries(evaldata.find(data, queries))
    judged = evaldata.judgements(evaldata.find(data, qrels))
    asked = [(texts[name], grades) for name, grades in judged.items() if name in texts]
    if not asked:
        raise EvaluationError(f"no query of {queries} has a judgement in {qrels}")
    assistant = bench.assistant(data, with_sentences=True)
    return ranked(assistant.searcher, [(text, NOTHING, grades) for text, grades in asked])


def ranked(searcher: Searcher, asked: Sequence[tuple[str, Background, Mapping[str, int]]]) -> Figures:
    """Figures for (question, its background, grades), hybrid at the top, `bm25` and `dense` inside."""
    rankings: dict[str, list[list[str]]] = {"hybrid": [], "bm25": [], "dense": []}
    started = time.perf_counter()
    for text, background, _ in asked:
        hits = searcher.passages(text, searcher.embed(text), background=background)
        rankings["hybrid"].append([found.entry.id for found in searcher.entries(hits)])
    milliseconds = (time.perf_counter() - started) * 1000 / len(asked)
    for text, background, _ in asked:
        vector = searcher.blended(searcher.embed(text), background)
        rankings["bm25"].append(searcher.names(searcher.by_words(text, background=background)))
        rankings["dense"].append(searcher.names(searcher.by_meaning(vector)))
    figures = {
        name: _figures(found, [grades for _, _, grades in asked])
        for name, found in rankings.items()
        if name != "dense" or searcher.has_vectors
    }
    return {
        **figures.pop("hybrid"),
        "queries": len(asked),
        "ms_per_query": round(milliseconds, 2),
        **figures,
    }


def _figures(rankings: Sequence[Sequence[str]], grades: Sequence[Mapping[str, int]]) -> Figures:
    pairs = list(zip(rankings, grades, strict=True))
    values = {f"ndcg@{k}": [measures.ndcg(r, g, k) for r, g in pairs] for k in (5, 10)}
    values |= {f"recall@{k}": [measures.recall(r, g, k) for r, g in pairs] for k in (5, 10, 100)}
    values["mrr@10"] = [measures.reciprocal_rank(r, g, 10) for r, g in pairs]
    low, high = measures.interval(values["ndcg@10"])
    return {name: round(measures.mean(each), 4) for name, each in values.items()} | {
        "ndcg@10_95": [round(low, 4), round(high, 4)]
    }


def abstention(bench: Bench, data: Path, *, tasks: Path) -> Figures:
    """How well the gate tells what can be answered: by its probability, and at the product's working point."""
    asked = evaldata.tasks(tasks)
    assistant = bench.assistant(data, with_sentences=True)
    scores, answered = [], []
    for task in asked:
        answer, draft = assistant.judged(task.question, history=task.history)
        scores.append(draft.probability)
        answered.append(answer.status == "answered")
    labels = [task.answerable for task in asked]
    negatives, positives = labels.count(False), labels.count(True)
    if not negatives or not positives:
        raise EvaluationError("abstention needs answerable and unanswerable tasks")
    return {
        "auroc": round(measures.auroc(scores, labels), 4),
        "false_answers": round(sum(a and not y for a, y in zip(answered, labels, strict=True)) / negatives, 4),
        "false_refusals": round(sum(y and not a for a, y in zip(answered, labels, strict=True)) / positives, 4),
        "tasks": len(asked),
    }


def related(bench: Bench, data: Path, *, queries: str = "queries.jsonl", qrels: str = "qrels.tsv") -> Figures:
    """Related entries of entries, against judged ones."""
    judged = evaldata.judgements(evaldata.find(data, qrels))
    names = [row for row in evaldata.queries(evaldata.find(data, queries)) if row in judged]
    assistant = bench.assistant(data, with_sentences=True)
    by_id = assistant.catalogue.by_id
    rankings, grades = [], []
    for name in names:
        entry = by_id.get(ids.of_foreign(name))
        if entry is not None:
            rankings.append([one.entry_id for one in neighbours(assistant.index, entry, most=10)])
            grades.append(judged[name])
    if not rankings:
        raise EvaluationError(f"no query of {queries} is a document that has a judgement in {qrels}")
    pairs = list(zip(rankings, grades, strict=True))
    return {
        "ndcg@10": round(measures.mean([measures.ndcg(r, g, 10) for r, g in pairs]), 4),
        "recall@10": round(measures.mean([measures.recall(r, g, 10) for r, g in pairs]), 4),
        "queries": len(pairs),
    }


def questions(assistant: Assistant, tasks: Sequence[Task]) -> Figures:
    """Whole answers: is a right entry cited, are the facts there, is silence kept where there is no answer?

    Earlier user turns are asked first, so that the last question meets the conversation the product would have had.
    """
    if not tasks:
        raise EvaluationError("there is no task to measure with")
    details = []
    times: list[float] = []
    for task in tasks:
        history = played(assistant, task.history)
        started = time.perf_counter()
        answer = assistant.ask(task.question, history=history, as_of=task.as_of)
        times.append((time.perf_counter() - started) * 1000)
        details.append(_detail(task, answer))
    answerable = [row for row in details if row["answerable"]]
    conversations = [row for row in answerable if row["turns"] > 1]
    refusable = [row for row in details if not row["answerable"]]
    times.sort()
    figures: Figures = {"questions": len(details)}
    for name, key, chosen in (
        ("cited_right", "cited_right", answerable),
        ("facts_present", "facts_present", [row for row in answerable if row["facts_present"] is not None]),
        ("cited_right_in_conversations", "cited_right", conversations),
        ("abstained_right", "abstained", refusable),
        ("false_refusals", "abstained", answerable),
        ("sets_exact", "set_exact", [row for row in details if row["set_exact"] is not None]),
        ("intent_right", "intent_right", [row for row in details if row["intent_right"] is not None]),
    ):
        if chosen:
            figures[name] = round(measures.mean([float(row[key]) for row in chosen]), 4)
            figures[f"{name}_of"] = len(chosen)
    figures["ms_median"] = round(times[len(times) // 2], 1)
    figures["ms_p95"] = round(times[min(len(times) - 1, int(len(times) * 0.95))], 1)
    return figures | {"details": details}


def played(assistant: Assistant, history: Sequence[Turn]) -> list[Turn]:
    """A conversation with its answers: where only a user's turns are given, the assistant's own are put in."""
    if any(turn.role == "assistant" for turn in history):
        return list(history)
    turns: list[Turn] = []
    for turn in history:
        answer = assistant.ask(turn.content, history=turns)
        turns.append(Turn("user", turn.content, searched_for=answer.searched_for))
        turns.append(Turn("assistant", answer.text, cited=answer.cited))
    return turns


def _detail(task: Task, answer: Answer) -> Figures:
    told = fold(answer.text.replace("\\", ""))
    facts = [re.search(fold_pattern(pattern), told) is not None for pattern in task.must]
    return {
        "id": task.id,
        "question": task.question,
        "searched_for": answer.searched_for,
        "answerable": task.answerable,
        "turns": 1 + sum(turn.role == "user" for turn in task.history),
        "status": answer.status,
        "abstained": answer.status == "abstained",
        "cited": list(answer.cited),
        "cited_right": bool(set(answer.cited) & set(task.gold)),
        "facts_present": all(facts) if facts else None,
        "set_exact": None if task.gold_all is None else _is_exact(task, answer),
        "intent": answer.intent,
        "intent_right": None if task.intent is None else answer.intent == task.intent,
        "reason": answer.reason,
    }


def _is_exact(task: Task, answer: Answer) -> bool:
    """Whether an answer cites every entry that is right and no other, and gives their number where it is asked for."""
    return set(answer.cited) == set(task.gold_all or ()) and (task.total is None or answer.total == task.total)


def fold_pattern(pattern: str) -> str:
    """A `must` as it is looked for in folded text; one that is no regular expression is taken as text."""
    try:
        re.compile(pattern)
    except re.error:
        return fold(re.escape(pattern))
    # Classes such as \S and \D must keep their case; letters that are not escaped are folded.
    return "".join(part if part.startswith("\\") else fold(part) for part in re.split(r"(\\.)", pattern))
