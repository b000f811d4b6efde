"""`/embed/builder`: choose the options of the widget, see it live and copy the code.

The page works as a plain form. Its script only avoids reloads.
"""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from assistant.settings.serving import ServingSettings
from ui.html import NAME, attributes, text
from ui.security import origins
from ui.templating import render
from ui.urls import public, root

from .loader import version
from .options import LEVELS, LOCALES, MAX_TITLE_LENGTH, POSITIONS, THEMES, Options
from .site_names import site_of

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_DEFAULT_ACCENT = "#0b6e4f"
_LANGUAGE_NAMES = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "ar": "العربية",
    "he": "עברית",
}


@dataclass(frozen=True, slots=True)
class _Snippet:
    """Code to copy into a page, or into its configuration."""

    id: str
    title: str
    description: str
    code: str


@dataclass(frozen=True, slots=True)
class _Permission:
    """Whether a site may embed the chat."""

    state: Literal["no site", "invalid", "allowed", "refused"]
    origin: str = ""
    needs_tls: bool = False
    """Whether the site uses HTTPS and this server does not: browsers then block the frame."""
    origins: str = ""
    """The value of `ALMANAC_EMBED_ORIGINS` that allows the site."""


def send(request: Request, settings: ServingSettings) -> Response:
    """Send the page for the options in the query."""
    options = Options.read(request.query_params)
    if options.accent.lower() == _DEFAULT_ACCENT:
        options = Options(**{**options.chosen(), "accent": ""})
    site = request.query_params.get("site", "").strip()[:300]
    address = public(request, settings)
    host = "{0.scheme}://{0.netloc}".format(urlsplit(address))
    page = render(
        "builder.html",
        options=options,
        site=site,
        root=root(request, settings),
        host=host,
        widget_version=version(),
        data_attributes={f"data-{name}": value for name, value in options.chosen().items()},
        permission=_permission(site, host, settings),
        snippets=_snippets(options, address, host),
        DEFAULT_ACCENT=_DEFAULT_ACCENT,
        LEVELS=LEVELS,
        LOCALES=LOCALES,
        MAX_TITLE_LENGTH=MAX_TITLE_LENGTH,
        OPTION_NAMES=_LANGUAGE_NAMES,
        POSITIONS=POSITIONS,
        THEMES=THEMES,
    )
    headers = {"content-security-policy": _POLICY, "cache-control": "no-store", "x-frame-options": "DENY"}
    return Response(page.encode("utf-8", "replace"), headers=headers, media_type="text/html")


def _snippets(options: Options, address: str, host: str) -> list[_Snippet]:
    """The code for each way to embed the chat. It is HTML that the page shows as text."""
    chosen = options.chosen()
    label = options.title or NAME
    data = attributes(**{f"data_{name}": value for name, value in chosen.items()})
    script = f"<script{attributes(src=f'{address}/widget.js')} async"
    fallback = f"<noscript><a{attributes(href=address + '/')}>{text(label)}</a></noscript>"
    query = [(name, chosen[name]) for name in ("theme", "accent", "level", "question") if name in chosen]
    frame = attributes(
        src=f"{address}/embed" + (f"?{urlencode(query)}" if query else ""),
        title=label,
        width="420",
        height="680",
        style="border:0",
        referrerpolicy="origin",
        allow="clipboard-write",
    )
    return [
        _Snippet(
            "line",
            "One line of code",
            "Anywhere in the page, preferably at its end.",
            f"{script}{data}></script>\n{fallback}",
        ),
        _Snippet(
            "element",
            "A custom element",
            "For pages that a framework renders: React, Vue, Docusaurus.",
            f"{script} data-manual></script>\n<almanac-assistant{data}></almanac-assistant>",
        ),
        _Snippet(
            "frame",
            "A plain frame",
            "Inside the page, without a button or a script.",
            f"<iframe{frame}></iframe>",
        ),
        _Snippet(
            "policy",
            "If your site has a Content-Security-Policy",
            "Add these sources to it:",
            f"script-src {host}; frame-src {host}",
        ),
    ]


def _permission(site: str, host: str, settings: ServingSettings) -> _Permission:
    if not site:
        return _Permission("no site")
    origin = site_of(site if "://" in site else f"https://{site}")
    if origin is None:
        return _Permission("invalid")
    needs_tls = origin.startswith("https:") and host.startswith("http:")
    if origins.allowed(origin, settings.embed_origins):
        return _Permission("allowed", origin, needs_tls)
    return _Permission("refused", origin, needs_tls, ",".join((*settings.embed_origins, origin)))
