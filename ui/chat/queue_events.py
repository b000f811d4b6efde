"""Validates events that are sent to Gradio's queue: only events of the chat, with valid inputs.

Gradio answers an unknown event with 500 and no body, and logs a traceback for invalid inputs.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.types import Message, Receive

PATH = "/gradio_api/queue/join"
INVALID_EVENT = "the chat has no such event; reload the page"
_MAX_SESSION_LENGTH = 200
"""Characters of a session id; Gradio's own have about ten."""

Input = frozenset[str] | type[str] | type[None]
"""What an input accepts: one of several values, any text, or nothing (for state on the server)."""


def accepted_by(component: Any) -> Input:
    """What a Gradio component accepts: a radio button, a text box or state."""
    if component.get_block_name() == "radio":
        return frozenset(value for _, value in component.choices)
    return str if component.get_block_name() == "textbox" else type(None)


def is_event(body: bytes, events: Mapping[int, Sequence[Input]]) -> bool:
    """Whether a body is a valid event of the chat. Gradio itself refuses a body that is not a JSON object.

    Args:
        body: The body of the request.
        events: What the inputs of each event accept, by the number of the event.
    """
    try:
        event: Any = json.loads(body)
    except (ValueError, RecursionError):
        return True  # Gradio sends the error
    if not isinstance(event, dict):
        return True
    number, data, session = event.get("fn_index"), event.get("data"), event.get("session_hash")
    if not isinstance(number, int) or isinstance(number, bool) or not isinstance(data, list):
        return False
    inputs = events.get(number)
    if inputs is None or len(inputs) != len(data) or not all(map(_is_valid, data, inputs)):
        return False
    # These are for other routes of Gradio, which are disabled. The queue fails on them.
    if any(event.get(name) for name in ("batched", "simple_format", "event_id", "oauth_token")):
        return False
    if not isinstance(event.get("event_data") or {}, dict):
        return False
    return isinstance(session, str) and 0 < len(session) <= _MAX_SESSION_LENGTH


def _is_valid(value: Any, accepted: Input) -> bool:
    if isinstance(accepted, frozenset):
        return isinstance(value, str) and value in accepted
    return isinstance(value, accepted)


async def read(receive: Receive) -> tuple[bytes, Receive]:
    """Read a body, and make a `receive` that returns it again. The middleware has limited its size and time."""
    messages: list[Message] = []
    body = bytearray()
    while True:
        message = await receive()
        messages.append(message)
        body.extend(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            break
    remaining = iter(messages)

    async def replay() -> Message:
        message = next(remaining, None)
        return await receive() if message is None else message

    return bytes(body), replay
