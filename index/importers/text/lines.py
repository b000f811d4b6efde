"""Plain text or HTML as the lines of text that a reader of the page sees, from top to bottom."""

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urljoin

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag
from bs4.exceptions import ParserRejectedMarkup
from pydantic import TypeAdapter, ValidationError

from index.errors import ImportSourceError
from index.models import Url

from .markup import tame
from .page_marks import RELATED, Line

_HTML = re.compile(
    r"\s*<(?:!doctype\b|!--|\?xml\b|(?:html|head|body|main|article|section|div|h[1-6]|p)\b)", re.IGNORECASE
)
_TAG = re.compile(r"<[a-z][^<>]*+>", re.IGNORECASE)
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S+)")
# Invisible characters: format characters, and control characters other than white space.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1b\x7f\u00ad\u200b\u2060\ufeff]")
_MARKDOWN = re.compile(r"(?P<heading>#{1,6}\s+)|[-*•]\s+")
_UNREAD = ["script", "style", "template", "noscript", "svg", "head", "iframe", "button", "select", "dialog"]
_FRAME = ["nav", "header", "footer"]
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_OTHER_BLOCKS = (
    "address article aside blockquote body br caption dd details div dl dt fieldset figcaption figure footer form "
    "header hr html legend li main menu nav ol p pre section summary table tbody td tfoot th thead tr ul"
)
_BLOCKS = _HEADINGS | set(_OTHER_BLOCKS.split())
_ADDRESS: TypeAdapter[str | None] = TypeAdapter(Url)


def is_html(name: str, text: str) -> bool:
    """Whether a text is HTML, judging by its beginning, or by its name and at least one tag."""
    return _HTML.match(text) is not None or (name.lower().endswith((".html", ".htm")) and _TAG.search(text) is not None)


def from_text(text: str) -> list[Line]:
    """Return the non-empty lines of a plain text, without the Markdown markers of headings and lists."""
    lines: list[Line] = []
    gap = False
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        seen = _seen(raw)
        mark = _MARKDOWN.match(seen)
        words = seen[mark.end() :] if mark else seen
        if words:
            lines.append(Line(number, words, gap=gap, heading=bool(mark and mark["heading"])))
        gap = not words
    return lines


def _seen(text: str) -> str:
    return " ".join(_UNSEEN.sub("", text).split())


def from_html(markup: str) -> tuple[list[Line], str | None]:
    """Return the lines that a browser would show, without the site's menus, and the page's own URL.

    The URL is None if the page does not state it.

    Raises:
        ImportSourceError: If the markup cannot be parsed.
    """
    try:
        # The XML declaration of an XHTML page would make the parser print a warning on stderr.
        soup = BeautifulSoup(tame(re.sub(r"^\s*<\?xml[^<>]*>", "", markup)), "html.parser")
    except ParserRejectedMarkup as error:
        raise ImportSourceError(f"the HTML cannot be read: {error}", hint="save the page again, or as text") from error
    saved_from = _SAVED_FROM.search(markup)
    addresses = [saved_from[1]] if saved_from else []
    for selector, attribute in (
        ('link[rel~="canonical"]', "href"),
        ('meta[property="og:url"]', "content"),
        ("base", "href"),
    ):
        addresses += [str(tag.get(attribute, "")) for tag in soup.select(selector)]
    own = next((address for address in map(web_address, addresses) if address), None)
    base = next((str(tag.get("href", "")) for tag in soup.find_all("base")), "") or own or ""
    for tag in soup.find_all(_UNREAD):
        tag.extract()
    for tag in soup.find_all(_FRAME):
        if _is_frame(tag):
            tag.extract()
    return list(_walk(soup, base)), own


def web_address(address: str, base: str = "") -> str | None:
    """Return an absolute http or https URL; None if the address is anything else."""
    try:
        return _ADDRESS.validate_python(urljoin(base, address.strip()))
    except (ValidationError, ValueError):
        return None


def _is_frame(tag: Tag) -> bool:
    """Whether an element contains the site's menus. Headers and footers inside an article are part of its content."""
    if tag.find("h1") is not None or any(RELATED.search(_seen(text)) for text in tag.stripped_strings):
        return False
    return tag.name == "nav" or tag.find_parent(["main", "article", "aside", "section", "li"]) is None


def _walk(root: Tag, base: str) -> Iterator[Line]:
    """Yield the text in document order, split at block boundaries.

    It uses its own stack instead of recursion, because elements may nest very deeply.
    """
    words: list[str] = []
    links: dict[str, list[str]] = {}
    line = Line(1, "")
    todo: list[tuple[PageElement | None, str | None, bool]] = [(root, None, False)]
    number = 1
    while todo:
        node, href, heading = todo.pop()
        if isinstance(node, Tag):
            number = node.sourceline or number
            if node.name == "a":
                href = web_address(str(node.get("href", "")), base) if node.get("href") else None
            heading = heading or node.name in _HEADINGS
            edge: list[tuple[PageElement | None, str | None, bool]] = [(None, None, False)]
            inside = [(child, href, heading) for child in reversed(node.contents)]
            todo += edge + inside + edge if node.name in _BLOCKS else inside
        elif type(node) is NavigableString:  # the subclasses are comments, doctypes and the like
            if not words:
                line = Line(number, "")
            line = replace(line, heading=line.heading or (heading and not node.isspace()))
            words.append(node)
            if href and not node.isspace():
                links.setdefault(href, []).append(node)
        elif node is None:
            if text := _seen("".join(words)):
                yield replace(
                    line, text=text, links=tuple((to, _seen("".join(labels))) for to, labels in links.items())
                )
            words, links = [], {}
    if text := _seen("".join(words)):
        yield replace(line, text=text, links=tuple((to, _seen("".join(labels))) for to, labels in links.items()))
