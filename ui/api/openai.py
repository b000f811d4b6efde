"""`/v1/chat/completions` and `/v1/models`: an API for programs written for OpenAI's chat completions.

No language model is used. Parameters for language models (temperature, stop words, optional tools) are ignored. Requests
for something that the answer cannot be (about an image, in a JSON schema, as a tool call) are refused.
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
from ui.errors import INTERNAL_ERROR, known_error_body
from ui.serving.protocols import Assistant
from ui.urls import public

from .schemas import CompletionOut, EventOut, ModelOut, ModelsOut, problems
from .streaming import HEARTBEAT, EventStream, closing_of, pieces, run_in_thread

log = logging.getLogger(__name__)

_MARKER = re.compile(r"(?<!\\)\[(\d+)\]")
_WORD_OR_SIGN = re.compile(r"\w+|[^\w\s]")
_TEXT_PARTS = {"text", "input_text", "output_text"}


@dataclass(frozen=True, slots=True)
class _ModelSettings:
    """Level and mode of the answers that a model name stands for."""

    level: Level | None = None
    mode: Mode = "chat"


MODELS: Mapping[str, _ModelSettings] = {
    "almanac": _ModelSettings(),
    "almanac-beginner": _ModelSettings("beginner"),
    "almanac-intermediate": _ModelSettings("intermediate"),
    "almanac-advanced": _ModelSettings("advanced"),
    "almanac-summary": _ModelSettings(mode="summary"),
}
"""The models that a client can choose. A model name stands for a level and a mode."""


class PartIn(BaseModel):
    """A part of a message."""

    type: str
    text: str | None = None


class MessageIn(BaseModel):
    """A message. Messages from the system, the developer and tools are ignored."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[str, StringConstraints(max_length=LONGEST_TURN)] | list[PartIn] | None = None
    annotations: list[dict[str, Any]] | None = None
    """The annotations of an earlier answer, which name its sources. Follow-up questions are understood better with them."""

    @property
    def text(self) -> str:
        """The text of the message.

        Raises:
            QuestionError: the message contains something other than text.
        """
        if isinstance(self.content, str) or self.content is None:
            return self.content or ""
        other = next((part.type for part in self.content if part.type not in _TEXT_PARTS), None)
        if other is not None:
            raise QuestionError(
                f"a message contains {other!r}", hint="only text is supported; send the question as text"
            )
        return "\n".join(part.text or "" for part in self.content)

    @property
    def turn(self) -> Turn:
        """The message as a turn of the conversation."""
        entry_ids = [annotation.get("entry_id") for annotation in self.annotations or ()]
        cited = tuple(dict.fromkeys(entry_id for entry_id in entry_ids if isinstance(entry_id, str)))
        return Turn("user" if self.role == "user" else "assistant", self.text, cited)


class StreamOptionsIn(BaseModel):
    """Options of a stream."""

    include_usage: bool | None = None


class ResponseFormatIn(BaseModel):
    """The requested format of the answer."""

    type: str = "text"


class CompletionIn(BaseModel):
    """A request to `POST /v1/chat/completions`. Other fields are ignored."""

    model: str
    messages: Annotated[list[MessageIn], Field(min_length=1, max_length=1_000)]
    stream: bool | None = None
    stream_options: StreamOptionsIn | None = None
    n: int | None = None
    tool_choice: str | dict[str, Any] | None = None
    response_format: ResponseFormatIn | None = None

    def check(self) -> None:
        """Validate the request.

        Raises:
            HTTPException: there is no model with this name.
            QuestionError: the request is for something other than one answer as text, or has no question.
        """
        if self.model not in MODELS:
            raise HTTPException(404, f"there is no model {self.model[:100]!r}, only {', '.join(MODELS)}")
        if self.n not in (None, 1):
            raise QuestionError(f"n is {self.n}", hint="each question gets one answer: leave n out")
        if self.tool_choice not in (None, "none", "auto"):
            raise QuestionError(
                "tool_choice requires a tool call", hint='this server calls no tools: set tool_choice to "auto"'
            )
        if self.response_format is not None and self.response_format.type != "text":
            raise QuestionError(
                f"the response format {self.response_format.type[:100]!r} is not supported",
                hint="answers are Markdown; the field `almanac` beside `choices` has the answer as JSON",
            )
        filters.check(self.conversation[0])

    @property
    def conversation(self) -> tuple[str, tuple[Turn, ...]]:
        """The question, which is the last message of the user, and the turns before it."""
        messages = [message for message in self.messages if message.role in {"user", "assistant"}]
        while messages and messages[-1].role != "user":
            messages.pop()
        if not messages:
            raise QuestionError(
                "there is no message from the user", hint='send the question as the last message, with the role "user"'
            )
        before = [message.turn for message in messages[:-1]]
        return messages[-1].text.strip(), tuple(turn for turn in before if turn.content.strip())[-LONGEST:]

    def put_to(self, assistant: Assistant) -> Answer:
        """Ask the question. Raises the same errors as `Assistant.ask`."""
        question, history = self.conversation
        manner = MODELS[self.model]
        return assistant.ask(Question(question, history, manner.level, manner.mode))

    def usage(self, answer: Answer) -> dict[str, int]:
        """The numbers of words and signs in the request and in the answer, in place of tokens."""
        read = sum(len(_WORD_OR_SIGN.findall(message.text)) for message in self.messages)
        written = len(_WORD_OR_SIGN.findall(answer.text))
        return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def annotations(answer: Answer, address: str) -> Iterator[dict[str, Any]]:
    """One annotation for each marker in the text. The URL is the entry's source, or its page on this server (`address`)."""
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


def chat_completions(assistant: Assistant, settings: Settings) -> APIRouter:
    """The routes."""
    router = APIRouter(responses=problems())
    started = int(time.time())

    def describe(name: str) -> dict[str, Any]:
        return {"id": name, "object": "model", "created": started, "owned_by": "almanac"}

    @router.get("/v1/models", response_model=ModelsOut)
    def models() -> JSONResponse:
        """List the models. A model stands for the level and the length of the answers."""
        return JSONResponse({"object": "list", "data": [describe(name) for name in MODELS]})

    @router.get("/v1/models/{name}", response_model=ModelOut, responses=problems(404))
    def model(name: str) -> JSONResponse:
        """Get one model."""
        if name not in MODELS:
            raise HTTPException(404, f"there is no model {name[:100]!r}, only {', '.join(MODELS)}")
        return JSONResponse(describe(name))

    @router.post(
        "/v1/chat/completions", response_model=CompletionOut, responses=problems(404) | {200: _STREAM_RESPONSE}
    )
    async def complete(request: Request, completion: CompletionIn) -> Response:
        """Answer in the format of OpenAI, whole or as a stream. The field `almanac` has the answer as `/api/ask` returns it."""
        completion.check()
        if completion.stream:
            return EventStream(_stream(completion, assistant, public(request, settings), closing_of(request)))
        answer = await anyio.to_thread.run_sync(completion.put_to, assistant)
        return JSONResponse(_completion(completion, answer, public(request, settings)))

    return router


async def _stream(
    completion: CompletionIn, assistant: Assistant, address: str, closing: asyncio.Event
) -> AsyncGenerator[str]:
    try:
        async with aclosing(run_in_thread(lambda: completion.put_to(assistant), closing)) as steps:
            async for answer in steps:
                if answer is None:
                    yield HEARTBEAT
                    continue
                for chunk in _chunks(completion, answer, address):
                    yield _data(chunk)
                yield "data: [DONE]\n\n"
    except AlmanacError as error:
        yield _data(known_error_body(error))
    except Exception:
        log.exception("a streamed answer failed")
        yield _data(INTERNAL_ERROR)


_STREAM_RESPONSE: dict[str, Any] = {
    "description": "The answer; with `stream`, chunks as server-sent events, the last of which is `[DONE]`",
    "content": {"text/event-stream": {"schema": EventOut.model_json_schema()}},
}


def _data(value: object) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"


def _envelope(completion: CompletionIn, answer: Answer, object_type: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{answer.id}",
        "object": object_type,
        "created": int(time.time()),
        "model": completion.model,
    }


def _completion(completion: CompletionIn, answer: Answer, address: str) -> dict[str, Any]:
    message = {
        "role": "assistant",
        "content": answer.text,
        "refusal": None,
        "annotations": list(annotations(answer, address)),
    }
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return _envelope(completion, answer, "chat.completion") | {
        "choices": [choice],
        "usage": completion.usage(answer),
        "almanac": answer.as_dict(),
    }


def _chunks(completion: CompletionIn, answer: Answer, address: str) -> Iterator[dict[str, Any]]:
    envelope = _envelope(completion, answer, "chat.completion.chunk")

    def chunk(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        return envelope | {"choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}]}

    yield chunk({"role": "assistant", "content": ""})
    for piece in pieces(answer.text):
        yield chunk({"content": piece})
    yield chunk({"annotations": list(annotations(answer, address))}, "stop") | {"almanac": answer.as_dict()}
    if completion.stream_options is not None and completion.stream_options.include_usage:
        yield envelope | {"choices": [], "usage": completion.usage(answer)}
