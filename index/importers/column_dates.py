"""Work out how a column writes its dates, where a single value could be read in several ways.

Spreadsheets write `1/31/24`, `31.01.24`, `31-Jan-24`, `Jan-24` or a number of days such as `45292`. The day and the
year are only assigned if the values of the column together allow a single reading.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from .months import MONTHS, bare

Order = Literal["dmy", "mdy"]
ShortOrder = Literal["dmy", "mdy", "ymd"]

_CLOCK = r"(?:[ T,]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[ap]\.?m\.?)?)?"
_NUMBERS = re.compile(rf"(?P<a>\d{{1,2}})(?P<sep>[-/.])(?P<b>\d{{1,2}})(?P=sep)(?P<c>\d{{1,2}}){_CLOCK}", re.IGNORECASE)
_WORDS = re.compile(
    rf"(?P<a>\d{{1,2}})[-/. ]+(?P<month>[^\W\d_]{{3,12}})\.?[-/., ]+['\u2019]?(?P<c>\d{{1,2}}){_CLOCK}", re.IGNORECASE
)
_MONTH_FIRST = re.compile(r"(?P<month>[^\W\d_]{3,12})\.?[-/. ]*(?P<mark>['\u2019]?)(?P<n>\d{2})", re.IGNORECASE)
_MONTH_LAST = re.compile(r"(?P<n>\d{2})[-/. ]*(?P<month>[^\W\d_]{3,12})\.?", re.IGNORECASE)
_YEAR_LAST = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}\b")
_SERIAL = re.compile(r"(?P<days>\d{5})(?:\.\d+)?")
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 60_000  # from 1954 to 2064, as days since 1899-12-30
_DAY_ZERO = date(1899, 12, 30)
_ENOUGH = 4
"""Minimum number of values before repeated numbers beside months are taken as years."""


@dataclass(frozen=True, slots=True)
class Habits:
    """The date notation of one column, derived from all of its values."""

    numbers: Order | None = None
    """The order of day and month before a four-digit year; None if unknown."""
    short: ShortOrder | None = None
    """The order of the three numbers in values such as `1/2/24`; None if unknown."""
    words: ShortOrder | None = None
    """The order in values such as `1-Feb-24`; None if unknown."""
    year_sure: bool = False
    """Whether the last of three numbers is known to be the year, even if the order of day and month is unknown."""
    month_first: bool = False
    """Whether `Jan-24` means January 2024, not 24 January."""
    month_last: bool = False
    """Whether `24-Jan` means January 2024, not 24 January."""

    def read(self, text: str) -> str | None:
        """Parse a value whose meaning depends on the notation of its column; None if it is not such a value.

        The result is `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, as precise as is certain.
        """
        if match := _SERIAL.fullmatch(text):
            days = int(match["days"])
            inside = _FIRST_SERIAL <= days <= _LAST_SERIAL
            return (_DAY_ZERO + timedelta(days=days)).isoformat() if inside else None
        if match := _NUMBERS.fullmatch(text):
            if self.short is not None:
                return _by_numbers(match, self.short)
            return f"{_year(match['c'])}" if self.year_sure and len(match["c"]) == 2 else None
        if (match := _WORDS.fullmatch(text)) and self.words is not None:
            return _by_words(match, self.words)
        if (match := _MONTH_FIRST.fullmatch(text)) and (self.month_first or match["mark"]):
            return _month(match)
        if (match := _MONTH_LAST.fullmatch(text)) and self.month_last:
            return _month(match)
        return None


def habits_of(values: Iterable[str], numbers: Order | None = None) -> Habits:
    """Derive the date notation of a column from its values.

    Args:
        values: The values of the column.
        numbers: The order of day and month before four-digit years, if it is already known.
    """
    texts = [" ".join(str(value).split())[:60] for value in values if value]
    triples = [match for value in texts if (match := _NUMBERS.fullmatch(value))]
    orders: set[ShortOrder] = (
        {"dmy", "mdy"} if any(_YEAR_LAST.match(value) for value in texts) else {"dmy", "mdy", "ymd"}
    )
    possible = _possible(triples, orders)
    short = next(iter(possible)) if len(possible) == 1 else None
    if short is None and numbers is not None and numbers in possible:
        short = numbers
    if numbers is None and short is not None and short != "ymd":
        numbers = short
    words = [match for value in texts if (match := _WORDS.fullmatch(value)) and _is_month(match)]
    in_words: set[ShortOrder] = {"dmy", "ymd"}
    for match in words:
        in_words = {order for order in in_words if _plausible(_by_words(match, order), match, order)}
    return Habits(
        numbers=numbers,
        short=short,
        words=in_words.pop() if words and len(in_words) == 1 else None,
        year_sure=bool(triples) and possible == {"dmy", "mdy"},
        month_first=_are_years([m for value in texts if (m := _MONTH_FIRST.fullmatch(value)) and _is_month(m)]),
        month_last=_are_years([m for value in texts if (m := _MONTH_LAST.fullmatch(value)) and _is_month(m)]),
    )


def _possible(matches: list[re.Match[str]], orders: set[ShortOrder]) -> set[ShortOrder]:
    """Return the orders in which every value is a valid date, preferring orders without dates far in the future."""
    valid = {order for order in orders if matches and all(_by_numbers(match, order) for match in matches)}
    near = {order for order in valid if all(_plausible(_by_numbers(match, order), match, order) for match in matches)}
    return near or valid


def _plausible(read: str | None, match: re.Match[str], order: ShortOrder) -> bool:
    written = match["a"] if order == "ymd" else match["c"]
    return read is not None and len(written) == 2 and not _far_off(int(written))


def _far_off(year: int) -> bool:
    """Whether a two-digit year is improbable in a source: after next year, but not later than 2049."""
    return datetime.now(UTC).year % 100 + 1 < year < 50


def _by_numbers(match: re.Match[str], order: ShortOrder) -> str | None:
    parts = dict(zip(order, (match["a"], match["b"], match["c"]), strict=True))
    return _day(parts["y"], int(parts["m"]), int(parts["d"]))


def _by_words(match: re.Match[str], order: ShortOrder) -> str | None:
    month = MONTHS.get(bare(match["month"]))
    year, day = (match["a"], match["c"]) if order == "ymd" else (match["c"], match["a"])
    return _day(year, month, int(day)) if month else None


def _day(year: str, month: int, day: int) -> str | None:
    try:
        return date(_year(year), month, day).isoformat() if len(year) == 2 else None
    except ValueError:
        return None


def _year(written: str) -> int:
    """Expand a two-digit year as RFC 2822 (section 4.3) does: below 50 is 20xx, otherwise 19xx."""
    return int(written) + (2000 if int(written) < 50 else 1900)


def _is_month(match: re.Match[str]) -> bool:
    return bare(match["month"]) in MONTHS


def _month(match: re.Match[str]) -> str | None:
    month = MONTHS.get(bare(match["month"]))
    return f"{_year(match['n'])}-{month:02}" if month else None


def _are_years(matches: list[re.Match[str]]) -> bool:
    """Whether the numbers beside month names are years rather than days.

    This is the case if a number cannot be a day, or if a few numbers repeat with several different months.
    """
    numbers = [int(match["n"]) for match in matches]
    if any(number > 31 or number == 0 for number in numbers):
        return True
    months = {bare(match["month"]) for match in matches}
    repeated = len(numbers) >= _ENOUGH and len(set(numbers)) * 2 <= len(numbers) and len(months) > 2
    return repeated and not any(_far_off(number) for number in numbers)
