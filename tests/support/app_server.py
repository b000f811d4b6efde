"""A real server on loopback for tests of the interfaces, and assistants that wait or fail on purpose."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI

from assistant.answer import Answer
from index.catalogue import Catalogue
from ui.serving.protocols import Almanac, AssistantWrapper

from .answers import catalogue


@contextmanager
def served(app: FastAPI, **options: Any) -> Iterator[str]:
    """Serve the application on a free port, in a thread; yield its address without a trailing slash.

    `options` are passed to uvicorn.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1, **options))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    until(lambda: server.started, seconds=60)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=20)


def until(met: Any, *, seconds: float = 10) -> None:
    """Wait until a condition is true."""
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)


def events(text: str) -> list[tuple[str, Any]]:
    """Parse server-sent events into names and data; comments are skipped."""
    found = []
    for block in text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        if lines:
            found.append((lines.get("event", "message"), json.loads(lines["data"])))
    return found


class Gated(AssistantWrapper):
    """The real assistant, which answers only once the gate is open, and counts its questions."""

    def __init__(self, assistant: Almanac) -> None:
        super().__init__(assistant)
        self.gate = threading.Event()
        self.asked = 0
        self.finished = 0

    def around_answer(self, make: Callable[[], Answer]) -> Answer:
        """Wait for the gate, then return the real answer."""
        self.asked += 1
        assert self.gate.wait(timeout=30)
        answer = make()
        self.finished += 1
        return answer


class Failing:
    """An assistant that always raises an error: the real assistant is hard to break in all these ways."""

    notice = None

    def __init__(self, error: Exception) -> None:
        self.error = error

    @property
    def catalogue(self) -> Catalogue:
        """A small catalogue."""
        return catalogue()

    def examples(self) -> tuple[str, ...]:
        """Return one example question."""
        return ("What is RLHF?",)

    def ask(self, question: str, **_: Any) -> Answer:
        """Raise the error."""
        assert question
        raise self.error
