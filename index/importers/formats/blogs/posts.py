"""Posts of blogs and newsletters: what their exports share on the way to an event."""

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
# Neither bracket stands inside, so that no text is looked through twice.
_OPENING = re.compile(r"\[(?P<name>[a-z][a-z0-9_-]{2,40})(?P<attributes>(?:[\s/][^\[\]]{0,1000})?)\]")
_ATTRIBUTE = re.compile(r"""\s[\w-]+=["']""")
_CLOSING = re.compile(r"\[/(?P<name>[a-z][a-z0-9_-]{2,40})\]")
_KNOWN = set("caption gallery embed audio video playlist wp_caption contact-form-7 toc".split())


@dataclass(slots=True)
class Post:
    """What an export says of one post; `html` and `excerpt` are markup, the rest is plain text."""

    own: str
    """What tells it from every other post of the world, such as `blog.example.org:12`."""
    title: str = ""
    day: str = ""
    html: str = ""
    excerpt: str = ""
    url: str = ""
    source: str = ""
    topics: Iterable[str] = ()
    authors: Iterable[str] = ()
    fields: Mapping[str, object] = field(default_factory=dict)
    """What the export says of who may see it, as `visibility.hidden_reason` reads it."""


def add(records: Records, place: str, post: Post) -> None:
    """Make an event of a post; one that is not public, or says nothing, is left out and reported."""
    if reason := hidden_reason({"date": post.day, **post.fields}, posts=True):
        records.leave_out(place, "", reason)
        return
    text = plaintext.of_html(paragraphs(without_shortcodes(post.html)))
    said = plaintext.both(plaintext.of_html(without_shortcodes(post.excerpt)), text)
    title = plaintext.one_line(post.title) or plaintext.first_words(said)
    if not title:
        records.leave_out(place, "title", "the post has neither a title nor a text")
        return
    record: dict[str, Any] = {
        "id": of_foreign(post.own),
        "kind": "event",
        "title": title,
        "date": dated(records, place, post.day) if post.day else None,
        "summary": said,
        "url": web_address(post.url) if post.url else None,
        "source": plaintext.one_line(post.source),
        "topics": _distinct(post.topics),
        "authors": _distinct(post.authors),
    }
    records.add(place, record)


def host(address: str) -> str:
    """The host of an address without `www.`, empty where it has none."""
    try:
        return (urlsplit(address.strip()).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def paragraphs(html: str) -> str:
    """Markup in which blank lines part paragraphs, as WordPress kept it for long, with `<p>` in their place."""
    if _BLOCK.search(html):
        return html
    return "".join(f"<p>{part}</p>" for part in re.split(r"\n\s*\n", html.replace("\r\n", "\n")) if part.strip())


def without_shortcodes(html: str) -> str:
    """The markup without WordPress's shortcodes; what stands between an opening and a closing one is kept."""
    if "[" not in html:
        return html
    closed = {match["name"] for match in _CLOSING.finditer(html)}

    def opening(match: re.Match[str]) -> str:
        known = match["name"] in closed or match["name"] in _KNOWN or _ATTRIBUTE.search(match["attributes"])
        return "" if known else match[0]

    return _CLOSING.sub("", _OPENING.sub(opening, html))


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for name in map(plaintext.one_line, names) if name))
