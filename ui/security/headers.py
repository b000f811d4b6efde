"""What every response carries, and what other sites' pages may do: policies, CORS, cross-site requests, host names."""

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

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The policy of whatever sets none of its own."""
_HEADERS: Mapping[bytes, bytes] = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"content-security-policy": NOTHING.encode("ascii"),
    b"permissions-policy": b"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
}
_FOR_OTHER_SITES = frozenset({"/widget.js", "/embed"})
"""What other sites' pages load by a plain tag."""
_HSTS = (b"strict-transport-security", b"max-age=31536000")
_CROSSING = ("/api/", "/v1/")
"""What pages of the listed origins may fetch."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_ASKED_HEADERS = re.compile(r"[a-z0-9-]+(?:\s*,\s*[a-z0-9-]+){0,40}", re.IGNORECASE | re.ASCII)
_LOOPBACK = re.compile(r"localhost|[a-z0-9-]+\.localhost", re.IGNORECASE | re.ASCII)


def guarded(send: Send, scope: Scope, shared_with: str | None) -> Send:
    """`send` that adds the headers a response has not set itself; `shared_with` is the origin that may read it."""
    fixed = dict(_HEADERS)
    if scope["path"] in _FOR_OTHER_SITES:
        fixed[b"cross-origin-resource-policy"] = b"cross-origin"

    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = list(message.get("headers", ()))
            present = {name.lower(): value for name, value in own}
            fresh = [(name, value) for name, value in fixed.items() if name not in present]
            policy = present.get(b"content-security-policy", fixed[b"content-security-policy"])
            if b"frame-ancestors 'none'" in policy and b"x-frame-options" not in present:
                fresh.append((b"x-frame-options", b"DENY"))
            if scope["scheme"] == "https":
                fresh.append(_HSTS)
            if scope["path"].startswith(_CROSSING):
                fresh.append((b"vary", b"Origin"))
            if shared_with is not None:
                fresh.append((b"access-control-allow-origin", shared_with.encode("ascii")))
                fresh.append((b"access-control-expose-headers", b"ETag, Retry-After"))
            message = {**message, "headers": [*own, *fresh]}
        await send(message)

    return with_headers


class OtherSites:
    """What a request from another site's page may do, and under which names this server answers."""

    def __init__(self, settings: ServingSettings) -> None:
        self._origins = settings.embed_origins
        parts = urlsplit(settings.url or "")
        self._own = origin(parts.scheme, parts.netloc)
        self._own_name = parts.hostname

    def shared_with(self, scope: Scope, headers: Headers) -> str | None:
        """The origin whose page may read the response: one that is listed, at the API."""
        asked = headers.get("origin")
        if asked is None or not scope["path"].startswith(_CROSSING) or not allowed(asked, self._origins):
            return None
        return asked

    def preflight(self, headers: Headers, shared_with: str | None) -> tuple[tuple[bytes, bytes], ...] | Refusal:
        """The answer to a browser that asks before it sends."""
        if shared_with is None:
            return _not_listed()
        asked = headers.get("access-control-request-headers", "")
        return (
            (b"access-control-allow-methods", b"GET, POST"),
            (b"access-control-allow-headers", asked.encode("ascii") if _ASKED_HEADERS.fullmatch(asked) else b""),
            (b"access-control-max-age", b"600"),
        )

    def refused(self, scope: Scope, headers: Headers, shared_with: str | None, *, costs: bool) -> Refusal | None:
        """Another site's page makes its reader's browser send something here, or ask something that costs."""
        if shared_with is not None or not self._foreign(scope, headers):
            return None
        if scope["method"] not in _SAFE:
            return _not_listed()
        # A link that a reader follows is no attack; a picture or a script with this address is none of his doing.
        followed = headers.get("sec-fetch-mode", "navigate") == "navigate"
        return _not_listed() if costs and not followed else None

    def _foreign(self, scope: Scope, headers: Headers) -> bool:
        told = headers.get("sec-fetch-site")
        if told is not None:
            return told not in {"same-origin", "none"}
        asked = headers.get("origin")
        if asked is None:
            return False  # no browser, or one so old that it says nothing
        # A proxy that ends TLS and is not trusted hides the scheme, so only the rest is compared.
        _, _, name = asked.partition("://")
        mine = origin(scope["scheme"], headers.get("host", ""))
        return asked != self._own and (mine is None or origin(scope["scheme"], name) != mine)

    def wrong_host(self, scope: Scope, headers: Headers, *, proxied: bool) -> Refusal | None:
        """On this machine's own address only its own names are answered: another name was made to point here.

        A page can do that to its own name (DNS rebinding) and is then no other site's to the browser. A trusted proxy is
        asked by names that only it knows.
        """
        host = headers.get("host")
        if host and origin(scope["scheme"], host) is None:
            # What is built from the request's own address would hold it.
            return Refusal(400, "bad_request", "the Host header is no name of a host; send the server's name")
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
            "this server is not known by that name; set ALMANAC_URL to its public address, or name the proxy in front "
            "of it in ALMANAC_TRUSTED_PROXIES",
        )


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _not_listed() -> Refusal:
    return Refusal(
        403, "other_site", "pages of other sites may not ask this; list their origin in ALMANAC_EMBED_ORIGINS"
    )
