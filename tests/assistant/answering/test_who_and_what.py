"""People, organisations and products that the texts name can be asked about, although no entry is about them."""

from collections.abc import Iterator

import pytest

from assistant.answer import Answer
from assistant.pipeline import Assistant
from tests.assistant.test_always_true import check
from tests.support import odd_catalogues

ROWS = (
    (
        "Heron Labs opens",
        "2019-04-02",
        "Heron Labs was founded in 2019 by Ada Nordlund and Piet van Dam. Ada Nordlund became chief executive of Heron Labs in 2019.",
        "Heron Labs",
    ),
    (
        "A change at the top",
        "2024-05-06",
        "Ada Nordlund resigned on 6 May 2024. Oona Ruiz became Heron Labs' chief executive on the same day. Heron's office had a cake.",
        "Heron Labs",
    ),
    (
        "Sparse Maps at Scale",
        "2020-07",
        "Oona Ruiz, Jo Abara and Ines Okoro of Heron Labs presented sparse maps. Nordlund called the work a turning point.",
        "Heron Labs",
    ),
    (
        "A model for weather",
        "2022-03-01",
        "Heron Labs released Murmur in March 2022, a model that predicts rain. Murmur runs on a laptop.",
        "Heron Labs",
    ),
    (
        "Murmur 2 is out",
        "2023-09-10",
        "Heron Labs released Murmur 2 in September 2023, twice as large as before.",
        "Heron Labs",
    ),
    (
        "An open letter",
        "2023-02-01",
        "Signatories of the letter on rain models include Ada Nordlund, Jo Abara, Lena Fried, Tom Quill and Rosa Lind.",
        "Rain Watch",
    ),
    (
        "A panel",
        "2021-11-11",
        "Lena Fried said that rain models need tests. The panel met at Bramley Hall.",
        "Rain Watch",
    ),
    ("Chips", "2021-12-01", "Heron Labs bought chips from Kestrel. The Kestrel chips use little power.", "Heron Labs"),
)


@pytest.fixture(scope="module")
def rain() -> Iterator[Assistant]:
    """An assistant over the rows above, without an embedder."""
    entries = [
        odd_catalogues.entry(id=f"e{at}", title=title, date=date, summary=summary, organisations=[of])
        for at, (title, date, summary, of) in enumerate(ROWS)
    ]
    with odd_catalogues.opened(odd_catalogues.made(*entries)) as opened:
        yield opened


def quotes(answer: Answer) -> list[str]:
    """The quoted sentences of an answer."""
    return [citation.quote for citation in answer.citations]


@pytest.mark.parametrize(
    "question",
    ["who is Ada Nordlund", "whos ada nordlund?", "who's nordlund", "tell me about Ada Nordlund", "Ada Nordlund"],
)
def test_a_person_is_told_by_roles_the_newest_first(rain: Assistant, question: str) -> None:
    """Full names and surnames alone find what the person was and did, not a list of names."""
    answer = rain.ask(question)
    check(answer, rain.catalogue)
    assert quotes(answer)[0] == "Ada Nordlund resigned on 6 May 2024."
    assert "Ada Nordlund became chief executive of Heron Labs in 2019." in quotes(answer)
    assert not any("Signatories" in quote for quote in quotes(answer))


def test_a_person_who_is_only_mentioned_is_still_shown_with_the_date(rain: Assistant) -> None:
    """A mention is better than a refusal; the month stands before a sentence without a year."""
    answer = rain.ask("Who is Tom Quill?")
    assert answer.status == "answered"
    assert answer.sentences[0].text.startswith("February 2023: Signatories")


@pytest.mark.parametrize("question", ["what is murmur", "What's Murmur?", "tell me about murmur"])
def test_a_product_is_told_by_what_it_is_and_its_newest_version(rain: Assistant, question: str) -> None:
    """The sentence that introduces it comes first."""
    assert quotes(rain.ask(question)) == [
        "Heron Labs released Murmur in March 2022, a model that predicts rain.",
        "Murmur runs on a laptop.",
        "Heron Labs released Murmur 2 in September 2023, twice as large as before.",
    ]


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("who is the ceo of heron labs", "Oona Ruiz became Heron Labs' chief executive on the same day."),
        ("Heron Labs CEO?", "Oona Ruiz became Heron Labs' chief executive on the same day."),
        (
            "who was the first chief executive of Heron Labs",
            "Oona Ruiz became Heron Labs' chief executive on the same day.",
        ),
        ("who runs heron labs", "Oona Ruiz became Heron Labs' chief executive on the same day."),
        ("who founded heron labs?", "Heron Labs was founded in 2019 by Ada Nordlund and Piet van Dam."),
        ("who made murmur", "Heron Labs released Murmur in March 2022, a model that predicts rain."),
        ("who wrote sparse maps at scale", "Oona Ruiz, Jo Abara and Ines Okoro of Heron Labs presented sparse maps."),
    ],
)
def test_a_role_is_answered_by_the_sentence_that_states_it(rain: Assistant, question: str, quote: str) -> None:
    """Role and organisation are in the same sentence; the newest holder comes first."""
    answer = rain.ask(question)
    check(answer, rain.catalogue)
    assert quotes(answer)[0] == quote


def test_of_a_role_that_is_not_held_the_half_that_is_held_is_said(rain: Assistant) -> None:
    """The organisation is known, its founder is not."""
    answer = rain.ask("who founded kestrel")
    assert answer.status == "abstained"
    assert answer.reason == "I found “Kestrel” in the catalogue, but not who founded it."
    assert {near.entry_id for near in answer.nearest} == {"e7"}


def test_another_role_is_shown_after_a_note(rain: Assistant) -> None:
    """The note says what was not found; then comes the nearest role that is held."""
    answer = rain.ask("who is the cfo of Heron Labs")
    assert answer.status == "answered"
    assert answer.text.startswith("I found “Heron Labs” in the catalogue, but not who its CFO is.")
    assert quotes(answer) == ["Oona Ruiz became Heron Labs' chief executive on the same day."]


def test_an_organisation_without_a_description_is_told_by_what_it_did(rain: Assistant) -> None:
    """The note says that it is no description."""
    answer = rain.ask("what is Heron Labs")
    assert answer.text.startswith("I found no description of “Heron Labs” in the catalogue, only what it did.")
    assert "Heron Labs released Murmur 2 in September 2023, twice as large as before." in quotes(answer)


def test_a_name_that_no_text_has_is_refused_with_its_name(rain: Assistant) -> None:
    """Both words occur, but never together."""
    answer = rain.ask("Who is Tom Nordlund?")
    assert answer.status == "abstained"
    assert answer.reason == "The catalogue has no entry that mentions “Tom Nordlund”."


def test_places_are_no_people(rain: Assistant) -> None:
    """A follow-up with "she" needs to know which names are people's."""
    people = rain.occurrences.people_in("Lena Fried said at Bramley Hall that rain models need tests.")
    assert [name for name, _ in people] == ["Lena Fried"]


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("who is yoshua bengio", "international-ai-safety-report-2026"),
        ("who's the head of METR", "arc-evals-becomes-metr"),
        ("what is llama", "llama-1"),
        ("who leads google deepmind", "google-deepmind-merger"),
        ("who wrote SB 53", "sb-53"),
    ],
)
def test_the_starter_catalogue_answers_about_its_people_and_products(
    assistant: Assistant, question: str, entry: str
) -> None:
    """The first sentence comes from the entry that tells it best."""
    answer = assistant.ask(question)
    check(answer, assistant.catalogue)
    assert answer.citations[0].entry_id == entry
