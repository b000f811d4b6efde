"""What no request may do, in the order in which it is cheapest to find out; and what every response carries."""

import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.settings.serving import ServingSettings

from .headers import OtherSites, guarded
from .login import OPEN, Login
from .paths import refused as path_refused
from .proxies import Proxies, client_key
from .rate_limits import Limits, Visitor
from .refusals import Refusal, refuse
from .request_bodies import Bodies, Gone, headers_refused, replayed
from .widget_tokens import HEADER, WidgetTokens

__all__ = ["STREAMS", "STREAMS_PER_CLIENT", "SecurityMiddleware", "refuse"]
log = logging.getLogger(__name__)

STREAMS_PER_CLIENT = 48
"""Streams of one kind that one client may hold open: as many readers of one office."""
STREAMS = 1_200
"""Streams of one kind in all; where fewer connections can be had, fewer, so that they leave room for requests."""
_COSTS = re.compile(r"(?:GET|POST) /api/(?:ask|ask/stream|search)|POST /v1/chat/completions")
_COSTS_WITH_A_QUESTION = re.compile(r"(?:GET|HEAD) /(?:feed|feed\.json|browse)")
_WRITES = re.compile(r"POST /api/(?:feedback|answers/[^/]+/share)")
_JOIN = "POST /gradio_api/queue/join"
_TOOLS = "POST /mcp"
_STREAM = re.compile(r"GET (/gradio_api/(?:queue/data|heartbeat)|/mcp)(?:/[^/]*)?")
_ANY_WAIT = "too many questions from this address in one minute"


class SecurityMiddleware:
    """Stands before the application.

    Args:
        app: The application.
        settings: Who may do how much.
        limits: The buckets, shared with the chat, which asks them itself.
        sessions: Reads the widget's tokens.
        access: The login.
        full: Whether no further question can be taken just now.
        bodies: Reads bodies.
        streams: Streams of one kind in all.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        settings: ServingSettings,
        limits: Limits,
        sessions: WidgetTokens,
        access: Login,
        full: Callable[[], bool] = lambda: False,
        bodies: Bodies | None = None,
        streams: int = STREAMS,
    ) -> None:
        self._app = app
        self._limits = limits
        self._sessions = sessions
        self._full = full
        self._access = access
        self._bodies = bodies or Bodies()
        self._proxies = Proxies(settings.trusted_proxies, identity=access.header)
        self._others = OtherSites(settings)
        self._most_streams = streams
        self._streams: Counter[tuple[str, str]] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request through."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, asked: Scope, receive: Receive, send: Send) -> None:
        peer = asked["client"][0] if asked.get("client") else ""
        scope = self._proxies.corrected(asked)
        headers = Headers(scope=scope)
        shared_with = self._others.shared_with(scope, headers)
        send = guarded(send, scope, shared_with)
        visitor = self._visitor(scope, headers, shared_with)
        scope["state"] = {**scope.get("state", {}), "visitor": visitor}
        wrong_host = self._others.wrong_host(scope, headers, proxied=self._proxies.trusted(peer))
        if refusal := wrong_host or headers_refused(headers):
            await refusal.send(send)
        elif scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await _preflight(self._others.preflight(headers, shared_with), send)
        else:
            await self._admitted(scope, headers, visitor, shared_with, receive, send)

    def _visitor(self, scope: Scope, headers: Headers, shared_with: str | None) -> Visitor:
        token = headers.get(HEADER)
        site = self._sessions.site(token) if token else shared_with
        return Visitor(client_key(scope["client"][0] if scope.get("client") else ""), site)

    async def _admitted(
        self, scope: Scope, headers: Headers, visitor: Visitor, shared_with: str | None, receive: Receive, send: Send
    ) -> None:
        action = f"{scope['method']} {scope['path'].rstrip('/')}"
        costs = _costs(action, scope["query_string"])
        refusal = (
            path_refused(scope)
            or self._access.refused(scope["path"], headers, visitor)
            or self._others.refused(scope, headers, shared_with, costs=costs)
            or self._limited(action, visitor, costs=costs)
        )
        if refusal is not None:
            await refusal.send(send)
            return
        if "content-length" in headers or "transfer-encoding" in headers:
            try:
                body = await self._bodies.read(receive)
            except Gone:
                return
            if isinstance(body, bytes) and action == _TOOLS and (wait := self._tools(body, visitor)):
                body = _too_many(wait)
            if isinstance(body, Refusal):
                await body.send(send)
                return
            receive = replayed(body, receive)
        with self._stream(action, visitor) as full:
            await (full.send(send) if full else self._answered(scope, receive, send))

    def _limited(self, action: str, visitor: Visitor, *, costs: bool) -> Refusal | None:
        if costs and self._full():
            # Nothing is taken from the bucket: it is not this client's doing.
            return Refusal.later(503, "busy", "too many questions are being answered just now", 5)
        if costs:
            wait = self._limits.question(visitor)
        elif action == _JOIN:
            wait = self._limits.join(visitor)
        elif _WRITES.fullmatch(action):
            wait = self._limits.write(visitor)
        elif action.partition(" ")[2] in OPEN:
            wait = 0
        else:
            wait = self._limits.page(visitor)
        return _too_many(wait) if wait else None

    def _tools(self, body: bytes, visitor: Visitor) -> int:
        """What a message of the Model Context Protocol costs: a tool's call is a question, and so is all we cannot read."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            message = None
        free = isinstance(message, dict) and message.get("method", "") != "tools/call"
        return 0 if free else self._limits.question(visitor)

    @contextmanager
    def _stream(self, action: str, visitor: Visitor) -> Iterator[Refusal | None]:
        found = _STREAM.fullmatch(action)
        if found is None:
            yield None
            return
        places = ((found[1], visitor.client), (found[1], ""))
        if any(
            self._streams[place] >= most
            for place, most in zip(places, (STREAMS_PER_CLIENT, self._most_streams), strict=True)
        ):
            self._limits.tally.add("streams_refused")
            yield Refusal.later(429, "too_many_requests", "too many pages are open from this address", 30)
            return
        self._streams.update(places)
        try:
            yield None
        finally:
            self._streams.subtract(places)
            if not self._streams[places[0]]:
                del self._streams[places[0]]

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception:
            # Around this stands only the framework's last handler, whose response would carry none of the headers.
            if started:
                raise
            log.exception("a request failed: %s %r", scope["method"], scope["path"])
            await Refusal(500, "internal", "something went wrong here; the server's log says more").send(send)


def _costs(action: str, query: bytes) -> bool:
    if _COSTS.fullmatch(action):
        return True
    # Read as the application will read it: a name may come percent-encoded.
    return _COSTS_WITH_A_QUESTION.fullmatch(action) is not None and "q" in dict(parse_qsl(query.decode("latin-1")))


def _too_many(wait: int) -> Refusal:
    return Refusal.later(429, "too_many_requests", _ANY_WAIT, wait)


async def _preflight(answer: tuple[tuple[bytes, bytes], ...] | Refusal, send: Send) -> None:
    if isinstance(answer, Refusal):
        await answer.send(send)
        return
    await send({"type": "http.response.start", "status": 204, "headers": list(answer)})
    await send({"type": "http.response.body", "body": b""})
