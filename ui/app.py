"""The one web application: the chat, the JSON door and the static files, in one process on one port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from assistant import __version__
from assistant.settings import Settings

from .api import api, install_errors
from .chat import TITLE, build_chat
from .engine import Assistant
from .guard import Guard
from .shell import STATIC, STATIC_ROUTE, Shell

_DESCRIPTION = "A chat over a catalogue of AI events, guides and reading paths; every sentence has its source."


def build_app(assistant: Assistant, settings: Settings) -> FastAPI:
    """The application, ready to be served."""
    chat = build_chat(assistant, settings.level)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # A mounted application's own start and end are not run by the one around it.
        async with chat.router.lifespan_context(chat):
            yield

    # FastAPI's pages of documentation load scripts from another host, so there are none; the document itself is kept.
    app = FastAPI(title=TITLE, version=__version__, docs_url=None, redoc_url=None, lifespan=lifespan)
    install_errors(app)
    app.include_router(api(assistant))
    app.mount(STATIC_ROUTE, StaticFiles(directory=STATIC))
    app.mount("/", Shell(chat, title=TITLE, description=_DESCRIPTION))
    app.add_middleware(Guard)
    return app


def serve(assistant: Assistant, settings: Settings) -> None:
    """Serve until interrupted."""
    level = settings.log_level.lower()
    # Gradio keeps a stream open for each visitor; those are cut, not waited for, when the server ends.
    uvicorn.run(
        build_app(assistant, settings),
        host=settings.host,
        port=settings.port,
        log_level=level,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
