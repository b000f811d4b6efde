"""What the chat may be asked through Gradio's queue: its own events, with the inputs that each of them takes.

Gradio itself answers an event that it does not know with a bare 500, and prints a traceback for inputs that do not fit.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.types import Message, Receive

PATH = "/gradio_api/queue/join"
WRONG = "the chat has no such event; load the page anew"
_LONGEST_SESSION = 200
"""Characters; Gradio's page takes about ten."""

Input = frozenset[str] | type[str] | type[None]
"""What one input takes: one of some words, any text, or nothing (the server's own state)."""


def taken_by(component: Any) -> Input:
    """What a component of Gradio's takes: a radio button, a box for text, or state."""
    if component.get_block_name() == "radio":
        return frozenset(value for _, value in component.choices)
    return str if component.get_block_name() == "textbox" else type(None)


def is_event(body: bytes, events: Mapping[int, Sequence[Input]]) -> bool:
    """Whether a body asks for an event of the chat.

    Args:
        body: What was sent.
        events: What the inputs of each event take, by its number.
    """
    try:
        asked: Any = json.loads(body)
    except (ValueError, RecursionError):
        return True  # Gradio says itself what is wrong with it
    if not isinstance(asked, dict):
        return True
    number, data, session = asked.get("fn_index"), asked.get("data"), asked.get("session_hash")
    if not isinstance(number, int) or isinstance(number, bool) or not isinstance(data, list):
        return False
    takes = events.get(number)
    if takes is None or len(takes) != len(data) or not all(map(_fits, data, takes)):
        return False
    # These belong to Gradio's other doors, which are closed; its queue fails on them.
    if any(asked.get(name) for name in ("batched", "simple_format", "event_id", "oauth_token")):
        return False
    if not isinstance(asked.get("event_data") or {}, dict):
        return False
    return isinstance(session, str) and 0 < len(session) <= _LONGEST_SESSION


def _fits(value: Any, takes: Input) -> bool:
    if isinstance(takes, frozenset):
        return isinstance(value, str) and value in takes
    return isinstance(value, takes)


async def read(receive: Receive) -> tuple[bytes, Receive]:
    """A body, and a `receive` that gives it once more; the guard has bounded its size and time."""
    messages: list[Message] = []
    body = bytearray()
    while True:
        message = await receive()
        messages.append(message)
        body.extend(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            break
    left = iter(messages)

    async def again() -> Message:
        message = next(left, None)
        return await receive() if message is None else message

    return bytes(body), again
