"""What a visitor does in the chat, in a real browser before the real assistant."""

import re

from playwright.sync_api import Browser, expect

from ui.export.numbering import labels
from ui.serving.protocols import Assistant

from .visitor import PATIENCE, Slow, Visitor


def test_a_question_is_answered_with_numbered_sources(visit: Visitor) -> None:
    """The way of every visitor: a question in the box, an answer with numbers, a card for each source."""
    visit.ask("What is RLHF?")
    expect(visit.answer).to_contain_text("human feedback")
    assert visit.markers.count() >= 1
    expect(visit.panel.get_by_role("heading", name="Sources")).to_be_visible()
    expect(visit.panel.get_by_role("heading", name="Related")).to_be_visible()
    expect(visit.box).to_have_value("")
    visit.assert_fits()


def test_a_click_on_a_number_shows_the_quoted_words_marked(visit: Visitor, assistant: Assistant) -> None:
    """What is marked in the card is what the catalogue holds at the cited place, and it is in view."""
    visit.ask("What is RLHF?")
    citations = assistant.ask("What is RLHF?").citations
    citation = citations[-1]
    label = labels(citations)[citation.number]
    marker = visit.answer.get_by_role("link", name=f"Source {label}: {citation.title}", exact=True)
    marker.first.click()
    mark = visit.panel.locator("mark.lit")
    expect(mark).to_be_in_viewport()
    assert "".join(mark.all_text_contents()) == citation.quote
    entry = assistant.catalogue.by_id[citation.entry_id]
    assert entry.texts()[citation.field][citation.start : citation.end] == citation.quote
    expect(visit.panel.locator(".card.lit")).to_be_focused()
    visit.page.keyboard.press("Escape")
    expect(marker.first).to_be_focused()


def test_a_follow_up_is_understood_from_the_conversation(visit: Visitor) -> None:
    """What "it" stands for is found in what was spoken of, and the page says how the question was read."""
    visit.ask("What is RLHF?")
    visit.ask("How is it trained?")
    expect(visit.answer.locator(".searched")).to_contain_text("RLHF")
    expect(visit.page.locator("article")).to_have_count(2)


def test_numbers_of_an_earlier_answer_bring_its_sources_back(visit: Visitor) -> None:
    """After a follow-up, the first answer's number still leads to the first answer's card."""
    visit.ask("What is RLHF?")
    first = visit.panel.locator(".sheet:not([hidden]) .card-title").first.inner_text()
    visit.ask("What does the EU AI Act require?")
    expect(visit.panel.locator(".sheet:not([hidden]) .card-title").first).not_to_have_text(first)
    visit.page.locator("#earlier a.marker").first.click()
    expect(visit.panel.locator(".sheet:not([hidden]) .card-title").first).to_have_text(first)
    expect(visit.panel.locator(".card.lit")).to_be_visible()


def test_a_related_entry_is_asked_about_by_a_click(visit: Visitor) -> None:
    """Related items lead on without typing."""
    visit.ask("What is RLHF?")
    item = visit.panel.locator(".sheet:not([hidden]) .related-item").first
    title = item.locator(".related-title").inner_text()
    item.click()
    visit.wait(f"Tell me about {title}")
    expect(visit.page.locator("article")).to_have_count(2)


def test_examples_and_suggestions_are_asked_by_a_click(visit: Visitor) -> None:
    """The empty page offers questions, and an answer offers the next ones."""
    example = visit.page.get_by_role("list", name="Example questions").get_by_role("button").first
    question = example.inner_text()
    example.click()
    visit.wait(question)
    suggestion = visit.answer.locator(".suggestion").first
    following = suggestion.inner_text()
    suggestion.click()
    visit.wait(following)
    expect(visit.page.locator(".welcome")).to_have_count(0)


def test_what_the_catalogue_does_not_hold_is_declined_with_what_lies_near(visit: Visitor) -> None:
    """No answer is made up; a near entry can be asked about."""
    visit.ask("What is the weather in Paris?")
    expect(visit.answer.locator(".abstained")).to_be_visible()
    expect(visit.markers).to_have_count(0)
    visit.answer.locator(".nearest button").first.click()
    expect(visit.answer.locator("h2")).to_have_text(re.compile("^Tell me about "), timeout=PATIENCE)
    visit.wait()


def test_stop_ends_a_search_and_the_chat_goes_on(browser: Browser, slow_url: str, slow: Slow) -> None:
    """Stop takes effect at once, says so, and the next question is answered as ever."""
    slow.gate.clear()
    with Visitor.on(browser, slow_url) as visitor:
        expect(visitor.page.locator("#masthead")).to_contain_text("Word search alone <b>for now</b>")
        visitor.box.fill("What is RLHF?")
        visitor.box.press("Enter")
        stop = visitor.page.get_by_role("button", name="Stop")
        stop.click()
        expect(visitor.answer).to_contain_text("Stopped.")
        expect(stop).to_be_hidden()
        slow.gate.set()
        visitor.page.wait_for_timeout(500)
        expect(visitor.answer.locator(".sentence")).to_have_count(0)
        visitor.ask("What does the EU AI Act require?")
        assert visitor.markers.count() >= 1


def test_a_new_conversation_starts_from_nothing(visit: Visitor) -> None:
    """The page is empty again, and what was said before is not carried over."""
    visit.ask("What is RLHF?")
    visit.page.get_by_role("button", name="New conversation").click()
    expect(visit.page.locator(".welcome")).to_be_visible()
    expect(visit.page.locator("article")).to_have_count(0)
    expect(visit.panel.locator(".card")).to_have_count(0)
    visit.ask("How is it trained?")
    expect(visit.page.locator("article")).to_have_count(1)
    expect(visit.answer.locator(".searched")).to_have_count(0)


def test_an_empty_question_does_nothing_and_one_too_long_stays_in_the_box(visit: Visitor) -> None:
    """Nothing is lost of what was written, and the message says by how much to shorten it."""
    visit.box.fill("   ")
    visit.box.press("Enter")
    visit.page.wait_for_timeout(500)
    expect(visit.page.locator(".welcome")).to_be_visible()
    written = "word " * 400 + "end"
    visit.box.fill(written)
    visit.box.press("Enter")
    expect(visit.page.get_by_role("alert")).to_contain_text("2,003 characters; the limit is 2,000")
    expect(visit.box).to_have_value(written)
    expect(visit.page.locator("article")).to_have_count(0)
    visit.box.fill(written[:1999])
    visit.box.press("Enter")
    visit.wait()
    expect(visit.page.get_by_role("alert")).to_have_count(0)


def test_hostile_words_in_a_question_are_only_words(visit: Visitor) -> None:
    """What a visitor types comes back as text; a dialog or an error would fail the test."""
    hostile = "<img src=x onerror=alert(1)> ${alert(2)} {{constructor}} What is RLHF?"
    visit.box.fill(hostile)
    visit.box.press("Enter")
    expect(visit.answer.locator("h2")).to_have_text(hostile, timeout=PATIENCE)
    visit.wait()
    expect(visit.page.locator("#reading img")).to_have_count(0)


def test_copying_takes_the_answer_with_its_references(browser: Browser, url: str) -> None:
    """What lands in the clipboard has the markers and the numbered sources."""
    with Visitor.on(browser, url, permissions=["clipboard-read", "clipboard-write"]) as visitor:
        visitor.ask("What is RLHF?")
        visitor.answer.get_by_role("button", name="Copy answer").click()
        expect(visitor.answer.get_by_role("button", name="Copied")).to_be_visible()
        copied = str(visitor.page.evaluate("navigator.clipboard.readText()"))
        assert "[1]" in copied
        assert "\n[1] " in copied


def test_another_level_is_asked_for_on_the_answer(visit: Visitor) -> None:
    """The button "Simpler" asks the same question for beginners, and the answer then offers more technical ones only."""
    visit.ask("What is RLHF?")
    visit.answer.get_by_role("button", name="Simpler").click()
    expect(visit.page.locator("article")).to_have_count(2)
    visit.wait("What is RLHF?")
    expect(visit.answer.get_by_role("button", name="More technical")).to_be_visible()
    expect(visit.answer.get_by_role("button", name="Simpler")).to_have_count(0)


def test_two_visitors_share_nothing(browser: Browser, url: str) -> None:
    """What one asks is no part of the other's conversation."""
    with Visitor.on(browser, url) as first, Visitor.on(browser, url) as second:
        first.ask("What is RLHF?")
        second.ask("How is it trained?")
        expect(second.page.locator("article")).to_have_count(1)
        expect(second.answer.locator(".searched")).to_have_count(0)


def test_a_refusal_at_the_door_is_said_and_the_question_stays(visit: Visitor) -> None:
    """Gradio shows nothing where its queue is refused; here the reader learns why, and may send the same words again."""
    error = {"error": {"code": "too_many_requests", "message": "too many questions; try again in 7 s"}}
    door = "**/gradio_api/queue/join*"
    visit.page.route(door, lambda route: route.fulfill(status=429, json=error))
    visit.box.fill("What is RLHF?")
    visit.box.press("Enter")
    expect(visit.page.locator(".refused")).to_have_text("Too many questions; try again in 7 s.")
    expect(visit.box).to_have_value("What is RLHF?")
    expect(visit.box).to_be_focused()
    visit.page.unroute(door)
    visit.box.press("Enter")
    visit.wait("What is RLHF?")
    expect(visit.page.locator(".refused")).to_have_count(0)
    assert len([trouble for trouble in visit.troubles if "429" in trouble]) == len(visit.troubles)
    visit.troubles.clear()
