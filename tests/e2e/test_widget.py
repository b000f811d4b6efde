"""The widget as it stands in other sites' pages: another origin, a hostile page, a telephone, the keyboard alone."""

import base64
import gzip
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from assistant.pipeline import Assistant
from assistant.settings.settings import Settings
from tests.support.web_server import Site
from ui.security.widget_tokens import HEADER, WidgetTokens
from ui.urls import STATIC

from .conftest import _served
from .visitor import PATIENCE

_EVENTS = """for (const name of ["open", "close", "answer"])
  addEventListener(`almanac:${name}`, (event) => (window.told ||= []).push([name, event.detail]));"""
_BLOCKED = """if (window !== window.top)
  for (const name of ["localStorage", "sessionStorage", "indexedDB"])
    Object.defineProperty(window, name, { get() { throw new DOMException("blocked", "SecurityError"); } });"""


class Host:
    """A page of another site, and the widget in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    @property
    def widget(self) -> Locator:
        """The first of the page."""
        return self.page.locator("almanac-assistant").first

    @property
    def button(self) -> Locator:
        """What opens it."""
        return self.widget.locator(".launch")

    @property
    def dialog(self) -> Locator:
        """What opens."""
        return self.widget.locator("dialog")

    @property
    def chat(self) -> FrameLocator:
        """The chat within."""
        return self.page.frame_locator("almanac-assistant iframe")

    @property
    def box(self) -> Locator:
        """Where a question is written."""
        return self.chat.get_by_role("textbox", name="Your question")

    def ready(self) -> None:
        """Wait until the chat is there."""
        expect(self.widget.locator(".box")).to_have_attribute("data-state", "ready", timeout=PATIENCE)

    def told(self, name: str) -> list[Any]:
        """What the page was told by the event `name`."""
        return [detail for event, detail in self.page.evaluate("window.told || []") if event == name]

    def answered(self) -> None:
        """Wait until the page was told of an answer."""
        self.page.wait_for_function("(window.told || []).some(([name]) => name === 'answer')", timeout=PATIENCE)

    def focus(self) -> str:
        """What has the focus, in the page or in the widget."""
        return str(
            self.page.evaluate(
                """() => {
                    const inner = document.activeElement.shadowRoot?.activeElement ?? document.activeElement;
                    return (inner.className || inner.tagName).toLowerCase();
                }"""
            )
        )


@pytest.fixture(scope="module")
def home(assistant: Assistant, settings: Settings, server: Site) -> Iterator[str]:
    """The almanac, which lets `localhost` embed it and not `127.0.0.1`: two sites on one server."""
    listed = settings.model_copy(update={"embed_origins": (f"http://localhost:{server.port}",)})
    with _served(assistant, listed) as address:
        yield address


@contextmanager
def _hosted(
    browser: Browser,
    web: Site,
    home: str,
    *,
    body: str | None = None,
    line: str = "",
    first: str = "",
    headers: dict[str, str] | None = None,
    host: str = "localhost",
    script: str = "",
    clock: bool = False,
    **more: Any,
) -> Iterator[Host]:
    tag = f'<script src="{home}widget.js" async {line}></script>'
    page = (
        '<!doctype html><html lang="en"><head><title>Notes</title><meta name="viewport" content="width=device-width">'
        f"{first}</head><body><main><h1>Notes</h1><p><a href='#a'>Before</a></p></main>{tag if body is None else body}</body></html>"
    )
    web.puts("/", page.encode(), headers={"Content-Type": "text/html; charset=utf-8"} | (headers or {}))
    web.puts("/favicon.ico", b"")
    context = browser.new_context(**({"viewport": {"width": 1280, "height": 860}} | more))
    context.set_default_timeout(PATIENCE)
    context.add_init_script(_EVENTS + script)
    opened = Host(context.new_page())
    if clock:
        opened.page.clock.install()
    opened.page.goto(web.url(host=host))
    expect(opened.button).to_be_visible()
    yield opened
    assert opened.errors == []
    context.close()


def test_nothing_but_the_loader_is_fetched_before_the_button_is_pressed(
    browser: Browser, web: Site, home: str, record_property: Any
) -> None:
    """And the loader itself is small and quick: the page's thread is held for a few milliseconds."""
    with _hosted(browser, web, home) as host:
        host.page.wait_for_timeout(100)
        assert [url for url in host.asked if url.startswith(home)] == [f"{home}widget.js"]
        web.puts(
            "/still",
            b"<!doctype html><title>A page that stands still</title><body>",
            headers={"Content-Type": "text/html"},
        )
        host.page.goto(web.url("/still", host="localhost"))
        session = host.page.context.new_cdp_session(host.page)
        session.send("Performance.enable")

        def spent() -> float:
            metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
            return float(metrics["ScriptDuration"] + metrics["LayoutDuration"] + metrics["RecalcStyleDuration"])

        before = spent()
        host.page.evaluate(
            """async (address) => {
                const script = document.createElement("script");
                Object.assign(script, { src: address, async: true });
                await new Promise((done) => { script.onload = done; document.body.append(script); });
                await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            }""",
            f"{home}widget.js",
        )
        milliseconds = (spent() - before) * 1000
        record_property("loader_main_thread_ms", round(milliseconds, 2))
        print(f"the loader held the page's thread for {milliseconds:.2f} ms")  # noqa: T201 -- seen with `-rP`
        # Against a loop on the same thread, since other programs slow both: 10 and 10 ms on a machine at rest.
        loop = host.page.evaluate(
            """() => {
                const began = performance.now();
                let sum = 0;
                for (let n = 0; n < 1e7; n += 1) sum += n % 7;
                return sum && performance.now() - began;
            }"""
        )
        assert milliseconds < 6 * loop
        expect(host.button).to_be_visible()
    assert len(gzip.compress((STATIC / "widget.js").read_bytes(), 9)) <= 8_000


def test_the_keyboard_alone_opens_asks_and_closes_with_all_storage_blocked(
    browser: Browser, web: Site, home: str
) -> None:
    """Focus goes in and comes back, an answer is told without its words, and each question carries the session."""
    with _hosted(browser, web, home, line="data-level=advanced", script=_BLOCKED) as host:
        sent: list[dict[str, str]] = []
        asked: list[dict[str, Any]] = []
        host.page.on("request", lambda request: sent.append(request.headers) if "queue/join" in request.url else None)
        host.page.on("request", lambda one: asked.append(one.post_data_json) if "queue/join" in one.url else None)
        host.page.keyboard.press("Tab")
        host.page.keyboard.press("Tab")
        assert host.focus() == "launch"
        expect(host.button).to_have_attribute("aria-expanded", "false")
        host.page.keyboard.press("Enter")
        expect(host.button).to_have_attribute("aria-expanded", "true")
        expect(host.dialog).to_have_attribute("aria-label", "Ask the almanac")
        host.ready()
        expect(host.box).to_be_focused()
        expect(host.chat.locator("#masthead .tagline")).to_be_hidden()
        host.page.keyboard.type("What is RLHF?")
        host.page.keyboard.press("Enter")
        host.answered()
        assert host.told("answer") == [{"status": "answered", "sources": 1}]
        assert [event["event_data"]["level"] for event in asked] == ["advanced"]
        assert [WidgetTokens().site(headers.get(HEADER, "")) for headers in sent] == [
            None
        ]  # another key cannot read it
        payload = sent[0][HEADER].split(".")[0]
        assert web.url("", host="localhost") in _unpacked(payload)
        host.chat.get_by_role("button", name="Copy answer").press("Enter")
        expect(host.chat.get_by_role("button", name="Copied")).to_be_visible()
        host.chat.locator("#current a.marker").first.press("Enter")
        expect(host.chat.locator("#panel .card.lit")).to_be_focused()
        expect(host.chat.locator("#panel mark.lit").first).to_be_in_viewport()
        host.page.keyboard.press("Escape")
        expect(host.chat.locator("#current a.marker").first).to_be_focused()
        expect(host.dialog).to_be_visible()
        host.page.keyboard.press("Escape")
        expect(host.dialog).to_be_hidden()
        assert host.focus() == "launch"
        assert host.told("open") == host.told("close") == [{}]
        assert host.page.context.cookies() == []
        host.page.evaluate("Almanac.open()")
        expect(host.chat.locator("#current article")).to_have_count(1)  # it goes on where it was left


def _unpacked(payload: str) -> str:
    return base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()


def test_a_site_that_is_not_listed_gets_a_link_and_no_chat(browser: Browser, web: Site, home: str) -> None:
    """The browser refuses the frame; the reader is told so and can go to the chat, and Escape closes it."""
    with _hosted(browser, web, home, host="127.0.0.1") as host:
        host.button.click()
        link = host.dialog.get_by_role("link", name="Open it in a tab of its own")
        expect(link).to_be_visible()
        expect(link).to_have_attribute("href", home)
        expect(host.dialog.locator("iframe")).to_be_hidden()
        assert all(not frame.url.startswith(home) for frame in host.page.frames)
        host.page.keyboard.press("Escape")
        expect(host.dialog).to_be_hidden()


_HOSTILE = """<style>
  * { display: none !important; opacity: 0 !important; visibility: hidden !important; pointer-events: none !important; }
  html, head ~ body, almanac-assistant { display: block !important; }
  iframe, button, dialog { opacity: 0 !important; transform: scale(0) !important; filter: blur(9px) !important; }
  :root { --accent: transparent; --paper: transparent; --ink: transparent; direction: rtl; }
</style><script>
  Array.prototype.evil = Object.prototype.once = Object.prototype.question = Object.prototype.almanac = 1;
  Object.prototype.type = "open"; Object.prototype.en = null;
  window.posted = []; window.heard = [];
  window.postMessage = (...said) => posted.push(said);
  addEventListener("message", (event) => heard.push(JSON.stringify(event.data)));
</script>"""


def test_a_hostile_page_can_neither_read_nor_steer_the_conversation(browser: Browser, web: Site, home: str) -> None:
    """Though it is listed: its styles end at the shadow root, its scripts at the frame, its messages at the handshake."""
    with _hosted(browser, web, home, first=_HOSTILE) as host:
        page = host.page
        expect(host.button).to_have_css("opacity", "1")
        host.button.click()
        host.ready()
        frame = host.widget.locator("iframe")
        expect(frame).to_be_visible()
        expect(frame).to_have_css("opacity", "1")
        expect(frame).to_have_css("transform", "none")
        expect(host.dialog).to_have_css("direction", "ltr")
        # It may begin a conversation …
        page.evaluate("Almanac.open('What is RLHF?')")
        host.answered()
        # … but cannot go on with it, nor write over what the reader writes.
        page.evaluate("Almanac.open('What does the EU AI Act require?')")
        expect(host.box).to_have_value("What does the EU AI Act require?")
        host.box.fill("my own words")
        web.puts("/other", b"<!doctype html><title>Another window</title>")
        page.evaluate(
            """async (home) => {
                const open = { almanac: 1, type: "open", question: "Ask this" };
                const chat = document.querySelector("almanac-assistant").shadowRoot.querySelector("iframe").contentWindow;
                // From another window, though of the same site; in the manner of Gradio's own messages; and out of shape.
                const other = document.createElement("iframe");
                other.src = "/other";
                await new Promise((done) => { other.onload = done; document.body.append(other); });
                other.contentWindow.eval(`(chat, open, to) => chat.postMessage(open, to)`)(chat, open, "*");
                for (const said of [open, "[iFrameSizer]x:8:false:true:32:true:true:null", { type: "open" }, 0, null, [open]])
                    chat.postMessage(said, home);
                // To the page, as if from the frame.
                const close = { almanac: 1, type: "close" };
                other.contentWindow.parent.dispatchEvent(new MessageEvent("message", { data: close, origin: home, source: other.contentWindow }));
                other.contentWindow.eval(`(to, said) => postMessage.call(to, said, "*")`)(window, close);
            }""",
            home.rstrip("/"),
        )
        page.wait_for_timeout(600)
        expect(host.dialog).to_be_visible()
        expect(host.box).to_have_value("my own words")
        expect(host.chat.locator("article")).to_have_count(1)
        # What it learnt: that there was an answer.
        assert host.told("answer") == [{"status": "answered", "sources": 1}]
        assert (
            page.evaluate(
                "document.querySelector('almanac-assistant').shadowRoot.querySelector('iframe').contentDocument"
            )
            is None
        )
        kinds = {json.loads(said).get("type") for said in page.evaluate("heard") if said.startswith("{")}
        assert kinds <= {"hello", "ready", "answer", "close"}
        assert not re.search("RLHF|reward|human feedback", "".join(page.evaluate("heard")))
        assert page.evaluate("posted") == []


def test_on_a_phone_the_chat_fills_the_screen_and_the_page_is_out_of_reach(
    browser: Browser, web: Site, home: str
) -> None:
    """Modal there, with a way back; from right to left where the language runs so."""
    phone = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
    line = "data-locale=ar data-position=top-left data-theme=dark"
    with _hosted(browser, web, home, line=line, **phone) as host:
        expect(host.button).to_have_text("اسأل التقويم")
        place = host.button.bounding_box()
        assert place is not None
        assert place["x"] < 30
        assert place["y"] < 30
        host.button.tap()
        expect(host.dialog).to_be_visible()
        assert host.dialog.evaluate("dialog => dialog.matches(':modal')")
        expect(host.widget.locator(".box")).to_have_attribute("dir", "rtl")
        host.page.wait_for_timeout(300)
        covered = host.dialog.bounding_box()
        assert covered == {"x": 0, "y": 0, "width": 390, "height": 844}
        host.page.set_viewport_size({"width": 1000, "height": 844})
        expect(host.dialog).to_be_visible()
        assert not host.dialog.evaluate("dialog => dialog.matches(':modal')")
        host.dialog.get_by_role("button", name="إغلاق").click()
        expect(host.dialog).to_be_hidden()
        assert host.focus() == "launch"


def test_elements_come_and_go_as_an_application_draws_its_pages(browser: Browser, web: Site, home: str) -> None:
    """Several stand side by side, one is open at a time, and what is taken out leaves nothing behind."""
    body = (
        f'<almanac-assistant data-title="One" data-accent="#ffee00" data-locale="xx"></almanac-assistant>'
        f'<almanac-assistant title="Zwei" position="bottom-left" locale="de-AT"></almanac-assistant>'
        f'<script src="{home}widget.js" async data-manual></script>'
    )
    with _hosted(browser, web, home, body=body) as host:
        page = host.page
        one, two = (page.locator("almanac-assistant").nth(place) for place in (0, 1))
        expect(one.locator(".launch")).to_have_css("color", "rgb(0, 0, 0)")
        expect(one.locator(".shut")).to_have_attribute("aria-label", "Close")
        expect(two.locator(".shut")).to_have_attribute("aria-label", "Schließen")
        expect(page.locator("almanac-assistant")).to_have_count(2)
        page.evaluate("document.querySelector('a').focus(); Almanac.open()")
        expect(one.locator("dialog")).to_be_visible()
        assert host.focus() == "shut"
        page.evaluate("document.querySelectorAll('almanac-assistant')[1].open()")
        expect(one.locator("dialog")).to_be_hidden()
        expect(two.locator("dialog")).to_be_visible()
        page.evaluate("Almanac.close()")
        assert host.focus() == "a"
        counted = page.context.new_cdp_session(page)
        counted.send("HeapProfiler.enable")

        def left() -> int:
            counted.send("HeapProfiler.collectGarbage")
            return int(page.evaluate("window.kept.filter((one) => one.deref()).length"))

        page.evaluate(
            """() => {
                window.kept = [];
                document.querySelectorAll("almanac-assistant").forEach((one) => one.remove());
                for (let turn = 0; turn < 20; turn += 1) {
                    const fresh = document.createElement("almanac-assistant");
                    document.body.append(fresh);
                    fresh.setAttribute("data-title", "Again");
                    kept.push(new WeakRef(fresh));
                    fresh.remove();
                }
            }"""
        )
        page.wait_for_timeout(50)
        assert left() <= 1  # the engine may still hold the last
        page.evaluate("Almanac.open('Nobody hears this'); Almanac.close()")
        assert [frame for frame in page.frames if frame is not page.main_frame] == []


_STRICT = (
    "default-src 'none'; script-src {home}; frame-src {home}; style-src 'none'; require-trusted-types-for 'script'"
)


def test_a_strict_policy_of_the_page_needs_two_words_and_a_plain_frame_keeps_quiet(
    browser: Browser, web: Site, home: str
) -> None:
    """The button is dressed though styles are forbidden; a frame in the text takes no focus, and renews its session."""
    policy = _STRICT.format(home=home.rstrip("/")) + "; img-src 'self'"
    headers = {"Content-Security-Policy": policy, "Cross-Origin-Embedder-Policy": "require-corp"}
    body = (
        f'<iframe src="{home}embed?question=What+is+RLHF%3F&amp;theme=dark" title="Plain" width="420" height="600" '
        f'referrerpolicy="origin"></iframe><script src="{home}widget.js" async crossorigin></script>'
    )
    with _hosted(browser, web, home, body=body, headers=headers, clock=True) as host:
        expect(host.button).to_have_css("position", "fixed")
        plain = host.page.frame_locator("iframe[title=Plain]")
        expect(plain.locator("html")).to_have_attribute("data-kept", "")
        expect(plain.get_by_role("textbox", name="Your question")).to_have_value("What is RLHF?")
        expect(plain.locator("article")).to_have_count(0)
        assert host.focus() == "body"
        assert plain.locator("body").evaluate("body => getComputedStyle(body).backgroundColor") == "rgb(22, 24, 21)"
        with host.page.expect_response(f"{home}embed/session") as renewed:
            host.page.clock.fast_forward(16 * 60 * 1000)
        assert renewed.value.status == 200
        assert renewed.value.request.header_value(HEADER)


def test_the_page_of_options_shows_each_choice_at_once(browser: Browser, home: str) -> None:
    """The widget in it and the lines follow; it works on a server that lists nobody else's site for it."""
    page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    page.set_default_timeout(PATIENCE)
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type in {"error", "warning"} else None)
    page.goto(f"{home}embed/builder")
    page.get_by_label("Text of the button").fill("Fragen?")
    page.get_by_label("Corner").select_option("top-left")
    expect(page.locator(".way code").first).to_contain_text('data-title="Fragen?" data-position="top-left"')
    launch = page.locator("almanac-assistant .launch")
    expect(launch).to_have_text("Fragen?")
    stage, button = page.locator(".stage").bounding_box(), launch.bounding_box()
    assert stage is not None
    assert button is not None
    assert button["x"] - stage["x"] < 30
    assert "position=top-left" in page.url
    launch.click()
    expect(page.frame_locator("almanac-assistant iframe").locator(".boot, .welcome").first).to_be_attached()
    assert troubles == []
    page.context.close()


def test_no_rule_of_accessibility_is_broken_in_page_or_frame(browser: Browser, web: Site, home: str) -> None:
    """Axe's rules, over the closed button, the open window and the chat in it."""
    folder = os.environ.get("NODE_TOOLS")
    axe = Path(folder or ".") / "node_modules" / "axe-core" / "axe.min.js"
    if not axe.exists() and not os.environ.get("CI"):
        pytest.skip("no axe-core here, and this is not CI: npm install axe-core, and set NODE_TOOLS to that folder")
    with _hosted(browser, web, home, line='data-accent="#8fd3ff"') as host:
        host.page.evaluate(axe.read_text("utf-8"))
        run = "axe.run({ iframes: false }).then(found => found.violations.map(one => [one.id, one.nodes.map(n => n.html)]))"
        assert host.page.evaluate(run) == []
        host.page.evaluate("Almanac.open('What is RLHF?')")
        host.answered()
        assert host.page.evaluate(run) == []
        (frame,) = (frame for frame in host.page.frames if frame.url.startswith(f"{home}embed"))
        frame.wait_for_timeout(400)  # what fades in has its colours only then
        frame.evaluate(axe.read_text("utf-8"))
        # Gradio's `<main>` is around the masthead and the panel too, so `chat.js` takes its role away.
        known = "rules: { 'aria-allowed-role': { enabled: false } }"
        assert frame.evaluate(run.replace("iframes: false", known)) == []
