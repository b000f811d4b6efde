"""The frame around every page (head, masthead, footer) and the HTTP response that carries it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from assistant.settings.serving import ServingSettings
from index.catalogue import Catalogue
from ui import urls
from ui.conditional import conditional
from ui.templating import render, shorten

from . import entry_fields

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""The Content-Security-Policy of a page: no inline scripts or styles, and nothing from other hosts."""
_MAX_DESCRIPTION_LENGTH = 300


@dataclass(frozen=True, slots=True)
class SiteLinks:
    """Makes the links of a page. All paths are relative to the start page and have no leading slash."""

    public: str = ""
    """The public address of the server, without a slash at the end."""
    root: str = ""
    """The path that the server is mounted at, such as `/almanac`; empty at the root of the host."""

    @classmethod
    def of(cls, request: Request, settings: ServingSettings) -> "SiteLinks":
        """The links for the page that answers a request."""
        return cls(urls.public(request, settings), urls.root(request, settings))

    def path(self, path: str) -> str:
        """A link for use within the site."""
        return f"{self.root}/{path}"

    def absolute(self, path: str) -> str:
        """The same link as a public address."""
        return f"{self.public}/{path}"

    def entry(self, entry_id: str) -> str:
        """A link to the page of an entry."""
        return self.path(urls.entry(entry_id))

    def browse(self, **filters: str) -> str:
        """A link to the list of entries that match the filters."""
        return self.path(f"browse?{urlencode(filters)}" if filters else "browse")

    def ask(self, question: str) -> str:
        """A link that opens the chat and asks a question."""
        return self.path(f"?{urlencode({'ask': question})}")


@dataclass(frozen=True, slots=True)
class PageMeta:
    """What the head of a page tells search engines and programs that preview links."""

    description: str = ""
    path: str | None = None
    """The permanent address of the page, relative to the start page; None for a page without one."""
    og_type: str = "website"
    """The Open Graph type: `website` or `article`."""
    published: str | None = None
    json_ld: Mapping[str, Any] | None = None
    """The content of the page as schema.org JSON-LD."""
    noindex: bool = False
    """Whether search engines are asked not to index the page."""
    neighbours: Sequence[tuple[str, str]] = ()
    """`rel` and address of further `<link>` elements, such as `prev` and `next`."""


def page(
    template: str,
    *,
    title: str,
    links: SiteLinks,
    meta: PageMeta = PageMeta(),
    catalogue: Catalogue | None = None,
    current: str = "",
    **context: Any,
) -> str:
    """Render a whole page.

    Args:
        template: A template that extends `layout.html`.
        title: The title as plain text.
        links: Makes the links of the page.
        meta: What the head contains besides the title.
        catalogue: The catalogue in use, for the line in the footer; None hides that line.
        current: Which link of the masthead is marked as current: `browse`, `timeline` or none.
        context: What the template reads besides these.
    """
    return render(
        template,
        title=title,
        links=links,
        meta=replace(meta, description=shorten(meta.description, _MAX_DESCRIPTION_LENGTH)),
        catalogue=catalogue,
        current=current,
        KIND_PLURALS=entry_fields.KIND_PLURALS,
        brief=entry_fields.brief,
        importance=entry_fields.importance,
        level=entry_fields.level,
        undated=entry_fields.undated_label,
        **context,
    )


def send(request: Request, html: str, *, status: int = 200, noindex: bool = False) -> Response:
    """Send a page, or 304 to a browser that has this version cached."""
    body = html.encode("utf-8", "replace")
    headers = {"content-security-policy": POLICY}
    if noindex:
        headers["x-robots-tag"] = "noindex"
    response = Response(body, status, headers, media_type="text/html; charset=utf-8")
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
    return conditional(request, etag, lambda: response, headers=headers, cacheable=status == 200)
