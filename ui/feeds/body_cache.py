"""Bodies that were made already, so that a crawler that asks often costs no more than one that asks once."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator

MOST_BYTES = 32_000_000
"""Bytes of all bodies together."""
LARGEST = 4_000_000
"""Bytes of one body; a larger one is made for each who asks."""

Key = tuple[str, ...]


class Made:
    """Bodies by what they were made from, the least recently used dropped first. Safe to use from threads.

    Args:
        most: Bytes of all of them together.
        largest: Bytes of one.
    """

    def __init__(self, *, most: int = MOST_BYTES, largest: int = LARGEST) -> None:
        self._most, self._largest = most, largest
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._bodies: OrderedDict[Key, bytes] = OrderedDict()
        self._bytes = 0

    @property
    def size(self) -> int:
        """Bytes that are held."""
        return self._bytes

    def get(self, key: Key) -> bytes | None:
        """A body that was made."""
        with self._lock:
            body = self._bodies.get(key)
            if body is not None:
                self._bodies.move_to_end(key)
            return body

    def body(self, key: Key, make: Callable[[], bytes]) -> bytes:
        """A body, made where it is not there; one is made at a time, so that a crowd has it made once."""
        found = self.get(key)
        if found is not None:
            return found
        with self._making:
            found = self.get(key)
            if found is None:
                found = make()
                self._put(key, found)
            return found

    def pieces(self, key: Key, make: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
        """A body in pieces, kept where it turns out to be small enough and is read to its end."""
        found = self.get(key)
        if found is not None:
            yield found
            return
        held: list[bytes] = []
        size = 0
        for piece in make():
            size += len(piece)
            if size <= self._largest:
                held.append(piece)
            yield piece
        if size <= self._largest:
            self._put(key, b"".join(held))

    def _put(self, key: Key, body: bytes) -> None:
        if len(body) > self._largest:
            return
        with self._lock:
            self._bytes += len(body) - len(self._bodies.pop(key, b""))
            self._bodies[key] = body
            while self._bytes > self._most:
                self._bytes -= len(self._bodies.popitem(last=False)[1])
