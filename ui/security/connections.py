"""Limits on connections: how many a client may hold open, and how long a slow one may take.

Uvicorn waits without limit for a request's head, and for a client that does not read its response. This module adds
timeouts for both.
"""

import asyncio
from collections import Counter
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from assistant.settings.serving import ServingSettings

from .proxies import Proxies, client_key
from .strict_http import StrictConnection

try:
    import resource
except ImportError:  # pragma: no cover -- Windows, where sockets do not count as open files
    resource = None  # type: ignore[assignment]

PER_CLIENT = 128
"""Connections of one client. A browser opens six, and an office has many browsers behind one address."""
MAX_CONNECTIONS = 4_000
"""Connections of all clients together."""
_RESERVED_FILES = 256
"""File descriptors that the process needs for other things: index, database, libraries."""
HEAD_SECONDS = 10.0
"""Time for a request's head to arrive, from the start of the connection or from the head's first byte."""
STALLED_SECONDS = 60.0
"""Time after which a client that does not read its response is disconnected."""
LINGER_SECONDS = 5.0
"""Time for which the server still accepts an unwanted body, so that the sender can read the response."""
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-type: application/json\r\nretry-after: 30\r\n"
    b"content-length: %d\r\n\r\n%b"
)
_FULL_BODY = b'{"error": {"code": "busy", "message": "too many connections are open; close some or try again in 30 s"}}'
_MAX_HEAD_BYTES = 16_384
"""The largest request line with headers."""
_HEAD_TIMEOUT = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Connections:
    """Counts open connections, in total and per client.

    Args:
        proxies: The trusted proxies. Their connections carry many clients, so the limit per client does not apply.
        per_client: Limit for one client.
        in_all: Limit for all clients together.
    """

    def __init__(self, proxies: Proxies, *, per_client: int = PER_CLIENT, in_all: int = MAX_CONNECTIONS) -> None:
        self._proxies = proxies
        self._per_client = per_client
        self._in_all = in_all
        self._open: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._open.total()

    def enter(self, host: str) -> str | None:
        """Count a new connection. Returns the key to pass to `leave`, or None if a limit is reached."""
        key = client_key(host)
        if len(self) >= self._in_all:
            return None
        if self._open[key] >= self._per_client and not self._proxies.trusted(host):
            return None
        self._open[key] += 1
        return key

    def leave(self, key: str) -> None:
        """A counted connection has ended."""
        self._open[key] -= 1
        if not self._open[key]:
            del self._open[key]


class LimitedConnection(H11Protocol):
    """Uvicorn's HTTP connection with limits and timeouts. `server_options` makes the subclass that a server uses."""

    shared: Connections
    head_seconds = HEAD_SECONDS
    stalled_seconds = STALLED_SECONDS
    linger_seconds = LINGER_SECONDS

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.conn = StrictConnection(h11.SERVER, _MAX_HEAD_BYTES)
        self._key: str | None = None
        self._head: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._linger: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count the connection, or answer 503 and close it."""
        peer = transport.get_extra_info("peername")
        self._key = self.shared.enter(str(peer[0]) if peer else "")
        super().connection_made(transport)
        if self._key is None:
            transport.write(_FULL % (len(_FULL_BODY), _FULL_BODY))
            self._close()
        else:
            self._head = self.loop.call_later(self.head_seconds, self._on_head_timeout)

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timers and stop counting the connection."""
        for timer in (self._head, self._stalled, self._linger):
            self._cancelled(timer)
        if self._key is not None:
            self.shared.leave(self._key)
            self._key = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Process data, and start or stop the timers for head and body."""
        if self._key is None or self.transport.is_closing():
            return
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._head = self._cancelled(self._head)
        elif self._head is None and self.conn.trailing_data[0]:
            self._head = self.loop.call_later(self.head_seconds, self._on_head_timeout)
        if self.conn.their_state is not h11.SEND_BODY:
            self._linger = self._cancelled(self._linger)

    def send_400_response(self, msg: str) -> None:
        """Answer 400 if no response has started, then close.

        The application may still be working on this request. Its output is discarded from now on: uvicorn would pass it
        to h11, which raises an error on a second response.
        """
        cycle = self.cycle if self.cycle is not None and not self.cycle.response_complete else None
        started = cycle is not None and cycle.response_started
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        if not started and self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            super().send_400_response(msg)
        else:
            self._close()

    def on_response_complete(self) -> None:
        """As in uvicorn, but an unwanted body keeps the connection open only for a limited time."""
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY and self._linger is None:
            self._linger = self.loop.call_later(self.linger_seconds, self._close)

    def pause_writing(self) -> None:
        """The client reads too slowly. Disconnect it if that lasts."""
        super().pause_writing()
        self._stalled = self.loop.call_later(self.stalled_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """The client reads again."""
        self._stalled = self._cancelled(self._stalled)
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """No further request came. Close, even if the client has not read the whole last response."""
        super().timeout_keep_alive_handler()
        self._close()

    @staticmethod
    def _cancelled(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
        if timer is not None:
            timer.cancel()
        return None

    def _on_head_timeout(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(_HEAD_TIMEOUT)
            self._close()

    def _close(self) -> None:
        self.transport.close()
        if self._stalled is None:
            # A closing transport waits without limit for the client to read the rest.
            self._stalled = self.loop.call_later(self.stalled_seconds, self.transport.abort)


def server_options(settings: ServingSettings, **changed: float) -> dict[str, Any]:
    """The options for uvicorn. `changed` overrides timeouts by their attribute names in `LimitedConnection`."""
    shared = Connections(Proxies(settings.trusted_proxies), in_all=capacity())
    return {
        "http": type("ServedConnection", (LimitedConnection,), {"shared": shared, **changed}),
        "ws": "none",
        "proxy_headers": False,  # our middleware reads them; uvicorn would trust every client on this machine
        "server_header": False,
        "timeout_keep_alive": 5,
    }


def capacity() -> int:
    """The number of connections that this process can have open at once."""
    return max(64, min(MAX_CONNECTIONS, _max_open_files() - _RESERVED_FILES))


def _max_open_files() -> int:
    """Raise the limit of open files as far as needed and allowed, since each connection is one. Returns the limit."""
    if resource is None:
        return MAX_CONNECTIONS + _RESERVED_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + _RESERVED_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return wanted if soft == resource.RLIM_INFINITY else soft
