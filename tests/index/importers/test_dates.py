"""Tests for the date parser: results are as precise as is certain, and no more."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import dates
from index.importers import dates as when

from .sources import read

SURE = {
    "2023": "2023 | year 2023 | Spring 2023 | Q2 2023 | 2023 Q2 | mid-2023 | late 2023 | 2023-00-00",
    "2023-05": "2023-05 | May 2023 | 05/2023 | May 3-5, 2023 | 3-5 May 2023 | 2023-05-01/2023-05-03 | mayo de 2023",
    "2023-05-01": "2023-5-1 | 2023-05-01T23:30:00-07:00 | Mon, 01 May 2023 10:00:00 GMT | Mon, 01 May 23 10:00:00 GMT"
    " | May 1, 2023 | 1st of May, 2023 | Monday, May 1st, 2023 at 10:30 PM | 1 mai 2023 | 2023年5月1日 | 20230501"
    " | Published: May 1, 2023 | 2023 May 1 | Mon May  1 10:00:00 UTC 2023 | 1 de mayo de 2023"
    " | Mon, 1 May 2023 09:00:00 +0200 (CEST) | 2023/05/01",
    "2023-04-13": "13/04/2023 | 04/13/2023 | 13.04.2023",
}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [(text.strip(), wanted) for wanted, texts in SURE.items() for text in texts.split("|") if "year" not in text],
)
def test_a_date_is_as_exact_as_it_is_written(text: str, wanted: str) -> None:
    """Dates in many notations are parsed; the day is the one written in the text, whatever the time zone."""
    assert when.parse(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("03/04/2023", "2023"),
        ("5.4.2023", "2023"),
        ("04/04/2023", "2023-04-04"),
        ("2023-05-01 - 2023-06-03", "2023"),
        ("April 30 - May 2, 2023", "2023"),
    ],
)
def test_what_can_be_read_in_two_ways_keeps_what_both_share(text: str, wanted: str) -> None:
    """03/04 may be in March or in April, so only the year is kept."""
    assert when.parse(text) == wanted


@pytest.mark.parametrize(
    "text",
    "c. 2019|2019?|3 days ago|yesterday|01/02/03|05/23|01-May-23|2020-21|2010s|n.d.|TBA 2024|2023-02-30|Juneau 2023|31/31/2023"
    "|Nov 2022 - Jan 2023|in press|12345678|0000-00-00||10:30".split("|"),
)
def test_what_holds_no_sure_year_is_no_date(text: str) -> None:
    """Texts without a certain year give None."""
    assert when.parse(text) is None


def test_a_column_tells_how_its_numbers_stand() -> None:
    """One unambiguous value decides the order for the column, unless another value contradicts it."""
    assert when.order_of(["03/04/2023", "13/04/2023", ""]) == "dmy"
    assert when.order_of(["03/04/2023", "04/13/2023"]) == "mdy"
    assert when.order_of(["13/04/2023", "04/13/2023"]) is None
    assert when.parse("03/04/2023", order="dmy") == "2023-04-03"


def test_numbers_are_years_or_moments() -> None:
    """Numbers that are neither a year nor a timestamp give None."""
    assert [when.parse(value) for value in (2023, 2023.0, 1683000000, 1683000000000, 2023.5, True, 10**400)] == [
        *("2023", "2023", "2023-05-02", "2023-05-02"),
        *(None, None, None),
    ]


@given(day=st.dates(date(1000, 1, 1), date(2999, 12, 31)), form=st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%B %d, %Y"]))
def test_every_day_comes_back(day: date, form: str) -> None:
    """Every day is parsed correctly in the common notations."""
    text = day.strftime(form.replace("%Y", f"{day.year:04}"))
    assert when.parse(text) == day.isoformat()


@given(st.text(max_size=130) | st.from_regex(r"[0-9 ,./:TZ-]{0,30}") | st.integers() | st.floats())
def test_anything_is_a_valid_date_or_none(value: object) -> None:
    """Any input gives None or a valid date whose year is in the text."""
    found = when.parse(value)
    if found is not None:
        dates.span(found)
        if isinstance(value, str) and not re.search(r"\d{10}|[^\x00-\x7f]", value):
            assert found[:4] in value or found[2:4] in value


@pytest.mark.parametrize(
    ("column", "dates"),
    [
        (["1/31/24", "2/3/24"], ["2024-01-31", "2024-02-03"]),
        (["31/1/24", "2/3/24"], ["2024-01-31", "2024-03-02"]),
        (["31.01.24", "03.02.24"], ["2024-01-31", "2024-02-03"]),
        (["24-01-31", "23-02-03"], ["2024-01-31", "2023-02-03"]),
        (["31.12.99", "01.02.03"], ["1999-12-31", "2003-02-01"]),
        (["1/31/24 10:00", "1/2/24 1:00 PM"], ["2024-01-31", "2024-01-02"]),
        (["1/1/30", "1/31/24"], ["2030-01-01", "2024-01-31"]),
        (["1/31/2024", "1/2/24"], ["2024-01-31", "2024-01-02"]),
        (["01/02/2024", "13/02/24"], ["2024-02-01", "2024-02-13"]),
        # Only the year is certain, or nothing.
        (["3/2/24", "4/5/24"], ["2024", "2024"]),
        (["03.02.24", "04.05.24"], [None, None]),
        (["1/31/24", "31/1/24"], [None, None]),
        # Short notations of Excel.
        (["45292", "45292.75", "2024-05-01"], ["2024-01-01", "2024-01-01", "2024-05-01"]),
        (["12345", "99999"], [None, None]),
        (["Jan-24", "Feb-98"], ["2024-01", "1998-02"]),
        (["Jan-24", "Feb-24", "Mar-23", "Apr-23"], ["2024-01", "2024-02", "2023-03", "2023-04"]),
        (["Jan-24", "Feb-23"], [None, None]),
        (["Jan '24"], ["2024-01"]),
        (["24-Jan", "98-Feb"], ["2024-01", "1998-02"]),
        (["24-Jan", "12-Feb"], [None, None]),
        (["5-Mar-24", "12-Apr-23"], ["2024-03-05", "2023-04-12"]),
        (["31-Mar-24", "12-Apr-23"], ["2024-03-31", "2023-04-12"]),
        (["15-Mar-24", "12-Apr-23"], [None, None]),
        (["31-Foo-24"], [None]),
    ],
)
def test_a_column_shows_how_its_short_dates_are_written(column: list[str], dates: list[str | None]) -> None:
    """One unambiguous value decides for the whole column; ambiguous columns are not guessed."""
    habits = when.in_column(column)
    assert [when.parse(value, order=habits) for value in column] == dates


def test_a_number_of_days_is_a_date_in_a_column_only() -> None:
    """Outside of a column of dates, such a number is not parsed."""
    assert when.parse("45292") is None
    assert when.parse(45292, order=when.in_column([45292])) == "2024-01-01"
    assert when.parse(45292.5, order=when.in_column([45292.5])) == "2024-01-01"


def test_a_table_with_dates_of_a_spreadsheet_is_read() -> None:
    """The dates are read from CSV and from a list of objects."""
    assert [entry.date for entry in read("title,date\nA,1/31/24\nB,2/3/24\n", "csv").entries] == [
        "2024-01-31",
        "2024-02-03",
    ]
    assert [entry.date for entry in read('[{"title": "A", "date": 45292}]', "json").entries] == ["2024-01-01"]
