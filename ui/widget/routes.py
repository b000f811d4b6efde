"""The routes of the widget: `/widget.js`, `/embed`, `/embed/session`, `/embed/builder`."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from assistant.settings.serving import ServingSettings
from ui.chat.gradio_page import GradioPage
from ui.errors import error_body
from ui.security.origins import allowed
from ui.security.widget_tokens import HEADER, LIFE, WidgetTokens

from . import builder, loader
from .frame import FramedChat, frame_variant

_METHODS = ["GET", "HEAD"]


def embedding(chat_page: GradioPage, settings: ServingSettings, sessions: WidgetTokens) -> APIRouter:
    """The routes. They are of no use to other programs, so the OpenAPI document does not contain them."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/widget.js", methods=_METHODS)
    def widget(request: Request) -> Response:
        """The script that other sites load."""
        return loader.send(request)

    @router.api_route("/embed", methods=_METHODS)
    def embed(request: Request) -> Response:
        """The chat in a frame."""
        return FramedChat(chat_page, frame_variant(request, settings, sessions))

    @router.post("/embed/session")
    def renew(request: Request) -> Response:
        """A new token in exchange for a valid one, as long as the site may embed the chat."""
        site = sessions.renewable(request.headers.get(HEADER, ""))
        if site is None or not allowed(site, settings.embed_origins):
            message = "this session has ended; load the frame again"
            return JSONResponse(error_body("session_ended", message), 401, {"cache-control": "no-store"})
        return JSONResponse({"token": sessions.token(site), "life": LIFE}, headers={"cache-control": "no-store"})

    @router.api_route("/embed/builder", methods=_METHODS)
    def build(request: Request) -> Response:
        """The page that makes the code to embed the chat."""
        return builder.send(request, settings)

    return router
