"""What the chat may be asked through Gradio's queue: its own events, each with as many inputs as it takes.

Gradio itself answers an event that it does not know with a bare 500, and prints the texts of one with too few inputs.
"""

import json
from collections.abc import Mapping
from typing import Any

from starlette.types import Message, Receive

PATH = "/gradio_api/queue/join"
WRONG = "the chat has no such event; load the page anew"


def is_event(body: bytes, inputs: Mapping[int, int]) -> bool:
    """Whether a body asks for an event of the chat.

    Args:
        body: What was sent.
        inputs: How many inputs each event takes, by its number.
    """
    try:
        asked: Any = json.loads(body)
    except (ValueError, RecursionError):
        return True  # Gradio says itself what is wrong with it
    if not isinstance(asked, dict):
        return True
    number, data = asked.get("fn_index"), asked.get("data")
    if not isinstance(number, int) or isinstance(number, bool) or not isinstance(data, list):
        return False
    return inputs.get(number) == len(data)


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
