"""The OpenAI shape of an answer, so that programs written for that one work: `/v1/chat/completions`, `/v1/models`.

No language model is behind it. What such a model is told how to write (temperature, stop words, tools it may call) has
no meaning here and is ignored; what a program could not do without (pictures, JSON of its own schema, a forced call)
is refused.
"""

import asyncio
import json
import logging
import re
import time
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import anyio.to_thread
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, StringConstraints
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from assistant.answer import Answer, Mode, Turn
from assistant.conversation.history import LONGEST, LONGEST_TURN
from assistant.question import Question
from assistant.retrieval import filters
from assistant.settings.settings import Settings
from index.errors import AlmanacError, QuestionError
from index.models import Level
from ui.serving.protocols import Assistant
from ui.urls import public

from .ask import FAULT, fault
from .schemas import CompletionOut, EventOut, ModelOut, ModelsOut, problems
from .streaming import ALIVE, EventStream, closing_of, pieces, worked_out

log = logging.getLogger(__name__)

_MARKER = re.compile(r"(?<!\\)\[(\d+)\]")
_COUNTED = re.compile(r"\w+|[^\w\s]")
_TEXT_PARTS = {"text", "input_text", "output_text"}


@dataclass(frozen=True, slots=True)
class _Manner:
    level: Level | None = None
    mode: Mode = "chat"


MODELS: Mapping[str, _Manner] = {
    "almanac": _Manner(),
    "almanac-beginner": _Manner("beginner"),
    "almanac-intermediate": _Manner("intermediate"),
    "almanac-advanced": _Manner("advanced"),
    "almanac-summary": _Manner(mode="summary"),
}
"""What a client may choose as a model: for whom the answer is, and how long it is."""


class PartIn(BaseModel):
    """One part of a message."""

    type: str
    text: str | None = None


class MessageIn(BaseModel):
    """One message; those of the system, the developer and tools are passed over."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[str, StringConstraints(max_length=LONGEST_TURN)] | list[PartIn] | None = None
    annotations: list[dict[str, Any]] | None = None
    """Of an answer of ours that is sent back: what it cited, so that a follow-up can lean on it."""

    @property
    def text(self) -> str:
        """What it says.

        Raises:
            QuestionError: it holds something else than text.
        """
        if isinstance(self.content, str) or self.content is None:
            return self.content or ""
        other = next((part.type for part in self.content if part.type not in _TEXT_PARTS), None)
        if other is not None:
            raise QuestionError(
                f"a message holds {other!r}", hint="only text is understood; send the question in words"
            )
        return "\n".join(part.text or "" for part in self.content)

    @property
    def turn(self) -> Turn:
        """As the engine reads it."""
        cited = [one.get("entry_id") for one in self.annotations or ()]
        known = tuple(dict.fromkeys(name for name in cited if isinstance(name, str)))
        return Turn("user" if self.role == "user" else "assistant", self.text, known)


class StreamOptionsIn(BaseModel):
    """How a stream ends."""

    include_usage: bool | None = None


class ResponseFormatIn(BaseModel):
    """The form of the answer that is asked for."""

    type: str = "text"


class CompletionIn(BaseModel):
    """What `POST /v1/chat/completions` reads; other fields are ignored."""

    model: str
    messages: Annotated[list[MessageIn], Field(min_length=1, max_length=1_000)]
    stream: bool | None = None
    stream_options: StreamOptionsIn | None = None
    n: int | None = None
    tool_choice: str | dict[str, Any] | None = None
    response_format: ResponseFormatIn | None = None

    def check(self) -> None:
        """Refuse what no answer of ours could be.

        Raises:
            HTTPException: there is no such model.
            QuestionError: more is asked for than one answer in words, or no question.
        """
        if self.model not in MODELS:
            raise HTTPException(404, f"there is no model {self.model[:100]!r}, only {', '.join(MODELS)}")
        if self.n not in (None, 1):
            raise QuestionError(f"n is {self.n}", hint="there is one answer to a question: leave n out")
        if self.tool_choice not in (None, "none", "auto"):
            raise QuestionError("a tool is to be called", hint='no tools are called here: leave tool_choice at "auto"')
        if self.response_format is not None and self.response_format.type != "text":
            raise QuestionError(
                f"the answer is to be {self.response_format.type[:100]!r}",
                hint="answers are Markdown; the same as JSON stands under `almanac` beside `choices`",
            )
        filters.check(self.conversation[0])

    @property
    def conversation(self) -> tuple[str, tuple[Turn, ...]]:
        """The question, which is the last message of the user's, and what was said before it."""
        said = [message for message in self.messages if message.role in {"user", "assistant"}]
        while said and said[-1].role != "user":
            said.pop()
        if not said:
            raise QuestionError("no message is the user's", hint='send the question as the last message, role "user"')
        before = [message.turn for message in said[:-1]]
        return said[-1].text.strip(), tuple(turn for turn in before if turn.content.strip())[-LONGEST:]

    def put_to(self, assistant: Assistant) -> Answer:
        """The answer; errors as `Assistant.ask`."""
        question, history = self.conversation
        manner = MODELS[self.model]
        return assistant.ask(Question(question, history, manner.level, manner.mode))

    def usage(self, answer: Answer) -> dict[str, int]:
        """Words and marks that were read and written: no model is behind this, so there are no tokens to count."""
        read = sum(len(_COUNTED.findall(message.text)) for message in self.messages)
        written = len(_COUNTED.findall(answer.text))
        return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def annotations(answer: Answer, address: str) -> Iterator[dict[str, Any]]:
    """Each marker of the text with what it stands for; an entry without a source on the web is named by its page here."""
    by_number = {citation.number: citation for citation in answer.citations}
    for marker in _MARKER.finditer(answer.text):
        cited = by_number.get(int(marker[1]))
        if cited is not None:
            yield {
                "type": "url_citation",
                "url_citation": {
                    "start_index": marker.start(),
                    "end_index": marker.end(),
                    "title": cited.title,
                    "url": cited.url or f"{address}/entries/{cited.entry_id}",
                },
                "entry_id": cited.entry_id,
            }


def openai_shape(assistant: Assistant, settings: Settings) -> APIRouter:
    """The routes."""
    router = APIRouter(responses=problems())
    started = int(time.time())

    def model(name: str) -> dict[str, Any]:
        return {"id": name, "object": "model", "created": started, "owned_by": "almanac"}

    @router.get("/v1/models", response_model=ModelsOut)
    def models() -> JSONResponse:
        """What may be chosen as a model: for whom the answer is, and how long."""
        return JSONResponse({"object": "list", "data": [model(name) for name in MODELS]})

    @router.get("/v1/models/{name}", response_model=ModelOut, responses=problems(404))
    def one_model(name: str) -> JSONResponse:
        """One of them."""
        if name not in MODELS:
            raise HTTPException(404, f"there is no model {name[:100]!r}, only {', '.join(MODELS)}")
        return JSONResponse(model(name))

    @router.post("/v1/chat/completions", response_model=CompletionOut, responses=problems(404) | {200: _OR_A_STREAM})
    async def complete(request: Request, asked: CompletionIn) -> Response:
        """One answer in the OpenAI shape, whole or as a stream of chunks; `almanac` holds it in the shape of `/api/ask`."""
        asked.check()
        if asked.stream:
            return EventStream(_streamed(asked, assistant, public(request, settings), closing_of(request)))
        answer = await anyio.to_thread.run_sync(asked.put_to, assistant)
        return JSONResponse(_completion(asked, answer, public(request, settings)))

    return router


async def _streamed(
    asked: CompletionIn, assistant: Assistant, address: str, closing: asyncio.Event
) -> AsyncGenerator[str]:
    try:
        async with aclosing(worked_out(lambda: asked.put_to(assistant), closing)) as steps:
            async for answer in steps:
                if answer is None:
                    yield ALIVE
                    continue
                for chunk in _chunks(asked, answer, address):
                    yield _data(chunk)
                yield "data: [DONE]\n\n"
    except AlmanacError as error:
        yield _data(fault(error))
    except Exception:
        log.exception("a streamed answer failed")
        yield _data(FAULT)


_OR_A_STREAM: dict[str, Any] = {
    "description": "The answer; with `stream`, chunks as server-sent events that end with `[DONE]`",
    "content": {"text/event-stream": {"schema": EventOut.model_json_schema()}},
}


def _data(value: object) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"


def _frame(asked: CompletionIn, answer: Answer, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{answer.id}", "object": kind, "created": int(time.time()), "model": asked.model}


def _completion(asked: CompletionIn, answer: Answer, address: str) -> dict[str, Any]:
    message = {
        "role": "assistant",
        "content": answer.text,
        "refusal": None,
        "annotations": list(annotations(answer, address)),
    }
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return _frame(asked, answer, "chat.completion") | {
        "choices": [choice],
        "usage": asked.usage(answer),
        "almanac": answer.as_dict(),
    }


def _chunks(asked: CompletionIn, answer: Answer, address: str) -> Iterator[dict[str, Any]]:
    frame = _frame(asked, answer, "chat.completion.chunk")

    def chunk(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        return frame | {"choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}]}

    yield chunk({"role": "assistant", "content": ""})
    for piece in pieces(answer.text):
        yield chunk({"content": piece})
    yield chunk({"annotations": list(annotations(answer, address))}, "stop") | {"almanac": answer.as_dict()}
    if asked.stream_options is not None and asked.stream_options.include_usage:
        yield frame | {"choices": [], "usage": asked.usage(answer)}
