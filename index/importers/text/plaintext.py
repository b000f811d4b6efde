"""Convert markup to the plain text that a reader sees, with paragraphs separated by blank lines, and find headings."""

import html
import re
import threading
from dataclasses import dataclass

import nh3

from . import formulas, html_tables, superscripts
from .html_tags import escape_non_tags, has_html
from .markup import tame

LARGEST = 2 * 2**20
"""Maximum length of one field's markup, in characters. Longer markup is cut."""
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
    """Lengths of the texts that were cut and not yet reported, in characters."""

    def __init__(self) -> None:
        self.lengths: list[int] = []


_cuts = _Cuts()


def reported_cuts() -> list[int]:
    """Return and clear the lengths of the texts that were cut in this thread, in characters."""
    lengths, _cuts.lengths = _cuts.lengths, []
    return lengths


@dataclass(frozen=True, slots=True)
class Block:
    """The text under one heading. The first block may have no heading."""

    heading: str
    text: str


def blocks(markup: str) -> list[Block]:
    """Split HTML at its headings. Scripts, styles and forms are removed; a table row becomes a line."""
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
    """Return well-formed HTML with few elements, whose only attributes are the spans of table cells."""
    return nh3.clean(
        tame(superscripts.without_marks(formulas.kept(escape_non_tags(markup)))),
        tags=_INLINE | _BLOCKS | _HEADINGS,
        clean_content_tags=_DROPPED,
        # Without "*", nh3 keeps the attributes `lang` and `title` of every element.
        attributes={"*": set(), "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
        generic_attribute_prefixes=set(),
        strip_comments=True,
        link_rel=None,
    )


def _of_safe(markup: str) -> str:
    """Return the text of one table cell on one line."""
    written = _Text()
    for piece in _PIECE.split(markup):
        written.add(piece)
    return " ".join(part for block in written.blocks() for part in (block.heading, block.text) if part)


class _Text:
    """Builds blocks of text from tags and the text between them."""

    def __init__(self) -> None:
        self._found: list[tuple[str, list[str]]] = [("", [])]
        self._words: list[str] = []
        self._heading = False
        self._code = 0

    def add(self, piece: str) -> None:
        """Add a tag, or text with character references."""
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
        """Add complete lines."""
        self._close()
        self._found[-1][1].extend(lines)

    def blocks(self) -> list[Block]:
        """Return the blocks added so far."""
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
    """Return HTML as paragraphs of plain text. Each heading is a paragraph."""
    if not has_html(markup):
        return tidy(markup)
    return "\n\n".join(part for block in blocks(markup) for part in (block.heading, block.text) if part)


def of_plain(text: str) -> str:
    """Return text that is not HTML. Its entities are unescaped, because some sources escape them once too often."""
    return tidy(html.unescape(text))


def tidy(text: str) -> str:
    """Normalise spaces and blank lines, write formulas on one line, and remove invisible characters."""
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    paragraphs = (_SPACES.sub(" ", " ".join(part.split())) for part in re.split(r"\n\s*\n", text))
    return formulas.rendered("\n\n".join(part for part in paragraphs if part))


def one_line(text: str) -> str:
    """Return a title as plain text on one line."""
    return " ".join(of_html(text).split())


def both(short: str, long: str) -> str:
    """Join a summary and a full text. If one contains the other, only the longer is returned."""
    if not short or not long:
        return short or long
    uncut = " ".join(_CUT.sub("", short).split())
    return long if uncut in " ".join(long.split()) else short if long in short else f"{short}\n\n{long}"


def first_words(text: str, *, most: int = 12) -> str:
    """Return the first words of a text, as a substitute for a missing title."""
    words = text.split()
    title = " ".join(words[:most])[:120].rstrip()
    return title if len(title) == len(" ".join(words)) else f"{title} …"
