"""Tests of shared phrases: every parser of questions understands the same openers, numbers and months."""

import re
from datetime import date

import pytest

from assistant.understanding import brief_request, named_question, reading
from assistant.understanding.lists import list_frames
from assistant.understanding.phrases import NUMBER_WORDS, OPENER
from index import dates

OPENERS = [
    "please",
    "so",
    "okay",
    "hello,",
    "Hi, could you please",
    "can you",
    "would you kindly",
    "I'd like to",
    "I want to",
    "ok, now",
]


@pytest.mark.parametrize("opener", OPENERS)
def test_every_reader_of_questions_knows_every_opener(opener: str) -> None:
    """Lists, definitions, briefs, dates and makers are parsed as they are without the opener."""
    assert list_frames.frames(f"{opener} list all events")[0].frame == "list"
    assert reading.subject_of(f"{opener} explain alignment") == "alignment"
    assert brief_request.topic_of(f"{opener} summarise what is known about alignment") == "alignment"
    asked = named_question.date_asked(f"{opener} tell me when Quiet-5 was released")
    assert asked is not None
    assert asked.words[0].text == "quiet"
    maker = named_question.maker_asked(f"{opener} tell me who released Quiet-5")
    assert maker is not None
    assert maker[0] == "Quiet-5"


@pytest.mark.parametrize("text", ["well-known attacks", "Sora", "Android models", "Canopy", "so-called agents"])
def test_a_word_that_begins_like_an_opener_is_none(text: str) -> None:
    """An opener ends with a space, so a name that starts like an opener is not cut."""
    match = re.match(OPENER, text, re.IGNORECASE)
    assert match is not None
    assert match.group() == ""


@pytest.mark.parametrize(("word", "number"), [("two", 2), ("seven", 7), ("ten", 10)])
def test_a_number_word_counts_wherever_numbers_are_read(word: str, number: int) -> None:
    """In "the latest three events" and in "the last three months"."""
    assert NUMBER_WORDS[word] == number
    assert list_frames.frames(f"the latest {word} events")[0].most == number
    since, until = reading.dates_in(f"in the last {word} months", date(2026, 11, 27))
    assert until == "2026-11-27"
    assert since is not None
    months = 12 * 2026 + 11 - (12 * int(since[:4]) + int(since[5:7]))
    assert months == number


@pytest.mark.parametrize("month", dates.MONTHS)
def test_every_month_is_read_in_full_and_in_short(month: str) -> None:
    """All parsers take the names of months from `index.dates`."""
    number = dates.MONTHS.index(month) + 1
    assert reading.dates_in(f"since {month} 2023")[0] == f"2023-{number:02d}"
    assert reading.dates_in(f"since {month[:3]} 2023")[0] == f"2023-{number:02d}"
