"""What the one application serves: its own things, nobody else's, and none of Gradio's extra doors."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from bs4 import BeautifulSoup
from fastapi.testclient import TestClient

from assistant.settings.settings import Settings
from index.errors import SettingsError
from ui.app import build_app, serve
from ui.serving.protocols import Assistant
from ui.urls import STATIC


@pytest.fixture(scope="module")
def client(assistant: Assistant, settings: Settings) -> Iterator[TestClient]:
    """The whole application before the real assistant."""
    with TestClient(build_app(assistant, settings), raise_server_exceptions=False) as opened:
        yield opened


def test_the_page_names_no_other_host(client: TestClient) -> None:
    """No script, style, picture, font or preview is to be fetched from anywhere else."""
    page = BeautifulSoup(client.get("/").text, "html.parser")
    for tag in page.find_all():
        for name in ("src", "href", "content", "action", "poster", "srcset"):
            assert not re.match(r"\s*(https?:)?//", str(tag.get(name, ""))), tag
    assert not page.find("base", href=re.compile("//"))
    for style in page.find_all("style"):
        assert "url(" not in style.get_text()
        assert "@import" not in style.get_text()
    theme = client.get("/theme.css").text
    assert "@import" not in theme
    assert "http" not in theme.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("file", sorted(STATIC.iterdir()), ids=lambda file: file.name)
def test_our_own_files_name_no_other_host(client: TestClient, file: object) -> None:
    """What we wrote fetches nothing either; the name of SVG's language is a name and no address."""
    name = getattr(file, "name", "")
    response = client.get(f"/almanac/{name}")
    assert response.status_code == 200
    words = response.text.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|@import|url\(\s*[\"']?//", words)


def test_inline_scripts_run_only_with_the_page_s_nonce(client: TestClient) -> None:
    """Markup that slipped into the page could run no script: it would not know the number."""
    first, second = client.get("/"), client.get("/")
    nonces = []
    for page in (first, second):
        policy = page.headers["content-security-policy"]
        scripts = next(part for part in policy.split(";") if part.strip().startswith("script-src"))
        assert "unsafe-inline" not in scripts
        (nonce,) = re.findall(r"'nonce-([\w-]+)'", scripts)
        found = BeautifulSoup(page.text, "html.parser").find_all("script")
        assert found
        assert all(script["nonce"] == nonce for script in found)
        nonces.append(nonce)
    assert nonces[0] != nonces[1]
    assert "default-src 'none'" in first.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in first.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/", "/healthz", "/almanac/chat.css", "/openapi.json", "/not-there", "/theme.css"])
def test_every_response_carries_the_headers(client: TestClient, path: str) -> None:
    """Errors and files too."""
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/upload"),
        ("GET", "/gradio_api/upload_progress"),
        ("GET", "/gradio_api/file=/etc/passwd"),
        ("GET", "/gradio_api/file/etc/passwd"),
        ("GET", "/gradio_api/proxy=https://outside.example/"),
        ("GET", "/gradio_api/info"),
        ("GET", "/gradio_api/openapi.json"),
        ("POST", "/gradio_api/call/ask"),
        ("POST", "/gradio_api/run/ask"),
        ("POST", "/gradio_api/api/ask"),
        ("GET", "/gradio_api/runs"),
        ("POST", "/gradio_api/run-history/connect"),
        ("POST", "/gradio_api/vibe-edit"),
        ("GET", "/gradio_api/vibe-code"),
        ("POST", "/gradio_api/component_server"),
        ("POST", "/gradio_api/process_recording"),
        ("GET", "/gradio_api/deep_link"),
        ("GET", "/monitoring"),
        ("GET", "/monitoring/summary"),
        ("GET", "/login_check"),
        ("POST", "/login"),
        ("GET", "/pwa_icon"),
        ("GET", "/docs"),
        ("GET", "/redoc"),
        ("GET", "/assets/../../routes.py"),
        ("GET", "/assets/%2e%2e/%2e%2e/routes.py"),
        ("GET", "/static/..%2f..%2froutes.py"),
        ("GET", "/almanac/..%2fapp.py"),
        ("GET", "/almanac/"),
    ],
)
def test_gradio_s_other_doors_are_shut(client: TestClient, method: str, path: str) -> None:
    """Nobody can leave a file here, read one, reach another host through us or see what others asked."""
    response = client.request(method, path)
    assert response.status_code in {404, 405}
    assert set(response.json()) == {"error"}


def test_a_page_stored_by_gradio_cannot_be_called_up(client: TestClient) -> None:
    """The address's query is not read: the chat is the same for all."""
    for query in ("deep_link=../../x", "__theme=dark", "view=api"):
        response = client.get(f"/?{query}")
        assert response.status_code == 200
        assert '"deep_link_state":"none"' in response.text


def test_the_page_says_what_it_is_before_any_script_runs(client: TestClient) -> None:
    """A language, a title, a description and our own icon; Gradio's are gone."""
    page = BeautifulSoup(client.get("/").text, "html.parser")
    assert page.html is not None
    assert page.html["lang"] == "en"
    assert page.title is not None
    assert page.title.get_text() == "Ask the almanac"
    assert page.find("meta", attrs={"name": "description"})
    assert not page.find_all("meta", attrs={"property": re.compile("^og:")})
    assert not page.find("link", rel="manifest")
    icon = page.find("link", rel="icon")
    assert icon is not None
    assert client.get(f"/{icon['href']}").status_code == 200


def test_no_visit_is_reported_and_no_function_is_public(client: TestClient) -> None:
    """Gradio's settings in force, read where the browser reads them."""
    config = client.get("/config").json()
    assert config["analytics_enabled"] is False
    assert config["footer_links"] == []
    assert config["run_history"] is False
    assert {one["api_visibility"] for one in config["dependencies"]} == {"private"}


def test_a_body_that_is_too_large_is_refused_unread(client: TestClient) -> None:
    """The limit holds for every address, in the one shape of an error."""
    response = client.post("/api/ask", content=b"x" * 1_000_001)
    assert response.status_code == 413
    assert response.json()["error"]["code"] == "too_large"
    pieces = client.post("/gradio_api/queue/join", content=iter([b"x" * 400_000] * 3))
    assert pieces.status_code == 413


def test_the_openapi_document_lists_our_routes_and_no_others(client: TestClient) -> None:
    """What is promised to other programs, and nothing of Gradio's."""
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/api/ask", "/entries/{entry_id}.json", "/healthz", "/readyz"} <= set(paths)
    assert not [path for path in paths if "gradio" in path]


def test_a_port_that_is_taken_is_a_foreseen_error(assistant: Assistant, settings: Settings) -> None:
    """Whoever starts the server learns which port it was and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=str(port)) as caught:
            serve(assistant, settings.model_copy(update={"port": port}))
    assert "--port 0" in caught.value.hint


_SERVE = """
import sys
from pathlib import Path
from assistant.workplace import Workplace
from assistant.settings.settings import Settings
from ui.app import serve
settings = Settings(data=Path(sys.argv[1]), port=0)
serve(Workplace(settings).assistant(), settings, lambda address: print(address, flush=True))
"""


def test_an_interrupt_ends_the_server_though_visitors_are_there(
    assistant: Assistant, settings: Settings, project: Path
) -> None:
    """Gradio keeps a stream open for each visitor; it is let go, and nobody is shown a traceback."""
    assert assistant.catalogue.entries  # the index is built, so that the other process only opens it
    command = [sys.executable, "-c", _SERVE, str(settings.data)]
    server = subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert server.stdout is not None
    address = server.stdout.readline().strip()
    try:
        with httpx.stream("GET", f"{address}gradio_api/heartbeat/visitor", timeout=30) as visitor:
            assert visitor.status_code == 200
            server.send_signal(signal.SIGINT)
            _, complaints = server.communicate(timeout=30)
    finally:
        server.kill()
    assert server.returncode == 0
    assert complaints == ""


@pytest.mark.parametrize(
    "asked",
    [
        {"fn_index": 9999, "data": [], "session_hash": "x"},
        {"fn_index": 0, "data": ["a question of mine"], "session_hash": "x"},
        {"fn_index": "0", "data": [], "session_hash": "x"},
        {"data": None},
        {"fn_index": True, "data": []},
    ],
)
def test_an_event_that_the_chat_has_not_is_refused_before_gradio_sees_it(
    client: TestClient, asked: dict[str, object], capfd: pytest.CaptureFixture[str]
) -> None:
    """Gradio would answer with a bare 500, or print the texts that were sent."""
    answer = client.post("/gradio_api/queue/join", json=asked)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid_request"
    assert "question of mine" not in "".join(capfd.readouterr())
