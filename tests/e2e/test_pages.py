"""Entry pages and shared answers in a real browser: from the chat and back, without scripts, in the dark."""

import re

from playwright.sync_api import Browser, Page, expect

from .visitor import PATIENCE, Visitor


def _watched(page: Page) -> list[str]:
    """What the browser complains of: a policy that is broken, a file that is not there, a script that fails."""
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("response", lambda answer: troubles.append(answer.url) if answer.status >= 400 else None)
    return troubles


def test_an_entry_can_be_asked_about_and_its_answer_judged_and_shared(browser: Browser, url: str) -> None:
    """From a page to the chat, which asks by itself once; thumbs, a reason and a note; a link that leads to a page."""
    context = browser.new_context(
        permissions=["clipboard-read", "clipboard-write"], viewport={"width": 1280, "height": 800}
    )
    page = context.new_page()
    troubles = _watched(page)
    page.goto(f"{url}entries/rlhf")
    page.get_by_role("link", name="Ask about this").click()
    expect(page.locator("#status [role=status]")).to_have_text(re.compile("^Answer ready"), timeout=PATIENCE)
    assert re.fullmatch(re.escape(url) + "#c-[0-9a-f]{18}", page.url)
    assert page.locator("#current h2").inner_text().startswith("Tell me about ")
    verdict = page.get_by_role("group", name="This answer")
    down = verdict.get_by_role("button", name="This did not help")
    down.click()
    window = page.get_by_role("dialog", name=re.compile("What was wrong"))
    expect(window).to_be_visible()
    window.get_by_label("Something is missing").check()
    window.get_by_label("Note").fill("The year of the first paper.")
    window.get_by_role("button", name="Send").click()
    expect(window).to_be_hidden()
    expect(down).to_have_attribute("aria-pressed", "true")
    expect(down).to_be_focused()
    verdict.get_by_role("button", name="Share").click()
    expect(page.get_by_text("The link is copied.")).to_be_visible()
    shared = page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(re.escape(url) + r"answers/[0-9a-f]{24}", shared)
    own = page.locator("#panel a.own").first.get_attribute("href")
    page.goto(shared)
    expect(page.locator("h1")).to_have_text(re.compile("^Tell me about "))
    page.locator("a.marker").first.click()
    expect(page.locator(".cited:target")).to_be_in_viewport()
    assert own is not None
    page.goto(url + own)  # with the words that are quoted in its address
    expect(page.locator("#tldr")).to_be_in_viewport()
    assert troubles == []
    context.close()


def test_pages_need_no_script_and_fit_a_phone(browser: Browser, url: str) -> None:
    """Nothing scrolls sideways; filters, the timeline, references and a missing page work as they are sent."""
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 390, "height": 844}, color_scheme="dark"
    )
    page = context.new_page()
    troubles = _watched(page)
    for path in ("entries/gpt-3", "entries/large-language-models-basics", "entries/start-here", "browse?view=timeline", "browse"):  # fmt: skip
        page.goto(url + path)
        assert page.locator("html").evaluate("root => root.scrollWidth <= innerWidth"), path
        assert page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor") == "rgb(22, 24, 21)"
    page.get_by_role("searchbox").or_(page.get_by_label("Words")).first.fill("sycophancy")
    page.get_by_role("button", name="Find").click()
    expect(page.locator("#found")).to_have_text(re.compile(r"^\d+ entries"))
    page.locator(".item-title a").first.click()
    page.locator("summary", has_text="BibTeX").click()
    expect(page.locator("pre").first).to_have_text(re.compile("@(article|misc){"))
    assert troubles == []
    assert page.goto(f"{url}entries/not-there").status == 404  # type: ignore[union-attr]
    expect(page.locator("h1")).to_have_text("Page not found")
    context.close()


def test_the_reader_s_colours_are_the_same_on_every_page(browser: Browser, url: str) -> None:
    """What was chosen in the chat holds on an entry's page, and the other way."""
    with Visitor.on(browser, url) as visitor:
        visitor.page.get_by_role("button", name="Dark colours").click()
        visitor.page.goto(f"{url}entries/gpt-3")
        expect(visitor.page.locator("html")).to_have_attribute("data-theme", "dark")
        visitor.page.get_by_role("button", name="Dark colours").click()
        visitor.page.goto(f"{url}browse")
        expect(visitor.page.locator("html")).to_have_attribute("data-theme", "light")
