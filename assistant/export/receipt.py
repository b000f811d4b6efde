"""Receipts: a JSON file with everything needed to check an answer later: question, catalogue, quotations, places."""

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
from index.models import AnyEntry, EntryId, EntryKind, Level

FORM = 1
"""The version of the file format."""
MAX_RECEIPT_BYTES = 20_000_000
"""Larger files are refused; the longest allowed conversation fits."""


def _day(value: str) -> str:
    dates.span(value)
    return value


Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_day)]
Question = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_QUESTION)]
Line = Annotated[str, StringConstraints(max_length=500)]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}(\.[0-9]{1,6}\.[a-z_]{1,40})?$")]


class _Record(BaseModel):
    # Unknown fields are ignored, so that this version can read receipts with fields added later.
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Span(_Record):
    """One quotation: its position, its words, and hashes of the words and of the entry."""

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
            raise ValueError(f"quotation {self.number} does not match its hash")
        return self


class TurnKept(_Record):
    """One message of the conversation before the question."""

    role: Literal["user", "assistant"]
    content: Annotated[str, StringConstraints(max_length=LONGEST_TURN)]
    cited: list[str] = []
    searched_for: Annotated[str, StringConstraints(max_length=LONGEST_QUESTION)] | None = None


class FiltersKept(_Record):
    """The filters of the question."""

    kinds: list[EntryKind]
    since: Line | None
    until: Line | None
    organisations: list[Line]
    topics: list[Line]


class CatalogueKept(_Record):
    """The catalogue that the answer is from."""

    hash: Hash
    as_of: Line | None
    entries: int


class EngineKept(_Record):
    """The answerer, embedder and version that made the answer."""

    answerer: Line
    embedder: Line
    version: Line


class Receipt(_Record):
    """A parsed receipt."""

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
    """The day as of which the question was asked, if the user gave one."""
    found: list[EntryId]
    """Ids of all entries found for the question, best first; an entry that a later search finds and that is not here is new."""

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The conversation in the form that the assistant takes."""
        return tuple(Turn(turn.role, turn.content, tuple(turn.cited), turn.searched_for) for turn in self.history)


def sha256(text: str) -> str:
    """The SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def entry_sha256(entry: AnyEntry) -> str:
    """The SHA-256 of an entry's canonical JSON, which changes with any edit."""
    return sha256(json.dumps(json.loads(to_line(entry)), sort_keys=True))


def make(answer: Answer, catalogue: Catalogue, history: Sequence[Turn], *, made_on: date) -> dict[str, Any]:
    """Make the receipt of an answer as a JSON object.

    Args:
        answer: The answer.
        catalogue: The catalogue that it is from.
        history: The conversation before the question.
        made_on: Today.
    """
    values = answer.as_dict()
    spans = [
        {
            "number": citation.number,
            "entry_id": citation.entry_id,
            "entry_sha256": entry_sha256(catalogue.by_id[citation.entry_id]),
            "field": citation.field,
            "start": citation.start,
            "end": citation.end,
            "quote": citation.quote,
            "quote_sha256": sha256(citation.quote),
        }
        for citation in answer.citations
    ]
    turns = [
        {"role": turn.role, "content": turn.content, "cited": list(turn.cited), "searched_for": turn.searched_for}
        for turn in history[-LONGEST:]
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
    """The text of a receipt."""
    return json.dumps(receipt, ensure_ascii=False, indent=2) + "\n"


def check_place(path: Path) -> None:
    """Check that a receipt may be written to a path; called before the question is answered.

    Raises:
        ReceiptError: the path is a folder, or a file that is not a receipt.
    """
    if path.is_dir():
        raise ReceiptError(f"{path} is a folder", hint="name a file for the receipt, such as answer.receipt.json")
    if path.exists():
        try:
            read(path)
        except ReceiptError:
            hint = "name another file: a receipt may only replace another receipt"
            raise ReceiptError(f"{path} exists and is not a receipt", hint=hint) from None


def write(path: Path, receipt: dict[str, Any]) -> None:
    """Write a receipt.

    Raises:
        StorageError: the file cannot be written.
    """
    write_atomically(path, in_json(receipt).encode("utf-8"))


def read(path: Path) -> Receipt:
    """Read a receipt.

    Raises:
        ReceiptError: the file cannot be read, is not a receipt, or was changed.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_RECEIPT_BYTES + 1)
    except OSError as error:
        raise ReceiptError(f"cannot read {path}: {error.strerror or error}") from error
    if len(raw) > MAX_RECEIPT_BYTES:
        raise ReceiptError(f"{path} is too large to be a receipt")
    return parse(raw, name=str(path))


def parse(raw: bytes, *, name: str) -> Receipt:
    """Parse the bytes of a receipt; `name` is its name in errors.

    Raises:
        ReceiptError: as `read`.
    """
    try:
        value = json.loads(raw.decode("utf-8-sig"))
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")  # no lone surrogates, no NaN
    except (ValueError, RecursionError) as error:
        raise ReceiptError(f"{name} is not JSON in UTF-8: {error}") from error
    if not isinstance(value, dict) or "receipt" not in value:
        raise ReceiptError(f"{name} is not a receipt: it has no field “receipt”")
    if value["receipt"] != FORM:
        hint = "check it with the version of almanac that wrote it"
        raise ReceiptError(f"{name} is a receipt in another format; this version reads format {FORM}", hint=hint)
    try:
        return Receipt.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "receipt"
        raise ReceiptError(f"{name}: {where}: {first['msg'].removeprefix('Value error, ')}") from error
