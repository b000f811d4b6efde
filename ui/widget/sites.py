"""The site that an address belongs to."""

from urllib.parse import urlsplit

from ui.security.origins import origin


def site_of(address: str) -> str | None:
    """Its origin, as a browser writes it; None where the address is none, or names a host that no site can have."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return origin(parts.scheme, parts.netloc)
