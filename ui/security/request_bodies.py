"""Reads request bodies before the application does, with limits on size, time and total memory."""

import asyncio

from starlette.datastructures import Headers
from starlette.types import Message, Receive

from .refusals import Refusal

MAX_BODY_BYTES = 1_000_000
"""The largest body. A long conversation is far smaller."""
SECONDS = 15.0
"""Time for a body to arrive completely."""
_MAX_BYTES_IN_MEMORY = 64_000_000
"""The memory for all bodies that are being read, so that many slow senders cannot use more."""
_MAX_HEADERS = 100


def headers_refused(headers: Headers) -> Refusal | None:
    """A refusal for too many headers or a wrong `Content-Length`, or None."""
    if len(headers.raw) > _MAX_HEADERS:
        return Refusal(431, "too_many_headers", f"a request may have at most {_MAX_HEADERS} headers; send fewer")
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()) or len(length) > 18:
        return Refusal(400, "bad_request", "Content-Length is not a number; send the length of the body")
    return _too_large() if int(length) > MAX_BODY_BYTES else None


class ClientDisconnected(Exception):  # noqa: N818 -- the client left, which is not an error
    """The client disconnected before its request was complete."""


class Bodies:
    """Reads request bodies and limits their total memory.

    Args:
        seconds: Time for a body to arrive completely.
    """

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._held = 0

    async def read(self, receive: Receive) -> bytes | Refusal:
        """The whole body, or a refusal if it is too large or too slow.

        Raises:
            ClientDisconnected: the client disconnected.
        """
        body = bytearray()
        try:
            async with asyncio.timeout(self._seconds):
                return await self._pieces(receive, body)
        except TimeoutError:
            return Refusal(
                408, "too_slow", f"the request body did not arrive within {self._seconds:g} s; send it again"
            )
        finally:
            self._held -= len(body)

    async def _pieces(self, receive: Receive, body: bytearray) -> bytes | Refusal:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnected
            piece = message.get("body", b"")
            if len(body) + len(piece) > MAX_BODY_BYTES:
                return _too_large()
            if self._held + len(piece) > _MAX_BYTES_IN_MEMORY:
                return Refusal.retry_later(503, "busy", "the server is receiving too much data", 5)
            body.extend(piece)
            self._held += len(piece)
            if not message.get("more_body"):
                return bytes(body)


def replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that returns the body once, and afterwards the connection's own messages, such as a disconnect."""
    delivered = False

    async def receive_body() -> Message:
        nonlocal delivered
        if delivered:
            return await receive()
        delivered = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_body


def _too_large() -> Refusal:
    return Refusal(413, "too_large", f"a request may have at most {MAX_BODY_BYTES:,} bytes; send less")
