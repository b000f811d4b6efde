"""Decide which lines of a page are titles and which are summaries, by minimising a cost.

Each line gets one of four labels: skipped before the first title, title, text under a title, or skipped after the last
text. A label costs little if the line looks like what the label says. Dynamic programming over the lines finds the
labelling with the lowest total cost. The unit of the costs is arbitrary; only their relative size matters.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from .page_marks import Line, Part

_Label = Literal["before", "title", "text", "after"]

UNTRUE_COUNT = 8.0
"""Cost of finding a different number of titles than the page states. It is high, because pages are rarely wrong."""
_UNMARKED = 3.0
_NO_TEXT = 6.0
_CLOSING = r"['\"\u201d\u2019»)\]]*$"
_ENDED = re.compile(rf"[.!?…\u3002\uff01\uff1f]{_CLOSING}")
_FULL_STOP = re.compile(rf"[^.]\.{_CLOSING}")
# Signs of running text: where a wrapped line breaks off, and two sentences on one line.
_CUT = re.compile(
    r"(?:[,;(\u2013\u2014]|\b(?:an?|the|of|to|in|on|and|or|for|with|that|as|by|from|at|is|are|was|were))$"
)
_SENTENCES = re.compile(r"[a-z]{3}\. [A-Z]")


@dataclass(frozen=True, slots=True)
class Item:
    """A title and the text under it. Blank lines separate the paragraphs."""

    title: Part
    text: str


@dataclass(frozen=True, slots=True)
class Outline:
    """The titles with their texts, and the skipped lines."""

    items: tuple[Item, ...]
    before: tuple[Line, ...] = ()
    after: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """A labelling of the lines so far. It links to the labelling without its last line, so common parts are shared."""

    cost: float
    label: _Label | None = None
    earlier: "_Reading | None" = None


def outline(parts: Sequence[Part], *, count: int | None, bare: bool = False) -> Outline:
    """Separate titles from texts.

    `count` is the expected number of titles, or None if unknown. With `bare`, titles without a text cost nothing.
    """
    costs = _Costs(parts, bare=bare)
    most = len(parts) if count is None else min(count + 1, len(parts))
    # The cheapest labelling for each number of titles and last label. The number is capped at `most`.
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
    """The cost of each label at each position."""

    def __init__(self, parts: Sequence[Part], *, bare: bool) -> None:
        self._parts = parts
        self._no_text = 0.0 if bare else _NO_TEXT
        self._some_marked = any(part.marked for part in parts)
        self._some_gaps = any(part.line.gap for part in parts[1:]) and not all(part.line.gap for part in parts[1:])

    def steps(self, last: _Label | None, place: int) -> list[tuple[_Label, float]]:
        """Return the labels that may follow `last`, each with its cost."""
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
        """Return the cost of ending an item before `place`."""
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
    """Whether a text looks like a part of the site's interface, such as a menu item, a label or a name."""
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
    # If some line breaks off inside a sentence, the page is wrapped, so a line that ends a sentence may be wrapped too.
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
    """Join lines to paragraphs separated by blank lines. Wrapped lines are joined by spaces."""
    text = "".join(line.text for line in lines[:1])
    for line, following in pairwise(lines):
        goes_on = _breaks_off(line, following) or (wrapped and not following.gap)
        text += f" {following.text}" if goes_on else f"\n\n{following.text}"
    return text
