"""WordPress's export (WXR): each published post or page an event; everything else is left out and reported."""

import re
from xml.etree.ElementTree import Element

from index.errors import ImportSourceError
from index.importers.records import Records
from index.importers.source import Imported, Source
from index.importers.visibility import hidden_reason

from . import posts
from .posts import Post
from .xml_items import all_said, items, local, root_of, said

NAME = "wordpress"
ABOUT = "WordPress's export (WXR): its published posts and pages"
_NAMESPACE = b"wordpress.org/export/"
# What themes and plugins keep for themselves, and no reader of the site ever sees as a page.
_NO_PAGES = re.compile(
    r"attachment|nav_menu_item|revision|custom_css|customize_changeset|oembed_cache|user_request|wp_\w+|acf[-_].*"
    r"|elementor.*|et_.*|wpcf7.*|wpforms.*|nf_sub|feedback|flamingo_.*|shop_.*|mc4wp.*|scheduled-action|jp_.*|jetpack.*"
    r"|vc_.*|fl-.*|ct_.*|bricks_.*|oceanwp_.*|astra-.*|popup.*|.*[-_](?:block|template|form|popup|log|submission|order|entry"
    r"|field|menu|coupon|setting|settings|layout)s?|tablepress_table|reply|comment|spam|tt_font|amp_.*|web-story-.*",
)


def fits(source: Source) -> bool:
    """Whether it is RSS with WordPress's own names of an export."""
    return root_of(source) == "rss" and _NAMESPACE in source.data[:65_536]


def read(source: Source) -> Imported:
    """Every published post and page that says anything.

    Raises:
        ImportSourceError: it holds no item of WordPress, or is too large.
    """
    if source.folder is not None:
        raise ImportSourceError(f"{source.name} is a folder", hint="name the export file: Tools, Export in WordPress")
    records = Records(NAME)
    site, address = "", ""
    names: dict[str, str] = {}
    number = 0
    for element in items(source, records, {"item", "author", "base_blog_url", "base_site_url", "title", "link"}):
        name = local(element)
        text = "".join(element.itertext()).strip()
        if name == "item":
            number += 1
            place = f"{source.name}:item {number}"
            _add(records, place, element, site=site, address=address, names=names)
        elif name == "author":
            login = said(element, "author_login")
            full = f"{said(element, 'author_first_name')} {said(element, 'author_last_name')}".strip()
            names[login] = said(element, "author_display_name") or full or login
        elif name == "title":
            site = site or text
        else:
            address = text if name == "base_blog_url" else address or text
    if not number:
        raise ImportSourceError(f"{source.name} holds no post", hint="in WordPress: Tools, Export, All content")
    return records.imported(whole=False)


def _add(records: Records, place: str, item: Element, *, site: str, address: str, names: dict[str, str]) -> None:
    kind, status, link = said(item, "post_type"), said(item, "status"), said(item, "link")
    title = said(item, "title")
    if reason := _no_page(kind, link):
        records.leave_out(place, "", f"{_quoted(title)}{reason}")
        return
    written = said(item, "post_date")
    day = written if written and not written.startswith("0000") else said(item, "pubDate")
    login = _direct(item, "creator")
    own = posts.host(address) or posts.host(link)
    number = said(item, "post_id") or said(item, "guid") or link
    if status not in {"publish", ""} and not hidden_reason({"status": status}):
        records.leave_out(place, "", f"{_quoted(title)}its status is {status[:40]!r}, not publish")
        return
    post = Post(
        own=f"{own or 'wordpress'}:{number}",
        title=title,
        day=day,
        html=_encoded(item, "content"),
        excerpt=_encoded(item, "excerpt"),
        url=link,
        source=site,
        topics=[
            "".join(child.itertext())
            for child in item
            if local(child) == "category"
            and child.get("domain", "category") in {"category", "post_tag", "tag"}
            and child.get("nicename") != "uncategorized"
        ],
        authors=[names.get(login, login)] if login else [],
        fields={"status": status or "draft", "post_password": said(item, "post_password"), "post_type": kind},
    )
    posts.add(records, place, post)


def _no_page(kind: str, link: str) -> str:
    """Why an item of this type is nothing that readers of the site see, empty where it is."""
    if kind in {"post", "page"}:
        return ""
    if not kind:
        return "it has no wp:post_type"
    if _NO_PAGES.fullmatch(kind):
        return f"it is no post, but of the type {kind}"
    if not link or re.search(rf"[?&](?:post_type|{re.escape(kind)})=", link):
        return f"its type {kind} has no public page of its own"
    return ""


def _quoted(title: str) -> str:
    return f"{' '.join(title.split())[:60]!r}: " if title else ""


def _direct(item: Element, name: str) -> str:
    return next(iter(all_said(item, name)), "")


def _encoded(item: Element, prefix: str) -> str:
    """`content:encoded` or `excerpt:encoded`, which differ in their namespaces alone."""
    for child in item:
        if local(child) == "encoded" and prefix in child.tag:
            return "".join(child.itertext())
    return ""
