"""Syncing: what is new in each source comes in once, a failing source stops nothing, and a kill loses nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from assistant.settings.settings import Settings
from index import catalogue as catalogues
from index.errors import CatalogueBusyError, CatalogueError, SettingsError
from index.files import PART
from index.importers.target import writing
from index.sync.sync import Outcome
from index.sync.sync import sync as sync_version
from tests.support.web_server import Site


def lines(*names: str, **more: object) -> bytes:
    """Small events as JSON Lines."""
    made = [{"id": name, "kind": "event", "title": name, "summary": f"About {name}.", "date": "2024"} for name in names]
    return "".join(json.dumps(one | more) + "\n" for one in made).encode()


def sync(settings: Settings, **options: bool) -> tuple[Outcome, ...]:
    """A sync by one version of the program."""
    return sync_version(settings, version="1", **options)


def listing(folder: Path, *sources: dict[str, Any]) -> Settings:
    """Settings with these sources; an address may be one of this machine."""
    given = [{"allow_private": True} | source if "url" in source else source for source in sources]
    return Settings.model_validate({"data": folder / "data", "sources": given})


def counts(outcome: Outcome) -> tuple[str, int, int, int]:
    """What became of a source, in short."""
    return outcome.status, outcome.new, outcome.changed, outcome.same


def ids(settings: Settings) -> list[str]:
    """What is in the catalogue file."""
    return [entry.id for entry in catalogues.load(settings.catalogue_file).entries]


def test_a_source_is_read_once_and_again_when_it_changes(web: Site, tmp_path: Path) -> None:
    """The second time its server is asked only whether there is something new."""
    settings = listing(tmp_path, {"url": web.puts("/a", lines("one", "two"), etag='"1"')})
    assert [counts(one) for one in sync(settings)] == [("read", 2, 0, 0)]
    before = settings.catalogue_file.read_bytes()
    assert [counts(one) for one in sync(settings)] == [("unchanged", 0, 0, 0)]
    assert web.asked[-1][1]["If-None-Match"] == '"1"'
    assert settings.catalogue_file.read_bytes() == before
    web.puts("/a", lines("two", "three", mood="calm"), etag='"2"')
    assert [counts(one) for one in sync(settings)] == [("read", 1, 1, 0)]
    assert ids(settings) == ["one", "two", "three"]


def test_a_server_without_tags_is_read_each_time_and_nothing_changes(web: Site, tmp_path: Path) -> None:
    """Then all is the same."""
    settings = listing(tmp_path, {"url": web.puts("/a", lines("one"))})
    sync(settings)
    assert [counts(one) for one in sync(settings)] == [("read", 0, 0, 1)]


def test_a_source_read_in_another_way_or_into_another_file_is_read_anew(web: Site, tmp_path: Path) -> None:
    """Its server's "unchanged" would be true, and wrong."""
    url = web.puts("/a", lines("one"), etag='"1"')
    settings = listing(tmp_path, {"url": url})
    sync(settings)
    marked = listing(tmp_path, {"url": url, "defaults": {"topics": ["weather"], "organisations": "Met Office"}})
    assert [counts(one) for one in sync(marked)] == [("read", 0, 1, 0)]
    (entry,) = catalogues.load(settings.catalogue_file).entries
    assert (entry.topics, entry.organisations) == (("weather",), ("Met Office",))
    elsewhere = marked.model_copy(update={"catalogue": tmp_path / "other.jsonl"})
    assert [counts(one) for one in sync(elsewhere)] == [("read", 1, 0, 0)]
    settings.catalogue_file.unlink()
    assert [counts(one) for one in sync(settings)] == [("read", 1, 0, 0)]
    assert [counts(one) for one in sync(settings)] == [("unchanged", 0, 0, 0)]
    assert [counts(one) for one in sync(settings, full=True)] == [("read", 0, 0, 1)]


def test_a_source_that_fails_stops_no_other_and_is_tried_again(web: Site, tmp_path: Path) -> None:
    """Each with its error and its mend; a file beside addresses is a source as well."""
    (tmp_path / "own.jsonl").write_bytes(lines("own"))
    settings = listing(
        tmp_path,
        {"name": "gone", "url": web.url("/gone")},
        {"name": "private", "url": web.puts("/a", lines("one")), "allow_private": False},
        {"name": "no catalogue", "url": web.puts("/odd", b"<html><p>Hello.</p></html>")},
        {"name": "no file", "path": tmp_path / "missing"},
        {"name": "no such format", "url": web.url("/a"), "format": "nonsense"},
        {"name": "own", "path": tmp_path / "own.jsonl"},
        {"name": "good", "url": web.url("/a")},
    )
    outcomes = {one.name: one for one in sync(settings)}
    assert [name for name, one in outcomes.items() if one.status == "failed"] == [
        "gone",
        "private",
        "no catalogue",
        "no file",
        "no such format",
    ]
    assert all(one.error and one.hint for one in outcomes.values() if one.status == "failed")
    assert ids(settings) == ["own", "one"]
    web.puts("/gone", lines("back"))
    assert counts(sync(settings)[0]) == ("read", 1, 0, 0)


def test_a_fault_of_the_program_in_one_source_stops_no_other(
    web: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody foresaw is logged with its place, and the rest is read."""
    module = sys.modules["index.sync.sync"]
    real = module.open_address

    def faulty(url: str, *rest: Any) -> Any:
        if url.endswith("/bad"):
            raise ZeroDivisionError("nobody foresaw this")
        return real(url, *rest)

    monkeypatch.setattr(module, "open_address", faulty)
    settings = listing(tmp_path, {"url": web.puts("/bad", lines("x"))}, {"url": web.puts("/good", lines("one"))})
    first, second = sync(settings)
    assert (first.status, second.status) == ("failed", "read")
    assert "ZeroDivisionError" in (first.error or "")


def test_what_is_left_out_is_reported_and_the_rest_comes_in(web: Site, tmp_path: Path) -> None:
    """By place, as an import reports it."""
    (outcome,) = sync(listing(tmp_path, {"url": web.puts("/a", lines("one") + b"{broken\n" + lines("two"))}))
    assert counts(outcome) == ("read", 2, 0, 0)
    assert len(outcome.problems) == 1
    assert outcome.as_dict()["left_out"] == 1


def test_a_dry_run_writes_nothing_and_says_what_would_change(web: Site, tmp_path: Path) -> None:
    """Of the second source with what the first would have brought, too."""
    url, other = web.puts("/a", lines("one"), etag='"1"'), web.puts("/b", lines("one", "two"), etag='"2"')
    settings = listing(tmp_path, {"url": url}, {"url": other})
    assert [counts(one) for one in sync(settings, dry_run=True)] == [("read", 1, 0, 0), ("read", 1, 0, 1)]
    assert not settings.catalogue_file.exists()
    assert not (settings.data / "sync.json").exists()
    assert [counts(one) for one in sync(settings)] == [("read", 1, 0, 0), ("read", 1, 0, 1)]


def test_two_syncs_do_not_collide_and_a_writer_is_waited_for(web: Site, tmp_path: Path) -> None:
    """The second sync is told so; an import that is writing holds a sync up for no longer than it takes."""
    settings = listing(tmp_path, {"url": web.puts("/a", lines("one"))})
    settings.data.mkdir()
    with FileLock(settings.data / "sync.lock"), pytest.raises(CatalogueBusyError, match="another sync"):
        sync(settings)
    with writing(settings.data), pytest.raises(CatalogueBusyError), writing(settings.data, timeout=0.01):
        pass
    assert [counts(one) for one in sync(settings)] == [("read", 1, 0, 0)]


def test_a_catalogue_that_cannot_be_read_is_left_alone(web: Site, tmp_path: Path) -> None:
    """Writing it would lose the lines that are broken; nothing is fetched for it."""
    settings = listing(tmp_path, {"url": web.puts("/a", lines("one"))})
    settings.data.mkdir()
    settings.catalogue_file.write_bytes(lines("mine") + b"{broken\n")
    with pytest.raises(CatalogueError, match="would lose"):
        sync(settings)
    assert settings.catalogue_file.read_bytes() == lines("mine") + b"{broken\n"
    assert web.asked == []


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"sources": {"x": 1}}', b"\xff"])
def test_what_is_remembered_may_be_lost(web: Site, tmp_path: Path, damage: bytes) -> None:
    """Without it all is asked for again; a damaged file is begun anew."""
    settings = listing(tmp_path, {"url": web.puts("/a", lines("one"), etag='"1"')})
    sync(settings)
    (settings.data / "sync.json").write_bytes(damage)
    assert [counts(one) for one in sync(settings)] == [("read", 0, 0, 1)]
    assert [counts(one) for one in sync(settings)] == [("unchanged", 0, 0, 0)]


def test_without_sources_or_with_a_folder_for_a_catalogue_there_is_nothing_to_sync(tmp_path: Path) -> None:
    """Both say the mend."""
    with pytest.raises(SettingsError, match="no sources") as caught:
        sync(Settings(data=tmp_path))
    assert "[[sources]]" in caught.value.hint
    with pytest.raises(SettingsError, match="folder"):
        sync(listing(tmp_path, {"path": "x"}).model_copy(update={"catalogue": tmp_path}))


FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>The weather</title><link>https://example.org/</link><description>News</description>
<item><title>Rain</title><link>https://example.org/rain</link><guid>https://example.org/rain</guid>
<pubDate>Fri, 03 May 2024 08:00:00 GMT</pubDate><description>It rained for a week.</description></item>
<item><title>Sun</title><link>https://example.org/sun</link><guid>https://example.org/sun</guid>
<pubDate>Sat, 04 May 2024 08:00:00 GMT</pubDate><description>The sun came back.</description></item>
</channel></rss>"""


def test_feeds_tables_and_sitemaps_are_sources(web: Site, tmp_path: Path) -> None:
    """Read by the same importers as files; a sitemap's pages are fetched by the same rules as the sitemap."""
    page = """<html><head><title>Wind</title><meta property="og:title" content="Wind">
    <meta property="og:description" content="The wind blew from the north all of June.">
    <meta property="article:published_time" content="2024-06-01"></head><body><p>Text.</p></body></html>"""
    html = {"Content-Type": "text/html; charset=utf-8"}
    wind, gone = web.puts("/wind", page.encode(), headers=html), web.url("/gone")
    places = "".join(f"<url><loc>{place}</loc></url>" for place in (wind, gone, "file:///etc/passwd"))
    sitemap = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</urlset>'.encode()
    settings = listing(
        tmp_path,
        {"url": web.puts("/feed", FEED.encode(), etag='"1"'), "defaults": {"topics": "weather"}},
        {
            "url": web.puts("/t.csv", b"Headline,When\nSnow,2023-12\n", etag='"1"'),
            "map": {"title": "Headline", "date": "When"},
        },
        {"url": web.puts("/sitemap.xml", sitemap, etag='"1"')},
    )
    feed, table, places_read = sync(settings)
    assert (counts(feed), counts(table), counts(places_read)) == (
        ("read", 2, 0, 0),
        ("read", 1, 0, 0),
        ("read", 1, 0, 0),
    )
    assert len(places_read.problems) == 2
    entries = catalogues.load(settings.catalogue_file).entries
    assert [(entry.title, entry.date) for entry in entries] == [
        ("Rain", "2024-05-03"),
        ("Sun", "2024-05-04"),
        ("Snow", "2023-12"),
        ("Wind", "2024-06-01"),
    ]
    assert entries[0].topics == ("weather",)
    # A page could not be had, so that the sitemap is asked for all it has once more.
    assert [one.status for one in sync(settings)] == ["unchanged", "unchanged", "read"]


def test_a_field_that_no_entry_has_cannot_be_mapped(web: Site, tmp_path: Path) -> None:
    """A misspelt one would do nothing, silently."""
    (outcome,) = sync(listing(tmp_path, {"url": web.puts("/t.csv", b"a,b\n1,2\n"), "map": {"titel": "a"}}))
    assert (outcome.status, "'titel'" in (outcome.error or "")) == ("failed", True)


_SYNC = """
import sys
from pathlib import Path
from assistant.settings.settings import Settings
from index.sync.sync import sync
sync(Settings.model_validate_json(Path(sys.argv[1]).read_text("utf-8")), version="1")
"""


def test_a_sync_killed_half_way_loses_nothing(web: Site, tmp_path: Path, project: Path) -> None:
    """What came from the first source is in the catalogue, and the next sync goes on from there."""

    def never_ends() -> Iterator[bytes]:
        yield lines("two")
        time.sleep(20)

    settings = listing(
        tmp_path,
        {"url": web.puts("/a", lines("one"), etag='"1"')},
        {"url": web.puts("/b", pieces=never_ends)},
    )
    settings.data.mkdir()
    catalogues.save(settings.catalogue_file, [])
    left_behind = settings.data / f".{settings.catalogue_file.name}.0123abcd{PART}"
    left_behind.write_bytes(b"half of a")
    (tmp_path / "settings.json").write_text(settings.model_dump_json(exclude={"openai_api_key"}), "utf-8")
    killed = subprocess.Popen(
        [sys.executable, "-c", _SYNC, tmp_path / "settings.json"],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(project)},
        start_new_session=True,
    )
    end = time.monotonic() + 60
    while "/b" not in web.paths_asked and time.monotonic() < end:
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert ids(settings) == ["one"]
    web.puts("/b", lines("two"))
    assert [counts(one) for one in sync(settings)] == [("unchanged", 0, 0, 0), ("read", 1, 0, 0)]
    assert ids(settings) == ["one", "two"]
    assert not left_behind.exists()


def test_two_sources_with_the_same_ids_are_kept_apart(tmp_path: Path) -> None:
    """As an import keeps them; a second sync changes nothing."""
    for name, title in (("models", "Quiet-1"), ("laws", "Reading law")):
        (tmp_path / f"{name}.csv").write_text(f"id,title,date\n1,{title},2024\n")
    settings = listing(tmp_path, *({"path": str(tmp_path / f"{name}.csv")} for name in ("models", "laws")))
    first, second = sync(settings, dry_run=True)
    assert (counts(first), counts(second)) == (("read", 1, 0, 0), ("read", 1, 0, 0))
    assert [counts(one) for one in sync(settings)] == [counts(first), counts(second)]
    assert ids(settings) == ["1", "laws:1"]
    assert [counts(one) for one in sync(settings)] == [("read", 0, 0, 1)] * 2


@pytest.mark.parametrize("said", [{"kind": "guide"}, {"defaults": {"kind": "guide"}}])
def test_a_source_says_what_its_posts_are_and_where_they_can_be_read(tmp_path: Path, said: dict[str, Any]) -> None:
    """`kind`, of the source or among its defaults, and `base_url`."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "2024-03-05-quiet.md").write_text("---\ntitle: Quiet\n---\nText.")
    settings = listing(tmp_path, {"path": str(tmp_path / "posts"), "base_url": "https://heron.example/"} | said)
    sync(settings)
    (entry,) = catalogues.load(settings.catalogue_file).entries
    assert (entry.kind, entry.date, entry.url) == ("guide", "2024-03-05", "https://heron.example/2024-03-05-quiet/")


def test_entries_that_left_a_source_are_removed_only_if_it_says_so(web: Site, tmp_path: Path) -> None:
    """With `prune = true`, and never more than a fifth of a source unless the user agrees."""
    names = [f"n{number}" for number in range(10)]
    url = web.puts("/a", lines(*names), etag='"1"')
    settings = listing(tmp_path, {"url": url, "prune": True}, {"url": web.puts("/b", lines("other"), etag='"1"')})
    sync(settings)
    web.puts("/a", lines(*names[:8]), etag='"2"')
    assert [one.removed for one in sync(settings, dry_run=True)] == [2, 0]
    assert [one.removed for one in sync(settings)] == [2, 0]
    assert ids(settings) == [*names[:8], "other"]
    web.puts("/a", lines(*names[:3]), etag='"3"')
    held_back = sync(settings)[0]
    assert (held_back.removed, len(ids(settings))) == (0, 9)
    assert "5 of 8 entries" in str(held_back.warnings[-1])
    assert [one.removed for one in sync(settings, prune_many=True)] == [5, 0]
    assert ids(settings) == [*names[:3], "other"]
    web.puts("/b", lines("new"), etag='"2"')
    sync(settings)
    assert ids(settings) == [*names[:3], "other", "new"]
