"""Entries as schema.org JSON-LD, for search engines and other programs that read pages."""

from collections.abc import Sequence
from typing import Any

from index.models import AnyEntry, Event, Guide, Path
from ui import urls
from ui.html import NAME, safe_url

from .layout import SiteLinks


def described(entry: AnyEntry, links: SiteLinks, steps: Sequence[AnyEntry] = ()) -> dict[str, Any]:
    """Describe an entry: an event is a NewsArticle, a guide a LearningResource, a reading path an ItemList of `steps`."""
    address = links.absolute(urls.entry(entry.id))
    described_entry = {
        "@context": "https://schema.org",
        "@type": {"event": "NewsArticle", "guide": "LearningResource", "path": "ItemList"}[entry.kind],
        "@id": address,
        "url": address,
        "name": entry.title,
        "keywords": list(entry.topics),
        "about": [{"@type": "Organization", "name": name} for name in entry.organisations],
        "isPartOf": {"@type": "WebSite", "name": NAME, "url": links.absolute("")},
    }
    if isinstance(entry, Event):
        described_entry |= _event(entry)
    elif isinstance(entry, Guide):
        described_entry |= _guide(entry)
    else:
        described_entry |= _path(entry, links, steps)
    return {name: value for name, value in described_entry.items() if value not in (None, [], "")}


def _event(event: Event) -> dict[str, Any]:
    source = {"@type": "Organization", "name": event.source} if event.source else None
    origin = {"@type": "CreativeWork", "name": event.title, "url": safe_url(event.url), "publisher": source}
    return {
        "headline": event.title,
        "datePublished": event.date,
        "description": event.summary,
        "sourceOrganization": source,
        "isBasedOn": {name: value for name, value in origin.items() if value} if event.url or source else None,
    }


def _guide(guide: Guide) -> dict[str, Any]:
    return {
        "headline": guide.title,
        "description": guide.tldr,
        "dateModified": guide.date,
        "educationalLevel": guide.level.capitalize(),
        "learningResourceType": "guide",
        "teaches": list(guide.key_takeaways),
        "mentions": [
            {"@type": "DefinedTerm", "name": term.term, "description": term.definition} for term in guide.terms
        ],
    }


def _path(path: Path, links: SiteLinks, steps: Sequence[AnyEntry]) -> dict[str, Any]:
    return {
        "description": path.description,
        "itemListOrder": "https://schema.org/ItemListOrderAscending",
        "numberOfItems": len(steps),
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": number,
                "name": step.title,
                "url": links.absolute(urls.entry(step.id)),
            }
            for number, step in enumerate(steps, start=1)
        ],
    }
