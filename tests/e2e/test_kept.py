"""Conversations are kept in the browser: nothing is lost by a reload, Back, a lost connection or a restart of the server."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from assistant.settings.settings import Settings
from tests.support.app_server import until
from ui.app import build_app
from ui.security.connections import server_options
from ui.serving.protocols import Almanac

from .visitor import PATIENCE, Slow, Visitor


def _kept(page: Page) -> None:
    page.wait_for_selector("html[data-kept]")


def _reload(visitor: Visitor) -> None:
    visitor.page.reload()
    _kept(visitor.page)


@contextmanager
def _running(assistant: Almanac, settings: Settings, port: int) -> Iterator[None]:
    """A server at a fixed port, so that a second one can take the place of the first."""
    listener = socket.create_server(("127.0.0.1", port))
    config = uvicorn.Config(
        build_app(assistant, settings), log_level="warning", timeout_graceful_shutdown=1, **server_options(settings)
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    until(lambda: server.started, seconds=60)
    yield
    server.should_exit = True
    config.app.state.closing.set()  # type: ignore[union-attr]
    thread.join(timeout=20)
    listener.close()


def test_a_reload_keeps_turns_sources_draft_and_place(visit: Visitor) -> None:
    """The address names the conversation, and the tab its question; a follow-up is understood after the reload too."""
    visit.ask("What is RLHF?")
    visit.ask("What does the EU AI Act require?")
    expect(visit.page).to_have_url(f"{visit.url}#c-{visit.page.url.rpartition('#c-')[2]}")
    expect(visit.page).to_have_title("What does the EU AI Act require? · Ask the almanac")
    visit.box.fill("a half-written quest")
    visit.page.evaluate("window.scrollTo(0, 90)")
    _reload(visit)
    expect(visit.page.locator("article")).to_have_count(2)
    expect(visit.box).to_have_value("a half-written quest")
    assert abs(visit.page.evaluate("window.scrollY") - 90) < 12  # some pixels, if a font arrives late
    visit.page.locator("#earlier a.marker").first.click()
    expect(visit.panel.locator(".card.lit")).to_be_visible()
    visit.ask("How is RLHF trained?")
    _reload(visit)
    expect(visit.page.locator("article")).to_have_count(3)
    expect(visit.answer.locator(".suggestion").first).to_be_visible()
    visit.ask("Who uses it?")
    expect(visit.answer.locator(".searched")).to_contain_text("RLHF")


def test_back_returns_to_the_conversation_before(visit: Visitor) -> None:
    """A new conversation is a step that Back undoes."""
    visit.ask("What is RLHF?")
    visit.page.get_by_role("button", name="New conversation").click()
    expect(visit.page.locator(".welcome")).to_be_visible()
    visit.page.go_back()
    expect(visit.answer.locator("h2")).to_have_text("What is RLHF?")
    visit.page.go_forward()
    expect(visit.page.locator(".welcome")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_past_conversations_are_found_renamed_and_deleted(browser: Browser, url: str, width: int) -> None:
    """The list has titles and times; the search reads the answers too; deleting all leaves nothing in the browser."""
    with Visitor.on(browser, url, width=width) as visitor:
        page = visitor.page
        visitor.ask("What is RLHF?")
        page.get_by_role("button", name="New conversation").click()
        visitor.ask("What does the EU AI Act require?")
        page.get_by_role("button", name="Conversations").click()
        dialog = page.get_by_role("dialog", name="Conversations")
        rows = dialog.locator(".past-title")
        expect(rows).to_have_text(["What does the EU AI Act require?", "What is RLHF?"])
        expect(dialog.locator(".past-when").first).to_contain_text("today")
        dialog.get_by_role("searchbox").fill("human feedback")
        expect(rows).to_have_text(["What is RLHF?"])
        dialog.get_by_role("searchbox").fill("zebra")
        expect(dialog.get_by_role("status")).to_contain_text("No conversation contains these words")
        dialog.get_by_role("searchbox").fill("")
        dialog.get_by_role("button", name="Rename “What is RLHF?”").click()
        dialog.get_by_role("textbox", name="New title").fill("<b>My</b> reading")
        page.keyboard.press("Enter")
        expect(rows).to_have_text(["What does the EU AI Act require?", "<b>My</b> reading"])
        rows.nth(1).click()
        expect(visitor.answer.locator("h2")).to_have_text("What is RLHF?")
        page.get_by_role("button", name="Conversations").click()
        dialog.get_by_role("button", name="Delete “What does the EU AI Act require?”").click()
        expect(rows).to_have_text(["<b>My</b> reading"])
        dialog.get_by_role("button", name="Delete my conversations").click()
        dialog.get_by_role("button", name="Really delete it?").click()
        expect(dialog.get_by_text("There are no conversations yet.")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(".welcome")).to_be_visible()
        assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('almanac-conv')).length") == 0
        _reload(visitor)
        expect(page.locator("article")).to_have_count(0)


def test_a_question_is_sent_again_when_the_server_is_back(
    browser: Browser, assistant: Almanac, settings: Settings
) -> None:
    """The reader sees one message of ours and nothing of Gradio's; turns and question are still there."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with browser.new_context() as context:
        page = context.new_page()
        with _running(assistant, settings, port):
            visitor = Visitor(page, f"http://127.0.0.1:{port}/")
            page.goto(visitor.url)
            _kept(page)
            visitor.ask("What is RLHF?")
        visitor.box.fill("How is it trained?")
        visitor.box.press("Enter")
        expect(page.get_by_text("The server cannot be reached. Your question is kept")).to_be_visible(timeout=PATIENCE)
        expect(page.locator("article")).to_have_count(2)
        page.wait_for_timeout(2500)
        expect(page.get_by_text("Connection to the server was lost")).to_be_hidden()
        with _running(assistant, settings, port):
            expect(visitor.answer.locator(".searched")).to_contain_text("RLHF", timeout=60_000)
            expect(page.locator("article")).to_have_count(2)
            expect(page.locator(".refused")).to_have_count(0)


def test_stop_is_at_once_and_the_question_can_be_asked_again(browser: Browser, slow_url: str, slow: Slow) -> None:
    """Nothing waits for the server; the keyboard stays in the box."""
    slow.gate.clear()
    with Visitor.on(browser, slow_url) as visitor:
        visitor.box.fill("What is RLHF?")
        visitor.box.press("Enter")
        expect(visitor.box).to_be_focused()
        visitor.page.get_by_role("button", name="Stop").click()
        expect(visitor.answer).to_contain_text("Stopped.", timeout=1000)
        expect(visitor.box).to_be_focused()
        slow.gate.set()
        visitor.answer.get_by_role("button", name="Ask again").click()
        visitor.wait("What is RLHF?")
        assert visitor.markers.count() >= 1
        expect(visitor.page.locator("article")).to_have_count(1)


def test_a_question_is_edited_and_the_answers_after_it_are_replaced(visit: Visitor) -> None:
    """Escape leaves all as it was; sending replaces what came after."""
    visit.ask("What is RLHF?")
    visit.ask("How is it trained?")
    visit.page.locator("#earlier").get_by_role("button", name="Edit the question").click()
    expect(visit.box).to_have_value("What is RLHF?")
    expect(visit.page.get_by_text("The answers after it will be replaced")).to_be_visible()
    visit.page.keyboard.press("Escape")
    expect(visit.box).to_have_value("")
    expect(visit.page.locator("article")).to_have_count(2)
    visit.page.locator("#earlier").get_by_role("button", name="Edit the question").click()
    visit.ask("What does the EU AI Act require?")
    expect(visit.page.locator("article")).to_have_count(1)
    expect(visit.panel.locator("[data-panel]")).to_have_count(1)


def test_keys_lead_to_the_box_and_to_the_last_question(visit: Visitor) -> None:
    """Slash and Ctrl-K focus the box from anywhere; the arrow up brings the last question into an empty box."""
    visit.ask("What is RLHF?")
    for keys in ("/", "Control+k"):
        visit.markers.first.focus()
        visit.page.keyboard.press(keys)
        expect(visit.box).to_be_focused()
        expect(visit.box).to_have_value("")
    visit.page.keyboard.press("ArrowUp")
    expect(visit.box).to_have_value("What is RLHF?")


def test_a_limit_keeps_the_question_and_counts_down(browser: Browser, assistant: Almanac, settings: Settings) -> None:
    """The words are back in the box, with the seconds until they can be sent."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    strict = settings.model_copy(update={"client_per_minute": 1})
    with _running(assistant, strict, port), Visitor.on(browser, f"http://127.0.0.1:{port}/") as visitor:
        visitor.ask("What is RLHF?")
        visitor.box.fill("How is it trained?")
        visitor.box.press("Enter")
        expect(visitor.page.locator(".refused")).to_contain_text("You can ask again in", timeout=PATIENCE)
        expect(visitor.box).to_have_value("How is it trained?")
        expect(visitor.page.locator("article")).to_have_count(1)


def test_a_question_never_sends_the_whole_conversation(visit: Visitor) -> None:
    """At most 30 kB are sent with the twelfth question, as with the first."""
    sizes: list[int] = []
    visit.page.on("request", lambda request: sizes.append(len(request.post_data_buffer or b"")))
    for number in range(12):
        visit.ask(("What is RLHF?", "What is sycophancy?", "What does the EU AI Act require?")[number % 3])
    assert max(sizes) < 30_000
