"""Reads a request's body before the application sees it: so large, so soon, and so much at once over all."""

import asyncio

from starlette.datastructures import Headers
from starlette.types import Message, Receive

from .refusals import Refusal

LARGEST_BODY = 1_000_000
"""Bytes of a request: a long conversation fits many times over."""
SECONDS = 15.0
"""In which a body must have come, however many pieces it comes in."""
_HELD_AT_ONCE = 64_000_000
"""Bytes of all bodies that are being read; a crowd of slow senders holds no more memory than this."""
_MOST_HEADERS = 100


def headers_refused(headers: Headers) -> Refusal | None:
    """What is wrong with the request before its body is read."""
    if len(headers.raw) > _MOST_HEADERS:
        return Refusal(431, "too_many_headers", f"a request may have {_MOST_HEADERS} headers; send fewer")
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()) or len(length) > 18:
        return Refusal(400, "bad_request", "the length of the body is no number; send a right Content-Length")
    return _too_large() if int(length) > LARGEST_BODY else None


class Gone(Exception):  # noqa: N818 -- the reader left: nothing is wrong here
    """The client went away before its request had come."""


class Bodies:
    """Reads bodies, and knows how much is held.

    Args:
        seconds: In which a body must have come.
    """

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._held = 0

    async def read(self, receive: Receive) -> bytes | Refusal:
        """The whole body.

        Raises:
            Gone: the client went away.
        """
        body = bytearray()
        try:
            async with asyncio.timeout(self._seconds):
                return await self._pieces(receive, body)
        except TimeoutError:
            return Refusal(408, "too_slow", f"the request did not come within {self._seconds:g} s; send it again")
        finally:
            self._held -= len(body)

    async def _pieces(self, receive: Receive, body: bytearray) -> bytes | Refusal:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Gone
            piece = message.get("body", b"")
            if len(body) + len(piece) > LARGEST_BODY:
                return _too_large()
            if self._held + len(piece) > _HELD_AT_ONCE:
                return Refusal.later(503, "busy", "too much is being sent just now", 5)
            body.extend(piece)
            self._held += len(piece)
            if not message.get("more_body"):
                return bytes(body)


def replayed(body: bytes, receive: Receive) -> Receive:
    """`receive` that gives the body once, then what follows it: that the client goes."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _too_large() -> Refusal:
    return Refusal(413, "too_large", f"a request may have {LARGEST_BODY:,} bytes; send less at a time")
