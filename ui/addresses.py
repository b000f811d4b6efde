"""The address under which others reach this server."""

from starlette.requests import Request

from assistant.serving import ServingSettings


def public(request: Request, settings: ServingSettings) -> str:
    """What public links begin with, without a slash at the end: the address set, else the one that was asked."""
    return settings.url or str(request.base_url).rstrip("/")
