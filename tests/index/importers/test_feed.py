"""Tests for RSS, Atom and JSON Feed, including damaged feeds."""

import codecs
import io
import json

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ImportSourceError

from .sources import events, problem_text, read

ITEM = (
    "<item><title>Kiwi &amp; co: 2 &lt; 3</title><link>https://labs.example/kiwi</link><guid>17</guid>"
    "<pubDate>Mon, 01 May 2023 23:30:00 -0700</pubDate><category>Models</category>"
    "<description>&lt;p&gt;Kiwi&amp;nbsp;2 &lt;b&gt;runs&lt;/b&gt;.&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;&lt;p&gt;It ends.&lt;/p&gt;</description></item>"
)
OTHER = "<item><title>Second</title><link>https://labs.example/2</link><description>Text.</description></item>"
HEAD = "<rss version='2.0'><channel><title>Labs</title><link>https://labs.example/</link>"
RSS = f"<?xml version='1.0'?>{HEAD}{ITEM}{OTHER}</channel></rss>"
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Labs</title><id>urn:x:feed</id><updated>2023-05-02T00:00:00Z</updated>
<entry><id>tag:labs.example,2023:1</id><title type="text">A &lt;b&gt; tag</title><link href="https://labs.example/a"/>
<updated>2023-06-02T00:00:00Z</updated><published>2023-05</published><summary>Short …</summary>
<content type="html">&lt;p&gt;Short and then longer.&lt;/p&gt;</content></entry></feed>"""
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Labs",
    "home_page_url": "https://labs.example/",
    "items": [
        {"id": 1, "url": "/one", "title": "One", "content_html": "<p>Text <i>one</i>.</p>", "date_published": "2023-05-01T10:00:00Z", "tags": ["ai"]},
        {"id": "tag:x", "content_text": "No title, but words.", "tags": 7},
        "nonsense",
        {},
    ],
}  # fmt: skip


def test_an_rss_item_is_an_event_with_clean_text_and_its_own_day() -> None:
    """HTML tags and scripts are removed, entities are decoded, and the date is the one in the author's time zone."""
    imported = read(RSS)
    first, second = events(imported)
    assert (imported.format, problem_text(imported)) == ("feed", "")
    assert (first.id, first.title, first.date) == ("labs.example:17", "Kiwi & co: 2 < 3", "2023-05-01")
    assert (first.summary, first.source, first.topics) == ("Kiwi 2 runs.\n\nIt ends.", "Labs", ("Models",))
    assert (second.url, second.date) == ("https://labs.example/2", None)
    assert second.id.startswith("labs-example-2-")


def test_an_atom_entry_keeps_the_precision_of_its_date_and_its_full_text() -> None:
    """A summary that the full text begins with is not repeated; text without HTML is left unchanged."""
    entry = events(read(ATOM))[0]
    assert (entry.title, entry.date, entry.summary) == ("A <b> tag", "2023-05", "Short and then longer.")


def test_a_json_feed_is_read_item_by_item() -> None:
    """A field of the wrong type counts as missing; an empty item is reported with its number."""
    imported = read(json.dumps(JSON_FEED))
    one, two = events(imported)
    assert imported.format == "jsonfeed"
    assert (one.id, one.url, one.date, one.summary, one.topics) == (
        *("labs.example:1", "https://labs.example/one", "2023-05-01", "Text one."),
        ("ai",),
    )
    assert (two.id[:5], two.title, two.topics) == ("tag:x", "No title, but words.", ())
    assert [problem.place for problem in imported.problems] == ["-:item 3", "-:item 4"]


@pytest.mark.parametrize("data", [RSS, ATOM, json.dumps(JSON_FEED)])
def test_reading_twice_gives_the_same(data: str) -> None:
    """Reading the same feed twice gives the same ids, which depend on the source only."""
    assert read(data).entries == read(data).entries


def test_a_feed_that_breaks_off_keeps_its_whole_entries() -> None:
    """Complete entries are kept, and the truncated entry is reported."""
    imported = read(f"{HEAD}{ITEM}{OTHER}<item><title>Half</title><descr")
    assert [entry.title for entry in imported.entries] == ["Kiwi & co: 2 < 3", "Second"]
    assert "ends in the middle of this entry" in problem_text(imported)
    cut = json.dumps(JSON_FEED).partition('"nonsense"')[0]
    assert len(read(cut).entries) == 2


BOMB = "<!DOCTYPE r [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1 if n > 1 else str()};' * 10}'>" for n in range(1, 10)
)


@pytest.mark.parametrize(
    "head", [f"{BOMB}]>", "<!DOCTYPE r [<!ENTITY a9 SYSTEM 'file:///etc/passwd'>]>", f"<!DOCTYPE r [<!ENTITY a9 '{'x' * 50_000}'>]>"]
)  # fmt: skip
def test_entities_neither_grow_nor_reach_out(head: str) -> None:
    """The valid entry is kept, and the entity is reported."""
    imported = read(f"{head}{HEAD}{OTHER}<item><title>T {'&a9;' * 1000}</title></item></channel></rss>")
    assert [entry.title for entry in imported.entries] == ["Second", "T"]
    assert "not expanded" in problem_text(imported)


@pytest.mark.parametrize(
    "data",
    [
        RSS.replace("version='1.0'", "version='1.0' encoding='utf-16'").encode("utf-16-le"),
        codecs.BOM_UTF32_LE + RSS.encode("utf-32-le"),
        RSS.encode("utf-8-sig"),
        RSS.replace("<title>Labs", "<title>La\0bs").encode(),
        RSS.replace("<title>Labs", "<title>La\x01bs").encode(),
    ],
)
def test_marks_wide_characters_and_strays_lose_nothing(data: bytes) -> None:
    """UTF-16 without a byte order mark, UTF-32, null characters and control characters are read."""
    assert [(entry.title, entry.date) for entry in read(data).entries] == [
        ("Kiwi & co: 2 < 3", "2023-05-01"),
        ("Second", None),
    ]


def test_the_declared_encoding_is_used_and_a_wrong_one_is_reported() -> None:
    """Declared KOI8-R is decoded; for Latin-1 declared as UTF-8, the encoding is guessed and reported."""
    russian = f"<?xml version='1.0' encoding='koi8-r'?>{HEAD}<item><title>Новости</title></item></channel></rss>"
    assert read(russian.encode("koi8-r")).entries[0].title == "Новости"
    wrong = read(
        f"<?xml version='1.0' encoding='utf-8'?>{HEAD}<item><title>Café</title></item></channel></rss>".encode(
            "latin-1"
        )
    )
    assert wrong.entries[0].title == "Café"
    assert "windows-1252" in problem_text(wrong)


def test_endless_nesting_ends() -> None:
    """Deep nesting of XML elements, and of HTML inside an entry, is handled."""
    assert len(read(f"{HEAD}{OTHER}{'<a>' * 20_000}").entries) == 1
    deep = f"{HEAD}{OTHER}<item><title>Deep</title><description>{'&lt;div&gt;' * 5_000}x</description></item></channel></rss>"
    assert [entry.title for entry in read(deep).entries] == ["Second", "Deep"]


def test_two_entries_of_one_id_are_told_apart_by_title_and_address() -> None:
    """A repeated entry is left out and reported; a different entry with the same id is kept."""
    again = OTHER.replace("<link>", "<guid>g</guid><link>")
    imported = read(f"{HEAD}{again}{again}{ITEM.replace('17', 'g')}</channel></rss>")
    assert len(imported.entries) == 2
    assert [problem.field for problem in imported.problems] == ["id"]


def test_what_is_no_feed_is_refused() -> None:
    """OPML lists feeds but is not a feed itself."""
    with pytest.raises(ImportSourceError, match="no RSS or Atom"):
        read("<opml version='2.0'><head/></opml>", "feed")


FIELDS = st.sampled_from(
    ["<title>One</title>", "<link>https://x.example/1</link>", "<guid>g1</guid>", "<description>Words.</description>", "<author>a@x.example</author>", "<pubDate>nonsense</pubDate>", "<enclosure url='x'/>"]
)  # fmt: skip


@given(st.lists(st.lists(FIELDS, max_size=4, unique=True), max_size=4), st.integers())
def test_entries_are_as_many_as_feedparser_sees(items: list[list[str]], salt: int) -> None:
    """Each entry that feedparser finds becomes an event, or is reported as a repeat."""
    inside = "".join(
        f"<item>{''.join(fields).replace('1', f'{n}-{abs(salt) % 7}')}</item>" for n, fields in enumerate(items)
    )
    feed = f"<rss version='2.0'><channel><title>F</title>{inside}</channel></rss>"
    imported = read(feed)
    assert len(imported.entries) + len(imported.problems) == len(feedparser.parse(io.BytesIO(feed.encode())).entries)
    assert all(problem.field == "id" for problem in imported.problems)
