"""A cache for response bodies, so that crawlers that fetch often cost no more than one that fetches once."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator

MAX_TOTAL_BYTES = 32_000_000
MAX_BODY_BYTES = 4_000_000
"""A larger body is not cached."""

Key = tuple[str, ...]


class BodyCache:
    """Caches bodies and drops the least recently used ones. Safe to use from several threads.

    Args:
        max_total: Bytes of all cached bodies.
        max_body: Bytes of one cached body.
    """

    def __init__(self, *, max_total: int = MAX_TOTAL_BYTES, max_body: int = MAX_BODY_BYTES) -> None:
        self._max_total, self._max_body = max_total, max_body
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._bodies: OrderedDict[Key, bytes] = OrderedDict()
        self._bytes = 0

    @property
    def size(self) -> int:
        """Bytes of all cached bodies."""
        return self._bytes

    def get(self, key: Key) -> bytes | None:
        """A cached body, or None."""
        with self._lock:
            body = self._bodies.get(key)
            if body is not None:
                self._bodies.move_to_end(key)
            return body

    def get_or_make(self, key: Key, make: Callable[[], bytes]) -> bytes:
        """A body from the cache; otherwise make it. Simultaneous requests for a body make it only once."""
        body = self.get(key)
        if body is not None:
            return body
        with self._making:
            body = self.get(key)
            if body is None:
                body = make()
                self._put(key, body)
            return body

    def stream(self, key: Key, make: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
        """A body in pieces. It is cached if it is read to its end and small enough."""
        body = self.get(key)
        if body is not None:
            yield body
            return
        pieces: list[bytes] = []
        size = 0
        for piece in make():
            size += len(piece)
            if size <= self._max_body:
                pieces.append(piece)
            yield piece
        if size <= self._max_body:
            self._put(key, b"".join(pieces))

    def _put(self, key: Key, body: bytes) -> None:
        if len(body) > self._max_body:
            return
        with self._lock:
            self._bytes += len(body) - len(self._bodies.pop(key, b""))
            self._bodies[key] = body
            while self._bytes > self._max_total:
                self._bytes -= len(self._bodies.popitem(last=False)[1])
