"""Helpers: the security middleware in front of a small application, and a clock that the test sets."""

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
    """A clock in seconds that the test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The current time."""
        return self.now


async def _seen(request: Request) -> JSONResponse:
    """A request as it reached the application."""
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
    """The middleware in front of an application that echoes each request."""
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
    """A client with this address."""
    with TestClient(app, base_url=url, client=(client, 4711), raise_server_exceptions=False) as opened:
        yield opened


def get(client: str = STRANGER, path: str = "/page", at: str = "http://almanac.example", **options: Any) -> Any:
    """Send one request of a client to a new middleware. Options that do not belong to the request are settings."""
    headers = options.pop("headers", {})
    with visiting(application(**options), client, at) as opened:
        return opened.get(path, headers=headers)
