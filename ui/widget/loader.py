"""Sends `widget.js`, the script that other sites load. It is compressed once, and its ETag is made from its content."""

import gzip
import hashlib
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response

from ui.conditional import conditional
from ui.urls import STATIC

_HEADERS = {
    "access-control-allow-origin": "*",  # a page that loads it with `crossorigin` can see its errors
    "cross-origin-resource-policy": "cross-origin",
    "vary": "accept-encoding",
}
_CACHE_FOR_A_YEAR = "public, max-age=31536000, immutable"
_CACHE_FOR_AN_HOUR = "public, max-age=3600"


@lru_cache(maxsize=1)
def _script() -> bytes:
    return (STATIC / "widget.js").read_bytes()


@lru_cache(maxsize=1)
def compressed() -> bytes:
    """The script, compressed with gzip."""
    return gzip.compress(_script(), 9, mtime=0)


@lru_cache(maxsize=1)
def version() -> str:
    """The version of the script for `?v=`: a hash of its content."""
    return hashlib.sha256(_script()).hexdigest()[:12]


def send(request: Request) -> Response:
    """Send the script, or 304. Browsers cache it for a year if `?v=` is its version, otherwise for an hour."""
    use_gzip = "gzip" in request.headers.get("accept-encoding", "")
    is_versioned = request.query_params.get("v") == version()
    headers = {**_HEADERS, "cache-control": _CACHE_FOR_A_YEAR if is_versioned else _CACHE_FOR_AN_HOUR}

    def script() -> Response:
        encoding = {"content-encoding": "gzip"} if use_gzip else {}
        return Response(compressed() if use_gzip else _script(), headers=encoding, media_type="text/javascript")

    return conditional(request, f'"{version()}{"-gz" if use_gzip else ""}"', script, headers=headers)
