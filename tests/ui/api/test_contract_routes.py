"""Section 4 of the contract, line by line, asked of the whole application."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from fastapi.testclient import TestClient

from assistant.settings.settings import Settings
from index.catalogue import to_line
from tests.support.app_server import events
from tests.ui.security.naughty_strings import JSON
from ui.app import build_app
from ui.serving.protocols import Almanac

ANSWER = (
    "status question searched_for intent filters mode level text sentences citations total removed reason nearest "
    "related suggestions catalogue engine timings_ms"
).split()
QUESTION = "guides on RLHF"
ENTRY = "openai-instructgpt-aligning-language-models"


@pytest.fixture(scope="module")
def client(assistant: Almanac, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The whole application before the real assistant, with room for a test's questions."""
    settings = Settings(data=tmp_path_factory.mktemp("contract"), client_per_minute=10_000)
    app = build_app(assistant, settings)
    with TestClient(app, base_url="http://127.0.0.1:7860", raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def answer(client: TestClient) -> dict[str, Any]:
    """The answer that every door gives to the question."""
    said: dict[str, Any] = client.post("/api/ask", json={"question": QUESTION}).json()
    assert list(said)[: len(ANSWER)] == ANSWER
    assert said["status"] == "answered"
    return said


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return {**one, "timings_ms": None, "id": None} == {**other, "timings_ms": None, "id": None}


def test_the_start_page_and_the_frame_are_the_chat(client: TestClient) -> None:
    """`GET /` and `GET /embed`; the loader for other sites is a script."""
    for path in ("/", "/embed"):
        response = client.get(path)
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/html")
        assert "gradio" in response.text
    loader = client.get("/widget.js")
    assert loader.status_code == 200
    assert "javascript" in loader.headers["content-type"]
    assert "frame-ancestors 'none'" in client.get("/embed").headers["content-security-policy"]


def test_an_entry_has_a_page_and_its_fields(client: TestClient, assistant: Almanac) -> None:
    """Text, source, what goes with it and references on the page; the entry itself as JSON."""
    entry = assistant.catalogue.by_id[ENTRY]
    response = client.get(f"/entries/{entry.id}")
    assert response.status_code == 200
    page = BeautifulSoup(response.text, "html.parser")
    shown = page.get_text(" ")
    assert entry.title in shown
    assert next(iter(entry.texts().values()))[:60] in shown
    assert page.find("a", href=entry.url)
    linked = {str(link["href"]).rpartition("/")[2] for link in page.find_all("a", href=True)}
    assert {name for name in entry.links if name in assistant.catalogue.by_id} <= linked
    assert any(word in shown for word in ("BibTeX", "RIS"))
    fields = client.get(f"/entries/{entry.id}.json").json()
    assert json.loads(to_line(entry)).items() <= fields.items()


def test_an_answer_is_shared_by_its_permalink(client: TestClient, answer: dict[str, Any]) -> None:
    """Nothing is at the address before; then the answer as it was given."""
    permalink = f"/answers/{answer['id']}"
    assert client.get(permalink).status_code == 404
    shared = client.post(f"/api{permalink}/share").json()
    assert shared["url"].endswith(permalink)
    page = client.get(permalink)
    assert page.status_code == 200
    assert QUESTION in page.text
    assert answer["citations"][0]["quote"] in BeautifulSoup(page.text, "html.parser").get_text()


def test_the_stream_tells_steps_tokens_and_the_answer(client: TestClient, answer: dict[str, Any]) -> None:
    """The events `status`, `token`, `answer`; the last holds the answer of the other route."""
    response = client.post("/api/ask/stream", json={"question": QUESTION})
    assert response.headers["content-type"].startswith("text/event-stream")
    told = events(response.text)
    assert {name for name, _ in told} == {"status", "token", "answer"}
    assert told[-1][0] == "answer"
    assert _same(told[-1][1], answer)
    assert "".join(data["text"] for name, data in told if name == "token") == answer["text"]


def test_search_related_and_references_are_the_commands(client: TestClient, assistant: Any) -> None:
    """`GET /api/search`, `/api/entries/{id}/related` and `/api/cite`."""
    found = client.get("/api/search", params={"q": "reward hacking", "kind": "event", "since": "2023", "top": 3}).json()
    assert len(found["results"]) == 3
    assert all(one["kind"] == "event" and one["date"] >= "2023" for one in found["results"])
    related = client.get(f"/api/entries/{ENTRY}/related").json()["related"]
    assert [one["entry_id"] for one in related] == [one.entry_id for one in assistant.related(ENTRY)]
    assert all(one["why"] for one in related)
    for form, sign in (("bibtex", "@"), ("ris", "TY  -"), ("csl-json", '"type"'), ("markdown", "1. ")):
        assert sign in client.get("/api/cite", params={"id": ENTRY, "as": form}).text


def test_feedback_on_an_answer_is_taken(client: TestClient, answer: dict[str, Any]) -> None:
    """`{answer_id, rating: up|down, reason?, note?}`."""
    for said in ({"rating": "up"}, {"rating": "down", "reason": "incomplete", "note": "More on rewards."}):
        response = client.post("/api/feedback", json={"answer_id": answer["id"], **said})
        assert response.status_code == 200, response.text
    for wrong in ({}, {"answer_id": answer["id"], "rating": "sideways"}, {"answer_id": "x", "rating": "up"}):
        assert client.post("/api/feedback", json=wrong).status_code == 422


def test_the_openai_shape_says_the_same(client: TestClient, answer: dict[str, Any]) -> None:
    """A list of models, and one of them answers, whole and as a stream."""
    models = client.get("/v1/models").json()
    assert models["object"] == "list"
    asked = {"model": models["data"][0]["id"], "messages": [{"role": "user", "content": QUESTION}]}
    whole = client.post("/v1/chat/completions", json=asked).json()
    assert whole["object"] == "chat.completion"
    assert whole["choices"][0]["message"]["content"] == answer["text"]
    streamed = client.post("/v1/chat/completions", json=asked | {"stream": True}).text
    assert streamed.endswith("data: [DONE]\n\n")
    chunks = [json.loads(line[6:]) for line in streamed.splitlines() if line.startswith("data: {")]
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks) == answer["text"]


def test_the_model_context_protocol_has_the_four_tools(client: TestClient) -> None:
    """`ask`, `search`, `get_entry` and `related`."""
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    response = client.post("/mcp", json=asked, headers={name: value.decode() for name, value in JSON.items()})
    assert response.status_code == 200, response.text
    body = response.text if response.text.startswith("{") else response.text.partition("data: ")[2]
    assert {tool["name"] for tool in json.loads(body)["result"]["tools"]} == {"ask", "search", "get_entry", "related"}


def test_crawlers_and_keepers_are_told(client: TestClient) -> None:
    """`GET /llms.txt`, `/healthz`, `/readyz` and the OpenAPI document."""
    assert client.get("/llms.txt").text.startswith("# ")
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json()["status"] == "ready"
    assert client.get("/openapi.json").json()["openapi"].startswith("3.")


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/nothing", 404, None),
        ("GET", "/api/nothing", 404, None),
        ("GET", "/entries/nothing", 404, None),
        ("GET", "/entries/nothing.json", 404, None),
        ("GET", "/answers/nothing", 404, None),
        ("GET", "/api/entries/nothing/related", 404, None),
        ("GET", "/api/cite?id=nothing", 404, None),
        ("GET", "/api/search", 422, None),
        ("GET", "/api/feedback", 405, None),
        ("PUT", "/api/ask", 405, None),
        ("GET", "/v1/models/nothing", 404, None),
        ("POST", "/v1/chat/completions", 422, {}),
        ("POST", "/mcp", 400, None),
        ("POST", "/api/ask", 422, {"question": "x" * 2_001}),
        ("POST", "/api/ask/stream", 422, {"question": "x" * 2_001}),
        ("GET", f"/api/search?q={'x' * 2_001}", 422, None),
        ("GET", f"/feed?q={'x' * 2_001}", 422, None),
        ("POST", "/api/ask", 413, {"question": "x" * 2_000_000}),
    ],
)
def test_every_error_has_the_one_shape(client: TestClient, method: str, path: str, status: int, body: Any) -> None:
    """`{"error": {"code", "message"}}` with a fitting status, and a message that says the mend."""
    response = client.request(method, path, json=body)
    assert response.status_code == status, response.text[:300]
    error = response.json()["error"]
    assert {"code", "message"} <= error.keys()
    assert len(error["message"]) > 10


def test_over_the_limit_is_429_with_a_time_to_come_back(assistant: Almanac, settings: Settings) -> None:
    """At every door that answers; pages stay open."""
    small = settings.model_copy(update={"client_per_minute": 2})
    with TestClient(build_app(assistant, small), raise_server_exceptions=False) as client:
        for _ in range(2):
            assert client.get("/feed", params={"q": QUESTION}).status_code == 200
        chat = {"model": "almanac", "messages": [{"role": "user", "content": QUESTION}]}
        for response in (
            client.post("/api/ask", json={"question": QUESTION}),
            client.post("/api/ask/stream", json={"question": QUESTION}),
            client.get("/api/ask", params={"q": QUESTION}),
            client.get("/api/search", params={"q": QUESTION}),
            client.post("/v1/chat/completions", json=chat),
            client.get("/feed", params={"q": QUESTION}),
            client.head("/feed", params={"q": QUESTION}),
            client.get("/feed.json?%71=rlhf"),
        ):
            assert response.status_code == 429, response.request.url
            assert int(response.headers["retry-after"]) > 0
        assert client.get("/feed").status_code == client.get("/browse").status_code == 200
