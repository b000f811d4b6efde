"""Finds code in Markdown: fenced blocks, spans between backticks, and the HTML elements `pre` and `code`.

Each character is looked at a few times at most, however many openings there are without an end.
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
"""Characters of a code span between backticks."""


@dataclass(frozen=True, slots=True)
class Code:
    """A piece of code: its first character, the one after its last, and the indentation of a fenced block."""

    start: int
    end: int
    indent: str = ""


def code_in(text: str) -> Iterator[Code]:
    """The pieces of code in a Markdown text, in order; they do not overlap."""
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
            # The attributes of a tag without an end may hold backticks.
            at = match.end() if match["ticks"] else match.start() + 1
            continue
        yield Code(match.start(), end, match["indent"] or "")
        at = end


class _Places:
    """Where code may end; each list is made when it is first needed."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._runs: dict[int, list[int]] | None = None
        self._blank: list[int] = []
        self._signs = ClosingSigns(text)

    def fence_end(self, fence: str, start: int) -> int:
        """The end of the first line that closes a fence; a block without one ends with the text."""
        for line in _FENCE.finditer(self._text, start):
            if line["fence"].startswith(fence):
                return line.end()
        return len(self._text)

    def ticks_end(self, count: int, start: int) -> int:
        """The end of the next run of as many backticks, -1 where it is too far away or a blank line comes first."""
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
        """The end of the closing tag, -1 where there is none."""
        closing = f"</{tag}>"
        place = self._signs.find(closing, start)
        return place + len(closing) if place >= 0 else -1
