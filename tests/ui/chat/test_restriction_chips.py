"""Chips of what was understood, long lists in pages, and what stands beside the sentences."""

import json
import re

import pytest

from assistant.answer import Restriction
from assistant.pipeline import Assistant
from assistant.question import Question
from tests.support.answers import HOSTILE
from ui.chat import render
from ui.chat.conversation import Exchange
from ui.chat.restriction_chips import parts_in


def shown(assistant: Assistant, question: str, without: tuple[Restriction, ...] = ()) -> str:
    """The page's HTML of one finished answer."""
    answer = assistant.ask(Question(question, without=[part.name for part in without]))
    return render.exchange_html(Exchange(1, question, answer, without=without), assistant.catalogue)


def test_each_part_is_a_chip_that_asks_again_without_it(assistant: Assistant) -> None:
    """A chip carries the question and what to leave out; one that is off brings its part back."""
    page = shown(assistant, "OpenAI events since 2024", (Restriction("dates", "since 2024"),))
    assert "Ask again without: OpenAI" in page
    assert "Ask again with: since 2024" in page
    sent = [json.loads(value.replace("&quot;", '"')) for value in re.findall(r'data-without="([^"]*)"', page)]
    assert sent == [
        [["dates", "since 2024"], ["organisations:OpenAI", "OpenAI"]],
        [["dates", "since 2024"], ["kinds:event", "events"]],
        [],
    ]


def test_a_long_list_shows_a_page_and_offers_the_next(assistant: Assistant) -> None:
    """All items are there, the first page is seen, and the line above says how many match."""
    page = shown(assistant, "OpenAI events")
    total = assistant.ask("OpenAI events").total
    assert total is not None
    assert f"{total} events of OpenAI:" in page
    assert page.count("<li dir") == total
    assert page.count('<li dir="auto" hidden') == total - render.ITEMS_PER_PAGE
    assert f"Show {render.ITEMS_PER_PAGE} more of {total - render.ITEMS_PER_PAGE}" in page


def test_what_stands_beside_the_sentences_is_copied_too(assistant: Assistant) -> None:
    """A copied list keeps its first line, a copied comparison its counts."""
    assert render.markdown(assistant.ask("events in March 2023")).startswith("5 events in March 2023:\n\n")
    assert "Entries that mention RLHF" in render.markdown(assistant.ask("Compare RLHF and constitutional AI"))


@pytest.mark.parametrize("value", ["", "{", "[]", "[1]", '[["a"]]', '{"a": 1}', '[["a", 1]]', "[" * 9_000, None, 3])
def test_what_a_page_sends_in_another_form_is_left_out(value: object) -> None:
    """Anything may be sent; only pairs of text are read."""
    assert parts_in(value) == ()


def test_labels_are_shown_as_text(assistant: Assistant) -> None:
    """A page can send any label back: none is read as markup."""
    for label in HOSTILE:
        page = shown(assistant, "guides on alignment", (Restriction("dates", label),))
        assert "<script>" not in page
        assert "<img" not in page
        assert "<iframe" not in page
