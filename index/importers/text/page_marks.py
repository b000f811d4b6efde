"""What stands around titles and summaries on an almanac page: headings of lists, source lines, the site's own words."""

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
# The number may touch the name ("79to5Mac" is 9to5Mac at 7), but a name never begins in a zero ("404 Media").
_META = re.compile(
    rf"(?:(?P<importance>10|[1-9](?!0))\s?)?(?:{_DOT})?(?P<source>[^·•∙⋅・]{{0,80}}?){_DOT}"
    rf"(?:(?P<age>{_AGE})(?:{_DOT}{_MARK})?|(?P<other_age>[^·•∙⋅・]{{1,30}}?){_DOT}{_MARK})",
    re.IGNORECASE,
)
_ENDS_IN_MARK = re.compile(rf"{_MARK}$", re.IGNORECASE)
_NUMBER = re.compile(r"10|[1-9]")
_LONGEST_SPREAD = 7  # number, source, dot, age, dot, "source", arrow: each can be a block of its own in a saved page
_CHROME = re.compile(
    r"[←\u2039«→↑©].{0,80}|source\s*[↗→]\W?|(?:copyright|all rights reserved)\b.{0,80}"
    r"|(?:read more|show more|load more|view all|see all|back to top|share|copy link|save|subscribe)\s*[→↗\u203a»]?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: whether a blank one stands before it, whether it was marked as a heading, and its links."""

    number: int
    text: str
    gap: bool = False
    heading: bool = False
    links: tuple[tuple[str, str], ...] = ()
    """Address and words of each link, in order; http and https only."""


@dataclass(frozen=True, slots=True)
class Meta:
    """A source line: `7Anthropic News·20d ago·source ↗`."""

    source: str | None
    importance: int | None
    age: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """A line to be told apart, title or text; with a source line before it, it is a title."""

    line: Line
    meta: Meta | None = None

    @property
    def marked(self) -> bool:
        """Whether something tells that it is a title."""
        return self.meta is not None or self.line.heading


def parts(lines: Sequence[Line]) -> tuple[list[Part], list[Line]]:
    """The lines that may be titles and texts, each with its source line, and the source lines that have no title."""
    found: list[Part] = []
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
        found.append(Part(replace(line, gap=line.gap or meta[1].gap), meta[0]) if meta else Part(line))
        meta = None
    return found, [*alone, meta[1]] if meta else alone


def is_meta(lines: Sequence[Line]) -> bool:
    """Whether a source line begins here."""
    return _spread(lines[:_LONGEST_SPREAD]) is not None


def _spread(lines: Sequence[Line]) -> tuple[Meta, int] | None:
    """The source line that begins here, and over how many lines it is spread: more than one after a bare number."""
    longest = len(lines) if _NUMBER.fullmatch(lines[0].text) else 1
    # The longest first: number, source and age are a source line already, but its link mark may follow.
    for length in range(longest, 0, -1):
        text = " ".join(line.text for line in lines[:length])
        match = _META.fullmatch(text) if len(text) <= 160 else None
        if match and (match["importance"] or _ENDS_IN_MARK.search(text)):
            links = [link for line in lines[:length] for link in line.links]
            url = next((address for address, words in links if "source" in words.lower()), None)
            importance = int(match["importance"]) if match["importance"] else None
            return Meta(match["source"].strip() or None, importance, match["age"] or match["other_age"], url), length
    return None
