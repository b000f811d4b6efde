"""Parses the period of time that a question names: "since March", "in mid-2022", "the last six months".

A period is never more exact than the words. "Early", "mid" and "late" are thirds of a year. Seasons are the
meteorological seasons of the northern hemisphere; a winter ends in the next year. A month without a year is the latest
such month that has begun.
"""

import calendar
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from index import dates

from .phrases import NUMBER_WORDS

Anchor = Callable[[str], tuple[str, int] | None]
"""Takes the text after "before" or "since"; returns the date of the thing named there and the length of that name."""
Span = tuple[str, str]


@dataclass(frozen=True, slots=True)
class When:
    """A date restriction: first and last date, and the range of characters in the question that states it."""

    since: str | None
    until: str | None
    start: int
    end: int


_MONTHS = "|".join([*dates.MONTHS, "Sept", *dates.MONTH_ABBREVIATIONS])
_YEAR = r"(?:19[5-9]\d|20\d\d)(?![\d,]*\d)"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_WHOLE = "|".join(dates.MONTHS)
_NUMBERS = NUMBER_WORDS | {"a": 1, "an": 1, "couple": 2, "dozen": 12}
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}
_THIRDS = {"early": 0, "start": 0, "beginning": 0, "mid": 1, "middle": 1, "late": 2, "end": 2}

_POINTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("iso", r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?(?![\d-])"),
        ("day", rf"(?:the\s+)?(?P<d>{_DAY})\s+(?:of\s+)?(?P<m>{_MONTHS})\.?,?\s+(?P<y>{_YEAR})"),
        ("day", rf"(?P<m>{_MONTHS})\.?\s+(?P<d>{_DAY}),?\s+(?P<y>{_YEAR})"),
        ("month", rf"(?:(?:the\s+month\s+of)\s+)?(?P<m>{_MONTHS})\.?,?\s+(?:of\s+)?(?P<y>{_YEAR})"),
        (
            "third",
            rf"(?:the\s+)?(?P<part>early|mid|late|(?:start|beginning|middle|end)(?=\s+of))(?:\s*-\s*|\s+)?(?:of\s+)?(?:the\s+year\s+)?(?P<y>{_YEAR})",
        ),
        ("quarter", rf"Q(?P<q>[1-4])(?:\s+of)?[\s,-]*(?P<y>{_YEAR})"),
        ("quarter", rf"(?P<y>{_YEAR})[\s-]*Q(?P<q>[1-4])\b"),
        ("quarter", rf"the\s+(?P<n>first|second|third|fourth|last)\s+quarter\s+of\s+(?P<y>{_YEAR})"),
        ("half", rf"H(?P<h>[12])(?:\s+of)?[\s,-]*(?P<y>{_YEAR})"),
        ("half", rf"the\s+(?P<n>first|second|last)\s+half\s+of\s+(?P<y>{_YEAR})"),
        ("season", rf"(?:the\s+)?(?P<s>spring|summer|autumn|fall|winter)\s+(?:of\s+)?(?P<y>{_YEAR})"),
        ("decade", r"(?:the\s+)?(?P<y>(?:19|20)\d0)(?:'|’)?s\b"),
        ("year", rf"(?:the\s+(?:calendar\s+)?year\s+)?(?P<y>{_YEAR})(?!-\d)"),
        ("relative", r"(?P<w>last|this|the\s+previous)\s+(?P<u>year|month|week)\b"),
        ("past", r"(?:the\s+)?(?P<w>last|past|previous)\s+(?P<m>" + _WHOLE + r")\b"),
        ("today", r"(?P<w>today|yesterday)\b"),
    )
)
# As one pattern, because at most positions none of them matches.
_ANY_POINT = re.compile("|".join(re.sub(r"\?P<\w+>", "?:", one.pattern) for _, one in _POINTS), re.IGNORECASE)
_ROLLING = re.compile(
    r"\b(?:(?:in|over|during|within|from|of|for)\s+)?(?:the\s+(?:last|past|previous)|(?:last|past))\s+"
    r"(?:(?P<n>\d{1,3}|" + "|".join(_NUMBERS) + r")\s+(?:of\s+)?)?(?P<u>days?|weeks?|months?|years?|decade)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"\b(?P<word>in|during|from|of|since|after|before|until|till|by|throughout|within|on|over|through|"
    r"up\s+(?:to|until|till)|prior\s+to|following|starting\s+(?:in|from)|earlier\s+than|later\s+than)\s+",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\b(?:between|from)\s+", re.IGNORECASE)
_AND = re.compile(r"\s*(?:,?\s+(?:and|to|until|till|through|up\s+to)\s+|\s*[-–—]\s*)", re.IGNORECASE)
_ONWARDS = re.compile(r"\s+(?:on|onwards?|and\s+(?:after|later|since))\b", re.IGNORECASE)
_LONE_MONTH = re.compile(rf"(?:(?:{_WHOLE})|(?:{_WHOLE.upper()}))(?=\W|$)")
_LOWER_MONTH = re.compile(
    rf"(?:{'|'.join(name.lower() for name in dates.MONTHS if name not in {'March', 'May', 'August'})})(?=\W|$)"
)


def read(text: str, today: date, *, anchor: Anchor | None = None, bare: bool = False) -> When | None:
    """Return the first date restriction in a question; None if there is none.

    Args:
        text: The question.
        today: The day that "last year" is counted from.
        anchor: Looks up the date of a named thing, for "before GPT-4"; without it only dates count.
        bare: Whether a date without a preposition also restricts ("OpenAI events 2024").
    """
    for find in (_pair, _rolling, _led):
        found = find(text, today, anchor and _at_most(100, anchor))
        if found is not None:
            return found
    for match in re.finditer(r"(?<![\w.-])(?=\w)", text):
        point = _point(text, match.start(), today)
        if point is not None and (bare or point[2] == "relative"):
            return When(point[0][0], point[0][1], match.start(), point[1])
    return None


def _at_most(times: int, anchor: Anchor) -> Anchor:
    """Limit an anchor to some number of calls: a text may contain "between" and "since" hundreds of times."""
    calls = iter(range(times))
    return lambda text: anchor(text) if next(calls, None) is not None else None


def _pair(text: str, today: date, anchor: Anchor | None) -> When | None:
    """Parse "between X and Y" and "from X to Y"."""
    for lead in _BETWEEN.finditer(text):
        first = _point(text, lead.end(), today)
        if first is not None:
            joint = _AND.match(text, first[1])
            second = _point(text, joint.end(), today) if joint else None
            if second is not None:
                return _ordered(first[0], second[0], lead.start(), second[1])
            if lead.group().lower().startswith("from") and (on := _ONWARDS.match(text, first[1])):
                return When(first[0][0], None, lead.start(), on.end())
        elif anchor is not None and lead.group().lower().startswith("between"):
            found = _between_names(text, lead, anchor)
            if found is not None:
                return found
    return None


def _between_names(text: str, lead: re.Match[str], anchor: Anchor) -> When | None:
    """Parse "between X and Y" for named things with dated entries; "the X and Y summits" works as well."""
    for joint in re.finditer(r"\s+and\s+", text[lead.end() :]):
        at = lead.end() + joint.start()
        first, rest = text[lead.end() : at], text[lead.end() + joint.end() :]
        second = anchor(rest)
        if second is None:
            continue
        named = rest[: second[1]]
        noun = re.search(r"(\w+?)s$", named)
        for whole in ([f"{first} {noun[1]}"] if noun else []) + [first]:
            one = anchor(whole)
            if one is not None and one[1] >= len(first.rstrip()):
                span = (one[0], one[0]), (second[0], second[0])
                return _ordered(*span, lead.start(), lead.end() + joint.end() + second[1])
    return None


def _ordered(first: Span, second: Span, start: int, end: int) -> When:
    if dates.span(second[1])[1] < dates.span(first[0])[0]:
        first, second = second, first
    return When(first[0], second[1], start, end)


def _rolling(text: str, today: date, _: Anchor | None) -> When | None:
    """Parse a period counted back from today, such as "in the last six months"."""
    for match in _ROLLING.finditer(text):
        unit = match["u"].lower().rstrip("s")
        if match["n"] is None and not re.search(r"\bthe\s+(?:last|past|previous)|\bpast", match.group(), re.IGNORECASE):
            continue  # "last year" is a calendar year
        said = (match["n"] or "1").lower()
        count = int(said) if said.isdigit() else _NUMBERS[said]
        back = {"day": 0, "week": 0, "month": count, "year": 12 * count, "decade": 120 * count}[unit]
        first = _months_before(today, back)
        first -= timedelta(days=count * {"day": 1, "week": 7}.get(unit, 0))
        return When(first.isoformat(), today.isoformat(), match.start(), match.end())
    return None


def _led(text: str, today: date, anchor: Anchor | None) -> When | None:
    """Parse a word such as "in", "since" or "before", followed by a date or by a named thing that has a date."""
    for lead in _LEAD.finditer(text):
        word = " ".join(lead["word"].lower().split())
        point = _point(text, lead.end(), today)
        if point is not None:
            span, end = point[0], point[1]
        else:
            month = _LONE_MONTH.match(text, lead.end()) or _LOWER_MONTH.match(text, lead.end())
            named = None
            if month is not None and word not in {"of", "on", "over", "through", "by"}:
                span, end = _latest(month.group(), today), month.end()
            elif anchor is not None and word in _AROUND and (named := anchor(text[lead.end() :])) is not None:
                span, end = (named[0], named[0]), lead.end() + named[1]
            else:
                continue
        on = _ONWARDS.match(text, end) if word in {"from", "in"} else None
        if on is not None:
            word, end = "since", on.end()
        return When(*_bounded(word, span), lead.start(), end)
    return None


_AROUND = frozenset({"since", "after", "before", "until", "till", "prior to", "following", "up to", "up until"})


def _bounded(word: str, span: Span) -> tuple[str | None, str | None]:
    match word:
        case "since" | "starting in" | "starting from":
            return span[0], None
        case "after" | "following" | "later than":
            return step(span[1], 1), None
        case "before" | "prior to" | "earlier than":
            return None, step(span[0], -1)
        case "until" | "till" | "by" | "through" | "up to" | "up until" | "up till":
            return None, span[1]
        case _:
            return span


def _point(text: str, at: int, today: date) -> tuple[Span, int, str] | None:
    for name, pattern in _POINTS if _ANY_POINT.match(text, at) else ():
        match = pattern.match(text, at)
        if match is not None:
            span = next(_spans(name, match, today), None)
            if span is not None:
                kind = "relative" if name in {"relative", "past"} else "date"  # "today" rarely restricts anything
                return span, match.end(), kind
    return None


def _spans(name: str, match: re.Match[str], today: date) -> Iterator[Span]:
    """Yield the period that a match states; nothing if it names a day that does not exist."""
    part = {key: value.lower() for key, value in match.groupdict().items() if value}
    year = int(part.get("y", today.year))
    span = _RELATIVE[name](part, today) if name in _RELATIVE else _DATED[name](part, year, match.group())
    try:
        dates.span(span[0])
    except ValueError:
        return
    yield span


def _day(part: Mapping[str, str], year: int, _: str) -> Span:
    number = int(part["d"].rstrip("sthndr"))
    whole = f"{year}-{_month(part['m']):02d}-{number:02d}"
    return whole, whole


_DATED: Mapping[str, Callable[[Mapping[str, str], int, str], Span]] = {
    "iso": lambda _part, _year, said: (said, said),
    "day": _day,
    "month": lambda part, year, _: _months(year, _month(part["m"]), 1),
    "third": lambda part, year, _: _months(year, 1 + 4 * _THIRDS[part["part"]], 4),
    "quarter": lambda part, year, _: _months(year, 3 * int(part.get("q") or _NTH[part["n"]]) - 2, 3),
    "half": lambda part, year, _: _months(year, 1 if (part.get("h") or part["n"]) in {"1", "first"} else 7, 6),
    "season": lambda part, year, _: _months(year, _SEASONS[part["s"]], 3),
    "decade": lambda _part, year, _: (str(year), str(year + 9)),
    "year": lambda _part, year, _: (str(year), str(year)),
}
_RELATIVE: Mapping[str, Callable[[Mapping[str, str], date], Span]] = {
    "relative": lambda part, today: _calendar(part["u"], back="this" not in part["w"], today=today),
    "past": lambda part, today: _latest(part["m"], today, whole=True),
    "today": lambda part, today: _same(today - timedelta(days=part["w"] == "yesterday")),
}


def _same(day: date) -> Span:
    return day.isoformat(), day.isoformat()


def _calendar(unit: str, *, back: bool, today: date) -> Span:
    """Return the current calendar year, month or week, or the one before it if `back` is set."""
    if unit == "week":
        monday = today - timedelta(days=today.weekday() + 7 * back)
        return monday.isoformat(), (monday + timedelta(days=6)).isoformat()
    if unit == "year":
        return str(today.year - back), str(today.year - back)
    first = _months_before(today.replace(day=1), int(back))
    return _months(first.year, first.month, 1)


def _latest(month: str, today: date, *, whole: bool = False) -> Span:
    """Return the latest such month that has begun or, with `whole`, that has ended."""
    number = _month(month)
    return _months(today.year - (number > today.month - whole), number, 1)


def _month(name: str) -> int:
    return dates.MONTH_ABBREVIATIONS.index(name[:3].title()) + 1


def _months(year: int, month: int, count: int) -> Span:
    last = year * 12 + month - 2 + count
    return f"{year}-{month:02d}", f"{last // 12}-{last % 12 + 1:02d}"


def _months_before(day: date, count: int) -> date:
    months = day.year * 12 + day.month - 1 - count
    year, month = max(1, months // 12), months % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def step(point: str, by: int) -> str:
    """Move a year, month or day (`YYYY`, `YYYY-MM` or `YYYY-MM-DD`) by a number of its own units."""
    if len(point) == 4:
        return str(int(point) + by)
    if len(point) == 10:
        return (date.fromisoformat(point) + timedelta(days=by)).isoformat()
    months = int(point[:4]) * 12 + int(point[5:]) - 1 + by
    return f"{months // 12}-{months % 12 + 1:02d}"
