"""Which lines are titles and which are summaries: the cheapest reading of a run of lines.

Every line gets a label: passed over before the first title, title, text under a title, or passed over after the
last text. Each label in its place has a cost, small where the line looks its part; the reading with the least sum
is found by dynamic programming over the lines. Costs are in steps of about one doubt; only their order matters.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from .page_marks import Line, Part

_Label = Literal["before", "title", "text", "after"]

UNTRUE_COUNT = 8.0
"""What it costs to find another number of titles than the page says: it is wrong only where much speaks for it."""
_UNMARKED = 3.0
_NO_TEXT = 6.0
_CLOSING = r"['\"\u201d\u2019»)\]]*$"
_ENDED = re.compile(rf"[.!?…\u3002\uff01\uff1f]{_CLOSING}")
_FULL_STOP = re.compile(rf"[^.]\.{_CLOSING}")
# Where a wrapped line breaks off, and what only running text has.
_CUT = re.compile(
    r"(?:[,;(\u2013\u2014]|\b(?:an?|the|of|to|in|on|and|or|for|with|that|as|by|from|at|is|are|was|were))$"
)
_SENTENCES = re.compile(r"[a-z]{3}\. [A-Z]")


@dataclass(frozen=True, slots=True)
class Item:
    """A title and the text under it, paragraphs parted by blank lines."""

    title: Part
    text: str


@dataclass(frozen=True, slots=True)
class Outline:
    """The titles with their texts, and what was passed over."""

    items: tuple[Item, ...]
    before: tuple[Line, ...] = ()
    after: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """Labels of the lines so far, the last first: a chain, so that readings share what they have in common."""

    cost: float
    label: _Label | None = None
    earlier: "_Reading | None" = None


def outline(parts: Sequence[Part], *, count: int | None, bare: bool = False) -> Outline:
    """Tell titles from texts; `count` is how many titles there should be, `bare` whether they may lack a text."""
    costs = _Costs(parts, bare=bare)
    most = len(parts) if count is None else min(count + 1, len(parts))
    # One cheapest reading for each number of titles (the last stands for "that many or more") and last label.
    best: dict[tuple[int, _Label | None], _Reading] = {(0, None): _Reading(0.0)}
    for place in range(len(parts)):
        reached: dict[tuple[int, _Label | None], _Reading] = {}
        steps = {last: costs.steps(last, place) for last in {last for _, last in best}}
        for (titles, last), reading in best.items():
            for label, cost in steps[last]:
                key = (0 if count is None else min(titles + (label == "title"), most), label)
                total = reading.cost + cost
                if key not in reached or total < reached[key].cost:
                    reached[key] = _Reading(total, label, reading)
        best = reached
    ends = [
        replace(
            reading,
            cost=reading.cost + costs.end(last, len(parts)) + (UNTRUE_COUNT if count not in {None, titles} else 0),
        )
        for (titles, last), reading in best.items()
    ]
    return _outline(parts, min(ends, key=lambda reading: reading.cost))


class _Costs:
    """What each label costs in its place."""

    def __init__(self, parts: Sequence[Part], *, bare: bool) -> None:
        self._parts = parts
        self._no_text = 0.0 if bare else _NO_TEXT
        self._some_marked = any(part.marked for part in parts)
        self._some_gaps = any(part.line.gap for part in parts[1:]) and not all(part.line.gap for part in parts[1:])

    def steps(self, last: _Label | None, place: int) -> list[tuple[_Label, float]]:
        """The labels that may follow, each with its cost."""
        if self._parts[place].meta:
            return [("title", self.end(last, place) + self._title(place))]
        if last in {None, "before"}:
            return [("before", self._passed(place)), ("title", self._title(place))]
        if last == "after":
            return [("after", self._passed(place))]
        close = self.end(last, place)
        text = self._first_text(place) if last == "title" else self._more_text(place)
        return [("title", close + self._title(place)), ("text", text), ("after", close + self._passed(place))]

    def end(self, last: _Label | None, place: int) -> float:
        """The cost of an item that is over before `place`."""
        if last == "title":
            return self._no_text
        if last != "text":
            return 0.0
        before = self._parts[place - 1].line.text
        return 0.0 if _ENDED.search(before) else 5.0 if _few_words(before) else 3.0

    def _title(self, place: int) -> float:
        part, text = self._parts[place], self._parts[place].line.text
        cost = _UNMARKED if self._some_marked and not part.marked else 0.0
        cost += 3.0 if _FULL_STOP.search(text) else 0.0
        cost += 6.0 if len(text) > 200 else 1.0 if len(text) > 120 else 0.0
        cost += 1.5 if text[0].islower() else 0.0
        cost += 2.0 if _CUT.search(text) or _SENTENCES.search(text) else 0.0
        return cost + (2.0 if place and self._some_gaps and not part.line.gap else 0.0)

    def _first_text(self, place: int) -> float:
        part = self._parts[place]
        return (5.0 if part.marked else 0.0) + (2.0 if part.line.text[0].islower() else 0.0)

    def _more_text(self, place: int) -> float:
        part, before = self._parts[place], self._parts[place - 1]
        cost = 5.0 if part.marked else 0.0
        if _ENDED.search(before.line.text):
            return cost + 0.7
        if part.line.gap:
            return cost + 2.7
        return cost + (0.2 if self._some_gaps else 1.7)

    def _passed(self, place: int) -> float:
        return 1.0 if _few_words(self._parts[place].line.text) else 4.0


def _few_words(text: str) -> bool:
    """Whether it looks like a word of the site's own: a menu, a label, a name."""
    return len(text.split()) <= 4 and not _ENDED.search(text)


def _outline(parts: Sequence[Part], last: _Reading) -> Outline:
    labels: list[_Label] = []
    reading: _Reading | None = last
    while reading is not None and reading.label is not None:
        labels.append(reading.label)
        reading = reading.earlier
    labels.reverse()
    titles = [place for place, label in enumerate(labels) if label == "title"]
    texts = [
        [part.line for part, label in zip(parts[start:end], labels[start:end], strict=True) if label == "text"]
        for start, end in zip(titles, [*titles, len(parts)][1:], strict=True)
    ]
    # Only where some line breaks off in the middle of a sentence may one that ends there be wrapped, too.
    some_gaps = any(part.line.gap for part in parts)
    wrapped = some_gaps and any(_breaks_off(*both) for lines in texts for both in pairwise(lines))
    items = tuple(
        Item(parts[place], _joined(lines, wrapped=wrapped)) for place, lines in zip(titles, texts, strict=True)
    )

    def labelled(wanted: _Label) -> tuple[Line, ...]:
        return tuple(part.line for part, label in zip(parts, labels, strict=True) if label == wanted)

    return Outline(items, labelled("before"), labelled("after"))


def _breaks_off(line: Line, following: Line) -> bool:
    return not following.gap and not _ENDED.search(line.text)


def _joined(lines: Sequence[Line], *, wrapped: bool) -> str:
    """Paragraphs parted by a blank line; lines that were only wrapped are put together again."""
    text = "".join(line.text for line in lines[:1])
    for line, following in pairwise(lines):
        goes_on = _breaks_off(line, following) or (wrapped and not following.gap)
        text += f" {following.text}" if goes_on else f"\n\n{following.text}"
    return text
