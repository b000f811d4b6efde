"""Articles and events in schema.org JSON-LD, with the names and dates that they refer to."""

import re
from collections.abc import Iterator
from typing import Any

from index.importers import dates
from index.importers.cells import split
from index.importers.ids import of_address
from index.importers.mapping import dated
from index.importers.records import Records
from index.importers.text import plaintext
from index.importers.text.lines import web_address

_OTHER_TYPES = {"Report", "Course", "CourseInstance", "Hackathon", "Festival", "Dataset"}
_NO_TYPES = {"JobPosting"}
_WITHIN = (
    "@graph",
    "mainEntity",
    "mainEntityOfPage",
    "itemListElement",
    "item",
    "blogPost",
    "blogPosts",
    "event",
    "hasPart",
)
_DEEPEST = 12
_MOST_NODES = 5_000
_ORGANISATIONS = {
    "Organization",
    "Corporation",
    "NGO",
    "EducationalOrganization",
    "CollegeOrUniversity",
    "GovernmentOrganization",
}


def types(node: Any) -> set[str]:
    """Return the types of a node, without the URL of the vocabulary."""
    stated = node.get("@type", node.get("type")) if isinstance(node, dict) else None
    return {
        re.split(r"[/:#]", word)[-1]
        for word in (stated if isinstance(stated, list) else [stated])
        if isinstance(word, str)
    }


def wanted(node: Any) -> bool:
    """Whether a node is an article, a posting or an event, and has a name."""
    kinds = types(node) - _NO_TYPES
    fitting = any(kind.endswith(("Article", "Posting", "Event")) or kind in _OTHER_TYPES for kind in kinds)
    return fitting and bool(text(node, "headline") or text(node, "name"))


def nodes(documents: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield every node that may become an entry, in order. Nodes that others only mention are not included."""
    todo = [(document, 0) for document in reversed(documents)]
    seen = 0
    while todo and seen < _MOST_NODES:
        node, depth = todo.pop()
        seen += 1
        if depth > _DEEPEST:
            continue
        if isinstance(node, list):
            todo += [(inner, depth + 1) for inner in reversed(node)]
        elif isinstance(node, dict):
            if wanted(node):
                yield node
            todo += [(node[name], depth + 1) for name in reversed(_WITHIN) if name in node]


def by_id(documents: list[Any]) -> dict[str, dict[str, Any]]:
    """Map each `@id` to its node. If several nodes share an id, the one with the most fields is used."""
    nodes: dict[str, dict[str, Any]] = {}
    todo = [(document, 0) for document in documents]
    while todo and len(nodes) < _MOST_NODES:
        node, depth = todo.pop()
        if depth > _DEEPEST:
            continue
        if isinstance(node, list):
            todo += [(inner, depth + 1) for inner in node]
        elif isinstance(node, dict):
            name = node.get("@id")
            if isinstance(name, str) and len(node) > len(nodes.get(name, {})):
                nodes[name] = node
            todo += [(inner, depth + 1) for inner in node.values() if isinstance(inner, dict | list)]
    return nodes


def text(node: Any, name: str) -> str:
    """Return a field of a node as plain text. For a list, only its first value counts."""
    value = node.get(name) if isinstance(node, dict) else None
    value = value[0] if isinstance(value, list) and value else value
    if isinstance(value, dict):
        value = value.get("@value", value.get("name"))
    return plaintext.of_html(value) if isinstance(value, str) else ""


def record(
    node: dict[str, Any], *, records: Records, place: str, base: str, graph: dict[str, dict[str, Any]], alone: bool
) -> dict[str, Any]:
    """Return the event for a node. If it has no URL and is the page's only node (`alone`), it gets the page's URL."""
    title = " ".join((text(node, "headline") or text(node, "name")).split())
    url = _address(node, base) or ((base or None) if alone else None)
    event = any(kind.endswith("Event") for kind in types(node)) or "startDate" in node
    body = text(node, "articleBody") or text(node, "text")
    people = ("publisher", "sourceOrganization", "provider") if not event else ()
    names = ("organizer", "about", "mentions") if event else ("about", "mentions")
    made = {
        "kind": "event",
        "title": title,
        "date": _day(node, records, place, event=event),
        "summary": plaintext.both(text(node, "description") or text(node, "abstract"), body),
        "url": url,
        "source": next((name for role in people for name in _names(node.get(role), graph)), None),
        "organisations": [
            name for role in names for name in _organisations(node.get(role), graph, every=role == "organizer")
        ],
        "topics": list(dict.fromkeys([*split(node.get("keywords") or []), *split(node.get("articleSection") or [])])),
        "authors": _names(node.get("author"), graph),
        "location": next(iter(_names(node.get("location"), graph)), None) if event else None,
    }
    return made | {"id": of_address(str(url or node.get("@id") or title))}


def _address(node: dict[str, Any], base: str) -> str | None:
    page = node.get("mainEntityOfPage")
    candidates = [node.get("url"), page.get("@id") if isinstance(page, dict) else page, node.get("@id")]
    for value in candidates:
        address = value[0] if isinstance(value, list) and value else value
        address = address.get("@id", address.get("url")) if isinstance(address, dict) else address
        # Fragments such as "#article" only distinguish nodes on one page, so they are removed.
        if isinstance(address, str) and address.strip() and (url := web_address(address.partition("#")[0], base)):
            return url
    return None


def _day(node: dict[str, Any], records: Records, place: str, *, event: bool) -> str | None:
    if event and text(node, "startDate"):
        first, last = text(node, "startDate"), text(node, "endDate")
        return dates.span_of(first, last) or dated(records, place, first)
    for name in ("datePublished", "dateCreated", "uploadDate", "dateModified"):
        if day := text(node, name):
            return dated(records, place, day)
    return None


def _names(value: Any, graph: dict[str, dict[str, Any]]) -> list[str]:
    """Return the names of persons or organisations, given as text, as nodes or by reference."""
    names = []
    for item in value if isinstance(value, list) else [value]:
        node = graph.get(str(item.get("@id")), item) if isinstance(item, dict) and "name" not in item else item
        name = plaintext.of_html(node) if isinstance(node, str) else text(node, "name")
        if name and not name.startswith(("http://", "https://")):
            names.append(" ".join(name.split()))
    return list(dict.fromkeys(names))


def _organisations(value: Any, graph: dict[str, dict[str, Any]], *, every: bool) -> list[str]:
    items = value if isinstance(value, list) else [value]
    known = [graph.get(str(item.get("@id")), item) for item in items if isinstance(item, dict)]
    return _names([node for node in known if every or types(node) & _ORGANISATIONS], graph)
