"""Dates of catalogue entries: a year, a month or a day as ISO text, compared without inventing precision."""

import calendar
import re
from datetime import date
from functools import lru_cache

_PATTERN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
YEAR = re.compile(r"\b(?:1[89]|20)\d\d\b")
"""A year in a text, from 1800 on."""
MONTHS = tuple("January February March April May June July August September October November December".split())
"""The English names of the months, whatever the locale of this process is."""
MONTH_ABBREVIATIONS = tuple(name[:3] for name in MONTHS)


@lru_cache(maxsize=20_000)  # a catalogue repeats the same few thousand dates
def span(text: str) -> tuple[date, date]:
    """First and last day of `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.

    Raises:
        ValueError: the text has another form, or names a day that does not exist.
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None  # the pattern always matches a year
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if day is None:
        if not 1 <= month <= 12:
            raise ValueError(f"{text!r} names a month that does not exist")
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    return date(year, month, day), date(year, month, day)


def in_words(text: str) -> str:
    """`2022-01-27` as "27 January 2022", `2022-01` as "January 2022", `2022` as it is."""
    span(text)
    year, month, day = (*text.split("-"), "", "")[:3]
    words = [str(int(day))] if day else []
    if month:
        words.append(MONTHS[int(month) - 1])
    return " ".join([*words, year])


def within(text: str | None, since: str | None, until: str | None) -> bool:
    """Whether a date lies wholly between two others, both included; None as a bound means no bound.

    An undated entry (`text` is None) matches only if there are no bounds. A date known only to its year matches
    "in 2023" but not "in May 2023", because it might be another month.
    """
    if since is None and until is None:
        return True
    if text is None:
        return False
    first, last = span(text)
    return (since is None or first >= span(since)[0]) and (until is None or last <= span(until)[1])


def sort_key(text: str | None) -> tuple[int, str]:
    """Sort key for oldest first, undated entries last; a bare year sorts before its months."""
    return (1, "") if text is None else (0, text)
