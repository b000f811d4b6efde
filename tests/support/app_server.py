"""A real server on loopback for the tests of the doors, and assistants that wait or fail on purpose."""

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
    """The application on a free port, in a thread; its address without a slash at the end; `options` are uvicorn's."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1, **options))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    until(lambda: server.started, seconds=60)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=20)


def until(met: Any, *, seconds: float = 10) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)


def events(text: str) -> list[tuple[str, Any]]:
    """Server-sent events as names and data; comments are left out."""
    found = []
    for block in text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        if lines:
            found.append((lines.get("event", "message"), json.loads(lines["data"])))
    return found


class Gated(AssistantWrapper):
    """The real assistant, which answers once the gate is open, and counts what it was asked."""

    def __init__(self, assistant: Almanac) -> None:
        super().__init__(assistant)
        self.gate = threading.Event()
        self.asked = 0
        self.finished = 0

    def answered(self, make: Callable[[], Answer]) -> Answer:
        """The real answer, once the gate is open."""
        self.asked += 1
        assert self.gate.wait(timeout=30)
        answer = make()
        self.finished += 1
        return answer


class Failing:
    """An assistant whose every answer is an error: a real one is hard to break in all these ways."""

    notice = None

    def __init__(self, error: Exception) -> None:
        self.error = error

    @property
    def catalogue(self) -> Catalogue:
        """A small one."""
        return catalogue()

    def examples(self) -> tuple[str, ...]:
        """One."""
        return ("What is RLHF?",)

    def ask(self, question: str, **_: Any) -> Answer:
        """No answer."""
        assert question
        raise self.error
