"""Measurements of follow-ups: questions inside conversations, through the product's own resolver."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from assistant.conversation.context import NOTHING
from assistant.pipeline import Assistant

from . import datasets, metrics
from .bench import Bench, Figures, Search, ranked, searched
from .datasets import EvaluationError, Task


def conversation(
    bench: Bench,
    data: Path,
    *,
    tasks: Path,
    qrels: str = "qrels.tsv",
    rewrites: Path | None = None,
    only: datasets.Only | None = None,
) -> Figures:
    """Rankings for questions inside conversations, for first and for later turns.

    For later turns also what the bare question gives (`last_turn`) and, where a queries file of stand-alone rewrites
    by people is given, what those give (`rewrite`) and the share of the way from the one to the other that was made.
    """
    judged = datasets.judgements(datasets.find(data, qrels))
    asked = [task for task in datasets.tasks(tasks, only=only) if task.id in judged]
    if not asked:
        raise EvaluationError(f"no task of {tasks} has a judgement in {qrels}")
    by_people = datasets.queries(rewrites) if rewrites is not None else None
    assistant = bench.assistant(data, with_sentences=True)
    figures: Figures = {}
    whole_talk: list[Search] = []
    first = [task for task in asked if not task.history]
    if first:
        searches, changed = _resolved(assistant, first, judged)
        figures |= metrics.described({"first_turns_changed": [float(one) for one in changed]})
        figures["first_turns_changed_of"] = len(changed)
        figures["first_turns"] = ranked(searches)
        whole_talk += searches
    later = [task for task in asked if task.history]
    if later:
        searches, changed = _resolved(assistant, later, judged)
        figures |= metrics.described({"later_turns_changed": [float(one) for one in changed]})
        figures["later_turns_changed_of"] = len(changed)
        figures["later_turns"] = ranked(searches)
        whole_talk += searches
        bare = [searched(assistant.searcher, task.question, NOTHING, judged[task.id]) for task in later]
        figures["later_turns_last_turn"] = ranked(bare)
        if by_people is not None:
            figures |= _against(assistant, later, judged, by_people)
            made = figures["later_turns"]["ndcg@10"] - figures["later_turns_last_turn"]["ndcg@10"]
            whole = figures["later_turns_rewrite"]["ndcg@10"] - figures["later_turns_last_turn"]["ndcg@10"]
            figures["gap_recovered"] = round(made / whole, 4) if whole > 0 else None
    figures["all_turns"] = ranked(whole_talk)
    return figures


def _resolved(
    assistant: Assistant, tasks: Sequence[Task], judged: Mapping[str, Mapping[str, int]]
) -> tuple[list[Search], list[bool]]:
    """What is searched for each task, and which questions were changed."""
    resolved = [assistant.resolve(task.question, task.history) for task in tasks]
    searches = [
        searched(assistant.searcher, one.text, one.background, judged[task.id])
        for one, task in zip(resolved, tasks, strict=True)
    ]
    return searches, [one.text != task.question for one, task in zip(resolved, tasks, strict=True)]


def _against(
    assistant: Assistant,
    later: Sequence[Task],
    judged: Mapping[str, Mapping[str, int]],
    by_people: Mapping[str, str],
) -> Figures:
    missing = [task.id for task in later if task.id not in by_people]
    if missing:
        raise EvaluationError(f"{len(missing)} tasks have no rewrite, the first of them {missing[0]}")
    searches = [searched(assistant.searcher, by_people[task.id], NOTHING, judged[task.id]) for task in later]
    return {"later_turns_rewrite": ranked(searches)}
