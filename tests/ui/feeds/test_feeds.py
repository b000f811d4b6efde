"""What crawlers and feed readers get: forms that their own programs read, the right entries, nothing twice."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree as ET

import feedparser
import jsonschema
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from markdown_it import MarkdownIt

from assistant.settings.settings import Settings
from index.catalogue import Catalogue
from index.models import AnyEntry
from tests.support import odd_catalogues
from ui.app import build_app
from ui.errors import install_errors
from ui.feeds import crawlers, feed, feed_links, llms_txt, sitemap
from ui.serving.protocols import Assistant

ATOM = {"a": "http://www.w3.org/2005/Atom"}
MAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
# The rules of JSON Feed 1.1, section by section, in the words of JSON Schema.
_LINK = {"type": "string", "format": "uri", "pattern": "^https?://"}
_AUTHOR = {"type": "object", "properties": {"name": {"type": "string"}, "url": _LINK}, "minProperties": 1}
JSON_FEED = {
    "type": "object",
    "required": ["version", "title", "items"],
    "additionalProperties": False,
    "patternProperties": {"^_[a-z]+$": {"type": "object"}},
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": {"type": "string"},
        "home_page_url": _LINK,
        "feed_url": _LINK,
        "next_url": _LINK,
        "description": {"type": "string"},
        "authors": {"type": "array", "items": _AUTHOR},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "content_text"],
                "additionalProperties": False,
                "patternProperties": {"^_[a-z]+$": {"type": "object"}},
                "properties": {
                    "id": {"type": "string"},
                    "url": _LINK,
                    "external_url": _LINK,
                    "title": {"type": "string"},
                    "content_text": {"type": "string"},
                    "summary": {"type": "string"},
                    "date_published": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
    },
}


class Holding:
    """An assistant that holds a catalogue and matches everything: nothing here is asked for an answer."""

    def __init__(self, held: Catalogue) -> None:
        self.catalogue = held

    def matching(self, _: str) -> Sequence[AnyEntry]:
        """All of them."""
        return list(self.catalogue.entries)


def _client(assistant: Any, settings: Settings) -> TestClient:
    app = FastAPI()
    install_errors(app)
    app.include_router(crawlers(assistant, settings))
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def client(assistant: Assistant, settings: Settings) -> Iterator[TestClient]:
    """The whole application before the real assistant."""
    with TestClient(build_app(assistant, settings), raise_server_exceptions=False) as opened:
        yield opened


def _xml(content: bytes) -> ET.Element:
    return ET.fromstring(content)  # noqa: S314 -- our own


def _many(count: int) -> Catalogue:
    return odd_catalogues.made(*(odd_catalogues.entry(id=f"e{n}", date=f"{2000 + n % 20}") for n in range(count)))


def _ids(client: TestClient, question: str) -> list[str]:
    found = client.get("/feed.json", params={"q": question}).json()
    return [item["_almanac"]["entry_id"] for item in found["items"]]


def test_the_atom_feed_is_read_by_a_feed_reader_the_latest_first(client: TestClient, assistant: Assistant) -> None:
    """Each entry has a name for all time, a date, a summary, links to its page and source, and its labels."""
    response = client.get("/feed")
    assert response.headers["content-type"].startswith("application/atom+xml")
    read = feedparser.parse(response.content)
    assert not read.bozo
    assert read.version == "atom10"
    assert {"title", "id", "updated", "author"} <= set(read.feed)
    assert read.feed.id == "http://testserver/feed"
    times = [entry.updated for entry in read.entries]
    assert times == sorted(times, reverse=True)
    assert len({entry.id for entry in read.entries}) == len(read.entries) == feed.PER_PAGE
    for entry in read.entries:
        held = assistant.catalogue.by_id[entry.id.rpartition("/")[2]]
        assert entry.title == " ".join(held.title.split())
        assert entry.summary == held.summary
        assert {link.rel: link.href for link in entry.links}["via"] == held.url
        assert {*held.topics, *held.organisations} <= {tag.term for tag in entry.tags}
    assert times[0] == f"{assistant.catalogue.as_of}T00:00:00Z"


def test_a_feed_in_pages_holds_every_entry_once(client: TestClient, assistant: Assistant) -> None:
    """A reader that follows `next` to the end has the whole catalogue, in either format."""
    address, atoms = "/feed", []
    while address:
        read = feedparser.parse(client.get(address).content)
        atoms += [entry.id for entry in read.entries]
        address = next((link.href for link in read.feed.links if link.rel == "next"), "")
    address, items = "/feed.json", []
    while address:
        page = client.get(address).json()
        items += [item["id"] for item in page["items"]]
        address = page.get("next_url", "")
    assert atoms == items
    assert sorted(one.rpartition("/")[2] for one in items) == sorted(assistant.catalogue.by_id)
    assert client.get("/feed", params={"page": 99}).status_code == 404


def test_the_json_feed_keeps_the_rules_of_its_version(client: TestClient) -> None:
    """Every name is one that the format knows, or begins with an underscore."""
    for query in ("", "?page=2", "?q=guides on rlhf"):
        response = client.get(f"/feed.json{query}")
        assert response.headers["content-type"].startswith("application/feed+json")
        jsonschema.validate(response.json(), JSON_FEED)


@pytest.mark.parametrize(
    ("date", "updated", "published", "issued"),
    [
        ("2023-05-04", "2023-05-04T00:00:00Z", "2023-05-04T00:00:00Z", "2023-05-04"),
        ("2023-05", "2023-05-01T00:00:00Z", None, "2023-05"),
        ("2023", "2023-01-01T00:00:00Z", None, "2023"),
        (None, feed.UNKNOWN_TIME, None, None),
    ],
)
def test_a_date_is_never_more_exact_than_the_catalogue_knows_it(
    settings: Settings, date: str | None, updated: str, published: str | None, issued: str | None
) -> None:
    """Atom must name a moment; beside it stands the date as it is known, and no day of publication where none is."""
    client = _client(Holding(odd_catalogues.made(odd_catalogues.entry(id="e", date=date))), settings)
    entry = _xml(client.get("/feed").content).find("a:entry", ATOM)
    assert entry is not None
    assert entry.findtext("a:updated", namespaces=ATOM) == updated
    assert entry.findtext("a:published", namespaces=ATOM) == published
    assert entry.findtext("{http://purl.org/dc/terms/}issued") == issued
    item = client.get("/feed.json").json()["items"][0]
    assert item.get("date_published") == published
    assert item["_almanac"]["date"] == date


def test_a_saved_question_has_the_entries_that_match_its_fields(client: TestClient, assistant: Assistant) -> None:
    """Organisation and time are taken at their word: all that fit, nothing else, the newest first."""
    held = assistant.catalogue.by_id
    wanted = {
        entry.id
        for entry in assistant.catalogue.entries
        if entry.kind == "event" and "Anthropic" in entry.organisations and (entry.date or "") >= "2024"
    }
    found = _ids(client, "what has Anthropic published since 2024")
    assert set(found) == wanted
    days = [held[name].date for name in found]
    assert days == sorted(days, reverse=True)
    assert _ids(client, "guides on rlhf") == ["rlhf"]


def test_a_saved_question_of_plain_words_has_the_entries_that_are_about_them(
    client: TestClient, assistant: Assistant
) -> None:
    """What the answer quotes is in; so is whatever holds all the words, and nothing that holds none."""
    found = _ids(client, "What is reward hacking?")
    assert set(assistant.ask("What is reward hacking?").cited) <= set(found)
    for name in found:
        assert "reward" in str(assistant.catalogue.by_id[name].model_dump()).lower()


@pytest.mark.parametrize("question", ["Who won the world cup?", "hello", "Qorvax zibble"])
def test_a_question_that_nothing_matches_is_an_empty_feed(client: TestClient, question: str) -> None:
    """A reader can subscribe to it and wait."""
    read = feedparser.parse(client.get("/feed", params={"q": question}).content)
    assert not read.bozo
    assert read.entries == []
    assert question in read.feed.title
    assert read.feed.updated


@pytest.mark.parametrize("question", ["", "  ", "x" * 2001])
def test_a_question_that_cannot_be_read_is_refused(client: TestClient, question: str) -> None:
    """In the one shape of an error."""
    response = client.get("/feed", params={"q": question})
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "question"


@hypothesis_settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(held=odd_catalogues.catalogues(), question=odd_catalogues.QUESTION)
def test_whatever_a_catalogue_holds_its_feeds_can_be_read(settings: Settings, held: Catalogue, question: str) -> None:
    """Markup, control characters, half emoji: parsers read the feed, and it says what the entries say."""
    client = _client(Holding(held), settings)
    asked = {"q": odd_catalogues.shown(question)}
    root = _xml(client.get("/feed", params=asked).content)
    found = root.findall("a:entry", ATOM)
    items = client.get("/feed.json", params=asked).json()
    jsonschema.validate(items, JSON_FEED)
    assert len(found) == len(held.entries) == len(items["items"])
    for element, item in zip(found, items["items"], strict=True):
        entry = held.by_id[(element.findtext("a:id", namespaces=ATOM) or "").rpartition("/")[2]]
        assert item["title"] == " ".join(entry.title.split())
        title = element.findtext("a:title", namespaces=ATOM) or ""
        assert re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", item["title"]) == title
    assert len(_xml(client.get("/sitemap.xml").content)) == len(held.entries) + 2
    assert client.get("/llms-full.txt").text.count("\n- Page: <") == len(held.entries)
    _read_llms(client.get("/llms.txt").text)


@pytest.mark.parametrize("path", ["/feed", "/feed.json", "/sitemap.xml", "/robots.txt", "/llms.txt", "/llms-full.txt"])
def test_what_has_not_changed_is_not_sent_again(client: TestClient, path: str) -> None:
    """By tag or by time; where both are shown the tag decides. HEAD tells the same without the content."""
    first = client.get(path)
    tag, time = first.headers["etag"], first.headers["last-modified"]
    assert first.headers["cache-control"] == "no-cache"
    assert client.get(path).headers["etag"] == tag
    for shown in ({"if-none-match": tag}, {"if-none-match": f'"other", {tag}'}, {"if-modified-since": time}):
        again = client.get(path, headers=shown)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    for shown in (
        {"if-none-match": '"other"', "if-modified-since": time},
        {"if-modified-since": "Mon, 01 Jan 2001 00:00:00 GMT"},
        {"if-modified-since": "yesterday"},
    ):
        assert client.get(path, headers=shown).status_code == 200
    head = client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert {name: head.headers[name] for name in ("etag", "content-type")} == {
        name: first.headers[name] for name in ("etag", "content-type")
    }


def test_a_changed_catalogue_is_sent_anew(settings: Settings) -> None:
    """The tag is of what is sent, and the time never one before the change."""
    assistant = Holding(_many(2))
    client = _client(assistant, settings)
    before = client.get("/feed").headers
    assistant.catalogue = _many(3)
    after = client.get("/feed", headers={"if-none-match": before["etag"]})
    assert after.status_code == 200
    assert after.headers["etag"] != before["etag"]


def test_the_sitemap_names_every_page_with_dates_that_are_valid(client: TestClient, assistant: Assistant) -> None:
    """The date is a W3C date, as exact as it is known."""
    urls = _xml(client.get("/sitemap.xml").content).findall("s:url", MAP)
    found = {url.findtext("s:loc", namespaces=MAP): url.findtext("s:lastmod", namespaces=MAP) for url in urls}
    assert {"http://testserver/", "http://testserver/browse"} <= found.keys()
    for entry in assistant.catalogue.entries:
        date = found[f"http://testserver/entries/{entry.id}"]
        assert date in {entry.date, None}
        assert date is None or re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", date)


def test_a_very_large_catalogue_has_a_sitemap_in_parts(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file has more addresses than the protocol allows, and the index names them all."""
    assert sitemap.MAX_ADDRESSES == 50_000
    monkeypatch.setattr(sitemap, "MAX_ADDRESSES", 10)
    client = _client(Holding(_many(25)), settings)
    index = _xml(client.get("/sitemap.xml").content)
    assert index.tag.endswith("sitemapindex")
    parts = [loc.text or "" for loc in index.findall("s:sitemap/s:loc", MAP)]
    found = [loc.text for part in parts for loc in _xml(client.get(part).content).findall("s:url/s:loc", MAP)]
    assert len(parts) == 3
    assert len(found) == len(set(found)) == 27
    assert client.get("/sitemap-4.xml").status_code == 404


def test_robots_may_read_pages_and_not_work_the_doors(client: TestClient) -> None:
    """Python's own reader of these rules is the judge."""
    rules = RobotFileParser()
    rules.parse(client.get("/robots.txt").text.splitlines())
    for path in ("/", "/entries/rlhf", "/browse", "/feed", "/llms.txt"):
        assert rules.can_fetch("anybody", f"http://testserver{path}")
    for path in ("/api/ask", "/api/search?q=x", "/gradio_api/queue/join", "/v1/models", "/mcp"):
        assert not rules.can_fetch("anybody", f"http://testserver{path}")
    assert rules.site_maps() == ["http://testserver/sitemap.xml"]


def _read_llms(text: str) -> dict[str, list[str]]:
    """The sections of an `llms.txt` and their links; raises where it has another form."""
    tokens = MarkdownIt("commonmark").parse(text)
    shape = [token for token in tokens if token.type in {"heading_open", "blockquote_open"}]
    assert [token.tag for token in shape[:2]] == ["h1", "blockquote"]
    assert {token.tag for token in shape[2:]} <= {"h2"}
    found: dict[str, list[str]] = {}
    section = None
    for before, token in pairwise(tokens):
        if before.type == "heading_open":
            section = token.content if before.tag == "h2" else None
            found |= {section: []} if section else {}
        elif token.type == "inline" and section:
            children = token.children or []
            assert children[0].type == "link_open", token.content
            found[section].append(str(children[0].attrs["href"]))
    return found


def test_llms_txt_has_the_form_that_its_readers_know(client: TestClient, assistant: Assistant) -> None:
    """One heading, one quotation, then sections of links to pages that are there."""
    found = _read_llms(client.get("/llms.txt").text)
    assert list(found) == ["Guides", "Reading paths", "Latest events", "API", "Optional"]
    by_kind = {kind: [e.id for e in assistant.catalogue.entries if e.kind == kind] for kind in ("guide", "path")}
    assert {link.rpartition("/")[2] for link in found["Guides"]} == set(by_kind["guide"])
    assert {link.rpartition("/")[2] for link in found["Reading paths"]} == set(by_kind["path"])
    assert len(found["Latest events"]) == llms_txt.MAX_EVENTS + 1
    assert found["Latest events"][-1].endswith("/browse?kind=event")
    for link in [*found["Guides"][:2], *found["Latest events"][:2]]:
        assert client.get(f"{link}.json").status_code == 200
    for link in [*found["API"], *found["Optional"]]:
        assert client.get(link).status_code == 200


def test_the_full_text_holds_all_that_entries_say_and_its_end_is_marked(
    client: TestClient, assistant: Assistant
) -> None:
    """A reader knows whether the whole has come."""
    text = client.get("/llms-full.txt").text
    shown = " ".join(odd_catalogues.on_one_line(re.sub(r"\\([^a-zA-Z0-9\s])", r"\1", text)).split())
    for entry in assistant.catalogue.entries:
        for value in entry.texts().values():
            for line in value.split("\n"):
                assert " ".join(line.split()) in shown
    assert text.endswith(f"End of the catalogue: {len(assistant.catalogue.entries)} entries.\n")


def test_a_full_text_in_pages_leads_on_to_its_end(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page says which it is and where the next one is; together they hold every entry once."""
    monkeypatch.setattr(llms_txt, "PER_PAGE", 10)
    client = _client(Holding(_many(25)), settings)
    address, found = "/llms-full.txt", []
    while address:
        text = client.get(address).text
        found += re.findall(r"- Page: <\S+/entries/(\w+)>", text)
        onward = re.search(r"Next page: (\S+)\n$", text)
        address = onward[1] if onward else ""
    assert sorted(found) == sorted(f"e{n}" for n in range(25))
    assert client.get("/llms-full.txt?page=4").status_code == 404


def test_links_begin_with_the_public_address_where_one_is_set(assistant: Assistant) -> None:
    """Behind a proxy, or in a folder of a site, nothing points to the machine inside."""
    client = _client(assistant, Settings(url="https://almanac.example.org/ai/"))
    for path in ("/feed", "/feed.json", "/sitemap.xml", "/llms.txt", "/llms-full.txt", "/robots.txt"):
        text = client.get(path).text
        assert "testserver" not in text
        assert "https://almanac.example.org/ai/" in text
    assert "Disallow: /ai/api/\n" in client.get("/robots.txt").text


def test_a_page_s_head_names_its_feeds() -> None:
    """Readers find them by the page's address; what a question holds stays text."""
    links = feed_links("https://x.example", 'a"><script>&')
    assert links.count("<link ") == 4
    assert "<script" not in links
    assert 'href="https://x.example/feed?q=a%22%3E%3Cscript%3E%26"' in links
