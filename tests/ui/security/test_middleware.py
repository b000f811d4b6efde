"""The security middleware: headers, other sites, sizes, limits, streams; with a small application and with the whole one."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import anyio
import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from starlette.types import Message

from assistant.settings.settings import Settings
from tests.support.separate_thread import apart
from ui.app import build_app
from ui.chat.gradio_page import is_open
from ui.security.middleware import STREAMS_PER_CLIENT, SecurityMiddleware
from ui.security.rate_limits import Visitor
from ui.security.request_bodies import Bodies
from ui.security.widget_tokens import HEADER, WidgetTokens
from ui.serving.protocols import Assistant

from .guarded import SECRET, STRANGER, application, get, visiting

SITE = "https://example.org"
ASK = {"question": "What is RLHF?"}


@pytest.fixture(scope="module")
def whole(assistant: Assistant, settings: Settings) -> Iterator[TestClient]:
    """The whole application, with few questions a minute."""
    changed = {"client_per_minute": 2, "admin_token": "t0ken", "embed_origins": (SITE,)}
    few = Settings(**(settings.model_dump(include={"data", "port"}) | changed))
    with TestClient(build_app(assistant, few), raise_server_exceptions=False) as opened:
        yield opened


@pytest.mark.parametrize("path", ["/page", "/broken", "/api/ask"])
def test_every_response_carries_the_headers(path: str) -> None:
    """Pages, errors and refusals. A response's own policy is not replaced."""
    headers = get(path=path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "microphone=()" in headers["permissions-policy"]
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert "strict-transport-security" not in headers


def test_a_route_s_own_frame_policy_stands() -> None:
    """The widget's frame sets its own policy on who may embed it."""
    headers = get(path="/embed").headers
    assert headers["content-security-policy"] == "frame-ancestors https://example.org"
    assert "x-frame-options" not in headers
    assert headers["cross-origin-resource-policy"] == "cross-origin"


def test_a_browser_is_held_to_tls_where_there_is_tls() -> None:
    """Also if a trusted proxy ends TLS, but not because an untrusted client says so."""
    proxied = {"x-forwarded-proto": "https"}
    assert "strict-transport-security" in get(at="https://almanac.example").headers
    assert "strict-transport-security" in get("10.0.0.2", headers=proxied, trusted_proxies="10.0.0.2").headers
    assert "strict-transport-security" not in get(headers=proxied).headers


def test_a_fault_of_ours_tells_nothing_of_itself() -> None:
    """A JSON error without a traceback."""
    response = get(path="/broken")
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "internal"
    assert "fault" not in response.text


def test_a_listed_site_s_page_may_fetch_from_the_api() -> None:
    """It may read answers and refusals, without credentials, and no other paths."""
    with visiting(application(embed_origins=(SITE,))) as page:
        for path in ("/api/ask", "/v1/models"):
            response = page.get(
                path, headers={"origin": SITE, "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"}
            )
            assert response.status_code == 200
            assert response.headers["access-control-allow-origin"] == SITE
            assert "access-control-allow-credentials" not in response.headers
            assert "Origin" in response.headers["vary"]
        asked = {
            "origin": SITE,
            "access-control-request-method": "POST",
            "access-control-request-headers": f"x, {HEADER}",
        }
        preflight = page.options("/api/ask", headers=asked)
        assert preflight.status_code == 204
        assert HEADER in preflight.headers["access-control-allow-headers"]
        assert "access-control-allow-origin" not in page.get("/page", headers={"origin": SITE}).headers
        assert page.options("/mcp", headers=asked).status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.test", "null", "https://example.org.evil.test", "http://example.org"])
def test_an_unlisted_site_s_page_may_not(origin: str) -> None:
    """Preflight and request are refused, and an image address cannot use up the user's questions."""
    with visiting(application(embed_origins=(SITE,))) as page:
        asked = {"origin": origin, "access-control-request-method": "POST"}
        crossing = {"origin": origin, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
        for refused in (
            page.options("/api/ask", headers=asked),
            page.post("/api/ask", headers=crossing),
            page.post("/api/feedback", headers={"origin": origin}),
            page.post("/gradio_api/queue/join", headers=crossing),
            page.post("/mcp", headers={"origin": origin}),
            page.get("/api/search?q=x", headers=crossing),
        ):
            assert refused.status_code == 403
            assert refused.json()["error"]["code"] == "other_site"
            assert "access-control-allow-origin" not in refused.headers
        followed = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
        assert page.get("/api/search?q=x", headers=followed).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin", "origin": "https://almanac.example"},
        {"sec-fetch-site": "none"},
        {"origin": "http://almanac.example"},
        {"origin": "http://almanac.example:80"},
        {"origin": "https://public.example"},
    ],
)
def test_our_own_page_and_programs_may_send(headers: dict[str, str]) -> None:
    """Programs send no origin. Our own page sends ours: the requested host or the configured address."""
    with visiting(application(url="https://public.example/almanac")) as page:
        assert page.post("/api/ask", headers=headers).status_code == 200


@pytest.mark.parametrize("host", ["evil.test", "evil.test:7860", "localhost.evil.test", "127.0.0.1.evil.test", ""])
def test_on_this_machine_s_address_no_other_name_is_answered(host: str) -> None:
    """Otherwise a page whose name points to 127.0.0.1 (DNS rebinding) would count as our own."""
    response = get("127.0.0.1", at="http://127.0.0.1:7860", headers={"host": host})
    assert response.status_code == 421
    assert "ALMANAC_URL" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    "host", ["[", "a/b", "a?b", "a#b", "user@a", "a b", "a:b", 'a"><script>', "a\xe9", "a:99999999"]
)
def test_a_host_that_is_none_is_refused(host: str) -> None:
    """Links are built from it, and a path in it would be mistaken for the request's path."""
    for options in ({}, {"trusted_proxies": STRANGER}):
        assert get(headers={"host": host.encode("latin-1")}, **options).status_code == 400
    forwarded = {"x-forwarded-host": host.encode("latin-1")}
    assert get(headers=forwarded, trusted_proxies=STRANGER).status_code == 400


@pytest.mark.parametrize(
    ("host", "options"),
    [
        ("127.0.0.1:7860", {}),
        ("localhost:7860", {}),
        ("LOCALHOST", {}),
        ("[::1]:7860", {}),
        ("almanac.localhost", {}),
        ("almanac.example.org", {"url": "https://almanac.example.org"}),
        ("almanac.example.org", {"trusted_proxies": "127.0.0.1"}),
    ],
)
def test_its_own_names_are(host: str, options: dict[str, Any]) -> None:
    """Loopback names, the configured public name, and any name from a trusted proxy."""
    assert get("127.0.0.1", at="http://127.0.0.1:7860", headers={"host": host}, **options).status_code == 200


def test_a_body_is_counted_as_it_comes() -> None:
    """With or without a length. A body within the limit arrives complete."""
    with visiting(application()) as page:
        assert page.post("/x", content=iter([b"a"] * 9)).json()["body"] == "a" * 9
        assert page.post("/x", content=b"a" * 1_000_000).status_code == 200
        for content in (b"a" * 1_000_001, iter([b"a" * 250_000] * 5)):
            response = page.post("/x", content=content)
            assert response.status_code == 413
            assert response.json()["error"]["code"] == "too_large"
        assert page.get("/x", headers={f"x-{number}": "x" for number in range(120)}).status_code == 431
        assert page.post("/x", headers={"content-length": "-1"}).status_code == 400


async def _sent(app: SecurityMiddleware, pieces: list[Message | None], **scope: Any) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        piece = pieces.pop(0)
        if piece is None:
            await anyio.sleep_forever()
        assert piece is not None
        return piece

    async def send(message: Message) -> None:
        sent.append(message)

    base = {"type": "http", "method": "POST", "path": "/x", "query_string": b"", "scheme": "http", "server": None}
    headers = [(b"host", b"almanac.example"), (b"transfer-encoding", b"chunked")]
    await app({**base, "client": ("203.0.113.9", 1), "headers": headers, **scope}, receive, send)
    return sent


def test_a_body_must_come_in_time() -> None:
    """However many pieces arrive. A client that disconnects is not an error."""
    app = application(bodies=Bodies(seconds=0.05))
    piece: Message = {"type": "http.request", "body": b"a", "more_body": True}
    start, body = apart(_sent(app, [piece, piece, None]))
    assert start["status"] == 408
    assert b"too_slow" in body["body"]
    assert apart(_sent(app, [piece, {"type": "http.disconnect"}])) == []


def test_a_websocket_is_closed() -> None:
    """The server has none."""
    (closed,) = apart(_sent(application(), [], type="websocket"))
    assert closed["type"] == "websocket.close"


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("POST", "/api/ask", b""),
        ("GET", "/api/ask?q=x", b""),
        ("POST", "/api/ask/stream", b""),
        ("POST", "/api/ask/", b""),
        ("POST", "/api/%61sk", b""),
        ("GET", "/api/search?q=x", b""),
        ("GET", "/feed?q=x", b""),
        ("HEAD", "/feed?q=x", b""),
        ("GET", "/feed.json?page=1&%71=x", b""),
        ("POST", "/v1/chat/completions", b""),
        ("POST", "/mcp", b'{"method": "tools/call"}'),
        ("POST", "/mcp", b'{"method": "tools\\/call"}'),
        ("POST", "/mcp", b'[{"method": "tools/call"}]'),
        ("POST", "/mcp", b"{" * 100_000),
        ("POST", "/mcp", b"\xff"),
    ],
)
def test_whatever_costs_an_answer_is_counted(method: str, path: str, content: bytes) -> None:
    """All interfaces share one bucket. The refusal says how long to wait."""
    clock_stands = application(client_per_minute=2)
    with visiting(clock_stands) as client:
        assert client.post("/api/ask", content=b"{}").status_code == 200
        assert client.request(method, path, content=content).status_code == 200
        late = client.request(method, path, content=content)
        assert late.status_code == 429
        assert method == "HEAD" or late.json()["error"]["code"] == "too_many_requests"
        assert int(late.headers["retry-after"]) == 30
        for free in ("/", "/healthz", "/readyz", "/feed", "/browse", "/entries/gpt-3"):
            assert client.get(free).status_code == 200
        assert client.post("/mcp", content=b'{"method": "initialize"}').status_code == 200
    with visiting(clock_stands, "203.0.113.10") as other:
        assert other.post("/api/ask").status_code == 200


def test_a_full_server_says_so_at_once_and_takes_no_token() -> None:
    """Before the body is read or a thread is used. Pages still work."""
    with visiting(application(full=True, client_per_minute=1)) as client:
        for _ in range(3):
            busy = client.post("/api/ask", json=ASK)
            assert busy.status_code == 503
            assert busy.json()["error"]["code"] == "busy"
            assert int(busy.headers["retry-after"]) > 0
        assert client.get("/page").status_code == 200


def test_a_site_s_limit_holds_over_all_its_readers() -> None:
    """The signed token tells the site. A forged token counts for no site."""
    app = application(site_per_minute=2, embed_origins=("https://other.example",))
    token = WidgetTokens(SECRET).token(SITE)
    statuses = []
    for number in range(3):
        with visiting(app, f"203.0.113.{number}") as reader:
            statuses.append(reader.post("/api/ask", headers={HEADER: token}).status_code)
    assert statuses == [200, 200, 429]
    with visiting(app, "203.0.113.50") as reader:
        assert reader.post("/api/ask", headers={HEADER: token + "x"}).json()["visitor"] == ["203.0.113.50", None]
        fetched = reader.post("/api/ask", headers={"origin": "https://other.example"})
        assert fetched.json()["visitor"][1] == "https://other.example"


def test_one_client_s_idle_streams_leave_room_for_others() -> None:
    """A limited number of each kind. A stream that ends frees its place."""
    app = application()
    with visiting(app) as client, visiting(app, "203.0.113.10") as other:
        places = [app._stream("GET /gradio_api/heartbeat/x", _visitor(client)) for _ in range(STREAMS_PER_CLIENT)]
        assert [place.__enter__() for place in places] == [None] * STREAMS_PER_CLIENT
        assert client.get("/gradio_api/heartbeat/y").status_code == 429
        assert client.get("/gradio_api/queue/data").status_code == 200
        assert other.get("/gradio_api/heartbeat/y").status_code == 200
        places[0].__exit__(None, None, None)
        assert client.get("/gradio_api/heartbeat/y").status_code == 200


def test_all_idle_streams_leave_room_for_requests() -> None:
    """However many clients hold one stream each."""
    app = application(streams=3)
    places = [app._stream("GET /gradio_api/heartbeat/x", Visitor(str(number))) for number in range(3)]
    assert [place.__enter__() for place in places] == [None] * 3
    with visiting(app) as client:
        assert client.get("/gradio_api/heartbeat/y").status_code == 429
        assert client.get("/gradio_api/queue/data").status_code == 200
        assert client.get("/page").status_code == 200


def _visitor(client: TestClient) -> Any:
    return Visitor(*client.get("/page").json()["visitor"])


def test_the_whole_application_keeps_the_limit(whole: TestClient) -> None:
    """Answers of the API are counted, and the administrator sees the counts."""
    admin = {"authorization": "Bearer t0ken"}
    before = whole.get("/admin/status", headers=admin).json()
    assert before["kept"]["bytes_allowed"] == 1 << 30
    statuses = [whole.post("/api/ask", json=ASK).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    after = whole.get("/admin/status", headers=admin).json()
    assert after["answers"]["answered"] - before["answers"]["answered"] == 2
    assert after["refused"]["too_many"] - before["refused"]["too_many"] == 1
    assert after["limits"]["client_per_minute"] == 2
    assert after["catalogue"]["entries"] > 0
    assert after["memory_bytes"]["now"] > 0
    assert whole.get("/readyz").status_code == 200


def test_the_chat_s_questions_are_counted_in_the_same_bucket(whole: TestClient) -> None:
    """The chat shows the refusal with the time to wait, and continues to work."""
    for _ in range(3):
        whole.post("/api/ask", json=ASK)
    dependencies = whole.get("/config").json()["dependencies"]
    asking = next(one for one in dependencies if any(target[1] == "select" for target in one["targets"]))
    asked = {"question": "What is RLHF?", "key": "k", "number": 1}
    joined = {"data": [], "fn_index": asking["id"], "session_hash": "counted", "trigger_id": None, "event_data": asked}
    assert whole.post("/gradio_api/queue/join", json=joined).status_code == 200
    shown = whole.get("/gradio_api/queue/data?session_hash=counted").text
    assert "Too many questions in one minute" in shown
    assert "data-retry" in shown
    assert '"process_completed"' in shown


def test_the_administrator_s_routes_are_closed(whole: TestClient, assistant: Assistant, settings: Settings) -> None:
    """For everybody without the token, and in the API document."""
    assert whole.get("/admin/status").status_code == 401
    assert whole.get("/admin/status", headers={"authorization": "Bearer t0ke"}).status_code == 401
    assert whole.get("/admin/other", headers={"authorization": "Bearer t0ken"}).status_code == 404
    assert "/admin/status" not in whole.get("/openapi.json").json()["paths"]
    # Without a token, as by default; nothing is opened for it, so the application is not started.
    closed = TestClient(build_app(assistant, settings), raise_server_exceptions=False)
    refused = closed.get("/admin/status", headers={"authorization": "Bearer "})
    assert refused.status_code == 404
    assert refused.json()["error"]["code"] == "not_found"


def test_every_other_route_of_gradio_s_is_shut(whole: TestClient) -> None:
    """Tries every route of the pinned version with every method. Routes that are not in the list give 404."""
    shell = _mounted(whole.app.routes)  # type: ignore[attr-defined]
    gradio = _mounted(shell.app._app.routes).app
    asked = 0
    for route in iter_route_contexts(gradio.routes):
        path = re.sub(r"\{[^}]*\}", "x", str(route.path))
        if is_open(path) or path == "/robots.txt":  # which is ours
            continue
        for method in sorted(route.methods or {"GET"}):
            response = whole.request(method, path)
            assert response.status_code == 404, f"{method} {path}"
            asked += 1
    assert asked > 50


def test_only_so_many_conversations_are_held(whole: TestClient) -> None:
    """A client that opens many sessions displaces its own and does not fill the memory."""
    shell = _mounted(whole.app.routes)  # type: ignore[attr-defined]
    assert _mounted(shell.app._app.routes).app.state_holder.capacity <= 1000


def test_no_response_sets_a_cookie(whole: TestClient) -> None:
    """Without cookies, other sites' pages cannot use the user's session."""
    for path in ("/", "/config", "/openapi.json", "/almanac/chat.js", "/healthz"):
        assert "set-cookie" not in whole.get(path).headers


def test_gradio_s_answers_can_be_read_by_no_other_origin(whole: TestClient) -> None:
    """Gradio would let any origin read responses with credentials. It never sees the origin."""
    for origin in (SITE, "https://evil.test", "http://localhost:3000"):
        for path in ("/", "/config", "/gradio_api/app_id"):
            response = whole.get(path, headers={"origin": origin})
            assert response.status_code == 200
            assert not [name for name in response.headers if name.startswith("access-control")]


def _mounted(routes: Iterable[Any]) -> Any:
    return next(route for route in routes if getattr(route, "path", None) == "")
