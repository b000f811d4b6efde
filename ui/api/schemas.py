"""Schemas of the API's requests and responses, for `/openapi.json` and for the MCP tools. See docs/api.md."""

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
from index.models import Entry, EntryKind, Level

QuestionText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_QUESTION),
    # Only for the schema: validation strips white space, then checks the length.
    Field(json_schema_extra={"pattern": r"\S"}),
]
DateText = Annotated[
    str, StringConstraints(pattern=r"^[1-9][0-9]{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$", max_length=10)
]
"""`YYYY`, `YYYY-MM` or `YYYY-MM-DD`; whether the day exists is checked later."""
RestrictionName = Annotated[
    str,
    StringConstraints(
        pattern=r"^(dates|kinds|organisations|topics|words|level|importance)(:[^\n]{1,300})?$", max_length=320
    ),
]
"""A restriction that a question contains, by name, such as `dates` or `organisations:OpenAI`."""
RestrictionNames = Annotated[tuple[RestrictionName, ...], Field(max_length=40)]

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
"""An example of an answer, for the OpenAPI document."""


class AnswerOut(BaseModel):
    """An answer. `[n]` in `text` is the number of a citation, whose `quote` is exactly `field[start:end]` of its entry."""

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
    """Only for `mode` `summary`."""


class FoundOut(BaseModel):
    """A search result: an entry, its score and its best passage."""

    entry_id: str
    kind: EntryKind
    title: str
    date: str | None
    url: str | None
    score: float
    field: str
    passage: str


class SearchOut(BaseModel):
    """One page of search results. `next` is the address of the next page, or null."""

    query: str
    results: tuple[FoundOut, ...]
    offset: int = 0
    next: str | None = None


class RowOut(BaseModel):
    """An entry in a list of entries."""

    entry_id: str
    kind: EntryKind
    title: str
    date: str | None
    url: str | None
    source: str | None
    organisations: tuple[str, ...]
    topics: tuple[str, ...]


class EntriesOut(BaseModel):
    """One page of the entries that match the filters, the newest first. `total` counts the entries on all pages."""

    total: int
    entries: tuple[RowOut, ...]
    offset: int
    next: str | None


class RelatedOut(BaseModel):
    """Entries related to an entry, each with the reason."""

    entry_id: str
    related: tuple[Related, ...]


class EntryOut(BaseModel):
    """One entry of the catalogue with all its fields, including fields that this program does not use."""

    entry: Entry


class ModelOut(BaseModel):
    """A model, which stands for the level and the length of answers."""

    id: str
    object: str
    created: int
    owned_by: str


class ModelsOut(BaseModel):
    """All models."""

    object: str
    data: tuple[ModelOut, ...]


class UrlCitationOut(BaseModel):
    """The position of a marker in the text, and its source."""

    start_index: int
    end_index: int
    title: str
    url: str


class AnnotationOut(BaseModel):
    """The annotation of one marker in the text."""

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
    """The answer; there is always one choice."""

    index: int
    message: MessageOut
    logprobs: None
    finish_reason: str


class UsageOut(BaseModel):
    """Numbers of words and signs in the request and in the answer."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class CompletionOut(BaseModel):
    """An answer in the format of OpenAI; `almanac` is the answer as `/api/ask` returns it."""

    id: str
    object: str
    created: int
    model: str
    choices: tuple[ChoiceOut, ...]
    usage: UsageOut
    almanac: AnswerOut


class EventOut(BaseModel):
    """A server-sent event: its name, if it has one, and its data as JSON."""

    event: str = "message"
    data: str


class Fault(BaseModel):
    """`message` says what is wrong and how to fix it; `code` is for programs."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"code": "unknown_entry", "message": "no entry has the id 'rlfh'; …"}]}
    )

    code: str
    message: str


class Problem(BaseModel):
    """The body of every error."""

    error: Fault


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors that any route may return, and those with `statuses`, for the OpenAPI document."""
    descriptions = {
        400: "the body is not valid JSON",
        401: "login required",
        403: "pages of other sites may not use this",
        404: "not found",
        413: "the request is too large",
        421: "this server does not serve this host name",
        422: "the request is invalid",
        429: "too many requests; see Retry-After",
        500: "internal error",
        503: "the index is unavailable, or the server is busy",
    }
    always = (400, 401, 403, 413, 421, 422, 429, 500, 503)
    return {status: {"model": Problem, "description": descriptions[status]} for status in sorted({*always, *statuses})}
