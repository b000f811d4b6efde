"""Answer ids: nobody can work one out from what was asked, nor learn from one whether somebody asked."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from assistant.pipeline import Assistant
from assistant.settings.settings import Settings
from tests.ui.cli.test_commands import Shell, shell
from ui.app import build_app
from ui.storage.storage import Storage

__all__ = ["shell"]

QUESTION = "What is RLHF?"


@pytest.fixture(scope="module")
def client(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The whole application before the real assistant."""
    settings = Settings(data=tmp_path_factory.mktemp("ids"))
    with TestClient(build_app(assistant, settings), base_url="http://127.0.0.1:7860") as opened:
        yield opened


def _id(client: TestClient) -> str:
    return str(client.post("/api/ask", json={"question": QUESTION}).json()["id"])


def test_each_answer_given_has_an_id_of_its_own(assistant: Assistant) -> None:
    """The same question asked again of the same catalogue gives an equal answer with another id."""
    answers = [assistant.ask(QUESTION) for _ in range(3)]
    assert all(re.fullmatch(r"[0-9a-f]{24}", one.id) for one in answers)
    assert len({one.id for one in answers}) == len(answers)
    assert replace(answers[0], timings_ms={}) == replace(answers[1], timings_ms={})
    assert answers[0].as_dict()["id"] == answers[0].id == replace(answers[0], timings_ms={}).id


def test_nobody_can_confirm_that_another_reader_asked_shared_or_rated(client: TestClient) -> None:
    """One reader asks, shares and rates; a stranger who asks the same sees no trace of it at any route."""
    reader = _id(client)
    assert client.post(f"/api/answers/{reader}/share").status_code == 200
    assert client.post("/api/feedback", json={"answer_id": reader, "rating": "up"}).status_code == 200
    stranger = _id(client)
    assert stranger != reader
    assert client.get(f"/answers/{stranger}").status_code == 404
    assert client.get(f"/answers/{reader}").status_code == 200


def test_ids_that_were_not_given_here_are_refused_alike(client: TestClient) -> None:
    """Sharing, rating and reading answer the same to every such id."""
    for path in ("/api/answers/{}/share", "/api/feedback"):
        seen = set()
        for name in ("0" * 24, "f" * 24, "5f0c1d3e8a7b2c4d6e9f0a1b"):
            said = client.post(path.format(name), json={"answer_id": name, "rating": "up"})
            seen.add((said.status_code, said.text.replace(name, "ID")))
        assert [status for status, _ in seen] == [404], seen


def test_every_door_gives_an_id_that_can_be_shared(client: TestClient) -> None:
    """The JSON door, its cacheable form, the stream and the OpenAI shape."""
    streamed = client.post("/api/ask/stream", json={"question": QUESTION}).text
    last = [json.loads(line[6:]) for line in streamed.splitlines() if line.startswith("data: ")][-1]
    asked = {"model": "almanac", "messages": [{"role": "user", "content": QUESTION}]}
    completed = client.post("/v1/chat/completions", json=asked).json()
    names = [
        _id(client),
        client.get("/api/ask", params={"q": QUESTION}).json()["id"],
        last["id"],
        completed["id"].removeprefix("chatcmpl-"),
    ]
    assert len(set(names)) == len(names)
    for name in names:
        assert client.post(f"/api/answers/{name}/share").json()["id"] == name


def test_a_shared_answer_keeps_its_id(assistant: Assistant, tmp_path: Path) -> None:
    """After a restart, too: it is read from the file and not made again."""
    given = assistant.ask(QUESTION)
    Storage(tmp_path).share(given)
    shared = Storage(tmp_path).shared(given.id)
    assert shared is not None
    assert shared.answer.id == given.id
    assert Storage(tmp_path).share(shared.answer).id == given.id


def test_the_command_line_prints_an_id_without_writing_anything(shell: Shell, settings: Settings) -> None:
    """`ask --json` keeps no secret anywhere, so a data folder that cannot be written to is no hindrance."""
    shell.run("ask", QUESTION)  # the first command builds the index, whatever tests ran before
    before = sorted(settings.data.rglob("*"))
    found = [json.loads(shell.run("ask", QUESTION, "--json").stdout)["id"] for _ in range(2)]
    assert found[0] != found[1]
    assert sorted(settings.data.rglob("*")) == before
