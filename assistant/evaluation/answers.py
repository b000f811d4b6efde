"""Measures whole answers: sources, facts, sets, refusals, readability, suggestions, by level; and time and memory."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from assistant.answer import Answer, Turn
from assistant.pipeline import Assistant
from assistant.question import Question
from index.models import Level

from . import metrics, patterns, shown_sentences
from .bench import Figures, costs
from .datasets import EvaluationError, Task

_WORD = re.compile(r"\w+(?:[-’'.,]\w+)*")


def questions(assistant: Assistant, tasks: Sequence[Task], *, level: Level | None = None) -> Figures:
    """Measure answers: do they cite a right entry, contain the facts, begin with the answer, and refuse where there is none?

    Earlier user turns are asked first, so that the last question has the conversation that a user would have had.

    Raises:
        EvaluationError: there are no tasks.
    """
    return _figures(_answers(assistant, tasks, level))


@dataclass(frozen=True, slots=True)
class _TimedAnswer:
    """An answer with its task, its time, and the conversation before it."""

    task: Task
    answer: Answer
    milliseconds: float
    before: "Played"


def _answers(assistant: Assistant, tasks: Sequence[Task], level: Level | None) -> list[_TimedAnswer]:
    if not tasks:
        raise EvaluationError("there are no tasks to measure")
    timed = []
    for task in tasks:
        before = play(assistant, task.history)
        started = time.perf_counter()
        answer = assistant.ask(Question(task.question, before.turns, level, as_of=task.as_of))
        timed.append(_TimedAnswer(task, answer, (time.perf_counter() - started) * 1000, before))
    return timed


def _figures(timed: Sequence[_TimedAnswer]) -> Figures:
    details = [_detail(item) for item in timed]
    answerable = [row for row in details if row["answerable"]]
    conversations = [row for row in answerable if row["turns"] > 1]
    refusable = [row for row in details if not row["answerable"]]
    answered = [row for row in details if row["status"] == "answered"]
    with_gold = [row for row in answered if row["answerable"] and row["gold"]]
    figures: Figures = {"questions": len(details)}
    for name, key, chosen in (
        ("cited_right", "cited_right", answerable),
        ("facts_present", "facts_present", answerable),
        ("cited_right_in_conversations", "cited_right", conversations),
        ("sets_exact", "set_exact", details),
        ("intent_right", "intent_right", details),
        ("citation_precision", "citation_precision", with_gold),
        ("citation_recall", "citation_recall", with_gold),
        ("first_sentence_answers", "first_sentence_answers", answered),
        ("sentences_mean", "sentences", answered),
        ("sentences_mean_without_lists", "sentences", [row for row in answered if row["total"] is None]),
        ("too_long", "too_long", answered),
        ("forbidden_shown", "forbidden_shown", details),
        ("abstained_right", "abstained", refusable),
        ("false_refusals", "abstained", answerable),
        ("suggestions", "suggestions", details),
    ):
        values = [float(row[key]) for row in chosen if row[key] is not None]
        if values:
            figures |= metrics.described({name: values})
            figures[f"{name}_of"] = len(values)
    figures |= _repeated_share(answered)
    return figures | costs([item.milliseconds for item in timed]) | {"details": details}


def _repeated_share(rows: Sequence[Mapping[str, Any]]) -> Figures:
    """The share of sentences that were shown before; nothing if no sentence was compared."""
    counts = [(row["repeated"], row["compared"]) for row in rows if row["compared"]]
    if not counts:
        return {}
    repeated, compared = zip(*counts, strict=True)
    return {
        "repeated_share": round(sum(repeated) / sum(compared), 4),
        "repeated_share_95": metrics.rounded(metrics.ratio_interval(repeated, compared)),
        "repeated_share_of": sum(compared),
    }


def levels(assistant: Assistant, tasks: Sequence[Task]) -> Figures:
    """Measure at each level how answers read and where they come from, and whether the facts stay the same.

    Raises:
        EvaluationError: there are no tasks, or none is answered.
    """
    by_level: Figures = {}
    for level in get_args(Level):
        timed = _answers(assistant, tasks, level)
        measured = _figures(timed)
        answers = [item.answer for item in timed if item.answer.status == "answered"]
        if not answers:
            raise EvaluationError("no task is answered, so there is no text to measure")
        kept = ("cited_right", "facts_present", "false_refusals", "sets_exact", "ms_p95")
        by_level[level] = _readability(answers) | {
            name: value for name, value in measured.items() if name.removesuffix("_95") in kept
        }
    return by_level


def _readability(answers: Sequence[Answer]) -> Figures:
    """Figures per sentence (length, source, numbers) and per answer (sentences, entries, related guides)."""
    by_number = [{citation.number: citation for citation in answer.citations} for answer in answers]
    quoted = [
        (sentence.text, cited[sentence.citations[0]])
        for answer, cited in zip(answers, by_number, strict=True)
        for sentence in answer.sentences
        if sentence.citations
    ]
    return metrics.described(
        {
            "words_a_sentence": [float(len(_WORD.findall(text))) for text, _ in quoted],
            "from_guides": [float(citation.kind == "guide") for _, citation in quoted],
            "from_glossary_and_tldr": [
                float(citation.field.split(".")[0] in {"terms", "tldr"}) for _, citation in quoted
            ],
            "with_numbers": [float(any(character.isdigit() for character in citation.quote)) for _, citation in quoted],
            "sentences": [float(len(answer.sentences)) for answer in answers],
            "entries": [float(len(answer.cited)) for answer in answers],
            "guides_related": [float(sum(item.kind != "event" for item in answer.related)) for answer in answers],
        }
    )


@dataclass(frozen=True, slots=True)
class Played:
    """A conversation before a question: its turns, and the answers among them that were made here."""

    turns: tuple[Turn, ...]
    answers: tuple[Answer, ...] = ()


def play(assistant: Assistant, history: Sequence[Turn]) -> Played:
    """Play a conversation: if it has only the user's turns, ask them and add the assistant's answers."""
    if any(turn.role == "assistant" for turn in history):
        return Played(tuple(history))
    turns: list[Turn] = []
    answers: list[Answer] = []
    for turn in history:
        answer = assistant.ask(Question(turn.content, turns))
        answers.append(answer)
        turns.append(Turn("user", turn.content, searched_for=answer.searched_for))
        turns.append(Turn("assistant", answer.text, cited=answer.cited))
    return Played(tuple(turns), tuple(answers))


def _detail(item: _TimedAnswer) -> dict[str, Any]:
    task, answer = item.task, item.answer
    text = shown_sentences.plain(answer.text)
    facts = [patterns.is_in(pattern, text) for pattern in task.must]
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
        "citation_precision": metrics.mean([float(is_right) for is_right in right]) if right and gold else None,
        "citation_recall": len(cited & gold) / len(gold) if gold else None,
        "suggestions": len(answer.suggestions),
        "reason": answer.reason,
        "total": answer.total,
    } | _shown(item, text)


def _shown(item: _TimedAnswer, text: str) -> dict[str, Any]:
    """What the answer shows: its first sentence, the number of sentences, and what it should not show."""
    task, answer = item.task, item.answer
    first = shown_sentences.first(answer)
    count = len(shown_sentences.quoted(answer))
    repeats = shown_sentences.repeats(answer, item.before.turns, item.before.answers)
    matched = [pattern for pattern in task.never if patterns.is_in(pattern, text)]
    return {
        "first_sentence": first,
        "first_sentence_answers": None if task.lead is None else patterns.is_in(task.lead, first),
        "sentences": count,
        "compared": len(repeats),
        "repeated": sum(repeats),
        "forbidden_shown": bool(matched) if task.never else None,
        "never_matched": matched,
        "too_long": None if task.most is None else count > task.most,
    }


def _is_exact(task: Task, answer: Answer) -> bool | None:
    """Whether a list or a count is exactly the right set; None for any other question."""
    if task.gold_all is None and task.total is None:
        return None
    whole = task.gold_all is None or set(answer.cited) == set(task.gold_all)
    return whole and (task.total is None or answer.total == task.total)
