"""The addresses of the embedding: `/widget.js`, `/embed`, `/embed/session`, `/embed/builder`."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from assistant.settings.serving import ServingSettings
from ui.api.ask import error_body
from ui.chat.gradio_page import Shell
from ui.security.origins import allowed
from ui.security.widget_tokens import HEADER, LIFE, WidgetTokens

from . import builder, loader
from .frame import Framed, guise

_READ = ["GET", "HEAD"]


def embedding(shell: Shell, settings: ServingSettings, sessions: WidgetTokens) -> APIRouter:
    """The routes; none is of use to other programs, so the OpenAPI document has none of them."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/widget.js", methods=_READ)
    def widget(request: Request) -> Response:
        """The loader for other sites' pages."""
        return loader.send(request)

    @router.api_route("/embed", methods=_READ)
    def embed(request: Request) -> Response:
        """The chat for a frame."""
        return Framed(shell, guise(request, settings, sessions))

    @router.post("/embed/session")
    def renew(request: Request) -> Response:
        """A fresh token for one that was given here, as long as its site is listed."""
        site = sessions.renewable(request.headers.get(HEADER, ""))
        if site is None or not allowed(site, settings.embed_origins):
            message = "this session has ended; load the frame again"
            return JSONResponse(error_body("session_ended", message), 401, {"cache-control": "no-store"})
        return JSONResponse({"token": sessions.token(site), "life": LIFE}, headers={"cache-control": "no-store"})

    @router.api_route("/embed/builder", methods=_READ)
    def build(request: Request) -> Response:
        """The page on which a site's owner puts the line together."""
        return builder.send(request, settings)

    return router
