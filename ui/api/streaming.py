"""Answers as server-sent events, with heartbeats while an answer is computed.

A stream ends when the client disconnects or the server stops.
"""

import asyncio
import json
import logging
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import anyio
import anyio.to_thread
from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from assistant.answer import Answer
from index.errors import AlmanacError, ClosingError
from ui.errors import INTERNAL_ERROR, known_error_body
from ui.serving import cancellation
from ui.serving.protocols import Assistant

from .ask import QuestionIn
from .schemas import EventOut, problems

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 10.0
"""A comment is sent after this time without an event, so that no proxy closes the connection."""
_WORDS_PER_TOKEN = 4
"""Words in one `token` event; otherwise a list of 200 entries would be thousands of events."""
HEARTBEAT = ": still working\n\n"
"""The comment that is sent as a heartbeat."""
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_running: set[asyncio.Task[Answer]] = set()
"""References to the tasks, because the event loop has only weak ones."""


class EventStream(StreamingResponse):
    """Server-sent events. The generator is closed as soon as the client disconnects, not only by garbage collection."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[str]) -> None:
        super().__init__(events, headers=_HEADERS)
        self._events = events

    async def stream_response(self, send: Any) -> None:
        """Send the events, then close the generator."""
        try:
            await super().stream_response(send)
        finally:
            with anyio.CancelScope(shield=True):
                await self._events.aclose()


async def run_in_thread(
    make: Callable[[], Answer], closing: asyncio.Event, *, every: float | None = None
) -> AsyncGenerator[Answer | None]:
    """Call `make` in a thread. Yield None every `every` seconds until it returns, then its answer.

    If the client disconnects, a question that is still waiting is dropped: `cancellation.check` raises in its thread. An
    answer that is already being computed is completed, which takes about a second.

    Raises:
        ClosingError: the server stops.
        AlmanacError: from `make`.
    """
    started, disconnected = threading.Event(), threading.Event()

    def make_unless_disconnected() -> Answer:
        started.set()
        cancellation.watch(disconnected)
        cancellation.check()
        return make()

    work = asyncio.ensure_future(anyio.to_thread.run_sync(make_unless_disconnected))
    _running.add(work)
    work.add_done_callback(_finish)
    closed = asyncio.ensure_future(closing.wait())
    try:
        while not work.done():
            await asyncio.wait({work, closed}, timeout=every or HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if closed.done() and not work.done():
                raise ClosingError("the server is stopping")
            if not work.done():
                yield None
        yield work.result()
    finally:
        disconnected.set()
        closed.cancel()
        if not started.is_set():
            work.cancel()


def _finish(work: asyncio.Task[Answer]) -> None:
    _running.discard(work)
    if not work.cancelled():
        work.exception()  # read it, so that asyncio does not warn about it


def closing_of(request: Request) -> asyncio.Event:
    """The event that is set when the server stops."""
    closing: asyncio.Event | None = getattr(request.app.state, "closing", None)
    return closing or asyncio.Event()


def pieces(text: str) -> list[str]:
    """Split a text into pieces of a few words. Joined, they are the same text."""
    cuts = [0]
    words = 0
    for position in range(1, len(text)):
        if text[position - 1].isspace() and not text[position].isspace():
            words += 1
            if words % _WORDS_PER_TOKEN == 0:
                cuts.append(position)
    return [text[start:end] for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True) if start < end]


def event(name: str, data: Any) -> str:
    """Format one event. The data are written as JSON on one line."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def streaming(assistant: Assistant) -> APIRouter:
    """`POST /api/ask/stream`."""
    router = APIRouter()

    async def events(question: QuestionIn, closing: asyncio.Event) -> AsyncGenerator[str]:
        yield event("status", {"state": "searching"})
        try:
            async with aclosing(run_in_thread(lambda: question.put_to(assistant), closing)) as steps:
                async for answer in steps:
                    if answer is None:
                        yield HEARTBEAT
                        continue
                    yield event("status", {"state": "answering", "searched_for": answer.searched_for})
                    for piece in pieces(answer.text):
                        yield event("token", {"text": piece})
                    yield event("answer", answer.as_dict())
        except AlmanacError as error:
            yield event("error", known_error_body(error))
        except Exception:
            log.exception("a streamed answer failed")
            yield event("error", INTERNAL_ERROR)

    @router.post("/api/ask/stream", response_class=StreamingResponse, responses=problems() | {200: _STREAM})
    async def stream(request: Request, question: QuestionIn) -> EventStream:
        """Answer a question as events: `status`, then `token` events with pieces of the text, then `answer`.

        If an error occurs, an `error` event is sent and the stream ends. The texts of all `token` events
        together are the text of the answer.
        """
        question.check()
        return EventStream(events(question, closing_of(request)))

    return router


_STREAM: dict[str, Any] = {
    "description": "Server-sent events with JSON data: `answer` has a whole answer, `error` an error",
    "content": {
        "text/event-stream": {
            "schema": EventOut.model_json_schema(),
            "example": event("status", {"state": "searching"}) + event("token", {"text": "RLHF turns "}),
        }
    },
}
