"""WordPress's export (WXR): each published post or page becomes an event. Other items are skipped and reported."""

import re
from xml.etree.ElementTree import Element

from index.errors import ImportSourceError
from index.importers.records import Records
from index.importers.source import Imported, Source
from index.importers.visibility import hidden_reason

from . import posts
from .posts import Post
from .xml_items import element_text, element_texts, items, local, root_of

NAME = "wordpress"
ABOUT = "WordPress's export (WXR): its published posts and pages"
_NAMESPACE = b"wordpress.org/export/"
# Internal types of themes and plugins, which no reader of the site sees as a page.
_NO_PAGES = re.compile(
    r"attachment|nav_menu_item|revision|custom_css|customize_changeset|oembed_cache|user_request|wp_\w+|acf[-_].*"
    r"|elementor.*|et_.*|wpcf7.*|wpforms.*|nf_sub|feedback|flamingo_.*|shop_.*|mc4wp.*|scheduled-action|jp_.*|jetpack.*"
    r"|vc_.*|fl-.*|ct_.*|bricks_.*|oceanwp_.*|astra-.*|popup.*|.*[-_](?:block|template|form|popup|log|submission|order|entry"
    r"|field|menu|coupon|setting|settings|layout)s?|tablepress_table|reply|comment|spam|tt_font|amp_.*|web-story-.*",
)


def fits(source: Source) -> bool:
    """Whether the source is RSS that uses the namespace of WordPress exports."""
    return root_of(source) == "rss" and _NAMESPACE in source.data[:65_536]


def read(source: Source) -> Imported:
    """Import every published post and page that has a title or a text.

    Raises:
        ImportSourceError: If the source has no WordPress items or is too large.
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
            login = element_text(element, "author_login")
            full = f"{element_text(element, 'author_first_name')} {element_text(element, 'author_last_name')}".strip()
            names[login] = element_text(element, "author_display_name") or full or login
        elif name == "title":
            site = site or text
        else:
            address = text if name == "base_blog_url" else address or text
    if not number:
        raise ImportSourceError(f"{source.name} contains no post", hint="in WordPress: Tools, Export, All content")
    return records.imported(whole=False)


def _add(records: Records, place: str, item: Element, *, site: str, address: str, names: dict[str, str]) -> None:
    kind, status, link = element_text(item, "post_type"), element_text(item, "status"), element_text(item, "link")
    title = element_text(item, "title")
    if reason := _no_page(kind, link):
        records.leave_out(place, "", f"{_quoted(title)}{reason}")
        return
    written = element_text(item, "post_date")
    day = written if written and not written.startswith("0000") else element_text(item, "pubDate")
    login = _direct(item, "creator")
    own = posts.host(address) or posts.host(link)
    number = element_text(item, "post_id") or element_text(item, "guid") or link
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
        fields={"status": status or "draft", "post_password": element_text(item, "post_password"), "post_type": kind},
    )
    posts.add(records, place, post)


def _no_page(kind: str, link: str) -> str:
    """Return the reason why an item of this type is not a public page; empty if it is one."""
    if kind in {"post", "page"}:
        return ""
    if not kind:
        return "it has no wp:post_type"
    if _NO_PAGES.fullmatch(kind):
        return f"it is not a post, but of the type {kind}"
    if not link or re.search(rf"[?&](?:post_type|{re.escape(kind)})=", link):
        return f"its type {kind} has no public page of its own"
    return ""


def _quoted(title: str) -> str:
    return f"{' '.join(title.split())[:60]!r}: " if title else ""


def _direct(item: Element, name: str) -> str:
    return next(iter(element_texts(item, name)), "")


def _encoded(item: Element, prefix: str) -> str:
    """Return `content:encoded` or `excerpt:encoded`. The two elements differ only in their namespaces."""
    for child in item:
        if local(child) == "encoded" and prefix in child.tag:
            return "".join(child.itertext())
    return ""
