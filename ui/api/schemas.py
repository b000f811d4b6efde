"""What the doors for programs take and give, as `contracts.md` names it, for `/openapi.json` and the tools' schemas."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assistant.answer import (
    LONGEST_QUESTION,
    Brief,
    CatalogueStamp,
    Citation,
    Engine,
    Filters,
    Intent,
    Mode,
    Near,
    Related,
    Removed,
    Sentence,
    Status,
)
from index.models import Entry, Kind, Level

QuestionText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_QUESTION),
    # In the document only: what is empty once white space is off is refused by its length.
    Field(json_schema_extra={"pattern": r"\S"}),
]
DateText = Annotated[
    str, StringConstraints(pattern=r"^[1-9][0-9]{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$", max_length=10)
]
"""`YYYY`, `YYYY-MM` or `YYYY-MM-DD`; whether the month has such a day is found out later."""
PartName = Annotated[
    str,
    StringConstraints(
        pattern=r"^(dates|kinds|organisations|topics|words|level|importance)(:[^\n]{1,300})?$", max_length=320
    ),
]
"""A part of what is understood of a question, named as in `assistant.understood`."""
PartNames = Annotated[tuple[PartName, ...], Field(max_length=40)]

_QUOTE = "Constitutional AI trains a model against a written list of principles."
EXAMPLE: dict[str, Any] = {
    "status": "answered",
    "question": "What is constitutional AI?",
    "searched_for": "What is constitutional AI?",
    "intent": "define",
    "filters": {"kinds": [], "since": None, "until": None, "organisations": [], "topics": []},
    "mode": "chat",
    "level": "intermediate",
    "text": f"{_QUOTE} [1]",
    "sentences": [{"text": _QUOTE, "citations": [1], "support": 1.0}],
    "citations": [
        {
            "number": 1,
            "entry_id": "constitutional-ai",
            "kind": "guide",
            "title": "Constitutional AI",
            "date": None,
            "source": None,
            "url": None,
            "field": "tldr",
            "quote": _QUOTE,
            "start": 0,
            "end": len(_QUOTE),
        }
    ],
    "total": None,
    "removed": [],
    "reason": None,
    "nearest": [],
    "related": [
        {"entry_id": "rlhf", "kind": "guide", "title": "RLHF", "date": None, "why": "same topic: training"},
    ],
    "suggestions": ["What is RLHF?"],
    "catalogue": {"hash": "0" * 64, "as_of": "2026-06-29", "entries": 240},
    "engine": {"answerer": "extractive", "embedder": "minilm", "version": "1.0.0"},
    "timings_ms": {"retrieve": 11.0, "answer": 84.0, "total": 95.0},
    "id": "5f0c1d3e8a7b2c4d6e9f0a1b",
}
"""An answer as it may look, for the document alone."""


class AnswerOut(BaseModel):
    """An answer. `citations[].quote` is exactly `field[start:end]` of the entry; `[n]` in `text` is a citation's number."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    status: Status
    question: str
    searched_for: str
    intent: Intent
    filters: Filters
    mode: Mode
    level: Level
    text: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    total: int | None
    removed: tuple[Removed, ...]
    reason: str | None
    nearest: tuple[Near, ...]
    related: tuple[Related, ...]
    suggestions: tuple[str, ...]
    catalogue: CatalogueStamp
    engine: Engine
    timings_ms: dict[str, float]
    id: str
    brief: Brief | None = None
    """Of a summary alone."""


class FoundOut(BaseModel):
    """An entry that was found, its score and the passage that fits best."""

    entry_id: str
    kind: Kind
    title: str
    date: str | None
    url: str | None
    score: float
    field: str
    passage: str


class SearchOut(BaseModel):
    """One page of ranked entries; `next` is the address of the next page, if there is one."""

    query: str
    results: tuple[FoundOut, ...]
    offset: int = 0
    next: str | None = None


class RowOut(BaseModel):
    """An entry in a list."""

    entry_id: str
    kind: Kind
    title: str
    date: str | None
    url: str | None
    source: str | None
    organisations: tuple[str, ...]
    topics: tuple[str, ...]


class EntriesOut(BaseModel):
    """One page of the entries within the filters, the newest first; `total` counts all pages'."""

    total: int
    entries: tuple[RowOut, ...]
    offset: int
    next: str | None


class RelatedOut(BaseModel):
    """What goes with one entry, each with why."""

    entry_id: str
    related: tuple[Related, ...]


class EntryOut(BaseModel):
    """One entry as the catalogue holds it, fields unknown to us included."""

    entry: Entry


class ModelOut(BaseModel):
    """One choice of whom the answer is for and how long it is, as a model of the OpenAI shape."""

    id: str
    object: str
    created: int
    owned_by: str


class ModelsOut(BaseModel):
    """All of them."""

    object: str
    data: tuple[ModelOut, ...]


class UrlCitationOut(BaseModel):
    """Where a marker stands in the text, and what it stands for."""

    start_index: int
    end_index: int
    title: str
    url: str


class AnnotationOut(BaseModel):
    """One marker of the text."""

    type: str
    url_citation: UrlCitationOut
    entry_id: str


class MessageOut(BaseModel):
    """The answer as a message."""

    role: str
    content: str
    refusal: None
    annotations: tuple[AnnotationOut, ...]


class ChoiceOut(BaseModel):
    """The one answer."""

    index: int
    message: MessageOut
    logprobs: None
    finish_reason: str


class UsageOut(BaseModel):
    """Words and marks read and written."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class CompletionOut(BaseModel):
    """An answer in the OpenAI shape; `almanac` is the same as `/api/ask` gives it."""

    id: str
    object: str
    created: int
    model: str
    choices: tuple[ChoiceOut, ...]
    usage: UsageOut
    almanac: AnswerOut


class EventOut(BaseModel):
    """One server-sent event: its name, where it has one, and its data, which are JSON."""

    event: str = "message"
    data: str


class Fault(BaseModel):
    """What is wrong and the mend; `code` is for programs."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"code": "unknown_entry", "message": "no entry has the id 'rlfh'; …"}]}
    )

    code: str
    message: str


class Problem(BaseModel):
    """The one shape of an error."""

    error: Fault


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors that every route may answer with, and those of `statuses`, for the document."""
    words = {
        400: "not readable as JSON",
        401: "a login is needed",
        403: "another site's page may not ask this",
        404: "there is no such thing",
        413: "too large",
        421: "this server is not known by that name",
        422: "the request does not fit",
        429: "too many questions; Retry-After says when",
        500: "a fault of this server",
        503: "the index does not answer, or too many questions are being answered",
    }
    always = (400, 401, 403, 413, 421, 422, 429, 500, 503)
    return {status: {"model": Problem, "description": words[status]} for status in sorted({*always, *statuses})}
