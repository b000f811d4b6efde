"""Questions about authors are answered from the field `authors`, and each name is quoted."""

from collections.abc import Iterator

import pytest

from assistant.pipeline import Assistant
from tests.assistant.test_always_true import check
from tests.support import odd_catalogues


@pytest.fixture(scope="module")
def library() -> Iterator[Assistant]:
    """Papers of a few authors."""
    held = odd_catalogues.made(
        odd_catalogues.entry(
            id="a", title="Small Models Read Slowly", date="2024-05", authors=["Jane Doe", "Anna Müller"]
        ),
        odd_catalogues.entry(id="b", title="A Probe for Honest Numbers", date="2023-11-02", authors=["Richard Roe"]),
        odd_catalogues.entry(
            id="c", title="A Probe for Honest Dates", date="2022", authors=["Richard Roe", "Jan van der Berg"]
        ),
        odd_catalogues.entry(
            id="d", title="Heron Labs trains Quiet-1", date="2024-01-01", organisations=["Heron Labs"]
        ),
    )
    with odd_catalogues.opened(held) as assistant:
        yield assistant


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Who wrote Small Models Read Slowly?", ["Jane Doe", "Anna Müller"]),
        ("Who are the authors of “Small Models Read Slowly”?", ["Jane Doe", "Anna Müller"]),
        ("who is the author of the paper A Probe for Honest Numbers", ["Richard Roe"]),
        ("Who wrote A Probe for Honest Dates?", ["Richard Roe", "Jan van der Berg"]),
        ("What are the authors of Small Models?", ["Jane Doe", "Anna Müller"]),
    ],
)
def test_who_wrote_something_is_answered_from_its_authors(library: Assistant, question: str, names: list[str]) -> None:
    """Every author is quoted from the field, after the title."""
    answer = library.ask(question)
    check(answer, library.catalogue)
    assert [one.quote for one in answer.citations if one.field == "authors"] == names
    assert answer.status == "answered"


@pytest.mark.parametrize(
    ("question", "ids", "intent"),
    [
        ("What has Jane Doe published?", "a", "list"),
        ("papers by Richard Roe", "bc", "list"),
        ("List all publications by Richard Roe.", "bc", "list"),
        ("How many papers has Richard Roe written?", "bc", "count"),
        ("How many papers did Roe write in 2022?", "c", "count"),
        ("Which papers did Jan van der Berg write?", "c", "list"),
        ("What did Anna Muller write?", "a", "list"),
        ("papers by Richard Roe since 2023", "b", "list"),
    ],
)
def test_what_somebody_wrote_is_every_entry_of_theirs(library: Assistant, question: str, ids: str, intent: str) -> None:
    """The list is counted, newest first, and within the period."""
    answer = library.ask(question)
    check(answer, library.catalogue)
    assert "".join(one.entry_id for one in answer.citations) == ids
    assert (answer.intent, answer.total) == (intent, len(ids))


def test_nobody_and_no_time_are_said(library: Assistant) -> None:
    """An author without entries in the period has none; a name of no author is searched as usual."""
    none = library.ask("papers by Richard Roe since 2024")
    assert (none.status, none.reason) == ("abstained", "The catalogue has no entries by Richard Roe since 2024.")
    assert library.ask("What has Pat Nobody published?").status == "abstained"
    assert library.ask("Who wrote Hamlet?").status == "abstained"


def test_an_organisation_is_still_asked_for_as_one(library: Assistant) -> None:
    """The entries of an organisation are those that name it."""
    answer = library.ask("What has Heron Labs published?")
    assert [one.entry_id for one in answer.citations if one.field == "title"] == ["d"]
