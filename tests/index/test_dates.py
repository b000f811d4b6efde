"""Dates are never treated as more exact than they were given."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import dates


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2023", date(2023, 1, 1), date(2023, 12, 31)),
        ("2023-12", date(2023, 12, 1), date(2023, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2100-02", date(2100, 2, 1), date(2100, 2, 28)),
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29)),
    ],
)
def test_a_date_spans_the_days_it_may_mean(text: str, first: date, last: date) -> None:
    """A year or a month spans all its days, also in leap years."""
    assert dates.span(text) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "23", "02023", "2023-1", "2023-13", "2023-00", "2023-02-29", "2023-02-00", "2023-04-31", "0000",
        "2023-01-01T00:00", "2023/01/01", " 2023", "2023\n", "2023-", "-2023", "२०२३", "２０２３", "2023-１2", "May 2023", "2023\x00",
    ],
)  # fmt: skip
def test_any_other_form_is_refused(text: str) -> None:
    """Only YYYY, YYYY-MM and YYYY-MM-DD, in plain digits, of days that exist."""
    with pytest.raises(ValueError, match=r"."):
        dates.span(text)
    with pytest.raises(ValueError, match=r"."):
        dates.in_words(text)


@pytest.mark.parametrize(
    ("text", "words"), [("2022-01-07", "7 January 2022"), ("2022-12", "December 2022"), ("2022", "2022")]
)
def test_words_keep_the_precision(text: str, words: str) -> None:
    """A month is never shown as its first day."""
    assert dates.in_words(text) == words


@pytest.mark.parametrize(
    ("text", "since", "until", "expected"),
    [
        ("2023", "2023", "2023", True),
        ("2023", "2023-05", "2023-05", False),
        ("2023-05", "2023", "2023", True),
        ("2023-05", "2023-05-01", "2023-05-31", True),
        ("2023-05", "2023-05-02", None, False),
        ("2023-05-31", None, "2023-05", True),
        ("2023-06-01", None, "2023-05", False),
        ("2023-05-31", "2023-05-31", None, True),
        (None, "2023", None, False),
        (None, None, "2023", False),
        (None, None, None, True),
        ("2023", None, None, True),
        ("2023", "2024", "2022", False),
    ],
)
def test_within_means_wholly_within(text: str | None, since: str | None, until: str | None, expected: bool) -> None:  # noqa: FBT001
    """A date that may lie outside does not match; without a date nothing matches; without bounds everything does."""
    assert dates.within(text, since, until) is expected


def test_oldest_first_puts_a_year_before_its_months_and_the_undated_last() -> None:
    """Dates of different precision can be sorted."""
    assert sorted([None, "2023-05", "2023-05-02", "2022-12-31", "2023"], key=dates.sort_key) == [
        "2022-12-31", "2023", "2023-05", "2023-05-02", None,
    ]  # fmt: skip


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_day_lies_in_its_month_and_its_year_and_nowhere_else(day: date) -> None:
    """Compared with the calendar of the standard library."""
    text = day.isoformat()
    assert dates.span(text) == (day, day)
    assert dates.within(text, text[:7], text[:7])
    assert dates.within(text, text[:4], text[:4])
    assert dates.span(text[:7])[1].day == calendar.monthrange(day.year, day.month)[1]
    if date(1000, 1, 1) < day < date.max:
        assert not dates.within(text, (day + timedelta(days=1)).isoformat(), None)
        assert not dates.within(text, None, (day - timedelta(days=1)).isoformat())
    assert dates.in_words(text).split() == [str(day.day), calendar.month_name[day.month], str(day.year)]
