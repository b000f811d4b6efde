"""Answers that are not sent twice: each has an ETag and a time, and a client that shows either back is told 304."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from assistant import __version__
from index.catalogue import Catalogue

from .body_cache import Key, Made


class Known:
    """Knows since when a catalogue has been as it is.

    Args:
        made_with: The settings that what is sent depends on.
    """

    def __init__(self, *made_with: object) -> None:
        self._made_with = (__version__, *made_with)
        self._lock = threading.Lock()
        self._started = _now()
        self._of = ""
        self._since = self._started
        self._made = Made()

    def answer(
        self,
        request: Request,
        catalogue: Catalogue,
        make: Callable[[], bytes],
        media_type: str,
        *,
        dated: bool = False,
        key: Key | None = None,
    ) -> Response:
        """What `make` gives, unless the client has it.

        Args:
            request: What was asked.
            catalogue: What it is made from.
            make: Makes the body.
            media_type: Of the body.
            dated: Whether it may be another tomorrow ("last year").
            key: Names the body among all that are made from one catalogue, and holds all else it depends on: it is then
                made once. None for one that is made for each who asks.
        """
        headers, unchanged = self._headers(request, catalogue, media_type, dated=dated)
        if unchanged:
            return Response(status_code=304, headers=headers)
        body = make() if key is None else self._made.body(self._whole_key(catalogue, key), make)
        if request.method == "HEAD":
            return Response(headers=headers | {"content-length": str(len(body))}, media_type=media_type)
        return Response(body, headers=headers, media_type=media_type)

    def stream(
        self,
        request: Request,
        catalogue: Catalogue,
        make: Callable[[], Iterator[bytes]],
        media_type: str,
        *,
        key: Key,
    ) -> Response:
        """The same for what may be too long to hold."""
        headers, unchanged = self._headers(request, catalogue, media_type, dated=False)
        if unchanged:
            return Response(status_code=304, headers=headers)
        if request.method == "HEAD":
            # Its length is not known before it is written; a response without a body must not say that it has none.
            return StreamingResponse(iter(()), headers=headers, media_type=media_type)
        pieces = self._made.pieces(self._whole_key(catalogue, key), make)
        return StreamingResponse(pieces, headers=headers, media_type=media_type)

    @staticmethod
    def _whole_key(catalogue: Catalogue, key: Key) -> Key:
        # The day is part of it: a sitemap does not list an event's day before it has come.
        return (catalogue.hash, _now().date().isoformat(), *key)

    def _headers(
        self, request: Request, catalogue: Catalogue, media_type: str, *, dated: bool
    ) -> tuple[dict[str, str], bool]:
        today = _now().replace(hour=0, minute=0, second=0)
        since = max(self._unchanged_since(catalogue.hash), today) if dated else self._unchanged_since(catalogue.hash)
        # All that the body is made from; the address holds the question, the page and the host that links begin with.
        made_of = (*self._made_with, catalogue.hash, str(request.url), media_type, today.isoformat() if dated else "")
        tag = f'"{hashlib.sha256(repr(made_of).encode("utf-8", "backslashreplace")).hexdigest()[:32]}"'
        headers = {
            "etag": tag,
            "last-modified": format_datetime(since, usegmt=True),
            # It may be kept, and is asked for again each time: nobody reads on in an entry that was taken out.
            "cache-control": "no-cache",
        }
        return headers, _has(request, tag, since)

    def _unchanged_since(self, digest: str) -> datetime:
        """When this catalogue was first seen here; after a restart that is later than true, and costs one answer more."""
        with self._lock:
            if digest != self._of:
                self._since = _now() if self._of else self._started
                self._of = digest
            return self._since


def _now() -> datetime:
    # A header's time has no fractions.
    return datetime.now(UTC).replace(microsecond=0)


def _has(request: Request, tag: str, since: datetime) -> bool:
    """Whether the client's copy is good; where it shows a tag, its time is not looked at (RFC 9110, 13.2.2)."""
    shown = ",".join(request.headers.getlist("if-none-match"))
    if shown:
        return shown.strip() == "*" or tag in {one.strip().removeprefix("W/") for one in shown.split(",")}
    try:
        copy = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except (ValueError, TypeError, OverflowError):  # no time, or none that can be read: then there is no condition
        return False
    return (copy if copy.tzinfo else copy.replace(tzinfo=UTC)) >= since
