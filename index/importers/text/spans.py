"""Find spans between an opening and a closing delimiter, in time linear in the length of the text.

A regular expression such as `{%.*?%}` searches for an end after each opening delimiter. If many of them are never
closed, this takes quadratic time. This module caches the next position of each closing delimiter instead.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class ClosingSigns:
    """Caches the next position of each closing delimiter in a text, until the search has passed it."""

    text: str
    _next: dict[str, tuple[int, int]] = field(default_factory=dict)

    def find(self, sign: str, start: int) -> int:
        """Return the first position of `sign` at or after `start`; -1 if there is none."""
        searched_from, place = self._next.get(sign, (start + 1, -1))
        if searched_from <= start and (place < 0 or place >= start):
            return place
        place = self.text.find(sign, start)
        self._next[sign] = (start, place)
        return place

    def end(self, signs: Sequence[str], start: int, *, most: int, least: int = 0) -> tuple[int, int] | None:
        """Return where the first of `signs` begins and ends; None if there is none within the limits.

        Args:
            signs: The delimiters that may close the span.
            start: The position after the opening delimiter.
            most: The maximum number of characters between the delimiters.
            least: The minimum number of characters between the delimiters.
        """
        places = [(place, sign) for sign in signs if (place := self.find(sign, start + least)) >= 0]
        if not places:
            return None
        place, sign = min(places)
        return (place, place + len(sign)) if place - start <= most else None


@dataclass(frozen=True, slots=True)
class Span:
    """A kind of span: its opening delimiter, the delimiters that may close it, and its maximum and minimum length."""

    opening: str
    closing: tuple[str, ...]
    most: int
    least: int = 0
    barred: tuple[str, ...] = ()
    """Strings that must not occur in the span."""

    def end(self, signs: ClosingSigns, start: int) -> int | None:
        """Return where a span that opens at `start` ends; None if it does not end or none opens there."""
        if not signs.text.startswith(self.opening, start):
            return None
        inside = start + len(self.opening)
        closing = signs.end(self.closing, inside, most=self.most, least=self.least)
        if closing is None or any(0 <= signs.find(sign, inside) < closing[0] for sign in self.barred):
            return None
        return closing[1]


def remover(kinds: Sequence[Span]) -> Callable[[str], str]:
    """Return a function that removes spans of these kinds from a text. If several kinds match, the first one counts."""
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
