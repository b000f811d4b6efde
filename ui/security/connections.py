"""The server's side of a connection: who may hold how many, and how long a slow one is borne with.

Uvicorn waits for a request's head for ever, and for a reader who takes nothing off the wire. Here both have an end.
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
except ImportError:  # pragma: no cover -- not on Windows, where sockets are no files
    resource = None  # type: ignore[assignment]

PER_CLIENT = 128
"""Connections of one client: a browser opens six, and an office has many browsers behind one address."""
IN_ALL = 4_000
_OWN_FILES = 256
"""Files that the process needs besides connections: the index, the database, the libraries."""
HEAD_SECONDS = 10.0
"""In which a request's head must have come, from the connection's first moment or the head's first byte."""
STALLED_SECONDS = 60.0
"""After which a reader who takes nothing is let go."""
LINGER_SECONDS = 5.0
"""For which a body that nobody reads may still come, so that its sender can read why."""
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-type: application/json\r\nretry-after: 30\r\n"
    b"content-length: %d\r\n\r\n%b"
)
_FULL_WORDS = (
    b'{"error": {"code": "busy", "message": "too many connections are open; close some or try again in 30 s"}}'
)
_LONGEST_HEAD = 16_384
"""Bytes of a request's line and headers."""
_LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Connections:
    """How many connections are open, in all and for each client.

    Args:
        proxies: Their connections carry many clients and are not counted as one.
        per_client: Most for one client.
        in_all: Most for all.
    """

    def __init__(self, proxies: Proxies, *, per_client: int = PER_CLIENT, in_all: int = IN_ALL) -> None:
        self._proxies = proxies
        self._per_client = per_client
        self._in_all = in_all
        self._open: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._open.total()

    def enter(self, host: str) -> str | None:
        """The key under which a new connection is counted; None where there is no room for it."""
        key = client_key(host)
        if len(self) >= self._in_all:
            return None
        if self._open[key] >= self._per_client and not self._proxies.trusted(host):
            return None
        self._open[key] += 1
        return key

    def leave(self, key: str) -> None:
        """A connection that was counted is gone."""
        self._open[key] -= 1
        if not self._open[key]:
            del self._open[key]


class LimitedConnection(H11Protocol):
    """Uvicorn's connection, with an end to all waiting; `wire` makes the class that a server uses."""

    shared: Connections
    head_seconds = HEAD_SECONDS
    stalled_seconds = STALLED_SECONDS
    linger_seconds = LINGER_SECONDS

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.conn = StrictConnection(h11.SERVER, _LONGEST_HEAD)
        self._key: str | None = None
        self._head: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._linger: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count it, or say that there is no room."""
        peer = transport.get_extra_info("peername")
        self._key = self.shared.enter(str(peer[0]) if peer else "")
        super().connection_made(transport)
        if self._key is None:
            transport.write(_FULL % (len(_FULL_WORDS), _FULL_WORDS))
            self._close()
        else:
            self._head = self.loop.call_later(self.head_seconds, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        for timer in (self._head, self._stalled, self._linger):
            self._ended(timer)
        if self._key is not None:
            self.shared.leave(self._key)
            self._key = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, and see whether a head is still wanting."""
        if self._key is None or self.transport.is_closing():
            return
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._head = self._ended(self._head)
        elif self._head is None and self.conn.trailing_data[0]:
            self._head = self.loop.call_later(self.head_seconds, self._late)
        if self.conn.their_state is not h11.SEND_BODY:
            self._linger = self._ended(self._linger)

    def send_400_response(self, msg: str) -> None:
        """As ever where no response was begun; else only close.

        The application may still work on this request. What it sends from now on goes nowhere: uvicorn would pass it to
        h11, which takes no second response and raises.
        """
        cycle = self.cycle if self.cycle is not None and not self.cycle.response_complete else None
        begun = cycle is not None and cycle.response_started
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        if not begun and self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            super().send_400_response(msg)
        else:
            self._close()

    def on_response_complete(self) -> None:
        """As ever; but a body that nobody wanted does not keep the connection open."""
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY and self._linger is None:
            self._linger = self.loop.call_later(self.linger_seconds, self._close)

    def pause_writing(self) -> None:
        """The reader takes less than is written: it has a while."""
        super().pause_writing()
        self._stalled = self.loop.call_later(self.stalled_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """It reads again."""
        self._stalled = self._ended(self._stalled)
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """No further request came: close, though the last response was not taken to its end."""
        super().timeout_keep_alive_handler()
        self._close()

    @staticmethod
    def _ended(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
        if timer is not None:
            timer.cancel()
        return None

    def _late(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(_LATE)
            self._close()

    def _close(self) -> None:
        self.transport.close()
        if self._stalled is None:
            # A transport that closes waits for its reader without end.
            self._stalled = self.loop.call_later(self.stalled_seconds, self.transport.abort)


def server_options(settings: ServingSettings, **changed: float) -> dict[str, Any]:
    """How uvicorn is to serve the application; `changed` are other seconds than the usual, by `LimitedConnection`'s names."""
    shared = Connections(Proxies(settings.trusted_proxies), in_all=capacity())
    return {
        "http": type("ServedWire", (LimitedConnection,), {"shared": shared, **changed}),
        "ws": "none",
        "proxy_headers": False,  # the guard reads them; uvicorn would believe whoever sits on this machine
        "server_header": False,
        "timeout_keep_alive": 5,
    }


def capacity() -> int:
    """Connections that this process can have open at once."""
    return max(64, min(IN_ALL, _files() - _OWN_FILES))


def _files() -> int:
    """Files that this process may have open: as many as it can get, for each connection is one."""
    if resource is None:
        return IN_ALL + _OWN_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = IN_ALL + _OWN_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return wanted if soft == resource.RLIM_INFINITY else soft
