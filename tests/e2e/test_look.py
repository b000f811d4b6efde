"""How the chat looks and can be used: phones, the dark, the keyboard alone, a screen reader."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from .visitor import Visitor


@pytest.fixture
def phone(browser: Browser, url: str) -> Iterator[Visitor]:
    """A visitor with a phone of 390 pixels."""
    with Visitor.on(browser, url, width=390, height=844, has_touch=True, is_mobile=True) as visitor:
        yield visitor


def test_a_phone_shows_everything_without_scrolling_sideways(phone: Visitor) -> None:
    """Before, with and after an answer the page is as wide as the phone, and the box is in view."""
    phone.assert_fits()
    phone.ask("What is RLHF?")
    phone.assert_fits()
    phone.ask("How is it trained?")
    phone.assert_fits()
    expect(phone.panel).to_be_hidden()


def test_on_a_phone_a_number_opens_the_sources_as_a_sheet(phone: Visitor) -> None:
    """A tap opens it at the quote, the page under it is out of reach, and a tap on Back closes it."""
    phone.ask("What is RLHF?")
    phone.markers.first.tap()
    sheet = phone.page.get_by_role("dialog", name="Sources and related entries")
    expect(sheet).to_be_visible()
    expect(phone.panel.locator("mark.lit").first).to_be_in_viewport()
    assert phone.page.evaluate("document.getElementById('reading').inert")
    assert phone.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    sheet.get_by_role("button", name="Back to the answer").tap()
    expect(sheet).to_be_hidden()
    expect(phone.markers.first).to_be_focused()
    assert not phone.page.evaluate("document.getElementById('reading').inert")


def test_on_a_phone_a_related_entry_is_asked_about_from_the_sheet(phone: Visitor) -> None:
    """The sheet makes way for the answer."""
    phone.ask("What is RLHF?")
    phone.answer.get_by_role("button", name=re.compile("source")).tap()
    item = phone.panel.locator(".sheet:not([hidden]) .related-item").first
    expect(item).to_be_visible()
    title = item.locator(".related-title").inner_text()
    item.tap()
    phone.wait(f"Tell me about {title}")
    expect(phone.panel).to_be_hidden()
    phone.assert_fits()


_PAINTED = """element => {
    const clear = colour => /rgba\\(.*, 0\\)|transparent/.test(colour);
    let under = element;
    while (under && clear(getComputedStyle(under).backgroundColor)) under = under.parentElement;
    const parse = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
    return [parse(getComputedStyle(element).color), parse(getComputedStyle(under || document.body).backgroundColor)];
}"""


def _contrast(element: Locator) -> float:
    """By the formula of WCAG 2, from the colours as they are painted."""

    def luminance(colour: list[float]) -> float:
        parts = [part / 255 for part in colour]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    ink, paper = element.evaluate(_PAINTED)
    lighter, darker = sorted((luminance(ink), luminance(paper)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


_TEXTS = (
    ".tagline .question .answer>p .marker .tool .small-title .suggestion .card-title .card-source .quote .number .badge "
    ".quote>mark .related-title .why .related-meta #send #fresh #past .edit .hint .out .panel-title"
).split()
_GUIDE_TEXTS = (".card-where", ".level", "mark.lit", ".number.lit")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_is_readable_in_the_light_and_in_the_dark(browser: Browser, url: str, scheme: str) -> None:
    """The system's choice is followed, and each kind of text has a contrast of 4.5 to 1 or more."""
    with Visitor.on(browser, url, scheme=scheme) as visitor:  # type: ignore[arg-type]
        low: dict[str, float] = {}
        for question, texts in (("What is RLHF?", _GUIDE_TEXTS), ("What does the EU AI Act require?", _TEXTS)):
            visitor.ask(question)
            visitor.markers.first.click()
            visitor.page.wait_for_timeout(500)  # colours are faded in
            found = {text: _contrast(visitor.page.locator(f"{text} >> visible=true").first) for text in texts}
            low |= {text: round(contrast, 2) for text, contrast in found.items() if contrast < 4.5}
        assert low == {}
        assert (sum(_paper(visitor.page)) > 600) is (scheme == "light")


def _paper(page: Page) -> tuple[float, float, float]:
    red, green, blue = page.locator("body").evaluate(_PAINTED)[1]
    return red, green, blue


def test_the_toggle_changes_the_colours_and_is_remembered(browser: Browser, url: str) -> None:
    """The reader's choice goes before the system's, on the next visit too."""
    with Visitor.on(browser, url) as visitor:
        toggle = visitor.page.get_by_role("button", name="Dark colours")
        expect(toggle).to_have_attribute("aria-pressed", "false")
        toggle.click()
        expect(toggle).to_have_attribute("aria-pressed", "true")
        assert sum(_paper(visitor.page)) < 200
        visitor.page.reload()
        visitor.page.wait_for_selector("html[data-kept]")
        assert sum(_paper(visitor.page)) < 200


def test_the_keyboard_alone_is_enough(visit: Visitor) -> None:
    """Ask, write a second line, go to a source and back, and reach everything by Tab, always with a visible focus."""
    page = visit.page
    expect(visit.box).to_be_focused()
    page.keyboard.type("What is")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("RLHF?")
    expect(visit.box).to_have_value("What is\nRLHF?")
    page.keyboard.press("Enter")
    visit.wait()
    visit.markers.first.focus()
    page.keyboard.press("Enter")
    expect(visit.panel.locator(".card.lit")).to_be_focused()
    page.keyboard.press("Escape")
    expect(visit.markers.first).to_be_focused()
    page.keyboard.press("Tab")
    expect(visit.markers.nth(1)).to_be_focused()
    page.evaluate("document.activeElement.blur(); window.getSelection().removeAllRanges(); document.body.focus()")
    page.locator("a.skip").focus()
    reached = []
    for _ in range(40):
        what, outlined = page.evaluate(
            """() => {
                const on = document.activeElement;
                const ring = [on, on.closest("label"), on.closest("#ask")].filter(Boolean).map(e => getComputedStyle(e));
                const seen = ring.some(s => s.outlineStyle !== "none" || s.boxShadow !== "none");
                return [on.id || on.className || on.name || on.tagName, seen];
            }"""
        )
        reached.append(what.split(" ")[0])
        assert outlined or what == "BODY", what
        page.keyboard.press("Tab")
    order = [reached.index(name) for name in ("skip", "past", "fresh", "theme", "marker", "tool", "suggestion")]
    assert order == sorted(order)
    assert {"send", "related-item"} <= set(reached)


def test_the_page_has_landmarks_headings_and_names(visit: Visitor) -> None:
    """A screen reader can go by regions and headings; levels are not skipped; every control has a name."""
    visit.ask("What is RLHF?")
    page = visit.page
    for role in ("banner", "main", "complementary"):
        expect(page.get_by_role(role)).to_have_count(1)
    levels = page.evaluate(
        """() => [...document.querySelectorAll("h1,h2,h3,h4,h5,h6")]
            .filter(h => h.checkVisibility()).map(h => Number(h.tagName[1]))"""
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll("button, a[href]")].filter(e => e.checkVisibility())
            .filter(e => !(e.getAttribute("aria-label") || e.textContent).trim()).map(e => e.outerHTML)"""
    )
    assert unnamed == []
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id).filter(Boolean)")
    assert len(ids) == len(set(ids))


def test_a_screen_reader_is_told_twice_and_not_at_every_sentence(visit: Visitor) -> None:
    """What is announced while an answer appears: that it is searched for, and that it is there."""
    visit.page.evaluate(
        """() => {
            window.heard = [];
            new MutationObserver(() => {
                for (const region of document.querySelectorAll("[aria-live]")) {
                    const words = region.textContent.trim();
                    if (words && window.heard.at(-1) !== words) window.heard.push(words);
                }
            }).observe(document.body, {subtree: true, childList: true, characterData: true});
        }"""
    )
    visit.ask("What is RLHF?")
    heard = visit.page.evaluate("window.heard")
    assert heard[0] == "Searching…"
    assert re.fullmatch(r"Answer ready, \d+ sources?\.", heard[-1])
    assert len(heard) == 2


def test_nothing_moves_for_those_who_asked_for_stillness(browser: Browser, url: str) -> None:
    """`prefers-reduced-motion` is respected."""
    with Visitor.on(browser, url, reduced_motion="reduce") as visitor:
        visitor.ask("What is RLHF?")
        moving = visitor.page.evaluate(
            """() => [...document.querySelectorAll("*")].map(e => getComputedStyle(e))
                .filter(s => s.animationName !== "none" || parseFloat(s.transitionDuration) > 0).length"""
        )
        assert moving == 0
