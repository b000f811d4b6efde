"""The routes that only read: what they give, page by page, and 304 for who has it already."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

import pybtex.database
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.answer import Filters
from assistant.export import bibliography
from assistant.pipeline import Assistant
from assistant.question import Question
from assistant.settings.settings import Settings
from index import dates
from index.catalogue import Catalogue
from tests.support.answers import catalogue
from ui.api.ask import api
from ui.api.catalogue import reading
from ui.api.schemas import EXAMPLE, AnswerOut
from ui.errors import install_errors

PAGES = (
    "/api/ask?q=What+is+RLHF%3F",
    "/api/search?q=reward+models",
    "/api/entries?kind=guide",
    "/api/entries/rlhf/related",
    "/api/cite?id=rlhf&as=ris",
    "/entries/rlhf.json",
)


@pytest.fixture(scope="module")
def client(assistant: Assistant, settings: Settings) -> Iterator[TestClient]:
    """The routes before the real assistant."""
    app = FastAPI()
    install_errors(app)
    app.include_router(api(assistant, settings))
    app.include_router(reading(assistant, assistant, settings))
    with TestClient(app, raise_server_exceptions=False) as opened:
        yield opened


def _assert_error(response: Any, status: int, code: str) -> str:
    assert response.status_code == status, response.text
    assert set(response.json()["error"]) == {"code", "message"}
    assert response.json()["error"]["code"] == code
    return str(response.json()["error"]["message"])


@pytest.mark.parametrize("path", PAGES)
def test_what_a_client_has_is_not_sent_again(client: TestClient, path: str) -> None:
    """Each has a tag of its own, which holds in all the ways a client may send it back."""
    first = client.get(path)
    assert first.status_code == 200
    assert first.headers["cache-control"] == "no-cache"
    tag = first.headers["etag"]
    for given in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        again = client.get(path, headers={"if-none-match": given})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200
    assert client.get(f"{path}&top=3" if "?" in path else f"{path}?x=1").headers["etag"] != tag


def test_another_catalogue_has_other_tags(client: TestClient, settings: Settings) -> None:
    """What was kept from the one before is asked for anew."""

    class Other:
        catalogue: Catalogue = catalogue()

    app = FastAPI()
    app.include_router(api(Other(), settings))  # type: ignore[arg-type]
    other = TestClient(app).get("/entries/rlhf.json")
    assert other.status_code == 200
    assert other.headers["etag"] != client.get("/entries/rlhf.json").headers["etag"]


def test_entries_are_found_by_an_alias_of_their_organisation(assistant: Assistant, settings: Settings) -> None:
    """The answer names the organisation as the entry does."""
    event = {"id": "h", "kind": "event", "title": "T", "summary": "S.", "organisations": ["Heron Labs"]}

    class Other:
        catalogue: Catalogue = replace(catalogue(event), aliases={"Heron Labs": ("HL",)})

    app = FastAPI()
    app.include_router(reading(assistant, Other(), settings))  # type: ignore[arg-type]
    found = TestClient(app).get("/api/entries?organisation=hl").json()["entries"]
    assert [(entry["entry_id"], entry["organisations"]) for entry in found] == [("h", ["Heron Labs"])]


def test_an_answer_that_depends_on_the_day_has_a_tag_of_that_day(client: TestClient) -> None:
    """After New Year's Eve, "last year" is another one."""
    days = [client.get("/api/ask", params={"q": "news of last year", "as_of": day}) for day in ("2024", "2025-12-31")]
    assert days[0].headers["etag"] != days[1].headers["etag"]
    assert [day.json()["filters"]["since"] for day in days] == ["2023", "2024"]


def test_search_gives_the_ranking_page_by_page(client: TestClient, assistant: Assistant) -> None:
    """The pages together are the one long ranking, and the last has no next."""
    whole = assistant.search("reward models", Filters(("guide",)), top=1000)
    found: list[dict[str, Any]] = []
    address: str | None = "/api/search?q=reward+models&kind=guide&top=7"
    while address:
        page = client.get(address).json()
        assert page["offset"] == len(found)
        found += page["results"]
        address = page["next"]
    assert found == whole
    assert len(found) > 7


def test_search_keeps_to_its_filters(client: TestClient, assistant: Assistant) -> None:
    """As the command's options: kinds, dates, organisations, topics, each of which may be repeated."""
    asked = {
        "q": "safety",
        "kind": "event",
        "since": "2023",
        "until": "2024-06",
        "organisation": ["openai", "Anthropic"],
    }
    results = client.get("/api/search", params=asked).json()["results"]
    assert results
    for one in results:
        entry = assistant.catalogue.by_id[one["entry_id"]]
        assert entry.kind == "event"
        assert dates.within(entry.date, "2023", "2024-06")
        assert {"OpenAI", "Anthropic"} & set(entry.organisations)


def test_all_entries_can_be_walked_through(client: TestClient, assistant: Assistant) -> None:
    """Newest first, those without a date last, each once."""
    found: list[dict[str, Any]] = []
    address: str | None = "/api/entries?top=100"
    while address:
        page = client.get(address).json()
        assert page["total"] == len(assistant.catalogue.entries)
        found += page["entries"]
        address = page["next"]
    assert sorted(one["entry_id"] for one in found) == sorted(assistant.catalogue.by_id)
    dated = [one["date"] for one in found if one["date"]]
    assert dated == sorted(dated, reverse=True)
    assert not any(one["date"] for one in found[len(dated) :])


def test_related_is_what_the_command_gives(client: TestClient, assistant: Assistant) -> None:
    """Each with why."""
    given = client.get("/api/entries/rlhf/related").json()
    assert given == {"entry_id": "rlhf", "related": [asdict(one) for one in assistant.related("rlhf")]}


@pytest.mark.parametrize(
    ("form", "media_type", "file"),
    [
        ("bibtex", "application/x-bibtex", "references.bib"),
        ("ris", "application/x-research-info-systems", "references.ris"),
        ("csl-json", "application/vnd.citationstyles.csl+json", "references.json"),
        ("markdown", "text/markdown", "references.md"),
    ],
)
def test_references_come_as_a_file_of_their_kind(
    client: TestClient, assistant: Assistant, form: bibliography.Form, media_type: str, file: str
) -> None:
    """In the order asked for, each once."""
    names = ["rlhf", "constitutional-ai", "rlhf"]
    response = client.get("/api/cite", params={"id": names, "as": form})
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert response.headers["content-disposition"] == f'attachment; filename="{file}"'
    without_urls = [assistant.catalogue.by_id[name] for name in names[:2]]
    assert response.text == bibliography.render(without_urls, form, accessed=None)
    if form == "bibtex":
        assert list(pybtex.database.parse_string(response.text, "bibtex").entries) == names[:2]


def test_what_does_not_fit_is_refused_in_the_one_shape(client: TestClient) -> None:
    """A wrong value, an unknown id, a day that does not exist."""
    for path in (
        "/api/ask",
        "/api/ask?q=",
        "/api/ask?q=%20%0A",
        "/api/ask?q=a&level=expert",
        "/api/ask?q=a&without=nothing",
        "/api/search?q=a&top=0",
        "/api/search?q=a&top=1001",
        "/api/search?q=a&offset=-1",
        "/api/search?q=a&since=2024-13",
        "/api/search?q=a&kind=person",
        "/api/cite",
        "/api/cite?id=rlhf&as=apa",
    ):
        _assert_error(client.get(path), 422, "invalid_request")
    assert "2,000" in _assert_error(client.get("/api/ask", params={"q": "x" * 2001}), 422, "question_too_long")
    _assert_error(client.get("/api/search?q=a&since=2023-02-29"), 422, "question")
    _assert_error(client.get("/api/entries/nothing/related"), 404, "unknown_entry")
    assert "'rlhf'" in _assert_error(client.get("/api/cite?id=rlhff"), 404, "unknown_entry")
    not_there = client.get("/entries/nothing.json", headers={"if-none-match": "*"})
    _assert_error(not_there, 404, "unknown_entry")


def test_the_document_shows_an_answer_as_answers_are(assistant: Assistant) -> None:
    """The example fits the schema and the contract, and the schema has the answer's own keys."""
    AnswerOut.model_validate(EXAMPLE)
    for mode in ("chat", "summary"):
        real = assistant.ask(Question("chain-of-thought monitoring", mode=mode)).as_dict()
        AnswerOut.model_validate(real)
        assert set(real) == set(AnswerOut.model_fields) - (set() if mode == "summary" else {"brief"})
    assert set(EXAMPLE) == set(AnswerOut.model_fields) - {"brief"}
    for one in EXAMPLE["citations"]:
        assert one["end"] - one["start"] == len(one["quote"])
