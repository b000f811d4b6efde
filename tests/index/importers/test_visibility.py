"""Tests that unpublished records are left out in every format, and are reported with the reason."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from index.importers import read_source
from index.importers.visibility import hidden_folder, hidden_reason

from .sources import read

NOW = date(2026, 11, 27)

HIDDEN: list[tuple[dict[str, Any], str]] = [
    ({"draft": True}, "it is a draft"),
    ({"Draft": "TRUE"}, "it is a draft"),
    ({"is_draft": "1"}, "it is a draft"),
    ({"postIsDraft": 1.0}, "it is a draft"),
    ({"app:draft": "yes"}, "it is a draft"),
    ({"control": {"app:draft": "Yes"}}, "it is a draft"),
    ({"status": "draft"}, "it is a draft"),
    ({"Status": "Auto-Draft"}, "it is a draft"),
    ({"status": ["Draft"]}, "it is a draft"),
    ({"post_status": "private"}, "it is private"),
    ({"wp:status": "trash"}, "it is in the bin"),
    ({"blogger:status": "SOFT_TRASHED"}, "it is in the bin"),
    ({"status": "pending"}, "it is waiting for review"),
    ({"status": "inherit"}, "it is a part or an old version of another post"),
    ({"status": "scheduled", "date": "2027-01-01"}, "it is scheduled for 2027-01-01"),
    ({"status": "future", "post_date": "2027-01-01 10:00:00"}, "it is scheduled for 2027-01-01"),
    ({"scheduled": "yes"}, "it is scheduled"),
    ({"scheduled_for": "2027-03"}, "it is scheduled for 2027-03"),
    ({"publish": False}, "it is not published"),
    ({"dg-publish": "false"}, "it is not published"),
    ({"published": "No"}, "it is not published"),
    ({"is_published": "FALSE"}, "it is not published"),
    ({"Published?": "0"}, "it is not published"),
    ({"Published": "☐"}, "it is not published"),
    ({"visibility": "private"}, "it is private"),
    ({"visibility": "Paid"}, "it is for members only"),
    ({"visibility": "members"}, "it is for members only"),
    ({"visibility": "internal"}, "it is private"),
    ({"visibility": "password"}, "it is protected by a password"),
    ({"audience": "only_paid"}, "it is for members only"),
    ({"access": "private"}, "it is private"),
    ({"private": "yes"}, "it is private"),
    ({"hidden": True}, "it is hidden"),
    ({"unlisted": "true"}, "it is unlisted"),
    ({"headless": True}, "it is hidden"),
    ({"wp:post_password": "sesame"}, "it is protected by a password"),
    ({"content": {"rendered": "", "protected": True}}, "it is protected by a password"),
    ({"build": {"render": "never"}}, "it is hidden"),
    ({"_build": {"list": "never"}}, "it is unlisted"),
    ({"render": False}, "it is hidden"),
    ({"permalink": False}, "it is hidden"),
    ({"eleventyExcludeFromCollections": True}, "it is hidden"),
    ({"expiryDate": "2024-02-01"}, "it expired on 2024-02-01"),
    ({"expires": "2025"}, "it expired in 2025"),
    ({"unavailable_at": "2026-11-01T00:00:00Z"}, "it expired on 2026-11-01"),
    ({"deleted_at": "2024-01-01"}, "it is in the bin"),
    ({"post_type": "attachment"}, "it is an attachment, not a post"),
    ({"post_type": "nav_menu_item"}, "it belongs to a menu and is not a post"),
]

SHOWN: list[dict[str, Any]] = [
    {"draft": False},
    {"draft": "no"},
    {"draft": ""},
    {"draft": None},
    {"status": "publish"},
    {"status": "Live"},
    {"Status": "In force"},
    {"status": "submitted"},
    {"published": True},
    {"published": "2024-01-01"},
    {"published": 2024},
    {"publish": "yes"},
    {"visibility": "public"},
    {"visibility": "High"},
    {"audience": "everyone"},
    {"access": "limited"},
    {"access": "open"},
    {"private": "false"},
    {"hidden": "0"},
    {"hidden size": "1"},
    {"post_password": ""},
    {"password": "none"},
    {"permalink": "/a/"},
    {"build": {"render": "always", "list": "always"}},
    {"expiryDate": "2027-02-01"},
    {"expires": "2026"},
    {"unavailable_at": ""},
    {"deleted_at": None},
    {"date": "2099-01-01"},
    {"post_type": "post"},
    {"type": "newsletter"},
]


@pytest.mark.parametrize(("fields", "reason"), HIDDEN, ids=str)
def test_a_record_that_is_not_public_is_told_with_its_reason(fields: dict[str, Any], reason: str) -> None:
    """The fields and values are those of common blogging systems."""
    assert hidden_reason({"title": "X"} | fields, now=NOW) == reason


@pytest.mark.parametrize("fields", SHOWN, ids=str)
def test_a_public_record_is_never_taken_for_a_hidden_one(fields: dict[str, Any]) -> None:
    """Empty fields and words with another meaning do not hide a record."""
    assert hidden_reason({"title": "X"} | fields, now=NOW) is None


def test_a_day_to_come_hides_a_post_and_not_a_row() -> None:
    """A post with a future date is not published yet; `publishDate` takes precedence over `date`, as in Hugo."""
    assert hidden_reason({"date": "2027-01-01"}, now=NOW) is None
    assert hidden_reason({"date": "2027-01-01"}, now=NOW, posts=True) == "it is scheduled for 2027-01-01"
    assert hidden_reason({"date": "2027-01-01", "publishDate": "2026-01-01"}, now=NOW, posts=True) is None
    assert hidden_reason({"date": "2026-01-01", "publishDate": "2027-01-01"}, now=NOW, posts=True) is not None
    for day in ("2026", "2026-11", "2026-11-27", ""):
        assert hidden_reason({"date": day}, now=NOW, posts=True) is None


@pytest.mark.parametrize("day", ["2026-11-27", "2026-11-26", "2026-10", "2025"])
def test_what_ends_today_or_before_has_expired(day: str) -> None:
    """A date without a day expires at the end of its month or year."""
    assert hidden_reason({"expires": day}, now=NOW) is not None
    assert hidden_reason({"expires": "2026-11-28"}, now=NOW) is None


def test_folders_of_drafts_and_hidden_ones_are_known_by_their_names() -> None:
    """Case does not matter; `_posts` is a public folder."""
    for folder in ("drafts", "_drafts", "Drafts", ".trash", ".obsidian", "templates", "Private", "_private", ".x"):
        assert hidden_folder(("a", folder))
    for folder in ("_posts", "posts", "content", "drafting", "private-sector", "."):
        assert hidden_folder(("a", folder)) is None


def hides(text: str, name: str | None, *reasons: str) -> None:
    """Check that an import gives only the entry "Public", and reports these reasons."""
    imported = read(text, name)
    assert [entry.title for entry in imported.entries] == ["Public"]
    assert [problem.message for problem in imported.problems] == list(reasons)
    assert "secret" not in str([entry.model_dump() for entry in imported.entries])


def test_rows_of_a_table_say_it_in_columns() -> None:
    """Columns such as `status` and `draft` are checked in CSV and TSV."""
    rows = (
        "title,date,status,draft,summary\nPublic,2024,published,false,ok\nA,2024,draft,,secret\nB,2024,,TRUE,secret\n"
    )
    hides(rows, "csv", "it is a draft", "it is a draft")
    hides(rows.replace(",", "\t"), "csv", "it is a draft", "it is a draft")
    hides("Title,Is Published,Text\nPublic,yes,ok\nA,no,secret\n", "csv", "it is not published")


def test_a_column_that_the_reader_maps_is_what_the_reader_says() -> None:
    """If `Status` is the status of a law, mapping that column keeps the rows."""
    rows = "Title,Status,Summary\nA,pending,x\nB,In force,y\n"
    assert [entry.title for entry in read(rows, "csv").entries] == ["B"]
    mapped = read(rows, "csv", topics="Status")
    assert [(entry.title, entry.topics) for entry in mapped.entries] == [("A", ("pending",)), ("B", ("In force",))]


def test_objects_say_it_in_fields() -> None:
    """Fields are checked in JSON lists, in JSON Lines, and in the catalogue's own format."""
    objects = [
        {"title": "Public", "date": "2024-01-01", "status": "published", "body": "x"},
        {"title": "A", "draft": True, "body": "secret"},
        {"title": "B", "published": False, "body": "secret"},
        {"title": "C", "visibility": "members", "body": "secret"},
    ]
    reasons = ("it is a draft", "it is not published", "it is for members only")
    hides(json.dumps(objects), "json", *reasons)
    own = [{"id": f"e{number}", "kind": "event", "summary": "", **one} for number, one in enumerate(objects)]
    hides(json.dumps(own), "json", *reasons)
    hides("\n".join(json.dumps(one) for one in own), "jsonl", *reasons)


def test_feeds_say_it_as_atom_publishing_and_blogger_do() -> None:
    """Drafts are recognised, and so are the comments and settings in Blogger exports."""
    kind = '<category scheme="http://schemas.google.com/g/2005#kind" term="http://schemas.google.com/blogger/2008/kind#{}"/>'
    items = (
        ("Public", kind.format("post")),
        ("A", kind.format("post") + "<app:control><app:draft>yes</app:draft></app:control>"),
        ("B", kind.format("comment")),
        ("C", kind.format("settings")),
        ("D", "<blogger:type>POST</blogger:type><blogger:status>DRAFT</blogger:status>"),
        ("E", "<blogger:type>COMMENT</blogger:type>"),
    )
    entries = "".join(
        f"<entry><id>tag:x.example,2024:{title}</id><title>{title}</title><content>"
        f"{'ok' if title == 'Public' else 'secret'}</content>{more}</entry>"
        for title, more in items
    )
    space = 'xmlns="http://www.w3.org/2005/Atom" xmlns:app="http://purl.org/atom/app#" xmlns:blogger="http://schemas.google.com/blogger/2018"'
    feed = f"<feed {space}><title>T</title>{entries}</feed>"
    comment = "it is a comment, not a post"
    settings = "it belongs to the site's settings and is not a post"
    hides(feed, "feed", "it is a draft", comment, settings, "it is a draft", comment)
    assert read(feed, "feed").entries[0].topics == ()
    rss = (
        "<rss version='2.0'><channel><title>T</title><item><title>Public</title></item><item><title>A</title>"
        "<expirationDate>Mon, 05 Feb 2024 10:00:00 GMT</expirationDate><description>secret</description></item></channel></rss>"
    )
    hides(rss, "feed", "it expired on 2024-02-05")


def test_json_feed_bibliographies_pages_and_corpora_say_it_too() -> None:
    """Each of these formats has its own fields for this."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [
            {"id": "1", "title": "Public"},
            {"id": "2", "title": "A", "content_text": "secret", "_ghost": {"visibility": "paid"}},
            {"id": "3", "title": "B", "content_text": "secret", "draft": True},
        ],
    }
    hides(json.dumps(feed), "jsonfeed", "it is for members only", "it is a draft")
    hides("@misc{a, title={Public}}\n@misc{b, title={A}, note={secret}, private={true}}", "bibtex", "it is private")
    items = [
        {"id": "a", "type": "post", "title": "Public"},
        {"id": "b", "type": "post", "title": "A", "status": "Draft"},
    ]
    hides(json.dumps(items), "csl-json", "it is a draft")
    lines = [{"_id": "1", "title": "Public", "text": "x"}, {"_id": "2", "title": "A", "text": "secret", "hidden": True}]
    hides("\n".join(json.dumps(line) for line in lines), "beir", "it is hidden")
    node = {"@type": "Article", "headline": "A", "articleBody": "secret", "expires": "2024-01-01"}
    page = f'<html><script type="application/ld+json">{json.dumps(node)}</script></html>'
    imported = read(page, "webpage")
    assert (imported.entries, [p.message for p in imported.problems]) == ((), ["it expired on 2024-01-01"])


def test_posts_of_a_folder_say_it_in_front_matter_and_by_their_folders(tmp_path: Path) -> None:
    """Covers Hugo, Jekyll, Zola, Eleventy, Docusaurus and Obsidian; every file is reported with its reason."""
    files = {
        "public.md": "---\ntitle: Public\ndate: 2024-01-01\n---\nok",
        "a.md": "---\nstatus: draft\n---\nsecret",
        "b.md": "---\nvisibility: private\n---\nsecret",
        "c.md": "---\ndate: 2099-01-01\n---\nsecret",
        "d.md": "---\nexpiryDate: 2024-02-01\n---\nsecret",
        "e.md": "---\npublish: false\n---\nsecret",
        "f.md": "+++\nrender = false\n+++\nsecret",
        "g.md": "---\nbuild:\n  render: never\n---\nsecret",
        "h.md": "---\npermalink: false\n---\nsecret",
        "i.md": "---\npublishDate: 2099-05-01\ndate: 2024-01-01\n---\nsecret",
        "drafts/j.md": "secret",
        "_drafts/k.md": "secret",
        ".trash/l.md": "secret",
        ".obsidian/m.md": "secret",
        "templates/n.md": "secret",
        "blog/Private/o.md": "secret",
        "blog/.hidden.md": "secret",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    imported = read_source(str(tmp_path))
    assert [entry.title for entry in imported.entries] == ["Public"]
    assert {problem.place for problem in imported.problems} == files.keys() - {"public.md"}
    assert all(problem.message.startswith("it ") for problem in imported.problems)


def test_an_entry_of_an_almanac_may_be_about_a_day_to_come() -> None:
    """Front matter with `kind: event` is not a blog post, so a future date does not hide it."""
    imported = read("---\ntitle: Public\nkind: event\ndate: 2099-01-01\n---\nText.", "markdown")
    assert [entry.date for entry in imported.entries] == ["2099-01-01"]
