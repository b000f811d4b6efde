"""A question that takes too long is stopped with an error. Others get their answers meanwhile."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import httpx
import pytest

from assistant.answering.evidence import Examiner
from assistant.pipeline import Assistant
from assistant.settings.settings import Settings
from index import deadline
from index.errors import BusyError
from index.lexical import terms
from tests.support.app_server import events, served
from ui.app import build_app

SLOW = "What is scaling of vectors?"


@pytest.fixture
def slow(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> Iterator[Assistant]:
    """The real assistant, except that one question never ends and its clock runs fast."""
    real = Examiner.examine
    stop = threading.Event()
    late = threading.local()

    def examine(self: Examiner, reading: object, *rest: object, **named: object) -> object:
        if "vector" in getattr(reading, "everything", ()):
            for number in count():
                assert not stop.is_set(), "it was not ended"
                late.by = 5 * number
                try:
                    terms(f"text number {number} and {time.monotonic()}")
                finally:
                    late.by = 0
        return real(self, reading, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Examiner, "examine", examine)
    # A clock of the slow question's own: on a busy machine the others take long as well.
    monkeypatch.setattr(deadline, "clock", lambda: time.monotonic() + getattr(late, "by", 0))
    yield assistant
    stop.set()


@pytest.fixture
def address(slow: Assistant, settings: Settings) -> Iterator[str]:
    """A server with a long timeout for answers."""
    with served(build_app(slow, settings.model_copy(update={"question_seconds": 600.0}))) as running:
        yield running


def test_a_slow_answer_is_ended_and_the_others_are_given(address: str) -> None:
    """503 with `Retry-After`. Questions asked at the same time get answers."""
    with httpx.Client(base_url=address, timeout=300) as client, ThreadPoolExecutor(6) as threads:
        slow = [threads.submit(client.get, "/api/ask", params={"q": SLOW}) for _ in range(2)]
        others = [
            threads.submit(client.get, "/api/ask", params={"q": question})
            for question in ("What is RLHF?", "What is AlexNet?", "What is red teaming?")
        ]
        for response in (one.result() for one in others):
            assert response.status_code == 200
            assert response.json()["status"] == "answered"
        for response in (one.result() for one in slow):
            assert response.status_code == 503
            assert response.json()["error"]["code"] == "busy"
            assert "within 600 s" in response.json()["error"]["message"]
            assert int(response.headers["retry-after"]) > 0


def test_no_thread_is_left_at_work(address: str) -> None:
    """After many slow questions the server has as many threads as after a few, and its slots are free again."""
    with httpx.Client(base_url=address, timeout=300) as client, ThreadPoolExecutor(3) as threads:

        def ask(_: int) -> int:
            return client.get("/api/ask", params={"q": SLOW}).status_code

        assert list(threads.map(ask, range(3))) == [503] * 3
        before = threading.active_count()
        assert list(threads.map(ask, range(9))) == [503] * 9
        assert threading.active_count() <= before
        assert client.get("/api/ask", params={"q": "What is RLHF?"}).json()["status"] == "answered"


def test_a_stream_and_the_openai_shape_say_so_too(address: str) -> None:
    """If the status is already sent, the error is an event. The OpenAI API has its own form."""
    with httpx.Client(base_url=address, timeout=300) as client:
        told = events(client.post("/api/ask/stream", json={"question": SLOW}).text)
        assert told[-1][0] == "error"
        assert told[-1][1]["error"]["code"] == "busy"
        asked = {"model": "almanac", "messages": [{"role": "user", "content": SLOW}]}
        response = client.post("/v1/chat/completions", json=asked)
        assert response.status_code == 503
        assert response.json()["error"]["type"] == "server_error"


def test_a_deadline_ends_only_the_block_it_is_set_for() -> None:
    """An inner deadline cannot extend an outer one, shared work is not stopped, and without a deadline nothing stops."""
    deadline.check()
    with deadline.within(-1):
        with deadline.within(60), pytest.raises(BusyError, match="ended"):
            deadline.check()
        with deadline.lifted():
            deadline.check()
        with pytest.raises(BusyError, match="ended"):
            terms("a text that nobody has read before")
    deadline.check()
