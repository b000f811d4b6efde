"""The JSON door: a question in, the answer of `contracts.md` section 3 out; every error in one shape."""

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

from .schemas import AnswerOut, DateText, PartNames, QuestionText, problems

_STATUS: tuple[tuple[type[AlmanacError], int], ...] = (
    (QuestionError, 422),
    (TooManyError, 429),
    (AnswerTooLargeError, 413),
    (UnknownEntryError, 404),
    (UnknownAnswerError, 404),
    (SettingsError, 500),
)
_THERE_IS = "/openapi.json lists what there is"
_MENDS = {400: "send JSON as /openapi.json describes it", 404: _THERE_IS, 405: _THERE_IS}
_NOT_READY = "the index does not answer; the server's log says more"
_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large", 429: "too_many_requests"}


class TurnIn(BaseModel):
    """One earlier message."""

    role: Literal["user", "assistant"]
    content: Annotated[str, StringConstraints(max_length=LONGEST_TURN)]
    cited: tuple[str, ...] = ()
    suggestions: Annotated[
        tuple[Annotated[str, StringConstraints(max_length=LONGEST_QUESTION)], ...], Field(max_length=LONGEST)
    ] = ()


class QuestionIn(BaseModel):
    """What `POST /api/ask` takes."""

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
    without: PartNames = ()
    """Parts of what is understood that are not to restrict: `dates`, `kinds`, `organisations:NAME` …"""
    as_of: DateText | None = None
    """Leave out all that is dated after this day, which "last year" is counted from too; by default that is today."""

    def check(self) -> None:
        """Refuse what cannot be asked, before anything is sent; errors as `put_to`."""
        filters.check(self.question)
        restrictions.check(self.without)
        restrictions.day(self.as_of)

    def put_to(self, assistant: Assistant) -> Answer:
        """The answer; errors as `Assistant.ask`."""
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
    """The one shape of an error."""
    return {"error": {"code": code, "message": message}}


def api(assistant: Assistant, settings: Settings | None = None) -> APIRouter:
    """The routes; plain functions, so that a slow answer holds up no other request."""
    router = APIRouter()
    in_force = settings or Settings()
    tags = CatalogueTags(in_force.embedder, in_force.reader, in_force.level)
    closed = settings is not None and settings.has_login
    readiness = Readiness(assistant)

    @router.post("/api/ask", response_model=AnswerOut, responses=problems())
    def ask(asked: QuestionIn) -> JSONResponse:
        """Answer one question; a conversation is passed as its earlier messages."""
        return JSONResponse(asked.put_to(assistant).as_dict())

    @router.get("/entries/{entry_id}.json", response_model=Entry, responses=problems(404))
    def entry(request: Request, entry_id: str) -> Response:
        """One entry as the catalogue holds it, fields unknown to us included."""
        catalogue = assistant.catalogue
        found = filters.entry(catalogue, entry_id)
        tag = tags.etag(request, catalogue.hash)
        return conditional(request, tag, lambda: JSONResponse(found.model_dump(mode="json")))

    @router.get("/healthz")
    async def alive() -> dict[str, str]:
        """The process is alive."""
        return {"status": "ok"}

    @router.get("/readyz", response_model=None)
    def ready() -> dict[str, Any] | JSONResponse:
        """The index is open and answering: a question is put to it. With a login, strangers are told only that."""
        try:
            answer = readiness.answer()
        except AlmanacError:
            if not closed:
                raise
            return JSONResponse(error_body("unavailable", _NOT_READY), 503)
        if answer.status == "unavailable":
            reason = None if closed else answer.reason
            return JSONResponse(error_body("unavailable", reason or _NOT_READY), 503)
        if closed:
            return {"status": "ready"}
        return {"status": "ready", "entries": len(assistant.catalogue.entries), "as_of": assistant.catalogue.as_of}

    return router


def install_errors(app: FastAPI) -> None:
    """Give every error of `app` the one shape."""
    app.exception_handler(AlmanacError)(_foreseen)
    app.exception_handler(RequestValidationError)(invalid)
    app.exception_handler(HTTPException)(_refused)
    app.exception_handler(Exception)(_unforeseen)


def fault(error: AlmanacError) -> dict[str, dict[str, str]]:
    """A foreseen error in the one shape."""
    return error_body(_code(error), f"{error}; {error.hint}")


FAULT = error_body("internal", "something went wrong here; the server's log says more")
"""An error that nobody foresaw, in the one shape."""


async def _foreseen(request: Request, error: AlmanacError) -> JSONResponse:
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 503)
    later = error.retry_after if isinstance(error, BusyError | TooManyError) else None
    return _told(request, fault(error), status, {"Retry-After": str(later)} if later is not None else None)


def _told(
    request: Request, body: dict[str, dict[str, str]], status: int, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    if request.url.path.startswith("/v1/"):
        # Clients of the OpenAI shape look for a type besides.
        body = {"error": body["error"] | {"type": "server_error" if status >= 500 else "invalid_request_error"}}
    return JSONResponse(body, status, headers=headers)


def _code(error: AlmanacError) -> str:
    name = type(error).__name__.removesuffix("Error")
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    """What does not fit, in the one shape; what was sent is not sent back, for not all of it could be written."""
    first = error.errors()[0]
    # The first part of the address only says that it stood in the body.
    field = ".".join(str(part) for part in first["loc"][1:]) or "body"
    if field in {"question", "q"} and first["type"] == "string_too_long":
        message = f"{field}: longer than {LONGEST_QUESTION:,} characters; shorten it"
        return _told(request, error_body("question_too_long", message), 422)
    how = "send JSON as /openapi.json describes it" if first["loc"][0] == "body" else "/openapi.json says what fits"
    message = f"{field}: {first['msg']}; {how}"
    return _told(request, error_body("invalid_request", message), 422)


async def _refused(request: Request, error: HTTPException) -> JSONResponse:
    code = _CODES.get(error.status_code, "error")
    mend = _MENDS.get(error.status_code)
    message = f"{error.detail}; {mend}" if mend else error.detail
    return _told(request, error_body(code, str(message)), error.status_code, error.headers)


async def _unforeseen(request: Request, _: Exception) -> JSONResponse:
    return _told(request, FAULT, 500)
