"""The addresses of our own things: public ones for whoever keeps a link, and those that a page of ours uses itself."""

import hashlib
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote as percent
from urllib.parse import urlsplit

from starlette.requests import Request

from assistant.settings.serving import ServingSettings

STATIC = Path(__file__).parent / "static"
STATIC_ROUTE = "/almanac"
_SHORT = 60
"""Characters; a longer quote is named by its first and last words, and is then found over several paragraphs too."""
_WORDS = 4


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


def entry(entry_id: str) -> str:
    """An entry's page, relative to the start page; an id has only characters that an address may bear."""
    return f"entries/{percent(entry_id, safe='')}"


def quotation(entry_id: str, field: str, words: str) -> str:
    """An entry's page at a quotation: browsers that know text fragments mark it, others go to its field."""
    return f"{entry(entry_id)}#{percent(field, safe='')}:~:text={fragment(words)}"


def fragment(words: str) -> str:
    """The directive of a text fragment that finds `words`: whole, or by how they begin and end."""
    parts = words.split()
    if (len(words) <= _SHORT and "\n" not in words) or len(parts) < 2 * _WORDS:
        return _literal(" ".join(parts))
    return f"{_literal(' '.join(parts[:_WORDS]))},{_literal(' '.join(parts[-_WORDS:]))}"


def _literal(words: str) -> str:
    # A dash and a comma mean something in a directive.
    return percent(words, safe="").replace("-", "%2D")
