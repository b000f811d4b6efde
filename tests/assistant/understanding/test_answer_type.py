"""Tests of answer types, and of the phrase that says what a question asks for."""

import pytest

from assistant.understanding.answer_type import answer_group, answer_type, wanted_phrase


@pytest.mark.parametrize(
    ("question", "kind", "told", "lacking"),
    [
        ("How much did the lab pay for it?", "money", "The lab paid $12 million.", "The lab bought it in 2021."),
        ("What share of users agreed?", "share", "Some 40 % of users agreed.", "Users agreed with the plan."),
        ("How old was the author?", "age", "She was 23 years old then.", "The author wrote 12 books."),
        ("How long did the trial run?", "span", "The trial ran for six weeks.", "The trial ended well."),
        ("How many chips were sold?", "number", "About 300 chips were sold.", "About 300 people came."),
        ("When was it signed?", "date", "It was signed in May 2019.", "It was signed by both."),
        ("Who led the Orrin team?", "person", "The Orrin team was led by Ada Pine.", "The Orrin team was large."),
        ("Why was it stopped?", "reason", "It was stopped because it failed.", "It was stopped early."),
        (
            "Is there evidence for drift?",
            "evidence",
            "A study found drift in nine owls.",
            "Drift is a change over time, as tests say.",
        ),
        (
            "examples of drift",
            "example",
            "In one test, an owl drifted off.",
            "Drift is any change, for example of a nest.",
        ),
        (
            "criticism of the survey",
            "criticism",
            "Others objected that it was too short.",
            "The survey is a count of owls, not of terns.",
        ),
        (
            "What were the results of the survey?",
            "result",
            "The survey found 30 owls.",
            "A survey is a way to count birds in tests.",
        ),
    ],
)
def test_a_kind_is_told_from_its_mark(question: str, kind: str, told: str, lacking: str) -> None:
    """A sentence with such an answer matches the type; a sentence about the same subject without one does not."""
    asked = answer_type(question)
    assert asked is not None
    assert asked.name == kind
    assert asked.holds(told)
    assert not asked.holds(lacking)


@pytest.mark.parametrize("question", ["What is alignment?", "Explain scaling laws", "Is it safe?", ""])
def test_a_question_for_no_such_thing_has_no_kind(question: str) -> None:
    """Without an answer type, no sentence can be rejected for lacking an answer."""
    assert answer_type(question) is None


@pytest.mark.parametrize(
    ("question", "phrase"),
    [
        ("How many tokens was the model trained on?", "how many tokens"),
        ("which law firm defended the lab", "which law firm"),
        ("what is the monthly price of the plan?", "what the monthly price is"),
        ("How tall is the tower?", "how tall"),
        ("and who signed it?", "who"),
        ("What happened in May?", None),
        ("tell me about robots", None),
        ("", None),
    ],
)
def test_what_is_wanted_is_said_in_the_reader_s_words(question: str, phrase: str | None) -> None:
    """The phrase fits after "does not say"; it is None if the question gives no phrase."""
    assert wanted_phrase(question) == phrase


@pytest.mark.parametrize(
    ("question", "group"),
    [
        ("How much did it cost?", "amount"),
        ("What percentage agreed?", "amount"),
        ("How old is it?", "amount"),
        ("How long ago was that?", "amount"),
        ("In which year was it signed?", "time"),
        ("but who signed it?", "person"),
        ("Where was it signed?", "place"),
        ("How come it failed?", "reason"),
        ("What was the annual budget?", "thing"),
        ("What is alignment?", "thing"),
    ],
)
def test_the_same_table_says_what_a_refusal_names(question: str, group: str) -> None:
    """A question with an answer type belongs to that type's group."""
    assert answer_group(question) == group
