"""Posts from WordPress's REST API (`/wp-json/wp/v2/posts`): each post becomes an event."""

from typing import Any

from index.errors import ImportSourceError
from index.importers.records import Records
from index.importers.source import Imported, Source
from index.importers.text import json_text

from . import posts
from .posts import Post

NAME = "wordpress-rest"
ABOUT = "posts or pages of WordPress's REST interface (/wp-json/wp/v2/posts)"


def fits(source: Source) -> bool:
    """Whether the first object has `title.rendered`, as in responses of the WordPress REST API."""
    if source.folder is not None or source.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in {b"[", b"{"}:
        return False
    if b'"rendered"' not in source.data[:1_000_000] or b'"link"' not in source.data[:1_000_000]:
        return False
    try:
        items = _items(json_text.load(source, lambda _message: None))
    except ImportSourceError:
        return False
    first = items[0] if items else None
    return isinstance(first, dict) and isinstance(first.get("title"), dict)


def read(source: Source) -> Imported:
    """Import every published post that has a title or a text. Other posts are skipped and reported by number.

    Raises:
        ImportSourceError: If the source is not JSON or not a list of posts.
    """
    if source.folder is not None:
        raise ImportSourceError(f"{source.name} is a folder", hint="name the files one by one")
    records = Records(NAME)
    items = _items(json_text.load(source, lambda message: records.warn(source.name, "", message)))
    if items is None:
        raise ImportSourceError(
            f"{source.name} contains no list of posts", hint="save /wp-json/wp/v2/posts?per_page=100"
        )
    for number, item in enumerate(items, start=1):
        place = f"{source.name}:item {number}"
        if not isinstance(item, dict):
            records.leave_out(place, "", "a post must be a JSON object")
        elif not _rendered(item, "title") and not _rendered(item, "content"):
            records.leave_out(place, "title", "it has neither title.rendered nor content.rendered")
        else:
            posts.add(records, place, _post(item, source.url or ""))
    return records.imported(whole=False)


def _items(value: Any) -> list[Any] | None:
    if isinstance(value, dict) and isinstance(value.get("title"), dict):
        return [value]
    return value if isinstance(value, list) else None


def _rendered(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    text = value.get("rendered") if isinstance(value, dict) else value
    return text if isinstance(text, str) else ""


def _post(item: dict[str, Any], fetched_from: str) -> Post:
    link = str(item.get("link") or "")
    about = item.get("yoast_head_json")
    about = about if isinstance(about, dict) else {}
    own = posts.host(link) or posts.host(_rendered(item, "guid")) or posts.host(fetched_from)
    content = item.get("content")
    protected = isinstance(content, dict) and content.get("protected") is True
    site = about.get("og_site_name")
    return Post(
        own=f"{own or 'wordpress'}:{item.get('id') or item.get('slug') or link}",
        title=_rendered(item, "title"),
        day=str(item.get("date") or item.get("date_gmt") or ""),
        html=_rendered(item, "content"),
        excerpt="" if _rendered(item, "content") else _rendered(item, "excerpt"),
        url=link,
        source=site if isinstance(site, str) else own,
        topics=_embedded(item, "wp:term"),
        authors=_embedded(item, "author") or [str(about.get("author") or "")],
        fields={
            "status": item.get("status") or "publish",
            "password": item.get("password") or "",
            "protected": protected,
            "post_type": item.get("type") or "post",
        },
    )


def _embedded(item: dict[str, Any], name: str) -> list[str]:
    """Return the names of the authors, categories or tags that `?_embed` added to the response."""
    embedded = item.get("_embedded")
    groups = embedded.get(name) if isinstance(embedded, dict) else None
    flat = [term for part in groups or [] for term in (part if isinstance(part, list) else [part])]
    return [
        term["name"]
        for term in flat
        if isinstance(term, dict) and isinstance(term.get("name"), str) and term.get("slug") != "uncategorized"
    ]
