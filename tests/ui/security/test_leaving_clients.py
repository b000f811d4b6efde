"""Clients that disconnect early, send garbage or send invalid chat events: no traceback in the log.

The suite sends some; more by hand, with a seed of their own:

    LEAVERS=3000 LEAVERS_SEED=7 pytest tests/ui/test_leaving_clients.py -n 0
"""

import logging
import os
import random
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.pipeline import Assistant
from assistant.settings.settings import Settings
from tests.support.app_server import served
from ui.app import build_app
from ui.security.connections import server_options

from .leaving_clients import Leaver, chat_events, leavers
from .naughty_strings import EVERY, doors
from .test_fuzz import _Once

COUNT = int(os.environ.get("LEAVERS", "120"))
SEED = int(os.environ.get("LEAVERS_SEED", "1"))
_CLIENTS = 6


@contextmanager
def _heard() -> Iterator[list[str]]:
    """Everything logged at ERROR, with its traceback."""
    lines: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            trace = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
            lines.append(f"{record.name}: {record.getMessage()}\n{trace}")

    ear = Ear(level=logging.ERROR)
    logging.getLogger().addHandler(ear)
    try:
        yield lines
    finally:
        logging.getLogger().removeHandler(ear)


def _visit(port: int, clients: list[Leaver]) -> None:
    def run(some: list[Leaver]) -> None:
        for one in some:
            one.visit("127.0.0.1", port)

    threads = [threading.Thread(target=run, args=(clients[start::_CLIENTS],)) for start in range(_CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.fixture(scope="module")
def app(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The whole application with cached answers, because these tests are about everything else."""
    many = {"client_per_minute": 10**6, "site_per_minute": 10**6}
    return build_app(_Once(assistant), Settings(data=tmp_path_factory.mktemp("left"), **many))


def test_no_client_leaves_a_traceback(app: Any, capfd: pytest.CaptureFixture[str]) -> None:
    """Requests to every operation of a real server: cut off, reset, half closed, garbled, pipelined, unread."""
    chance = random.Random(SEED)  # noqa: S311 -- a test that can be repeated
    clients = leavers(doors(), EVERY, COUNT, SEED)
    shell = app.router.routes[-1].app
    for sent in chance.sample(chat_events(shell.events), k=min(COUNT // 2, 100)):
        cut = sent[: chance.randrange(len(sent))] if chance.random() < 0.2 else sent
        clients.append(Leaver(cut, chance.choice([0, 1, 300]), chance.random() < 0.5, False, 0.01, "chat"))  # noqa: FBT003
    chance.shuffle(clients)
    with _heard() as lines:
        with served(app, log_config=None, **server_options(Settings())) as base:  # type: ignore[arg-type]
            _visit(int(base.rpartition(":")[2]), clients)
            time.sleep(0.3)
        printed = capfd.readouterr()
    assert not lines, "\n\n".join(lines[:5])
    assert "Traceback" not in printed.out + printed.err, (printed.out + printed.err)[:3000]


@pytest.mark.parametrize(
    "change",
    [
        *({"fn_index": value} for value in (-1, 10**30, True, None, "0", 1.5)),
        *({"data": value} for value in (["x"], None, {}, [None], [[]])),
        {"data": [{"path": "/etc/passwd"}]},
        *({"session_hash": value} for value in (None, "", {"a": 1}, 1, "s" * 300)),
        *({name: value} for name, value in (("batched", True), ("simple_format", True), ("event_id", "x"))),
        *({"event_data": value} for value in ("x", [1], 5)),
    ],
    ids=repr,
)
def test_the_chat_refuses_events_that_it_has_not(
    app: Any, change: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    """They get a clear error before Gradio fails on them."""
    asking = next(number for number, takes in app.router.routes[-1].app.events.items() if not takes)
    asked = {
        "data": [],
        "fn_index": asking,
        "session_hash": "s",
        "trigger_id": 1,
    }
    client = TestClient(app, base_url="http://127.0.0.1:7860")
    said = client.post("/gradio_api/queue/join", json=asked | change)
    assert said.status_code == 422
    assert said.json()["error"]["code"] == "invalid_request"
    assert "Traceback" not in capfd.readouterr().err


def test_a_session_that_is_not_known_is_said_in_the_stream_and_ends_it(assistant: Assistant, tmp_path: Path) -> None:
    """Gradio's page reacts to this by starting a new session."""
    # An app of its own: the server of an earlier test has stopped, and has ended all streams of the shared app.
    app = build_app(_Once(assistant), Settings(data=tmp_path))
    client = TestClient(app, base_url="http://127.0.0.1:7860")
    with _heard() as lines:
        said = client.get("/gradio_api/queue/data", params={"session_hash": "nobody"})
    assert said.status_code == 200
    assert '"session_not_found":true' in said.text
    assert not lines
