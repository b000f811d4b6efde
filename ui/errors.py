"""The JSON form of errors, and the exception handlers that send it."""

import re
from collections.abc import Callable, Mapping

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from assistant.answer import LONGEST_QUESTION
from index.errors import (
    AlmanacError,
    AnswerTooLargeError,
    BusyError,
    QuestionError,
    RemovedEntryError,
    SettingsError,
    TooManyError,
    UnknownAnswerError,
    UnknownEntryError,
)

_STATUS: tuple[tuple[type[AlmanacError], int], ...] = (
    (QuestionError, 422),
    (TooManyError, 429),
    (AnswerTooLargeError, 413),
    (RemovedEntryError, 410),
    (UnknownEntryError, 404),
    (UnknownAnswerError, 404),
    (SettingsError, 500),
)
_ROUTES_HINT = "/openapi.json lists the routes"
_HINTS = {400: "send JSON as /openapi.json describes it", 404: _ROUTES_HINT, 405: _ROUTES_HINT}
_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large", 429: "too_many_requests"}


def error_body(code: str, message: str) -> dict[str, dict[str, str]]:
    """The JSON body of an error."""
    return {"error": {"code": code, "message": message}}


def install_errors(app: FastAPI, was_removed: Callable[[str], bool] = lambda _entry_id: False) -> None:
    """Make `app` send every error in the same JSON form.

    Args:
        app: The application.
        was_removed: Whether an id that no entry has is the id of an entry that was removed; it may read a file.
    """

    async def unknown_entry(request: Request, error: UnknownEntryError) -> JSONResponse:
        if not await anyio.to_thread.run_sync(was_removed, error.entry_id):
            return await _known_error(request, error)
        hint = "/browse and /api/entries list the entries of the catalogue"
        return await _known_error(request, RemovedEntryError(error.entry_id, hint=hint))

    app.exception_handler(UnknownEntryError)(unknown_entry)
    app.exception_handler(AlmanacError)(_known_error)
    app.exception_handler(RequestValidationError)(invalid_request)
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


async def invalid_request(request: Request, error: RequestValidationError) -> JSONResponse:
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
