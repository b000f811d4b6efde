"""Whom "he", "she" and "they" mean: the person or the organisation that the last question or answer is about."""

from collections.abc import Iterator

import pytest

from assistant.answer import Turn
from assistant.conversation.spoken_of import most_prominent_person
from assistant.pipeline import Assistant
from assistant.question import Question
from tests.support import odd_catalogues

ROWS = (
    (
        "Heron Labs' board removes Ada Nordlund",
        "2024-05-06",
        "Heron Labs' board said on 6 May 2024 that Ada Nordlund was leaving. Piet van Dam was named interim chief. They met at Bramley Hall, where Oona Ruiz, Jo Abara and Lena Fried spoke.",
        "Heron Labs",
    ),
    (
        "A model for weather",
        "2022-03-01",
        "Heron Labs released Murmur in March 2022, a model that predicts rain.",
        "Heron Labs",
    ),
    (
        "Rain Watch",
        "2021-01-01",
        "Lena Fried said that rain models need tests. Jo Abara resigned in 2021.",
        "Rain Watch",
    ),
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


def resolved(assistant: Assistant, *questions: str) -> str:
    """The last question as it is searched after the others were asked."""
    history: list[Turn] = []
    for question in questions[:-1]:
        answer = assistant.ask(Question(question, history))
        history += [Turn("user", question), Turn("assistant", answer.text, answer.cited)]
    return assistant.resolve(questions[-1], history).text


@pytest.mark.parametrize(
    ("before", "question", "whole"),
    [
        ("what happened at heron labs in may 2024", "who replaced her?", "Who replaced Ada Nordlund?"),
        ("what happened at heron labs in may 2024", "why was she removed", "Why was Ada Nordlund removed"),
        ("who is piet van dam", "what was his job?", "What was Piet van Dam’s job?"),
        ("who replaced ada nordlund", "did she have a new job?", "Did Piet van Dam have a new job?"),
        ("what is murmur", "who founded them?", "Who founded Murmur?"),
        ("who runs heron labs", "what did they release", "What did Heron Labs release"),
    ],
)
def test_a_pronoun_means_who_the_answer_is_about(rain: Assistant, before: str, question: str, whole: str) -> None:
    """Neither a place nor a name from a long list in a side sentence is meant."""
    assert resolved(rain, before, question).casefold() == whole.casefold()


def test_who_came_next_is_answered(rain: Assistant) -> None:
    """The sentence that names the successor comes first, although it does not name the person replaced."""
    answer = rain.ask("who replaced Ada Nordlund?")
    assert answer.citations[0].quote == "Piet van Dam was named interim chief."


def test_a_name_in_a_long_list_counts_little() -> None:
    """The subject of the first sentence wins; without any person there is nobody."""
    names = ("Ada Nordlund", "Oona Ruiz", "Jo Abara")

    def people_in(text: str) -> list[tuple[str, int]]:
        return [(name, text.index(name)) for name in names if name in text]

    text = "Ada Nordlund left. Oona Ruiz and Jo Abara spoke. [2] Nordlund had been ill."
    assert most_prominent_person([text], people_in) == "Ada Nordlund"
    assert most_prominent_person(["Nothing.", "Jo Abara spoke."], people_in) == "Jo Abara"
    assert most_prominent_person(["Nothing."], people_in) is None
