"""`<link>` elements in the head of pages, with which feed readers find the feeds."""

from urllib.parse import urlencode

from ui.html import attributes

from . import atom, json_feed
from .texts import NAME


def feed_links(base: str, question: str | None = None) -> str:
    """Links to both feeds of all entries and, if a question is given, to its feeds.

    Args:
        base: What the links start with, without a slash at the end: the public address or its path.
        question: The question of a page, as `/feed?q=` takes it.
    """
    feeds = [("", NAME)]
    if question:
        feeds.append((f"?{urlencode({'q': question})}", f"{question[:200]} · {NAME}"))
    formats = ((atom.MEDIA_TYPE, "feed"), (json_feed.MEDIA_TYPE, "feed.json"))
    return "".join(
        f"<link{attributes(rel='alternate', type=media_type, title=title, href=f'{base}/{path}{query}')}>"
        for query, title in feeds
        for media_type, path in formats
    )
