"""Answers in events: the text in order, a sign of life, and an end when either side goes."""

import asyncio
import json
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import anyio.to_thread
import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answer import Answer
from index.errors import ClosingError, StoreError
from tests.support.answers import answer
from tests.support.app_server import Failing, Gated, events, served, until
from tests.support.separate_thread import apart
from ui.api import streaming as module
from ui.api.streaming import pieces, run_in_thread, streaming
from ui.errors import install_errors
from ui.serving import cancellation
from ui.serving.protocols import Almanac, Assistant


def _app(assistant: Assistant) -> FastAPI:
    app = FastAPI()
    install_errors(app)
    app.include_router(streaming(assistant))
    app.state.closing = asyncio.Event()
    return app


@pytest.fixture
def gated(assistant: Almanac) -> Iterator[Gated]:
    """An assistant that waits; at the end it waits no longer."""
    waiting = Gated(assistant)
    yield waiting
    waiting.gate.set()


def _steps(make: Callable[[], Answer], *, every: float = 10, closing: bool = False) -> list[Answer | None]:
    async def all_of() -> list[Answer | None]:
        end = asyncio.Event()
        if closing:
            asyncio.get_running_loop().call_later(0.05, end.set)
        return [step async for step in run_in_thread(make, end, every=every)]

    return apart(all_of())


@pytest.mark.parametrize("question", ["What is RLHF?", "Which wine goes with oysters?"])
def test_the_tokens_joined_are_the_answer_s_text(assistant: Assistant, question: str) -> None:
    """First a status, then the text in order, then the answer whole, as `POST /api/ask` gives it."""
    with TestClient(_app(assistant)) as client:
        response = client.post("/api/ask/stream", json={"question": question})
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-store"
    found = events(response.text)
    names = [name for name, _ in found]
    assert names == ["status", "status", *["token"] * (len(found) - 3), "answer"]
    assert "".join(data["text"] for name, data in found if name == "token") == found[-1][1]["text"]
    own = {name: found[-1][1][name] for name in ("timings_ms", "id")}
    assert found[-1][1] == json.loads(json.dumps(assistant.ask(question).as_dict() | own))


@given(st.text(alphabet=st.sampled_from("ab \n\t\u2028\u00a0é[1]"), max_size=80))
@settings(max_examples=60, deadline=None)
def test_no_character_is_lost_between_pieces(text: str) -> None:
    """Whatever stands between the words stays with one of them, and no piece is empty."""
    assert "".join(pieces(text)) == text
    assert all(pieces(text))


def test_a_question_that_cannot_be_asked_is_refused_before_the_stream(assistant: Assistant) -> None:
    """A client learns it from the status, as everywhere."""
    with TestClient(_app(assistant)) as client:
        for body in ({"question": " "}, {"question": "x" * 2001}, {"question": "a", "without": ["nothing"]}):
            response = client.post("/api/ask/stream", json=body)
            assert response.status_code == 422
            assert set(response.json()) == {"error"}


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [(StoreError("it is gone"), "store", "gone"), (RuntimeError("/srv/x"), "internal", "log")],
)
def test_what_comes_to_nothing_is_an_error_event(error: Exception, code: str, said: str) -> None:
    """In the one shape, with the mend where it is foreseen and nothing of the inside where it is not."""
    with TestClient(_app(Failing(error))) as client:
        found = events(client.post("/api/ask/stream", json={"question": "Hi?"}).text)
    assert [name for name, _ in found] == ["status", "error"]
    assert found[-1][1]["error"]["code"] == code
    assert said in found[-1][1]["error"]["message"]
    assert "/srv" not in found[-1][1]["error"]["message"]


def test_a_sign_of_life_comes_while_nothing_else_does() -> None:
    """A proxy must not take a waiting connection for a dead one."""
    held = threading.Event()
    threading.Timer(0.3, held.set).start()
    made = answer()
    steps = _steps(lambda: (held.wait(10), made)[1], every=0.05)
    assert len(steps) > 2
    assert steps == [None] * (len(steps) - 1) + [made]


def test_a_server_that_ends_says_so_at_once() -> None:
    """The stream does not wait for the answer."""
    held = threading.Event()
    threading.Timer(1, held.set).start()
    with pytest.raises(ClosingError):
        _steps(lambda: (held.wait(10), answer())[1], closing=True)


def test_a_question_not_yet_begun_is_never_begun_for_a_reader_who_left() -> None:
    """It waits for a thread, the reader goes, a thread comes free: nothing is done, and no thread is lost."""
    asked = []

    async def left() -> int:
        limiter = anyio.to_thread.current_default_thread_limiter()
        limiter.total_tokens = 1
        held = threading.Event()
        first = asyncio.ensure_future(anyio.to_thread.run_sync(held.wait))
        await asyncio.sleep(0.05)
        steps = run_in_thread(lambda: asked.append(1) or answer(), asyncio.Event(), every=0.05)
        assert await anext(steps) is None
        await steps.aclose()
        held.set()
        await first
        await asyncio.sleep(0.05)
        return limiter.borrowed_tokens

    assert apart(left()) == 0
    assert asked == []


def test_a_question_that_waits_for_its_turn_is_not_worked_on_for_a_reader_who_left() -> None:
    """Whoever makes it wait asks before going on."""
    turn, outcome = threading.Event(), queue.SimpleQueue[str]()

    def waits() -> Answer:
        assert turn.wait(10)
        try:
            cancellation.check()
        except ClosingError:
            outcome.put("left")
            raise
        outcome.put("worked")
        return answer()

    async def asked(*, leave: bool) -> str:
        steps = run_in_thread(waits, asyncio.Event(), every=0.02)
        assert await anext(steps) is None
        if leave:
            await steps.aclose()
        turn.set()
        return await asyncio.to_thread(outcome.get, timeout=10)

    assert apart(asked(leave=True)) == "left"
    turn.clear()
    assert apart(asked(leave=False)) == "worked"


def test_a_reader_who_goes_leaves_no_stream_and_no_thread(gated: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    """What had been begun runs out; the threads serve the next readers, and no more of them come."""
    monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 0.05)
    with served(_app(gated)) as address, httpx.Client(base_url=address) as client:

        def leave() -> None:
            before = gated.asked
            with client.stream("POST", "/api/ask/stream", json={"question": "What is RLHF?"}) as stream:
                lines = stream.iter_lines()
                assert next(lines) == "event: status"
                assert any(line.startswith(":") for line in lines)
                until(lambda: gated.asked == before + 1)

        for _ in range(3):
            leave()
        gated.gate.set()
        until(lambda: gated.finished == 3 and not module._running)
        threads = threading.active_count()
        for _ in range(3):
            whole = client.post("/api/ask/stream", json={"question": "What is RLHF?"})
            assert events(whole.text)[-1][0] == "answer"
        assert threading.active_count() <= threads


def test_streams_end_when_the_server_does(gated: Gated) -> None:
    """The reader is told, rather than cut off."""
    app = _app(gated)
    with served(app) as address, httpx.Client(base_url=address) as client:
        with client.stream("POST", "/api/ask/stream", json={"question": "What is RLHF?"}) as stream:
            lines = stream.iter_lines()
            assert next(lines) == "event: status"
            until(lambda: gated.asked == 1)
            loop: Any = next(iter(module._running)).get_loop()
            loop.call_soon_threadsafe(app.state.closing.set)
            rest = "\n".join(lines)
        assert "event: error" in rest
        assert '"code": "closing"' in rest
        gated.gate.set()
