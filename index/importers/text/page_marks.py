"""Recognise the parts of an almanac page around titles and summaries: headings, source lines and interface texts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

RELATED = re.compile(r"Related (?P<what>guides|events)\s*+:?\s*+(?:\(?\s*+(?P<count>\d{1,4})\s*+\)?)?", re.IGNORECASE)
BACK = re.compile(r"[←\u2039«]\s*\S.{0,60}")

_DOT = r"\s*[·•∙⋅・]\s*"
_MARK = r"source\W*"
_AGE = (
    r"just now|today|yesterday|last (?:week|month|year)|(?:\d{1,3}|an?)\s?"
    r"(?:s|m|h|d|w|mo|y|sec|min|hr|yr|second|minute|hour|day|week|month|year)s?\.? ago"
)
# The number may be joined to the name ("79to5Mac": 9to5Mac, importance 7), but no name begins with "0".
_META = re.compile(
    rf"(?:(?P<importance>10|[1-9](?!0))\s?)?(?:{_DOT})?(?P<source>[^·•∙⋅・]{{0,80}}?){_DOT}"
    rf"(?:(?P<age>{_AGE})(?:{_DOT}{_MARK})?|(?P<other_age>[^·•∙⋅・]{{1,30}}?){_DOT}{_MARK})",
    re.IGNORECASE,
)
_ENDS_IN_MARK = re.compile(rf"{_MARK}$", re.IGNORECASE)
_NUMBER = re.compile(r"10|[1-9]")
_LONGEST_SPREAD = 7  # number, source, dot, age, dot, "source", arrow: each may be a line of its own in a saved page
_CHROME = re.compile(
    r"[←\u2039«→↑©].{0,80}|source\s*[↗→]\W?|(?:copyright|all rights reserved)\b.{0,80}"
    r"|(?:read more|show more|load more|view all|see all|back to top|share|copy link|save|subscribe)\s*[→↗\u203a»]?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page. `gap` says whether a blank line precedes it."""

    number: int
    text: str
    gap: bool = False
    heading: bool = False
    links: tuple[tuple[str, str], ...] = ()
    """URL and text of each http or https link, in order."""


@dataclass(frozen=True, slots=True)
class Meta:
    """A source line, such as `7Anthropic News·20d ago·source ↗`."""

    source: str | None
    importance: int | None
    age: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """A line that may be a title or a text. If a source line precedes it, it is a title."""

    line: Line
    meta: Meta | None = None

    @property
    def marked(self) -> bool:
        """Whether a source line or heading markup shows that the line is a title."""
        return self.meta is not None or self.line.heading


def parts(lines: Sequence[Line]) -> tuple[list[Part], list[Line]]:
    """Return the lines that may be titles or texts, each with its source line, and source lines without a title."""
    titled: list[Part] = []
    alone: list[Line] = []
    meta: tuple[Meta, Line] | None = None
    place = 0
    while place < len(lines):
        line = lines[place]
        spread = _spread(lines[place : place + _LONGEST_SPREAD])
        if spread:
            alone += [meta[1]] if meta else []
            joined, length = spread
            meta = (joined, line)
            place += length
            continue
        place += 1
        if _CHROME.fullmatch(line.text):
            continue
        titled.append(Part(replace(line, gap=line.gap or meta[1].gap), meta[0]) if meta else Part(line))
        meta = None
    return titled, [*alone, meta[1]] if meta else alone


def is_meta(lines: Sequence[Line]) -> bool:
    """Whether a source line begins at the first of these lines."""
    return _spread(lines[:_LONGEST_SPREAD]) is not None


def _spread(lines: Sequence[Line]) -> tuple[Meta, int] | None:
    """Return the source line that begins here and its number of lines; None if there is none.

    Only a source line that begins with a bare number may span several lines.
    """
    longest = len(lines) if _NUMBER.fullmatch(lines[0].text) else 1
    # Longest first: number, source and age already form a source line, but its link text may follow.
    for length in range(longest, 0, -1):
        text = " ".join(line.text for line in lines[:length])
        match = _META.fullmatch(text) if len(text) <= 160 else None
        if match and (match["importance"] or _ENDS_IN_MARK.search(text)):
            links = [link for line in lines[:length] for link in line.links]
            url = next((address for address, words in links if "source" in words.lower()), None)
            importance = int(match["importance"]) if match["importance"] else None
            return Meta(match["source"].strip() or None, importance, match["age"] or match["other_age"], url), length
    return None
