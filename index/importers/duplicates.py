"""Entries that may be the same thing under two ids: the same address, or the same title and date."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from urllib.parse import urlsplit

from index.catalogue import Problem
from index.models import AnyEntry

_COUNTED = re.compile(r"(?:^|&)(?:utm_\w+|fbclid|gclid|ref|source|cmpid)=[^&]*")


def near_duplicates(entries: Iterable[AnyEntry], new: Collection[str]) -> Iterator[Problem]:
    """Warnings of new entries that resemble another one of their kind, each naming both ids."""
    fresh = set(new)
    seen: dict[tuple[str, str, str], str] = {}
    ordered = sorted(entries, key=lambda entry: entry.id in fresh)  # the old first, each in its order
    for entry in ordered:
        for field, key, what in _keys(entry):
            other = seen.setdefault((entry.kind, field, key), entry.id)
            if other != entry.id and entry.id in fresh:
                yield Problem(entry.id, field, f"{what} {other!r}: may be the same")
                break


def _keys(entry: AnyEntry) -> Iterator[tuple[str, str, str]]:
    if entry.url:
        yield "url", _address(entry.url), "the same address as"
    title = " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", entry.title).casefold()))
    if title:
        yield "title", f"{title}|{entry.date}", "the same title and date as"


def _address(url: str) -> str:
    """An address without what does not tell pages apart: scheme, `www.`, last slash, fragment, counters."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    query = _COUNTED.sub("", parts.query).strip("&")
    return f"{host}{parts.path.rstrip('/')}?{query}"
