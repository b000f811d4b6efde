"""Tests of the replies to small talk."""

from typing import get_args

import pytest

from assistant.conversation import small_talk
from assistant.conversation.acts import Act
from assistant.dialogue import CHATTER, INSTRUCTIONS, OUT_OF_REACH
from tests.support import answers

ACTS = sorted((CHATTER | OUT_OF_REACH | {"agree"}) - {"language_request"})


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("has_answer", [True, False])
def test_each_act_without_a_question_has_a_reply_of_few_sentences(act: Act, *, has_answer: bool) -> None:
    """At most four short sentences, without Markdown."""
    reply = small_talk.reply(act, "hm", answers.catalogue(), quotes_only=True, has_answer=has_answer)
    assert reply is not None
    assert 1 <= reply.count(". ") + 1 <= 4
    assert not set(reply) & set("*_[]<>`|")


def test_what_is_said_of_the_program_depends_on_who_writes_its_sentences() -> None:
    """With a language model it does not say that it quotes only."""
    held = answers.catalogue()
    quoting = small_talk.reply("about_assistant", "what are you", held, quotes_only=True, has_answer=False)
    writing = small_talk.reply("about_assistant", "what are you", held, quotes_only=False, has_answer=False)
    assert quoting is not None
    assert writing is not None
    assert "no other language model" in quoting
    assert "A language model writes my sentences" in writing


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("who made you", "does not say who runs"),
        ("do you store my chats", "up to those who run this site"),
        ("are you ever wrong", "exact quotation"),
    ],
)
def test_a_question_about_the_program_gets_what_it_asks(text: str, holds: str) -> None:
    """Who made it, what it keeps, whether it can be wrong."""
    reply = small_talk.reply("about_assistant", text, answers.catalogue(), quotes_only=True, has_answer=False)
    assert reply is not None
    assert holds in reply


def test_the_greeting_counts_the_entries() -> None:
    """In the singular where there is one."""
    assert small_talk.offer(answers.catalogue()).startswith("Ask me about this catalogue: 1 event, 1 guide.")


def test_every_act_is_of_one_sort() -> None:
    """No act is both small talk and an instruction."""
    assert not CHATTER & INSTRUCTIONS
    assert not CHATTER & OUT_OF_REACH
    assert not OUT_OF_REACH & INSTRUCTIONS
    assert set(get_args(Act)) >= CHATTER | INSTRUCTIONS | OUT_OF_REACH


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("I want to kill myself", True),
        ("my husband hits me", True),
        ("i am feeling suicidal", True),
        ("Which chatbot told a boy to kill himself?", False),
        ("What do chatbots say about suicide?", False),
        ("i'm dying to know what RLHF is", False),
    ],
)
def test_somebody_in_danger_is_told_where_help_is(text: str, *, needs: bool) -> None:
    """A question about such cases is still a question."""
    assert small_talk.in_need(text) is needs
