"""Answers as server-sent events: heartbeats while one is worked out, and an end when either side goes."""

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
from ui.serving import cancellation
from ui.serving.protocols import Assistant

from .ask import FAULT, QuestionIn, fault
from .schemas import EventOut, problems

log = logging.getLogger(__name__)

HEARTBEAT = 10.0
"""Seconds of silence after which a comment is sent, so that no proxy takes the connection for dead."""
_WORDS = 4
"""Words of one `token` event: a list of 200 entries would else be thousands of events."""
ALIVE = ": still at it\n\n"
"""The comment."""
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_at_work: set[asyncio.Task[Answer]] = set()
"""The loop itself holds its tasks weakly."""


class EventStream(StreamingResponse):
    """Server-sent events whose generator is ended as soon as the reader goes, not when it is collected."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[str]) -> None:
        super().__init__(events, headers=_HEADERS)
        self._events = events

    async def stream_response(self, send: Any) -> None:
        """As ever, and then the end."""
        try:
            await super().stream_response(send)
        finally:
            with anyio.CancelScope(shield=True):
                await self._events.aclose()


async def worked_out(
    make: Callable[[], Answer], closing: asyncio.Event, *, every: float | None = None
) -> AsyncGenerator[Answer | None]:
    """The answer that `make` gives in a thread; None `every` so many seconds until it is there.

    A question that has not been begun when the reader goes is never begun, nor worked on where it waited and
    `leaving.check` is asked; one that is being worked on runs out, which takes a second. Its thread goes back to the others.

    Raises:
        ClosingError: the server ends.
        AlmanacError: as `make`.
    """
    begun, gone = threading.Event(), threading.Event()

    def unless_gone() -> Answer:
        begun.set()
        cancellation.watch(gone)
        cancellation.check()
        return make()

    work = asyncio.ensure_future(anyio.to_thread.run_sync(unless_gone))
    _at_work.add(work)
    work.add_done_callback(_put_away)
    end = asyncio.ensure_future(closing.wait())
    try:
        while not work.done():
            await asyncio.wait({work, end}, timeout=every or HEARTBEAT, return_when=asyncio.FIRST_COMPLETED)
            if end.done() and not work.done():
                raise ClosingError("the server is being stopped")
            if not work.done():
                yield None
        yield work.result()
    finally:
        gone.set()
        end.cancel()
        if not begun.is_set():
            work.cancel()


def _put_away(work: asyncio.Task[Answer]) -> None:
    _at_work.discard(work)
    if not work.cancelled():
        work.exception()  # heard, whether or not anybody is left to be told


def closing_of(request: Request) -> asyncio.Event:
    """What is set when the server ends."""
    known: asyncio.Event | None = getattr(request.app.state, "closing", None)
    return known or asyncio.Event()


def pieces(text: str) -> list[str]:
    """A text in pieces of a few words; joined again they are the text, character for character."""
    cuts = [0]
    words = 0
    for place in range(1, len(text)):
        if text[place - 1].isspace() and not text[place].isspace():
            words += 1
            if words % _WORDS == 0:
                cuts.append(place)
    return [text[start:end] for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True) if start < end]


def event(name: str, data: Any) -> str:
    """One event; the data are JSON, which has no line breaks of its own."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def streaming(assistant: Assistant) -> APIRouter:
    """`POST /api/ask/stream`."""
    router = APIRouter()

    async def events(asked: QuestionIn, closing: asyncio.Event) -> AsyncGenerator[str]:
        yield event("status", {"state": "searching"})
        try:
            async with aclosing(worked_out(lambda: asked.put_to(assistant), closing)) as steps:
                async for answer in steps:
                    if answer is None:
                        yield ALIVE
                        continue
                    yield event("status", {"state": "answering", "searched_for": answer.searched_for})
                    for piece in pieces(answer.text):
                        yield event("token", {"text": piece})
                    yield event("answer", answer.as_dict())
        except AlmanacError as error:
            yield event("error", fault(error))
        except Exception:
            log.exception("a streamed answer failed")
            yield event("error", FAULT)

    @router.post("/api/ask/stream", response_class=StreamingResponse, responses=problems() | {200: _STREAM})
    async def stream(request: Request, asked: QuestionIn) -> EventStream:
        """Answer one question in events: `status`, then `token` by `token` the answer's text, then the `answer` whole.

        `error` stands in place of the rest where the question comes to nothing. Joined, the tokens are `answer.text`.
        """
        asked.check()
        return EventStream(events(asked, closing_of(request)))

    return router


_STREAM: dict[str, Any] = {
    "description": "Server-sent events; the data of each is JSON, that of `answer` an answer, of `error` an error",
    "content": {
        "text/event-stream": {
            "schema": EventOut.model_json_schema(),
            "example": event("status", {"state": "searching"}) + event("token", {"text": "RLHF turns "}),
        }
    },
}
