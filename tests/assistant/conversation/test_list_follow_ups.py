"""What is said after a list: the act, and the request of its own that comes of it."""

import pytest

from assistant.answer import Turn
from assistant.conversation.list_follow_ups import refine
from assistant.conversation.list_utterances import act_of, pick_of
from assistant.pipeline import Assistant
from assistant.question import Question

ACTS = {
    "list_filter": ["only the ones about safety", "just from 2024", "without google", "and only those by Anthropic", "leave out the guides", "which of them are about agents"],
    "list_sort": ["oldest first", "newest first please", "by importance", "sort them by date", "starting with the oldest", "can you rank these by importance"],
    "list_count": ["how many is that", "how many are there?", "and how many of them", "count them"],
    "list_pick": ["the first one", "number 3", "the one about copyright", "open the second", "the last one please", "#4"],
    "list_more": ["more", "next", "show the rest", "show me 3 more", "the next five", "the others"],
}  # fmt: skip
NO_ACT = [
    "What happened this year?", "What is the latest news?", "Show me all guides", "What is RLHF?", "and google?", "why?", "who won?",
    "Is it only about safety?", "tell me more about alignment faking", "When was the first model released?",
]  # fmt: skip
REFINED = [
    ("What did OpenAI publish in 2023?", "only the ones about safety", "What did OpenAI publish in 2023, about safety"),
    ("list all lawsuits", "just from 2024", "list all lawsuits from 2024"),
    ("What did OpenAI publish in 2023?", "only from may", "What did OpenAI publish in May 2023"),
    ("What did OpenAI publish in 2023?", "and in 2024?", "What did OpenAI publish in 2024"),
    ("events about copyright", "without google", "events about copyright without google"),
    ("events about copyright", "oldest first", "events about copyright, oldest first"),
    ("events about copyright, oldest first", "newest first", "events about copyright, newest first"),
    ("list all lawsuits", "how many is that?", "How many lawsuits"),
    ("What did OpenAI publish in 2023?", "how many are there", "How many events did OpenAI publish in 2023"),
    ("timeline of superalignment", "how many is that", "How many events about superalignment"),
    ("latest news about Anthropic", "more", "the latest 5 news about Anthropic after the first 5"),
    ("the latest 5 news about Anthropic after the first 5", "next", "the latest 5 news about Anthropic after the first 10"),
    ("latest news about Anthropic", "show the rest", "list news about Anthropic, newest first"),
    ("list all lawsuits", "more", "list all lawsuits, further entries"),
    ("events in 2024", "only the important ones", "major events in 2024"),
]  # fmt: skip


@pytest.mark.parametrize(("act", "said"), [(act, said) for act, texts in ACTS.items() for said in texts])
def test_what_is_said_of_a_list_is_told_apart(act: str, said: str) -> None:
    """Filters, orders, counts, picks, and asking for more."""
    assert act_of(said) == act


@pytest.mark.parametrize("said", NO_ACT)
def test_a_question_of_its_own_says_nothing_of_a_list(said: str) -> None:
    """It may follow a list all the same."""
    assert act_of(said) is None


@pytest.mark.parametrize(("previous", "said", "request_"), REFINED)
def test_a_list_is_refined_to_a_request_of_its_own(previous: str, said: str, request_: str) -> None:
    """The request can be read without the conversation."""
    assert refine(previous, said) == request_


def test_a_pick_is_by_place_or_by_subject() -> None:
    """The last entry has the number -1."""
    picks = [
        pick_of(said)
        for said in ("the first one", "number twelve", "the last one", "second to last", "the one about chips")
    ]
    assert [(pick.number, pick.about) for pick in picks if pick] == [
        (1, ""),
        (12, ""),
        (-1, ""),
        (-2, ""),
        (None, "chips"),
    ]


def turns(assistant: Assistant, said: str, *, cited: bool) -> list[Turn]:
    """A conversation of one question; with or without the ids that the answer cited."""
    answer = assistant.ask(said)
    return [Turn("user", said), Turn("assistant", answer.text, answer.cited if cited else ())]


@pytest.mark.parametrize("cited", [True, False])
def test_an_entry_of_a_list_is_opened_and_quoted(assistant: Assistant, cited: bool) -> None:  # noqa: FBT001
    """Also for a program that keeps only the texts of a conversation; a number beyond the list opens nothing."""
    history = turns(assistant, "events about scheming", cited=cited)
    listed = assistant.ask("events about scheming").cited
    answer = assistant.ask(Question("number 2", history))
    assert answer.cited == (listed[1],)
    assert answer.searched_for == f"Show the entry “{assistant.catalogue.by_id[listed[1]].title}”"
    assert "Show the entry" not in assistant.ask(Question("number 99", history)).searched_for


def test_several_entries_of_one_list_are_opened_one_after_the_other(assistant: Assistant) -> None:
    """After "the first one", "the third" still means the list."""
    history = turns(assistant, "list all lawsuits", cited=True)
    first = assistant.ask(Question("the first one", history))
    history += [Turn("user", "the first one"), Turn("assistant", first.text, first.cited)]
    assert assistant.ask(Question("and the third", history)).cited == (history[1].cited[2],)


@pytest.mark.parametrize(
    "said",
    ["What happened this year?", "What is the latest news?", "Show me all guides", "which events happened this week?"],
)
def test_a_request_of_its_own_stands_alone_in_any_conversation(assistant: Assistant, said: str) -> None:
    """Before a period, "this" points at nothing."""
    history = turns(assistant, "What is RLHF?", cited=True)
    assert (assistant.resolve(said, history).text, assistant.resolve(said, history).changed) == (said, False)


def test_without_a_list_nothing_is_refined(assistant: Assistant) -> None:
    """After an answer that is no list, the words mean what they meant."""
    history = turns(assistant, "What is RLHF?", cited=True)
    assert "oldest first" not in assistant.resolve("What is DPO?", history).text
    assert "Show the entry" not in assistant.resolve("the first one", history).text
