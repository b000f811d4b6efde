"""A feed as Atom (RFC 4287), in pages (RFC 5005)."""

from xml.etree import ElementTree as ET

from index.models import AnyEntry
from ui.html import safe_url

from .feed import Feed, labels, moment, one_line, page_address, summary, to_the_day
from .texts import ABOUT, NAME
from .xml import child, document

MEDIA_TYPE = "application/atom+xml"
_TERMS = {"xmlns": "http://www.w3.org/2005/Atom", "xmlns:dcterms": "http://purl.org/dc/terms/"}


def written(feed: Feed) -> bytes:
    """The feed."""
    root = ET.Element("feed", _TERMS)
    child(root, "title", feed.title)
    child(root, "subtitle", ABOUT)
    child(root, "id", feed.address("feed", 1))
    child(root, "updated", feed.updated)
    child(child(root, "author"), "name", NAME)
    child(root, "link", rel="self", type=MEDIA_TYPE, href=feed.address("feed"))
    child(root, "link", rel="alternate", type="text/html", href=feed.home)
    child(root, "link", rel="alternate", type="application/feed+json", href=feed.address("feed.json"))
    if feed.pages > 1:
        others = {"first": 1, "previous": feed.number - 1, "next": feed.number + 1, "last": feed.pages}
        for name, number in others.items():
            if 1 <= number <= feed.pages:
                child(root, "link", rel=name, type=MEDIA_TYPE, href=feed.address("feed", number))
    for entry in feed.entries:
        _add(root, entry, feed.base)
    return document(root)


def _add(root: ET.Element, entry: AnyEntry, base: str) -> None:
    element = child(root, "entry")
    address = page_address(base, entry)
    child(element, "title", one_line(entry.title))
    child(element, "id", address)
    if entry.date:
        # Dublin Core takes a date as exact as it is known; Atom's own must name a moment.
        child(element, "dcterms:issued", entry.date)
    if to_the_day(entry.date):
        child(element, "published", moment(entry.date))
    child(element, "updated", moment(entry.date))
    child(element, "link", rel="alternate", type="text/html", href=address)
    source = safe_url(entry.url)
    if source is not None:
        child(element, "link", rel="via", href=source, title=entry.source or one_line(entry.title))
    for name in labels(entry):
        child(element, "category", term=name)
    child(element, "summary", summary(entry))
