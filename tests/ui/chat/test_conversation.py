"""A visitor's conversation as a value: what was shown, what was stopped, what a follow-up is told."""

from bs4 import BeautifulSoup

from tests.support.answers import answer, catalogue, cite, shown
from ui.chat import render
from ui.chat.conversation import MAX_REVEAL_SECONDS, Conversation, Failure, pause


def test_a_stopped_answer_keeps_what_was_shown() -> None:
    """Stop leaves the sentences on the page, their sources, and a conversation that can go on."""
    held = catalogue()
    quotes = [cite(held, n, "rlhf", "tldr", text) for n, text in ((1, "RLHF turns"), (2, "It needs comparisons."))]
    asked = Conversation().asked("What is RLHF?")
    stopped = next(iter(asked.answered(answer(*quotes)))).stopped()
    html = BeautifulSoup(render.exchange_html(stopped.exchanges[0], held), "html.parser")
    assert len(html.select("a.marker")) == 1
    assert "Stopped." in html.get_text()
    assert [turn.content for turn in stopped.turns] == ["What is RLHF?", "RLHF turns"]
    assert stopped.turns[1].cited == ("rlhf",)
    assert stopped.asked("And then?").current.number == 2  # type: ignore[union-attr]


def test_turns_carry_what_a_follow_up_needs() -> None:
    """The engine is told what was cited and how a question was understood; a question without answer is left out."""
    held = catalogue()
    made = answer(cite(held, 1, "rlhf", "tldr", "It needs comparisons."), searched_for="What is RLHF, then?")
    conversation = shown(made).asked("Broken?").failed(Failure("no", "none"))
    assert [(turn.role, turn.cited, turn.searched_for) for turn in conversation.turns] == [
        ("user", (), "What is RLHF, then?"),
        ("assistant", ("rlhf",), None),
    ]


def test_an_answer_appears_in_few_steps_and_soon() -> None:
    """Sentence by sentence from the first on, the whole at the end, within 0.6 seconds however long it is."""
    held = catalogue()
    for length in (1, 2, 5, 24):
        quotes = [cite(held, number, "rlhf", "tldr", "It needs comparisons.") for number in range(1, length + 1)]
        made = answer(*quotes)
        steps = list(Conversation().asked("What is RLHF?").answered(made))
        counts = [step.current.shown for step in steps if step.current]
        assert counts[0] >= 1
        assert counts == sorted(set(counts))
        assert counts[-1] == length
        assert (len(steps) - 1) * pause(made) <= MAX_REVEAL_SECONDS <= 0.6


def test_a_conversation_is_kept_within_bounds() -> None:
    """A session that goes on for ever does not fill the memory, and numbers stay unlike one another."""
    conversation = Conversation()
    for number in range(100):
        conversation = conversation.asked(f"Question {number}?").stopped()
    assert len(conversation.exchanges) == 60
    assert len({exchange.number for exchange in conversation.exchanges}) == 60


def test_long_lists_push_out_earlier_exchanges_sooner() -> None:
    """A list of everything, drawn, takes as much memory as hundreds of answers; the last is kept, however long."""
    held = catalogue()
    quotes = [cite(held, number, "rlhf", "tldr", "It needs comparisons.") for number in range(1, 251)]
    conversation = Conversation()
    for _ in range(10):
        *_, conversation = conversation.asked("List everything").answered(answer(*quotes))
    assert len(conversation.exchanges) == 3
    assert conversation.asked("And then?").exchanges[-2].answer is not None
    *_, longest = conversation.asked("List everything").answered(answer(*quotes * 3))
    assert len(longest.asked("And then?").exchanges) == 2
