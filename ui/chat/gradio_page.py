"""Gradio's page made ours: no outside address, our head, a strict policy, and only the routes that the chat needs."""

import asyncio
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.feeds.page_links import alternates
from ui.security.refusals import refuse
from ui.urls import static

from . import queue_events

_ALLOWED = re.compile(
    r"/|/config/?|/theme\.css|/(?:assets|static)/[\w./-]+"
    r"|/gradio_api/(?:queue/(?:join|data)|cancel|reset/?|heartbeat/\w+|startup-events|app_id/?|theme\.css)"
)
_STREAM = re.compile(r"/gradio_api/(?:queue/data|heartbeat/\w+)")
_OUTSIDE = re.compile(rb"""<(?:meta|link)\b[^>]*?(?:property="og:|name="twitter:|(?:href|content)="https?:)[^>]*>""")
_MANIFEST = re.compile(rb"""<link\b[^>]*rel="manifest"[^>]*>""")
_RESIZER = re.compile(
    rb"<script>(?:(?!</script>).)*?iframeResizer\.contentWindow(?:(?!</script>).)*</script>", re.DOTALL
)
_TELLS_PARENT = re.compile(rb"window\.parent\?\.postMessage\((?:(?!</script>).)*?\);", re.DOTALL)
_HTML = re.compile(rb"<html\b")
_SCRIPT = re.compile(rb"<script\b")
_BODY = re.compile(rb"<body\b[^>]*>")


@dataclass(frozen=True, slots=True)
class Guise:
    """What the page is besides the chat: nothing by itself, more in a frame of another site's page."""

    ancestors: str = "'none'"
    """Whose pages may frame it, as its policy says it."""
    root: str = ""
    """Attributes of `<html>`, each with a leading space."""
    head: str = ""
    """Ready-made HTML at the end of the head."""
    headers: tuple[tuple[str, str], ...] = ()


def policy(nonce: str, ancestors: str = "'none'") -> str:
    """The page's Content-Security-Policy.

    `unsafe-eval`: measured; Gradio's HTML component compiles its template and `js_on_load` with `Function`, and shows
    nothing without it. Inline scripts run only with the nonce, so that markup which slipped through could run none.
    `unsafe-inline` for styles: Svelte and Gradio set style attributes throughout.
    """
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
        "base-uri 'self'; form-action 'none'; "
        f"frame-ancestors {ancestors}"
    )


def is_open(path: str) -> bool:
    """Whether the chat needs what Gradio has at this path."""
    return _ALLOWED.fullmatch(path) is not None and ".." not in path


_PLAIN = Guise()


class Shell:
    """Stands before Gradio's application."""

    def __init__(
        self, app: ASGIApp, *, title: str, description: str, inputs: Mapping[int, Sequence[queue_events.Input]]
    ) -> None:
        self._app = app
        self.events = inputs
        """What the inputs of each of the chat's events take, by its number."""
        self.closing = asyncio.Event()
        """Set when the server ends: the streams that Gradio keeps open for each visitor are then let go."""
        self._head = _head(title, description)
        self._title = title

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what the chat needs; all else is not there: uploads, files, proxies, other people's tools."""
        if scope["type"] != "http":
            return
        # Gradio lets every origin read what it answers, with credentials, unless it is asked on this machine's own name.
        # The guard has turned other sites away already; without the header there is nothing to let in.
        scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"origin"]}
        if not is_open(scope["path"]):
            await refuse(404, "not_found", "there is nothing at this address; / is the chat", send)
        elif scope["path"] == "/":
            await self.page(scope, receive, send)
        elif scope["path"] == queue_events.PATH:
            body, again = await queue_events.read(receive)
            if queue_events.is_event(body, self.events):
                await self._app(scope, again, send)
            else:
                await refuse(422, "invalid_request", queue_events.WRONG, send)
        elif _STREAM.fullmatch(scope["path"]):
            await self._streamed(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _streamed(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A stream of Gradio's. It sends that a session is not known as an event, and then raises all the same."""
        last: Message = {}

        async def noted(message: Message) -> None:
            nonlocal last
            last = message
            await send(message)

        try:
            await self._app(scope, lambda: self._until_closing(receive), noted)
        except Exception as error:
            if not last or not _is_unknown_session(error):
                raise
            if last["type"] == "http.response.start" or last.get("more_body"):
                await send({"type": "http.response.body", "body": b""})

    async def _until_closing(self, receive: Receive) -> Message:
        heard, closing = asyncio.ensure_future(receive()), asyncio.ensure_future(self.closing.wait())
        try:
            await asyncio.wait({heard, closing}, return_when=asyncio.FIRST_COMPLETED)
            return heard.result() if heard.done() else {"type": "http.disconnect"}
        finally:
            heard.cancel()
            closing.cancel()

    async def page(self, scope: Scope, receive: Receive, send: Send, guise: Guise = _PLAIN) -> None:
        """The chat's page, whatever address was asked for."""
        # Without its query: Gradio would read a stored page named there.
        scope = {**scope, "path": "/", "raw_path": b"/", "query_string": b""}
        start: Message = {}
        body = bytearray()

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            if message["type"] != "http.response.body":
                return
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            nonce = secrets.token_urlsafe(16)
            page = self._rewritten(bytes(body), nonce, guise)
            kept = [
                (name, value)
                for name, value in start["headers"]
                if name.lower() not in {b"content-length", b"content-encoding"}
            ]
            kept += [
                (b"content-security-policy", policy(nonce, guise.ancestors).encode("ascii")),
                (b"content-length", str(len(page)).encode("ascii")),
                (b"cache-control", b"no-store"),
                *((name.encode("ascii"), value.encode("ascii")) for name, value in guise.headers),
            ]
            await send({**start, "headers": kept})
            await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else page})

        # Only an unpacked page can be rewritten; and Gradio lets whatever origin asks read it.
        plain = [pair for pair in scope["headers"] if pair[0].lower() not in {b"accept-encoding", b"origin"}]
        await self._app({**scope, "headers": plain}, receive, collect)

    def _rewritten(self, page: bytes, nonce: str, guise: Guise) -> bytes:
        page = _MANIFEST.sub(b"", _OUTSIDE.sub(b"", page))
        # Gradio's talk with a page around it: ours is in `embed.js`, and listens to one parent alone.
        page = _TELLS_PARENT.sub(b"", _RESIZER.sub(b"", page))
        page = _HTML.sub(lambda tag: tag[0] + guise.root.encode("utf-8"), page, count=1)
        page = page.replace(b"</head>", self._head + guise.head.encode("utf-8") + b"</head>", 1)
        page = _BODY.sub(lambda tag: tag[0] + _boot(self._title), page, count=1)
        return _SCRIPT.sub(b'<script nonce="%s"' % nonce.encode("ascii"), page)


def _is_unknown_session(error: BaseException | None) -> bool:
    """Whether this is how Gradio's stream ends for a session that is not there, or no longer."""
    while error is not None:
        if isinstance(error, HTTPException) and error.status_code == 404:
            return True
        error = error.__cause__
    return False


def _head(title: str, description: str) -> bytes:
    return (
        f"<title>{title}</title>"
        f'<meta name="description" content="{description}">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="theme-color" content="#faf7f0" media="(prefers-color-scheme: light)">'
        '<meta name="theme-color" content="#15181a" media="(prefers-color-scheme: dark)">'
        f'<link rel="icon" type="image/svg+xml" href="{static("icon.svg")}">{alternates(".")}'
        f'<link rel="stylesheet" href="{static("chat.css")}">'
        f'<link rel="stylesheet" href="{static("panel.css")}">'
        f'<link rel="stylesheet" href="{static("verdict.css")}">'
        f'<link rel="stylesheet" href="{static("gradio.css")}">'
        # Not deferred: the reader's choice of light or dark must stand before the first paint.
        f'<script src="{static("chat.js")}"></script>'
        f'<script src="{static("verdict.js")}" defer></script>'
    ).encode()


def _boot(title: str) -> bytes:
    return (
        f'<div class="boot" aria-hidden="true"><span class="emblem"></span><p>{title}</p></div>'
        f"<noscript><p class=boot>{title} needs JavaScript in the browser; "
        '<a href="browse">the almanac itself</a> can be read without it.</p></noscript>'
    ).encode()
