"""A visitor: one browser context that notes every request, error and dialog, and knows the page's parts by name."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Dialog, Locator, Page, expect

from assistant.answer import Answer
from ui.serving.protocols import Almanac, AssistantWrapper

PATIENCE = 20_000
"""Milliseconds: two busy cores may be slow, and a wait ends as soon as it can."""
_READY = re.compile(r"^(Answer ready|The catalogue does not)")


class Slow(AssistantWrapper):
    """The real assistant behind a gate, so that a test can press Stop while a search runs."""

    def __init__(self, assistant: Almanac) -> None:
        super().__init__(assistant)
        self.gate = threading.Event()

    @property
    def notice(self) -> str | None:
        """Hostile on purpose: it must be seen as text."""
        return "Word search alone <b>for now</b>"

    def around_answer(self, make: Callable[[], Answer]) -> Answer:
        """The real answer, once the gate is open."""
        self.gate.wait(timeout=30)
        return make()


class Visitor:
    """What a visitor sees and does."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.troubles: list[str] = []
        host = urlsplit(url).netloc
        page.on("request", lambda request: self._note_request(request.url, host))
        page.on("console", lambda message: self._note(message.type in {"error", "warning"}, message.text))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("response", lambda answer: self._note(answer.status >= 400, f"{answer.status} {answer.url}"))
        page.on("dialog", self._note_dialog)

    @classmethod
    @contextmanager
    def on(
        cls,
        browser: Browser,
        url: str,
        *,
        width: int = 1280,
        height: int = 800,
        scheme: Literal["light", "dark"] = "light",
        **more: Any,
    ) -> Iterator["Visitor"]:
        """A visitor with the page open; at the end there must have been no trouble of any kind."""
        context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, **more
        )
        context.set_default_timeout(PATIENCE)
        visitor = cls(context.new_page(), url)
        visitor.page.goto(url)
        visitor.page.wait_for_selector("html[data-kept]")
        expect(visitor.page.locator(".boot").first).to_be_hidden()
        yield visitor
        assert visitor.troubles == [], visitor.troubles
        context.close()

    def _note(self, is_trouble: bool, what: str) -> None:  # noqa: FBT001
        if is_trouble:
            self.troubles.append(what)

    def _note_dialog(self, dialog: Dialog) -> None:
        self.troubles.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _note_request(self, address: str, host: str) -> None:
        parts = urlsplit(address)
        self._note(parts.scheme not in {"data", "blob"} and parts.netloc != host, f"request to {address}")

    @property
    def box(self) -> Locator:
        """Where a question is written."""
        return self.page.get_by_role("textbox", name="Your question")

    @property
    def answer(self) -> Locator:
        """The latest exchange."""
        return self.page.locator("#current article")

    @property
    def panel(self) -> Locator:
        """Sources and related entries."""
        return self.page.locator("#panel")

    @property
    def markers(self) -> Locator:
        """The numbers in the latest answer."""
        return self.answer.get_by_role("link", name="Source ")

    def ask(self, question: str) -> None:
        """Write a question, send it by Enter and wait until its answer stands there whole."""
        self.box.fill(question)
        self.box.press("Enter")
        self.wait(question)

    def wait(self, question: str | None = None) -> None:
        """Wait for the answer to be whole."""
        if question is not None:
            expect(self.answer.locator("h2")).to_have_text(question, timeout=PATIENCE)
        expect(self.page.locator("#status [role=status]")).to_have_text(_READY, timeout=PATIENCE)
        expect(self.answer).not_to_have_attribute("data-state", "pending", timeout=PATIENCE)
        expect(self.page.get_by_role("button", name="Ask", exact=True)).to_be_visible(timeout=PATIENCE)

    def assert_fits(self) -> None:
        """No scrolling sideways, and the box in view."""
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        expect(self.box).to_be_in_viewport()
