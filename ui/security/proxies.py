"""Finds the real client, scheme and host of a request behind trusted proxies. Removes proxy headers of all others."""

import ipaddress
import logging
from collections.abc import Iterable, Sequence

from starlette.types import Scope

log = logging.getLogger(__name__)

_PROXY_HEADERS = frozenset({b"forwarded", b"x-real-ip", b"x-forwarded"})
_PREFIX = b"x-forwarded-"
_DANGEROUS_PREFIXES = (
    b"x-gradio-",
    b"x-zerogpu-",
    b"x-ip-token",
    b"x-original-",
    b"x-rewrite-",
    b"x-http-method",
    b"x-direct-url",
)
"""Prefixes of headers that change how Gradio or other server software behaves. Nothing here needs them, so they are
removed from every request. Example: Gradio's page loads all its files from the address in X-Gradio-Server."""
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address(text: str) -> Address | None:
    """Parse an IP address as proxies write it, with or without a port; None if it is not an address."""
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(host)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return mapped or parsed


def client_key(host: str) -> str:
    """The key by which a client is counted: its IPv4 address, or its IPv6 /64 network, which belongs to one customer."""
    parsed = address(host.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed) if parsed is not None else host[:64]


class Proxies:
    """Applies the headers of trusted proxies, and removes proxy headers from every request.

    Args:
        networks: Addresses or networks of the trusted proxies.
        identity: Header in which a trusted proxy passes the user's name, if any. Removed from all other requests.
    """

    def __init__(self, networks: Iterable[str], *, identity: str | None = None) -> None:
        self._networks = tuple(ipaddress.ip_network(network, strict=False) for network in networks)
        self._identity = identity.lower().encode("latin-1") if identity else None
        self._warned = False

    def trusted(self, host: str) -> bool:
        """Whether this is the address of a trusted proxy."""
        parsed = address(host.partition("%")[0])
        return parsed is not None and any(
            parsed.version == network.version and parsed in network for network in self._networks
        )

    def corrected(self, scope: Scope) -> Scope:
        """The request with the client's own address, scheme and host, and without proxy headers."""
        peer = scope["client"][0] if scope.get("client") else ""
        from_proxy = self.trusted(peer)
        headers: list[tuple[bytes, bytes]] = []
        given: dict[bytes, list[str]] = {}
        for name, value in scope["headers"]:
            if name.replace(b"_", b"-").startswith(_DANGEROUS_PREFIXES):
                continue
            if name.startswith(_PREFIX) or name in _PROXY_HEADERS:
                given.setdefault(name, []).append(value.decode("latin-1"))
            elif name != self._identity or from_proxy:
                headers.append((name, value))
        corrected = {**scope, "headers": headers}
        if not from_proxy:
            self._warn_once(peer, given)
            return corrected
        hops = [hop for line in given.get(b"x-forwarded-for", ()) for hop in line.split(",")]
        corrected["client"] = (self._client(hops, peer), 0)
        if (scheme := _last(given.get(b"x-forwarded-proto", ())).lower()) in {"http", "https"}:
            corrected["scheme"] = scheme
        if host := _last(given.get(b"x-forwarded-host", ())):
            corrected["headers"] = [(name, value) for name, value in headers if name != b"host"]
            corrected["headers"].append((b"host", host.encode("latin-1")))
        return corrected

    def _client(self, hops: Sequence[str], peer: str) -> str:
        # Each proxy appends the address it sees on the right. Left of the first untrusted address, anything can be forged.
        nearest = peer
        for hop in reversed(hops):
            parsed = address(hop)
            if parsed is None:
                return nearest
            nearest = str(parsed)
            if not self.trusted(nearest):
                return nearest
        return nearest

    def _warn_once(self, peer: str, given: dict[bytes, list[str]]) -> None:
        if b"x-forwarded-for" in given and not self._warned:
            self._warned = True
            log.warning(
                "%s sends X-Forwarded-For but is not in ALMANAC_TRUSTED_PROXIES: all its users count as one client",
                peer,
            )


def _last(lines: Sequence[str]) -> str:
    return lines[-1].rpartition(",")[2].strip() if lines else ""
