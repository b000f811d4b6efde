"""The Gradio Blocks of the chat. Their handler asks the assistant and renders one exchange; the browser keeps them."""

import logging
import os

# Gradio reads these only from the environment. They keep its table of past events short and prevent that it is computed
# after each event. `index.offline` turns off Gradio's telemetry.
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "100"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**12)

import gradio as gr
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError

from assistant.answer import LONGEST_QUESTION
from assistant.question import Question
from index.errors import AlmanacError, BusyError, TooManyError
from index.models import Level
from ui.errors import invalid_request
from ui.html import NAME, attributes, text
from ui.security.rate_limits import Limits
from ui.serving.protocols import Assistant

from . import cards, render
from .asked import Asked
from .conversation import Exchange, Failure
from .queue_events import accepted_by

log = logging.getLogger(__name__)

TITLE = NAME
MAX_CONCURRENT = 16
"""Questions answered at the same time; further questions wait."""
_MAX_SESSIONS = 400
"""Sessions that Gradio holds in memory. They contain no conversation; a new one replaces the least recently used one."""
_EXPOSE_TRIGGER = """window.almanacSend = (asked) => trigger("select", asked);"""
"""For `conversation.js`, which sends every question with what a follow-up needs."""
_UNEXPECTED_ERROR = Failure(
    "Something went wrong, and the question was not answered", "try again; the server's log has the details"
)


def theme() -> gr.themes.Base:
    """Gradio's base theme with system fonts, so that no fonts are loaded. The design is in `chat.css`."""
    sans = ("ui-sans-serif", "system-ui", "sans-serif")
    mono = ("ui-monospace", "monospace")
    return gr.themes.Base(primary_hue="emerald", neutral_hue="stone", font=sans, font_mono=mono)


def build_chat(assistant: Assistant, level: Level, limits: Limits) -> FastAPI:
    """The chat as an ASGI application, with Gradio's other features turned off."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    blocks = Chat(assistant, level, limits).blocks
    app.state.inputs = {
        number: tuple(map(accepted_by, event.inputs)) for number, event in blocks.fns.items() if event.fn is not None
    }
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        blocks,
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
        app_kwargs={
            "docs_url": None,
            "redoc_url": None,
            "openapi_url": None,
            "exception_handlers": {RequestValidationError: invalid_request},
        },
    )
    return mounted


class Chat:
    """The components and the handler of the page. The server has no sessions: the browser keeps the conversations."""

    def __init__(self, assistant: Assistant, level: Level, limits: Limits) -> None:
        self.assistant = assistant
        self.limits = limits
        self.level = level
        with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as self.blocks:
            self._lay_out()
            self._connect()
        self.blocks.state_session_capacity = _MAX_SESSIONS
        self.blocks.queue(default_concurrency_limit=MAX_CONCURRENT, max_size=256, api_open=False)

    def _lay_out(self) -> None:
        with gr.Row(elem_id="masthead"):
            _html(render.masthead(self.assistant.catalogue, self.assistant.notice), "brand")
            _html(render.masthead_buttons(), "actions")
        with gr.Row(elem_id="page"):
            with gr.Column(elem_id="reading"):
                _html(render.turns(self.assistant.examples()), "conversation")
                _html('<p role="status" aria-live="polite" class="unseen"></p>', "status")
                self._lay_out_composer()
            _html(cards.panel(), "panel")
        self.wire = _html("", "wire")
        self.asker = gr.HTML("", elem_id="asker", apply_default_css=False, js_on_load=_EXPOSE_TRIGGER)

    def _lay_out_composer(self) -> None:
        with gr.Column(elem_id="composer"):
            _html('<div class="notes"></div>', "alert")
            with gr.Row(elem_id="ask"):
                gr.Textbox(
                    label="Your question",
                    placeholder="Ask in plain words …",
                    lines=1,
                    max_lines=6,
                    show_label=False,
                    container=False,
                    elem_id="question",
                )
                gr.Button("Ask", variant="primary", elem_id="send")
                self.stop = gr.Button("Stop", elem_id="stop")
            _html(render.hint(), "hint")

    def _connect(self) -> None:
        asking = self.asker.select(
            self.ask,
            None,
            self.wire,
            concurrency_limit=MAX_CONCURRENT,
            trigger_mode="multiple",
            show_progress="hidden",
            api_visibility="private",
        )
        self.stop.click(None, None, None, cancels=[asking], show_progress="hidden", api_visibility="private")

    def ask(self, event: gr.EventData, request: gr.Request) -> str:
        """Answer a question that the page has sent.

        Returns:
            HTML with the exchange and its sheet of sources, or with what the page must do: wait and ask again.
        """
        asked = Asked.read(getattr(event, "_data", None) or {})
        if not asked.question or len(asked.question) > LONGEST_QUESTION:
            return ""
        without = tuple(part.name for part in asked.without)
        try:
            self._admit(request)
            answer = self.assistant.ask(
                Question(asked.question, asked.turns, asked.level or self.level, asked.mode, without)
            )
        except (TooManyError, BusyError) as error:
            return _wait(asked, error)
        except AlmanacError as error:
            return self._sent(asked, Exchange(asked.number, asked.question, failure=Failure.of(error)))
        except Exception:  # the visitor must see a message, and the buttons must work again
            log.exception("a question was not answered")
            return self._sent(asked, Exchange(asked.number, asked.question, failure=_UNEXPECTED_ERROR))
        return self._sent(asked, Exchange(asked.number, asked.question, answer, without=asked.without))

    def _admit(self, request: gr.Request) -> None:
        # The middleware does not limit requests of the chat: it cannot distinguish a question from a click on Stop.
        visitor = getattr(request.state, "visitor", None)
        if visitor is not None and (wait := self.limits.question(visitor)):
            raise TooManyError(wait)

    def _sent(self, asked: Asked, exchange: Exchange) -> str:
        catalogue = self.assistant.catalogue
        named = attributes(data_key=asked.key, data_status=render.status(exchange))
        return f"<div{named}>{render.exchange_html(exchange, catalogue)}{cards.sheet(exchange, catalogue)}</div>"


def _html(value: str, name: str) -> gr.HTML:
    return gr.HTML(value, elem_id=name, apply_default_css=False, js_on_load=None)


def _wait(asked: Asked, error: TooManyError | BusyError) -> str:
    words = str(error)
    named = attributes(data_key=asked.key, data_retry=str(error.retry_after))
    return f"<div{named}>{text(words[:1].upper() + words[1:])}.</div>"
