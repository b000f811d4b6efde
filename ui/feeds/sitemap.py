"""The addresses of all pages, for search engines (sitemaps.org)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from index import dates
from index.catalogue import Catalogue

from .feed import page_address
from .xml import child, document

MEDIA_TYPE = "application/xml"
MOST = 50_000
"""Addresses of one file, by the protocol."""
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_OWN = ("", "browse")
"""Pages that are no entry's."""


def parts(catalogue: Catalogue) -> int:
    """How many files the addresses fill."""
    return -(-(len(_OWN) + len(catalogue.entries)) // MOST)


def whole(catalogue: Catalogue, base: str) -> bytes:
    """All addresses; where they are too many for one file, the addresses of the files that hold them."""
    count = parts(catalogue)
    if count == 1:
        return part(catalogue, base, 1)
    root = ET.Element("sitemapindex", {"xmlns": _NAMESPACE})
    for number in range(1, count + 1):
        child(child(root, "sitemap"), "loc", f"{base}/sitemap-{number}.xml")
    return document(root)


def part(catalogue: Catalogue, base: str, number: int) -> bytes:
    """The addresses of one file, numbered from 1."""
    root = ET.Element("urlset", {"xmlns": _NAMESPACE})
    first = (number - 1) * MOST
    for place, (address, date) in enumerate(_pages(catalogue, base)):
        if not first <= place < first + MOST:
            continue
        url = child(root, "url")
        child(url, "loc", address)
        if date:
            # A W3C date may be a year, a month or a day: as exact as the catalogue knows it.
            child(url, "lastmod", date)
    return document(root)


def _pages(catalogue: Catalogue, base: str) -> Iterator[tuple[str, str | None]]:
    today = datetime.now(UTC).date()
    for name in _OWN:
        yield f"{base}/{name}", None
    for entry in catalogue.entries:
        # An event that is still to come was not changed on its day.
        past = entry.date is not None and dates.span(entry.date)[0] <= today
        yield page_address(base, entry), entry.date if past else None
