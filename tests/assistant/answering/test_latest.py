"""Questions for the latest and for timelines are about dates: an entry without a date has no place in the answer."""

from collections.abc import Iterator

import pytest

from assistant.pipeline import Assistant
from tests.support import odd_catalogues
from tests.support.odd_catalogues import entry


@pytest.fixture(scope="module")
def partly_dated() -> Iterator[Assistant]:
    """An assistant over five entries about walruses, of which two have no date."""
    held = odd_catalogues.made(
        entry(id="old", title="Old walrus", date="2019-02-01", topics=["walrus"], summary="A walrus."),
        entry(id="open", title="Undated walrus", topics=["walrus"], summary="A walrus."),
        entry(id="new", title="New walrus", date="2024-05-06", topics=["walrus"], summary="A walrus."),
        entry(id="year", title="Walrus of a year", date="2021", topics=["walrus"], summary="A walrus."),
        entry(id="void", title="Another undated walrus", topics=["walrus"], summary="A walrus."),
    )
    with odd_catalogues.opened(held) as assistant:
        yield assistant


@pytest.mark.parametrize(
    ("question", "intent", "cited"),
    [
        ("What are the latest events on walrus?", "latest", ("new", "year", "old")),
        ("What is the latest event on walrus?", "latest", ("new",)),
        ("What are the earliest events on walrus?", "latest", ("old", "year", "new")),
        ("timeline of walrus", "timeline", ("old", "year", "new")),
    ],
)
def test_undated_entries_are_not_among_the_latest(
    partly_dated: Assistant, question: str, intent: str, cited: tuple[str, ...]
) -> None:
    """In order of their dates, the dated ones alone."""
    answer = partly_dated.ask(question)
    assert (answer.intent, answer.cited) == (intent, cited)


def test_an_undated_entry_is_in_a_list(partly_dated: Assistant) -> None:
    """A list without a span of time leaves none out, dated or not."""
    answer = partly_dated.ask("List all events on walrus")
    assert set(answer.cited) == {"old", "open", "new", "year", "void"}
    assert answer.total == 5


def test_a_saved_question_about_the_latest_matches_dated_entries_alone(partly_dated: Assistant) -> None:
    """The feed of such a question has the entries of the answer, and those beyond its length."""
    found = partly_dated.matching("What are the latest events on walrus?")
    assert {one.id for one in found} == {"old", "new", "year"}
