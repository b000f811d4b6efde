"""Writes a feed as JSON Feed 1.1."""

import json
from typing import Any

from index.models import AnyEntry
from ui.html import safe_url

from .feed import Feed, has_day, labels, on_one_line, page_address, permanent_id, summary, timestamp
from .texts import ABOUT, NAME

MEDIA_TYPE = "application/feed+json"
_VERSION = "https://jsonfeed.org/version/1.1"


def to_json_feed(feed: Feed) -> bytes:
    """The feed as a JSON document."""
    document: dict[str, Any] = {
        "version": _VERSION,
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.address("feed.json"),
        "description": ABOUT,
        "authors": [{"name": NAME, "url": f"{feed.base}/"}],
    }
    if feed.number < feed.pages:
        document["next_url"] = feed.address("feed.json", feed.number + 1)
    document["items"] = [_item(entry, feed.base) for entry in feed.entries]
    return json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8")


def _item(entry: AnyEntry, base: str) -> dict[str, Any]:
    address = page_address(base, entry)
    item: dict[str, Any] = {"id": permanent_id(base, entry), "url": address}
    source = safe_url(entry.url)
    if source is not None:
        item["external_url"] = source
    item["title"] = on_one_line(entry.title)
    # Readers show either the text or the summary. Neither contains markup.
    item["content_text"] = summary(entry) or on_one_line(entry.title)
    item["summary"] = on_one_line(summary(entry))
    if has_day(entry.date):
        # This field needs a time. Dates without a day are only in `_almanac`.
        item["date_published"] = timestamp(entry.date)
    item["tags"] = list(labels(entry))
    item["_almanac"] = {"entry_id": entry.id, "kind": entry.kind, "date": entry.date, "source": entry.source}
    return item
