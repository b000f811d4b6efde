"""The doors for programs, brought together: reading, streams, the OpenAI shape, the Model Context Protocol."""

from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI
from starlette.routing import Route

from assistant.settings import Settings

from .engine import Assistant, Finder
from .mcp_server import McpDoor, make_server
from .openai_shape import openai_shape
from .reading import reading
from .streaming import streaming


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
        app.router.routes.append(Route("/mcp", self._mcp))

    def running(self) -> AbstractAsyncContextManager[None]:
        """What has to run while the application does."""
        return self._mcp.running()
