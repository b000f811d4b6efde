"""Whole answers measured: sources, facts, sets, silence, reading ease, suggestions; by level, and what they cost."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from assistant.answer import Answer, Turn
from assistant.pipeline import Assistant
from assistant.question import Question
from index.lexical import fold
from index.models import Level

from . import metrics
from .bench import Figures, costs
from .datasets import EvaluationError, Task

_WORD = re.compile(r"\w+(?:[-’'.,]\w+)*")


def questions(assistant: Assistant, tasks: Sequence[Task], *, level: Level | None = None) -> Figures:
    """Whole answers: is a right entry cited, are the facts there, is silence kept where there is no answer?

    Earlier user turns are asked first, so that the last question meets the conversation the product would have had.
    """
    return _figures(_asked(assistant, tasks, level))


@dataclass(frozen=True, slots=True)
class _Given:
    """An answer, what is known of it, and how long it took."""

    task: Task
    answer: Answer
    milliseconds: float


def _asked(assistant: Assistant, tasks: Sequence[Task], level: Level | None) -> list[_Given]:
    if not tasks:
        raise EvaluationError("there is no task to measure with")
    given = []
    for task in tasks:
        history = played(assistant, task.history)
        started = time.perf_counter()
        answer = assistant.ask(Question(task.question, history, level, as_of=task.as_of))
        given.append(_Given(task, answer, (time.perf_counter() - started) * 1000))
    return given


def _figures(given: Sequence[_Given]) -> Figures:
    details = [_detail(one.task, one.answer) for one in given]
    answerable = [row for row in details if row["answerable"]]
    conversations = [row for row in answerable if row["turns"] > 1]
    refusable = [row for row in details if not row["answerable"]]
    answered = [row for row in answerable if row["gold"] and row["status"] == "answered"]
    figures: Figures = {"questions": len(details)}
    for name, key, chosen in (
        ("cited_right", "cited_right", answerable),
        ("facts_present", "facts_present", answerable),
        ("cited_right_in_conversations", "cited_right", conversations),
        ("sets_exact", "set_exact", details),
        ("intent_right", "intent_right", details),
        ("citation_precision", "citation_precision", answered),
        ("citation_recall", "citation_recall", answered),
        ("abstained_right", "abstained", refusable),
        ("false_refusals", "abstained", answerable),
        ("suggestions", "suggestions", details),
    ):
        values = [float(row[key]) for row in chosen if row[key] is not None]
        if values:
            figures |= metrics.described({name: values})
            figures[f"{name}_of"] = len(values)
    return figures | costs([one.milliseconds for one in given]) | {"details": details}


def levels(assistant: Assistant, tasks: Sequence[Task]) -> Figures:
    """What changes with the level: how long sentences are, where they come from, and that the facts stay."""
    found: Figures = {}
    for level in get_args(Level):
        given = _asked(assistant, tasks, level)
        measured = _figures(given)
        answers = [one.answer for one in given if one.answer.status == "answered"]
        if not answers:
            raise EvaluationError("no task is answered, so there is nothing to read")
        kept = ("cited_right", "facts_present", "false_refusals", "sets_exact", "ms_p95")
        found[level] = _reading(answers) | {
            name: value for name, value in measured.items() if name.removesuffix("_95") in kept
        }
    return found


def _reading(answers: Sequence[Answer]) -> Figures:
    """How the answers read: of their sentences, and of the answers."""
    kinds = [{citation.number: citation for citation in answer.citations} for answer in answers]
    said = [
        (sentence.text, cited[sentence.citations[0]])
        for answer, cited in zip(answers, kinds, strict=True)
        for sentence in answer.sentences
        if sentence.citations
    ]
    return metrics.described(
        {
            "words_a_sentence": [float(len(_WORD.findall(text))) for text, _ in said],
            "from_guides": [float(citation.kind == "guide") for _, citation in said],
            "from_glossary_and_tldr": [
                float(citation.field.split(".")[0] in {"terms", "tldr"}) for _, citation in said
            ],
            "with_numbers": [float(any(c.isdigit() for c in citation.quote)) for _, citation in said],
            "sentences": [float(len(answer.sentences)) for answer in answers],
            "entries": [float(len(answer.cited)) for answer in answers],
            "guides_related": [float(sum(one.kind != "event" for one in answer.related)) for answer in answers],
        }
    )


def played(assistant: Assistant, history: Sequence[Turn]) -> list[Turn]:
    """A conversation with its answers: where only a user's turns are given, the assistant's own are put in."""
    if any(turn.role == "assistant" for turn in history):
        return list(history)
    turns: list[Turn] = []
    for turn in history:
        answer = assistant.ask(Question(turn.content, turns))
        turns.append(Turn("user", turn.content, searched_for=answer.searched_for))
        turns.append(Turn("assistant", answer.text, cited=answer.cited))
    return turns


def _detail(task: Task, answer: Answer) -> dict[str, Any]:
    told = fold(answer.text.replace("\\", ""))
    facts = [re.search(fold_pattern(pattern), told) is not None for pattern in task.must]
    gold, cited = set(task.gold), set(answer.cited)
    owner = {citation.number: citation.entry_id for citation in answer.citations}
    right = [any(owner[number] in gold for number in sentence.citations) for sentence in answer.sentences]
    return {
        "id": task.id,
        "question": task.question,
        "searched_for": answer.searched_for,
        "answerable": task.answerable,
        "turns": 1 + sum(turn.role == "user" for turn in task.history),
        "status": answer.status,
        "abstained": answer.status == "abstained",
        "gold": sorted(gold),
        "cited": list(answer.cited),
        "cited_right": bool(cited & gold),
        "facts_present": all(facts) if facts else None,
        "set_exact": _is_exact(task, answer),
        "intent": answer.intent,
        "intent_right": None if task.intent is None else answer.intent == task.intent,
        "citation_precision": metrics.mean([float(one) for one in right]) if right and gold else None,
        "citation_recall": len(cited & gold) / len(gold) if gold else None,
        "suggestions": len(answer.suggestions),
        "reason": answer.reason,
    }


def _is_exact(task: Task, answer: Answer) -> bool | None:
    """Whether a list or count is the whole set and nothing else; None for any other question."""
    if task.gold_all is None and task.total is None:
        return None
    whole = task.gold_all is None or set(answer.cited) == set(task.gold_all)
    return whole and (task.total is None or answer.total == task.total)


def fold_pattern(pattern: str) -> str:
    """A `must` as it is looked for in folded text; one that is no regular expression is taken as text."""
    try:
        re.compile(pattern)
    except re.error:
        return fold(re.escape(pattern))
    # Classes such as \S and \D must keep their case; letters that are not escaped are folded.
    return "".join(part if part.startswith("\\") else fold(part) for part in re.split(r"(\\.)", pattern))
