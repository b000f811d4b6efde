"""The almanac as pages: whole without a script, small, safe whatever an entry says, and found by whoever follows a link."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise
from urllib.parse import quote, unquote, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.answering.related import neighbours
from assistant.pipeline import Assistant
from assistant.retrieval import filters
from assistant.settings.serving import ServingSettings
from assistant.settings.settings import Settings
from index import dates
from index.catalogue import Catalogue
from index.models import ENTRY, AnyEntry, Event, Guide, Path
from tests.index.importers.sources import events, read
from tests.support.answers import HOSTILE
from ui import urls
from ui.api.ask import api
from ui.errors import install_errors
from ui.pages import HtmlErrors, pages
from ui.pages.browse_query import BrowseQuery
from ui.pages.catalogue_view import CatalogueView
from ui.pages.entries import entry_page
from ui.pages.layout import SiteLinks
from ui.security.login import Login
from ui.security.middleware import SecurityMiddleware
from ui.security.rate_limits import Limits
from ui.security.widget_tokens import WidgetTokens
from ui.storage.storage import Storage

BROWSER = {"accept": "text/html,application/xhtml+xml;q=0.9"}
LARGEST = 60_000
TODAY = date(2026, 1, 2)


def _app(assistant: Assistant, settings: ServingSettings, kept: Storage) -> FastAPI:
    app = FastAPI()
    install_errors(app)
    app.include_router(api(assistant))
    app.include_router(pages(assistant, settings, kept))
    made = Settings(**settings.model_dump())
    limits = Limits(made)
    app.add_middleware(
        SecurityMiddleware, settings=made, limits=limits, sessions=WidgetTokens(), access=Login(made, limits)
    )
    app.add_middleware(HtmlErrors, settings=settings, catalogue=lambda: assistant.catalogue)
    return app


@pytest.fixture(scope="module")
def client(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The pages before the real assistant."""
    app = _app(assistant, ServingSettings(), Storage(tmp_path_factory.mktemp("kept")))
    with TestClient(app, base_url="http://almanac.example", headers=BROWSER) as opened:
        yield opened


def _held(*entries: Mapping[str, object]) -> CatalogueView:
    return CatalogueView(Catalogue(tuple(ENTRY.validate_python(entry) for entry in entries)))


def _shown(entry_id: str, shelf: CatalogueView) -> BeautifulSoup:
    html = entry_page(shelf.catalogue.by_id[entry_id], shelf, SiteLinks("http://almanac.example"), TODAY)
    return BeautifulSoup(html, "html.parser")


def _texts(found: list[Tag]) -> list[str]:
    return [" ".join(tag.get_text(" ").split()) for tag in found]


def _assert_sound(page: BeautifulSoup) -> None:
    """What holds of every page: one heading of the first level, none skipped, names that are unique, nothing inline."""
    assert page.html is not None
    assert page.html["lang"] == "en"
    levels = [int(heading.name[1]) for heading in page.find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = [tag["id"] for tag in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    for label in page.find_all(attrs={"aria-labelledby": True}):
        assert label["aria-labelledby"] in ids
    assert [page.find_all(name) != [] for name in ("header", "main", "footer", "nav")] == [True] * 4
    assert not page.find_all("style")
    for tag in page.find_all():
        assert not [name for name in tag.attrs if name.startswith("on") or name == "style"], tag
    scripts = page.find_all("script")
    assert [script.get("type") for script in scripts if not script.get("src")] in ([], ["application/ld+json"])
    for tag in page.find_all(["script", "img", "link", "iframe", "form", "source"]):
        address = tag.get("src") or tag.get("action") or (tag.get("href") if tag.get("rel") != ["canonical"] else "")
        assert urlsplit(str(address or "")).netloc in {"", "almanac.example"}, tag


def test_every_entry_has_a_small_page_that_is_whole_without_a_script(client: TestClient, assistant: Assistant) -> None:
    """Under 60 kB, its text in it, at its own address; no link on it leads to an entry that is not there."""
    by_id = assistant.catalogue.by_id
    for number, entry in enumerate(assistant.catalogue.entries):
        response = client.get(f"/entries/{entry.id}")
        assert response.status_code == 200
        assert len(response.content) < LARGEST
        linked = {unquote(name) for name in re.findall(r'href="/entries/([^"#]+)"', response.text)}
        assert linked <= set(by_id)
        assert f'<link rel="canonical" href="http://almanac.example/entries/{entry.id}">' in response.text
        if number % 16 == 0 or not isinstance(entry, Event):
            page = BeautifulSoup(response.text, "html.parser")
            _assert_sound(page)
            _assert_says_all(page, entry)


def _assert_says_all(page: BeautifulSoup, entry: AnyEntry) -> None:
    """Each field stands under its own name, so that a citation can lead to it."""
    for field, words in entry.texts().items():
        place = page.find(id=field)
        assert place is not None, field
        assert "".join(place.get_text().split()) == "".join(words.split())


def test_an_event_s_page_shows_what_an_almanac_tells_of_it(client: TestClient, assistant: Assistant) -> None:
    """Date, organisations, source, importance; guides and events with their summaries; references; the way to ask."""
    event = next(
        entry
        for entry in assistant.catalogue.entries
        if isinstance(entry, Event) and entry.related_guides and entry.related_events and entry.importance and entry.url
    )
    page = BeautifulSoup(client.get(f"/entries/{event.id}").text, "html.parser")
    main = page.main
    assert main is not None
    assert page.find("h1").get_text() == event.title
    assert main.find("time", datetime=event.date).get_text() == dates.in_words(event.date or "")
    assert _texts(main.select(".by a")) == list(event.organisations)
    assert main.select_one(".facts cite").get_text() == event.source
    assert f"{event.importance} of 10" in main.select_one(".facts").get_text(" ")
    out = main.select_one(".facts a.out")
    assert (out["href"], "noopener" in out["rel"]) == (event.url, True)
    for name, linked in (("guides", event.related_guides), ("events", event.related_events)):
        section = main.find("section", attrs={"aria-labelledby": name})
        listed = {urlsplit(link["href"]).path for link in section.select(".item-title a")}
        assert {f"/entries/{other}" for other in linked} <= listed
        assert all(len(words) > 40 for words in _texts(section.select(".item-text")))
    forms = [link["href"].rpartition("as=")[2] for link in main.select(".references a")]
    assert forms == ["bibtex", "ris", "csl-json", "markdown"]
    assert event.title in main.select_one(".references pre").get_text()
    ask = main.select_one(".asks a")
    assert ask["href"].startswith("/?ask=Tell+me+about+")


def test_a_guide_has_contents_that_lead_to_its_parts(client: TestClient, assistant: Assistant) -> None:
    """Level, the answer in short, takeaways, sections, glossary, and the steps before and after on its paths."""
    paths = [entry for entry in assistant.catalogue.entries if isinstance(entry, Path)]
    guide = assistant.catalogue.by_id[paths[0].steps[1]]
    assert isinstance(guide, Guide)
    page = BeautifulSoup(client.get(f"/entries/{guide.id}").text, "html.parser")
    assert guide.level.capitalize() in page.select_one(".kicker").get_text()
    leads = [link["href"].removeprefix("#") for link in page.select(".contents a")]
    assert [page.find(id=name).h2.get_text() for name in leads] == [
        *(section.heading for section in guide.sections),
        "Glossary",
    ]
    assert _texts(page.select(".glossary dt")) == [term.term for term in guide.terms]
    assert len(page.select("#key_takeaways li")) == len(guide.key_takeaways)
    steps = page.find("nav", attrs={"aria-label": f"Steps of {paths[0].title}"})
    assert [(link["rel"], link["href"]) for link in steps.find_all("a")] == [
        (["prev"], f"/entries/{paths[0].steps[0]}"),
        (["next"], f"/entries/{paths[0].steps[2]}"),
    ]


def test_the_page_of_any_entry_says_when_its_facts_were_last_checked() -> None:
    """Beside the source; an entry without the field says nothing about it."""
    shelf = _held(
        {"id": "e", "kind": "event", "title": "E", "summary": "S.", "checked": "2026-11-27"},
        {"id": "g", "kind": "guide", "title": "G", "level": "beginner", "tldr": "S.", "checked": "2026-11-04"},
        {"id": "p", "kind": "path", "title": "P", "description": "D.", "steps": ["g"], "checked": "2026-01-09"},
        {"id": "n", "kind": "event", "title": "N", "summary": "S.", "source": "A journal"},
    )
    days = {"e": "27 November 2026", "g": "4 November 2026", "p": "9 January 2026"}
    for name, day in days.items():
        page = _shown(name, shelf)
        _assert_sound(page)
        assert f"Facts last checked on {day}." in page.select_one(".facts").get_text()
    assert "last checked" not in _shown("n", shelf).get_text()


def test_a_path_lists_its_steps_in_order_and_leaves_out_what_is_not_there() -> None:
    """As the catalogue gives them."""
    guides = [{"id": f"g{n}", "kind": "guide", "title": f"G{n}", "level": "beginner", "tldr": "Short."} for n in (1, 2)]
    shelf = _held(
        *guides, {"id": "p", "kind": "path", "title": "P", "description": "D.", "steps": ["g2", "gone", "g1"]}
    )
    page = _shown("p", shelf)
    assert [link["href"] for link in page.select(".steps h3 a")] == ["/entries/g2", "/entries/g1"]
    told = json.loads(page.find("script", type="application/ld+json").get_text())
    assert [(one["position"], one["name"]) for one in told["itemListElement"]] == [(1, "G2"), (2, "G1")]
    _assert_sound(page)


def test_no_text_of_an_entry_is_ever_read_as_markup() -> None:
    """Title, names, source, text, headings: all come out as they went in, in the page and in its JSON-LD."""
    worst = " ".join(HOSTILE)
    shelf = _held(
        {
            "id": "e",
            "kind": "event",
            "title": worst,
            "summary": worst,
            "source": worst,
            "url": "https://outside.example/'onmouseover='alert(1)",
            "organisations": [worst, "B"],
            "topics": [worst],
            "related_guides": ["g"],
        },
        {
            "id": "g",
            "kind": "guide",
            "title": worst,
            "level": "beginner",
            "tldr": worst,
            "key_takeaways": [worst],
            "sections": [{"heading": worst, "text": worst}],
            "terms": [{"term": worst, "definition": worst}],
            "organisations": [worst],
        },
        {"id": "p", "kind": "path", "title": worst, "description": worst, "steps": ["g"], "topics": [worst]},
    )
    for entry in shelf.catalogue.entries:
        page = _shown(entry.id, shelf)
        _assert_sound(page)
        assert page.find("h1").get_text() == worst
        assert not page.find_all(["iframe", "img", "math"])
        told = json.loads(page.find("script", type="application/ld+json").get_text())
        assert told["name"] == worst
        assert told["description"] == worst
        assert page.find("meta", property="og:title")["content"] == worst


def test_a_page_can_be_imported_again(client: TestClient, assistant: Assistant) -> None:
    """Its JSON-LD tells another catalogue what this one holds."""
    event = assistant.catalogue.by_id["gpt-3"]
    assert isinstance(event, Event)
    again = events(read(client.get("/entries/gpt-3").text, "webpage"))[0]
    assert (again.title, again.date, again.summary) == (event.title, event.date, event.summary)
    assert (again.source, again.organisations, again.topics) == (event.source, event.organisations, event.topics)


def test_what_nothing_links_is_related_by_what_the_index_knows(assistant: Assistant) -> None:
    """Where an entry has few links, or none, the nearest entries stand in, each with why."""
    event = assistant.catalogue.by_id["gpt-3"]
    alone = event.model_copy(update={"related_events": (), "related_guides": ()})
    others = [entry.model_copy(update={"related_events": (), "related_guides": ()}) for entry in assistant.catalogue.entries if entry.id != "gpt-3" and isinstance(entry, Event)]  # fmt: skip
    shelf = CatalogueView(Catalogue((alone, *others)))
    near = neighbours(assistant.index, filters.entry(assistant.catalogue, "gpt-3"), with_links=False)
    html = entry_page(alone, shelf, SiteLinks(), TODAY, near)
    page = BeautifulSoup(html, "html.parser")
    shown = page.find("section", attrs={"aria-labelledby": "events"})
    assert 3 <= len(shown.select(".item")) <= 6
    assert len(shown.select(".why")) == len(shown.select(".item"))
    assert "Related" not in entry_page(alone, shelf, SiteLinks(), TODAY)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("", lambda _: True),
        ("kind=guide", lambda entry: entry.kind == "guide"),
        ("organisation=anthropic", lambda entry: "Anthropic" in entry.organisations),
        ("topic=rlhf&kind=event", lambda entry: entry.kind == "event" and "rlhf" in entry.topics),
        ("level=beginner", lambda entry: entry.kind != "event" and entry.level == "beginner"),
        ("importance=9", lambda entry: entry.kind == "event" and (entry.importance or 0) >= 9),
        ("since=2023-06&until=2023", lambda entry: (entry.date or "")[:4] == "2023" and entry.date[5:] >= "06"),
        ("words=constitutional+AI", lambda _: False),
        ("kind=&organisation=&topic=&since=&until=&words=", lambda _: True),
    ],
)
def test_browsing_shows_every_entry_that_fits_once(
    client: TestClient, assistant: Assistant, query: str, kept: object
) -> None:
    """Page after page, the latest first; the count is told, and no page is large."""
    found: list[str] = []
    address: str | None = f"/browse?{query}"
    while address:
        response = client.get(address)
        assert response.status_code == 200
        assert len(response.content) < LARGEST
        page = BeautifulSoup(response.text, "html.parser")
        found += [link["href"].removeprefix("/entries/") for link in page.select(".items .item-title a")]
        address = following["href"] if (following := page.select_one('.pages a[rel="next"]')) else None
    assert len(found) == len(set(found))
    told = page.find(id="found").get_text()
    assert told.startswith((f"{len(found):,} entr",))
    by_id = assistant.catalogue.by_id
    days = [dates.sort_key(by_id[name].date) for name in found]
    dated = [day for day in days if day[0] == 0]
    assert dated == sorted(dated, reverse=True)
    assert days == [*dated, *(day for day in days if day[0] == 1)]
    if "words=c" in query:
        said = (" ".join((*by_id[name].texts().values(), *by_id[name].topics)).casefold() for name in found)
        assert found
        assert all("constitutional" in words for words in said)
    else:
        assert set(found) == {entry.id for entry in assistant.catalogue.entries if kept(entry)}  # type: ignore[operator]


def test_browsing_by_an_alias_shows_the_entries_of_its_organisation() -> None:
    """Compared without case, as the organisation itself."""
    names = {"a": ["Heron Labs"], "b": ["Kite"]}
    events = [
        {"id": n, "kind": "event", "title": n, "summary": "S.", "organisations": held} for n, held in names.items()
    ]
    shelf = CatalogueView(replace(_held(*events).catalogue, aliases={"Heron Labs": ("HL",)}))
    assert [entry.id for entry in BrowseQuery(organisation="hl").entries(shelf)] == ["a"]


def test_the_timeline_goes_by_year_and_month(client: TestClient, assistant: Assistant) -> None:
    """Every entry with a date stands under its own year and month."""
    response = client.get("/browse?view=timeline")
    assert len(response.content) < LARGEST
    page = BeautifulSoup(response.text, "html.parser")
    _assert_sound(page)
    by_id = assistant.catalogue.by_id
    for year in page.select(".year"):
        for month in year.select(".month"):
            for link in month.select(".moment a"):
                given = by_id[link["href"].removeprefix("/entries/")].date
                assert given is not None
                said = f"{month.h4.get_text()} {year.h3.get_text()}" if len(given) > 4 else year.h3.get_text()
                assert dates.in_words(given).endswith(said)
    bars = [link for link in page.select(".years a") if "2023" in link["href"]]
    of_2023 = sum((entry.date or "").startswith("2023") for entry in assistant.catalogue.entries)
    assert bars[0]["title"] == f"2023: {of_2023} entries"
    assert client.get(bars[0]["href"]).text.count('class="moment') == of_2023


@pytest.mark.parametrize(
    "query",
    ["kind=person", "level=expert", "importance=11", "since=yesterday", "until=2023-13", f"words={'x' * 201}"],
)
def test_a_filter_that_cannot_be_used_is_said_beside_the_form(client: TestClient, query: str) -> None:
    """What was typed stays in the form, and the page says what would fit."""
    response = client.get(f"/browse?{query}")
    assert response.status_code == 422
    page = BeautifulSoup(response.text, "html.parser")
    _assert_sound(page)
    assert page.find(role="alert") is not None
    assert page.find("form", class_="filters") is not None


@pytest.mark.parametrize("words", [*HOSTILE, "\ud800"])
def test_no_word_of_the_address_is_ever_read_as_markup(client: TestClient, words: str) -> None:
    """In the form, the chips, the title and the links alike."""
    asked = quote(words, errors="surrogatepass")
    response = client.get(f"/browse?words={asked}&topic={asked}&view={asked}")
    assert response.status_code in {200, 422}
    _assert_sound(BeautifulSoup(response.text, "html.parser"))


@pytest.mark.parametrize(
    "address", ["/entries/nope", "/entries/%3Cscript%3E", "/answers/nope", f"/answers/{'0' * 24}", "/nothing/here"]
)
def test_what_is_not_there_is_a_page_for_people_and_json_for_programs(client: TestClient, address: str) -> None:
    """One status, two readers; the page leads on."""
    response = client.get(address)
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")
    page = BeautifulSoup(response.text, "html.parser")
    _assert_sound(page)
    assert page.select_one('main a[href="/browse"]') is not None
    program = client.get(address, headers={"accept": "application/json"})
    assert program.status_code == 404
    assert set(program.json()) == {"error"}
    assert client.get("/browse?page=999").status_code == 404


def test_programs_get_the_entry_and_errors_in_json_whatever_they_accept(client: TestClient) -> None:
    """`/entries/ID.json` is no page, and neither is the API."""
    assert client.get("/entries/gpt-3.json").json()["id"] == "gpt-3"
    assert set(client.get("/entries/nope.json").json()) == {"error"}
    assert set(client.get("/api/nothing").json()) == {"error"}


def test_a_page_is_sent_once_and_then_only_when_it_has_changed(client: TestClient) -> None:
    """By its tag; a question for the head alone has no body; the policy forbids all that is not ours."""
    first = client.get("/entries/gpt-3")
    again = client.get("/entries/gpt-3", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = client.head("/entries/gpt-3")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])
    policy = first.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_links_follow_the_public_address(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Behind a proxy that serves the almanac under a path, links on the page and public ones begin with it."""
    settings = ServingSettings(url="https://example.org/almanac/")
    with TestClient(_app(assistant, settings, Storage(tmp_path_factory.mktemp("kept")))) as client:
        for address in ("/entries/gpt-3", "/browse?kind=event", "/browse?view=timeline"):
            page = BeautifulSoup(client.get(address).text, "html.parser")
            assert page.find("link", rel="canonical")["href"].startswith("https://example.org/almanac/")
            for tag in page.find_all(["a", "link", "script", "form"]):
                leads = str(tag.get("href") or tag.get("src") or tag.get("action") or "#")
                assert leads.startswith(("#", "/almanac/", "https://")), tag


@pytest.mark.parametrize(
    ("words", "directive"),
    [
        ("A short one.", "A%20short%20one."),
        ("Dashes - and, commas & more", "Dashes%20%2D%20and%2C%20commas%20%26%20more"),
        ("One two three four five six seven eight nine ten, and so it goes on.", "One%20two%20three%20four,so%20it%20goes%20on."),
        ("First line of it all.\nSecond line of it all.", "First%20line%20of%20it,line%20of%20it%20all."),
    ],
)  # fmt: skip
def test_a_quotation_s_address_names_its_words(words: str, directive: str) -> None:
    """A browser marks them; a long quotation is named by how it begins and ends."""
    assert urls.quotation("a:b", "sections.0.text", words) == (f"entries/a%3Ab#sections.0.text:~:text={directive}")
