"""Which sentence comes first, and which were shown before."""

from dataclasses import replace

import pytest

from assistant.answer import Answer, Sentence, Turn
from assistant.evaluation import shown_sentences
from tests.support import answers
from tests.support.answers import catalogue, cite

FIRST = "It needs comparisons, not a rule."
SECOND = "It can be gamed."


def made(*quotes: str, introduction: str = "") -> Answer:
    """An answer that quotes the takeaways of a guide; an introduction stands before the first one."""
    cited = [cite(catalogue(), number, "rlhf", "key_takeaways", quote) for number, quote in enumerate(quotes, start=1)]
    texts = [f"{introduction if number == 1 else ''}{quote}" for number, quote in enumerate(quotes, start=1)]
    said = tuple(Sentence(text, (number,), 1.0) for number, text in enumerate(texts, start=1))
    return answers.answer(*cited, sentences=said)


def titled(*, total: int | None) -> Answer:
    """A list of one entry, with its title."""
    made_list = answers.answer(
        cite(catalogue(), 1, "rlhf", "title", "RLHF explained"), text="1 guide:\n\n- RLHF explained [1]"
    )
    return replace(made_list, total=total)


def test_the_first_sentence_is_the_first_with_a_source() -> None:
    """A remark before it is no content; its introduction is part of it."""
    answer = made(FIRST, SECOND, introduction="OpenAI, January 2022: ")
    remark = Sentence("The catalogue does not say who.", (), 1.0)
    assert shown_sentences.first(answer) == f"OpenAI, January 2022: {FIRST}"
    assert shown_sentences.first(replace(answer, sentences=(remark, *answer.sentences))).endswith(FIRST)
    assert len(shown_sentences.quoted(replace(answer, sentences=(remark, *answer.sentences)))) == 2


def test_the_line_above_a_list_belongs_to_its_first_sentence() -> None:
    """It answers "how many"; above a paragraph, such a line is a remark."""
    assert shown_sentences.first(titled(total=1)) == "1 guide: RLHF explained"
    assert shown_sentences.first(titled(total=None)) == "RLHF explained"


@pytest.mark.parametrize(
    ("text", "expected"), [("Hello\\! Ask me. Or browse.", "Hello!"), ("One line\nanother", "One line"), ("", "")]
)
def test_without_quotations_the_first_sentence_is_that_of_the_text(text: str, expected: str) -> None:
    """A greeting has no source."""
    assert shown_sentences.first(answers.answer(text=text)) == expected


def test_sentences_of_earlier_answers_are_repeated_and_so_are_those_said_twice() -> None:
    """The words that introduce a quotation do not make it new."""
    before = made(FIRST, introduction="OpenAI, January 2022: ")
    assert shown_sentences.repeats(made(FIRST, SECOND), [], [before]) == [True, False]
    assert shown_sentences.repeats(made(SECOND, SECOND), [], [before]) == [False, True]
    assert shown_sentences.repeats(made(FIRST), [], []) == [False]


def test_a_conversation_of_texts_is_split_into_its_sentences() -> None:
    """Markers, escapes and introductions are left aside; what the user said does not count."""
    told = Turn("assistant", f"OpenAI, January 2022: {FIRST} [1] Something \\[else\\]. [2]")
    assert shown_sentences.repeats(made(FIRST, SECOND), [Turn("user", SECOND), told], []) == [True, False]


def test_titles_and_lists_are_not_compared() -> None:
    """A title is a name, and a list shows what its question decides; a later answer can repeat its sentences."""
    assert shown_sentences.repeats(titled(total=None), [], [titled(total=1)]) == []
    assert shown_sentences.repeats(replace(made(FIRST), total=1), [], [made(FIRST)]) == []
    assert shown_sentences.repeats(made(FIRST), [], [replace(made(FIRST), total=1)]) == [True]


def test_a_rewritten_sentence_is_compared_as_it_stands() -> None:
    """A language model may say two things from one source."""
    cited = cite(catalogue(), 1, "rlhf", "key_takeaways", SECOND)
    said = tuple(
        Sentence(text, (1,), 1.0) for text in ("People can game it.", "Games are possible.", "people can GAME it")
    )
    assert shown_sentences.repeats(answers.answer(cited, sentences=said), [], []) == [False, False, True]
