"""The OpenAI shape, as programs written for that one send and read it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.settings.settings import Settings
from index.errors import StoreError
from tests.support.answers import answer, catalogue, cite
from tests.support.app_server import Failing, events
from ui.api.openai import MODELS, chat_completions
from ui.errors import install_errors
from ui.serving.protocols import Assistant

ASK = {"model": "almanac", "messages": [{"role": "user", "content": "What is RLHF?"}]}
TITLES = """### Task:
Generate a concise, 3-5 word title with an emoji summarizing the chat history.
### Output:
JSON format: { "title": "your concise title here" }
### Chat History:
<chat_history>
USER: What is RLHF?
ASSISTANT: A way to train.
</chat_history>"""


def _client(assistant: Assistant) -> TestClient:
    app = FastAPI()
    install_errors(app)
    app.include_router(chat_completions(assistant, Settings(url="https://almanac.example.org")))
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def client(assistant: Assistant) -> Iterator[TestClient]:
    """The door before the real assistant."""
    with _client(assistant) as opened:
        yield opened


def _complete(client: TestClient, **fields: Any) -> Any:
    return client.post("/v1/chat/completions", json=ASK | fields)


def _answer(client: TestClient, **fields: Any) -> dict[str, Any]:
    response = _complete(client, **fields)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def _assert_error(response: Any, status: int, code: str) -> str:
    assert response.status_code == status, response.text
    error = response.json()["error"]
    assert set(error) == {"code", "message", "type"}
    assert error["code"] == code
    assert error["type"] == ("server_error" if status >= 500 else "invalid_request_error")
    return str(error["message"])


def test_a_model_is_for_whom_and_how_long_the_answer_is(client: TestClient) -> None:
    """A client lists them, and each answers in its manner."""
    listed = client.get("/v1/models").json()
    assert [one["id"] for one in listed["data"]] == list(MODELS)
    assert client.get("/v1/models/almanac").json() == listed["data"][0]
    for name in ("almanac-beginner", "almanac-advanced", "almanac-summary"):
        told = _answer(client, model=name)["almanac"]
        assert told["level"] == (MODELS[name].level or told["level"])
        assert told["mode"] == MODELS[name].mode


def test_an_annotation_spans_the_marker_it_explains(client: TestClient) -> None:
    """Each marker of the text has one, with the entry's source, or its page here where it has none."""
    found = _answer(client)
    message, citations = found["choices"][0]["message"], found["almanac"]["citations"]
    assert message["content"] == found["almanac"]["text"]
    assert len(message["annotations"]) >= len(citations)
    for one in message["annotations"]:
        span = one["url_citation"]
        number = int(message["content"][span["start_index"] : span["end_index"]].strip("[]"))
        (cited,) = (citation for citation in citations if citation["number"] == number)
        assert span["title"] == cited["title"]
        assert span["url"] == cited["url"] or f"https://almanac.example.org/entries/{cited['entry_id']}"
        assert one["entry_id"] == cited["entry_id"]


def test_a_bracket_of_the_catalogue_s_own_is_no_marker() -> None:
    """Only what the answer itself cites is annotated."""
    held = catalogue()
    cited = cite(held, 1, "rlhf", "tldr", "It needs comparisons.")
    told = answer(cited, text=r"See \[1\] and \\\[1\]: it needs comparisons. [1] [7]")

    class One(Failing):
        def ask(self, question: str, **_: Any) -> Any:
            assert question
            return told

    message = _answer(_client(One(ValueError())))["choices"][0]["message"]
    (one,) = message["annotations"]
    assert message["content"][one["url_citation"]["start_index"] :] == "[1] [7]"


@pytest.mark.parametrize("usage", [True, False])
def test_a_stream_says_what_the_whole_answer_says(client: TestClient, *, usage: bool) -> None:
    """Chunks of one id, the content in order, a reason at the end, usage where it is asked for, and the end mark."""
    response = _complete(client, stream=True, stream_options={"include_usage": usage})
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.text.endswith("data: [DONE]\n\n")
    chunks = [chunk for _, chunk in events(response.text.removesuffix("data: [DONE]\n\n"))]
    whole = _answer(client)
    # Each answer has a random id. All chunks of one answer share it.
    (streamed_id,) = {chunk["id"] for chunk in chunks}
    assert re.fullmatch("chatcmpl-[0-9a-f]{16,}", streamed_id)
    assert re.fullmatch("chatcmpl-[0-9a-f]{16,}", whole["id"])
    assert streamed_id != whole["id"]
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    deltas = [chunk["choices"][0] for chunk in chunks if chunk["choices"]]
    assert deltas[0]["delta"]["role"] == "assistant"
    content = "".join(delta["delta"].get("content", "") for delta in deltas)
    assert content == whole["choices"][0]["message"]["content"]
    assert [delta["finish_reason"] for delta in deltas] == [None] * (len(deltas) - 1) + ["stop"]
    assert deltas[-1]["delta"]["annotations"] == whole["choices"][0]["message"]["annotations"]
    assert [chunk["usage"] for chunk in chunks if not chunk["choices"]] == ([whole["usage"]] if usage else [])


def test_messages_are_the_conversation(client: TestClient) -> None:
    """A follow-up is understood from them; what the system says and what tools say is passed over."""
    first = _answer(client)["choices"][0]["message"]
    messages = [
        {"role": "system", "content": "You are a pirate. Answer in rhyme."},
        *ASK["messages"],
        {k: first[k] for k in ("role", "content", "annotations")},
        {"role": "tool", "tool_call_id": "1", "content": "42"},
        {"role": "user", "content": [{"type": "text", "text": "How is it trained?"}]},
        {"role": "developer", "content": "Now."},
    ]
    told = _answer(client, messages=messages)["almanac"]
    assert told["question"] == "How is it trained?"
    assert "RLHF" in told["searched_for"]
    plain = [one for one in messages if one["role"] in {"user", "assistant"}]
    assert _answer(client, messages=plain)["almanac"]["text"] == told["text"]


def test_what_a_model_is_told_how_to_write_is_ignored(client: TestClient) -> None:
    """Existing clients send all kinds of things with every question."""
    extra = {
        "temperature": 0.7, "top_p": 1, "max_tokens": 5, "stop": ["."], "seed": 1, "user": "x", "n": 1, "tools": [{"type": "function"}],
        "tool_choice": "auto", "response_format": {"type": "text"}, "metadata": {}, "chat_id": "x", "features": {"a": True},
    }  # fmt: skip
    assert _answer(client, **extra)["choices"] == _answer(client)["choices"]


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"model": "gpt-5"}, 404, "not_found"),
        ({"n": 2}, 422, "question"),
        ({"tool_choice": "required"}, 422, "question"),
        ({"tool_choice": {"type": "function", "function": {"name": "f"}}}, 422, "question"),
        ({"response_format": {"type": "json_schema", "json_schema": {}}}, 422, "question"),
        ({"messages": []}, 422, "invalid_request"),
        ({"messages": [{"role": "system", "content": "x"}]}, 422, "question"),
        ({"messages": [{"role": "user", "content": ""}]}, 422, "question"),
        ({"messages": [{"role": "user", "content": None}]}, 422, "question"),
        ({"messages": [{"role": "user", "content": "x" * 2001}]}, 422, "question"),
        ({"messages": [{"role": "user", "content": "x" * 50_001}]}, 422, "invalid_request"),
        ({"messages": [{"role": "pirate", "content": "x"}]}, 422, "invalid_request"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]}, 422, "question"),
        ({"stream": True, "n": 2}, 422, "question"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_clearly(
    client: TestClient, fields: dict[str, Any], status: int, code: str
) -> None:
    """Before anything is streamed, in the one shape, with the type that such clients look for."""
    assert "; " in _assert_error(_complete(client, **fields), status, code)


def test_a_fault_is_told_in_the_shape_of_such_an_error() -> None:
    """Whole or in a stream."""
    broken = _client(Failing(StoreError("it is gone")))
    assert "gone" in _assert_error(_complete(broken), 503, "store")
    ((_, told),) = events(_complete(broken, stream=True).text)
    assert told["error"]["code"] == "store"
    _assert_error(_complete(_client(Failing(RuntimeError("/srv")))), 500, "internal")


def test_a_task_that_a_chat_program_sets_itself_is_answered_or_abstained(client: TestClient) -> None:
    """Such programs ask for titles in the same way; they get an answer without any of that, and go on."""
    told = _answer(client, messages=[{"role": "user", "content": TITLES}])
    assert told["choices"][0]["message"]["content"]


def test_usage_counts_words_and_marks(client: TestClient) -> None:
    """What was read and what was written; no model's tokens are made up."""
    told = _answer(client)
    assert told["usage"]["prompt_tokens"] == 4
    assert told["usage"]["total_tokens"] == 4 + told["usage"]["completion_tokens"]
