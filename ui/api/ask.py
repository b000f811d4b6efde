"""`POST /api/ask`, single entries, health checks, and the JSON form of errors."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.exceptions import HTTPException

from assistant.answer import LONGEST_QUESTION, Answer, Mode, Turn
from assistant.conversation.history import LONGEST, LONGEST_TURN
from assistant.retrieval import filters
from assistant.settings.settings import Settings
from assistant.understanding import restrictions
from index.errors import (
    AlmanacError,
    AnswerTooLargeError,
    BusyError,
    QuestionError,
    SettingsError,
    TooManyError,
    UnknownAnswerError,
    UnknownEntryError,
)
from index.models import Entry, Level
from ui.conditional import CatalogueTags, conditional
from ui.serving.admission import Readiness
from ui.serving.protocols import Assistant

from .schemas import AnswerOut, DateText, QuestionText, RestrictionNames, problems

_STATUS: tuple[tuple[type[AlmanacError], int], ...] = (
    (QuestionError, 422),
    (TooManyError, 429),
    (AnswerTooLargeError, 413),
    (UnknownEntryError, 404),
    (UnknownAnswerError, 404),
    (SettingsError, 500),
)
_ROUTES_HINT = "/openapi.json lists the routes"
_HINTS = {400: "send JSON as /openapi.json describes it", 404: _ROUTES_HINT, 405: _ROUTES_HINT}
_NOT_READY = "the index is unavailable; the server's log has the reason"
_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large", 429: "too_many_requests"}


class TurnIn(BaseModel):
    """An earlier message of the conversation."""

    role: Literal["user", "assistant"]
    content: Annotated[str, StringConstraints(max_length=LONGEST_TURN)]
    cited: tuple[str, ...] = ()
    suggestions: Annotated[
        tuple[Annotated[str, StringConstraints(max_length=LONGEST_QUESTION)], ...], Field(max_length=LONGEST)
    ] = ()


class QuestionIn(BaseModel):
    """A question, as `POST /api/ask` accepts it."""

    model_config = ConfigDict(
        str_strip_whitespace=True,
        json_schema_extra={
            "examples": [
                {"question": "What is RLHF?", "level": "beginner"},
                {
                    "question": "And in 2024?",
                    "history": [
                        {"role": "user", "content": "What did OpenAI publish in 2023?"},
                        {"role": "assistant", "content": "…", "cited": ["gpt-4"]},
                    ],
                },
            ]
        },
    )

    question: QuestionText
    history: Annotated[tuple[TurnIn, ...], Field(max_length=LONGEST)] = ()
    level: Level | None = None
    mode: Mode = "chat"
    without: RestrictionNames = ()
    """Restrictions of the question to ignore: `dates`, `kinds`, `organisations:NAME` …"""
    as_of: DateText | None = None
    """Ignore entries with a later date, and resolve phrases such as "last year" from this day; by default today."""

    def check(self) -> None:
        """Validate the question before a response is started. Raises the same errors as `put_to`."""
        filters.check(self.question)
        restrictions.check(self.without)
        restrictions.day(self.as_of)

    def put_to(self, assistant: Assistant) -> Answer:
        """Ask the question. Raises the same errors as `Assistant.ask`."""
        history = tuple(
            Turn(turn.role, turn.content, turn.cited, suggestions=turn.suggestions) for turn in self.history
        )
        return assistant.ask(
            self.question,
            history=history,
            level=self.level,
            mode=self.mode,
            without=self.without,
            as_of=self.as_of,
        )


def error_body(code: str, message: str) -> dict[str, dict[str, str]]:
    """The JSON body of an error."""
    return {"error": {"code": code, "message": message}}


def api(assistant: Assistant, settings: Settings | None = None) -> APIRouter:
    """The routes. They are plain functions, which run in threads, so that a slow answer does not block other requests."""
    router = APIRouter()
    in_force = settings or Settings()
    tags = CatalogueTags(in_force.embedder, in_force.reader, in_force.level)
    needs_login = settings is not None and settings.has_login
    readiness = Readiness(assistant)

    @router.post("/api/ask", response_model=AnswerOut, responses=problems())
    def ask(question: QuestionIn) -> JSONResponse:
        """Answer a question. For a follow-up question, pass the earlier messages as `history`."""
        return JSONResponse(question.put_to(assistant).as_dict())

    @router.get("/entries/{entry_id}.json", response_model=Entry, responses=problems(404))
    def entry(request: Request, entry_id: str) -> Response:
        """One entry of the catalogue with all its fields, including fields that this program does not use."""
        catalogue = assistant.catalogue
        shown = filters.entry(catalogue, entry_id)
        tag = tags.etag(request, catalogue.hash)
        return conditional(request, tag, lambda: JSONResponse(shown.model_dump(mode="json")))

    @router.get("/healthz")
    async def alive() -> dict[str, str]:
        """The process is running."""
        return {"status": "ok"}

    @router.get("/readyz", response_model=None)
    def ready() -> dict[str, Any] | JSONResponse:
        """The index answers questions; this asks one. If a login is set up, the response contains nothing else."""
        try:
            answer = readiness.answer()
        except AlmanacError:
            if not needs_login:
                raise
            return JSONResponse(error_body("unavailable", _NOT_READY), 503)
        if answer.status == "unavailable":
            reason = None if needs_login else answer.reason
            return JSONResponse(error_body("unavailable", reason or _NOT_READY), 503)
        if needs_login:
            return {"status": "ready"}
        return {"status": "ready", "entries": len(assistant.catalogue.entries), "as_of": assistant.catalogue.as_of}

    return router


def install_errors(app: FastAPI) -> None:
    """Make `app` send every error in the same JSON form."""
    app.exception_handler(AlmanacError)(_known_error)
    app.exception_handler(RequestValidationError)(invalid)
    app.exception_handler(HTTPException)(_http_error)
    app.exception_handler(Exception)(_unknown_error)


def known_error_body(error: AlmanacError) -> dict[str, dict[str, str]]:
    """The JSON body of a known error."""
    return error_body(_code(error), f"{error}; {error.hint}")


INTERNAL_ERROR = error_body("internal", "something went wrong; the server's log has the details")
"""The JSON body of an unexpected error."""


async def _known_error(request: Request, error: AlmanacError) -> JSONResponse:
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 503)
    retry_after = error.retry_after if isinstance(error, BusyError | TooManyError) else None
    return _error_response(
        request, known_error_body(error), status, {"Retry-After": str(retry_after)} if retry_after is not None else None
    )


def _error_response(
    request: Request, body: dict[str, dict[str, str]], status: int, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    if request.url.path.startswith("/v1/"):
        # OpenAI's clients expect a type as well.
        body = {"error": body["error"] | {"type": "server_error" if status >= 500 else "invalid_request_error"}}
    return JSONResponse(body, status, headers=headers)


def _code(error: AlmanacError) -> str:
    name = type(error).__name__.removesuffix("Error")
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    """Answer 422 to an invalid request. The response does not repeat the input, which may not be valid text."""
    first = error.errors()[0]
    # The first part of the location only says where the field is: body, query or path.
    field = ".".join(str(part) for part in first["loc"][1:]) or "body"
    if field in {"question", "q"} and first["type"] == "string_too_long":
        message = f"{field}: longer than {LONGEST_QUESTION:,} characters; shorten it"
        return _error_response(request, error_body("question_too_long", message), 422)
    hint = "send JSON as /openapi.json describes it" if first["loc"][0] == "body" else "see /openapi.json"
    message = f"{field}: {first['msg']}; {hint}"
    return _error_response(request, error_body("invalid_request", message), 422)


async def _http_error(request: Request, error: HTTPException) -> JSONResponse:
    code = _CODES.get(error.status_code, "error")
    hint = _HINTS.get(error.status_code)
    message = f"{error.detail}; {hint}" if hint else error.detail
    return _error_response(request, error_body(code, str(message)), error.status_code, error.headers)


async def _unknown_error(request: Request, _: Exception) -> JSONResponse:
    return _error_response(request, INTERNAL_ERROR, 500)
