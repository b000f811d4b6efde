"""Error pages: a browser that opens a page gets HTML instead of the JSON error that programs get."""

import json
from collections.abc import Callable

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.settings.serving import ServingSettings
from index.catalogue import Catalogue

from .layout import POLICY, PageMeta, SiteLinks, page

_API_PATHS = ("/api/", "/v1/", "/mcp", "/gradio_api/", "/openapi.json", "/embed")
_MAX_BODY = 10_000
"""Bytes of each piece of a JSON error that are read."""
_TITLES = {
    401: "Login required",
    403: "Access denied",
    405: "Method not allowed",
    404: "Page not found",
    410: "Removed",
    413: "Request too large",
    422: "Invalid request",
    429: "Too many requests",
    503: "Temporarily unavailable",
}
_DEFAULT_TITLE = "Something went wrong"
_REPLACED_HEADERS = {b"content-type", b"content-length", b"content-security-policy"}


class HtmlErrors:
    """ASGI middleware that replaces JSON errors by pages where a browser opens a page.

    Args:
        app: The application.
        settings: The public address, and whether there is a login.
        catalogue: Returns the catalogue in use.
    """

    def __init__(self, app: ASGIApp, *, settings: ServingSettings, catalogue: Callable[[], Catalogue]) -> None:
        self._app = app
        self._settings = settings
        self._catalogue = catalogue
        # With a login, the visitor may not be logged in: the page must not tell anything about the catalogue.
        self._needs_login = settings.has_login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on one request and replace its error, if there is one."""
        if scope["type"] != "http" or not _is_page_visit(scope):
            await self._app(scope, receive, send)
            return
        error_start: Message | None = None
        body = bytearray()

        async def replace_error(message: Message) -> None:
            nonlocal error_start
            if message["type"] == "http.response.start" and _is_json_error(message):
                error_start = message
            elif error_start is None:
                await send(message)
            elif message["type"] == "http.response.body":
                body.extend(message.get("body", b"")[:_MAX_BODY])
                if not message.get("more_body"):
                    await self._send_page(scope, error_start, bytes(body), send)

        await self._app(scope, receive, replace_error)

    async def _send_page(self, scope: Scope, start: Message, body: bytes, send: Send) -> None:
        title = _TITLES.get(start["status"], _DEFAULT_TITLE)
        html = page(
            "error.html",
            title=title,
            links=SiteLinks.of(Request(scope), self._settings),
            meta=PageMeta(noindex=True),
            catalogue=None if self._needs_login else self._catalogue(),
            status=start["status"],
            sentences=_sentences(_message(body)),
        ).encode("utf-8", "replace")
        headers = [(name, value) for name, value in start.get("headers", ()) if name.lower() not in _REPLACED_HEADERS]
        headers += [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", str(len(html)).encode("ascii")),
            (b"content-security-policy", POLICY.encode("ascii")),
        ]
        await send({**start, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else html})


def _is_page_visit(scope: Scope) -> bool:
    """Whether a browser opens a page: browsers accept `text/html` explicitly, API clients do not."""
    if (
        scope["method"] not in {"GET", "HEAD"}
        or scope["path"].startswith(_API_PATHS)
        or scope["path"].endswith(".json")
    ):
        return False
    accept = dict(scope["headers"]).get(b"accept", b"")
    return b"text/html" in accept.lower()


def _is_json_error(start: Message) -> bool:
    content_type = next((value for name, value in start.get("headers", ()) if name.lower() == b"content-type"), b"")
    return start["status"] >= 400 and content_type.startswith(b"application/json")


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return ""


def _sentences(message: str) -> list[str]:
    """The message and its hint, each as a sentence."""
    problem, _, hint = message.partition("; ")
    return [
        part[:1].upper() + part[1:] + ("" if part.endswith((".", "?")) else ".") for part in (problem, hint) if part
    ]
