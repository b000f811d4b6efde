"""Markup as plain text: what a reader would see, paragraphs parted by blank lines, and where the headings are."""

import html
import re
import threading
from dataclasses import dataclass

import nh3

from . import formulas, html_tables, superscripts
from .html_tags import has_html, only_html
from .markup import tame

LARGEST = 2 * 2**20
"""Characters of one field's markup; more than a book's chapter is cut there."""
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
_NAME = re.compile(r"</?([a-z0-9]+)")
_CODE = {"code", "pre"}
_HIDDEN_IN_CODE = str.maketrans({"$": "\ue010", "\\": "\ue011"})
_SHOWN_IN_CODE = str.maketrans({"\ue010": "$", "\ue011": "\\"})
_DROPPED = {"script", "style", "template", "noscript", "iframe", "svg", "math", "select", "textarea", "title", "object"}


class _Cuts(threading.local):
    """Lengths of the texts that were cut, until somebody reports them."""

    def __init__(self) -> None:
        self.lengths: list[int] = []


_cuts = _Cuts()


def reported_cuts() -> list[int]:
    """The lengths of the texts that were cut in this thread since the last call."""
    lengths, _cuts.lengths = _cuts.lengths, []
    return lengths


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text under one heading; the first may have none."""

    heading: str
    text: str


def blocks(markup: str) -> list[Block]:
    """HTML cut at its headings; scripts, styles and forms are gone, entities are characters, a table row is a line."""
    if len(markup) > LARGEST:
        _cuts.lengths.append(len(markup))
    written = _Text()
    pieces = _PIECE.split(_safe(markup[:LARGEST]))
    place = 0
    while place < len(pieces):
        piece = pieces[place]
        table = html_tables.as_lines(pieces, place, _of_safe) if piece.startswith("<table") else None
        if table:
            lines, place = table
            written.add_lines(lines)
        else:
            written.add(piece)
            place += 1
    return written.blocks()


def _safe(markup: str) -> str:
    """Well-formed HTML of few elements, whose only attributes are the spans of table cells."""
    return nh3.clean(
        tame(superscripts.without_marks(formulas.kept(only_html(markup)))),
        tags=_INLINE | _BLOCKS | _HEADINGS,
        clean_content_tags=_DROPPED,
        # Without "*", nh3 keeps `lang` and `title` of every element.
        attributes={"*": set(), "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
        generic_attribute_prefixes=set(),
        strip_comments=True,
        link_rel=None,
    )


def _of_safe(markup: str) -> str:
    """The text of one cell on one line."""
    written = _Text()
    for piece in _PIECE.split(markup):
        written.add(piece)
    return " ".join(part for block in written.blocks() for part in (block.heading, block.text) if part)


class _Text:
    """Text under headings, put together from tags and what stands between them."""

    def __init__(self) -> None:
        self._found: list[tuple[str, list[str]]] = [("", [])]
        self._words: list[str] = []
        self._heading = False
        self._code = 0

    def add(self, piece: str) -> None:
        """A tag, or text with character references."""
        match = _NAME.match(piece)
        if not piece.startswith("<") or match is None:
            text = html.unescape(piece)
            self._words.append(text.translate(_HIDDEN_IN_CODE) if self._code else text)
            return
        name, closing = match[1], piece.startswith("</")
        if name in _CODE:
            self._code = max(self._code + (-1 if closing else 1), 0)
        if name in {"sub", "sup"}:
            self._words.append(superscripts.mark(name, closing=closing))
        elif name not in _INLINE:
            self._close()
            self._heading = name in _HEADINGS and not closing

    def add_lines(self, lines: list[str]) -> None:
        """Lines that are whole already."""
        self._close()
        self._found[-1][1].extend(lines)

    def blocks(self) -> list[Block]:
        """What was added."""
        self._close()
        return [Block(title, "\n\n".join(texts)) for title, texts in self._found if title or texts]

    def _close(self) -> None:
        text = _UNSEEN.sub("", superscripts.written("".join(self._words)))
        text = formulas.rendered(" ".join(text.split())).translate(_SHOWN_IN_CODE)
        self._words.clear()
        if text and self._heading:
            self._found.append((text, []))
        elif text:
            self._found[-1][1].append(text)


def of_html(markup: str) -> str:
    """HTML as paragraphs; headings are paragraphs of their own."""
    if not has_html(markup):
        return tidy(markup)
    return "\n\n".join(part for block in blocks(markup) for part in (block.heading, block.text) if part)


def of_plain(text: str) -> str:
    """Text that is none of HTML, in which entities may have been escaped once too often."""
    return tidy(html.unescape(text))


def tidy(text: str) -> str:
    """Text with single spaces, paragraphs parted by one blank line, formulas on one line, and nothing that no reader can see."""
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    paragraphs = (_SPACES.sub(" ", " ".join(part.split())) for part in re.split(r"\n\s*\n", text))
    return formulas.rendered("\n\n".join(part for part in paragraphs if part))


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
