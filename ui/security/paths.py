"""Which paths are read at all: those that every server, proxy and rule here reads in the same way."""

import re

from starlette.types import Scope

from .refusals import Refusal

_TWO_READINGS = re.compile(
    r"//"  # an empty part, which some servers drop
    r"|/\.{1,2}(?=/|$)"  # this folder, the one above
    r"|[;\\]"  # parameters of a part; the other slash
    r"|%(?:2e|2f|5c|00|25)"  # what was encoded twice
    r"|[\x00-\x1f\x7f-\x9f]"
    r"|\.(?=/)",  # a part that ends with a dot, which Windows drops
    re.IGNORECASE,
)
_ENCODED = re.compile(rb"%(?:2f|5c)", re.IGNORECASE)
"""A slash within a part: the application reads it as one between two."""


def refused(scope: Scope) -> Refusal | None:
    """Why a path is not read, or None. No address of ours has any of this, so nothing is lost."""
    path, raw = scope["path"], scope.get("raw_path") or b""
    if path.startswith("/") and not _TWO_READINGS.search(path) and not _ENCODED.search(raw):
        return None
    return Refusal(404, "not_found", "there is nothing at this address; / is the chat")
