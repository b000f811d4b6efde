"""Dates as people write them: as exact as is sure, never more."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import dates
from index.importers import when

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
    """Day, month or year, in many hands; the day is the writer's own, whatever the time zone."""
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
    """Nobody knows whether 03/04 is in March or in April."""
    assert when.parse(text) == wanted


@pytest.mark.parametrize(
    "text",
    "c. 2019|2019?|3 days ago|yesterday|01/02/03|05/23|01-May-23|2020-21|2010s|n.d.|TBA 2024|2023-02-30|Juneau 2023|31/31/2023"
    "|Nov 2022 - Jan 2023|in press|12345678|0000-00-00||10:30".split("|"),
)
def test_what_holds_no_sure_year_is_no_date(text: str) -> None:
    """Better none than one that was made up."""
    assert when.parse(text) is None


def test_a_column_tells_how_its_numbers_stand() -> None:
    """One value that can be read in one way only settles the others, unless another value says the opposite."""
    assert when.order_of(["03/04/2023", "13/04/2023", ""]) == "dmy"
    assert when.order_of(["03/04/2023", "04/13/2023"]) == "mdy"
    assert when.order_of(["13/04/2023", "04/13/2023"]) is None
    assert when.parse("03/04/2023", order="dmy") == "2023-04-03"


def test_numbers_are_years_or_moments() -> None:
    """Of a number that is neither, nothing is made."""
    assert [when.parse(value) for value in (2023, 2023.0, 1683000000, 1683000000000, 2023.5, True, 10**400)] == [
        *("2023", "2023", "2023-05-02", "2023-05-02"),
        *(None, None, None),
    ]


@given(day=st.dates(date(1000, 1, 1), date(2999, 12, 31)), form=st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%B %d, %Y"]))
def test_every_day_comes_back(day: date, form: str) -> None:
    """The common forms lose nothing."""
    text = day.strftime(form.replace("%Y", f"{day.year:04}"))
    assert when.parse(text) == day.isoformat()


@given(st.text(max_size=130) | st.from_regex(r"[0-9 ,./:TZ-]{0,30}") | st.integers() | st.floats())
def test_anything_is_a_valid_date_or_none(value: object) -> None:
    """And its year stands in the text."""
    found = when.parse(value)
    if found is not None:
        dates.span(found)
        if isinstance(value, str) and not re.search(r"\d{10}|[^\x00-\x7f]", value):
            assert found[:4] in value or found[2:4] in value
