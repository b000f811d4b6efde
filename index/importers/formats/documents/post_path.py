"""Derive a Markdown post's date, slug and URL from its path, following the conventions of site generators."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, urlsplit

from index.importers.text.lines import web_address

_YEAR = r"(?P<y>(?:19|20)\d{2})"
_DATED = re.compile(rf"{_YEAR}(?P<sep>[-_.]?)(?P<m>0?[1-9]|1[0-2])(?P=sep)(?P<d>[0-2]?\d|3[01])(?=[-_. ]|\Z)")
_MONTH = re.compile(rf"{_YEAR}[-_.](?P<m>0[1-9]|1[0-2])")
_IN_PATH = re.compile(rf"(?:^|/){_YEAR}[-/](?P<m>0?[1-9]|1[0-2])(?:[-/](?P<d>[0-2]?\d|3[01]))?(?=[/-]|\.html?$|$)")
_INDEX = {"index", "_index", "readme", ""}
_ROOTS = {"content", "src", "source", "pages", "docs", "_pages", "site"}
_ADDRESSES = ("permalink", "url", "path", "link")
_PLACEHOLDER = re.compile(r"[{}<>*\s]|(?:^|/):\w")


@dataclass(frozen=True, slots=True)
class Name:
    """The parts of a post's file name: the date that it may begin with, and the slug."""

    slug: str
    date: str | None = None


def name_of(path: PurePosixPath) -> Name:
    """Return the date and slug in a file name, or in the folder name if the file is an index."""
    stem = path.parent.name if path.stem.lower() in {"index", ""} else path.stem
    if match := _DATED.match(stem):
        if match["sep"] or (len(match["m"]), len(match["d"])) == (2, 2):
            slug = stem[match.end() :].lstrip("-_. ").strip()
            return Name(slug or stem, f"{match['y']}-{match['m']:0>2}-{match['d']:0>2}")
    elif match := _MONTH.fullmatch(stem):
        return Name(stem, f"{match['y']}-{match['m']}")
    return Name(stem)


def date_in(front: Mapping[str, Any], path: PurePosixPath) -> str | None:
    """Return a date (day or month) in a URL from the front matter, or else in the file's folders; None if missing."""
    candidates = [*(front.get(name) for name in ("path", "permalink", "slug", "url")), *_listed(front.get("aliases"))]
    paths = [urlsplit(value).path for value in candidates if isinstance(value, str) and "[" not in value]
    for value in (*paths, str(path.parent)):
        if match := _IN_PATH.search(value):
            return "-".join(part.zfill(2) for part in (match["y"], match["m"], match["d"]) if part)
    return None


def address_of(front: Mapping[str, Any], path: PurePosixPath, base: str, date: str | None) -> str | None:
    """Return the URL of a post on the site at `base`; None if `base` is empty.

    A URL in the front matter comes first. Otherwise, a file in `_posts` gets a URL as in Jekyll, from its categories and
    date. Any other file gets a URL from its folders, as in Hugo and Zola.
    """
    if not base:
        return None
    for name in _ADDRESSES:
        value = front.get(name)
        if isinstance(value, str) and value.strip() and not _PLACEHOLDER.search(value.strip()):
            return _joined(base, value.strip())
    slug = str(front.get("slug") or "").strip().strip("/")
    named = name_of(path)
    if "_posts" in path.parts[:-1] and (day := named.date or date) and len(day) == 10:
        categories = [_part(word) for word in _listed(front.get("categories") or front.get("category"))]
        end = f"{slug or named.slug}.html"
        return _joined(base, "/".join([*categories, *day.split("-"), end]))
    folders = [part for part in path.parts[:-1] if part != "_posts"]
    while folders and folders[0].lower() in _ROOTS:
        folders.pop(0)
    zola = isinstance(front.get("taxonomies"), Mapping) or isinstance(front.get("extra"), Mapping)
    last = named.slug if zola else path.stem
    if path.stem.lower() in _INDEX:
        last = (named.slug if zola else folders[-1]) if folders else ""
        folders = folders[:-1]
    parts = [*(_part(part) for part in folders), slug or _part(last)]
    return _joined(base, "/".join(part for part in parts if part) + "/")


def _part(name: str) -> str:
    return "-".join(name.strip().lower().split())


def _listed(value: Any) -> list[str]:
    items: Iterable[Any] = value if isinstance(value, list | tuple) else [value]
    return [item for item in items if isinstance(item, str)]


def _joined(base: str, path: str) -> str | None:
    """Join a path to the site's URL. A path that already includes the site's own path is not prefixed again."""
    if urlsplit(path).scheme:
        return web_address(path)
    home = urlsplit(base)
    inside = home.path.rstrip("/")
    bare = path.lstrip("/")
    if inside and (path.startswith(f"{inside}/") or path == inside):
        bare = path[len(inside) :].lstrip("/")
    return web_address(f"{home.scheme}://{home.netloc}{inside}/{quote(bare, safe='/%#?=&:@!$,;+~()*')}")
