"""Parses and compares web origins, to decide which other sites' pages may use this server."""

import ipaddress
import re
from collections.abc import Sequence

_PORTS = {"http": "80", "https": "443"}
_HIGHEST_PORT = 65_535
_HOST = re.compile(r"([a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::([1-9][0-9]{0,4}))?")


def origin(scheme: str, host: str) -> str | None:
    """`scheme://host[:port]` in lower case, without the scheme's default port; None if that is not an origin.

    Browsers send origins in this form only. Other forms are not repaired, but refused.
    """
    match = _HOST.fullmatch(host.lower())
    if match is None or scheme not in _PORTS or not host.isascii():
        return None
    name, port = match.groups()
    if int(port or 0) > _HIGHEST_PORT or (name.startswith("[") and not _is_ipv6(name[1:-1])):
        return None
    return f"{scheme}://{name}" if port in {None, _PORTS[scheme]} else f"{scheme}://{name}:{port}"


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def allowed(sender: str, origins: Sequence[str]) -> bool:
    """Whether the origin `sender`, as a browser sends it, matches one of `origins`.

    `https://*.example.org` matches every subdomain of example.org with the same scheme and port, but not example.org.
    """
    scheme, _, host = sender.partition("://")
    exact = origin(scheme, host)
    return exact is not None and any(_matches(exact, pattern) for pattern in origins)


def _matches(sender: str, pattern: str) -> bool:
    scheme, _, host = pattern.partition("://")
    if not host.startswith("*."):
        return sender == origin(scheme, host)
    parent = origin(scheme, host.removeprefix("*."))
    start = f"{scheme}://"
    # The dot is part of the comparison: `evilexample.org` ends with `example.org` too.
    return parent is not None and sender.startswith(start) and sender.endswith(f".{parent.removeprefix(start)}")
