"""Tests for Markdown with front matter, as in Hugo and Jekyll."""

from pathlib import Path

import pytest

from index.errors import ImportSourceError
from index.importers import read_source
from index.models import Event, Guide

from .sources import events, problem_text, read

LONG = """---
title: "Kiwi: a guide"
date: 2023-05-01T23:30:00-07:00
tags: [models, "open weights"]
categories:
  - News
description: What Kiwi is.
---
An *introduction* with a [link](https://x.example).

## Background

One. {{< figure src="a.png" >}}

- first
- second

### Deeper

Two.
"""
SHORT = """+++
title = "Short"
date = 2023-06-02
tags = ["x"]
+++
Just text &amp; more.

## One heading

The end.
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder of posts in various styles."""
    files = {
        "posts/2023-05-01-kiwi.md": LONG,
        "posts/2023-06-02-short.md": SHORT,
        "posts/2022-12-24-named.md": "---\ntitle: Named\n---\nText.",
        "posts/draft.md": "---\ntitle: Draft\ndraft: true\n---\nText.",
        "posts/bundle/index.md": "---\ntitle: Bundle\ndate: 03/04/2021\n---\nText.",
        "a/same.md": "# Heading first\n\nFirst paragraph.\n\nSecond.\n\n## Part\n\nText.",
        "b/same.md": '{"title": "JSON", "date": "May 2020"}\n\nText.',
        "damaged.md": '---\ntitle: Damaged\ndate: 2020\ntags: ["x\n---\nText.',
        "_index.md": "---\ntitle: Section\n---\n",
        ".git/x.md": "hidden",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_a_folder_of_dated_posts_has_titles_dates_and_texts(site: Path) -> None:
    """A post with a date is an event, even if it has headings; it keeps its full text and its sections."""
    imported = read_source(str(site))
    found = {entry.id: entry for entry in imported.entries}
    assert imported.format == "markdown"
    kiwi, short = found["kiwi"], found["short"]
    assert isinstance(kiwi, Event)
    assert (kiwi.title, kiwi.date) == ("Kiwi: a guide", "2023-05-01")
    assert kiwi.topics == ("models", "open weights", "News")
    assert kiwi.summary.startswith("What Kiwi is.\n\nAn introduction with a link.\n\nOne.")
    assert [part["heading"] for part in (kiwi.model_extra or {})["sections"]] == ["Background", "Deeper"]
    assert isinstance(short, Event)
    assert (short.date, short.summary) == ("2023-06-02", "Just text & more.\n\nThe end.")
    assert (short.model_extra or {})["sections"] == [{"heading": "One heading", "text": "The end."}]


def test_a_source_may_be_said_to_hold_guides_or_events(site: Path) -> None:
    """The option `kind` applies to posts that do not state their own kind."""
    guides = {entry.id: entry for entry in read_source(str(site), kind="guide").entries}
    kiwi = guides["kiwi"]
    assert isinstance(kiwi, Guide)
    assert kiwi.tldr == "What Kiwi is."
    assert [(section.heading, section.text) for section in kiwi.sections] == [
        ("Introduction", "An introduction with a link."),
        ("Background", "One.\n\nfirst\n\nsecond"),
        ("Deeper", "Two."),
    ]
    assert {entry.kind for entry in read_source(str(site), kind="event").entries} == {"event"}
    (site / "own.md").write_text("---\ntitle: Own\nkind: guide\n---\nText.")
    own = next(entry for entry in read_source(str(site), kind="event").entries if entry.id == "own")
    assert own.kind == "guide"
    with pytest.raises(ImportSourceError, match="no kind 'path'"):
        read_source(str(site), kind="path")


def test_rows_may_be_said_to_be_guides(tmp_path: Path) -> None:
    """The full text of the rows is kept; a row that states its kind keeps that kind."""
    (tmp_path / "t.csv").write_text('title,kind,text\nA,,"One.\n\nTwo."\nB,event,Three.\n')
    first, second = read_source(str(tmp_path / "t.csv"), kind="guide").entries
    assert isinstance(first, Guide)
    assert (first.tldr, [part.text for part in first.sections]) == ("One.", ["Two."])
    assert second.kind == "event"


@pytest.mark.parametrize(
    ("name", "front", "date"),
    [
        ("2024-03-05.md", "title: A", "2024-03-05"),
        ("2024-03-05 Named.md", "title: A", "2024-03-05"),
        ("2024_03_05_named.md", "title: A", "2024-03-05"),
        ("20240305-named.md", "title: A", "2024-03-05"),
        ("2024-03.md", "title: A", "2024-03"),
        ("2024/03/05/named.md", "title: A", "2024-03-05"),
        ("2024/03/named.md", "title: A", "2024-03"),
        ("2024-03-05/named.md", "title: A", "2024-03-05"),
        ("2024-03-05-named/index.md", "title: A", "2024-03-05"),
        ("a.md", "title: A\npath: 2022/08/01/quiet", "2022-08-01"),
        ("a.md", "title: A\npermalink: /blog/2022/8/1/quiet.html", "2022-08-01"),
        ("a.md", "title: A\nslug: 2022/08/quiet", "2022-08"),
        ("a.md", "title: A\naliases: [/x/, /2022/08/01/quiet/]", "2022-08-01"),
        ("a.md", "title: A\nurl: https://x.example/2022/08/01/quiet", "2022-08-01"),
        ("a.md", "title: A\ncreated: 2021-02-03T10:00", "2021-02-03"),
        ("a.md", "title: A\ndate created: 3 February 2021", "2021-02-03"),
        ("2024-03-05-named.md", "title: A\ncreated: 2021-02-03", "2024-03-05"),
        ("2024-03-05-named.md", "title: A\ndate: 2023-01-01", "2023-01-01"),
        ("a.md", "title: A\npubDate: Jan 2 2023", "2023-01-02"),
        ("gpt-4-2023.md", "title: A", None),
        ("2024-99-99-named.md", "title: A", None),
        ("a.md", "title: A\npermalink: /:year/:month/:day/:title", None),
        ("12/05/named.md", "title: A", None),
    ],
)
def test_a_post_has_its_date_from_wherever_it_stands(tmp_path: Path, name: str, front: str, date: str | None) -> None:
    """The date may be in the front matter, the file name, the address or the folders; a dated post is an event."""
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(f"---\n{front}\n---\n## One\n\nText.\n\n## Two\n\nText.")
    (entry,) = read_source(str(tmp_path)).entries
    assert (entry.date, entry.kind) == (date, "event" if date else "guide")


@pytest.mark.parametrize("kind", ["event", "guide"])
@pytest.mark.parametrize(
    "front",
    [
        "---\ntitle: Kiwi\nkind: KIND\nchecked: 2026-11-27\n---",
        '+++\ntitle = "Kiwi"\nkind = "KIND"\nchecked = 2026-11-27\n+++',
    ],
    ids=["yaml", "toml"],
)
def test_front_matter_may_say_when_the_facts_were_checked(front: str, kind: str) -> None:
    """In YAML and in TOML, for events and guides."""
    imported = read(f"{front.replace('KIND', kind)}\nText.")
    assert [(entry.kind, entry.checked) for entry in imported.entries] == [(kind, "2026-11-27")]


def test_zola_keeps_tags_in_taxonomies() -> None:
    """The `path` of the post contains the date."""
    text = '+++\npath = "2022/08/01/quiet"\ntitle = "Quiet"\n[taxonomies]\ntags = ["alignment"]\ncategories = ["x"]\n+++\nText.'
    (entry,) = events(read(text, "markdown"))
    assert (entry.date, entry.topics, entry.summary) == ("2022-08-01", ("alignment", "x"), "Text.")
    assert "taxonomies" not in (entry.model_extra or {})


@pytest.mark.parametrize(
    ("name", "front", "url"),
    [
        ("posts/quiet.md", "title: A", "https://x.example/blog/posts/quiet/"),
        ("content/posts/quiet.md", "title: A\nslug: calm", "https://x.example/blog/posts/calm/"),
        ("content/posts/quiet/index.md", "title: A", "https://x.example/blog/posts/quiet/"),
        ("content/posts/Quiet Day.md", "title: A", "https://x.example/blog/posts/quiet-day/"),
        ("_posts/2024-03-05-quiet.md", "title: A", "https://x.example/blog/2024/03/05/quiet.html"),
        (
            "_posts/2024-03-05-quiet.md",
            "title: A\ncategories: [news, Big Ones]",
            "https://x.example/blog/news/big-ones/2024/03/05/quiet.html",
        ),
        ("a.md", "title: A\npath: 2022/08/01/quiet", "https://x.example/blog/2022/08/01/quiet"),
        ("a.md", "title: A\npermalink: /quiet/", "https://x.example/blog/quiet/"),
        ("a.md", "title: A\nurl: /blog/quiet/", "https://x.example/blog/quiet/"),
        ("a.md", "title: A\npermalink: /:year/:title/", "https://x.example/blog/a/"),
        ("a.md", "title: A\ncanonical_url: https://other.example/a", "https://other.example/a"),
        ("2024-03-05-quiet.md", "title: A\ntaxonomies: {tags: [x]}", "https://x.example/blog/quiet/"),
        ("2024-03-05-quiet.md", "title: A", "https://x.example/blog/2024-03-05-quiet/"),
    ],
)
def test_a_base_address_gives_each_post_its_own(tmp_path: Path, name: str, front: str, url: str) -> None:
    """The address is taken from the front matter, or built from the path as in Hugo, Jekyll and Zola.

    Without a base address, entries have no address.
    """
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(f"---\n{front}\n---\nText.")
    for base in ("https://x.example/blog/", "https://x.example/blog"):
        assert [entry.url for entry in read_source(str(tmp_path), base_url=base).entries] == [url]
    if "other.example" not in url:
        assert [entry.url for entry in read_source(str(tmp_path)).entries] == [None]


def test_a_folder_named_posts_is_jekylls_and_a_base_has_to_be_one(tmp_path: Path) -> None:
    """Files in `_posts` get addresses as in Jekyll, and addresses never contain folders of the local machine.

    A base that is not a web address is refused.
    """
    (tmp_path / "_posts").mkdir()
    post = tmp_path / "_posts" / "2024-03-05-quiet.md"
    post.write_text("---\ntitle: A\n---\nText.")
    for source in (post, post.parent):
        (entry,) = read_source(str(source), base_url="https://x.example").entries
        assert entry.url == "https://x.example/2024/03/05/quiet.html"
    (tmp_path / "a.md").write_text("---\ntitle: A\n---\nText.")
    (entry,) = read_source(str(tmp_path / "a.md"), base_url="https://x.example").entries
    assert entry.url == "https://x.example/a/"
    with pytest.raises(ImportSourceError, match="not a web address"):
        read_source(str(post), base_url="x.example")
    (tmp_path / "t.csv").write_text("title,date\nA,2024\n")
    with pytest.raises(ImportSourceError, match="csv has no use for a base address"):
        read_source(str(tmp_path / "t.csv"), base_url="https://x.example")


def test_names_tell_what_front_matter_leaves_out(site: Path) -> None:
    """Date and id come from the file name, or for a bundle from its folder; the first heading is the title."""
    found = {entry.id: entry for entry in read_source(str(site)).entries}
    assert (found["named"].date, found["bundle"].date) == ("2022-12-24", "2021")
    assert (found["a-same"].title, found["b-same"].title, found["b-same"].date) == ("Heading first", "JSON", "2020-05")


def test_drafts_and_pages_that_are_no_posts_are_left_out_and_reported(site: Path) -> None:
    """Drafts and pages are reported; the readable lines of damaged front matter are used."""
    imported = read_source(str(site))
    assert {problem.place for problem in imported.problems} == {"posts/draft.md", "_index.md"}
    damaged = next(entry for entry in imported.entries if entry.id == "damaged")
    assert (damaged.title, damaged.date) == ("Damaged", "2020")
    assert "damaged.md: the front matter cannot be read whole" in problem_text(imported)
    assert imported.entries == read_source(str(site)).entries


def test_front_matter_may_say_what_it_is() -> None:
    """`kind` and `level` in the front matter override the detected kind."""
    event = events(read("---\ntitle: E\nkind: event\ndate: 2023\n---\n## A\nx\n## B\ny\n"))[0]
    assert event.summary == "x\n\ny"
    guide = read("---\ntitle: G\nlevel: Beginner\ndate: 2023\n---\nText.\n").entries[0]
    assert isinstance(guide, Guide)
    assert guide.level == "beginner"


@pytest.mark.parametrize(
    "front",
    ["a: " + "[" * 20_000, "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\ntitle: T", "a: !!python/object/apply:os.system [x]", "- list", "title: [" , "a" * 300_000],
)  # fmt: skip
def test_hostile_front_matter_is_reported_and_the_text_kept(front: str) -> None:
    """Exponential aliases, code execution and deep nesting are refused, and the text of the post is still imported."""
    imported = read(f"---\n{front}\n---\n# A title\n\nGood text.")
    assert imported.entries[0].title in {"A title", "T"}
    assert "front matter" in problem_text(imported)


def test_a_folder_without_markdown_is_refused(tmp_path: Path) -> None:
    """The error has a hint."""
    with pytest.raises(ImportSourceError, match="no Markdown"):
        read_source(str(tmp_path), format="markdown")
