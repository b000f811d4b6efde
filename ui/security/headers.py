"""Security headers of every response, and the rules for other sites: CORS, cross-site requests, host names."""

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Message, Scope, Send

from assistant.settings.serving import ServingSettings

from .origins import allowed, origin
from .proxies import address
from .refusals import Refusal

NO_CONTENT_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The content security policy of responses that set none themselves."""
_HEADERS: Mapping[bytes, bytes] = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"content-security-policy": NO_CONTENT_POLICY.encode("ascii"),
    b"permissions-policy": b"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
}
_FOR_OTHER_SITES = frozenset({"/widget.js", "/embed"})
"""Paths that pages of other sites load with a script or frame tag."""
_HSTS = (b"strict-transport-security", b"max-age=31536000")
_CORS_PATHS = ("/api/", "/v1/")
"""Paths that pages of the listed origins may fetch."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_HEADER_NAMES = re.compile(r"[a-z0-9-]+(?:\s*,\s*[a-z0-9-]+){0,40}", re.IGNORECASE | re.ASCII)
_LOOPBACK = re.compile(r"localhost|[a-z0-9-]+\.localhost", re.IGNORECASE | re.ASCII)


def with_security_headers(send: Send, scope: Scope, shared_with: str | None) -> Send:
    """Wrap `send` so that it adds missing security headers. `shared_with` is the other origin that may read the response."""
    fixed = dict(_HEADERS)
    if scope["path"] in _FOR_OTHER_SITES:
        fixed[b"cross-origin-resource-policy"] = b"cross-origin"

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = list(message.get("headers", ()))
            present = {name.lower(): value for name, value in own}
            added = [(name, value) for name, value in fixed.items() if name not in present]
            policy = present.get(b"content-security-policy", fixed[b"content-security-policy"])
            if b"frame-ancestors 'none'" in policy and b"x-frame-options" not in present:
                added.append((b"x-frame-options", b"DENY"))
            if scope["scheme"] == "https":
                added.append(_HSTS)
            if scope["path"].startswith(_CORS_PATHS):
                added.append((b"vary", b"Origin"))
            if shared_with is not None:
                added.append((b"access-control-allow-origin", shared_with.encode("ascii")))
                added.append((b"access-control-expose-headers", b"ETag, Retry-After"))
            message = {**message, "headers": [*own, *added]}
        await send(message)

    return send_with_headers


class OtherSites:
    """Decides what requests from pages of other sites may do, and which host names this server accepts."""

    def __init__(self, settings: ServingSettings) -> None:
        self._origins = settings.embed_origins
        parts = urlsplit(settings.url or "")
        self._own = origin(parts.scheme, parts.netloc)
        self._own_name = parts.hostname

    def shared_with(self, scope: Scope, headers: Headers) -> str | None:
        """The other origin that may read the response: a listed origin that requests the API. Otherwise None."""
        sender = headers.get("origin")
        if sender is None or not scope["path"].startswith(_CORS_PATHS) or not allowed(sender, self._origins):
            return None
        return sender

    def preflight(self, headers: Headers, shared_with: str | None) -> tuple[tuple[bytes, bytes], ...] | Refusal:
        """The headers that answer a CORS preflight request, or a refusal."""
        if shared_with is None:
            return _not_listed()
        requested = headers.get("access-control-request-headers", "")
        return (
            (b"access-control-allow-methods", b"GET, POST"),
            (b"access-control-allow-headers", requested.encode("ascii") if _HEADER_NAMES.fullmatch(requested) else b""),
            (b"access-control-max-age", b"600"),
        )

    def refused(self, scope: Scope, headers: Headers, shared_with: str | None, *, costs: bool) -> Refusal | None:
        """Refuse a request from another site's page if it changes something or costs an answer. `costs`: it costs an answer."""
        if shared_with is not None or not self._is_cross_site(scope, headers):
            return None
        if scope["method"] not in _SAFE:
            return _not_listed()
        # Following a link is the user's own action. Loading an image or script is not: the page makes the browser do it.
        followed = headers.get("sec-fetch-mode", "navigate") == "navigate"
        return _not_listed() if costs and not followed else None

    def _is_cross_site(self, scope: Scope, headers: Headers) -> bool:
        fetch_site = headers.get("sec-fetch-site")
        if fetch_site is not None:
            return fetch_site not in {"same-origin", "none"}
        sender = headers.get("origin")
        if sender is None:
            return False  # not a browser, or a very old one
        # Behind an untrusted proxy that ends TLS the scheme is unknown, so this compares only host and port.
        _, _, name = sender.partition("://")
        own = origin(scope["scheme"], headers.get("host", ""))
        return sender != self._own and (own is None or origin(scope["scheme"], name) != own)

    def wrong_host(self, scope: Scope, headers: Headers, *, proxied: bool) -> Refusal | None:
        """Refuse requests to a loopback address that use another host name (DNS rebinding).

        A hostile page can make its own name point to 127.0.0.1. To the browser this server is then the page's own site.
        Requests from a trusted proxy may use any name.
        """
        host = headers.get("host")
        if host and origin(scope["scheme"], host) is None:
            # Addresses built from the request would contain it.
            return Refusal(400, "bad_request", "the Host header is not a host name; send the server's name")
        server = scope.get("server")
        here = address(str(server[0])) if server else None
        if proxied or here is None or not here.is_loopback:
            return None
        name = (urlsplit(f"//{host}").hostname if host else None) or ""
        if _LOOPBACK.fullmatch(name) or name == self._own_name or _is_loopback(name):
            return None
        return Refusal(
            421,
            "wrong_host",
            "this server does not accept that host name; set ALMANAC_URL to its public address, or add the proxy in "
            "front of it to ALMANAC_TRUSTED_PROXIES",
        )


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _not_listed() -> Refusal:
    return Refusal(
        403, "other_site", "pages of other sites may not request this; add their origin to ALMANAC_EMBED_ORIGINS"
    )
