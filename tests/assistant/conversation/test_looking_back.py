"""Tests of how many earlier questions a follow-up uses, and of questions that never use any."""

import pytest

from assistant.answer import Turn
from assistant.conversation.context import CARRIED, DECAY, background_of
from assistant.conversation.topic import conversation_topic
from assistant.pipeline import Assistant
from index.lexical import terms

LEANING = "and why is that so?"


def after(*questions: str) -> list[Turn]:
    """Return a conversation of only user questions, as from a program that keeps no answers."""
    return [Turn("user", question) for question in questions]


@pytest.mark.parametrize(("between", "remembered"), [(11, True), (12, False), (30, False)])
def test_a_subject_is_remembered_for_twelve_questions(assistant: Assistant, *, between: int, remembered: bool) -> None:
    """A subject named twelve questions ago is still known; a subject named thirteen questions ago is not."""
    resolved = assistant.resolve("why does it matter?", after("What is reward hacking?", *[LEANING] * between))
    assert ("reward hacking" in resolved.text) == remembered


def test_earlier_words_lose_weight_with_distance() -> None:
    """Each question's words weigh `DECAY` times those of the next question; only the last eight questions count."""
    asked = "lion tiger bear wolf fox seal whale otter lynx moose".split()
    words = dict(background_of("walrus", asked, weight=0.5).words)
    expected = {terms(word)[0]: 0.5 * DECAY**place for place, word in enumerate(reversed(asked[2:]))}
    assert words == pytest.approx(expected, abs=1e-4)


def test_a_word_keeps_the_weight_of_its_last_use() -> None:
    """A repeated word has the weight of its latest question; words of the question itself are not background."""
    words = dict(background_of("walrus", ["walrus tusk", "tusk"], weight=0.5).words)
    assert words == {"tusk": 0.5}


def test_words_put_into_a_question_weigh_less_than_its_own() -> None:
    """If the question as asked is given, words that were added to it are part of its background."""
    background = background_of("walrus tusk", ["sea"], weight=0.3, own="walrus")
    assert dict(background.words) == {"tusk": CARRIED, "sea": 0.3}
    assert background.levels() == [(CARRIED, ["tusk"]), (0.3, ["sea"])]


def test_the_text_of_a_background_is_the_first_and_the_last_question() -> None:
    """The text has the first and last question and the question as asked; without a text, the share is 0."""
    background = background_of("c whole", ["a", "x", "b"], weight=0.3, share=0.5, spoken="c")
    assert (background.text, background.share) == ("a b c", 0.5)
    assert background_of("c", [], weight=0.3, share=0.5).share == 0.0


def test_a_subject_lasts_until_a_question_sets_another() -> None:
    """A question that depends on the conversation keeps the subject."""
    subjects = {"first": "walrus", "lean": "", "second": "tusk"}

    def own(question: str, *, first: bool) -> str:
        assert first == (question == "first")
        return subjects[question]

    assert conversation_topic(["first", "lean"], own) == "walrus"
    assert conversation_topic(["first", "lean", "second", "lean"], own) == "tusk"
    assert conversation_topic([], own) == ""


@pytest.mark.parametrize(
    "question",
    [
        "Is melatonin bad for you?",
        "Are vaccines dangerous?",
        "How big is Jupiter?",
        "What does the term overfitting mean?",
        "how do I bake sourdough bread",
        "Is it possible to learn Spanish in a year?",
        "What time is it in Tokyo?",
        "How do companies hire their employees?",
        "What are the reasons that most firms fail?",
        "What is the capital of Peru?",
    ],
)
def test_a_question_that_names_its_own_subject_leans_on_nothing(assistant: Assistant, question: str) -> None:
    """Such a question is searched unchanged, after any conversation."""
    resolved = assistant.resolve(question, after("What is reward hacking?"))
    assert (resolved.text, resolved.changed) == (question, False)


@pytest.mark.parametrize(
    "question",
    [
        "Is it dangerous?",
        "And are they?",
        "which ones?",
        "how big is it?",
        "Who wrote the paper?",
        "What was the fine?",
    ],
)
def test_a_question_that_points_back_gets_the_subject(assistant: Assistant, question: str) -> None:
    """Similar to the questions of the previous test, but without a subject of their own."""
    resolved = assistant.resolve(question, after("What is reward hacking?"))
    assert resolved.changed
    assert "reward hacking" in resolved.text.lower()
