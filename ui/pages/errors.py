"""Errors for people: a browser that asked for a page gets one; programs keep the one shape in JSON."""

import json
from collections.abc import Callable

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.settings.serving import ServingSettings
from index.catalogue import Catalogue
from ui.html import text, with_code

from .layout import POLICY, About, Place, page

_PROGRAMS = ("/api/", "/v1/", "/mcp", "/gradio_api/", "/openapi.json", "/embed")
_LARGEST = 10_000
_TITLES = {
    401: "A login is needed",
    403: "This is not open to you",
    405: "That cannot be done here",
    404: "There is nothing here",
    413: "That is too large",
    422: "That cannot be read",
    429: "One moment, please",
    503: "This does not work just now",
}
_DROPPED = {b"content-type", b"content-length", b"content-security-policy"}


class HtmlErrors:
    """Makes a page of an error, where a browser asked for a page."""

    def __init__(self, app: ASGIApp, *, settings: ServingSettings, catalogue: Callable[[], Catalogue]) -> None:
        self._app = app
        self._settings = settings
        self._catalogue = catalogue
        # With a login, an error page may go to somebody who has not logged in: it says nothing of the catalogue.
        self._closed = settings.has_login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request through."""
        if scope["type"] != "http" or not _is_visit(scope):
            await self._app(scope, receive, send)
            return
        held: Message | None = None
        body = bytearray()

        async def pages(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and _is_error(message):
                held = message
            elif held is None:
                await send(message)
            elif message["type"] == "http.response.body":
                body.extend(message.get("body", b"")[:_LARGEST])
                if not message.get("more_body"):
                    await self._send(scope, held, bytes(body), send)

        await self._app(scope, receive, pages)

    async def _send(self, scope: Scope, start: Message, body: bytes, send: Send) -> None:
        status = start["status"]
        place = Place.of(Request(scope), self._settings)
        html = page(
            _TITLES.get(status, "That did not work"),
            _body(status, _message(body), place),
            place=place,
            about=About(hidden=True),
            catalogue=None if self._closed else self._catalogue(),
        ).encode("utf-8", "replace")
        headers = [(name, value) for name, value in start.get("headers", ()) if name.lower() not in _DROPPED]
        headers += [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", str(len(html)).encode("ascii")),
            (b"content-security-policy", POLICY.encode("ascii")),
        ]
        await send({**start, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else html})


def _is_visit(scope: Scope) -> bool:
    """Whether somebody opens a page: a browser asks for `text/html` by name, and programs do not."""
    if scope["method"] not in {"GET", "HEAD"} or scope["path"].startswith(_PROGRAMS) or scope["path"].endswith(".json"):
        return False
    accepted = dict(scope["headers"]).get(b"accept", b"")
    return b"text/html" in accepted.lower()


def _is_error(start: Message) -> bool:
    kind = next((value for name, value in start.get("headers", ()) if name.lower() == b"content-type"), b"")
    return start["status"] >= 400 and kind.startswith(b"application/json")


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return ""


def _body(status: int, message: str, place: Place) -> str:
    said, _, mend = message.partition("; ")
    parts = [part[:1].upper() + part[1:] + ("" if part.endswith((".", "?")) else ".") for part in (said, mend) if part]
    told = "".join(f"<p>{with_code(part)}</p>" for part in parts)
    return (
        f'<div class="missing"><p class="kicker"><span class="badge">{status}</span></p>'
        f"<h1>{text(_TITLES.get(status, 'That did not work'))}</h1>{told}"
        f'<p><a href="{place.to("browse")}">Browse the almanac</a> or <a href="{place.to("")}">ask a question</a>.</p></div>'
    )
