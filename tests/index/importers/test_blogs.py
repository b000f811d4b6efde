"""Tests for WordPress, Ghost, Substack and Medium: only public posts become events, the others are reported."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index.errors import ImportSourceError
from index.importers import Imported, read_source
from index.importers.formats.blogs import posts

from .documents import zipped
from .sources import events, problem_text, read

SECRET = "SECRETWORD"  # noqa: S105 -- a word that must not be found in entries


def item(status: str = "publish", kind: str = "post", *, more: str = "", number: int = 1, link: str = "") -> str:
    """Return one item of a WordPress export."""
    link = link or f"https://www.blog.example/post-{number}"
    return (
        f"<item><title>Post {number}{'' if status == 'publish' else SECRET}</title><link>{link}</link>"
        f"<dc:creator>jane</dc:creator><guid>https://blog.example/?p={number}</guid>"
        '<content:encoded><![CDATA[First <b>words</b>.\n\n[caption id="x"]A picture[/caption]\n\nIn [brackets] last.]]></content:encoded>'
        f"<wp:post_id>{number}</wp:post_id><wp:post_date>2024-03-05 23:30:00</wp:post_date><wp:status>{status}</wp:status>"
        f"<wp:post_type>{kind}</wp:post_type>{more}</item>"
    )


def wxr(*items: str) -> str:
    """Return a WordPress export with these items."""
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Heron blog</title><link>https://blog.example</link>'
        "<wp:base_blog_url>https://www.blog.example</wp:base_blog_url><wp:author><wp:author_login>jane</wp:author_login>"
        f"<wp:author_email>x@y.example</wp:author_email><wp:author_display_name>Jane Doe</wp:author_display_name></wp:author>"
        f"{''.join(items)}</channel></rss>"
    )


def test_a_published_post_of_wordpress_is_an_event_with_all_that_is_known() -> None:
    """Blank lines separate paragraphs, shortcodes are removed, other brackets stay, authors have their display name."""
    tags = '<category domain="category" nicename="uncategorized">Uncategorized</category><category domain="post_tag" nicename="m">Models</category>'
    imported = read(wxr(item(more=tags)))
    (post,) = events(imported)
    assert (imported.format, post.id, post.title, post.date) == ("wordpress", "blog.example:1", "Post 1", "2024-03-05")
    assert post.summary == "First words.\n\nA picture\n\nIn [brackets] last."
    assert (post.source, post.topics, post.url) == ("Heron blog", ("Models",), "https://www.blog.example/post-1")
    assert list(post.model_dump()["authors"]) == ["Jane Doe"]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (item("draft"), "draft"),
        (item("private"), "private"),
        (item("trash"), "bin"),
        (item("future"), "scheduled"),
        (item("pending"), "review"),
        (item("auto-draft"), "draft"),
        (item("strange"), "not publish"),
        (item(""), "draft"),
        (item(more=f"<wp:post_password>{SECRET}</wp:post_password>"), "password"),
        (item("inherit", "attachment"), "attachment"),
        (item("inherit", "revision"), "revision"),
        *((item(kind=kind), kind) for kind in ("nav_menu_item", "wp_block", "wp_global_styles", "custom_css", "wpcf7_contact_form", "shop_order", "acf-field-group", "elementor_library", "wp_navigation")),
        (item(kind="secretthing", link="https://blog.example/?post_type=secretthing&amp;p=1"), "no public page"),
    ],
)  # fmt: skip
def test_whatever_is_not_public_in_wordpress_is_left_out_with_the_reason(record: str, reason: str) -> None:
    """The public post is kept, and no text of the other record is."""
    imported = read(wxr(item(number=2), record))
    assert [event.title for event in events(imported)] == ["Post 2"]
    assert len(imported.problems) == 1
    assert reason in str(imported.problems[0])
    assert SECRET not in str(imported.entries)


def test_pages_and_public_custom_types_of_wordpress_are_kept_and_comments_are_not_read() -> None:
    """Comments are nested in their post."""
    comment = f"<wp:comment><wp:comment_content>{SECRET}</wp:comment_content><wp:comment_author_email>a@b</wp:comment_author_email></wp:comment>"
    imported = read(wxr(item(kind="page", more=comment), item(kind="project", number=3)))
    assert [event.id for event in events(imported)] == ["blog.example:1", "blog.example:3"]
    assert SECRET not in str(imported.entries)


def test_two_sites_whose_posts_have_the_same_numbers_stay_apart() -> None:
    """The id contains the host of the site."""
    other = wxr(item()).replace("blog.example", "other.example")
    assert events(read(wxr(item())))[0].id != events(read(other))[0].id


def rest(**more: Any) -> dict[str, Any]:
    """Return a post of the WordPress REST API."""
    return {
        "id": 5, "date": "2024-03-05T10:00:00", "status": "publish", "type": "post", "link": "https://b.example/x",
        "title": {"rendered": "A &amp; B"}, "content": {"rendered": "<p>Text.</p>", "protected": False},
        "excerpt": {"rendered": "<p>T</p>"},
        "_embedded": {"author": [{"name": "Jane Doe"}], "wp:term": [[{"name": "Models"}], [{"name": "AI"}]]},
    } | more  # fmt: skip


def test_posts_of_the_rest_interface_are_events_and_protected_ones_are_not() -> None:
    """The status and the protection of a post decide whether it is imported."""
    posts = [rest(), rest(id=6, content={"rendered": "", "protected": True}), rest(id=7, status="draft"), 3]
    imported = read(json.dumps(posts))
    (post,) = events(imported)
    assert (imported.format, post.id, post.title, post.date) == ("wordpress-rest", "b.example:5", "A & B", "2024-03-05")
    assert (post.summary, post.topics, list(post.model_dump()["authors"])) == ("Text.", ("Models", "AI"), ["Jane Doe"])
    assert len(imported.problems) == 3


LEXICAL = {"root": {"type": "root", "children": [
    {"type": "heading", "tag": "h2", "children": [{"type": "text", "text": "Head"}]},
    {"type": "paragraph", "children": [{"type": "text", "text": "Some <b>."}, {"type": "linebreak"}, {"type": "link", "children": [{"type": "text", "text": "link"}]}]},
    {"type": "list", "children": [{"type": "listitem", "children": [{"type": "text", "text": "Item"}]}]},
    {"type": "html", "html": "<p>Raw.</p>"},
    {"type": "paywall"}, {"type": "email", "html": "<p>for mail</p>"},
]}}  # fmt: skip
MOBILEDOC = {"version": "0.3.1", "atoms": [["soft-return", "", {}]], "cards": [["markdown", {"markdown": "Marked."}]], "markups": [],
    "sections": [[1, "p", [[0, [], 0, "Para"], [1, [], 0, 0], [0, [], 0, "graph."]]], [3, "ul", [[[0, [], 0, "Item"]]]], [10, 0]]}  # fmt: skip


def ghost(*posts: dict[str, Any], **tables: Any) -> str:
    """Return a Ghost export with these posts."""
    rows = [{"id": str(number), "uuid": f"u{number}", "status": "published", "visibility": "public", "title": f"Post {number}",
        "published_at": "2024-03-05T10:00:00.000Z", "html": f"<p>{SECRET}</p>", "lexical": None, "mobiledoc": None} | post for number, post in enumerate(posts)]  # fmt: skip
    data = {"settings": [{"key": "title", "value": "Heron"}, {"key": "secret_key", "value": SECRET}], "posts": rows}
    return json.dumps({"db": [{"meta": {"version": "5"}, "data": data | tables}]})


def test_a_post_of_ghost_is_read_from_html_lexical_or_mobiledoc() -> None:
    """Internal tags of Ghost are not imported, and its settings are not read."""
    tables = {
        "tags": [{"id": "t", "name": "models"}, {"id": "i", "name": "#in", "visibility": "internal"}],
        "users": [{"id": "u", "name": "Jane Doe", "password": SECRET}],
        "posts_tags": [{"post_id": "0", "tag_id": "t"}, {"post_id": "0", "tag_id": "i"}],
        "posts_authors": [{"post_id": "0", "author_id": "u"}],
    }
    imported = read(
        ghost(
            {"html": None, "lexical": json.dumps(LEXICAL)},
            {"html": None, "mobiledoc": json.dumps(MOBILEDOC)},
            {"html": "<p>Plain.</p>"},
            **tables,
        )
    )
    first, second, third = events(imported)
    assert (imported.format, first.id, first.date, first.source) == ("ghost", "ghost:u0", "2024-03-05", "Heron")
    assert first.summary.split("\n\n") == ["Head", "Some <b>.", "link", "Item", "Raw."]
    assert second.summary.split("\n\n") == ["Para", "graph.", "Item", "Marked."]
    assert third.summary == "Plain."
    assert (first.topics, list(first.model_dump()["authors"])) == (("models",), ["Jane Doe"])
    assert SECRET not in str(imported.entries)


@pytest.mark.parametrize(
    "post",
    [
        {"status": "draft"},
        {"status": "scheduled", "published_at": "2099-01-01"},
        {"status": "sent"},
        {"status": None},
        {"visibility": "members"},
        {"visibility": "paid"},
        {"visibility": "tiers"},
        {"visibility": "label:vip"},
        {"published_at": "2099-01-01T00:00:00.000Z"},
    ],
)
def test_what_ghost_shows_to_members_or_to_nobody_is_left_out(post: dict[str, Any]) -> None:
    """Each post is reported with its reason."""
    imported = read(ghost({"html": "<p>Open.</p>"}, post))
    assert [event.summary for event in events(imported)] == ["Open."]
    assert len(imported.problems) == 1


def test_a_post_that_ghost_sent_by_mail_only_is_left_out() -> None:
    """Ghost stores this in a separate table."""
    imported = read(ghost({"html": "<p>Open.</p>"}, {}, posts_meta=[{"post_id": "1", "email_only": 1}]))
    assert [event.summary for event in events(imported)] == ["Open."]


SUBSTACK = {
    "posts.csv": "post_id,post_date,is_published,email_sent_at,inbox_sent_at,type,audience,title,subtitle,podcast_url\n"
    '12.hello,2024-03-05T10:00:00.000Z,true,,,newsletter,everyone,"Hello, you",A subtitle,\n'
    f"13.draft,2024-03-05T10:00:00.000Z,false,,,newsletter,everyone,{SECRET},,\n"
    f"14.paid,2024-03-06T10:00:00.000Z,true,,,newsletter,only_paid,{SECRET},,\n"
    f"15.free,2024-03-06T10:00:00.000Z,true,,,newsletter,only_free,{SECRET},,\n"
    f"16.later,2099-03-06T10:00:00.000Z,true,,,newsletter,everyone,{SECRET},,\n"
    "17.gone,2024-03-06T10:00:00.000Z,true,,,newsletter,everyone,Without a text,,\n",
    "posts/12.hello.html": "<p>We said hello.</p><h2>Next</h2><p>And more.</p>",
    **{
        f"posts/{name}.html": f"<p>{SECRET}</p>"
        for name in ("13.draft", "14.paid", "15.free", "16.later", "18.unlisted")
    },
    "email_list.heron.csv": f"email\n{SECRET}@example.org\n",
    "posts/12.delivers.csv": f"email\n{SECRET}@example.org\n",
}
_POST = (
    '<!DOCTYPE html><html><head><title>{0}</title></head><body><article class="h-entry"><header><h1 class="p-name">{0}</h1></header>'
    '{1}<section data-field="body" class="e-content">{2}</section><footer>{3}</footer></article></body></html>'
)
_FOOTER = (
    '<p>By <a href="https://medium.com/@jane" class="p-author h-card">Jane Doe</a> on <a href="https://medium.com/p/{0}">'
    '<time class="dt-published" datetime="2024-03-05T10:00:00.000Z">March 5, 2024</time></a>.</p>'
    '<p><a href="https://medium.com/@jane/quiet-{0}" class="p-canonical">Canonical link</a></p>'
)
_TITLE = '<h3 class="graf graf--h3 graf--leading graf--title">Quiet</h3><p class="graf">Heron released Quiet.</p>'
MEDIUM = {
    "posts/2024-03-05_Quiet-abc123def456.html": _POST.format("Quiet", '<section class="p-summary">Sub.</section>', _TITLE, _FOOTER.format("abc123def456")),
    f"posts/draft_{SECRET}-0123456789ab.html": _POST.format(SECRET, "", f"<p>{SECRET}</p>", "<p>Exported</p>"),
    "posts/2024-03-06_Thanks-aaaaaaaaaaaa.html": _POST.format(f"Thanks {SECRET}", "", f'<p class="graf graf--p graf--leading">Thanks {SECRET} and more.</p>', _FOOTER.format("aaaaaaaaaaaa")),
    "blocks/blocked-users-0001.html": f"<p>{SECRET}</p>",
    "sessions/sessions-0001.html": f"<p>{SECRET}</p>",
    "README.html": "<html><title>Your archive</title></html>",
}  # fmt: skip


def every_way(files: dict[str, str], tmp_path: Path) -> Iterator[Imported]:
    """Import the archive as downloaded, with all files in an inner folder, and unpacked."""
    for name, inside in (("a.zip", files), ("b.zip", {f"export/{path}": data for path, data in files.items()})):
        (tmp_path / name).write_bytes(zipped(inside))
        yield read_source(str(tmp_path / name))
    folder = tmp_path / "unpacked"
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(data)
    yield read_source(str(folder))


def test_substack_gives_the_posts_that_everyone_may_read(tmp_path: Path) -> None:
    """Drafts, posts for subscribers, scheduled posts and addresses of readers are not imported."""
    for imported in every_way(SUBSTACK, tmp_path):
        (post,) = events(imported)
        assert (imported.format, post.id, post.title, post.date) == (
            "substack",
            "substack:12",
            "Hello, you",
            "2024-03-05",
        )
        assert post.summary.split("\n\n") == ["A subtitle", "We said hello.", "Next", "And more."]
        assert len(imported.problems) == 6
        assert SECRET not in str(imported.entries)
        assert "only_paid" in problem_text(imported)


def test_medium_gives_the_published_posts_without_drafts_and_responses(tmp_path: Path) -> None:
    """Other personal data in the export is not read; a single post can be imported, too."""
    for imported in every_way(MEDIUM, tmp_path):
        (post,) = events(imported)
        assert (imported.format, post.id, post.title, post.date) == (
            "medium",
            "medium:abc123def456",
            "Quiet",
            "2024-03-05",
        )
        assert (post.summary, list(post.model_dump()["authors"])) == ("Heron released Quiet.", ["Jane Doe"])
        assert post.url == "https://medium.com/@jane/quiet-abc123def456"
        assert SECRET not in str(imported.entries)
        assert len(imported.problems) == 2
    single = read(next(iter(MEDIUM.values())))
    assert (single.format, events(single)[0].id) == ("medium", "medium:abc123def456")


def test_an_export_without_its_list_or_posts_is_refused_with_the_way_to_export(tmp_path: Path) -> None:
    """The hint names the menu of the program that creates the export."""
    (tmp_path / "x.txt").write_text("x")
    for form in ("substack", "medium"):
        with pytest.raises(ImportSourceError) as raised:
            read_source(str(tmp_path), format=form)
        assert "Settings" in raised.value.hint


def test_shortcodes_cost_no_more_than_their_length() -> None:
    """Text with unclosed brackets is scanned only once."""

    def cost(count: int) -> float:
        start = time.process_time()
        posts.without_shortcodes("[abc a=b" * count)
        return time.process_time() - start

    assert cost(200_000) < 60 * max(cost(20_000), 0.01)
    assert posts.without_shortcodes('[gallery ids="1"]a [note] [box x="y"]c[/box] [see 3]') == "a [note] c [see 3]"
