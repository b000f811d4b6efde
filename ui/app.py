"""The one web application: the chat, the JSON door and the static files, in one process on one port."""

import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from typing import Any

import anyio.to_thread
import uvicorn
from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from assistant import __version__
from assistant.settings.settings import Settings
from index.errors import SettingsError
from ui.api.admin import admin
from ui.api.ask import api
from ui.api.feedback import feedback
from ui.api.routes import ApiRoutes, CatchAll
from ui.chat.blocks import TITLE, build_chat
from ui.chat.gradio_page import GradioPage
from ui.errors import install_errors
from ui.feeds import crawlers
from ui.pages import HtmlErrors, pages
from ui.security.connections import capacity, server_options
from ui.security.login import Access
from ui.security.middleware import STREAMS, Guard
from ui.security.rate_limits import Limits
from ui.security.widget_tokens import Sessions
from ui.serving.admission import Turnstile
from ui.serving.protocols import Almanac
from ui.serving.recent_answers import Remembering
from ui.storage.storage import Kept
from ui.widget import embedding

from .urls import STATIC, STATIC_ROUTE

_SWITCH_SECONDS = 0.0005
_DESCRIPTION = "A chat over a catalogue of AI events, guides and reading paths; every sentence has its source."


def build_app(
    assistant: Almanac, settings: Settings, *, beside: AbstractContextManager[object] | None = None
) -> FastAPI:
    """The application, ready to be served; what runs `beside` it begins and ends with it."""
    limits = Limits(settings)
    access = Access(settings, limits)
    sessions = Sessions(settings.secret.get_secret_value() if settings.secret else None)
    remembering = Remembering(assistant)
    assistant = turnstile = Turnstile(remembering, settings, limits.tally)
    kept = Kept.of(settings.data, settings)
    chat = build_chat(assistant, settings.level, limits)
    api_routes = ApiRoutes(assistant, finder=assistant, settings=settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # Whoever waits at the turnstile holds a thread; the rest of the server must not miss it.
        anyio.to_thread.current_default_thread_limiter().total_tokens += settings.answers_at_once + settings.waiting
        kept.tidy_beside()
        # A mounted application's own start and end are not run by the one around it.
        # Its end must come here: after it, the server takes the signal that ended it to heart, and is gone.
        async with chat.router.lifespan_context(chat), api_routes.running():
            with beside or nullcontext():
                yield

    # FastAPI's pages of documentation load scripts from another host, so there are none; the document itself is kept.
    app = FastAPI(title=TITLE, version=__version__, docs_url=None, redoc_url=None, lifespan=lifespan)
    install_errors(app)
    chat_page = GradioPage(chat, title=TITLE, description=_DESCRIPTION, inputs=chat.state.inputs)
    app.include_router(api(assistant, settings))
    app.include_router(feedback(remembering, settings, kept))
    app.include_router(pages(assistant, settings, kept))
    app.include_router(crawlers(assistant, settings))
    api_routes.add_to(app)
    app.include_router(embedding(chat_page, settings, sessions))
    app.include_router(admin(turnstile, settings, access, limits.tally, kept))
    app.mount(STATIC_ROUTE, StaticFiles(directory=STATIC))
    app.state.closing = chat_page.closing
    app.router.routes.append(CatchAll(chat_page, app.router.routes))
    streams = min(STREAMS, capacity() * 3 // 10)
    app.add_middleware(
        Guard,
        settings=settings,
        limits=limits,
        sessions=sessions,
        access=access,
        full=turnstile.refused,
        streams=streams,
    )
    app.add_middleware(HtmlErrors, settings=settings, catalogue=lambda: turnstile.catalogue)
    return app


class _Server(uvicorn.Server):
    """A server that says so as soon as it listens, and does not wait for streams that never end."""

    def __init__(self, app: FastAPI, started: Callable[[], None], **options: Any) -> None:
        super().__init__(uvicorn.Config(app, **options))
        self._app = app
        self._say_so = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As ever, then tell."""
        await super().startup(sockets)
        if self.started:
            self._say_so()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let the visitors' streams go, then as ever."""
        self._app.state.closing.set()
        await super().shutdown(sockets)


def serve(
    assistant: Almanac,
    settings: Settings,
    started: Callable[[str], None] = lambda _address: None,
    *,
    beside: AbstractContextManager[object] | None = None,
) -> None:
    """Serve until interrupted; `started` is told the address once the first visitor can come; `beside` as `build_app`.

    Raises:
        SettingsError: the host or the port cannot be had.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        raise SettingsError(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}",
            hint="`almanac serve --port 0` takes a free port; `--host 127.0.0.1` is this machine alone",
        ) from error
    host = f"[{settings.host}]" if family == socket.AF_INET6 else settings.host
    address = f"http://{host}:{listener.getsockname()[1]}/"
    server = _Server(
        build_app(assistant, settings, beside=beside),
        lambda: started(address),
        log_level=settings.log_level.lower(),
        access_log=False,
        log_config=None,  # its messages go where ours go, and are cleaned there
        timeout_graceful_shutdown=5,
        **server_options(settings),
    )
    # Answers are worked out in threads; whoever listens gets his turn between them sooner than after the usual 5 ms.
    sys.setswitchinterval(_SWITCH_SECONDS)
    # An interrupt is how a server is meant to end; uvicorn raises it once more after an orderly end.
    with listener, suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
