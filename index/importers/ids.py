"""Create entry ids from titles, addresses or foreign ids: stable, in ASCII, and readable in an address."""

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
    """Create the id of an event from its title alone.

    The id ends in a short hash if the words alone would not be unique: if they were too long, if they had letters or
    symbols without an ASCII form, or if `crowded` says that another title gives the same words.
    """
    text = " ".join(unicodedata.normalize("NFKC", title).split())
    slug, whole = _slug(text)
    return slug if whole and not crowded else _hashed(slug or "event", text)


def event_ids(titles: Iterable[str]) -> dict[str, str]:
    """Create the ids of several titles; different titles get different ids."""
    ids = {title: event_id(title) for title in titles}
    readers: dict[str, set[str]] = {}
    for title, name in ids.items():
        readers.setdefault(name, set()).add(" ".join(unicodedata.normalize("NFKC", title).split()))
    return {title: event_id(title, crowded=len(readers[name]) > 1) for title, name in ids.items()}


def of_foreign(foreign: str) -> str:
    """Convert the id that a source uses to an entry id: unchanged if it is valid, otherwise a valid substitute."""
    return foreign if ID_PATTERN.fullmatch(foreign) else substitute(foreign)


def without_hash(key: str) -> str:
    """Remove the hash that our exported references add to ids with capitals: `GPT-4-1a2b3c4d` becomes `GPT-4`."""
    stem, _, digest = key.rpartition("-")
    return stem if stem and hashlib.sha256(stem.encode("utf-8")).hexdigest()[:8] == digest else key


def of_address(url: str) -> str:
    """Create an id from an address, for an entry without its own id; `http`, `https` and `www.` make no difference."""
    bare = re.sub(r"^https?://(?:www\.)?", "", url.strip(), flags=re.IGNORECASE).rstrip("/")
    return substitute(bare or url)


def substitute(foreign: str) -> str:
    """Create a valid id for an invalid one; the same input always gives the same result."""
    return _hashed(_slug(foreign)[0] or "doc", foreign)


def slug_of(text: str) -> str:
    """Return the words of a text in ASCII, joined with hyphens; empty if none of its letters has an ASCII form."""
    return _slug(text)[0]


def _slug(text: str) -> tuple[str, bool]:
    """Return the words in ASCII, joined with hyphens, and whether they represent the text without loss."""
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_SPELT)).lower()
    lost = any(ord(sign) > 127 and sign.isalnum() for sign in decomposed) or any(
        unicodedata.category(sign).startswith("S") or sign in "#@*" for sign in decomposed
    )
    # After decomposition, accents are separate characters; drop them so that they do not become hyphens.
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    slug = re.sub(r"[^a-z0-9]+", "-", bare).strip("-")
    return slug, bool(slug) and not lost and len(slug) <= LONGEST


def _hashed(slug: str, text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()[:8]
    short = slug if len(slug) <= LONGEST else slug[: LONGEST + 1].rpartition("-")[0] or slug[:LONGEST]
    return f"{short}-{digest}"
