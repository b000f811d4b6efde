"""The chat as it stands in a frame: who may frame it, whom it listens to, and how it looks there."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from assistant.settings.serving import ServingSettings
from ui.chat.gradio_page import Guise, Shell
from ui.html import attributes
from ui.security.origins import allowed
from ui.security.widget_tokens import LIFE, WidgetTokens
from ui.urls import static

from .colours import palette
from .options import Options
from .sites import site_of

_FRAMES = {"iframe", "frame", "embed", "object"}
_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-write=(self)"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the frame stands."""

    site: str | None
    """The origin of the page around it, one that is listed; None for a visit without one."""
    preview: bool = False
    """Whether it stands in our own page of options, and in no other."""

    @classmethod
    def of(cls, request: Request, settings: ServingSettings) -> "Place":
        """Read from the request: the page that the browser names, and only where it names none, the declared one."""
        if request.query_params.get("preview") == "1":
            return cls(None, preview=True)
        into = request.headers.get("sec-fetch-dest")
        if into is not None and into not in _FRAMES:
            return cls(None)
        named = request.headers.get("referer")
        site = site_of(named if named is not None else request.query_params.get("origin", ""))
        return cls(site if site is not None and allowed(site, settings.embed_origins) else None)


def guise(request: Request, settings: ServingSettings, sessions: WidgetTokens) -> Guise:
    """The page for this frame."""
    place = Place.of(request, settings)
    options = Options.read(request.query_params)
    theme = options.theme if options.theme in {"light", "dark"} else None
    told = attributes(
        name="almanac-embed",
        content="1",
        data_parent="self" if place.preview else place.site,
        data_session=sessions.token(place.site) if place.site is not None else None,
        data_life=str(LIFE) if place.site is not None else None,
        data_theme=options.theme or "auto",
        data_level=options.level or None,
        data_question=options.question or None,
    )
    style = palette(options.accent)
    return Guise(
        ancestors=_ancestors(settings, place),
        root=attributes(data_embed="", data_theme=theme),
        head=(
            f"<meta{told}>"
            '<meta name="robots" content="noindex">'
            f'<link rel="stylesheet" href="{static("embed.css")}">'
            + (f"<style>{style}</style>" if style else "")
            # Not deferred: it must hear every message before Gradio does.
            + f'<script src="{static("embed.js")}"></script>'
        ),
        headers=_headers(settings, place),
    )


def _ancestors(settings: ServingSettings, place: Place) -> str:
    if place.preview:
        return "'self'"
    return " ".join(settings.embed_origins) or "'none'"


def _headers(settings: ServingSettings, place: Place) -> tuple[tuple[str, str], ...]:
    headers = [("permissions-policy", _PERMISSIONS), ("referrer-policy", "no-referrer")]
    if place.preview:
        return (*headers, ("x-frame-options", "SAMEORIGIN"))
    if not settings.embed_origins:
        return (*headers, ("x-frame-options", "DENY"))
    # A page that isolates itself may frame only what says that it may be, and isolates its own parts likewise.
    return (
        *headers,
        ("cross-origin-resource-policy", "cross-origin"),
        ("cross-origin-embedder-policy", "require-corp"),
    )


class Framed(Response):
    """The chat's page as a response; it is Gradio's, and made ready only as it is sent."""

    def __init__(self, shell: Shell, worn: Guise) -> None:
        super().__init__()
        self._shell, self._worn = shell, worn

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await self._shell.page(scope, receive, send, self._worn)
