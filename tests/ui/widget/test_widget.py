"""What other sites are sent: the loader, the frame's policy and session, the page of options."""

import gzip
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import settings as settings_of
from hypothesis import strategies as st
from itsdangerous import URLSafeTimedSerializer

from assistant.settings.settings import Settings
from ui.app import build_app
from ui.security.widget_tokens import HEADER, LIFE, RENEWED, WidgetTokens
from ui.serving.protocols import Assistant
from ui.urls import STATIC
from ui.widget.colours import MIN_CONTRAST, contrast, palette, parse_colour
from ui.widget.options import LOCALES, Options

SITE = "https://journal.example"
LISTED = (SITE, "https://*.example.org", "http://localhost:8000")
_SECRET = "a secret of the tests alone"  # noqa: S105
_WIDGET = STATIC / "widget.js"


def _client(assistant: Assistant, settings: Settings, *origins: str) -> TestClient:
    served = Settings(data=settings.data, port=0, embed_origins=origins, secret=_SECRET)  # type: ignore[arg-type]
    return TestClient(build_app(assistant, served))


@pytest.fixture(scope="module")
def listed(assistant: Assistant, settings: Settings) -> Iterator[TestClient]:
    """A server that some sites may embed."""
    with _client(assistant, settings, *LISTED) as opened:
        yield opened


@pytest.fixture(scope="module")
def unlisted(assistant: Assistant, settings: Settings) -> Iterator[TestClient]:
    """A server that nobody may embed, as it is by default."""
    with _client(assistant, settings) as opened:
        yield opened


def _told(client: TestClient, headers: dict[str, str], query: str = "") -> dict[str, Any]:
    """What the frame's own script is told."""
    page = BeautifulSoup(client.get(f"/embed{query}", headers=headers).text, "html.parser")
    tag = page.find("meta", attrs={"name": "almanac-embed"})
    assert tag is not None
    return dict(tag.attrs)


# --- The loader ---------------------------------------------------------------------------------------------------


def test_the_loader_is_small(listed: TestClient) -> None:
    """What every page of every site fetches: at most 8 kB as it travels, and no compression bomb of comments."""
    with listed.stream("GET", "/widget.js", headers={"accept-encoding": "gzip"}) as response:
        assert response.headers["content-encoding"] == "gzip"
        travelled = b"".join(response.iter_raw())
    assert len(travelled) <= 8_000
    assert gzip.decompress(travelled) == _WIDGET.read_bytes()


def test_any_page_may_load_the_loader_and_a_browser_keeps_it(listed: TestClient) -> None:
    """Isolated pages too; with its version in the address it is kept for good, else asked for again after an hour."""
    first = listed.get("/widget.js")
    assert first.headers["cross-origin-resource-policy"] == "cross-origin"
    assert first.headers["access-control-allow-origin"] == "*"
    assert first.headers["content-type"].startswith("text/javascript")
    assert first.headers["cache-control"] == "public, max-age=3600"
    assert first.headers["vary"] == "accept-encoding"
    again = listed.get("/widget.js", headers={"if-none-match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    plain = listed.get("/widget.js", headers={"accept-encoding": "identity"})
    assert plain.content == first.content
    assert plain.headers["etag"] != first.headers["etag"]
    version = plain.headers["etag"].strip('"')
    assert "immutable" in listed.get(f"/widget.js?v={version}").headers["cache-control"]
    assert "immutable" not in listed.get("/widget.js?v=older").headers["cache-control"]
    assert listed.head("/widget.js").status_code == 200


def test_the_loader_speaks_the_languages_that_are_offered() -> None:
    """A language that the page of options offers has its words in the loader, and the other way round."""
    words = re.search(r"const WORDS = new Map\(\[(.*?)\]\);", _WIDGET.read_text("utf-8"), re.DOTALL)
    assert words is not None
    assert tuple(re.findall(r'^\s*\["(\w+)", \[', words[1], re.MULTILINE)) == LOCALES


def _node_tool(name: str) -> str:
    """A program of npm's: from the folder that `NODE_TOOLS` names, else from the path."""
    folder = os.environ.get("NODE_TOOLS")
    found = shutil.which(name, path=f"{folder}/node_modules/.bin") if folder else shutil.which(name)
    if found is None and not os.environ.get("CI"):
        pytest.skip(f"no {name} here, and this is not CI: npm install typescript, and set NODE_TOOLS to that folder")
    assert found is not None, f"CI must have {name}"
    return found


def test_our_scripts_are_well_typed() -> None:
    """TypeScript reads the JSDoc of what runs in other sites' pages and in the frame, as strictly as it can."""
    files = [str(STATIC / name) for name in ("widget.js", "embed.js", "builder.js")]
    options = (
        "--noEmit --allowJs --checkJs --strict --noUncheckedIndexedAccess --target es2022 --lib es2023,dom,dom.iterable"
    )
    done = subprocess.run([_node_tool("tsc"), *options.split(), *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


# --- Who may frame it ----------------------------------------------------------------------------------------------


def test_nobody_may_frame_the_chat_unless_listed(listed: TestClient, unlisted: TestClient) -> None:
    """The policy names the listed sites and no other; with an empty list the old header says no as well."""
    refused = unlisted.get("/embed").headers
    assert "frame-ancestors 'none'" in refused["content-security-policy"]
    assert refused["x-frame-options"] == "DENY"
    allowed = listed.get("/embed").headers
    assert allowed["content-security-policy"].endswith(f"frame-ancestors {' '.join(LISTED)}")
    assert "x-frame-options" not in allowed
    for address in ("/", "/embed/builder", "/widget.js"):
        assert "frame-ancestors 'none'" in listed.get(address).headers["content-security-policy"]


def test_an_isolated_page_may_frame_it(listed: TestClient) -> None:
    """A page that isolates itself asks this of what it embeds."""
    headers = listed.get("/embed").headers
    assert headers["cross-origin-embedder-policy"] == "require-corp"
    assert headers["cross-origin-resource-policy"] == "cross-origin"


def test_the_preview_is_framed_by_our_own_page_alone(listed: TestClient, unlisted: TestClient) -> None:
    """The page of options shows the widget even where no site is listed, and no other page can use that."""
    for client in (listed, unlisted):
        headers = client.get("/embed?preview=1", headers={"referer": f"{SITE}/"}).headers
        assert headers["content-security-policy"].endswith("frame-ancestors 'self'")
    told = _told(listed, {"referer": f"{SITE}/"}, f"?preview=1&origin={SITE}")
    assert told["data-parent"] == "self"
    assert "data-session" not in told


def test_the_frame_is_the_chat_without_gradio_s_talk_to_its_parent(listed: TestClient) -> None:
    """Neither page tells its parent anything but what `embed.js` tells, or loads a script that listens to any parent."""
    for address in ("/", "/embed"):
        page = listed.get(address).text
        assert "gradio_config" in page
        assert "postMessage" not in page
        assert "iframeResizer.contentWindow" not in page
    assert "no-store" in listed.get("/embed").headers["cache-control"]
    assert listed.head("/embed").content == b""


@pytest.mark.parametrize("address", ["/embed", "/embed/session", "/embed/builder"])
def test_no_other_site_may_read_what_the_frame_is_sent(listed: TestClient, address: str) -> None:
    """Framing is one thing, fetching another: no origin is let in, not even a listed one."""
    for method in ("GET", "POST", "OPTIONS"):
        headers = {"origin": SITE, "access-control-request-method": "GET", "referer": f"{SITE}/"}
        assert "access-control-allow-origin" not in listed.request(method, address, headers=headers).headers


# --- The session ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "query", "site"),
    [
        ({"referer": f"{SITE}/some/page"}, "", SITE),
        ({"referer": f"{SITE}:443/"}, "", SITE),
        ({"referer": "https://a.b.example.org/"}, "", "https://a.b.example.org"),
        ({"referer": "http://localhost:8000/"}, "", "http://localhost:8000"),
        ({}, f"?origin={SITE}", SITE),
        ({"referer": f"{SITE}/", "sec-fetch-dest": "iframe"}, "", SITE),
        ({"referer": f"{SITE}/", "sec-fetch-dest": "document"}, "", None),
        ({"referer": "https://other.example/"}, f"?origin={SITE}", None),
        ({"referer": ""}, f"?origin={SITE}", None),
        ({"referer": "http://journal.example/"}, "", None),
        ({"referer": "https://example.org/"}, "", None),
        ({"referer": "https://example.org.evil.example/"}, "", None),
        ({"referer": "https://evil.example/https://journal.example/"}, "", None),
        ({"referer": "https://journal.example@evil.example/"}, "", None),
        ({"referer": "https://[::1/"}, "", None),
        ({"referer": "null"}, "", None),
        ({}, "?origin=null", None),
        ({}, "?origin=https://*.example.org", None),
        ({}, "", None),
    ],
)
def test_a_session_is_bound_to_the_site_around_the_frame(
    listed: TestClient, headers: dict[str, str], query: str, site: str | None
) -> None:
    """The browser's word goes before the address's; a site that is not listed, or a direct visit, has none."""
    told = _told(listed, headers, query)
    assert told.get("data-parent") == site
    token = told.get("data-session")
    assert (WidgetTokens(_SECRET).site(token) if token else None) == site


def test_a_session_is_renewed_as_long_as_its_site_is_listed(listed: TestClient, unlisted: TestClient) -> None:
    """One that has slept too; a forged one, one of a site taken off the list, and none at all are refused."""
    old = WidgetTokens(_SECRET).token(SITE)
    answer = listed.post("/embed/session", headers={HEADER: old})
    assert answer.status_code == 200
    assert WidgetTokens(_SECRET).site(answer.json()["token"]) == SITE
    assert answer.json()["life"] == LIFE
    assert answer.headers["cache-control"] == "no-store"
    refused = [
        listed.post("/embed/session"),
        listed.post("/embed/session", headers={HEADER: old + "x"}),
        listed.post("/embed/session", headers={HEADER: WidgetTokens("another").token(SITE)}),
        unlisted.post("/embed/session", headers={HEADER: old}),
    ]
    assert [response.status_code for response in refused] == [401] * 4
    assert refused[0].json()["error"]["code"] == "session_ended"


def test_an_old_token_counts_no_more_but_may_be_changed_for_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that slept goes on; after as long as a conversation is kept, nothing is given for it."""
    sessions = WidgetTokens(_SECRET)
    token = sessions.token(SITE)
    now = sessions._signer.make_signer().get_timestamp()  # type: ignore[attr-defined]
    for age, site, renewable in ((LIFE - 5, SITE, SITE), (LIFE + 5, None, SITE), (RENEWED + 5, None, None)):
        monkeypatch.setattr("itsdangerous.timed.TimestampSigner.get_timestamp", lambda _self, age=age: now + age)
        assert (sessions.site(token), sessions.renewable(token)) == (site, renewable)
    assert isinstance(sessions._signer, URLSafeTimedSerializer)


def test_no_door_of_the_widget_sets_a_cookie(listed: TestClient) -> None:
    """It must work where a browser keeps cookies from frames, and nobody is to be followed."""
    token = _told(listed, {"referer": f"{SITE}/"})["data-session"]
    answers = [listed.get(path) for path in ("/widget.js", "/embed", "/embed/builder")]
    answers.append(listed.post("/embed/session", headers={HEADER: token}))
    assert not [answer for answer in answers if "set-cookie" in answer.headers]


# --- The options ----------------------------------------------------------------------------------------------------

_HOSTILE = "</title></style>\"'><script>alert(1)</script>"


@pytest.mark.parametrize("name", ["theme", "accent", "level", "locale", "position", "origin", "title", "__theme"])
def test_what_is_no_choice_does_not_reach_the_frame(listed: TestClient, name: str) -> None:
    """A value that does not fit counts as not given."""
    page = listed.get("/embed", params={name: _HOSTILE}).text
    assert "alert(1)" not in page
    assert page.count("<script") == listed.get("/embed").text.count("<script")


def test_a_question_reaches_the_frame_as_text(listed: TestClient) -> None:
    """It is the one free text, and is never markup; one that is too long is left out."""
    assert _told(listed, {}, f"?question={_HOSTILE}")["data-question"] == _HOSTILE
    assert "data-question" not in _told(listed, {}, "?question=" + "x" * 2001)


def test_options_are_told_to_the_frame(listed: TestClient) -> None:
    """What a site chose is what the page has."""
    page = listed.get("/embed?theme=dark&level=advanced&accent=%23c2410c").text
    html = BeautifulSoup(page, "html.parser").html
    assert html is not None
    assert html["data-theme"] == "dark"
    assert html["data-embed"] == ""
    assert "--accent:light-dark(#c2410c," in page
    assert _told(listed, {}, "?level=advanced")["data-level"] == "advanced"


@settings_of(max_examples=60, deadline=None)
@given(st.from_regex(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", fullmatch=True))
def test_any_accent_can_be_read(accent: str) -> None:
    """As text on the almanac's papers and under its label, in the light and in the dark."""
    rules = {
        name: [parse_colour(light), parse_colour(dark)]
        for name, light, dark in re.findall(r"--([\w-]+):light-dark\((#\w+),(#\w+)\)", palette(accent))
    }
    assert set(rules) == {"accent", "accent-strong", "accent-wash", "on-accent"}
    papers = [[parse_colour("#faf7f0"), parse_colour("#fffdf8")], [parse_colour("#161815"), parse_colour("#1d201c")]]
    for place, grounds in enumerate(papers):
        accented, strong = rules["accent"][place], rules["accent-strong"][place]
        wash, label = rules["accent-wash"][place], rules["on-accent"][place]
        assert accented is not None and strong is not None and wash is not None and label is not None  # noqa: PT018
        assert all(contrast(accented, ground) >= MIN_CONTRAST for ground in grounds if ground)
        assert contrast(strong, wash) >= MIN_CONTRAST
        assert contrast(label, accented) >= MIN_CONTRAST


@pytest.mark.parametrize("value", ["", "red", "#12", "#12345", "#1234567", "#12345g", "#fff;}", "#fff\n", "rgb(0 0 0)"])
def test_what_is_no_colour_makes_no_style(value: str) -> None:
    """Nothing but digits gets into a style sheet."""
    assert palette(value) == ""
    assert Options.read({"accent": value.replace("\n", "\n}")}).accent == ""


# --- The page of options ----------------------------------------------------------------------------------------------


def test_the_page_of_options_gives_the_line_for_what_was_chosen(listed: TestClient) -> None:
    """As a script, as an element and as a frame; nothing that is left as it is makes the line longer."""
    page = BeautifulSoup(listed.get("/embed/builder?title=Fragen%3F&theme=dark&accent=%230b6e4f").text, "html.parser")
    line, element, frame, policy = (code.get_text() for code in page.select(".way code"))
    assert line.startswith(
        '<script src="http://testserver/widget.js" async data-title="Fragen?" data-theme="dark"></script>'
    )
    assert '<noscript><a href="http://testserver/">Fragen?</a></noscript>' in line
    assert '<almanac-assistant data-title="Fragen?" data-theme="dark"></almanac-assistant>' in element
    assert 'src="http://testserver/embed?theme=dark"' in frame
    assert policy == "script-src http://testserver; frame-src http://testserver"
    policy = listed.get("/embed/builder").headers["content-security-policy"]
    assert "unsafe" not in policy
    assert not page.find_all(style=True)
    assert all(script.get("src") for script in page.find_all("script"))


@pytest.mark.parametrize(
    ("site", "words"),
    [
        ("", "Enter the address of your site"),
        ("https://journal.example", "may embed the chat."),
        ("http://journal.example/a/page", f"ALMANAC_EMBED_ORIGINS={','.join(LISTED)},http://journal.example"),
        ("other.example", "https://other.example may not embed the chat yet"),
        ("https://other.example", "over HTTPS"),
        ("javascript:alert(1)", "is not the address of a site"),
        (_HOSTILE, "is not the address of a site"),
        ("https://[", "is not the address of a site"),
    ],
)
def test_the_page_of_options_says_whether_a_site_may_embed_the_chat(listed: TestClient, site: str, words: str) -> None:
    """And where it may not, the setting that allows it, with the sites that stand there already."""
    page = BeautifulSoup(listed.get("/embed/builder", params={"site": site}).text, "html.parser")
    said = page.select_one(".site")
    assert said is not None
    assert words in said.get_text()
    assert "alert(1)" not in "".join(script.get_text() for script in page.find_all("script"))


def test_the_guide_tells_every_option(project: Path) -> None:
    """`docs/embedding.md` names each attribute, event and language."""
    guide = (project / "docs" / "embedding.md").read_text("utf-8")
    for name in json.loads(re.search(r"const NAMES = (\[.*?\]);", _WIDGET.read_text("utf-8"))[1]):  # type: ignore[index]
        assert f"`data-{name}`" in guide
    for name in ("almanac:open", "almanac:close", "almanac:answer", *LOCALES):
        assert f"`{name}`" in guide
