"""The JSON door: a question in, the answer of `contracts.md` section 3 out; every error in one shape."""

import re
from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.exceptions import HTTPException

from assistant.conversation import LONGEST, LONGEST_TURN
from assistant.types import LONGEST_QUESTION, Mode, Turn
from index.errors import AlmanacError, QuestionError, SettingsError, UnknownAnswerError, UnknownEntryError
from index.models import Level

from .engine import Assistant

_STATUS: tuple[tuple[type[AlmanacError], int], ...] = (
    (QuestionError, 422),
    (UnknownEntryError, 404),
    (UnknownAnswerError, 404),
    (SettingsError, 500),
)
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

    model_config = ConfigDict(str_strip_whitespace=True)

    question: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_QUESTION)]
    history: Annotated[tuple[TurnIn, ...], Field(max_length=LONGEST)] = ()
    level: Level | None = None
    mode: Mode = "chat"
    without: Annotated[tuple[Annotated[str, StringConstraints(max_length=320)], ...], Field(max_length=40)] = ()
    """Parts of what is understood that are not to restrict: `dates`, `kinds`, `organisations:NAME` …"""
    as_of: Annotated[str, StringConstraints(max_length=10)] | None = None
    """The day that "last year" is counted from; today by default."""


def error_body(code: str, message: str) -> dict[str, dict[str, str]]:
    """The one shape of an error."""
    return {"error": {"code": code, "message": message}}


def api(assistant: Assistant) -> APIRouter:
    """The routes; plain functions, so that a slow answer holds up no other request."""
    router = APIRouter()

    @router.post("/api/ask")
    def ask(asked: QuestionIn) -> dict[str, Any]:
        """Answer one question; a conversation is passed as its earlier messages."""
        history = tuple(
            Turn(turn.role, turn.content, turn.cited, suggestions=turn.suggestions) for turn in asked.history
        )
        return assistant.ask(
            asked.question,
            history=history,
            level=asked.level,
            mode=asked.mode,
            without=asked.without,
            as_of=asked.as_of,
        ).as_dict()

    @router.get("/entries/{entry_id}.json")
    def entry(entry_id: str) -> dict[str, Any]:
        """One entry as the catalogue holds it, fields unknown to us included."""
        found = assistant.catalogue.by_id.get(entry_id)
        if found is None:
            raise UnknownEntryError(entry_id)
        return found.model_dump(mode="json")

    @router.get("/healthz")
    def alive() -> dict[str, str]:
        """The process is alive."""
        return {"status": "ok"}

    @router.get("/readyz", response_model=None)
    def ready() -> dict[str, Any] | JSONResponse:
        """The index is open and answering: a question is put to it."""
        answer = assistant.ask(next(iter(assistant.examples()), "What is in the catalogue?"))
        if answer.status == "unavailable":
            return JSONResponse(error_body("unavailable", answer.reason or "the index does not answer"), 503)
        return {"status": "ready", "entries": len(assistant.catalogue.entries), "as_of": assistant.catalogue.as_of}

    return router


def install_errors(app: FastAPI) -> None:
    """Give every error of `app` the one shape."""
    app.exception_handler(AlmanacError)(_foreseen)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_refused)
    app.exception_handler(Exception)(_unforeseen)


async def _foreseen(_: Request, error: AlmanacError) -> JSONResponse:
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 503)
    return JSONResponse(error_body(_code(error), f"{error}; {error.hint}"), status)


def _code(error: AlmanacError) -> str:
    name = type(error).__name__.removesuffix("Error")
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
    first = error.errors()[0]
    # The first part of the address only says that it stood in the body.
    field = ".".join(str(part) for part in first["loc"][1:]) or "body"
    if field == "question" and first["type"] == "string_too_long":
        message = f"question: longer than {LONGEST_QUESTION:,} characters; shorten it"
        return JSONResponse(error_body("question_too_long", message), 422)
    message = f"{field}: {first['msg']}; send JSON as /openapi.json describes it"
    return JSONResponse(error_body("invalid_request", message), 422)


async def _refused(_: Request, error: HTTPException) -> JSONResponse:
    code = _CODES.get(error.status_code, "error")
    message = f"{error.detail}; /openapi.json lists what there is" if error.status_code in {404, 405} else error.detail
    return JSONResponse(error_body(code, str(message)), error.status_code, headers=dict(error.headers or {}))


async def _unforeseen(_: Request, __: Exception) -> JSONResponse:
    return JSONResponse(error_body("internal", "something went wrong here; the server's log says more"), 500)
