"""Hostile payloads through every interface: none becomes active in a response, none costs over ten times a plain request.

The test suite sends a few. To send all, with public sets of payloads in a folder:

    HOSTILE=10000 HOSTILE_DATA=FOLDER pytest tests/ui/security/test_hostile.py -n 0 -s
"""

import json
import os
import time
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.answer import Related, Sentence
from assistant.export import bibliography
from assistant.settings.settings import Settings
from assistant.workplace import Workplace
from index.catalogue import Catalogue
from tests.support.answers import answer, catalogue, cite, shown
from tests.ui.cli.test_control_characters import harmful
from ui.app import build_app
from ui.chat import answer_markdown, cards, render
from ui.cli import terminal
from ui.cli.control_characters import clean
from ui.pages.answers import answer_page
from ui.pages.layout import SiteLinks
from ui.storage.storage import SharedAnswer

from .hostile import active_in, active_in_html, active_in_markdown, by_kind, entries, payloads
from .naughty_strings import HEADERS, READS_HEADERS, Sent, doors, in_header, places

COUNT = int(os.environ.get("HOSTILE", "60"))
DATA = Path(os.environ["HOSTILE_DATA"]) if "HOSTILE_DATA" in os.environ else None
BATCH = 250
"""Payloads per catalogue."""
TIMES = 10
"""The limit in CPU time of the same request with a plain text in the same place; one below `QUICK` seconds is fine."""
QUICK = 0.25
_SHOWN = 30
_PLAIN = "Which of these texts explains how a kiwi grows, and who wrote it?"
"""A question that passes every step of an answer; a list from fields would skip the search and the entry reader."""
_DAY = date(2024, 6, 1)


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """The payloads of this run."""
    return payloads(COUNT, DATA)


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    return (texts[start : start + BATCH] for start in range(0, len(texts), BATCH))


def _app(folder: Path, texts: Sequence[str]) -> TestClient:
    """The whole application over a catalogue of payloads, without an embedder."""
    folder.mkdir()
    file = folder / "hostile.jsonl"
    file.write_text("\n".join(map(json.dumps, entries(texts))), "utf-8")
    many = {"client_per_minute": 10**6, "site_per_minute": 10**6}
    settings = Settings(data=folder, catalogue=file, embedder="none", embed_origins=("https://site.example",), **many)
    app = build_app(Workplace(settings).assistant(), settings)
    return TestClient(app, base_url="http://127.0.0.1:7860", raise_server_exceptions=False)


def _addresses(count: int) -> Iterator[str]:
    yield from (
        "/feed",
        "/feed.json",
        "/sitemap.xml",
        "/llms.txt",
        "/llms-full.txt",
        "/browse",
        "/browse?view=timeline",
    )
    yield from ("/robots.txt", "/openapi.json", "/api/entries?top=1000", "/feed?q=kiwi", "/api/search?q=kiwi&top=100")
    for number in range(count):
        yield from (f"/entries/p{number}", f"/entries/p{number}.json", f"/api/entries/p{number}/related")
        yield f"/api/cite?id=p{number}&as={('bibtex', 'ris', 'csl-json', 'markdown')[number % 4]}"


def test_no_entry_is_active_on_any_page_or_feed(texts: list[str], tmp_path: Path) -> None:
    """As title, text, source, organisation, topic, heading and term: on pages, in feeds, JSON and references."""
    wrong: list[str] = []
    done = 0
    for number, batch in enumerate(_batches(texts)):
        with _app(tmp_path / f"b{number}", batch) as client:
            for address in _addresses(len(batch)):
                wrong += active_in(client.get(address), address)
                done += 1
    print(f"{len(texts):,} payloads as entries, {done:,} responses, {len(wrong)} active{by_kind(wrong)}")  # noqa: T201
    assert not wrong, "\n".join(wrong[:_SHOWN])


def test_no_answer_is_active_in_the_chat_on_its_page_or_in_a_terminal(texts: list[str]) -> None:
    """As question, sentence, quotation, title, source, reason and suggestion; as HTML, Markdown and text."""
    wrong: list[str] = []
    for text in texts:
        said = text.strip() or "x"
        held = catalogue(
            {"id": "e", "kind": "event", "title": said, "summary": f"So: {said}.", "source": said, "topics": [said]}
        )
        cited = cite(held, 1, "e", "summary", said)
        given = answer(
            cited,
            question=text,
            searched_for=said,
            sentences=(Sentence(said, (1,), 1.0),),
            related=(Related("rlhf", "guide", said, None, said),),
            suggestions=(said,),
        )
        refused = answer(question=text, status="abstained", text="", reason=said)
        for one in (given, refused):
            (exchange,) = shown(one)
            parts = (render.exchange_html(exchange, held), cards.sheet(exchange, held), render.status(exchange))
            wrong += [f"chat: {found}" for part in parts for found in active_in_html(part, whole=False)]
            page = answer_page(SharedAnswer(one.id, "2024-01-01", one), held, SiteLinks()) or ""
            wrong += [f"shared: {found}" for found in active_in_html(page, whole=True)]
            wrong += [f"terminal: {found!r}" for found in harmful(clean(terminal.answer(one)))]
            wrong += [f"json: {found!r}" for found in harmful(terminal.in_json(one.as_dict()))]
            wrong += [f"markdown: {found}" for found in active_in_markdown(answer_markdown.markdown(one))]
        wrong += [f"references: {found}" for found in _references(held)]
    print(f"{len(texts):,} payloads in answers, {len(wrong)} active{by_kind(wrong)}")  # noqa: T201
    assert not wrong, "\n".join(wrong[:_SHOWN])


def _references(held: Catalogue) -> list[str]:
    entry = [held.by_id["e"]]
    written = bibliography.render(entry, "markdown", accessed=_DAY)
    json.loads(bibliography.render(entry, "csl-json", accessed=_DAY))
    return active_in_markdown(written)


def test_no_request_makes_anything_active_or_slow(texts: list[str], tmp_path: Path) -> None:
    """As question, history, filter, id, saved search, header and message, in each place of each operation in turn."""
    every = cycle([place for door in doors() for place in places(door)])
    headers = cycle([(path, name) for name in HEADERS for path in READS_HEADERS])
    wrong: list[str] = []
    slow: list[tuple[str, str, float]] = []
    with _app(tmp_path / "asked", texts[:BATCH]) as client:
        for number, text in enumerate(texts):
            if number % 10 == 9:
                path, name = next(headers)
                where, sent = f"GET {path} {name}", in_header(path, name, text)
                wrong += active_in(_send(client, sent), f"{where} {sent.address}")
                continue
            place = next(every)
            sent = place.holding(text)
            began = time.process_time()
            response = _send(client, sent)
            cost = time.process_time() - began
            if not sent.address.startswith("/gradio_api"):
                wrong += active_in(response, sent.address)
            if cost > QUICK:
                most = max(QUICK, TIMES * _cost(client, place.holding(_PLAIN)))
                if cost > most and (cost := min(_cost(client, sent) for _ in range(3))) > most:
                    slow.append((place.label, text[:60], round(cost, 3)))
    print(  # noqa: T201
        f"{len(texts):,} payloads in requests, {len(wrong)} active, {len(slow)} over {TIMES} times the plain cost{by_kind(wrong)}"
    )
    assert not wrong, "\n".join(wrong[:_SHOWN])
    assert not slow, slow[:_SHOWN]


def _send(client: TestClient, sent: Sent) -> Any:
    return client.request(
        sent.method, sent.address, content=sent.content, headers=dict(sent.headers), follow_redirects=False
    )


def _cost(client: TestClient, sent: Sent) -> float:
    began = time.process_time()
    _send(client, sent)
    return time.process_time() - began
