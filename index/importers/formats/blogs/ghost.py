"""Ghost's JSON export: each published post or page that is visible to everyone becomes an event."""

from collections.abc import Iterator
from typing import Any

from index.errors import ImportSourceError
from index.importers.records import Records
from index.importers.source import Imported, Source
from index.importers.text import json_text

from . import ghost_rich_text, posts
from .posts import Post

NAME = "ghost"
ABOUT = "Ghost's JSON export: its published posts and pages"


def fits(source: Source) -> bool:
    """Whether the source contains the database of a Ghost site."""
    if source.folder is not None or source.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
        return False
    if b'"posts"' not in source.data or not (b'"mobiledoc"' in source.data or b'"lexical"' in source.data):
        return False
    try:
        return _database(json_text.load(source, lambda _message: None)) is not None
    except ImportSourceError:
        return False


def read(source: Source) -> Imported:
    """Import every published post that has a title or a text. Drafts and members-only posts are reported.

    Raises:
        ImportSourceError: If the source is not a Ghost export.
    """
    if source.folder is not None:
        raise ImportSourceError(f"{source.name} is a folder", hint="name the export: Settings, Labs, Export in Ghost")
    records = Records(NAME)
    data = _database(json_text.load(source, lambda message: records.warn(source.name, "", message)))
    if data is None:
        raise ImportSourceError(
            f"{source.name} is not a Ghost export, or is incomplete", hint="in Ghost: Settings, Labs, Export content"
        )
    settings = {row.get("key"): row.get("value") for row in _rows(data, "settings")}
    site = str(settings.get("title") or "")
    topics = _joined(data, "posts_tags", "tag_id", "tags")
    authors = _joined(data, "posts_authors", "author_id", "users")
    users = {row["id"]: row for row in _rows(data, "users") if isinstance(row.get("id"), str | int)}
    emailed = {row.get("post_id") for row in _rows(data, "posts_meta") if row.get("email_only") in {True, "1"}}
    for number, post in enumerate(_rows(data, "posts"), start=1):
        place = f"{source.name}:post {number}"
        identity = post.get("id")
        author_id = post.get("author_id")
        author = users.get(author_id) if isinstance(author_id, str | int) else None
        named = authors.get(identity, []) or ([author] if author else [])
        made = _post(post, site, _public(topics.get(identity, [])), [str(user.get("name") or "") for user in named])
        if identity in emailed:
            records.leave_out(place, "", "it was sent by email only")
        else:
            posts.add(records, place, made)
    return records.imported(whole=False)


def _database(value: Any) -> dict[str, Any] | None:
    """Return the tables of an export: `db[0].data`, or `data` in older exports. None if they are missing."""
    if isinstance(value, dict) and isinstance(value.get("db"), list) and value["db"]:
        value = value["db"][0]
    data = value.get("data") if isinstance(value, dict) else None
    return data if isinstance(data, dict) and isinstance(data.get("posts"), list) else None


def _rows(data: dict[str, Any], table: str) -> Iterator[dict[str, Any]]:
    rows = data.get(table)
    return (row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else iter(())


def _joined(data: dict[str, Any], between: str, key: str, table: str) -> dict[Any, list[dict[str, Any]]]:
    """Map each post id to its rows of `table`, in their sort order, using the join table `between`."""
    by_id = {row.get("id"): row for row in _rows(data, table) if isinstance(row.get("id"), str | int)}
    rows: dict[Any, list[dict[str, Any]]] = {}
    pairs = [row for row in _rows(data, between) if isinstance(row.get(key), str | int)]
    for row in sorted(pairs, key=lambda row: row["sort_order"] if isinstance(row.get("sort_order"), int) else 0):
        if row[key] in by_id and isinstance(row.get("post_id"), str | int):
            rows.setdefault(row["post_id"], []).append(by_id[row[key]])
    return rows


def _public(tags: list[dict[str, Any]]) -> list[str]:
    names = [str(tag.get("name") or "") for tag in tags if tag.get("visibility") != "internal"]
    return [name for name in names if not name.startswith("#")]


def _post(row: dict[str, Any], site: str, topics: list[str], authors: list[str]) -> Post:
    html = row.get("html") if isinstance(row.get("html"), str) else ""
    html = html or ghost_rich_text.of_lexical(row.get("lexical")) or ghost_rich_text.of_mobiledoc(row.get("mobiledoc"))
    text = row.get("plaintext") if isinstance(row.get("plaintext"), str) else ""
    address = str(row.get("canonical_url") or "").replace("__GHOST_URL__", "")
    identity = str(row.get("uuid") or row.get("id") or row.get("slug") or "")
    # The export does not contain the site's address, but the UUID is globally unique.
    return Post(
        own=f"ghost:{identity}",
        title=str(row.get("title") or "").removeprefix("(Untitled)"),
        day=str(row.get("published_at") or row.get("created_at") or ""),
        html=html or posts.paragraphs(text or ""),
        excerpt=str(row.get("custom_excerpt") or ""),
        url=address,
        source=site,
        topics=topics,
        authors=authors,
        fields={
            "status": row.get("status") or "draft",
            "visibility": _visibility(row.get("visibility")),
        },
    )


def _visibility(value: object) -> str:
    """Return `public`, `members`, `paid` or `tiers`. A filter such as `label:vip` counts as `members`."""
    visibility = str(value or "public").strip().lower()
    return visibility if visibility in {"public", "members", "paid", "tiers"} else "members"
