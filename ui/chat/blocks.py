"""The Gradio Blocks of the chat. Their handlers ask the assistant and render the conversation."""

import logging
import os
import time
from collections.abc import Iterator
from typing import Any, get_args

# Gradio reads these only from the environment. They keep its table of past events short and prevent that it is computed
# after each event. `index.offline` turns off Gradio's telemetry.
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "100"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**12)

import gradio as gr
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError

from assistant.answer import LONGEST_QUESTION, Mode, Restriction
from assistant.question import Question
from index.errors import AlmanacError, TooManyError
from index.models import Level
from ui.errors import invalid_request
from ui.html import NAME
from ui.security.rate_limits import Limits
from ui.serving.protocols import Assistant

from . import render
from .conversation import Conversation, Failure, pause
from .queue_events import accepted_by
from .restriction_chips import parts_in

log = logging.getLogger(__name__)

TITLE = NAME
MAX_CONCURRENT = 16
"""Questions answered at the same time; further questions wait."""
_SESSION_SECONDS = 6 * 3600
_MAX_SESSIONS = 400
"""Conversations in memory, up to 1 MB each. A new one replaces the least recently used one."""
_ASK_ON_CLICK = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-ask]");
  if (button) trigger("select", { question: button.dataset.ask, without: button.dataset.without || "", mode: button.dataset.mode || "" });
});
"""
_UNEXPECTED_ERROR = Failure(
    "Something went wrong, and the question was not answered", "try again; the server's log has the details"
)
Updates = dict[Any, Any]


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
    """The components and handlers of the page. It has no state of a session."""

    def __init__(self, assistant: Assistant, level: Level, limits: Limits) -> None:
        self.assistant = assistant
        self.limits = limits
        with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as self.blocks:
            self._lay_out(level)
            self._connect()
        self.blocks.state_session_capacity = _MAX_SESSIONS
        self.blocks.queue(default_concurrency_limit=MAX_CONCURRENT, max_size=256, api_open=False)

    def _lay_out(self, level: Level) -> None:
        self.conversation = gr.State(Conversation(), time_to_live=_SESSION_SECONDS)
        with gr.Row(elem_id="masthead"):
            gr.HTML(
                render.masthead(self.assistant.catalogue, self.assistant.notice),
                elem_id="brand",
                apply_default_css=False,
            )
            self.fresh = gr.Button("New conversation", elem_id="fresh", size="sm")
            gr.HTML(
                '<a class="to-browse" href="browse" target="_blank" rel="noopener">Browse</a>'
                '<button type="button" class="theme" data-theme-toggle aria-label="Dark colours">'
                '<span aria-hidden="true"></span></button>',
                elem_id="theme",
                apply_default_css=False,
            )
        with gr.Row(elem_id="page"):
            with gr.Column(elem_id="reading"):
                with gr.Column(elem_id="conversation"):
                    self.earlier = self._asking_html("", "earlier")
                    self.current = self._asking_html(render.welcome(self.assistant.examples()), "current")
                self.status = gr.HTML(_status(""), elem_id="status", apply_default_css=False, js_on_load=None)
                self._lay_out_composer(level)
            self.panel = self._asking_html("", "panel")

    def _lay_out_composer(self, level: Level) -> None:
        with gr.Column(elem_id="composer"):
            self.alert = gr.HTML("", elem_id="alert", apply_default_css=False, js_on_load=None)
            with gr.Row(elem_id="ask"):
                self.box = gr.Textbox(
                    label="Your question",
                    placeholder="Ask in plain words …",
                    lines=1,
                    max_lines=6,
                    show_label=False,
                    container=False,
                    elem_id="question",
                )
                self.send = gr.Button("Ask", variant="primary", elem_id="send")
                self.stop = gr.Button("Stop", elem_id="stop", visible="hidden")
            with gr.Row(elem_id="under"):
                self.level = gr.Radio(
                    [(name.capitalize(), name) for name in get_args(Level)],
                    value=level,
                    label="Level",
                    elem_id="level",
                    container=False,
                )
                self.mode = gr.Radio(
                    [("Answer", "chat"), ("Brief", "summary")],
                    value="chat",
                    label="Length",
                    elem_id="mode",
                    container=False,
                )
                gr.HTML(render.hint(), elem_id="hint", apply_default_css=False, js_on_load=None)

    def _asking_html(self, value: str, name: str) -> gr.HTML:
        return gr.HTML(value, elem_id=name, apply_default_css=False, js_on_load=_ASK_ON_CLICK)

    def _connect(self) -> None:
        parts = [self.conversation, self.earlier, self.current, self.panel, self.status, self.alert]
        parts += [self.box, self.send, self.stop]
        quiet: dict[str, Any] = {"outputs": parts, "show_progress": "hidden", "api_visibility": "private"}
        asking = gr.on(
            [self.box.submit, self.send.click],
            self.ask,
            [self.box, self.level, self.mode, self.conversation],
            concurrency_limit=MAX_CONCURRENT,
            **quiet,
        )
        clicked = gr.on(
            [self.earlier.select, self.current.select, self.panel.select],
            self.ask_clicked,
            [self.level, self.mode, self.conversation],
            cancels=asking,
            concurrency_limit=MAX_CONCURRENT,
            trigger_mode="multiple",
            **quiet,
        )
        self.stop.click(self.stopped, self.conversation, cancels=[asking, clicked], **quiet)
        self.fresh.click(self.start_new, None, cancels=[asking, clicked], **quiet)

    def ask(
        self, question: str, level: Level, mode: Mode, conversation: Conversation, request: gr.Request
    ) -> Iterator[Updates]:
        """Ask the question in the text box. An empty box does nothing; a question that is too long stays in the box."""
        words = _cleaned(question)
        if not words:
            yield {self.alert: ""}
        elif len(words) > LONGEST_QUESTION:
            yield {self.alert: _alert(len(words))}
        else:
            yield from self._answer(words, level, mode, conversation, request, {self.box: "", self.alert: ""})

    def ask_clicked(
        self, level: Level, mode: Mode, conversation: Conversation, event: gr.EventData, request: gr.Request
    ) -> Iterator[Updates]:
        """Ask the question of a clicked example, suggestion, entry or restriction."""
        question = _event_value(event, "question")
        words = _cleaned(question)[:LONGEST_QUESTION] if isinstance(question, str) else ""
        if words:
            without = parts_in(_event_value(event, "without"))
            asked_mode = _event_value(event, "mode")
            mode = asked_mode if asked_mode in get_args(Mode) else mode
            yield from self._answer(words, level, mode, conversation, request, {self.alert: ""}, without)

    def stopped(self, conversation: Conversation) -> Updates:
        """Handle the Stop button: what is on the page stays."""
        return self._page(conversation.stopped())

    def start_new(self) -> Updates:
        """Start a new, empty conversation."""
        return self._page(Conversation()) | {
            self.current: render.welcome(self.assistant.examples()),
            self.alert: "",
            self.box: "",
        }

    def _answer(
        self,
        words: str,
        level: Level,
        mode: Mode,
        before: Conversation,
        request: gr.Request,
        first: Updates,
        without: tuple[Restriction, ...] = (),
    ) -> Iterator[Updates]:
        asked = before.asked(words, without)
        yield self._page(asked) | first
        try:
            self._admit(request)
            dropped = tuple(part.name for part in without)
            answer = self.assistant.ask(Question(words, before.turns, level, mode, dropped))
        except AlmanacError as error:
            yield self._page(asked.failed(Failure.of(error)))
            return
        except Exception:  # the visitor must see a message, and the buttons must work again
            log.exception("a question was not answered")
            yield self._page(asked.failed(_UNEXPECTED_ERROR))
            return
        for number, step in enumerate(asked.answered(answer)):
            shown = self._page(step, revealing=True)
            if number == 0:  # show all sources with the first step: its markers link to them
                shown[self.panel] = render.panel(step, self.assistant.catalogue)
            yield shown
            if step.current is not None and step.current.pending:
                time.sleep(pause(answer))

    def _admit(self, request: gr.Request) -> None:
        # The middleware does not limit requests of the chat: it cannot distinguish a question from a click on Stop.
        visitor = getattr(request.state, "visitor", None)
        if visitor is not None and (wait := self.limits.question(visitor)):
            raise TooManyError(wait)

    def _page(self, conversation: Conversation, *, revealing: bool = False) -> Updates:
        """Render the conversation. While an answer is revealed step by step, only its own exchange changes."""
        current = conversation.current
        running = current is not None and current.pending
        catalogue = self.assistant.catalogue
        page: Updates = {
            self.conversation: conversation,
            self.current: render.exchange_html(current, catalogue) if current else "",
            self.status: _status(render.status(conversation)),
        }
        if not revealing:
            page[self.earlier] = render.exchanges(conversation, catalogue)
            page[self.panel] = render.panel(conversation, catalogue)
        if not revealing or not running:
            page[self.send] = gr.Button(visible="hidden" if running else True)
            page[self.stop] = gr.Button(visible=True if running else "hidden")
        return page


def _event_value(event: gr.EventData, name: str) -> Any:
    try:
        return getattr(event, name, "")
    except TypeError:  # the event has no data
        return ""


def _cleaned(question: str) -> str:
    # A broken paste can contain half of a surrogate pair, which cannot be encoded.
    return question.encode("utf-8", "replace").decode("utf-8").strip()


def _status(words: str) -> str:
    return f'<p role="status" aria-live="polite" class="unseen">{words}</p>'


def _alert(length: int) -> str:
    return (
        f'<p role="alert">Your question has {length:,} characters; the limit is {LONGEST_QUESTION:,}. '
        "Please shorten it.</p>"
    )
