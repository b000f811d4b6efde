"""Which other sites' pages may use this server: the one place where an origin is compared."""

from collections.abc import Sequence
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


def origin(scheme: str, host: str) -> str | None:
    """`scheme://host[:port]` in lower case, without the scheme's own port; None where that is no origin."""
    # A browser sends an origin in one form alone; what needs mending was written by nobody we know.
    if scheme not in _PORTS or not host or any(sign in host for sign in "/\\@?#%, \t\r\n") or not host.isascii():
        return None
    try:
        parts = urlsplit(f"{scheme}://{host.lower()}")
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname:
        return None
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{scheme}://{name}" if port in {None, _PORTS[scheme]} else f"{scheme}://{name}:{port}"


def allowed(asked: str, origins: Sequence[str]) -> bool:
    """Whether the origin `asked`, as a browser sends it, is one of `origins`.

    `https://*.example.org` is any name below example.org, at the same scheme and port, and not example.org itself.
    """
    scheme, separator, host = asked.partition("://")
    exact = origin(scheme, host) if separator else None
    if exact is None:
        return False
    return any(_is(exact, pattern) for pattern in origins)


def _is(asked: str, pattern: str) -> bool:
    scheme, _, host = pattern.partition("://")
    if not host.startswith("*."):
        return asked == origin(scheme, host)
    below = origin(scheme, host.removeprefix("*."))
    if below is None:
        return False
    start, end = f"{scheme}://", below.removeprefix(f"{scheme}://")
    label = asked.removeprefix(start).removesuffix(f".{end}")
    return asked == f"{start}{label}.{end}" and label != ""
