"""Tests for web pages and sitemaps: JSON-LD is preferred, then metadata, then the sitemap itself."""

import json

import pytest

from index.errors import ImportSourceError
from index.importers import Source, read_opened
from index.importers.formats.documents.sitemap import MOST_PAGES

from .sources import events, problem_text, read

ARTICLE = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "Organization", "@id": "#org", "name": "Kiwi News"},
        {"@type": ["NewsArticle"], "@id": "https://news.example/a#article", "headline": "Kiwi &amp; 2", "datePublished": "2023-05-01T23:30:00-07:00", "publisher": {"@id": "#org"}, "description": "Short.", "articleBody": "Short. Then long.", "keywords": "ai, models", "about": [{"@type": "Organization", "name": "OpenAI"}], "author": {"name": "A. Body"}},
    ],
}  # fmt: skip
EVENT = {"@type": "BusinessEvent", "name": "Summit", "startDate": "2023-11-01", "endDate": "2023-11-02", "organizer": {"@type": "Organization", "name": "UK"}, "location": {"name": "Bletchley"}}  # fmt: skip


def page(*documents: object, head: str = "") -> str:
    """Return a page with these JSON-LD scripts."""
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(each)}</script>' for each in documents)
    return f"<!doctype html><html><head><title>Plain</title>{head}{scripts}</head><body><p>Body</p></body></html>"


def test_an_article_in_json_ld_is_an_event() -> None:
    """References in the graph are resolved; the address is that of the page, without the fragment."""
    imported = read(page(ARTICLE))
    entry = events(imported)[0]
    assert (imported.format, entry.title, entry.date) == ("webpage", "Kiwi & 2", "2023-05-01")
    assert (entry.url, entry.source, entry.summary) == ("https://news.example/a", "Kiwi News", "Short. Then long.")
    assert (entry.organisations, entry.topics) == (("OpenAI",), ("ai", "models"))


def test_an_event_of_several_days_has_the_date_they_share() -> None:
    """An event from 1 to 2 November gets the date of the month; every script of a page is read."""
    both = events(read(page(ARTICLE, EVENT)))
    assert [(entry.title, entry.date) for entry in both] == [("Kiwi & 2", "2023-05-01"), ("Summit", "2023-11")]
    assert both[1].organisations == ("UK",)


def test_without_json_ld_metadata_serves() -> None:
    """Open Graph metadata is used instead; a script with invalid JSON is reported."""
    head = (
        '<meta property="og:title" content="OG &quot;title&quot;"><meta name="description" content="Said.">'
        '<meta property="article:published_time" content="2023-05-01T10:00:00Z"><link rel="canonical" href="https://x.example/p">'
        '<script type="application/ld+json">{broken</script>'
    )
    imported = read(page(head=head))
    entry = events(imported)[0]
    assert (entry.title, entry.date, entry.url, entry.summary) == (
        *('OG "title"', "2023-05-01", "https://x.example/p", "Said."),
    )
    assert "JSON-LD script is not JSON" in problem_text(imported)


@pytest.mark.parametrize(
    "body", ["<!--" * 50_000, "<a" * 50_000, "<div>" * 5_000, "<![CDATA[" * 20_000, '<script type="application/ld+json">' + "[" * 50_000 + "</script>"]
)  # fmt: skip
def test_hostile_markup_neither_hangs_nor_fails(body: str) -> None:
    """The title is still read."""
    assert read(f"<html><head><title>Good</title></head>{body}", "webpage").entries[0].title == "Good"


def test_the_encoding_is_the_declared_one() -> None:
    """The encoding may be declared in the page or by the server."""
    text = "<html><head>{}<title>日本語の題名</title></head></html>"
    assert read(text.format("<meta charset='shift_jis'>").encode("shift_jis")).entries[0].title == "日本語の題名"
    fetched = Source.fetched("https://x.example/", text.format("").encode("euc-jp"), "text/html; charset=euc-jp")
    assert read_opened(fetched).entries[0].title == "日本語の題名"


SITEMAP = "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'>{}</urlset>"
NEWS = "<url><loc>https://x.example/n</loc><news:news><news:publication><news:name>N</news:name></news:publication><news:publication_date>2023-05-01</news:publication_date><news:title>Told</news:title></news:news></url>"


def test_a_sitemap_from_disk_gives_what_it_holds_itself() -> None:
    """Pages with a title in a news sitemap are imported; each other page is reported."""
    imported = read(SITEMAP.format(NEWS + "<url><loc>https://x.example/b</loc><lastmod>2020</lastmod></url>"))
    entry = events(imported)[0]
    assert (imported.format, entry.title, entry.date, entry.source) == ("sitemap", "Told", "2023-05-01", "N")
    assert "https://x.example/b: the sitemap gives no title" in problem_text(imported)


def test_the_pages_of_a_sitemap_are_followed() -> None:
    """A sitemap index links to sitemaps, and these to pages; failed pages are reported, and cycles end."""
    index = "<sitemapindex><sitemap><loc>https://x.example/m.xml</loc></sitemap><sitemap><loc>https://x.example/i.xml</loc></sitemap></sitemapindex>"
    pages = {
        "https://x.example/i.xml": index,
        "https://x.example/m.xml": SITEMAP.format(
            "<url><loc>https://x.example/a</loc></url><url><loc>https://x.example/gone</loc></url>"
        ),
        "https://x.example/a": page(head='<meta property="og:title" content="Page A">'),
    }

    def follow(address: str) -> Source:
        if address not in pages:
            raise ImportSourceError(f"{address} is gone")
        return Source.fetched(address, pages[address].encode(), None, follow)

    imported = read_opened(follow("https://x.example/i.xml"))
    assert [(entry.title, entry.url) for entry in imported.entries] == [("Page A", "https://x.example/a")]
    assert "gone" in problem_text(imported)
    assert "already read" in problem_text(imported)


def test_a_sitemap_fetches_no_more_pages_than_it_says() -> None:
    """Pages beyond the limit are reported."""
    many = SITEMAP.format("".join(f"<url><loc>https://x.example/{n}</loc></url>" for n in range(MOST_PAGES + 2)))
    asked: list[str] = []

    def follow(address: str) -> Source:
        asked.append(address)
        raise ImportSourceError("none")

    imported = read_opened(Source.fetched("https://x.example/s.xml", many.encode(), None, follow))
    assert len(asked) == MOST_PAGES
    assert len(imported.problems) == MOST_PAGES + 2


def test_a_sitemap_that_breaks_off_or_bombs_keeps_what_was_good() -> None:
    """Complete pages are imported, the truncated one is reported, and XML entities are not expanded."""
    cut = read("<urlset>" + NEWS.replace("news:", "") + NEWS + "<url><loc>https://x.ex", "sitemap")
    assert "ends in the middle" in problem_text(cut)
    bomb = "<!DOCTYPE u [<!ENTITY a 'x'><!ENTITY b '&a;&a;'>]>" + SITEMAP.format(NEWS.replace("Told", "Told&b;"))
    assert read(bomb).entries[0].title == "Told"


def test_xml_of_another_kind_is_no_web_page() -> None:
    """OPML also has a title, but is not a web page."""
    with pytest.raises(ImportSourceError, match="lists no feed"):
        read("<?xml version='1.0'?><opml version='2.0'><head><title>Subscriptions</title></head><body/></opml>")
