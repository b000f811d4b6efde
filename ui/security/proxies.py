"""Who is asking: the peer, or whom a trusted proxy names; and by which scheme and host it asked."""

import ipaddress
import logging
from collections.abc import Iterable, Sequence

from starlette.types import Scope

log = logging.getLogger(__name__)

_FORWARDED = frozenset({b"forwarded", b"x-real-ip", b"x-forwarded"})
_PREFIX = b"x-forwarded-"
_OBEYED = (b"x-gradio-", b"x-zerogpu-", b"x-ip-token", b"x-original-", b"x-rewrite-", b"x-http-method", b"x-direct-url")
"""Beginnings of headers that Gradio or other servers' software obey: whoever sends them, nothing here needs them. Gradio
takes the address that its page loads everything from out of X-Gradio-Server."""
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address(text: str) -> Address | None:
    """An address as proxies write it, with or without a port; None where it is none."""
    words = text.strip()
    if words.startswith("["):
        words = words[1:].partition("]")[0]
    elif words.count(":") == 1:
        words = words.partition(":")[0]
    try:
        found = ipaddress.ip_address(words)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def client_key(host: str) -> str:
    """What one client is counted by: an IPv6 line has a whole /64 of addresses, and all of them are one client."""
    found = address(host.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found) if found is not None else host[:64]


class Proxies:
    """Reads the headers of trusted proxies, and takes them away from everybody.

    Args:
        networks: Addresses or networks of the proxies.
        identity: Header by which a trusted proxy names the user, if any; it is taken from all others.
    """

    def __init__(self, networks: Iterable[str], *, identity: str | None = None) -> None:
        self._networks = tuple(ipaddress.ip_network(network, strict=False) for network in networks)
        self._identity = identity.lower().encode("latin-1") if identity else None
        self._warned = False

    def trusted(self, host: str) -> bool:
        """Whether this address is a trusted proxy's."""
        found = address(host.partition("%")[0])
        return found is not None and any(
            found.version == network.version and found in network for network in self._networks
        )

    def corrected(self, scope: Scope) -> Scope:
        """The request as the client made it; the application sees none of the headers this was read from."""
        peer = scope["client"][0] if scope.get("client") else ""
        believed = self.trusted(peer)
        headers: list[tuple[bytes, bytes]] = []
        given: dict[bytes, list[str]] = {}
        for name, value in scope["headers"]:
            if name.replace(b"_", b"-").startswith(_OBEYED):
                continue
            if name.startswith(_PREFIX) or name in _FORWARDED:
                given.setdefault(name, []).append(value.decode("latin-1"))
            elif name != self._identity or believed:
                headers.append((name, value))
        corrected = {**scope, "headers": headers}
        if not believed:
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
        # From the right: each trusted proxy wrote what it saw; what stands left of the first stranger is hearsay.
        nearest = peer
        for hop in reversed(hops):
            found = address(hop)
            if found is None:
                return nearest
            nearest = str(found)
            if not self.trusted(nearest):
                return nearest
        return nearest

    def _warn_once(self, peer: str, given: dict[bytes, list[str]]) -> None:
        if b"x-forwarded-for" in given and not self._warned:
            self._warned = True
            log.warning(
                "%s sends X-Forwarded-For and is not in ALMANAC_TRUSTED_PROXIES: all who come through it count as one",
                peer,
            )


def _last(lines: Sequence[str]) -> str:
    return lines[-1].rpartition(",")[2].strip() if lines else ""
