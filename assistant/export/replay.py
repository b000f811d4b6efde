"""Checks a receipt against the live catalogue: which quotations still hold, and which entries are new."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

from assistant.answer import Answer
from assistant.question import Question
from index.catalogue import Catalogue
from index.models import AnyEntry

from .receipt import Receipt, Span, entry_sha256, sha256

NEWER = 20
"""Number of entries at the top of the new ranking that are compared with a receipt.

Receipts store more, so an entry that only moved up is not new.
"""

State = Literal["same", "moved", "edited", "deleted"]


@dataclass(frozen=True, slots=True)
class Checked:
    """The state of one quotation in the live catalogue.

    "moved": its words are at another place in the entry. "edited": the entry no longer has its words.
    """

    number: int
    entry_id: str
    field: str
    state: State
    entry_edited: bool
    """Whether anything in its entry has changed."""
    now: str | None = None
    """The new place of the words as FIELD[START:END], if they moved."""


@dataclass(frozen=True, slots=True)
class Newer:
    """An entry that the question finds now and did not find before."""

    entry_id: str
    title: str
    date: str | None
    cited: bool
    """Whether the new answer cites it."""


@dataclass(frozen=True, slots=True)
class Replay:
    """The result of checking a receipt."""

    question: str
    made_on: str
    unchanged: bool
    """The answer has the same bytes, all its quotations hold, and no new entry is found."""
    same_catalogue: bool
    same_engine: bool
    same_answer: bool
    status: str
    """The status of the new answer."""
    quotations: tuple[Checked, ...]
    newer: tuple[Newer, ...]
    no_longer_found: tuple[str, ...]
    """Ids of entries found before that are no longer in the catalogue."""
    cited_then: int
    """Entries that the earlier answer cites."""
    cited_now: int
    no_longer_cited: tuple[str, ...]
    """Ids of entries in the catalogue that only the earlier answer cites: they no longer match, or newer entries came first."""

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of `almanac replay --json`."""
        return asdict(self)


class SupportsAsk(Protocol):
    """Anything that answers questions from a live catalogue: an `Assistant` or a `LiveAssistant`."""

    @property
    def catalogue(self) -> Catalogue:
        """The live catalogue."""

    def ask(self, question: Question | str) -> Answer:
        """Answer a question."""


def replay(receipt: Receipt, assistant: SupportsAsk) -> Replay:
    """Ask the question of a receipt again, and compare the answers.

    Raises:
        AlmanacError: as `Assistant.ask`.
    """
    catalogue = assistant.catalogue
    question = Question(receipt.question, receipt.turns, receipt.level, receipt.mode, as_of=receipt.as_of)
    answer = assistant.ask(question)
    quotations = tuple(_checked(span, catalogue.find(span.entry_id)) for span in receipt.citations)
    found = dict.fromkeys(map(catalogue.present_id, receipt.found))
    cited = dict.fromkeys(catalogue.present_id(span.entry_id) for span in receipt.citations)
    then = {*found, *cited}
    matching = dict.fromkeys([*answer.cited, *answer.found[:NEWER]])
    newer = tuple(
        Newer(name, entry.title, entry.date, name in answer.cited)
        for name in matching
        if name not in then
        for entry in [catalogue.by_id[name]]
    )
    same_answer = answer.status == receipt.status and sha256(answer.text) == receipt.answer_sha256
    gone = tuple(name for name in found if name not in catalogue.by_id)
    all_hold = all(item.state == "same" and not item.entry_edited for item in quotations)
    return Replay(
        question=receipt.question,
        made_on=receipt.made_on,
        unchanged=same_answer and all_hold and not newer,
        same_catalogue=catalogue.hash == receipt.catalogue.hash,
        same_engine=receipt.engine.model_dump() == asdict(answer.engine),
        same_answer=same_answer,
        status=answer.status,
        quotations=quotations,
        newer=newer,
        no_longer_found=gone,
        cited_then=len(cited),
        cited_now=len(answer.cited),
        no_longer_cited=tuple(name for name in cited if name not in answer.cited and name in catalogue.by_id),
    )


def _checked(span: Span, entry: AnyEntry | None) -> Checked:
    if entry is None:
        return Checked(span.number, span.entry_id, span.field, "deleted", entry_edited=True)
    edited = entry_sha256(_before_renaming(entry, span.entry_id)) != span.entry_sha256
    texts = entry.texts()
    if texts.get(span.field, "")[span.start : span.end] == span.quote:
        return Checked(span.number, span.entry_id, span.field, "same", edited)
    for field in (span.field, *texts):
        at = texts.get(field, "").find(span.quote) if span.quote else -1
        if at >= 0:
            now = f"{field}[{at}:{at + len(span.quote)}]"
            return Checked(span.number, span.entry_id, span.field, "moved", edited, now)
    return Checked(span.number, span.entry_id, span.field, "edited", edited)


def _before_renaming(entry: AnyEntry, name: str) -> AnyEntry:
    """The entry under an id that it had before: a renaming alone does not count as an edit."""
    if name not in entry.former_ids:
        return entry
    return entry.model_copy(update={"id": name, "former_ids": entry.former_ids[: entry.former_ids.index(name)]})
