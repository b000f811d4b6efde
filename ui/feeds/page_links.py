"""What a page's head says of feeds, so that a reader finds them by the page's address alone."""

from urllib.parse import urlencode

from ui.html import attributes

from . import atom, json_feed
from .texts import NAME


def alternates(base: str, question: str | None = None) -> str:
    """`<link>`s to both feeds of all entries, and to those of a question where one is given.

    Args:
        base: What links begin with, without a slash at the end: `addresses.public`, or the path of it.
        question: What a page is about, as `/feed?q=` takes it.
    """
    wanted = [("", NAME)] + ([(f"?{urlencode({'q': question})}", f"{question[:200]} · {NAME}")] if question else [])
    formats = ((atom.MEDIA_TYPE, "feed"), (json_feed.MEDIA_TYPE, "feed.json"))
    return "".join(
        f"<link{attributes(rel='alternate', type=media_type, title=title, href=f'{base}/{path}{query}')}>"
        for query, title in wanted
        for media_type, path in formats
    )
