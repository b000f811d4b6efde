"""Plays the judged conversations (`training/data/judged`) and yields what the product made of each judged turn."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from assistant.answer import Turn
from assistant.answering import extractive
from assistant.answering.evidence import Evidence
from assistant.draft import Draft
from assistant.evaluation import answers
from assistant.pipeline import Assistant
from assistant.question import Question

from .entry_data import sentence_spans
from .sources import rows

FOLDER = Path(__file__).parent / "data" / "judged"
UNSEEN = ("pine", "holly", "maple", "willow")
"""Authors whose turns the entry reader was not trained on: the gate and the order of sentences are fitted to these."""

Place = tuple[str, str, int]
"""Entry, field, and number of a sentence in the field."""


@dataclass(frozen=True, slots=True)
class JudgedTurn:
    """One turn: the candidates that the product found, and what a reader said about them."""

    id: str
    draft: Draft
    candidates: Sequence[Evidence]
    """Best first; empty if the turn was not answered from sentences that were found."""
    labels: Mapping[Place, int]
    """2 for a sentence that answers, 1 for one that belongs after the answer, 0 for others; unknown sentences are missing."""
    is_held: bool
    """Whether the catalogue has an answer."""

    def label(self, item: Evidence) -> int | None:
        """What was said about a candidate; None if nothing was."""
        return self.labels.get(place_of(item))


def place_of(item: Evidence) -> Place:
    """The place of a candidate, which stays the same in a new index."""
    starts = [start for start, _ in sentence_spans(item.entry, item.field)]
    return item.entry.id, item.field, starts.index(item.start)


def played(assistant: Assistant, authors: Sequence[str] = UNSEEN) -> Iterator[JudgedTurn]:
    """Ask every judged turn of some authors after the turns before it, and yield it."""
    shown: list[Evidence] = []
    original = extractive.read

    def recorded(*arguments: object) -> list[Evidence]:
        shown[:] = original(*arguments)  # type: ignore[arg-type]
        return list(shown)

    with patch.object(extractive, "read", recorded):
        for author in authors:
            for row in rows(FOLDER / f"{author}.jsonl"):
                *earlier, text = row["turns"]
                history = answers.play(assistant, [Turn("user", turn) for turn in earlier]).turns
                shown.clear()
                _, draft = assistant.answer_and_draft(Question(text, history))
                yield JudgedTurn(row["id"], draft, list(shown), _labels(row["units"]), row["held"])


def _labels(units: Sequence[Mapping[str, Any]]) -> dict[Place, int]:
    labels: dict[Place, int] = {}
    for unit in units:
        for number, name in enumerate(unit["sentences"]):
            field, _, place = name.rpartition(":")
            label = 2 if number in unit["answers"] else int(number in unit["helps"])
            labels[unit["entry"], field, int(place)] = label
    return labels
