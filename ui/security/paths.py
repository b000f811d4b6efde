"""Refuses paths that two programs may interpret differently: a proxy, this server, or one of its rules."""

import re

from starlette.types import Scope

from .refusals import Refusal

_AMBIGUOUS = re.compile(
    r"//"  # an empty segment, which some servers drop
    r"|/\.{1,2}(?=/|$)"  # the current or parent folder
    r"|[;\\]"  # parameters of a segment; a backslash
    r"|%(?:2e|2f|5c|00|25)"  # encoded twice
    r"|[\x00-\x1f\x7f-\x9f]"
    r"|\.(?=/)",  # a segment that ends with a dot, which Windows drops
    re.IGNORECASE,
)
_ENCODED = re.compile(rb"%(?:2f|5c)", re.IGNORECASE)
"""An encoded slash. The application would treat it as a separator."""


def refused(scope: Scope) -> Refusal | None:
    """A 404 refusal for an ambiguous path, or None. None of our own addresses is ambiguous."""
    path, raw = scope["path"], scope.get("raw_path") or b""
    if path.startswith("/") and not _AMBIGUOUS.search(path) and not _ENCODED.search(raw):
        return None
    return Refusal(404, "not_found", "there is no page at this address; the chat is at /")
