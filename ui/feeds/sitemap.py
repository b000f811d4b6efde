"""The sitemap: the addresses of all pages, for search engines (sitemaps.org)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from index import dates
from index.catalogue import Catalogue

from .feed import page_address
from .xml import child, to_bytes

MEDIA_TYPE = "application/xml"
MAX_ADDRESSES = 50_000
"""Addresses in one file, as the protocol limits them."""
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_OTHER_PAGES = ("", "browse")
"""Pages that do not belong to an entry."""


def file_count(catalogue: Catalogue) -> int:
    """How many files the addresses need."""
    return -(-(len(_OTHER_PAGES) + len(catalogue.entries)) // MAX_ADDRESSES)


def sitemap(catalogue: Catalogue, base: str) -> bytes:
    """All addresses, or an index of the sitemap files if one file is not enough."""
    count = file_count(catalogue)
    if count == 1:
        return sitemap_file(catalogue, base, 1)
    root = ET.Element("sitemapindex", {"xmlns": _NAMESPACE})
    for number in range(1, count + 1):
        child(child(root, "sitemap"), "loc", f"{base}/sitemap-{number}.xml")
    return to_bytes(root)


def sitemap_file(catalogue: Catalogue, base: str, number: int) -> bytes:
    """The addresses of one file; the first file has the number 1."""
    root = ET.Element("urlset", {"xmlns": _NAMESPACE})
    first = (number - 1) * MAX_ADDRESSES
    for position, (address, date) in enumerate(_pages(catalogue, base)):
        if not first <= position < first + MAX_ADDRESSES:
            continue
        url = child(root, "url")
        child(url, "loc", address)
        if date:
            # A W3C date may be a year, a month or a day, as in the catalogue.
            child(url, "lastmod", date)
    return to_bytes(root)


def _pages(catalogue: Catalogue, base: str) -> Iterator[tuple[str, str | None]]:
    """Address and date of each page."""
    today = datetime.now(UTC).date()
    for path in _OTHER_PAGES:
        yield f"{base}/{path}", None
    for entry in catalogue.entries:
        # A date in the future cannot be the date of a modification.
        is_past = entry.date is not None and dates.span(entry.date)[0] <= today
        yield page_address(base, entry), entry.date if is_past else None
