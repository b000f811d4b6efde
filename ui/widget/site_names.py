"""The site of an address."""

from urllib.parse import urlsplit

from ui.security.origins import origin


def site_of(address: str) -> str | None:
    """The origin of an address, as browsers write it; None if the address is invalid or its host cannot be a site."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return origin(parts.scheme, parts.netloc)
