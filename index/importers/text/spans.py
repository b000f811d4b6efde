"""Finds spans between an opening and a closing sign, in time that grows linearly with the text.

A regular expression such as `{%.*?%}` looks for the end of each opening sign from its place, so that a text of many
opening signs without an end takes time that grows with its square. Here the next place of a closing sign is remembered.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class ClosingSigns:
    """The next places of closing signs in one text, each remembered until the search has passed it."""

    text: str
    _next: dict[str, tuple[int, int]] = field(default_factory=dict)

    def find(self, sign: str, start: int) -> int:
        """The first place of `sign` at or after `start`, -1 where there is none."""
        searched_from, place = self._next.get(sign, (start + 1, -1))
        if searched_from <= start and (place < 0 or place >= start):
            return place
        place = self.text.find(sign, start)
        self._next[sign] = (start, place)
        return place

    def end(self, signs: Sequence[str], start: int, *, most: int, least: int = 0) -> tuple[int, int] | None:
        """Where the first of `signs` begins and ends; None where there is none within the limits.

        Args:
            signs: The closing signs that end the span.
            start: The first character after the opening sign.
            most: The maximum number of characters between the signs.
            least: The minimum number of them.
        """
        places = [(place, sign) for sign in signs if (place := self.find(sign, start + least)) >= 0]
        if not places:
            return None
        place, sign = min(places)
        return (place, place + len(sign)) if place - start <= most else None


@dataclass(frozen=True, slots=True)
class Span:
    """A kind of span: an opening sign, the signs that may close it, and how long it may be."""

    opening: str
    closing: tuple[str, ...]
    most: int
    least: int = 0
    barred: tuple[str, ...] = ()
    """Signs that must not stand in the span."""

    def end(self, signs: ClosingSigns, start: int) -> int | None:
        """Where a span that opens at `start` ends; None where it does not end, or none opens there."""
        if not signs.text.startswith(self.opening, start):
            return None
        inside = start + len(self.opening)
        found = signs.end(self.closing, inside, most=self.most, least=self.least)
        if found is None or any(0 <= signs.find(sign, inside) < found[0] for sign in self.barred):
            return None
        return found[1]


def remover(kinds: Sequence[Span]) -> Callable[[str], str]:
    """A function that removes spans of these kinds from a text; where several fit, the first of them counts."""
    openings = re.compile("|".join(re.escape(sign) for sign in sorted({kind.opening for kind in kinds})))

    def without(text: str) -> str:
        if not openings.search(text):
            return text
        signs = ClosingSigns(text)
        parts: list[str] = []
        done = at = 0
        while match := openings.search(text, at):
            at = match.start()
            end = next((end for kind in kinds if (end := kind.end(signs, at))), None)
            if end is None:
                at += 1
                continue
            parts.append(text[done:at])
            done = at = end
        return "".join(parts) + text[done:]

    return without
