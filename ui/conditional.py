"""Conditional GET: a client that has the current version of a response gets 304 instead of the body (RFC 9110, 13).

Responses may be cached but must be validated each time (`no-cache`), so that nobody sees an entry that was removed.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import Response

from assistant import __version__


class CatalogueTags:
    """Makes ETags for responses that depend on the catalogue. The tags stay valid when the server restarts.

    Args:
        made_with: The settings that the responses depend on.
    """

    def __init__(self, *made_with: str | bool | None) -> None:
        self._made_with = (__version__, *made_with)

    def etag(self, request: Request, catalogue_hash: str, *, day: str = "") -> str:
        """The ETag of the response to a request.

        The tag is weak, because the timings in an answer differ each time. It contains the host, because links in the
        response may start with it.

        Args:
            request: Its address and query are part of the tag; the order of the parameters does not matter.
            catalogue_hash: The hash of the catalogue that the response is made from.
            day: The day, if the response depends on it.
        """
        address = (request.url.scheme, request.url.netloc, request.url.path, sorted(request.query_params.multi_items()))
        inputs = json.dumps((*self._made_with, catalogue_hash, day, address))
        return f'W/"{hashlib.sha256(inputs.encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'


class CatalogueAge:
    """Remembers since when the catalogue has been unchanged. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started = now()
        self._hash = ""
        self._since = self._started

    def unchanged_since(self, catalogue_hash: str) -> datetime:
        """When this server first saw the catalogue; after a restart, the time of the restart."""
        with self._lock:
            if catalogue_hash != self._hash:
                self._since = now() if self._hash else self._started
                self._hash = catalogue_hash
            return self._since


def conditional(
    request: Request,
    etag: str,
    make: Callable[[], Response],
    *,
    modified: datetime | None = None,
    headers: Mapping[str, str] | None = None,
    cacheable: bool = True,
) -> Response:
    """Send the response that `make` returns, or 304 without calling it.

    Args:
        request: The request, with the client's `If-None-Match` or `If-Modified-Since`.
        etag: The ETag of the current version.
        make: Makes the response.
        modified: When the current version was made, if known.
        headers: Further headers of both the response and the 304; they override `no-cache`.
        cacheable: False sends the response in any case: an error is never "not modified".
    """
    validators = {"etag": etag, "cache-control": "no-cache"}
    if modified is not None:
        validators["last-modified"] = format_datetime(modified, usegmt=True)
    validators |= headers or {}
    if cacheable and _is_current(request, etag, modified):
        return Response(status_code=304, headers=validators)
    response = make()
    response.headers.update(validators)
    return response


def now() -> datetime:
    """The current time in whole seconds, as HTTP headers write it."""
    return datetime.now(UTC).replace(microsecond=0)


def today() -> str:
    """The current day in UTC, as `YYYY-MM-DD`."""
    return now().date().isoformat()


def _is_current(request: Request, etag: str, modified: datetime | None) -> bool:
    """Whether the client has the current version. With `If-None-Match`, the time is ignored (RFC 9110, 13.2.2)."""
    shown = [tag.strip() for line in request.headers.getlist("if-none-match") for tag in line.split(",") if tag.strip()]
    if shown:
        return "*" in shown or etag.removeprefix("W/") in {tag.removeprefix("W/") for tag in shown}
    if modified is None:
        return False
    try:
        copied = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except (ValueError, TypeError, OverflowError):  # missing or unreadable: the request has no condition
        return False
    return (copied if copied.tzinfo else copied.replace(tzinfo=UTC)) >= modified
