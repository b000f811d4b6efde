"""Tests of dates in questions: as exact as the words, relative to a day, or taken from a dated entry."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.understanding import dates as when
from index import dates

TODAY = date(2024, 3, 15)
SPANS = {
    "in 2023": ("2023", "2023"),
    "March 2023 was busy": None,
    "on 5 May 2023": ("2023-05-05", "2023-05-05"),
    "on May 5th, 2023": ("2023-05-05", "2023-05-05"),
    "after 31 December 2023": ("2024-01-01", None),
    "before 1 January 2023": (None, "2022-12-31"),
    "on 31 February 2023": None,
    "in 2023-05": ("2023-05", "2023-05"),
    "since 2023-05-06": ("2023-05-06", None),
    "in early 2023": ("2023-01", "2023-04"),
    "in mid-2022": ("2022-05", "2022-08"),
    "in late 2022": ("2022-09", "2022-12"),
    "by the end of 2022": (None, "2022-12"),
    "in the summer of 2023": ("2023-06", "2023-08"),
    "in winter 2023": ("2023-12", "2024-02"),
    "in Q3 2024": ("2024-07", "2024-09"),
    "in the second quarter of 2024": ("2024-04", "2024-06"),
    "in H2 2021": ("2021-07", "2021-12"),
    "in the first half of 2021": ("2021-01", "2021-06"),
    "in the 2010s": ("2010", "2019"),
    "during the 1990s": ("1990", "1999"),
    "up to 2020": (None, "2020"),
    "from 2019 to 2021": ("2019", "2021"),
    "from 2019 onwards": ("2019", None),
    "last year": ("2023", "2023"),
    "this year": ("2024", "2024"),
    "last month": ("2024-02", "2024-02"),
    "this week": ("2024-03-11", "2024-03-17"),
    "in the last six months": ("2023-09-15", "2024-03-15"),
    "past 90 days": ("2023-12-16", "2024-03-15"),
    "over the past year": ("2023-03-15", "2024-03-15"),
    "since March": ("2024-03", None),
    "since April": ("2023-04", None),
    "last March": ("2023-03", "2023-03"),
    "what may come": None,
    "in marching order": None,
    "version 2023.5": None,
}


@pytest.mark.parametrize(("asked", "span"), SPANS.items())
def test_time_is_read_as_exactly_as_it_is_said(asked: str, span: tuple[str | None, str | None] | None) -> None:
    """Days, months, quarters, seasons and decades; "last" and "past" count from the day of the question."""
    found = when.read(asked, TODAY)
    assert (None if found is None else (found.since, found.until)) == span


def test_a_bare_date_restricts_only_where_it_may() -> None:
    """Only `bare` makes "2024" restrict "OpenAI events 2024"; in other questions "the 2023 report" is a name."""
    assert when.read("OpenAI events 2024", TODAY) is None
    found = when.read("OpenAI events 2024", TODAY, bare=True)
    assert found is not None
    assert (found.since, found.until) == ("2024", "2024")


@given(st.text(max_size=80), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_any_text_on_any_day_gives_dates_or_nothing(text: str, today: date) -> None:
    """The matched characters are in the text, and the dates are valid."""
    for lead in ("", "since ", "between May 2020 and ", "in the last two ", "31 June "):
        found = when.read(lead + text, today, bare=True)
        if found is not None:
            assert 0 <= found.start < found.end <= len(lead + text)
            for given_date in (found.since, found.until):
                assert given_date is None or dates.span(given_date)


@pytest.mark.parametrize("again", ["since the ", "in early ", "between 2020 and ", "from ", "last "])
def test_a_question_made_to_be_slow_is_read_in_time(again: str) -> None:
    """Parsing time grows no faster than the length of a repetitive question."""
    when.read(again * 200, TODAY, bare=True)
