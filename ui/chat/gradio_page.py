"""Serves Gradio's page as our own: no links to other hosts, our head, a strict policy, and only the routes we need."""

import asyncio
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.feeds.page_links import feed_links
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
class PageVariant:
    """How the page differs from the plain chat: in a frame of another site it has further attributes and headers."""

    ancestors: str = "'none'"
    """Which sites may frame the page, as `frame-ancestors` lists them."""
    html_attributes: str = ""
    """Attributes of `<html>`, each with a leading space."""
    head: str = ""
    """HTML at the end of the head."""
    headers: tuple[tuple[str, str], ...] = ()


def policy(nonce: str, ancestors: str = "'none'") -> str:
    """The page's Content-Security-Policy.

    `unsafe-eval` is needed (tested): Gradio's HTML component compiles its template and `js_on_load` with `Function`, and
    shows nothing without it. Inline scripts need the nonce, so injected markup cannot run scripts. `unsafe-inline` is
    needed for styles: Svelte and Gradio set style attributes everywhere.
    """
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
        "base-uri 'self'; form-action 'none'; "
        f"frame-ancestors {ancestors}"
    )


def is_open(path: str) -> bool:
    """Whether the chat needs Gradio's route at this path."""
    return _ALLOWED.fullmatch(path) is not None and ".." not in path


_PLAIN = PageVariant()


class GradioPage:
    """ASGI application in front of Gradio's: it passes on the requests that the chat needs and rewrites the page.

    Args:
        app: Gradio's application.
        title: The title of the page.
        description: The description of the page for search engines.
        inputs: What the inputs of each event accept, by the number of the event.
    """

    def __init__(
        self, app: ASGIApp, *, title: str, description: str, inputs: Mapping[int, Sequence[queue_events.Input]]
    ) -> None:
        self._app = app
        self.events = inputs
        """What the inputs of each event accept, by the number of the event."""
        self.closing = asyncio.Event()
        """Set when the server stops: it then closes the streams that Gradio keeps open for each visitor."""
        self._head = _head(title, description)
        self._title = title

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what the chat needs. Anything else is 404: uploads, files, proxies, other tools of Gradio."""
        if scope["type"] != "http":
            return
        # Gradio would let every origin read its responses, with credentials, unless the request is for localhost.
        # The guard has already refused other sites. Without the Origin header, Gradio sends no CORS headers.
        scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"origin"]}
        if not is_open(scope["path"]):
            await refuse(404, "not_found", "there is nothing at this address; the chat is at /", send)
        elif scope["path"] == "/":
            await self.send(scope, receive, send)
        elif scope["path"] == queue_events.PATH:
            body, replay = await queue_events.read(receive)
            if queue_events.is_event(body, self.events):
                await self._app(scope, replay, send)
            else:
                await refuse(422, "invalid_request", queue_events.INVALID_EVENT, send)
        elif _STREAM.fullmatch(scope["path"]):
            await self._stream(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a stream of Gradio. For an unknown session Gradio sends an event and then raises; the error is ignored."""
        last: Message = {}

        async def remember(message: Message) -> None:
            nonlocal last
            last = message
            await send(message)

        try:
            await self._app(scope, lambda: self._until_closing(receive), remember)
        except Exception as error:
            if not last or not _is_unknown_session(error):
                raise
            if last["type"] == "http.response.start" or last.get("more_body"):
                await send({"type": "http.response.body", "body": b""})

    async def _until_closing(self, receive: Receive) -> Message:
        received, closing = asyncio.ensure_future(receive()), asyncio.ensure_future(self.closing.wait())
        try:
            await asyncio.wait({received, closing}, return_when=asyncio.FIRST_COMPLETED)
            return received.result() if received.done() else {"type": "http.disconnect"}
        finally:
            received.cancel()
            closing.cancel()

    async def send(self, scope: Scope, receive: Receive, send: Send, variant: PageVariant = _PLAIN) -> None:
        """Send the chat's page, whatever the path of the request is."""
        # Drop the query: Gradio would load a stored page that it names.
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
            page = self._rewritten(bytes(body), nonce, variant)
            headers = [
                (name, value)
                for name, value in start["headers"]
                if name.lower() not in {b"content-length", b"content-encoding"}
            ]
            headers += [
                (b"content-security-policy", policy(nonce, variant.ancestors).encode("ascii")),
                (b"content-length", str(len(page)).encode("ascii")),
                (b"cache-control", b"no-store"),
                *((name.encode("ascii"), value.encode("ascii")) for name, value in variant.headers),
            ]
            await send({**start, "headers": headers})
            await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else page})

        # The page can only be rewritten uncompressed. Without the Origin header, Gradio sends no CORS headers.
        plain = [pair for pair in scope["headers"] if pair[0].lower() not in {b"accept-encoding", b"origin"}]
        await self._app({**scope, "headers": plain}, receive, collect)

    def _rewritten(self, page: bytes, nonce: str, variant: PageVariant) -> bytes:
        page = _MANIFEST.sub(b"", _OUTSIDE.sub(b"", page))
        # Remove Gradio's messages to the parent page: `embed.js` sends ours, to one parent only.
        page = _TELLS_PARENT.sub(b"", _RESIZER.sub(b"", page))
        page = _HTML.sub(lambda tag: tag[0] + variant.html_attributes.encode("utf-8"), page, count=1)
        page = page.replace(b"</head>", self._head + variant.head.encode("utf-8") + b"</head>", 1)
        page = _BODY.sub(lambda tag: tag[0] + _boot(self._title), page, count=1)
        return _SCRIPT.sub(b'<script nonce="%s"' % nonce.encode("ascii"), page)


def _is_unknown_session(error: BaseException | None) -> bool:
    """Whether this is the error that ends Gradio's stream for a session that does not exist, or no longer."""
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
        f'<link rel="icon" type="image/svg+xml" href="{static("icon.svg")}">{feed_links(".")}'
        f'<link rel="stylesheet" href="{static("chat.css")}">'
        f'<link rel="stylesheet" href="{static("panel.css")}">'
        f'<link rel="stylesheet" href="{static("verdict.css")}">'
        f'<link rel="stylesheet" href="{static("past.css")}">'
        f'<link rel="stylesheet" href="{static("export.css")}">'
        f'<link rel="stylesheet" href="{static("gradio.css")}">'
        # Not deferred: the reader's choice of light or dark colours must be set before the first paint.
        f'<script src="{static("chat.js")}"></script>'
        f'<script src="{static("shared.js")}"></script>'
        f'<script src="{static("store.js")}"></script>'
        # Before Gradio's own scripts: it wraps `fetch` and listens to the keys of the box first.
        f'<script src="{static("conversation.js")}"></script>'
        f'<script src="{static("past.js")}" defer></script>'
        f'<script src="{static("verdict.js")}" defer></script>'
        f'<script src="{static("export.js")}" defer></script>'
    ).encode()


def _boot(title: str) -> bytes:
    return (
        f'<div class="boot" aria-hidden="true"><span class="emblem"></span><p>{title}</p></div>'
        f"<noscript><p class=boot>{title} needs JavaScript in the browser; "
        '<a href="browse">the almanac itself</a> can be read without it.</p></noscript>'
    ).encode()
