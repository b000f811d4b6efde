"""The regular expressions in task files: finds mistakes in them, and searches for them in answers.

Case and accents do not matter: both the pattern and the text are folded. A pattern that could search for hours is a
mistake too. That check is simple and strict; it protects from slips, not from attacks.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.lexical import fold

MAX_OPEN_REPETITIONS = 2
"""Repetitions without a close limit in one pattern. Each one multiplies the time by the length of the text."""
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*+\]|(?P<repetition>[*+]|\{\d*,\d*\}|\{\d+\})[?+]?|.", re.DOTALL)
_CLOSE_LIMIT = re.compile(r"\{(?:\d+|\d*,\d{1,2})\}")


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a pattern, and how to fix it."""

    message: str
    hint: str


def is_in(pattern: str, text: str) -> bool:
    """Whether a text contains a pattern, regardless of case and accents."""
    return re.search(folded(pattern), fold(text)) is not None


def folded(pattern: str) -> str:
    """A pattern for folded texts. If it is not a regular expression, it matches as plain text."""
    if _error(pattern):
        return fold(re.escape(pattern))
    # Classes such as \S and \D keep their case; only letters without a backslash are folded.
    return "".join(part if part.startswith("\\") else fold(part) for part in re.split(r"(\\.)", pattern))


def mistake(pattern: str, *, or_text: bool = False) -> Mistake | None:
    """Find the mistake in a pattern; None if there is none.

    Args:
        pattern: The pattern.
        or_text: Whether it may be plain text instead of a regular expression.
    """
    if not pattern.strip():
        return Mistake("an empty pattern is in every answer", "leave it out")
    if error := _error(pattern):
        if or_text:
            return None
        return Mistake(
            f"{pattern!r} is not a regular expression: {error}",
            r"put a backslash before a sign that stands for itself, such as \( or \+; in JSON, write two backslashes",
        )
    if error := _error(folded(pattern)):
        return Mistake(f"{pattern!r} is not a regular expression in lower case: {error}", "write it in lower case")
    return _slow(pattern)


def _error(pattern: str) -> str | None:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return str(error)
    return None


def _slow(pattern: str) -> Mistake | None:
    repetitions = list(_repetitions(pattern))
    if any(before == ")" for before, _ in repetitions):
        return Mistake(
            f"{pattern!r} repeats a group, and such a search can take hours",
            r"repeat single characters only, such as \w+, and write the group out",
        )
    count = sum(_CLOSE_LIMIT.fullmatch(sign) is None for _, sign in repetitions)
    if count > MAX_OPEN_REPETITIONS:
        return Mistake(
            f"{pattern!r} has {count} repetitions without a limit, at most {MAX_OPEN_REPETITIONS} are allowed: "
            "such a search can take hours",
            "use limits such as .{0,60}, or split it into several patterns",
        )
    return None


def _repetitions(pattern: str) -> Iterator[tuple[str, str]]:
    """Yield each sign of repetition after what it repeats. `?` is not one: it repeats nothing."""
    before = ""
    for token in _TOKEN.finditer(pattern):
        if token["repetition"]:
            yield before, token["repetition"]
        before = token.group()
