"""Publication data in front matter: abstract, authors and venue, as HugoBlox, PMLR and others write them."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from index import bibliography
from index.importers.cells import people

TEXTS = ("summary", "description", "excerpt", "lead", "dek", "standfirst", "tldr", "subtitle")
"""Field names of short texts, in order of preference. `abstract` is handled separately."""
_VENUES = ("source", "publication", "venue", "journal", "container-title", "booktitle", "conference")
KNOWN = frozenset(
    "abstract author authors doi publication_types publication_type publisher volume issue number pages page firstpage"
    " lastpage".split()
) | {*TEXTS, *_VENUES}
"""Field names that this module reads. All other fields are kept on the entry."""
_HUGO_TYPES = {
    "1": "paper-conference",
    "2": "article-journal",
    "3": "article",
    "4": "report",
    "5": "book",
    "6": "chapter",
    "7": "thesis",
    "8": "patent",
}
"""CSL types by the type numbers of older HugoBlox versions, then called Academic."""


def text_names(front: Mapping[str, Any]) -> tuple[str, str]:
    """Return the names of the fields with the short text and with the abstract. Each is empty if there is none."""
    short = next((name for name in TEXTS if isinstance(front.get(name), str) and front[name].strip()), "")
    abstract = front.get("abstract")
    return short, "abstract" if isinstance(abstract, str) and abstract.strip() else ""


def publication(front: Mapping[str, Any], field_text: Callable[..., str]) -> dict[str, Any]:
    """Return source, authors and the other fields of a publication.

    `field_text(front, *names)` returns the first of the named fields that has a value, as text.
    """
    source = field_text(front, *_VENUES) or field_text(front, "publisher")
    publisher = field_text(front, "publisher")
    named = front.get("authors") or front.get("author")
    number = front.get("issue") or front.get("number")
    fields: dict[str, Any] = {
        "source": source,
        "publisher": publisher if publisher != source else "",
        "doi": bibliography.bare_doi(str(front.get("doi") or "")),
        "publication_type": _type(front),
        "volume": front.get("volume"),
        "issue": number,
        "pages": _pages(front),
    }
    return fields | (bibliography.authorship(people(_listed(named))) if named else {})


def _listed(named: object) -> object:
    """Return the authors as a list, if they are given as one mapping or as a mapping from names to authors."""
    if isinstance(named, dict):
        inner = list(named.values())
        return inner if inner and all(isinstance(author, dict) for author in inner) else [named]
    return named


def _pages(front: Mapping[str, Any]) -> str:
    pages = str(front.get("pages") or front.get("page") or "")
    if not pages and front.get("firstpage"):
        pages = "-".join(str(front[name]) for name in ("firstpage", "lastpage") if front.get(name))
    return bibliography.plain_pages(pages) if re.search(r"\d", pages) and len(pages) < 60 else ""


def _type(front: Mapping[str, Any]) -> str | None:
    """Return the CSL type: the stated type, or the one for a page layout named like a BibTeX type. None if unknown."""
    stated = front.get("publication_types") or front.get("publication_type")
    first = str(stated[0] if isinstance(stated, list) and stated else stated or "").strip()
    if first in bibliography.PUBLICATION_TYPES or first in _HUGO_TYPES:
        return _HUGO_TYPES.get(first, first)
    layout = str(front.get("layout") or "")
    known = bibliography.publication_type(layout, "bibtex")
    return known if known and ("doi" in front or "abstract" in front or "booktitle" in front) else None
