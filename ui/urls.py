"""URLs of our own pages and files: absolute public ones, and relative ones for links between our pages."""

import hashlib
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote as percent_encode
from urllib.parse import urlsplit

from starlette.requests import Request

from assistant.settings.serving import ServingSettings

STATIC = Path(__file__).parent / "static"
STATIC_ROUTE = "/almanac"
_MAX_WHOLE_QUOTE = 60
"""Characters. The text fragment of a longer quote has only its first and last words, so it also matches across
paragraphs."""
_EDGE_WORDS = 4


def public(request: Request, settings: ServingSettings) -> str:
    """The public address of the server, without a slash at the end: the `url` setting, or the request's host."""
    return settings.url or str(request.base_url).rstrip("/")


def root(request: Request, settings: ServingSettings) -> str:
    """The prefix of links within a page: the path of the public address, or an empty string."""
    if settings.url:
        return urlsplit(settings.url).path.rstrip("/")
    return str(request.scope.get("root_path", "")).rstrip("/")


@lru_cache(maxsize=64)
def static(name: str) -> str:
    """The address of a static file, relative to the start page. It contains a hash, so that browsers can cache the file."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"{STATIC_ROUTE.removeprefix('/')}/{name}?v={digest}"


def entry(entry_id: str) -> str:
    """The page of an entry, relative to the start page."""
    return f"entries/{percent_encode(entry_id, safe='')}"


def quotation(entry_id: str, field: str, quote: str) -> str:
    """The page of an entry at a quotation. Browsers without text fragments scroll to its field."""
    return f"{entry(entry_id)}#{percent_encode(field, safe='')}:~:text={text_fragment(quote)}"


def text_fragment(quote: str) -> str:
    """The text directive of a URL fragment that finds a quote: the whole quote, or its first and last words."""
    words = quote.split()
    if (len(quote) <= _MAX_WHOLE_QUOTE and "\n" not in quote) or len(words) < 2 * _EDGE_WORDS:
        return _encode(" ".join(words))
    return f"{_encode(' '.join(words[:_EDGE_WORDS]))},{_encode(' '.join(words[-_EDGE_WORDS:]))}"


def _encode(words: str) -> str:
    # In a text directive, dashes and commas are part of the syntax.
    return percent_encode(words, safe="").replace("-", "%2D")
