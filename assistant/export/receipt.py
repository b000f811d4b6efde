"""An answer's receipt: what was asked, of which catalogue, what was quoted from where. With it an answer can be checked."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from assistant.answer import LONGEST_QUESTION, Answer, Intent, Mode, Status, Turn
from assistant.conversation.history import LONGEST, LONGEST_TURN
from index import dates
from index.catalogue import Catalogue, to_line
from index.errors import ReceiptError
from index.files import write_atomically
from index.models import AnyEntry, EntryId, Kind, Level

FORM = 1
LARGEST = 20_000_000
"""Bytes of a receipt that is read: a conversation as long as one may be fits in."""


def _day(value: str) -> str:
    dates.span(value)
    return value


Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_day)]
Question = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_QUESTION)]
Line = Annotated[str, StringConstraints(max_length=500)]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}(\.[0-9]{1,6}\.[a-z_]{1,40})?$")]


class _Record(BaseModel):
    # Fields that a later version adds do not keep this one from reading the rest.
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Span(_Record):
    """One quotation: its place, its words, and the hash of its entry."""

    number: Annotated[int, Field(ge=1)]
    entry_id: EntryId
    entry_sha256: Hash
    field: FieldName
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    quote: str
    quote_sha256: Hash

    @model_validator(mode="after")
    def _whole(self) -> "Span":
        if sha256(self.quote) != self.quote_sha256 or len(self.quote) != self.end - self.start:
            raise ValueError(f"quotation {self.number} is not the one that was hashed")
        return self


class TurnKept(_Record):
    """One message of the conversation before the question."""

    role: Literal["user", "assistant"]
    content: Annotated[str, StringConstraints(max_length=LONGEST_TURN)]
    cited: list[str] = []
    searched_for: Annotated[str, StringConstraints(max_length=LONGEST_QUESTION)] | None = None


class FiltersKept(_Record):
    """What restricted the entries."""

    kinds: list[Kind]
    since: Line | None
    until: Line | None
    organisations: list[Line]
    topics: list[Line]


class CatalogueKept(_Record):
    """The catalogue that answered."""

    hash: Hash
    as_of: Line | None
    entries: int


class EngineKept(_Record):
    """What the answer was made with."""

    answerer: Line
    embedder: Line
    version: Line


class Receipt(_Record):
    """Everything that an answer rests on."""

    receipt: Literal[1]
    made_on: Day
    question: Question
    searched_for: Question
    history: Annotated[list[TurnKept], Field(max_length=LONGEST)]
    intent: Intent
    filters: FiltersKept
    mode: Mode
    level: Level
    status: Status
    answer_sha256: Hash
    catalogue: CatalogueKept
    engine: EngineKept
    citations: list[Span]
    as_of: Line | None = None
    """The day as of which it was asked, if the reader named one."""
    found: list[EntryId]
    """Ids of all entries found for the question, best first: what is found later and is not here is newer."""

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The conversation, as the assistant takes it."""
        return tuple(Turn(one.role, one.content, tuple(one.cited), one.searched_for) for one in self.history)


def sha256(text: str) -> str:
    """The SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def entry_sha256(entry: AnyEntry) -> str:
    """The SHA-256 of an entry's canonical JSON: any edit changes it."""
    return sha256(json.dumps(json.loads(to_line(entry)), sort_keys=True))


def make(answer: Answer, catalogue: Catalogue, history: Sequence[Turn], *, made_on: date) -> dict[str, Any]:
    """The receipt of an answer as JSON.

    Args:
        answer: The answer, just given.
        catalogue: The catalogue that it was given from.
        history: The conversation before the question.
        made_on: The day.
    """
    values = answer.as_dict()
    spans = [
        {
            "number": one.number,
            "entry_id": one.entry_id,
            "entry_sha256": entry_sha256(catalogue.by_id[one.entry_id]),
            "field": one.field,
            "start": one.start,
            "end": one.end,
            "quote": one.quote,
            "quote_sha256": sha256(one.quote),
        }
        for one in answer.citations
    ]
    turns = [
        {"role": one.role, "content": one.content, "cited": list(one.cited), "searched_for": one.searched_for}
        for one in history[-LONGEST:]
    ]
    return {
        "receipt": FORM,
        "made_on": made_on.isoformat(),
        "question": answer.question,
        "searched_for": answer.searched_for,
        "history": turns,
        **{name: values[name] for name in ("intent", "filters", "mode", "level", "status")},
        "answer_sha256": sha256(answer.text),
        "catalogue": values["catalogue"],
        "engine": values["engine"],
        "citations": spans,
        "found": list(answer.found),
        **({"as_of": answer.again.as_of} if answer.again and answer.again.as_of else {}),
    }


def in_json(receipt: dict[str, Any]) -> str:
    """A receipt as text."""
    return json.dumps(receipt, ensure_ascii=False, indent=2) + "\n"


def check_place(path: Path) -> None:
    """Refuse to write a receipt where something else stands; asked before the work begins.

    Raises:
        ReceiptError: the place holds what is no receipt, or is a folder.
    """
    if path.is_dir():
        raise ReceiptError(f"{path} is a folder", hint="name a file for the receipt, such as answer.receipt.json")
    if path.exists():
        try:
            read(path)
        except ReceiptError:
            hint = "name another file: only a receipt is replaced by a receipt"
            raise ReceiptError(f"{path} is there already and is no receipt", hint=hint) from None


def write(path: Path, receipt: dict[str, Any]) -> None:
    """Write a receipt.

    Raises:
        StorageError: the disk refused.
    """
    write_atomically(path, in_json(receipt).encode("utf-8"))


def read(path: Path) -> Receipt:
    """Read a receipt.

    Raises:
        ReceiptError: it cannot be read, is no receipt, or was altered.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(LARGEST + 1)
    except OSError as error:
        raise ReceiptError(f"cannot read {path}: {error.strerror or error}") from error
    if len(raw) > LARGEST:
        raise ReceiptError(f"{path} is too large to be a receipt")
    return parse(raw, name=str(path))


def parse(raw: bytes, *, name: str) -> Receipt:
    """A receipt from its bytes; `name` is what errors call it.

    Raises:
        ReceiptError: as `read`.
    """
    try:
        value = json.loads(raw.decode("utf-8-sig"))
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")  # no lone surrogates, no NaN
    except (ValueError, RecursionError) as error:
        raise ReceiptError(f"{name} is not JSON in UTF-8: {error}") from error
    if not isinstance(value, dict) or "receipt" not in value:
        raise ReceiptError(f"{name} is no receipt: it holds no field “receipt”")
    if value["receipt"] != FORM:
        hint = "replay it with the version of almanac that wrote it"
        raise ReceiptError(f"{name} is a receipt in another form, this version reads form {FORM}", hint=hint)
    try:
        return Receipt.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "receipt"
        raise ReceiptError(f"{name}: {where}: {first['msg'].removeprefix('Value error, ')}") from error
