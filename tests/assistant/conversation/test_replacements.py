"""A name asked about next takes the place of the one before, if both are of one type."""

import pytest

from assistant.conversation.replacements import Replacer
from assistant.pipeline import Assistant
from assistant.understanding import places


@pytest.fixture(scope="module")
def replacer(assistant: Assistant) -> Replacer:
    """For the starter catalogue."""
    return Replacer(assistant.catalogue, assistant._records.names, assistant._vocabulary)


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        ("What did OpenAI publish in 2024?", "google", "What did Google publish in 2024?"),
        ("Which lawsuits involve OpenAI?", "for anthropic", "Which lawsuits involve Anthropic?"),
        ("OpenAI's events in 2023", "Meta then", "Meta's events in 2023"),
        ("Who made ChatGPT?", "gemini", "Who made Gemini?"),
        ("How many lawsuits are there?", "incidents", "How many incidents are there?"),
        ("What did the US do about chips?", "in China", "What did China do about chips?"),
        ("Which American laws are there?", "the eu", "Which EU laws are there?"),
        ("What is the EU AI Act?", "the us", "Which events are there about regulation and us policy?"),
        ("When does the EU AI Act come into force?", "japan", "What is known about regulation in Japan?"),
    ],
)
def test_the_new_name_takes_the_place_of_the_old_one(replacer: Replacer, before: str, said: str, after: str) -> None:
    """Organisation for organisation, place for place, product for product, topic for topic; a place inside a name changes the name."""
    assert replacer.replaced(said, before) == after


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("What is RLHF?", "google"),
        ("What is RLHF?", "the us"),
        ("What did OpenAI do?", "claude"),
        ("Who is Sam Altman?", "us"),
        ("x", "…"),
    ],
)
def test_nothing_is_replaced_by_a_thing_of_another_type(replacer: Replacer, before: str, said: str) -> None:
    """The question is then completed in another way."""
    assert replacer.replaced(said, before) is None


def test_us_is_a_place_only_with_an_article_or_in_capitals() -> None:
    """No country is named in "tell us"."""
    assert [place.name for place in places.find("the us, US and U.S. law, in Britain")] == [
        "the US",
        "the US",
        "the US",
        "the UK",
    ]
    assert places.find("tell us about it") == []
