"""The gate has weights for known signals only, and a refusal says what is missing."""

import itertools

import pytest

from assistant.answer import Turn
from assistant.answering import abstention
from assistant.answering.abstention_signals import SIGNALS
from assistant.pipeline import Assistant
from assistant.question import Question


@pytest.mark.parametrize("with_what", list(itertools.product([True, False], repeat=2)))
def test_every_weight_belongs_to_a_signal(with_what: tuple[bool, bool]) -> None:
    """A weight for an unknown signal would have no effect, and nobody would notice."""
    fitted = abstention.Gate.open(with_vectors=with_what[0], with_reader=with_what[1])
    assert fitted.weights
    assert set(fitted.weights) <= set(SIGNALS)
    assert 0 < fitted.threshold < 1


def test_more_evidence_never_lowers_the_probability() -> None:
    """A higher cosine or coverage never lowers the probability of an answer."""
    fitted = abstention.Gate.open(with_vectors=True)
    some = dict.fromkeys(SIGNALS, 0.3)
    more = some | {"sentence": 0.8, "passage": 0.8, "rest_cosine": 0.8, "rest_coverage": 0.9}
    assert fitted.decide(more).probability > fitted.decide(some).probability


def test_the_gate_sees_a_signal_for_each_name(assistant: Assistant) -> None:
    """The gate gets a value for each signal, in the order of the fit."""
    _, draft = assistant.answer_and_draft(Question("How many parameters does GPT-3 have?"))
    assert list(draft.signals) == list(SIGNALS)
    assert "gpt-3" in draft.leading


def test_a_reason_names_the_nearest_entry_and_claims_nothing_about_its_sentences(assistant: Assistant) -> None:
    """What was not found may still be there, so no reason says that a sentence is absent."""
    answer = assistant.ask("Who drew the logo of Claude?")
    assert answer.status == "abstained"
    assert answer.reason is not None
    assert answer.reason.startswith("I found nothing that answers this in the catalogue. The nearest entry is “")
    assert answer.nearest


@pytest.mark.parametrize(
    ("question", "word"),
    [("Who made it?", "it"), ("How big was the paper?", "the paper"), ("what did they say", "they")],
)
def test_a_pronoun_without_a_conversation_is_asked_back(assistant: Assistant, question: str, word: str) -> None:
    """Without a conversation, a pronoun refers to nothing; in a conversation it is resolved."""
    answer = assistant.ask(question)
    assert answer.status == "abstained"
    assert f"“{word}”" in (answer.reason or "")
    assert answer.suggestions
    said = [Turn("user", "What is GPT-3?"), Turn("assistant", "A language model.", cited=("gpt-3",))]
    assert "does not say what" not in (assistant.ask(Question(question, history=said)).reason or "")


def test_a_date_in_a_follow_up_keeps_the_topic_of_the_conversation(assistant: Assistant) -> None:
    """An entry may say something about later times; "and in 2024?" asks only for another time."""
    said = [Turn("user", "What is GPT-3?"), Turn("assistant", "A language model.", cited=("gpt-3",))]
    told = assistant.ask(Question("How many parameters did it have in 2024?", history=said))
    assert "gpt-3" in told.cited
    assert "gpt-3" not in assistant.ask(Question("and in 2024?", history=said)).cited


@pytest.mark.parametrize(
    ("question", "entry", "date"),
    [
        ("When was GPT-4 released?", "gpt-4", "14 March 2023"),
        ("when did chatgpt come out", "chatgpt-launch", "30 November 2022"),
        ("When was GPT-3 published?", "gpt-3", "May 2020"),
    ],
)
def test_the_release_date_is_the_date_of_the_event(assistant: Assistant, question: str, entry: str, date: str) -> None:
    """The date is a field, so it is found whatever words the event uses; the answer starts with it."""
    answer = assistant.ask(question)
    assert answer.status == "answered"
    assert answer.citations[0].entry_id == entry
    assert date in answer.sentences[0].text


def test_the_date_of_something_else_is_not_the_date_of_the_event(assistant: Assistant) -> None:
    """The date of GPT-4 does not say when it was painted."""
    assert assistant.ask("When was GPT-4 painted blue?").status == "abstained"
