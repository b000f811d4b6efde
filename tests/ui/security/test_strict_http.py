"""Requests that two servers could read in two ways, and headers and paths that nobody here should believe."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient
from starlette.types import Message

from assistant.pipeline import Assistant
from assistant.settings.settings import Settings
from tests.support.app_server import served
from ui.app import build_app
from ui.security.connections import server_options
from ui.security.proxies import Proxies

from .guarded import STRANGER, application, get


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The guard before a small application, on our own wire."""
    with served(application(), **server_options(Settings())) as base:  # type: ignore[arg-type]
        yield int(base.rpartition(":")[2])


def _talk(port: int, sent: bytes) -> bytes:
    """All that the server says to these bytes until it hangs up or falls silent."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=3)) as connection:
        connection.sendall(sent)
        said = b""
        try:
            while piece := connection.recv(65_536):
                said += piece
        except (TimeoutError, ConnectionError):
            pass
        return said


_POST = b"POST /page HTTP/1.1\r\nhost: localhost\r\n"
_SMUGGLED = b"GET /smuggled HTTP/1.1\r\nhost: localhost\r\n\r\n"
AMBIGUOUS = {
    "length and chunks": _POST + b"content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" + _SMUGGLED,
    "chunks and length": _POST + b"transfer-encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + _SMUGGLED,
    "two lengths": _POST + b"content-length: 1\r\ncontent-length: 2\r\n\r\nab" + _SMUGGLED,
    "a list of lengths": _POST + b"content-length: 1, 2\r\n\r\nab",
    "a length with a sign": _POST + b"content-length: +1\r\n\r\na",
    "a negative length": _POST + b"content-length: -1\r\n\r\na",
    "a length in hexadecimal": _POST + b"content-length: 0x1\r\n\r\na",
    "an empty length": _POST + b"content-length: \r\n\r\n",
    "a folded header": b"GET /page HTTP/1.1\r\nhost: localhost\r\nx-a: b\r\n c\r\n\r\n",
    "a folded length": _POST + b"content-length: 1\r\n 0\r\n\r\n0123456789",
    "a folded coding": _POST + b"transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "bare line feeds": b"GET /page HTTP/1.1\nhost: localhost\n\n",
    "one bare line feed": b"GET /page HTTP/1.1\r\nhost: localhost\nx-a: b\r\n\r\n",
    "a bare return": b"GET /page HTTP/1.1\r\nhost: localhost\r\nx-a: b\rc: d\r\n\r\n",
    "a space before the colon": _POST + b"content-length : 1\r\n\r\na",
    "a space before the name": b"GET /page HTTP/1.1\r\nhost: localhost\r\nx: y\r\n transfer-encoding: chunked\r\n\r\n",
    "an unknown coding": _POST + b"transfer-encoding: identity\r\n\r\n",
    "two codings": _POST + b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "a coding after chunks": _POST + b"transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a disguised coding": _POST + b"transfer-encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "chunks in HTTP/1.0": b"POST /page HTTP/1.0\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "two hosts": b"GET /page HTTP/1.1\r\nhost: localhost\r\nhost: other.example\r\n\r\n",
    "no host": b"GET /page HTTP/1.1\r\n\r\n",
    "a NUL": b"GET /page HTTP/1.1\r\nhost: localhost\r\nx-a: \x00\r\n\r\n",
    "a chunk's size with a sign": _POST + b"transfer-encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n",
    "a chunk that is too long": _POST + b"transfer-encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("sent", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_what_can_be_read_in_two_ways_is_refused_and_the_connection_closed(port: int, sent: bytes) -> None:
    """Nothing that follows in the same bytes is answered."""
    said = _talk(port, sent)
    assert said.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 ")), said[:200]
    assert said.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in said.lower()
    assert b"smuggled" not in said


@pytest.mark.parametrize(
    "sent",
    [
        _POST + b"content-length: 2\r\n\r\nab" + _SMUGGLED,
        _POST + b"transfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n" + _SMUGGLED,
        _POST + b"Transfer-Encoding: Chunked\r\n\r\n2;name=value\r\nab\r\n0\r\nx-trailer: y\r\n\r\n" + _SMUGGLED,
        _POST + b"content-length: 2\r\ncontent-length: 2\r\n\r\nab" + _SMUGGLED,
    ],
    ids=["length", "chunks", "extension and trailer", "the same length twice"],
)
def test_what_has_one_reading_is_answered_and_so_is_what_follows(port: int, sent: bytes) -> None:
    """Both requests on one connection get an answer."""
    said = _talk(port, sent)
    assert said.count(b"HTTP/1.1 200 OK") == 2, said[:500]
    assert b'"body":"ab"' in said


@pytest.mark.parametrize("split", [1, 20, 40, 60, 80])
def test_a_head_that_comes_in_pieces_is_judged_whole(port: int, split: int) -> None:
    """Wherever the head is split."""
    sent = AMBIGUOUS["length and chunks"]
    with closing(socket.create_connection(("127.0.0.1", port), timeout=3)) as connection:
        connection.sendall(sent[:split])
        connection.sendall(sent[split:])
        assert connection.recv(65_536).startswith(b"HTTP/1.1 400 ")


BELIEVED = {
    "X-Gradio-Server": "https://outside.example",
    "x-gradio-server": "javascript:alert(1)",
    "X-Gradio-Anything": "1",
    "X_Gradio_Server": "https://outside.example",
    "X-Forwarded-Host": "outside.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": "/outside",
    "X-Forwarded-Port": "1",
    "Forwarded": "host=outside.example;proto=https",
    "X-Original-URL": "/admin/status",
    "X-Rewrite-URL": "/admin/status",
    "X-HTTP-Method-Override": "DELETE",
    "X-Zerogpu-Token": "x",
    "X-IP-Token": "x",
    "X-Direct-Url": "https://outside.example",
}


@pytest.mark.parametrize("name", BELIEVED)
def test_no_stranger_s_header_reaches_what_would_believe_it(name: str) -> None:
    """The application does not see these headers."""
    seen = get(headers={name: BELIEVED[name]}).json()
    assert BELIEVED[name] not in seen["headers"].values()
    assert seen["url"].startswith("http://almanac.example")


@pytest.mark.parametrize("name", [name for name in BELIEVED if name.lower().startswith(("x-gradio", "x-original"))])
def test_not_even_from_a_trusted_proxy(name: str) -> None:
    """A proxy passes on its clients' headers, and nothing here needs these."""
    seen = get(client="10.0.0.2", trusted_proxies=("10.0.0.2",), headers={name: BELIEVED[name]}).json()
    assert BELIEVED[name] not in seen["headers"].values()
    assert not Proxies([]).trusted(STRANGER)


@pytest.fixture(scope="module")
def client(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The whole application."""
    settings = Settings(data=tmp_path_factory.mktemp("ambiguous"), client_per_minute=10**6)
    app = build_app(assistant, settings)
    with TestClient(app, base_url="http://127.0.0.1:7860", raise_server_exceptions=False) as opened:
        yield opened


@pytest.mark.parametrize("path", ["/", "/config", "/embed"])
def test_gradio_s_page_loads_nothing_from_where_a_header_says(client: TestClient, path: str) -> None:
    """Gradio's page loads its files from the requested address."""
    for name, value in BELIEVED.items():
        said = client.get(path, headers={name: value})
        assert said.status_code == 200
        assert "outside" not in said.text
        assert "javascript:alert" not in said.text


PATHS = (
    *("//", "///", "//browse", "/browse//", "/api//ask", "//api/ask", "/entries//rlhf", "//outside.example/"),
    *("/./", "/.", "/..", "/./browse", "/browse/.", "/browse/..", "/almanac/../browse", "/entries/../admin/status"),
    *("/%2e/", "/%2e%2e/", "/%2E%2E/browse", "/almanac/%2e%2e/browse", "/.%2e/", "/%252e%252e/", "/almanac/%252e%252e/x"),
    *("/%2f", "/%2Fbrowse", "/entries%2frlhf", "/api%2Fask", "/almanac/..%2f..%2fetc", "/%5c", "/%5C..", "/almanac/..%5cx"),
    *("/;", "/browse;x=y", "/admin;/status", "/browse/;", "/admin/..;/browse", "/%3b"),
    *("/browse./", "/admin./status", "/%00", "/browse%00", "/browse%0d%0ax:y", "/%0a", "/%7f", "/assets//x", "/static/../x"),
    *("/config//", "/gradio_api//queue/join", "/gradio_api/./queue/data", "/mcp//", "//mcp"),
)  # fmt: skip


def _status(app: Any, method: str, target: str) -> int:
    """The status of a request with this exact target. Ordinary clients would normalise the dots."""
    statuses: list[int] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        statuses.append(message.get("status", 0))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(target),
        "raw_path": target.encode("ascii"),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1:7860")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 7860),
        "state": {},
    }
    asyncio.run(app(scope, receive, send))
    return statuses[0]


@pytest.mark.parametrize("path", PATHS)
def test_a_path_of_two_readings_leads_nowhere(client: TestClient, path: str) -> None:
    """It reaches no page, no redirect, and bypasses no rule."""
    for method in ("GET", "HEAD", "POST", "OPTIONS"):
        assert _status(client.app, method, path) == 404, method


@pytest.mark.parametrize(
    "path", ["/BROWSE", "/Api/Ask", "/API/search", "/browse.", "/Admin/status", "/HEALTHZ", "/ADMIN"]
)
def test_names_are_read_as_they_are_written(client: TestClient, path: str) -> None:
    """A name in another case or with an extra dot is a different name, which does not exist."""
    assert client.get(path, follow_redirects=False).status_code == 404


def test_the_same_paths_pass_no_login() -> None:
    """With a login, none of these paths reaches the content behind it."""
    app = application(auth="ada:enigma")
    for path in (*PATHS, "/healthz/", "/healthz/x", "//healthz", "/readyz/../browse", "/admin", "/HEALTHZ"):
        assert _status(app, "GET", path) in {401, 404}, path


def test_mcp_with_a_slash_is_mcp(client: TestClient) -> None:
    """The message is answered there, because clients drop the body at a redirect."""
    message = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
    }
    headers = {"accept": "application/json, text/event-stream"}
    answers = [client.post(path, json=message, headers=headers, follow_redirects=False) for path in ("/mcp", "/mcp/")]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    for method in ("GET", "DELETE", "HEAD", "PUT"):
        said = [client.request(method, path, follow_redirects=False) for path in ("/mcp", "/mcp/")]
        assert [(one.status_code, one.headers.get("allow")) for one in said] == [(405, "POST")] * 2
    call = {
        "jsonrpc": "2.0",
        "id": 2,
        "method": "tools/call",
        "params": {"name": "search", "arguments": {"query": "rlhf"}},
    }
    version = {"mcp-protocol-version": "2025-06-18"}
    found = [client.post(path, json=call, headers=headers | version).json() for path in ("/mcp", "/mcp/")]
    assert found[0] == found[1]
    assert "rlhf" in str(found[0])
