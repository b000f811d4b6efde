"""The addresses of our own things: public ones for whoever keeps a link, and those that a page of ours uses itself."""

import hashlib
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request

from assistant.serving import ServingSettings

STATIC = Path(__file__).parent / "static"
STATIC_ROUTE = "/almanac"


def public(request: Request, settings: ServingSettings) -> str:
    """What public links begin with, without a slash at the end: the address set, else the one that was asked."""
    return settings.url or str(request.base_url).rstrip("/")


def root(request: Request, settings: ServingSettings) -> str:
    """What links within a page begin with: the path of the public address, or nothing."""
    if settings.url:
        return urlsplit(settings.url).path.rstrip("/")
    return str(request.scope.get("root_path", "")).rstrip("/")


@lru_cache(maxsize=64)
def static(name: str) -> str:
    """One of our own files, named with its content, so that a browser may keep it; relative to the start page."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"{STATIC_ROUTE.removeprefix('/')}/{name}?v={digest}"
