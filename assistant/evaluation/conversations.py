"""Measures follow-up questions: how well the search works for questions inside conversations."""

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
    """Measure the rankings for questions inside conversations, separately for first and for later turns.

    Later turns are also measured without their conversation (`last_turn`). With a file of stand-alone rewrites by people,
    these are measured too (`rewrite`); `gap_recovered` is the share of the gap between the two that the resolver closes.
    """
    judged = datasets.judgements(datasets.find(data, qrels))
    usable = [task for task in datasets.tasks(tasks, only=only) if task.id in judged]
    if not usable:
        raise EvaluationError(f"no task of {tasks} has a judgement in {qrels}")
    by_people = datasets.queries(rewrites) if rewrites is not None else None
    assistant = bench.assistant(data, with_sentences=True)
    figures: Figures = {}
    all_searches: list[Search] = []
    first = [task for task in usable if not task.history]
    if first:
        searches, changed = _resolved(assistant, first, judged)
        figures |= metrics.described({"first_turns_changed": [float(is_changed) for is_changed in changed]})
        figures["first_turns_changed_of"] = len(changed)
        figures["first_turns"] = ranked(searches)
        all_searches += searches
    later = [task for task in usable if task.history]
    if later:
        searches, changed = _resolved(assistant, later, judged)
        figures |= metrics.described({"later_turns_changed": [float(is_changed) for is_changed in changed]})
        figures["later_turns_changed_of"] = len(changed)
        figures["later_turns"] = ranked(searches)
        all_searches += searches
        bare = [searched(assistant.searcher, task.question, NOTHING, judged[task.id]) for task in later]
        figures["later_turns_last_turn"] = ranked(bare)
        if by_people is not None:
            figures |= _with_rewrites(assistant, later, judged, by_people)
            gained = figures["later_turns"]["ndcg@10"] - figures["later_turns_last_turn"]["ndcg@10"]
            gap = figures["later_turns_rewrite"]["ndcg@10"] - figures["later_turns_last_turn"]["ndcg@10"]
            figures["gap_recovered"] = round(gained / gap, 4) if gap > 0 else None
    figures["all_turns"] = ranked(all_searches)
    return figures


def _resolved(
    assistant: Assistant, tasks: Sequence[Task], judged: Mapping[str, Mapping[str, int]]
) -> tuple[list[Search], list[bool]]:
    """Resolve and search each task; return the searches, and whether the resolver changed each question."""
    resolved = [assistant.resolve(task.question, task.history) for task in tasks]
    searches = [
        searched(assistant.searcher, item.text, item.background, judged[task.id])
        for item, task in zip(resolved, tasks, strict=True)
    ]
    return searches, [item.text != task.question for item, task in zip(resolved, tasks, strict=True)]


def _with_rewrites(
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
