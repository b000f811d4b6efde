"""Parse dates as people write them, no more precisely than the text allows.

If a text can be read as two different dates, only the part that both share is kept: `03/04/2023` becomes 2023. A text
without a definite year (`c. 2019`, `3 days ago`, `05/06/07`) is not parsed as a date.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from .column_dates import Habits, Order, habits_of
from .months import MONTHS, bare

__all__ = ["LONGEST", "Habits", "Order", "habits_of", "in_column", "order_of", "parse", "span_of"]

LONGEST = 120
"""Maximum number of characters in a date; longer texts are not parsed."""

_YEAR = r"(?P<y>[12]\d{3})"
_ZONE = (
    r"(?:\s*(?:z|[+-]\s?\d{1,2}:?\d{0,2}|[a-z]{2,5}(?:\s?[+-]\d{1,2}:?\d{0,2})?|[a-z]+(?:/[a-z_]+){1,2}"
    r"|\([^()]{1,40}\)|\[[^\[\]]{1,40}\])){0,3}"
)
_CLOCK = r"\d{1,2}(?:[:.h]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?|(?=\s*[ap]\.?m|z))\s*(?:uhr|[ap]\.?m\.?)?"
_TIME = rf"(?:(?:T|,?\s|,)\s*(?:at\s+)?{_CLOCK}{_ZONE}|z|\s?\([^()]{{1,20}}\)|\s?[+-]\d{{2}}:?\d{{2}})?"
_WEEKDAY = r"(?:[^\W\d_]{2,10}\.?(?:-feira)?[,\s]\s*)?"
_ISO = re.compile(rf"{_YEAR}[-/.](?P<m>\d{{1,2}})(?:[-/.](?P<d>\d{{1,2}}))?{_TIME}", re.IGNORECASE)
_COMPACT = re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:T?\d{4,6}z?)?", re.IGNORECASE)
_ONLY_YEAR = re.compile(_YEAR)
_CJK = re.compile(r"(?P<y>[12]\d{3})\s*[年년]\s*(?:(?P<m>\d{1,2})\s*[月월]\s*(?:(?P<d>\d{1,2})\s*[日일])?)?.{0,20}")
_NUMBERS = re.compile(rf"{_WEEKDAY}(?P<a>\d{{1,2}})\s?[-/.]\s?(?P<b>\d{{1,2}})\s?[-/.]\s?{_YEAR}{_TIME}", re.IGNORECASE)
_MONTH_YEAR = re.compile(rf"(?P<m>\d{{1,2}})[-/.]{_YEAR}")
_WORD = r"(?P<month>[^\W\d_]{3,12})\.?"
_ORDINAL = r"(?:st|nd|rd|th|er|\.|º|ª)?"
_DAY_FIRST = re.compile(
    rf"{_WEEKDAY}(?:the\s+)?(?P<d>\d{{1,2}}){_ORDINAL}[-\s/]*(?:of\s+|de\s+)?{_WORD}[-\s,/]*(?:of\s+|de\s+|del\s+)?{_YEAR}{_TIME}",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(rf"{_WEEKDAY}{_WORD}[-\s]*(?P<d>\d{{1,2}}){_ORDINAL}[-,\s]+{_YEAR}{_TIME}", re.IGNORECASE)
_YEAR_FIRST = re.compile(rf"{_YEAR}[-,\s/]+{_WORD}(?:[-\s/]+(?P<d>\d{{1,2}}){_ORDINAL}{_TIME})?", re.IGNORECASE)
_MONTH_ONLY = re.compile(rf"{_WORD}[-\s,/]*(?:of\s+|de\s+|del\s+)?{_YEAR}", re.IGNORECASE)
_UNIX_STYLE = re.compile(
    rf"[a-z]{{3}}\s+{_WORD}\s+(?P<d>\d{{1,2}})\s+\d{{1,2}}:\d{{2}}:\d{{2}}\s+(?:[a-z]{{2,5}}\s+)?(?:[+-]\d{{4}}\s+)?{_YEAR}",
    re.IGNORECASE,
)
# A two-digit year is only accepted in a full RFC 822 date, which has a fixed order.
_SHORT_YEAR = re.compile(
    rf"(?P<weekday>[a-z]{{3,9}}),?\s+(?P<d>\d{{1,2}})[\s-]{_WORD}[\s-](?P<yy>\d{{2}})(?:\s+\d{{1,2}}:\d{{2}}.{{0,30}})?",
    re.IGNORECASE,
)
_PART_OF_YEAR = re.compile(
    r"(?:(?:early|mid|late|spring|summer|autumn|fall|winter|frühjahr|frühling|sommer|herbst|beginning of|end of|(?:first|second) half of"
    rf"|(?:(?:first|second|third|fourth|[1-4](?:st|nd|rd|th)?)\s+quarter(?:\s+of)?)|[qh][1-4])[-\s,/]*(?:of\s+|in\s+)?{_YEAR}"
    rf"|(?P<y2>[12]\d{{3}})[-\s,/]*(?:[qh][1-4]|spring|summer|autumn|fall|winter))",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:first\s+)?(?:published|posted|updated|last\s+(?:updated|modified)|released|date|created|issued)(?:\s+on)?\s*[:\s]\s*",
    re.IGNORECASE,
)
_DAYS = r"(?P<d>\d{1,2})\s*[-–—/]\s*\d{1,2}"
_RANGES = (
    re.compile(rf"{_WORD}\s+{_DAYS},?\s+{_YEAR}", re.IGNORECASE),
    re.compile(rf"{_DAYS}\.?\s+{_WORD},?\s+{_YEAR}", re.IGNORECASE),
)
_MONTHS_APART = re.compile(
    rf"(?:\d{{1,2}}\.?\s+)?{_WORD}(?:\s+\d{{1,2}})?\s*(?:[-–—/]|to)\s*(?:\d{{1,2}}\.?\s+)?(?P<other>[^\W\d_]{{3,12}})\.?(?:\s+\d{{1,2}})?,?\s+{_YEAR}",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\s+(?:-|–|—|to|until|/)\s+|\s*(?:–|—|--)\s*|(?<=\d{2})/(?=[12]\d{3}-)|(?<=^[12]\d{3})/(?=[12]\d{3}$)"
)
_STAMP = re.compile(r"\d{10}(?:\.\d+)?|\d{13}")
_EARLIEST_STAMP = 946_684_800  # the year 2000; smaller numbers are probably not timestamps


def parse(value: object, *, order: Order | Habits | None = None) -> str | None:
    """Parse a date into `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, as precise as is certain; None if the year is uncertain.

    Args:
        value: The date as text, a number or a date object.
        order: The order of day and month in dates such as `03/04/2023`, if it is known for the source. Use the `Habits`
            returned by `in_column` to apply everything known about the column.
    """
    habits = order if isinstance(order, Habits) else None
    if isinstance(value, datetime | date):
        return _exact(value.year, value.month, value.day)
    if isinstance(value, float) and habits is not None and value < 100_000:
        value = int(value)
    elif isinstance(value, float):
        value = int(value) if value.is_integer() or _EARLIEST_STAMP < value < 10**10 else None
    if isinstance(value, bool) or not isinstance(value, str | int) or (isinstance(value, int) and value > 10**13):
        return None
    text = re.sub(r"[\s\u200e\u200f]+", " ", str(value)[: LONGEST + 1]).strip(" ,;.")
    text = text[1:-1].strip() if text[:1] + text[-1:] in {"()", "[]"} else text
    if not text or len(text) > LONGEST:
        return None
    if habits is not None and (parsed := habits.read(text)):
        return parsed
    order = order.numbers if isinstance(order, Habits) else order
    return _parsed(_LABEL.sub("", text, count=1) if _LABEL.match(text) else text, order)


def _parsed(text: str, order: Order | None) -> str | None:
    if _STAMP.fullmatch(text):
        return _of_stamp(float(text[:10]))
    for pattern in (_ISO, _COMPACT, _CJK, _ONLY_YEAR):
        if match := pattern.fullmatch(text):
            groups = match.groupdict()
            return _exact(*(int(groups[name]) if groups.get(name) else None for name in ("y", "m", "d")))
    if match := _PART_OF_YEAR.fullmatch(text):
        return match["y"] or match["y2"]
    if match := _NUMBERS.fullmatch(text):
        return _of_numbers(int(match["a"]), int(match["b"]), int(match["y"]), order)
    if match := _MONTH_YEAR.fullmatch(text):
        return _exact(int(match["y"]), int(match["m"]))
    return _in_words(text) or _short_year(text) or _of_range(text, order)


def _in_words(text: str) -> str | None:
    for pattern in (_UNIX_STYLE, _DAY_FIRST, _MONTH_FIRST, _YEAR_FIRST, _MONTH_ONLY):
        match = pattern.fullmatch(text)
        if match and (month := MONTHS.get(bare(match["month"]))):
            day = match.groupdict().get("d")
            return _exact(int(match["y"]), month, int(day) if day else None)
    return None


def _short_year(text: str) -> str | None:
    match = _SHORT_YEAR.fullmatch(text)
    month = MONTHS.get(bare(match["month"])) if match else None
    if match is None or month is None:
        return None
    short = int(match["yy"])
    return _exact(short + (2000 if short < 50 else 1900), month, int(match["d"]))  # RFC 2822, section 4.3


def _of_numbers(first: int, second: int, year: int, order: Order | None) -> str | None:
    """Combine two numbers and a year; the result includes month and day only if their order is unambiguous."""
    readings = {
        "dmy": _exact(year, second, first, strict=True),
        "mdy": _exact(year, first, second, strict=True),
    }
    if order is not None:
        return readings[order] or _shared(*readings.values()) or str(year)
    possible = {reading for reading in readings.values() if reading}
    return possible.pop() if len(possible) == 1 else str(year) if possible else None


def _of_range(text: str, order: Order | None) -> str | None:
    """Parse a range of dates; return the part that its start and end share."""
    for pattern in _RANGES:
        if (match := pattern.fullmatch(text)) and (month := MONTHS.get(bare(match["month"]))):
            return _exact(int(match["y"]), month)
    if (match := _MONTHS_APART.fullmatch(text)) and {bare(match["month"]), bare(match["other"])} <= MONTHS.keys():
        same = MONTHS[bare(match["month"])] == MONTHS[bare(match["other"])]
        return _exact(int(match["y"]), MONTHS[bare(match["month"])] if same else None)
    ends = [part for part in _BETWEEN.split(text) if part]
    if len(ends) != 2 or any(_BETWEEN.search(part) for part in ends):
        return None
    return _shared(*(_parsed(part.strip(), order) for part in ends))


def span_of(first: object, last: object) -> str | None:
    """Return the part of the date that the first and the last day share; the first day if there is no last day."""
    start, end = parse(first), parse(last)
    return start if last in {None, ""} else _shared(start, end)


def _shared(first: str | None, last: str | None) -> str | None:
    if not first or not last:
        return None
    common = []
    for part, other_part in zip(first.split("-"), last.split("-"), strict=False):
        if part != other_part:
            break
        common.append(part)
    return "-".join(common) or None


def order_of(values: Iterable[str]) -> Order | None:
    """Find the order of day and month in the numeric dates of a column.

    None if no value is unambiguous, or if unambiguous values contradict each other.
    """
    orders: set[Order] = set()
    for value in values:
        match = _NUMBERS.fullmatch(value.strip()[:LONGEST])
        if match:
            first, second = int(match["a"]), int(match["b"])
            if first > 12 >= second:
                orders.add("dmy")
            elif second > 12 >= first:
                orders.add("mdy")
    return orders.pop() if len(orders) == 1 else None


def in_column(values: Iterable[object]) -> Habits:
    """Derive the date notation of a column; pass the result to `parse` as `order`."""
    texts = [str(value).strip()[:LONGEST] for value in values if value not in (None, "")]
    return habits_of(texts, order_of(texts))


def _of_stamp(seconds: float) -> str | None:
    if seconds < _EARLIEST_STAMP:
        return None
    day = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return day.strftime("%Y-%m-%d")


def _exact(year: int | None, month: int | None = None, day: int | None = None, *, strict: bool = False) -> str | None:
    """Format a date as `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.

    A month or a day of zero means "unknown" and is dropped. None if the date is invalid, and also if `strict` is set
    and the month or the day is zero.
    """
    if year is None or not 1000 <= year <= 2999:
        return None
    if not month and not strict:  # databases write a month of 00 if it is unknown
        return f"{year:04}"
    if month is None or not 1 <= month <= 12:
        return None
    if day is None:
        return f"{year:04}-{month:02}"
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return f"{year:04}-{month:02}" if day == 0 and not strict else None
