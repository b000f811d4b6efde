"""JSON Feed 1.0 and 1.1: each item becomes an event."""

import re
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from index.errors import ImportSourceError
from index.importers.ids import event_id, of_address, of_foreign
from index.importers.mapping import dated
from index.importers.records import Records
from index.importers.source import Imported, Source
from index.importers.text import json_text, plaintext
from index.importers.text.lines import web_address

NAME = "jsonfeed"
ABOUT = "JSON Feed"
_VERSION = re.compile(rb'"version"\s*:\s*"https?:\\?/\\?/jsonfeed\.org\\?/version', re.IGNORECASE)


class _Author(BaseModel):
    model_config = ConfigDict(extra="ignore")
    name: str = ""


class _Item(BaseModel):
    """One item of the feed. A field of the wrong type counts as missing; a numeric id is converted to text."""

    model_config = ConfigDict(extra="ignore")
    id: str = ""
    url: str = ""
    external_url: str = ""
    title: str = ""
    content_html: str = ""
    content_text: str = ""
    summary: str = ""
    date_published: str = ""
    date_modified: str = ""
    tags: tuple[str, ...] = ()
    authors: tuple[_Author, ...] = ()
    author: _Author = _Author()

    @field_validator("*", mode="wrap")
    @classmethod
    def _or_missing(cls, value: Any, handler: Any, info: Any) -> Any:
        default = cls.model_fields[info.field_name].default
        if isinstance(value, int | float) and not isinstance(value, bool) and info.field_name == "id":
            return str(value)
        if isinstance(value, list):
            value = [item for item in value if isinstance(item, str | dict)]
        try:
            return handler(value)
        except ValidationError:
            return default


def fits(source: Source) -> bool:
    """Whether the source declares a version of JSON Feed."""
    return source.folder is None and source.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and _named(source)


def _named(source: Source) -> bool:
    return _VERSION.search(source.data) is not None


def read(source: Source) -> Imported:
    """Import every item that has a title, a text, a URL or an id. Other items are skipped and reported by number.

    Raises:
        ImportSourceError: If the source is not a JSON Feed.
    """
    if source.folder is not None:
        raise ImportSourceError(f"{source.name} is a folder", hint="name the feeds one by one")
    records = Records(NAME)
    feed = json_text.load(source, lambda message: records.warn(source.name, "", message))
    if isinstance(feed, list) and _named(source):
        feed = {"items": feed}  # a truncated feed: only the items could be read
    items = feed.get("items", []) if isinstance(feed, dict) else None
    if not isinstance(items, list) or not (_named(source) or items):
        raise ImportSourceError(f"{source.name} is no JSON Feed: it has no list of items", hint="try --format json")
    home = str(feed.get("home_page_url") or feed.get("feed_url") or source.url or "")
    title = plaintext.tidy(str(feed.get("title") or ""))
    host = urlsplit(home).hostname if web_address(home) else None
    scope = (host or "").removeprefix("www.") or event_id(title or "feed")
    for number, raw in enumerate(items, start=1):
        place = f"{source.name}:item {number}"
        if not isinstance(raw, dict):
            records.leave_out(place, "", "an item must be a JSON object")
            continue
        if records.leave_out_hidden(place, _visibility(raw)):
            continue
        record = _record(records, place, _Item.model_validate(raw), home)
        if record is not None:
            foreign = record.pop("foreign")
            records.add(place, record | {"source": title, "id": _id(foreign, record, scope)}, versions=bool(foreign))
    return records.imported(whole=False, world_wide=True, home=home)


def _visibility(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an item together with those of its extensions, whose names begin with `_`."""
    extensions = [value for name, value in raw.items() if name.startswith("_") and isinstance(value, dict)]
    return {name: value for fields in (raw, *extensions) for name, value in fields.items()}


def _record(records: Records, place: str, item: _Item, home: str) -> dict[str, Any] | None:
    text = plaintext.of_html(item.content_html) or plaintext.tidy(item.content_text)
    summary = plaintext.both(plaintext.tidy(item.summary), text)
    url = next(
        (parsed for address in (item.url, item.external_url) if address and (parsed := web_address(address, home))),
        None,
    )
    title = " ".join(plaintext.tidy(item.title).split()) or (records.title_from(summary) if summary else "")
    if not title:
        title = url or item.id
        if not title:
            records.leave_out(place, "title", "the item has neither title, text, address nor id")
            return None
        records.warn(place, "title", f"the item has neither title nor text, and is called {title!r}")
    when = item.date_published or item.date_modified
    return {
        "foreign": item.id.strip(),
        "kind": "event",
        "title": title,
        "date": dated(records, place, when) if when else None,
        "summary": summary,
        "url": url,
        "topics": list(dict.fromkeys(tag for tag in map(plaintext.tidy, item.tags) if tag)),
        "authors": [author.name for author in (*item.authors, item.author) if author.name],
    }


def _id(foreign: str, record: dict[str, Any], scope: str) -> str:
    if re.match(r"https?://", foreign, re.IGNORECASE):
        return of_address(foreign)
    if foreign:
        # Many feeds use ids such as "1", so the feed's host is added.
        return of_foreign(foreign if re.match(r"(?:tag|urn):", foreign) else f"{scope}:{foreign}")
    return of_address(record["url"]) if record["url"] else event_id(record["title"])
