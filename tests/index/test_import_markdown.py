"""Markdown with front matter, as Hugo and Jekyll keep it."""

from pathlib import Path

import pytest

from index.errors import ImportSourceError
from index.importers import read_source
from index.models import Event, Guide

from .sources import events, read, said

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
    """A folder of posts in every habit."""
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


def test_a_folder_of_dated_posts_has_titles_dates_and_sections(site: Path) -> None:
    """Posts with headings are guides with sections; other dated posts are events."""
    imported = read_source(str(site))
    found = {entry.id: entry for entry in imported.entries}
    assert imported.format == "markdown"
    kiwi, short = found["kiwi"], found["short"]
    assert isinstance(kiwi, Guide)
    assert (kiwi.title, kiwi.date, kiwi.tldr) == ("Kiwi: a guide", "2023-05-01", "What Kiwi is.")
    assert kiwi.topics == ("models", "open weights", "News")
    assert [(section.heading, section.text) for section in kiwi.sections] == [
        ("Introduction", "An introduction with a link."),
        ("Background", "One.\n\nfirst\n\nsecond"),
        ("Deeper", "Two."),
    ]
    assert isinstance(short, Event)
    assert (short.date, short.summary) == ("2023-06-02", "Just text & more.\n\nThe end.")
    assert (short.model_extra or {})["sections"] == [{"heading": "One heading", "text": "The end."}]


def test_names_tell_what_front_matter_leaves_out(site: Path) -> None:
    """The date and the id from the file's name; a bundle has its folder's; the first heading is the title."""
    found = {entry.id: entry for entry in read_source(str(site)).entries}
    assert (found["named"].date, found["bundle"].date) == ("2022-12-24", "2021")
    assert (found["a-same"].title, found["b-same"].title, found["b-same"].date) == ("Heading first", "JSON", "2020-05")


def test_drafts_and_pages_that_are_no_posts_are_left_out_and_reported(site: Path) -> None:
    """Of damaged front matter the lines that can be read are read."""
    imported = read_source(str(site))
    assert {problem.place for problem in imported.problems} == {"posts/draft.md", "_index.md"}
    damaged = next(entry for entry in imported.entries if entry.id == "damaged")
    assert (damaged.title, damaged.date) == ("Damaged", "2020")
    assert "damaged.md: the front matter cannot be read whole" in said(imported)
    assert imported.entries == read_source(str(site)).entries


def test_front_matter_may_say_what_it_is() -> None:
    """`kind` and `level` win over what the text looks like."""
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
    """No alias grows, nothing is run, nothing nests without end."""
    imported = read(f"---\n{front}\n---\n# A title\n\nGood text.")
    assert imported.entries[0].title in {"A title", "T"}
    assert "front matter" in said(imported)


def test_a_folder_without_markdown_is_refused(tmp_path: Path) -> None:
    """With the mend."""
    with pytest.raises(ImportSourceError, match="no Markdown"):
        read_source(str(tmp_path), format="markdown")
