"""`widget.js` as it is sent: packed once, named by its content, for any page of any site."""

import gzip
import hashlib
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response

from ui.urls import STATIC

_HEADERS = {
    "access-control-allow-origin": "*",  # for a page that says `crossorigin`, which then sees its errors too
    "cross-origin-resource-policy": "cross-origin",
    "vary": "accept-encoding",
}
_FOR_EVER = "public, max-age=31536000, immutable"
_FOR_AN_HOUR = "public, max-age=3600"


@lru_cache(maxsize=1)
def _plain() -> bytes:
    return (STATIC / "widget.js").read_bytes()


@lru_cache(maxsize=1)
def packed() -> bytes:
    """The loader as it travels."""
    return gzip.compress(_plain(), 9, mtime=0)


@lru_cache(maxsize=1)
def version() -> str:
    """What `?v=` says while the loader is as it is."""
    return hashlib.sha256(_plain()).hexdigest()[:12]


def send(request: Request) -> Response:
    """The loader; a browser that has it already is told so. With its version in the address it is kept for a year."""
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    tag = f'"{version()}{"-gz" if zipped else ""}"'
    headers = {
        **_HEADERS,
        "etag": tag,
        "cache-control": _FOR_EVER if request.query_params.get("v") == version() else _FOR_AN_HOUR,
    }
    seen = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if tag in seen or "*" in seen:
        return Response(status_code=304, headers=headers)
    if zipped:
        headers["content-encoding"] = "gzip"
    return Response(packed() if zipped else _plain(), headers=headers, media_type="text/javascript")
