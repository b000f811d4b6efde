"""Writes a feed as Atom (RFC 4287), with paging (RFC 5005)."""

from xml.etree import ElementTree as ET

from index.models import AnyEntry
from ui.html import safe_url

from .feed import Feed, has_day, labels, on_one_line, page_address, permanent_id, summary, timestamp
from .texts import ABOUT, NAME
from .xml import child, to_bytes

MEDIA_TYPE = "application/atom+xml"
_NAMESPACES = {"xmlns": "http://www.w3.org/2005/Atom", "xmlns:dcterms": "http://purl.org/dc/terms/"}


def to_atom(feed: Feed) -> bytes:
    """The feed as an XML document."""
    root = ET.Element("feed", _NAMESPACES)
    child(root, "title", feed.title)
    child(root, "subtitle", ABOUT)
    child(root, "id", feed.address("feed", 1))
    child(root, "updated", feed.updated)
    child(child(root, "author"), "name", NAME)
    child(root, "link", rel="self", type=MEDIA_TYPE, href=feed.address("feed"))
    child(root, "link", rel="alternate", type="text/html", href=feed.home)
    child(root, "link", rel="alternate", type="application/feed+json", href=feed.address("feed.json"))
    if feed.pages > 1:
        page_numbers = {"first": 1, "previous": feed.number - 1, "next": feed.number + 1, "last": feed.pages}
        for name, number in page_numbers.items():
            if 1 <= number <= feed.pages:
                child(root, "link", rel=name, type=MEDIA_TYPE, href=feed.address("feed", number))
    for entry in feed.entries:
        _add_entry(root, entry, feed.base)
    return to_bytes(root)


def _add_entry(root: ET.Element, entry: AnyEntry, base: str) -> None:
    element = child(root, "entry")
    address = page_address(base, entry)
    child(element, "title", on_one_line(entry.title))
    child(element, "id", permanent_id(base, entry))
    if entry.date:
        # Dublin Core allows a year or a month alone; Atom's own dates need a time.
        child(element, "dcterms:issued", entry.date)
    if has_day(entry.date):
        child(element, "published", timestamp(entry.date))
    child(element, "updated", timestamp(entry.date))
    child(element, "link", rel="alternate", type="text/html", href=address)
    source = safe_url(entry.url)
    if source is not None:
        child(element, "link", rel="via", href=source, title=entry.source or on_one_line(entry.title))
    for label in labels(entry):
        child(element, "category", term=label)
    child(element, "summary", summary(entry))
