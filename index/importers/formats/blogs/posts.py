"""Convert posts from blog and newsletter exports to events. The export formats in this package share this module."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from index.importers.ids import of_foreign
from index.importers.mapping import dated
from index.importers.records import Records
from index.importers.text import plaintext
from index.importers.text.lines import web_address
from index.importers.visibility import hidden_reason

_BLOCK = re.compile(r"<(?:p|div|li|h[1-6]|blockquote|table)\b", re.IGNORECASE)
# Brackets are excluded inside, so that the time stays linear.
_OPENING = re.compile(r"\[(?P<name>[a-z][a-z0-9_-]{2,40})(?P<attributes>(?:[\s/][^\[\]]{0,1000})?)\]")
_ATTRIBUTE = re.compile(r"""\s[\w-]+=["']""")
_CLOSING = re.compile(r"\[/(?P<name>[a-z][a-z0-9_-]{2,40})\]")
_KNOWN = set("caption gallery embed audio video playlist wp_caption contact-form-7 toc".split())


@dataclass(slots=True)
class Post:
    """One post of an export. `html` and `excerpt` are markup; the other texts are plain text."""

    own: str
    """A globally unique id of the post, such as `blog.example.org:12`."""
    title: str = ""
    day: str = ""
    html: str = ""
    excerpt: str = ""
    url: str = ""
    source: str = ""
    topics: Iterable[str] = ()
    authors: Iterable[str] = ()
    fields: Mapping[str, object] = field(default_factory=dict)
    """The fields that say who may see the post, as input to `visibility.hidden_reason`."""


def add(records: Records, place: str, post: Post) -> None:
    """Add a post as an event. A post that is not public, or has neither title nor text, is skipped and reported."""
    if reason := hidden_reason({"date": post.day, **post.fields}, posts=True):
        records.leave_out(place, "", reason)
        return
    text = plaintext.of_html(paragraphs(without_shortcodes(post.html)))
    summary = plaintext.both(plaintext.of_html(without_shortcodes(post.excerpt)), text)
    title = plaintext.one_line(post.title) or plaintext.first_words(summary)
    if not title:
        records.leave_out(place, "title", "the post has neither a title nor a text")
        return
    record: dict[str, Any] = {
        "id": of_foreign(post.own),
        "kind": "event",
        "title": title,
        "date": dated(records, place, post.day) if post.day else None,
        "summary": summary,
        "url": web_address(post.url) if post.url else None,
        "source": plaintext.one_line(post.source),
        "topics": _distinct(post.topics),
        "authors": _distinct(post.authors),
    }
    records.add(place, record)


def host(address: str) -> str:
    """Return the host of a URL without `www.`; empty if it has none."""
    try:
        return (urlsplit(address.strip()).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def paragraphs(html: str) -> str:
    """Return the markup with its paragraphs in `<p>` elements. Old WordPress posts separate them by blank lines."""
    if _BLOCK.search(html):
        return html
    return "".join(f"<p>{part}</p>" for part in re.split(r"\n\s*\n", html.replace("\r\n", "\n")) if part.strip())


def without_shortcodes(html: str) -> str:
    """Return the markup without WordPress shortcodes. Text between an opening and a closing shortcode is kept."""
    if "[" not in html:
        return html
    closed = {match["name"] for match in _CLOSING.finditer(html)}

    def opening(match: re.Match[str]) -> str:
        known = match["name"] in closed or match["name"] in _KNOWN or _ATTRIBUTE.search(match["attributes"])
        return "" if known else match[0]

    return _CLOSING.sub("", _OPENING.sub(opening, html))


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for name in map(plaintext.one_line, names) if name))
