"""Entries in the words of schema.org, for search engines and whatever else reads pages."""

from collections.abc import Sequence
from typing import Any

from index.models import AnyEntry, Event, Guide, Path
from ui import urls
from ui.html import NAME, safe_url

from .layout import Place


def described(entry: AnyEntry, place: Place, steps: Sequence[AnyEntry] = ()) -> dict[str, Any]:
    """What a page is about: a news article, something to learn from, or a list of these in order."""
    address = place.out(urls.entry(entry.id))
    made = {
        "@context": "https://schema.org",
        "@type": {"event": "NewsArticle", "guide": "LearningResource", "path": "ItemList"}[entry.kind],
        "@id": address,
        "url": address,
        "name": entry.title,
        "keywords": list(entry.topics),
        "about": [{"@type": "Organization", "name": name} for name in entry.organisations],
        "isPartOf": {"@type": "WebSite", "name": NAME, "url": place.out("")},
    }
    if isinstance(entry, Event):
        made |= _event(entry)
    elif isinstance(entry, Guide):
        made |= _guide(entry)
    else:
        made |= _path(entry, place, steps)
    return {name: value for name, value in made.items() if value not in (None, [], "")}


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
        "mentions": [{"@type": "DefinedTerm", "name": one.term, "description": one.definition} for one in guide.terms],
    }


def _path(path: Path, place: Place, steps: Sequence[AnyEntry]) -> dict[str, Any]:
    return {
        "description": path.description,
        "itemListOrder": "https://schema.org/ItemListOrderAscending",
        "numberOfItems": len(steps),
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": number,
                "name": step.title,
                "url": place.out(urls.entry(step.id)),
            }
            for number, step in enumerate(steps, start=1)
        ],
    }
