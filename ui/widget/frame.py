"""The chat in a frame of another site: which site may frame it, which page it talks to, and its colours."""

from dataclasses import dataclass

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from assistant.settings.serving import ServingSettings
from ui.chat.gradio_page import GradioPage, PageVariant
from ui.html import attributes
from ui.security.origins import allowed
from ui.security.widget_tokens import LIFE, WidgetTokens
from ui.templating import render

from .colours import palette
from .options import Options
from .site_names import site_of

_FRAME_DESTINATIONS = {"iframe", "frame", "embed", "object"}
"""Values of `Sec-Fetch-Dest` for frames."""
_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-write=(self)"


@dataclass(frozen=True, slots=True)
class FrameParent:
    """The page around the frame."""

    site: str | None
    """Its origin, if it may embed the chat; None otherwise, and for a visit without a frame."""
    is_preview: bool = False
    """Whether it is our own builder page."""

    @classmethod
    def of(cls, request: Request, settings: ServingSettings) -> "FrameParent":
        """The page that the browser names in `Referer`; only if it names none, the page in the query."""
        if request.query_params.get("preview") == "1":
            return cls(None, is_preview=True)
        destination = request.headers.get("sec-fetch-dest")
        if destination is not None and destination not in _FRAME_DESTINATIONS:
            return cls(None)
        referer = request.headers.get("referer")
        site = site_of(referer if referer is not None else request.query_params.get("origin", ""))
        return cls(site if site is not None and allowed(site, settings.embed_origins) else None)


def frame_variant(request: Request, settings: ServingSettings, sessions: WidgetTokens) -> PageVariant:
    """The variant of the chat's page for one frame."""
    parent = FrameParent.of(request, settings)
    options = Options.read(request.query_params)
    data = {
        "name": "almanac-embed",
        "content": "1",
        "data-parent": "self" if parent.is_preview else parent.site,
        "data-session": sessions.token(parent.site) if parent.site is not None else None,
        "data-life": str(LIFE) if parent.site is not None else None,
        "data-theme": options.theme or "auto",
        "data-level": options.level or None,
        "data-question": options.question or None,
    }
    style = Markup(palette(options.accent))  # noqa: S704 -- it contains no text from the request, only computed colours
    return PageVariant(
        ancestors=_ancestors(settings, parent),
        html_attributes=attributes(
            data_embed="", data_theme=options.theme if options.theme in {"light", "dark"} else None
        ),
        head=render("frame_head.html", data=data, style=style),
        headers=_headers(settings, parent),
    )


def _ancestors(settings: ServingSettings, parent: FrameParent) -> str:
    if parent.is_preview:
        return "'self'"
    return " ".join(settings.embed_origins) or "'none'"


def _headers(settings: ServingSettings, parent: FrameParent) -> tuple[tuple[str, str], ...]:
    headers = [("permissions-policy", _PERMISSIONS), ("referrer-policy", "no-referrer")]
    if parent.is_preview:
        return (*headers, ("x-frame-options", "SAMEORIGIN"))
    if not settings.embed_origins:
        return (*headers, ("x-frame-options", "DENY"))
    # A page with cross-origin isolation can only frame documents that send these headers.
    return (
        *headers,
        ("cross-origin-resource-policy", "cross-origin"),
        ("cross-origin-embedder-policy", "require-corp"),
    )


class FramedChat(Response):
    """A response that sends the chat's page. Gradio makes the page when it is sent."""

    def __init__(self, chat_page: GradioPage, variant: PageVariant) -> None:
        super().__init__()
        self._chat_page, self._variant = chat_page, variant

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the page."""
        await self._chat_page.send(scope, receive, send, self._variant)
