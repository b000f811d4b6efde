"""The doors for programs, brought together: reading, streams, the OpenAI shape, the Model Context Protocol."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.settings.settings import Settings
from ui.serving.protocols import Assistant, Finder

from .catalogue import reading
from .mcp import McpDoor, make_server
from .openai import openai_shape
from .streaming import streaming

_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


class Rest(Mount):
    """What has every address that no route before it has; their addresses asked with another method are 405."""

    def __init__(self, app: ASGIApp, before: Sequence[BaseRoute]) -> None:
        super().__init__("/", app=app)
        self._before = before

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a wrong method, saying which are right; all else is for the application."""
        if any(match is Match.PARTIAL for match in self._matches(scope)):
            right = [name for name in _METHODS if Match.FULL in self._matches({**scope, "method": name})]
            raise HTTPException(405, headers={"Allow": ", ".join(right)})
        await super().handle(scope, receive, send)

    def _matches(self, scope: Scope) -> Iterator[Match]:
        return (route.matches(scope)[0] for route in self._before if route is not self)


class Doors:
    """All of them, over one assistant.

    Args:
        assistant: Answers.
        finder: Finds entries.
        settings: Those in force.
    """

    def __init__(self, assistant: Assistant, *, finder: Finder, settings: Settings) -> None:
        self._routers = (
            reading(assistant, finder, settings),
            streaming(assistant),
            openai_shape(assistant, settings),
        )
        self._mcp = McpDoor(make_server(assistant, finder), settings, settings.host)

    def open_in(self, app: FastAPI) -> None:
        """Enter the routes."""
        for router in self._routers:
            app.include_router(router)
        # Clients that are given the address with a slash would lose their message at a redirect.
        app.router.routes += [Route("/mcp", self._mcp), Route("/mcp/", self._mcp)]

    def running(self) -> AbstractAsyncContextManager[None]:
        """What has to run while the application does."""
        return self._mcp.running()
