"""The chat: Gradio Blocks whose handlers do no more than pass a conversation on and render it."""

import logging
import os
import time
from collections.abc import Iterator
from datetime import date
from typing import Any, get_args

# Gradio reads these from the environment and nowhere else. Its table of past events, which it would compute again after
# each event, is kept short and never computed. That nothing is reported to anyone is set in `index.offline`.
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "100"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**12)

import gradio as gr
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError

from assistant.answer import LONGEST_QUESTION, Mode, Restriction
from assistant.question import Question
from index.errors import AlmanacError, TooManyError
from index.models import Level
from ui.api.ask import invalid
from ui.html import NAME
from ui.security.rate_limits import Limits
from ui.serving.protocols import Assistant

from . import render
from .conversation import Conversation, Failure, pause
from .queue_events import taken_by
from .restriction_chips import parts_in

log = logging.getLogger(__name__)

TITLE = NAME
AT_ONCE = 16
"""Questions answered at the same time; further ones wait their turn."""
_SESSION_SECONDS = 6 * 3600
_SESSIONS = 400
"""Conversations in memory; the one longest unused makes room. Each holds up to a megabyte of what it showed."""
_ASK_ON_CLICK = """
element.addEventListener("click", (event) => {
  const asked = event.target.closest("[data-ask]");
  if (asked) trigger("select", { question: asked.dataset.ask, without: asked.dataset.without || "" });
});
"""
_FORESEEN_NOT = Failure(
    "Something went wrong here, and the question was not answered", "try it again; the server's log says more"
)
Updates = dict[Any, Any]


def theme() -> gr.themes.Base:
    """Gradio's plainest theme in the reader's own fonts: nothing is fetched for it; `chat.css` does the rest."""
    sans = ("ui-sans-serif", "system-ui", "sans-serif")
    mono = ("ui-monospace", "monospace")
    return gr.themes.Base(primary_hue="emerald", neutral_hue="stone", font=sans, font_mono=mono)


def build_chat(assistant: Assistant, level: Level, limits: Limits) -> FastAPI:
    """The chat as an application of its own, without any of Gradio's extras."""
    around = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    blocks = Chat(assistant, level, limits).blocks
    around.state.inputs = {
        number: tuple(map(taken_by, event.inputs)) for number, event in blocks.fns.items() if event.fn is not None
    }
    mounted: FastAPI = gr.mount_gradio_app(
        around,
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
            "exception_handlers": {RequestValidationError: invalid},
        },
    )
    return mounted


class Chat:
    """The components, so that handlers can name what they change; holds nothing of any session."""

    def __init__(self, assistant: Assistant, level: Level, limits: Limits) -> None:
        self.assistant = assistant
        self.limits = limits
        with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as self.blocks:
            self._lay_out(level)
            self._connect()
        self.blocks.state_session_capacity = _SESSIONS
        self.blocks.queue(default_concurrency_limit=AT_ONCE, max_size=256, api_open=False)

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
            concurrency_limit=AT_ONCE,
            **quiet,
        )
        clicked = gr.on(
            [self.earlier.select, self.current.select, self.panel.select],
            self.ask_clicked,
            [self.level, self.mode, self.conversation],
            cancels=asking,
            concurrency_limit=AT_ONCE,
            trigger_mode="multiple",
            **quiet,
        )
        self.stop.click(self.stopped, self.conversation, cancels=[asking, clicked], **quiet)
        self.fresh.click(self.started_anew, None, cancels=[asking, clicked], **quiet)

    def ask(
        self, question: str, level: Level, mode: Mode, conversation: Conversation, request: gr.Request
    ) -> Iterator[Updates]:
        """What was typed; nothing happens for an empty box, and a question that is too long stays in it."""
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
        """An example, a suggestion, an entry or a part of what was understood was clicked."""
        asked = _part(event, "question")
        words = _cleaned(asked)[:LONGEST_QUESTION] if isinstance(asked, str) else ""
        if words:
            without = parts_in(_part(event, "without"))
            yield from self._answer(words, level, mode, conversation, request, {self.alert: ""}, without)

    def stopped(self, conversation: Conversation) -> Updates:
        """Stop was pressed: what is on the page stays."""
        return self._page(conversation.stopped())

    def started_anew(self) -> Updates:
        """Back to the empty state."""
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
        except Exception:  # a visitor must see words, and the buttons must come back
            log.exception("a question was not answered")
            yield self._page(asked.failed(_FORESEEN_NOT))
            return
        for number, step in enumerate(asked.answered(answer)):
            shown = self._page(step, moving=True)
            if number == 0:  # the sources are all known at once, and the first marker may be clicked at once
                shown[self.panel] = render.panel(step, self.assistant.catalogue)
            yield shown
            if step.current is not None and step.current.pending:
                time.sleep(pause(answer))

    def _admit(self, request: gr.Request) -> None:
        # The guard, which knows who asks, lets all of the chat in: it cannot tell a question from a press of Stop.
        visitor = getattr(request.state, "visitor", None)
        if visitor is not None and (wait := self.limits.question(visitor)):
            raise TooManyError(wait)

    def _page(self, conversation: Conversation, *, moving: bool = False) -> Updates:
        """Everything that shows the conversation; the earlier exchanges do not change while an answer appears."""
        current = conversation.current
        running = current is not None and current.pending
        catalogue = self.assistant.catalogue
        today = date.today()  # noqa: DTZ011 -- the day on which a visitor here looked at it
        page: Updates = {
            self.conversation: conversation,
            self.current: render.latest(conversation, catalogue, today) if current else "",
            self.status: _status(render.status(conversation)),
        }
        if not moving:
            page[self.earlier] = render.exchanges(conversation, catalogue, today)
            page[self.panel] = render.panel(conversation, catalogue)
        if not moving or not running:
            page[self.send] = gr.Button(visible="hidden" if running else True)
            page[self.stop] = gr.Button(visible=True if running else "hidden")
        return page


def _part(event: gr.EventData, name: str) -> Any:
    try:
        return getattr(event, name, "")
    except TypeError:  # nothing came with the event
        return ""


def _cleaned(question: str) -> str:
    # Half of a character pair can be typed in no other way than by a broken paste, and cannot be sent back.
    return question.encode("utf-8", "replace").decode("utf-8").strip()


def _status(words: str) -> str:
    return f'<p role="status" aria-live="polite" class="unseen">{words}</p>'


def _alert(length: int) -> str:
    return (
        f'<p role="alert">That is {length:,} characters; a question may have {LONGEST_QUESTION:,}. '
        "Please shorten it: nothing was sent.</p>"
    )
