"""Conditional answers: what has not changed since a client got it is not made, or sent, again."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from assistant import __version__
from assistant.settings.settings import Settings


class Tags:
    """Names for what an address gives: the same name is the same content.

    Args:
        settings: Those that answers depend on go into the name, so that one from before a restart still holds.
    """

    def __init__(self, settings: Settings) -> None:
        self._made_with = (__version__, settings.embedder, settings.reader, settings.level)

    def of(self, request: Request, catalogue_hash: str, *, day: str = "") -> str:
        """The tag of what `request` asks for; `day` where the answer depends on it.

        It is a weak one: the milliseconds in an answer are others each time.
        """
        asked = (request.url.path, sorted(request.query_params.multi_items()))
        said = json.dumps((*self._made_with, catalogue_hash, day, asked))
        return f'W/"{hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'


def today() -> str:
    """The day that "last year" is counted from."""
    return datetime.now(UTC).date().isoformat()


def conditional(request: Request, tag: str, make: Callable[[], Response]) -> Response:
    """What `make` gives, under its tag; or 304 for a client that has it, without making it.

    `no-cache` lets everybody keep it and has them ask each time, so that no one sees an entry that was taken out.
    """
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if _known(request, tag):
        return Response(status_code=304, headers=headers)
    response = make()
    response.headers.update(headers)
    return response


def _known(request: Request, tag: str) -> bool:
    given = [one.strip() for line in request.headers.getlist("if-none-match") for one in line.split(",")]
    return "*" in given or tag.removeprefix("W/") in {one.removeprefix("W/") for one in given}
