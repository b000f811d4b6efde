"""The one web application: the chat, the JSON door and the static files, in one process on one port."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from assistant import __version__
from assistant.settings import Settings

from .api import api, install_errors
from .chat import TITLE, build_chat, gr, theme
from .engine import Assistant
from .guard import Guard
from .shell import STATIC, STATIC_ROUTE, Shell

log = logging.getLogger(__name__)

_DESCRIPTION = "A chat over a catalogue of AI events, guides and reading paths; every sentence has its source."


def build_app(assistant: Assistant, settings: Settings) -> FastAPI:
    """The application, ready to be served."""
    chat = _chat(assistant, settings)

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


def _chat(assistant: Assistant, settings: Settings) -> FastAPI:
    inner = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    mounted: FastAPI = gr.mount_gradio_app(
        inner,
        build_chat(assistant, settings.level),
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=1,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        theme=theme(),
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
    )
    return mounted


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
