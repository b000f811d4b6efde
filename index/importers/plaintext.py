"""Markup as plain text: what a reader would see, paragraphs parted by blank lines, and where the headings are."""

import html
import re
from dataclasses import dataclass

import nh3

from .markup import tame

LARGEST = 2 * 2**20
"""Characters of one field's markup; more than a book's chapter is cut there."""
_MARKUP = re.compile(r"<[a-zA-Z/!?][^<>]*>|&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")
_CUT = re.compile(r"(?<!\s)\s*+(?:\[?(?:…|\.\.\.)\]?|(?:read more|continue reading)\b.{0,60})\s*+$", re.IGNORECASE)
_SPACES = re.compile(r"[^\S\n]+")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u00ad\u200b\u2060\ufeff\ud800-\udfff\ufffe\uffff]")
_INLINE = set("a b strong i em code span sub sup".split())
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_BLOCKS = set(
    "address article aside blockquote body br caption dd details div dl dt figcaption figure hr li main ol p pre"
    " section summary table tbody td tfoot th thead tr ul".split()
)
_PIECE = re.compile(r"(<[^>]*>)")
_DROPPED = {"script", "style", "template", "noscript", "iframe", "svg", "math", "select", "textarea", "title", "object"}


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text under one heading; the first may have none."""

    heading: str
    text: str


def blocks(markup: str) -> list[Block]:
    """HTML cut at its headings; scripts, styles and forms are gone, entities are characters."""
    safe = nh3.clean(
        tame(markup[:LARGEST]),
        tags=_INLINE | _BLOCKS | _HEADINGS,
        clean_content_tags=_DROPPED,
        attributes={},
        strip_comments=True,
        link_rel=None,
    )
    found: list[tuple[str, list[str]]] = [("", [])]
    words: list[str] = []
    heading = False

    def close() -> None:
        text = " ".join(_UNSEEN.sub("", html.unescape("".join(words))).split())
        words.clear()
        if text and heading:
            found.append((text, []))
        elif text:
            found[-1][1].append(text)

    # What nh3 gives back is well formed and has no attributes, so that a tag is what stands in angle brackets.
    for piece in _PIECE.split(safe):
        name = piece.strip("</>") if piece.startswith("<") else None
        if name is None:
            words.append(piece)
        elif name not in _INLINE:
            close()
            heading = name in _HEADINGS and not piece.startswith("</")
    close()
    return [Block(title, "\n\n".join(texts)) for title, texts in found if title or texts]


def of_html(markup: str) -> str:
    """HTML as paragraphs; headings are paragraphs of their own."""
    if not _MARKUP.search(markup):
        return tidy(markup)
    return "\n\n".join(part for block in blocks(markup) for part in (block.heading, block.text) if part)


def of_plain(text: str) -> str:
    """Text that is none of HTML, in which entities may have been escaped once too often."""
    return tidy(html.unescape(text))


def tidy(text: str) -> str:
    """Text with single spaces, paragraphs parted by one blank line, and nothing that no reader can see."""
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    paragraphs = (_SPACES.sub(" ", " ".join(part.split())) for part in re.split(r"\n\s*\n", text))
    return "\n\n".join(part for part in paragraphs if part)


def one_line(text: str) -> str:
    """A title: HTML taken off, everything on one line."""
    return " ".join(of_html(text).split())


def both(short: str, long: str) -> str:
    """A summary and a full text as one: the full text alone where it begins with the summary or holds it."""
    if not short or not long:
        return short or long
    said = " ".join(_CUT.sub("", short).split())
    return long if said in " ".join(long.split()) else short if long in short else f"{short}\n\n{long}"


def first_words(text: str, *, most: int = 12) -> str:
    """The beginning of a text, to stand for a title that is missing."""
    words = text.split()
    title = " ".join(words[:most])[:120].rstrip()
    return title if len(title) == len(" ".join(words)) else f"{title} …"
