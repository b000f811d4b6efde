"""Which other sites' pages may use this server: the one place where an origin is compared."""

import ipaddress
import re
from collections.abc import Sequence

_PORTS = {"http": "80", "https": "443"}
_HIGHEST_PORT = 65_535
_HOST = re.compile(r"([a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::([1-9][0-9]{0,4}))?")


def origin(scheme: str, host: str) -> str | None:
    """`scheme://host[:port]` in lower case, without the scheme's own port; None where that is no origin.

    A browser sends an origin in one form alone: what would need mending was written by nobody we know.
    """
    found = _HOST.fullmatch(host.lower())
    if found is None or scheme not in _PORTS or not host.isascii():
        return None
    name, port = found.groups()
    if int(port or 0) > _HIGHEST_PORT or (name.startswith("[") and not _is_ipv6(name[1:-1])):
        return None
    return f"{scheme}://{name}" if port in {None, _PORTS[scheme]} else f"{scheme}://{name}:{port}"


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def allowed(asked: str, origins: Sequence[str]) -> bool:
    """Whether the origin `asked`, as a browser sends it, is one of `origins`.

    `https://*.example.org` is any name below example.org, at the same scheme and port, and not example.org itself.
    """
    scheme, _, host = asked.partition("://")
    exact = origin(scheme, host)
    return exact is not None and any(_is(exact, pattern) for pattern in origins)


def _is(asked: str, pattern: str) -> bool:
    scheme, _, host = pattern.partition("://")
    if not host.startswith("*."):
        return asked == origin(scheme, host)
    above = origin(scheme, host.removeprefix("*."))
    start = f"{scheme}://"
    # The dot stays: what ends in the name alone may be anybody's.
    return above is not None and asked.startswith(start) and asked.endswith(f".{above.removeprefix(start)}")
