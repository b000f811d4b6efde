"""With a login, whoever has not logged in learns nothing of the catalogue, at any address and by any method."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from assistant.pipeline import Assistant
from assistant.settings.settings import Settings
from index.errors import EmbedderError
from tests.support.app_server import Failing
from ui.api.ask import api
from ui.app import build_app
from ui.errors import install_errors

from .naughty_strings import doors

LOGIN = {"authorization": "Basic " + base64.b64encode(b"ada:enigma").decode("ascii")}
ADDRESSES = sorted(
    {re.sub(r"\{\w+\}", "rlhf", door.path) for door in doors()}
    | {"/favicon.ico", "/apple-touch-icon.png", "/manifest.json", "/.well-known/security.txt", "/theme.css", "/config"}
    | {
        "/almanac/chat.js",
        "/almanac/widget.js",
        "/gradio_api/info",
        "/docs",
        "/redoc",
        "/static/img/logo.svg",
        "/nowhere",
    }
    | {"/feed?page=9999999", "/browse?page=100", "/llms-full.txt?page=100", "/answers/" + "0" * 24, "//", "/%2e%2e/"}
)
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE")


@pytest.fixture(scope="module")
def closed(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The whole application behind a login."""
    settings = Settings(data=tmp_path_factory.mktemp("closed"), auth="ada:enigma", embed_origins=("https://a.example",))
    with TestClient(
        build_app(assistant, settings), base_url="http://127.0.0.1:7860", raise_server_exceptions=False
    ) as opened:
        yield opened


def _telling(assistant: Assistant) -> list[str]:
    """What would tell of the catalogue: its size, its date in each form, its hash, a title."""
    catalogue = assistant.catalogue
    day = catalogue.as_of or "-"
    months = "January February March April May June July August September October November December".split()
    words = f"{months[int(day[5:7]) - 1]} {day[:4]}"
    return [f"{len(catalogue.entries)}", f"{len(catalogue.entries):,} entries", day, words, catalogue.hash, "RLHF"]


@pytest.mark.parametrize("accept", ["text/html", "application/json", "*/*"])
def test_no_answer_to_a_stranger_tells_of_the_catalogue(closed: TestClient, assistant: Assistant, accept: str) -> None:
    """Every address, method and kind of page; only two addresses answer at all."""
    telling = _telling(assistant)
    for address in ADDRESSES:
        for method in METHODS:
            said = closed.request(method, address, headers={"accept": accept}, follow_redirects=False)
            open_ = address in {"/healthz", "/readyz"} and method == "GET"
            assert (said.status_code == 200) is open_, (method, address, said.status_code)
            whole = said.text + repr(dict(said.headers))
            found = [one for one in telling if re.search(rf"(?<![\w.]){re.escape(one)}(?!\w)", whole, re.IGNORECASE)]
            assert not found, (method, address, found)
            assert not {"etag", "last-modified"} & set(said.headers), (method, address)


def test_a_stranger_s_wrong_password_tells_as_little(closed: TestClient, assistant: Assistant) -> None:
    """Neither the page nor the words."""
    wrong = {"authorization": "Basic " + base64.b64encode(b"ada:wrong").decode("ascii"), "accept": "text/html"}
    said = closed.get("/browse", headers=wrong)
    assert said.status_code == 401
    assert not [one for one in _telling(assistant) if one in said.text]


def test_preflights_tell_as_little(closed: TestClient, assistant: Assistant) -> None:
    """They come without a login by their nature."""
    asked = {"origin": "https://a.example", "access-control-request-method": "GET"}
    for address in ("/api/ask", "/api/search", "/browse"):
        said = closed.options(address, headers=asked)
        assert said.status_code in {204, 403}
        assert not [one for one in _telling(assistant) if one in said.text + repr(dict(said.headers))]


def test_alive_and_ready_are_all_that_strangers_are_told(closed: TestClient) -> None:
    """An orchestrator needs no more."""
    assert closed.get("/healthz").json() == {"status": "ok"}
    assert closed.get("/readyz").json() == {"status": "ready"}


def test_whoever_has_logged_in_gets_everything(closed: TestClient) -> None:
    """The pages, the feeds and the chat."""
    for address in ("/", "/browse", "/llms.txt", "/feed", "/openapi.json", "/robots.txt", "/widget.js"):
        assert closed.get(address, headers=LOGIN).status_code == 200, address


@pytest.mark.parametrize("auth", [None, "ada:enigma"])
def test_why_it_is_not_ready_is_told_only_where_there_is_no_login(auth: str | None, tmp_path: Path) -> None:
    """An error may name files and settings."""
    from fastapi import FastAPI  # noqa: PLC0415

    app = FastAPI()
    install_errors(app)
    app.include_router(
        api(Failing(EmbedderError("the model in /srv/private is gone")), Settings(data=tmp_path, auth=auth))
    )
    with TestClient(app, raise_server_exceptions=False) as opened:
        said = opened.get("/readyz")
    assert said.status_code == 503
    assert ("/srv/private" in said.text) is (auth is None)


def test_without_a_login_an_error_page_still_tells_how_much_there_is(assistant: Assistant, tmp_path: Path) -> None:
    """As every page does at its foot."""
    app = build_app(assistant, Settings(data=tmp_path))
    with TestClient(app, base_url="http://127.0.0.1:7860") as opened:
        said = opened.get("/nowhere", headers={"accept": "text/html"})
        assert f"{len(assistant.catalogue.entries)} entries" in said.text
        assert opened.get("/readyz").json()["entries"] == len(assistant.catalogue.entries)
