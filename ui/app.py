"""The web application: chat, pages, JSON API and static files, in one process on one port."""

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
from index.editing.journal import Journal
from ui.api.admin import admin
from ui.api.ask import api
from ui.api.feedback import feedback
from ui.api.routes import ApiRoutes, CatchAll
from ui.chat.blocks import TITLE, build_chat
from ui.chat.gradio_page import GradioPage
from ui.feeds import crawlers
from ui.pages import HtmlErrors, pages
from ui.security.connections import capacity, server_options
from ui.security.login import Login
from ui.security.middleware import STREAMS, SecurityMiddleware
from ui.security.rate_limits import Limits
from ui.security.widget_tokens import WidgetTokens
from ui.serving.admission import AdmissionControl
from ui.serving.listener import listen, reserve
from ui.serving.protocols import Almanac
from ui.serving.recent_answers import RecentAnswers
from ui.storage.storage import Storage
from ui.widget import embedding

from .errors import install_errors
from .urls import STATIC, STATIC_ROUTE

_THREAD_SWITCH_SECONDS = 0.0005
_DESCRIPTION = "A chat over a catalogue of AI events, guides and reading paths. Every sentence has its source."


def build_app(
    assistant: Almanac, settings: Settings, *, background: AbstractContextManager[object] | None = None
) -> FastAPI:
    """Build the application.

    Args:
        assistant: Answers the questions.
        settings: The settings.
        background: A context that is entered when the application starts and left when it ends, such as the periodic sync.
    """
    limits = Limits(settings)
    login = Login(settings, limits)
    tokens = WidgetTokens(settings.secret.get_secret_value() if settings.secret else None)
    recent = RecentAnswers(assistant)
    assistant = admission = AdmissionControl(recent, settings, limits.tally)
    storage = Storage.of(settings.data, settings)
    chat = build_chat(assistant, settings.level, limits)
    api_routes = ApiRoutes(assistant, finder=assistant, settings=settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # A question that waits for admission occupies a thread. The rest of the server needs its usual number of threads.
        anyio.to_thread.current_default_thread_limiter().total_tokens += settings.answers_at_once + settings.waiting
        storage.tidy_in_background()
        # FastAPI does not run the start and end of a mounted application, so this runs them for the chat.
        # Cleaning up after `server.run` would be too late: uvicorn then raises the signal that ended it once more.
        async with chat.router.lifespan_context(chat), api_routes.running():
            with background or nullcontext():
                yield

    # FastAPI's documentation pages load scripts from another host, so they are off. /openapi.json is served.
    app = FastAPI(title=TITLE, version=__version__, docs_url=None, redoc_url=None, lifespan=lifespan)
    install_errors(app, Journal(settings.catalogue_file).was_removed)
    chat_page = GradioPage(chat, title=TITLE, description=_DESCRIPTION, inputs=chat.state.inputs)
    app.include_router(api(assistant, settings))
    app.include_router(feedback(recent, settings, storage))
    app.include_router(pages(assistant, settings, storage))
    app.include_router(crawlers(assistant, settings))
    api_routes.add_to(app)
    app.include_router(embedding(chat_page, settings, tokens))
    app.include_router(admin(admission, settings, login, limits.tally, storage))
    app.mount(STATIC_ROUTE, StaticFiles(directory=STATIC))
    app.state.closing = chat_page.closing
    app.router.routes.append(CatchAll(chat_page, app.router.routes))
    streams = min(STREAMS, capacity() * 3 // 10)
    app.add_middleware(
        SecurityMiddleware,
        settings=settings,
        limits=limits,
        sessions=tokens,
        access=login,
        full=admission.refused,
        streams=streams,
    )
    app.add_middleware(HtmlErrors, settings=settings, catalogue=lambda: admission.catalogue)
    return app


class _Server(uvicorn.Server):
    """Uvicorn's server, which also reports when it listens and ends open streams when it shuts down."""

    def __init__(self, app: FastAPI, started: Callable[[], None], **options: Any) -> None:
        super().__init__(uvicorn.Config(app, **options))
        self._app = app
        self._on_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as uvicorn does, then call `started`."""
        await super().startup(sockets)
        if self.started:
            self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the visitors' streams, which would never end by themselves, then shut down as uvicorn does."""
        self._app.state.closing.set()
        await super().shutdown(sockets)


def serve(
    assistant: Almanac,
    settings: Settings,
    started: Callable[[str], None] = lambda _address: None,
    *,
    background: AbstractContextManager[object] | None = None,
    listener: socket.socket | None = None,
) -> None:
    """Serve until interrupted.

    Args:
        assistant: Answers the questions.
        settings: The settings, with host and port.
        started: Called with the address as soon as the server accepts connections.
        background: As in `build_app`.
        listener: The socket from `reserve`; by default it is reserved now.

    Raises:
        SettingsError: the server cannot listen on this host and port.
    """
    listener = listener or reserve(settings)
    host = f"[{settings.host}]" if listener.family == socket.AF_INET6 else settings.host
    address = f"http://{host}:{listener.getsockname()[1]}/"
    server = _Server(
        build_app(assistant, settings, background=background),
        lambda: started(address),
        log_level=settings.log_level.lower(),
        access_log=False,
        log_config=None,  # uvicorn then uses our log handler, which removes control characters
        timeout_graceful_shutdown=5,
        **server_options(settings),
    )
    # Threads work on answers. The event loop gets its turn between them sooner than after the default of 5 ms.
    sys.setswitchinterval(_THREAD_SWITCH_SECONDS)
    # An interrupt is the normal way to end a server. Uvicorn raises it again after it has shut down.
    with listener, suppress(KeyboardInterrupt):
        listen(listener, settings)
        server.run(sockets=[listener])
