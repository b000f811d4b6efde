"""A receipt held against the live catalogue: what of its answer still stands, and what has come since."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

from assistant.answer import Answer
from assistant.question import Question
from index.catalogue import Catalogue
from index.models import AnyEntry

from .receipt import Receipt, Span, entry_sha256, sha256

NEWER = 20
"""Places in the ranking in which an entry counts as matching; receipts hold more, so that none is new that only moved up."""

State = Literal["same", "moved", "edited", "deleted"]


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one quotation.

    "moved": its words stand elsewhere in the entry; "edited": they do not stand there any more.
    """

    number: int
    entry_id: str
    field: str
    state: State
    entry_edited: bool
    """Whether anything at all in its entry was changed."""
    now: str | None = None
    """Where the words stand now, as FIELD[START:END], if they moved."""


@dataclass(frozen=True, slots=True)
class Newer:
    """An entry that is found for the question now and was not found then."""

    entry_id: str
    title: str
    date: str | None
    cited: bool
    """Whether the answer given now rests on it."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What a receipt is worth today."""

    question: str
    made_on: str
    unchanged: bool
    """The answer is the same to the byte, all it quotes stands, and nothing newer is found."""
    same_catalogue: bool
    same_engine: bool
    same_answer: bool
    status: str
    """Of the answer given now."""
    quotations: tuple[Checked, ...]
    newer: tuple[Newer, ...]
    no_longer_found: tuple[str, ...]
    """Ids of entries found then that the catalogue has lost."""
    cited_then: int
    """Entries that the answer cited."""
    cited_now: int
    no_longer_cited: tuple[str, ...]
    """Ids of entries cited then and not now that the catalogue still has: they match no more, or newer ones came first."""

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


class Asked(Protocol):
    """Who is asked again."""

    @property
    def catalogue(self) -> Catalogue:
        """The live catalogue."""

    def ask(self, question: Question | str) -> Answer:
        """An answer."""


def replay(receipt: Receipt, assistant: Asked) -> Replay:
    """Ask again what a receipt tells, and compare.

    Raises:
        AlmanacError: as `Assistant.ask`.
    """
    catalogue = assistant.catalogue
    question = Question(receipt.question, receipt.turns, receipt.level, receipt.mode, as_of=receipt.as_of)
    answer = assistant.ask(question)
    quotations = tuple(_checked(span, catalogue.by_id.get(span.entry_id)) for span in receipt.citations)
    cited = dict.fromkeys(span.entry_id for span in receipt.citations)
    then = {*receipt.found, *cited}
    fresh = dict.fromkeys([*answer.cited, *answer.found[:NEWER]])
    newer = tuple(
        Newer(name, entry.title, entry.date, name in answer.cited)
        for name in fresh
        if name not in then
        for entry in [catalogue.by_id[name]]
    )
    same_answer = answer.status == receipt.status and sha256(answer.text) == receipt.answer_sha256
    gone = tuple(name for name in dict.fromkeys(receipt.found) if name not in catalogue.by_id)
    stands = all(one.state == "same" and not one.entry_edited for one in quotations)
    return Replay(
        question=receipt.question,
        made_on=receipt.made_on,
        unchanged=same_answer and stands and not newer,
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
    edited = entry_sha256(entry) != span.entry_sha256
    texts = entry.texts()
    if texts.get(span.field, "")[span.start : span.end] == span.quote:
        return Checked(span.number, span.entry_id, span.field, "same", edited)
    for field in (span.field, *texts):
        at = texts.get(field, "").find(span.quote) if span.quote else -1
        if at >= 0:
            now = f"{field}[{at}:{at + len(span.quote)}]"
            return Checked(span.number, span.entry_id, span.field, "moved", edited, now)
    return Checked(span.number, span.entry_id, span.field, "edited", edited)
