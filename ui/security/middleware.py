"""Checks every request before the application sees it, cheapest checks first, and adds headers to every response."""

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

from .headers import OtherSites, with_security_headers
from .login import OPEN, Login
from .paths import refused as path_refused
from .proxies import Proxies, client_key
from .rate_limits import Limits, Visitor
from .refusals import Refusal, refuse
from .request_bodies import Bodies, ClientDisconnected, headers_refused, replayed
from .widget_tokens import HEADER, WidgetTokens

__all__ = ["STREAMS", "STREAMS_PER_CLIENT", "SecurityMiddleware", "refuse"]
log = logging.getLogger(__name__)

STREAMS_PER_CLIENT = 48
"""Streams of one kind that one client may hold open. An office shares one address."""
STREAMS = 1_200
"""Streams of one kind in total. Fewer if the process can open fewer connections, to leave room for requests."""
_COSTS = re.compile(r"(?:GET|POST) /api/(?:ask|ask/stream|search)|POST /v1/chat/completions")
_COSTS_WITH_A_QUESTION = re.compile(r"(?:GET|HEAD) /(?:feed|feed\.json|browse)")
_WRITES = re.compile(r"POST /api/(?:feedback|answers/[^/]+/share)")
_JOIN = "POST /gradio_api/queue/join"
_TOOLS = "POST /mcp"
_STREAM = re.compile(r"GET (/gradio_api/(?:queue/data|heartbeat)|/mcp)(?:/[^/]*)?")
_TOO_MANY = "too many questions from this address in one minute"


class SecurityMiddleware:
    """ASGI middleware that checks host, origin, login, rate limits and body of each request.

    Args:
        app: The application.
        settings: Limits, trusted proxies and allowed origins.
        limits: The rate limits. The chat shares them and counts its questions itself.
        sessions: Reads the widget's tokens.
        access: Checks the login.
        full: Returns whether the server cannot take another question now.
        bodies: Reads request bodies.
        streams: Limit for streams of one kind, all clients together.
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
        """Handle one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, original: Scope, receive: Receive, send: Send) -> None:
        peer = original["client"][0] if original.get("client") else ""
        scope = self._proxies.corrected(original)
        headers = Headers(scope=scope)
        shared_with = self._others.shared_with(scope, headers)
        send = with_security_headers(send, scope, shared_with)
        visitor = self._visitor(scope, headers, shared_with)
        scope["state"] = {**scope.get("state", {}), "visitor": visitor}
        wrong_host = self._others.wrong_host(scope, headers, proxied=self._proxies.trusted(peer))
        if refusal := wrong_host or headers_refused(headers):
            await refusal.send(send)
        elif scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await _preflight(self._others.preflight(headers, shared_with), send)
        else:
            await self._check_and_answer(scope, headers, visitor, shared_with, receive, send)

    def _visitor(self, scope: Scope, headers: Headers, shared_with: str | None) -> Visitor:
        token = headers.get(HEADER)
        site = self._sessions.site(token) if token else shared_with
        return Visitor(client_key(scope["client"][0] if scope.get("client") else ""), site)

    async def _check_and_answer(
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
            except ClientDisconnected:
                return
            if isinstance(body, bytes) and action == _TOOLS and (wait := self._charge_tool_call(body, visitor)):
                body = _too_many(wait)
            if isinstance(body, Refusal):
                await body.send(send)
                return
            receive = replayed(body, receive)
        with self._stream(action, visitor) as full:
            await (full.send(send) if full else self._answer(scope, receive, send))

    def _limited(self, action: str, visitor: Visitor, *, costs: bool) -> Refusal | None:
        if costs and self._full():
            # Takes no token from the client, because others use up the capacity.
            return Refusal.retry_later(503, "busy", "too many questions are being answered just now", 5)
        if costs:
            wait = self._limits.question(visitor)
        elif action == _JOIN:
            wait = self._limits.chat_event(visitor)
        elif _WRITES.fullmatch(action):
            wait = self._limits.write(visitor)
        elif action.partition(" ")[2] in OPEN:
            wait = 0
        else:
            wait = self._limits.page(visitor)
        return _too_many(wait) if wait else None

    def _charge_tool_call(self, body: bytes, visitor: Visitor) -> int:
        """Charge an MCP message: a tool call costs a question, and so does a body that is not valid.

        Returns:
            Seconds to wait; 0 if the message may pass.
        """
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            message = None
        free = isinstance(message, dict) and message.get("method", "") != "tools/call"
        return 0 if free else self._limits.question(visitor)

    @contextmanager
    def _stream(self, action: str, visitor: Visitor) -> Iterator[Refusal | None]:
        match = _STREAM.fullmatch(action)
        if match is None:
            yield None
            return
        places = ((match[1], visitor.client), (match[1], ""))
        if any(
            self._streams[place] >= most
            for place, most in zip(places, (STREAMS_PER_CLIENT, self._most_streams), strict=True)
        ):
            self._limits.tally.add("streams_refused")
            yield Refusal.retry_later(429, "too_many_requests", "too many pages are open from this address", 30)
            return
        self._streams.update(places)
        try:
            yield None
        finally:
            self._streams.subtract(places)
            if not self._streams[places[0]]:
                del self._streams[places[0]]

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_noting_start(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, send_noting_start)
        except Exception:
            # Only the framework's last error handler is outside of this, and its response would lack our headers.
            if started:
                raise
            log.exception("a request failed: %s %r", scope["method"], scope["path"])
            await Refusal(500, "internal", "internal error; the server's log has the details").send(send)


def _costs(action: str, query: bytes) -> bool:
    if _COSTS.fullmatch(action):
        return True
    # Parsed like in the application: the parameter's name may be percent-encoded.
    return _COSTS_WITH_A_QUESTION.fullmatch(action) is not None and "q" in dict(parse_qsl(query.decode("latin-1")))


def _too_many(wait: int) -> Refusal:
    return Refusal.retry_later(429, "too_many_requests", _TOO_MANY, wait)


async def _preflight(answer: tuple[tuple[bytes, bytes], ...] | Refusal, send: Send) -> None:
    if isinstance(answer, Refusal):
        await answer.send(send)
        return
    await send({"type": "http.response.start", "status": 204, "headers": list(answer)})
    await send({"type": "http.response.body", "body": b""})
