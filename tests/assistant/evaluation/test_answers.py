"""Answers are measured as a reader reads them: what comes first, what is repeated, what should not be there."""

from dataclasses import replace
from typing import Any

import pytest

from assistant.answer import Answer, Sentence, Turn
from assistant.evaluation import answers
from assistant.evaluation.datasets import Task
from assistant.pipeline import Assistant
from assistant.question import Question
from tests.support.answers import answer, catalogue, cite

FIRST = "It needs comparisons, not a rule."
SECOND = "It can be gamed."


def quoting(*quotes: str) -> Answer:
    """An answer that quotes a guide."""
    cited = [cite(catalogue(), number, "rlhf", "key_takeaways", quote) for number, quote in enumerate(quotes, start=1)]
    return answer(*cited, sentences=tuple(Sentence(one.quote, (one.number,), 1.0) for one in cited))


class Scripted:
    """An assistant that gives prepared answers in order and remembers the questions."""

    def __init__(self, *prepared: Answer) -> None:
        self._prepared = iter(prepared)
        self.asked: list[Question] = []

    def ask(self, question: Question) -> Answer:
        """The next answer."""
        self.asked.append(question)
        return replace(next(self._prepared), question=question.text)


REFUSAL = answer(
    status="abstained", text="No sentence found there says why.", reason="No sentence found there says why."
)


def measured(prepared: list[Answer], tasks: list[Task]) -> dict[str, Any]:
    """The figures for prepared answers."""
    engine: Any = Scripted(*prepared)
    return answers.questions(engine, tasks)


def test_first_sentences_are_judged_only_in_answers_to_questions_with_a_lead() -> None:
    """A refusal has no first sentence to judge, and it counts as a false refusal instead."""
    tasks = [
        Task("right", "?", lead="COMPARISONS"),
        Task("late", "?", lead="gamed"),
        Task("refused", "?", lead="gamed"),
        Task("without", "?"),
    ]
    found = measured([quoting(FIRST, SECOND), quoting(FIRST, SECOND), REFUSAL, quoting(SECOND)], tasks)
    assert (found["first_sentence_answers"], found["first_sentence_answers_of"]) == (0.5, 2)
    assert (found["false_refusals"], found["false_refusals_of"]) == (0.25, 4)
    assert [row["first_sentence_answers"] for row in found["details"]] == [True, False, False, None]
    assert found["details"][1]["first_sentence"] == FIRST


def test_sentences_are_counted_against_the_most_that_are_wanted() -> None:
    """The mean is over all answers, and also without lists; a refusal is not too long."""
    tasks = [Task("a", "?", most=1), Task("b", "?", most=1), Task("c", "?", most=0), Task("d", "?")]
    listed = replace(quoting(FIRST, SECOND), total=2)
    found = measured([quoting(FIRST), quoting(FIRST, SECOND), REFUSAL, listed], tasks)
    assert (found["sentences_mean"], found["sentences_mean_of"]) == (1.6667, 3)
    assert (found["sentences_mean_without_lists"], found["sentences_mean_without_lists_of"]) == (1.5, 2)
    assert (found["too_long"], found["too_long_of"]) == (0.5, 2)
    assert [row["too_long"] for row in found["details"]] == [False, True, False, None]


def test_what_must_never_be_shown_is_looked_for_in_refusals_too() -> None:
    """An untrue reason is one of the things that must never be shown."""
    tasks = [Task("a", "?", never=("no sentence", "gamed")), Task("b", "?", never=("GAMED",)), Task("c", "?")]
    found = measured([REFUSAL, quoting(FIRST), quoting(SECOND)], tasks)
    assert (found["forbidden_shown"], found["forbidden_shown_of"]) == (0.5, 2)
    assert [row["never_matched"] for row in found["details"]] == [["no sentence"], [], []]


def test_repeated_sentences_are_a_share_of_all_sentences_compared() -> None:
    """The answers of the conversation are played and compared; refusals and lists add nothing."""
    tasks = [Task("a", "?", (Turn("user", "What is RLHF?"),)), Task("b", "?"), Task("c", "?"), Task("d", "?")]
    listed = replace(quoting(FIRST), total=1)
    found = measured([quoting(FIRST), quoting(FIRST, SECOND), quoting(SECOND, SECOND), REFUSAL, listed], tasks)
    assert (found["repeated_share"], found["repeated_share_of"]) == (0.5, 4)
    assert found["repeated_share_95"] == [0.5, 0.5]
    assert [(row["repeated"], row["compared"]) for row in found["details"]] == [(1, 2), (1, 2), (0, 0), (0, 0)]


def test_figures_without_a_question_for_them_are_left_out() -> None:
    """A share of nothing is not 0."""
    found = measured([REFUSAL], [Task("a", "?")])
    names = ("first_sentence_answers", "repeated_share", "sentences_mean", "forbidden_shown", "too_long")
    assert not [name for name in names if name in found]


def test_every_new_figure_has_its_interval(assistant: Assistant) -> None:
    """With the real engine and a played conversation."""
    tasks = [
        Task("a", "What is RLHF?", lead="feedback", never=("pancake",), most=20),
        Task("b", "tell me more about it", (Turn("user", "What is RLHF?"),), lead="pancake", never=("[a-z]",), most=0),
    ]
    found = answers.questions(assistant, tasks)
    for name in ("first_sentence_answers", "repeated_share", "sentences_mean", "forbidden_shown", "too_long"):
        low, high = found[f"{name}_95"]
        assert low <= found[name] <= high, name
    assert (found["first_sentence_answers"], found["forbidden_shown"], found["too_long"]) == (0.5, 0.5, 0.5)


def test_a_conversation_is_played_once_and_a_given_one_is_kept() -> None:
    """Each earlier question is asked with the answers before it."""
    script: Any = Scripted(quoting(FIRST), quoting(SECOND))
    played = answers.play(script, [Turn("user", "one"), Turn("user", "two")])
    assert [turn.content for turn in played.turns] == ["one", f"{FIRST} [1]", "two", f"{SECOND} [1]"]
    assert [len(question.history) for question in script.asked] == [0, 2]
    assert len(played.answers) == 2
    nobody: Any = Scripted()
    given = (Turn("user", "one"), Turn("assistant", "An answer."))
    assert answers.play(nobody, given) == answers.Played(given)


def test_a_given_conversation_is_compared_by_its_text() -> None:
    """There are no answers to compare with, only what was said."""
    history = (Turn("user", "What is RLHF?"), Turn("assistant", f"A guide: {FIRST} [1]"))
    found = measured([quoting(FIRST, SECOND)], [Task("a", "?", history)])
    assert found["repeated_share"] == pytest.approx(0.5)
