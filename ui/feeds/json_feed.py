"""A feed as JSON Feed 1.1."""

import json
from typing import Any

from index.models import AnyEntry
from ui.html import safe_url

from .feed import Feed, labels, moment, one_line, page_address, summary, to_the_day
from .texts import ABOUT, NAME

MEDIA_TYPE = "application/feed+json"
_VERSION = "https://jsonfeed.org/version/1.1"


def written(feed: Feed) -> bytes:
    """The feed."""
    value: dict[str, Any] = {
        "version": _VERSION,
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.address("feed.json"),
        "description": ABOUT,
        "authors": [{"name": NAME, "url": f"{feed.base}/"}],
    }
    if feed.number < feed.pages:
        value["next_url"] = feed.address("feed.json", feed.number + 1)
    value["items"] = [_item(entry, feed.base) for entry in feed.entries]
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8")


def _item(entry: AnyEntry, base: str) -> dict[str, Any]:
    address = page_address(base, entry)
    item: dict[str, Any] = {"id": address, "url": address}
    source = safe_url(entry.url)
    if source is not None:
        item["external_url"] = source
    item["title"] = one_line(entry.title)
    # A reader shows one of the two or the other; neither holds markup.
    item["content_text"] = summary(entry) or one_line(entry.title)
    item["summary"] = one_line(summary(entry))
    if to_the_day(entry.date):
        # A moment is all that this field takes: a date known to its month or year stands below alone.
        item["date_published"] = moment(entry.date)
    item["tags"] = list(labels(entry))
    item["_almanac"] = {"entry_id": entry.id, "kind": entry.kind, "date": entry.date, "source": entry.source}
    return item
