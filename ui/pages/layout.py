"""What every page stands in: head, masthead, footer; and how it is sent. No page needs a script to be read."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from assistant.settings.serving import ServingSettings
from index import dates
from index.catalogue import Catalogue
from ui import urls
from ui.feeds.page_links import alternates
from ui.html import NAME, attributes, plural, text

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""A page's Content-Security-Policy: nothing inline runs and nothing is inline; what is fetched is ours."""
_LONGEST_DESCRIPTION = 300
_STYLES = ("chat.css", "page.css")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page stands: what public links begin with, and what links within it begin with."""

    public: str = ""
    root: str = ""

    @classmethod
    def of(cls, request: Request, settings: ServingSettings) -> "Place":
        """The place of what was asked for."""
        return cls(urls.public(request, settings), urls.root(request, settings))

    def to(self, path: str) -> str:
        """A link within the page; `path` is relative to the start page."""
        return f"{self.root}/{path}"

    def out(self, path: str) -> str:
        """The same as a public address."""
        return f"{self.public}/{path}"

    def entry(self, entry_id: str) -> str:
        """A link to an entry's page."""
        return self.to(urls.entry(entry_id))


@dataclass(frozen=True, slots=True)
class About:
    """What the head says to programs."""

    description: str = ""
    path: str | None = None
    """The page's own address for all time, relative to the start page; None for a page that has none."""
    kind: str = "website"
    """Open Graph's type: `website` or `article`."""
    published: str | None = None
    linked: Mapping[str, Any] | None = None
    """The page in the words of schema.org."""
    hidden: bool = False
    """Whether search engines are asked to leave it out."""
    links: Sequence[tuple[str, str]] = ()
    """`rel` and address of `<link>`s, such as `prev` and `next`."""


def page(
    title: str,
    body: str,
    *,
    place: Place,
    about: About = About(),
    catalogue: Catalogue | None = None,
    current: str = "",
) -> str:
    """A whole page.

    Args:
        title: What it is called, as text.
        body: Ready-made HTML, with the page's one `<h1>`.
        place: Where it stands.
        about: What the head says of it.
        catalogue: The catalogue in use, for the line at the foot.
        current: The part of the masthead that it belongs to: `browse`, `timeline` or nothing.
    """
    whole = title if title == NAME else f"{title} · {NAME}"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(whole)}</title>{_told(title, place, about)}"
        '<meta name="color-scheme" content="light dark">'
        '<meta name="theme-color" content="#faf7f0" media="(prefers-color-scheme: light)">'
        '<meta name="theme-color" content="#161815" media="(prefers-color-scheme: dark)">'
        f'<link rel="icon" type="image/svg+xml" href="{place.to(urls.static("icon.svg"))}">{alternates(place.root)}'
        + "".join(f'<link rel="stylesheet" href="{place.to(urls.static(name))}">' for name in _STYLES)
        # Not deferred: the reader's choice of light or dark must stand before the first paint.
        + f'<script src="{place.to(urls.static("page.js"))}"></script>'
        f'</head><body class="page"><a class="skip" href="#content">Skip to the text</a>{_masthead(place, current)}'
        f'<main id="content" tabindex="-1">{body}</main>{_foot(place, catalogue)}</body></html>\n'
    )


def _told(title: str, place: Place, about: About) -> str:
    brief = cut(about.description, _LONGEST_DESCRIPTION)
    named = [("description", brief)] if brief else []
    if about.hidden:
        named.append(("robots", "noindex"))
    tags = [f"<meta{attributes(name=name, content=content)}>" for name, content in named]
    address = place.out(about.path) if about.path is not None else None
    graph = [("og:title", title), ("og:type", about.kind), ("og:site_name", NAME)]
    graph += [("og:description", brief)] if brief else []
    graph += [("og:url", address)] if address else []
    graph += [("article:published_time", about.published)] if about.published else []
    tags += [f"<meta{attributes(property=name, content=content)}>" for name, content in graph]
    tags.append('<meta name="twitter:card" content="summary">')
    tags += [f"<link{attributes(rel='canonical', href=address)}>"] if address and not about.hidden else []
    tags += [f"<link{attributes(rel=rel, href=href)}>" for rel, href in about.links]
    return "".join(tags) + (in_script(about.linked) if about.linked else "")


def in_script(linked: Mapping[str, Any]) -> str:
    """JSON-LD as a block of data: no browser runs it, and nothing in it can end it."""
    words = json.dumps(linked, ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        words = words.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/ld+json">{words}</script>'


def _masthead(place: Place, current: str) -> str:
    def link(path: str, name: str, part: str) -> str:
        mark = attributes(href=place.to(path), aria_current="page" if part == current else None)
        return f"<a{mark}>{name}</a>"

    return (
        f'<header class="masthead"><a class="brand" href="{place.to("")}"><span class="emblem" aria-hidden="true">'
        f'</span><span class="name">{NAME}</span></a><nav aria-label="The almanac">'
        f"{link('browse', 'Browse', 'browse')}{link('browse?view=timeline', 'Timeline', 'timeline')}"
        f'<a class="chat" href="{place.to("")}">Ask</a></nav></header>'
    )


def _foot(place: Place, catalogue: Catalogue | None) -> str:
    count = plural(len(catalogue.entries), "entry", "entries") if catalogue else ""
    as_of = f", as of {text(dates.in_words(catalogue.as_of))}" if catalogue and catalogue.as_of else ""
    line = f"<p>{count}{as_of}. Every answer quotes them, word for word.</p>" if catalogue else ""
    return (
        f'<footer class="foot"><form class="asking" action="{place.to("")}" method="get" role="search">'
        '<label for="ask">Ask the almanac a question</label><span class="row">'
        '<input id="ask" name="ask" required maxlength="2000" autocomplete="off" placeholder="Ask in plain words …">'
        f'<button class="primary">Ask</button></span></form>{line}</footer>'
    )


def cut(words: str, most: int) -> str:
    """The words on one line, cut at a space where they are too many."""
    line = " ".join(words.split())
    if len(line) <= most:
        return line
    return (
        line[: most - 1].rpartition(" ")[0].rstrip(" ,;:–—-") + " …"
        if " " in line[: most - 1]
        else line[: most - 1] + "…"
    )


def paragraphs(words: str, **named: str) -> str:
    """Text as paragraphs: a blank line ends one, other line breaks stay."""
    parts = [part.strip() for part in words.replace("\r\n", "\n").split("\n\n")]
    return (
        f"<div{attributes(**named)}>" + "".join(f'<p dir="auto">{text(part)}</p>' for part in parts if part) + "</div>"
    )


def send(request: Request, html: str, *, status: int = 200, hidden: bool = False) -> Response:
    """A page as a response; a browser that has it already is told so."""
    body = html.encode("utf-8", "replace")
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {"content-security-policy": POLICY, "cache-control": "no-cache", "etag": tag}
    if hidden:
        headers["x-robots-tag"] = "noindex"
    seen = request.headers.get("if-none-match", "")
    if status == 200 and tag.removeprefix("W/") in seen:
        return Response(status_code=304, headers=headers)
    return Response(body, status, headers, media_type="text/html; charset=utf-8")
