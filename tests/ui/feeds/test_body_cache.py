"""What crawlers fetch is made once for each catalogue, and what is held has a bound."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.settings.settings import Settings
from index.catalogue import Catalogue
from index.models import ENTRY
from ui.errors import install_errors
from ui.feeds import atom, crawlers, json_feed, llms_txt, sitemap
from ui.feeds.body_cache import BodyCache

ADDRESSES = (
    "/llms-full.txt",
    "/llms-full.txt?page=2",
    "/llms.txt",
    "/sitemap.xml",
    "/sitemap-1.xml",
    "/feed",
    "/feed.json",
)
MAKERS = (
    (llms_txt, "full_text"),
    (llms_txt, "overview"),
    (sitemap, "sitemap_file"),
    (atom, "to_atom"),
    (json_feed, "to_json_feed"),
)


def _catalogue(words: str) -> Catalogue:
    entries = [{"id": f"e{n}", "kind": "event", "title": f"Event {n}", "summary": words} for n in range(600)]
    return Catalogue(tuple(ENTRY.validate_python(entry) for entry in entries))


class _Finder:
    """Finds nothing, and has a catalogue that can be exchanged."""

    def __init__(self) -> None:
        self.catalogue = _catalogue("It is so.")

    def matching(self, _text: str) -> list[Any]:
        """All of them."""
        return list(self.catalogue.entries)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was made, in order."""
    names: list[str] = []
    for module, name in MAKERS:
        real = getattr(module, name)

        def counted(*args: Any, real: Any = real, name: str = f"{module.__name__}.{name}", **options: Any) -> Any:
            names.append(name)
            return real(*args, **options)

        monkeypatch.setattr(module, name, counted)
    return names


@pytest.fixture
def finder() -> _Finder:
    """A catalogue of two pages."""
    return _Finder()


@pytest.fixture
def client(finder: _Finder) -> Iterator[TestClient]:
    """The crawlers' routes alone."""
    app = FastAPI()
    install_errors(app)
    app.include_router(crawlers(finder, Settings(url="https://almanac.example")))  # type: ignore[arg-type]
    with TestClient(app) as opened:
        yield opened


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_body_is_made_once_for_a_catalogue(
    client: TestClient, finder: _Finder, made: list[str], address: str
) -> None:
    """However often it is asked for, with whatever the address has besides; a new catalogue has it made again."""
    joint = "&" if "?" in address else "?"
    bodies = {client.get(f"{address}{joint}x={number}").content for number in range(5)}
    assert len(bodies) == len(made) == 1
    client.head(address)
    assert len(made) == 1
    finder.catalogue = _catalogue("It is another.")
    assert client.get(address).content not in bodies or address.startswith("/sitemap")
    assert len(made) == 2


def test_a_feed_of_a_question_is_not_kept(client: TestClient, made: list[str]) -> None:
    """There are as many as there are questions, and each pays for itself as a question."""
    for _ in range(2):
        client.get("/feed?q=events")
    assert len(made) == 2


def test_a_page_that_is_not_there_is_not_kept(client: TestClient) -> None:
    """It stays an error."""
    assert [client.get("/feed?page=99").status_code for _ in range(2)] == [404, 404]


def test_what_is_held_has_a_bound() -> None:
    """In all, the one asked for least recently goes first; and of one body, which is then made for each who asks."""
    held = BodyCache(max_total=100, max_body=40)
    for number in range(10):
        assert held.get_or_make((str(number),), lambda: b"x" * 30) == b"x" * 30
        held.get(("0",))
        assert held.size <= 100
    assert held.get(("0",)) is not None
    assert held.get(("1",)) is None
    assert held.get_or_make(("large",), lambda: b"x" * 41) == b"x" * 41
    assert held.get(("large",)) is None
    assert b"".join(held.stream(("pieces",), lambda: iter([b"x" * 30] * 3))) == b"x" * 90
    assert held.get(("pieces",)) is None
    partly = held.stream(("partly",), lambda: iter([b"a", b"b"]))
    next(partly)
    partly.close()  # type: ignore[attr-defined]
    assert held.get(("partly",)) is None
    assert list(held.stream(("few",), lambda: iter([b"a", b"b"]))) == [b"a", b"b"]
    assert list(held.stream(("few",), lambda: iter([b"never"]))) == [b"ab"]
    assert held.size <= 100
