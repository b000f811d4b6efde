"""Hostile payloads in a real browser: nothing runs and nothing is fetched, even without a content security policy.

All of them, with the public sets of payloads in a folder:

    HOSTILE=10000 HOSTILE_DATA=FOLDER pytest tests/e2e/test_hostile.py -n 0 -s
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from assistant.answer import Related, Sentence
from assistant.settings.settings import Settings
from assistant.workplace import Workplace
from tests.support.answers import answer, catalogue, cite, shown
from tests.support.app_server import served
from tests.ui.security.hostile import entries, payloads
from ui.app import build_app
from ui.chat import cards, render
from ui.pages.answers import answer_page
from ui.pages.layout import SiteLinks
from ui.security.connections import server_options
from ui.storage.storage import SharedAnswer

COUNT = int(os.environ.get("HOSTILE", "150"))
DATA = Path(os.environ["HOSTILE_DATA"]) if "HOSTILE_DATA" in os.environ else None
_AT_ONCE = 100
"""Payloads per page in the browser."""
_PAGES = 6
"""Number of entry pages that are opened."""
_TRAP = """
window.hits = [];
for (const name of ["alert", "confirm", "prompt", "print", "open", "hit"])
  window[name] = (...given) => window.hits.push([name, String(given)]);
"""


@contextmanager
def _trapped(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A page that records dialogs and calls, and the list of requested addresses. Requests to other hosts are blocked."""
    with browser.new_context() as context:
        page = context.new_page()
        asked: list[str] = []
        page.add_init_script(_TRAP)
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: (asked.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.route(lambda url: "127.0.0.1" not in url, lambda route: route.abort())
        yield page, asked


def _shown(texts: Sequence[str]) -> str:
    """One document, without a policy, with everything that the chat and the page of a shared answer render for some payloads."""
    parts = []
    for text in texts:
        said = text.strip() or "x"
        held = catalogue({"id": "e", "kind": "event", "title": said, "summary": said, "source": said})
        given = answer(
            cite(held, 1, "e", "summary", said),
            question=text,
            sentences=(Sentence(said, (1,), 1.0),),
            related=(Related("rlhf", "guide", said, None, said),),
            suggestions=(said,),
        )
        refused = answer(question=text, status="abstained", text="", reason=said)
        for one in (given, refused):
            exchange = shown(one)[0]
            page = answer_page(SharedAnswer(one.id, "2024-01-01", one), held, SiteLinks()) or ""
            body = page[page.index("<main") : page.index("</main>") + 7]
            parts += [render.exchange_html(exchange, held), cards.sheet(exchange, held), body]
    return "<!doctype html><meta charset=utf-8><body>" + "".join(f"<section>{part}</section>" for part in parts)


def test_nothing_in_an_answer_runs_or_is_fetched(browser: Browser) -> None:
    """All links are relative or http(s). The number of sections shows that no payload closed or hid others."""
    texts = payloads(COUNT, DATA)
    with _trapped(browser) as (page, asked):
        page.goto("about:blank")
        for start in range(0, len(texts), _AT_ONCE):
            batch = texts[start : start + _AT_ONCE]
            page.set_content(_shown(batch))
            page.evaluate(
                "document.querySelectorAll('details').forEach(one => { one.open = true }); new Promise(r => setTimeout(r, 50))"
            )
            assert page.locator("body > section").count() == len(batch) * 6
            assert page.evaluate("window.hits") == []
            schemes = page.evaluate("[...new Set([...document.links].map(one => one.protocol))]")
            assert set(schemes) <= {"http:", "https:", "about:", ":"}  # relative ones lead nowhere from such a page
            active = (
                "script, iframe, object, embed, base, form[action], svg, math, [onclick], [onerror], [onload], [style]"
            )
            assert page.locator(active).count() == 0
    print(f"{len(texts):,} payloads in a browser")  # noqa: T201
    assert [url for url in asked if not url.startswith(("about:", "data:"))] == []


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a catalogue of payloads."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "own.jsonl").write_text("\n".join(map(json.dumps, entries(payloads(40, DATA)))), "utf-8")
    settings = Settings(data=folder, catalogue=folder / "own.jsonl", embedder="none")
    with served(build_app(Workplace(settings).assistant(), settings), **server_options(settings)) as base:  # type: ignore[arg-type]
        yield base


def test_nothing_on_the_server_s_pages_runs_or_is_fetched(browser: Browser, address: str) -> None:
    """Entries, lists, and the chat with a question in the address."""
    pages = [f"/entries/p{number}" for number in range(_PAGES)]
    pages += ["/browse", "/browse?words=<img src=x onerror=alert(1)>", "/?ask=What is <img src=x onerror=alert(1)>?"]
    with _trapped(browser) as (page, asked):
        for path in pages:
            page.goto(address + path)
            page.wait_for_timeout(300)
            assert page.evaluate("window.hits") == [], path
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
