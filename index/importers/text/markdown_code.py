"""Find code in Markdown: fenced blocks, spans between backticks, and the HTML elements `pre` and `code`.

The time is linear in the length of the text, even with many openings that are never closed.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from .spans import ClosingSigns

_OPENING = re.compile(
    r"^(?P<indent>[ \t>]*+)(?P<fence>`{3,}+|~{3,}+)[^\n]*+\n"
    r"|(?<![`\\])(?P<ticks>`++)"
    r"|<(?P<tag>pre|code)\b[^<>]*+>",
    re.MULTILINE,
)
_FENCE = re.compile(r"^[ \t>]*+(?P<fence>`{3,}+|~{3,}+)[`~]*+[ \t]*+$", re.MULTILINE)
_TICKS = re.compile(r"`++")
_BLANK_LINE = re.compile(r"\n(?=[ \t]*+\n)")
_MAX_TICKS = 8
_MAX_SPAN = 1_000
"""Maximum length of a code span between backticks, in characters."""


@dataclass(frozen=True, slots=True)
class Code:
    """A piece of code: its first position, the position after its end, and the indentation of a fenced block."""

    start: int
    end: int
    indent: str = ""


def code_in(text: str) -> Iterator[Code]:
    """Yield the pieces of code in a Markdown text, in order and without overlap."""
    places = _Places(text)
    at = 0
    while match := _OPENING.search(text, at):
        if match["fence"]:
            end = places.fence_end(match["fence"], match.end())
        elif match["ticks"]:
            end = places.ticks_end(len(match["ticks"]), match.end())
        else:
            end = places.tag_end(match["tag"], match.end())
        if end < 0:
            # The attributes of an unclosed tag may contain backticks.
            at = match.end() if match["ticks"] else match.start() + 1
            continue
        yield Code(match.start(), end, match["indent"] or "")
        at = end


class _Places:
    """The positions where code may end. Each list is built when it is first needed."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._runs: dict[int, list[int]] | None = None
        self._blank: list[int] = []
        self._signs = ClosingSigns(text)

    def fence_end(self, fence: str, start: int) -> int:
        """Return the end of the line that closes a fence. A block that is never closed ends with the text."""
        for line in _FENCE.finditer(self._text, start):
            if line["fence"].startswith(fence):
                return line.end()
        return len(self._text)

    def ticks_end(self, count: int, start: int) -> int:
        """Return the end of the next run of `count` backticks; -1 if it is too far away or a blank line comes first."""
        if self._runs is None:
            self._runs = {}
            for run in _TICKS.finditer(self._text):
                self._runs.setdefault(len(run[0]), []).append(run.start())
            self._blank = [line.start() for line in _BLANK_LINE.finditer(self._text)]
        places = self._runs.get(count, [])
        number = bisect_left(places, start + 1)
        if count > _MAX_TICKS or number == len(places) or places[number] - start > _MAX_SPAN:
            return -1
        blank = bisect_left(self._blank, start)
        if blank < len(self._blank) and self._blank[blank] < places[number]:
            return -1
        return places[number] + count

    def tag_end(self, tag: str, start: int) -> int:
        """Return the end of the closing tag; -1 if there is none."""
        closing = f"</{tag}>"
        place = self._signs.find(closing, start)
        return place + len(closing) if place >= 0 else -1
