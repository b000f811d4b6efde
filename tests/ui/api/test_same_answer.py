"""One question, one answer, through whichever door it is asked."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import openai
import pytest
from fastapi.testclient import TestClient
from mcp import Client, MCPError, StdioServerParameters
from mcp.server.mcpserver import MCPServer
from starlette.responses import PlainTextResponse

from assistant.answer import Mode
from assistant.pipeline import Assistant
from assistant.question import Question
from assistant.settings.settings import Settings
from tests.support.app_server import events, served
from tests.support.separate_thread import apart
from ui.api.mcp import McpEndpoint
from ui.app import build_app
from ui.cli import answers
from ui.cli.commands import app as commands


@dataclass(frozen=True)
class Asked:
    """A question, what becomes of it, and the manner in which it is asked."""

    text: str
    status: str
    intent: str
    mode: Mode = "chat"


QUESTIONS = (
    Asked("What is RLHF?", "answered", "define"),
    Asked("Which wine goes with oysters?", "abstained", "lookup"),
    Asked("List all events about interpretability in 2024", "answered", "list"),
    Asked("Compare OpenAI and Anthropic", "answered", "compare"),
    Asked("chain-of-thought monitoring", "answered", "summary", "summary"),
)
Said = Mapping[str, Any]


@pytest.fixture(scope="module")
def address(assistant: Assistant, settings: Settings) -> Iterator[str]:
    """The whole application, served."""
    with served(build_app(assistant, settings)) as address:
        yield address


@pytest.fixture(scope="module")
def web(address: str) -> Iterator[httpx.Client]:
    """A plain client."""
    with httpx.Client(base_url=address, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def program(
    settings: Settings, assistant: Assistant, tmp_path_factory: pytest.TempPathFactory
) -> StdioServerParameters:
    """`almanac mcp`, as another program starts it."""
    assert assistant.catalogue.entries  # indexed already
    environment = {
        "ALMANAC_CATALOGUE": str(settings.catalogue),
        "ALMANAC_READER": "false",
        "ALMANAC_DATA": str(settings.data),
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "ui.cli", "mcp"],
        env={"PATH": os.environ["PATH"], **environment},
        cwd=tmp_path_factory.mktemp("elsewhere"),
    )


@asynccontextmanager
async def _tools(server: Any, mode: Any = "auto") -> AsyncIterator[Client]:
    async with Client(server, mode=mode, read_timeout_seconds=60) as client:
        yield client


def _said(answer: Said) -> tuple[Any, ...]:
    """What must be the same: the text, and what it rests on, in order."""
    cited = [(one["number"], one["entry_id"], one["field"], one["start"], one["end"]) for one in answer["citations"]]
    return answer["status"], answer["intent"], answer["text"], cited, answer["total"]


@pytest.fixture(scope="module")
def expected(assistant: Assistant) -> dict[Asked, tuple[Any, ...]]:
    """What the engine itself says; each kind of answer is among them."""
    found = {one: assistant.ask(Question(one.text, mode=one.mode)).as_dict() for one in QUESTIONS}
    assert [(answer["status"], answer["intent"]) for answer in found.values()] == [
        (one.status, one.intent) for one in QUESTIONS
    ]
    return {one: _said(answer) for one, answer in found.items()}


def test_the_routes_say_what_the_engine_says(web: httpx.Client, expected: dict[Asked, tuple[Any, ...]]) -> None:
    """`POST /api/ask`, `GET /api/ask` and the last event of the stream; and the tokens are the text."""
    for one, said in expected.items():
        body = {"question": one.text, "mode": one.mode}
        assert _said(web.post("/api/ask", json=body).json()) == said
        assert _said(web.get("/api/ask", params={"q": one.text, "mode": one.mode}).json()) == said
        streamed = events(web.post("/api/ask/stream", json=body).text)
        assert _said(streamed[-1][1]) == said
        assert "".join(data["text"] for name, data in streamed if name == "token") == said[2]


def test_the_command_says_what_the_engine_says(
    settings: Settings, expected: dict[Asked, tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """`almanac ask --json`; status 1 for what it abstains from."""
    monkeypatch.setenv("ALMANAC_DATA", str(settings.data))
    monkeypatch.setenv("ALMANAC_CATALOGUE", str(settings.catalogue))
    monkeypatch.setenv("ALMANAC_READER", "false")
    monkeypatch.setattr(answers, "load_assistant", cache(answers.load_assistant))  # opening the index once is enough
    for one, said in expected.items():
        status = commands(["ask", one.text, "--mode", one.mode, "--json"], standalone_mode=False)
        assert (status or 0) == (one.status == "abstained")
        assert _said(json.loads(capsys.readouterr().out)) == said


def test_the_official_openai_client_is_told_what_the_engine_says(
    address: str, expected: dict[Asked, tuple[Any, ...]]
) -> None:
    """Whole and as a stream; it finds the models, and its errors carry our code and our words."""
    with openai.OpenAI(base_url=f"{address}/v1", api_key="not-needed", max_retries=0) as client:
        assert {"almanac", "almanac-summary"} <= {model.id for model in client.models.list()}
        for one, said in expected.items():
            model = "almanac-summary" if one.mode == "summary" else "almanac"
            messages: Any = [{"role": "user", "content": one.text}]
            whole = client.chat.completions.create(model=model, messages=messages)
            assert whole.choices[0].message.content == said[2]
            assert whole.model_extra is not None
            assert _said(whole.model_extra["almanac"]) == said
            with client.chat.completions.create(model=model, messages=messages, stream=True) as chunks:
                assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == said[2]
        with pytest.raises(openai.NotFoundError) as wrong:
            client.chat.completions.create(model="gpt-5", messages=messages)
        assert wrong.value.code == "not_found"
        with pytest.raises(openai.UnprocessableEntityError, match="2,000"):
            client.chat.completions.create(model=model, messages=[{"role": "user", "content": "x" * 2001}])


def test_the_official_mcp_client_is_told_what_the_engine_says_over_http(
    address: str, expected: dict[Asked, tuple[Any, ...]]
) -> None:
    """In the protocol's present form; of the one before, one question."""

    async def talk() -> None:
        async with _tools(f"{address}/mcp") as client:
            await _asked(client, expected)
            await _all_tools(client)
        async with _tools(f"{address}/mcp", "legacy") as client:
            await _asked(client, dict(list(expected.items())[:1]))

    apart(talk())


def test_the_official_mcp_client_is_told_what_the_engine_says_over_pipes(
    program: StdioServerParameters, expected: dict[Asked, tuple[Any, ...]]
) -> None:
    """`almanac mcp`; standard output carries the protocol and nothing else, or the client would not understand it."""

    async def talk() -> None:
        async with _tools(program) as client:
            await _asked(client, expected)

    apart(talk())


def test_a_program_that_goes_ends_the_session_in_silence(program: StdioServerParameters) -> None:
    """Words that are no protocol are passed over; a closed pipe, either way, is no fault and leaves no traceback."""
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    lines = [json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}), "no protocol"]
    again = json.dumps({"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}})
    with subprocess.Popen(
        [program.command, *program.args],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=program.env, cwd=program.cwd, text=True,
    ) as session:  # fmt: skip
        assert session.stdin is not None
        assert session.stdout is not None
        assert session.stderr is not None
        print(*lines, sep="\n", file=session.stdin, flush=True)
        assert json.loads(session.stdout.readline())["result"]["serverInfo"]["name"] == "almanac"
        session.stdout.close()
        print(again, file=session.stdin, flush=True)
        session.stdin.close()
        assert session.stderr.read() == ""
        assert session.wait(timeout=30) == 0


async def _asked(client: Client, expected: dict[Asked, tuple[Any, ...]]) -> None:
    for one, said in expected.items():
        result = await client.call_tool("ask", {"question": one.text, "mode": one.mode})
        assert not result.is_error
        assert result.structured_content is not None
        assert _said(result.structured_content) == said
        assert getattr(result.content[0], "text", "").startswith(said[2])


async def _all_tools(client: Client) -> None:
    """Each tool's result fits the schema it states; what is wrong is told to the model with the mend."""
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {"ask", "search", "get_entry", "related"}
    called = {
        "ask": {"question": "How is it trained?", "history": [{"role": "user", "content": "What is RLHF?"}], "level": "beginner"},
        "search": {"query": "reward models", "kinds": ["guide"], "top": 3},
        "get_entry": {"entry_id": "rlhf"},
        "related": {"entry_id": "rlhf"},
    }  # fmt: skip
    found = {}
    for name, arguments in called.items():
        annotations = tools[name].annotations
        assert annotations is not None
        assert annotations.read_only_hint
        result = await client.call_tool(name, arguments)
        assert not result.is_error, result
        schema = tools[name].output_schema
        assert schema is not None
        jsonschema.validate(result.structured_content, schema)
        found[name] = result.structured_content or {}
    assert "RLHF" in found["ask"]["searched_for"]
    assert len(found["search"]["results"]) == 3
    assert found["get_entry"]["entry"]["id"] == "rlhf"
    assert found["related"]["related"]
    for name, wrong, mend in (
        ("get_entry", {"entry_id": "rlhff"}, "did you mean 'rlhf'"),
        ("related", {"entry_id": "../etc"}, "no entry"),
        ("ask", {"question": " "}, "empty"),
        ("search", {"query": "x", "since": "2024-13"}, "dates are"),
        ("ask", {"question": "x" * 2001}, "2000"),
        ("ask", {}, "question"),
    ):
        result = await client.call_tool(name, wrong)
        assert result.is_error
        assert mend in getattr(result.content[0], "text", "")
    held = json.loads(getattr((await client.read_resource("almanac://catalogue")).contents[0], "text", ""))
    assert held["entries"]["guide"] > 0
    entry = await client.read_resource("almanac://entries/rlhf")
    assert json.loads(getattr(entry.contents[0], "text", ""))["kind"] == "guide"
    with pytest.raises(MCPError, match="no entry"):
        await client.read_resource("almanac://entries/nothing")


def test_a_page_in_a_visitor_s_browser_cannot_use_the_tools(web: httpx.Client, address: str) -> None:
    """Neither from another origin nor by giving its own name this machine's address; GET and DELETE open nothing."""
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    accept = {"accept": "application/json, text/event-stream"}
    for headers, status, code in (
        ({"host": "evil.example:80", "origin": "http://evil.example:80"}, 421, "wrong_host"),
        ({"host": "evil.example"}, 421, "wrong_host"),
        ({"origin": "https://evil.example"}, 403, "other_site"),
        ({"origin": "null"}, 403, "other_site"),
    ):
        response = web.post("/mcp", json=call, headers=accept | headers)
        assert response.status_code == status
        assert response.json()["error"]["code"] == code
    for headers in ({}, {"origin": address}, {"host": "localhost:1"}):
        assert web.post("/mcp", json=call, headers=accept | headers).status_code == 200
    for method in ("GET", "DELETE"):
        refused = web.request(method, "/mcp", headers=accept)
        assert (refused.status_code, refused.headers["allow"]) == (405, "POST")


def test_the_tools_are_there_for_the_public_name_and_for_listed_sites(settings: Settings) -> None:
    """By the name in `ALMANAC_URL`, and for pages of `ALMANAC_EMBED_ORIGINS`, names below `*.` too."""
    public = settings.model_copy(
        update={
            "url": "https://almanac.example.org/ask",
            "embed_origins": ("https://one.example", "https://*.two.example"),
        }
    )

    async def answers(_scope: Any, _receive: Any, send: Any) -> None:
        await PlainTextResponse("in")(_scope, _receive, send)

    door = McpEndpoint(MCPServer("none"), public, "0.0.0.0")
    door._app = answers
    client = TestClient(door, base_url="https://almanac.example.org")
    for origin, status in {
        None: 200, "https://almanac.example.org": 200, "https://one.example": 200, "https://a.b.two.example": 200,
        "https://two.example": 403, "http://one.example": 403, "https://one.example.evil.example": 403,
        "https://evil-two.example": 403, "null": 403, "": 403,
    }.items():  # fmt: skip
        headers = {} if origin is None else {"origin": origin}
        assert client.post("/mcp", headers=headers).status_code == status, origin
    assert client.post("/mcp", headers={"host": "other.example"}).status_code == 421


def test_every_route_for_programs_is_in_the_document(web: httpx.Client) -> None:
    """With a schema for what it gives, an example of an answer, and the shape of its errors."""
    document = web.get("/openapi.json").json()
    for path, method in (
        ("/api/ask", "get"), ("/api/ask", "post"), ("/api/ask/stream", "post"), ("/api/search", "get"), ("/api/entries", "get"),
        ("/api/entries/{entry_id}/related", "get"), ("/api/cite", "get"), ("/entries/{entry_id}.json", "get"),
        ("/v1/models", "get"), ("/v1/chat/completions", "post"),
    ):  # fmt: skip
        responses = document["paths"][path][method]["responses"]
        assert {"200", "422", "429", "503"} <= set(responses)
        assert all(media.get("schema") for media in responses["200"]["content"].values())
        for status in set(responses) - {"200"}:
            schema = responses[status]["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}
    assert document["components"]["schemas"]["AnswerOut"]["examples"]
    assert document["info"]["version"]


def test_another_method_of_a_known_address_says_which_there_are(web: httpx.Client) -> None:
    """The chat, which has all other addresses, does not hide it."""
    for method, path, allowed in (("DELETE", "/api/ask", {"GET", "POST"}), ("TRACE", "/v1/models", {"GET"})):
        refused = web.request(method, path)
        assert (refused.status_code, refused.json()["error"]["code"]) == (405, "method_not_allowed")
        assert set(refused.headers["allow"].split(", ")) == allowed
    assert web.get("/").status_code == 200
    assert web.get("/api/nothing").status_code == 404


def _examples(project: Path, language: str) -> list[str]:
    text = (project / "docs" / "api.md").read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_the_documented_commands_do_what_is_said(project: Path, address: str) -> None:
    """Each line of `docs/api.md` is run as it stands, but for the port."""
    lines = [line for block in _examples(project, "sh") for line in block.strip().splitlines()]
    assert len(lines) >= 10
    for line in lines:
        command = shlex.split(line.replace("http://127.0.0.1:7860", address))
        done = subprocess.run([*command, "--fail", "--max-time", "30"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, line
        assert done.stdout.strip(), line


def test_the_documented_programs_run(project: Path, address: str, capsys: Any) -> None:
    """As they stand, but for the port; and each shows something of the answer."""
    programs = _examples(project, "python")
    assert len(programs) == 4
    for program in programs:
        exec(compile(program.replace("http://127.0.0.1:7860", address), "docs/api.md", "exec"), {})  # noqa: S102
        assert "rlhf" in capsys.readouterr().out.lower(), program


def test_only_the_commands_that_need_the_protocol_load_it() -> None:
    """It takes half a second, which `almanac ask` has not."""
    asked = "import sys, ui.cli.commands; sys.exit('mcp' in sys.modules or 'fastapi' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
