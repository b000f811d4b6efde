"""The real guard before a small application, and a clock that moves only when it is told to."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, Router
from starlette.testclient import TestClient

from assistant.settings.settings import Settings
from ui.security.login import Login
from ui.security.middleware import SecurityMiddleware
from ui.security.rate_limits import Limits
from ui.security.request_bodies import Bodies
from ui.security.widget_tokens import WidgetTokens

SECRET = "a secret of the tests"  # noqa: S105
STRANGER = "203.0.113.9"


class Clock:
    """Seconds, as told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


async def _seen(request: Request) -> JSONResponse:
    """What reached the application."""
    visitor = request.state.visitor
    return JSONResponse(
        {
            "client": request.client.host if request.client else None,
            "url": str(request.url),
            "headers": dict(request.headers),
            "visitor": [visitor.client, visitor.site],
            "body": (await request.body()).decode("latin-1"),
        }
    )


async def _framed(_: Request) -> Response:
    return PlainTextResponse("framed", headers={"content-security-policy": "frame-ancestors https://example.org"})


async def _broken(_: Request) -> Response:
    raise RuntimeError("a fault")


def application(
    clock: Clock | None = None,
    *,
    bodies: Bodies | None = None,
    streams: int = 10_000,
    full: bool = False,
    **settings: Any,
) -> SecurityMiddleware:
    """The guard before an application that tells what reached it at every address."""
    made = Settings(secret=SECRET, **settings)
    limits = Limits(made, clock=clock or Clock())
    behind = Router(
        routes=[
            Route("/embed", _framed),
            Route("/broken", _broken),
            Route("/{rest:path}", _seen, methods=["GET", "POST", "OPTIONS"]),
        ]
    )
    return SecurityMiddleware(
        behind,
        settings=made,
        limits=limits,
        sessions=WidgetTokens(SECRET),
        access=Login(made, limits),
        bodies=bodies,
        streams=streams,
        full=lambda: full,
    )


@contextmanager
def visiting(
    app: SecurityMiddleware, client: str = STRANGER, url: str = "http://almanac.example"
) -> Iterator[TestClient]:
    """Somebody at that address."""
    with TestClient(app, base_url=url, client=(client, 4711), raise_server_exceptions=False) as opened:
        yield opened


def get(client: str = STRANGER, path: str = "/page", at: str = "http://almanac.example", **options: Any) -> Any:
    """One request of that client to a guard of its own; what is no option of the request is a setting."""
    headers = options.pop("headers", {})
    with visiting(application(**options), client, at) as opened:
        return opened.get(path, headers=headers)
