"""Adds the API to the application: reading, streams, chat completions, the Model Context Protocol."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.settings.settings import Settings
from ui.serving.protocols import Assistant, Finder

from .catalogue import reading
from .export import exporting
from .mcp import McpEndpoint, make_server
from .openai import chat_completions
from .streaming import streaming

_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


class CatchAll(Mount):
    """Gets every request that no route before it matches. If a route matches except for the method, it answers 405."""

    def __init__(self, app: ASGIApp, before: Sequence[BaseRoute]) -> None:
        super().__init__("/", app=app)
        self._before = before

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a wrong method and name the right ones; pass on any other request to the application."""
        if any(match is Match.PARTIAL for match in self._matches(scope)):
            allowed = [name for name in _METHODS if Match.FULL in self._matches({**scope, "method": name})]
            raise HTTPException(405, headers={"Allow": ", ".join(allowed)})
        await super().handle(scope, receive, send)

    def _matches(self, scope: Scope) -> Iterator[Match]:
        return (route.matches(scope)[0] for route in self._before if route is not self)


class ApiRoutes:
    """The routes of the API.

    Args:
        assistant: Answers questions.
        finder: Finds entries.
        settings: The settings in use.
    """

    def __init__(self, assistant: Assistant, *, finder: Finder, settings: Settings) -> None:
        self._routers = (
            reading(assistant, finder, settings),
            exporting(assistant, settings),
            streaming(assistant),
            chat_completions(assistant, settings),
        )
        self._mcp = McpEndpoint(make_server(assistant, finder), settings, settings.host)

    def add_to(self, app: FastAPI) -> None:
        """Add the routes."""
        for router in self._routers:
            app.include_router(router)
        # Both forms: clients that add a slash would lose the body of their request in a redirect.
        app.router.routes += [Route("/mcp", self._mcp), Route("/mcp/", self._mcp)]

    def running(self) -> AbstractAsyncContextManager[None]:
        """A context in which the MCP server runs. The lifespan of the application must enter it."""
        return self._mcp.running()
