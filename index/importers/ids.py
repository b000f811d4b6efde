"""Ids made from titles or from foreign ids: stable, in ASCII, and readable in an address."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from index.models import ID_PATTERN

LONGEST = 80
_SPELT = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "\u0131": "i"}
    | {"&": " and ", "%": " percent ", "+": " plus ", "'": "", "\u2019": "", "\u02bc": "", "`": ""}
)


def event_id(title: str, *, crowded: bool = False) -> str:
    """The id of an event with this title, made from nothing else.

    It ends in a short hash where the words alone would not tell it apart: cut, in letters or signs that ASCII has
    not, or `crowded` by another title that reads the same.
    """
    said = " ".join(unicodedata.normalize("NFKC", title).split())
    slug, whole = _slug(said)
    return slug if whole and not crowded else _hashed(slug or "event", said)


def event_ids(titles: Iterable[str]) -> dict[str, str]:
    """The ids of titles that stand together; different titles get different ids."""
    ids = {title: event_id(title) for title in titles}
    readers: dict[str, set[str]] = {}
    for title, name in ids.items():
        readers.setdefault(name, set()).add(" ".join(unicodedata.normalize("NFKC", title).split()))
    return {title: event_id(title, crowded=len(readers[name]) > 1) for title, name in ids.items()}


def of_foreign(foreign: str) -> str:
    """The id of an entry for a foreign id: the same where it fits the rule, else a substitute."""
    return foreign if ID_PATTERN.fullmatch(foreign) else substitute(foreign)


def without_hash(key: str) -> str:
    """The id behind a key that our own references gave: they add a hash to an id with capitals (`GPT-4-1a2b3c4d`)."""
    stem, _, digest = key.rpartition("-")
    return stem if stem and hashlib.sha256(stem.encode("utf-8")).hexdigest()[:8] == digest else key


def of_address(url: str) -> str:
    """The id of an entry that has an address and no id: the same for http and https, with `www.` and without."""
    bare = re.sub(r"^https?://(?:www\.)?", "", url.strip(), flags=re.IGNORECASE).rstrip("/")
    return substitute(bare or url)


def substitute(foreign: str) -> str:
    """A valid id in place of one that breaks the rule; always the same for the same one."""
    return _hashed(_slug(foreign)[0] or "doc", foreign)


def slug_of(text: str) -> str:
    """The words of a text in ASCII, joined with hyphens; empty where ASCII has none of its letters."""
    return _slug(text)[0]


def _slug(text: str) -> tuple[str, bool]:
    """The words in ASCII, joined with hyphens, and whether nothing that matters was lost."""
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_SPELT)).lower()
    lost = any(ord(sign) > 127 and sign.isalnum() for sign in decomposed) or any(
        unicodedata.category(sign).startswith("S") or sign in "#@*" for sign in decomposed
    )
    # Accents are marks of their own once decomposed; they go without leaving a hyphen behind.
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    slug = re.sub(r"[^a-z0-9]+", "-", bare).strip("-")
    return slug, bool(slug) and not lost and len(slug) <= LONGEST


def _hashed(slug: str, text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()[:8]
    short = slug if len(slug) <= LONGEST else slug[: LONGEST + 1].rpartition("-")[0] or slug[:LONGEST]
    return f"{short}-{digest}"
