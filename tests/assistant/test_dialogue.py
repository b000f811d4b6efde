"""Tests of what the assistant does with messages that are no plain questions, with the real engine."""

import re

import pytest

from assistant.answer import Answer, Turn
from assistant.conversation import languages, small_talk
from assistant.pipeline import Assistant
from assistant.question import Question


def talk(assistant: Assistant, *messages: str, with_sources: bool = True) -> list[Answer]:
    """Return the answers of a conversation; without `with_sources`, its turns have only roles and contents."""
    turns: list[Turn] = []
    answers: list[Answer] = []
    for message in messages:
        answer = assistant.ask(Question(message, turns))
        answers.append(answer)
        cited = answer.cited if with_sources else ()
        searched_for = answer.searched_for if with_sources else None
        turns += [Turn("user", message, searched_for=searched_for), Turn("assistant", answer.text, cited=cited)]
    return answers


def quotes(answer: Answer) -> list[str]:
    """Return the quotations of an answer, in order."""
    return [citation.quote for citation in answer.citations]


@pytest.mark.parametrize(
    ("message", "holds"),
    [
        ("hello to you all", r"^Hello\. Ask me about this catalogue: \d+ events"),
        ("goodbye then, until tomorrow", r"^Goodbye"),
        ("thank you ever so much", r"^You are welcome"),
        ("what a brilliant answer", r"^Thank you, I am glad"),
        ("are you some kind of ChatGPT?", r"not ChatGPT, and no other language model"),
        ("am I talking to a real human being?", r"a program: no person"),
        ("who programmed you and when?", r"does not say who runs this site"),
        ("so what can you actually help me with?", r"lists, dates and comparisons"),
        ("tell me a funny joke about cats", r"without jokes"),
        ("I would rather speak to a real person please", r"cannot connect you"),
        ("write me a python function that reverses a string", r"cannot write code"),
        ("write me a short poem about robots", r"cannot write texts of my own"),
        ("you are a stupid useless machine", r"I am sorry"),
        ("i want to kill myself", r"crisis line"),
        ("could you answer me in Spanish please?", r"^Este catálogo está en inglés"),
        ("could you say that in a shorter way", r"^There is no answer yet"),
        ("sources please", r"^I have not quoted anything yet"),
    ],
)
def test_a_visitor_gets_a_plain_and_true_reply(assistant: Assistant, message: str, holds: str) -> None:
    """One or two sentences without citations, and example questions."""
    answer = assistant.ask(message)
    assert re.search(holds, answer.text), answer.text
    assert (answer.status, answer.citations, answer.reason) == ("abstained", (), answer.text)
    assert answer.suggestions == assistant.examples()[:3]
    assert answer.searched_for == message


@pytest.mark.parametrize(
    "question", ["hello, what is RLHF?", "thanks, and what is RLHF?", "Can you help me understand RLHF?"]
)
def test_a_polite_question_is_answered(assistant: Assistant, question: str) -> None:
    """Small talk around a question does not hide it."""
    assert assistant.ask(question).status == "answered"


def test_a_follow_up_is_not_greeted(assistant: Assistant) -> None:
    """After a question about RLHF, "How does it work?" asks how RLHF works."""
    answer = talk(assistant, "What is RLHF?", "How does it work?")[-1]
    assert answer.status == "answered"
    assert "RLHF" in answer.searched_for


def test_a_pronoun_in_a_second_clause_stands_for_the_first(assistant: Assistant) -> None:
    """Deepfakes are meant by "they" in "What are deepfakes and why are they dangerous?"."""
    answer = assistant.ask("What are deepfakes and why are they dangerous?")
    assert "does not say what" not in answer.text


@pytest.mark.parametrize("with_sources", [True, False])
@pytest.mark.parametrize(
    ("message", "most"), [("that's too long, one sentence would do", 1), ("two sentences at most please", 2)]
)
def test_a_shorter_answer_has_the_first_sentences_of_the_last_one(
    assistant: Assistant, message: str, most: int, *, with_sources: bool
) -> None:
    """The same quotations with their citations, as many as asked for; also if only the texts are known."""
    before, after = talk(assistant, "What is reward hacking?", message, with_sources=with_sources)
    assert quotes(after) == quotes(before)[:most]
    assert after.searched_for == "What is reward hacking?"


def test_shorter_without_a_number_is_half(assistant: Assistant) -> None:
    """And one sentence cannot be made shorter."""
    before, half, one, none = talk(
        assistant,
        "What is reward hacking?",
        "could you say that in a shorter way",
        "one sentence only",
        "shorter please",
    )
    assert quotes(half) == quotes(before)[: len(before.citations) // 2]
    assert len(one.citations) == 1
    assert none.text == small_talk.NO_SHORTER


def test_a_list_is_shortened_to_its_first_entries(assistant: Assistant) -> None:
    """The titles remain, one a line."""
    before, after = talk(assistant, "What were the latest events of OpenAI?", "shorter please")
    assert after.cited == before.cited[: len(after.cited)]
    assert 0 < len(after.cited) < len(before.cited)
    assert after.text.count("\n- ") == len(after.cited) - 1


def test_bullets_and_repetition_keep_every_sentence(assistant: Assistant) -> None:
    """Only the form changes."""
    before, listed, again = talk(
        assistant, "What is reward hacking?", "put that into bullet points for me", "could you repeat that please"
    )
    assert quotes(listed) == quotes(again) == quotes(before)
    assert listed.text.count("- ") >= len(listed.citations)


def test_an_example_is_new_and_has_an_instance(assistant: Assistant) -> None:
    """Sentences with a case or a date, which the conversation has not shown; then others."""
    before, first, second = talk(
        assistant, "What is reward hacking?", "could you give me a concrete example of that", "another example please"
    )
    assert first.status == second.status == "answered"
    shown = [*quotes(before), *quotes(first), *quotes(second)]
    assert len(shown) == len(set(shown))
    assert "hack" in first.text.lower() or "cheat" in first.text.lower()


def test_a_simpler_answer_is_a_summary_or_a_definition(assistant: Assistant) -> None:
    """From the fields that guides have for newcomers."""
    after = talk(assistant, "How does reward hacking come about?", "sorry, I really don't understand any of this")[-1]
    assert after.status == "answered"
    assert all(citation.field.startswith(("tldr", "terms.")) for citation in after.citations)


def test_sources_are_the_entries_of_the_last_answer(assistant: Assistant) -> None:
    """Each is named with its source and date, and cited."""
    before, after = talk(assistant, "When was GPT-4 released?", "where does this information come from?")
    assert after.cited == before.cited
    assert {citation.field for citation in after.citations} == {"title"}
    assert "March 2023" in after.text


def test_an_instruction_with_a_subject_of_its_own_is_a_question(assistant: Assistant) -> None:
    """After another subject, "an example of reward hacking" does not act on the last answer."""
    after = talk(assistant, "What is RLHF?", "give me an example of reward hacking")[-1]
    assert "reward hacking" in after.searched_for


@pytest.mark.parametrize(
    ("question", "most"),
    [("what is RLHF in one sentence", 1), ("In two sentences: what is reward hacking?", 2)],
)
def test_a_length_in_the_question_limits_the_answer(assistant: Assistant, question: str, most: int) -> None:
    """The words about the length are not searched."""
    answer = assistant.ask(question)
    assert 0 < len(answer.sentences) <= most
    assert "sentence" not in answer.searched_for


def test_bullets_in_the_question_make_a_list(assistant: Assistant) -> None:
    """One sentence a line."""
    answer = assistant.ask("What is RLHF as bullet points")
    assert [line[:2] for line in answer.text.splitlines()] == ["- "] * len(answer.sentences)


def test_small_talk_in_between_does_not_change_the_subject(assistant: Assistant) -> None:
    """A follow-up after thanks continues the subject."""
    after = talk(assistant, "What is RLHF?", "many thanks, that clears it up", "why does it matter?")[-1]
    assert "RLHF" in after.searched_for


def test_a_yes_to_small_talk_asks_for_nothing(assistant: Assistant) -> None:
    """Only an offer can be accepted."""
    assert talk(assistant, "hello", "yes please")[-1].citations == ()


@pytest.mark.parametrize(
    ("question", "language", "name"),
    [
        ("Wer hat eigentlich ChatGPT entwickelt?", "de", "ChatGPT"),
        ("¿Quién dirige hoy OpenAI?", "es", "OpenAI"),
        ("Qui a créé Constitutional AI ?", "fr", "Constitutional AI"),
        ("Что такое RLHF?", "ru", "RLHF"),
        ("RLHF とは何ですか？", "ja", "RLHF"),
    ],
)
def test_a_question_in_another_language_tries_its_names(
    assistant: Assistant, question: str, language: str, name: str
) -> None:
    """One sentence in that language, then what the catalogue says about the name."""
    answer = assistant.ask(question)
    assert answer.text.startswith(languages.IN_ENGLISH[language])
    assert answer.status == "answered"
    assert name in answer.searched_for


def test_a_question_in_another_language_without_names_gets_the_sentence_alone(assistant: Assistant) -> None:
    """Nothing is guessed, and no English sentences are announced."""
    answer = assistant.ask("où sont les clés de ma voiture bleue, s'il vous plaît ?")
    assert (answer.text, answer.status) == (languages.NOTHING_FOUND["fr"], "abstained")


def test_an_opinion_is_not_given_but_the_subject_is_searched(assistant: Assistant) -> None:
    """The answer starts with the note that there is no opinion."""
    answer = assistant.ask("what do you think about reward hacking?")
    assert answer.text.startswith(small_talk.OPINION_AND_ANSWER)
    assert answer.searched_for == "reward hacking?"
    assert assistant.ask("which company do you like best").text == small_talk.OPINION


def test_a_saved_question_that_is_small_talk_matches_nothing(assistant: Assistant) -> None:
    """A feed of "hello" is empty."""
    assert assistant.matching("hello") == []
