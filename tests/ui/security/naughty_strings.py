"""Texts and bodies that break programs, and every place in every operation where such a text fits."""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from ui.api.schemas import EXAMPLE

TEXTS: Mapping[str, tuple[str, ...]] = {
    "nothing": ("", " ", "\t\n\r\x0b\x0c", "\u3000\u2003", "\ufeff"),
    "control": ("a\x00b", "\x00", "".join(map(chr, range(1, 32))), "\x7f\x80\x9f", "bell\x07\x1b[31mred\x1b[0m"),
    "lines": ("one\r\nSet-Cookie: a=b\r\n\r\ntwo", "a\nb", "a\u2028b\u2029c\x85d"),
    "bidi": ("\u202egnp.exe\u202c", "\u2066\u2067ab\u2069", "עברית and العربية in one", "\u200f\u200e"),
    "zero width": ("R\u200bL\u200bH\u200bF", "\u2060\u200d\u200c", "a" + "\u0301" * 400),
    "emoji": ("👩‍👩‍👧‍👦 🏳️‍🌈 🇫🇷", "\U0001f9d1\U0001f3ff\u200d\U0001f680", "1\ufe0f\u20e3", "\U000e0041\U000e007f"),
    "rare": ("\U0010ffff\ufffe\uffff", "\ue000", "ﬀ ﬃ ℡ ½", "ÅÅÅ", "İıẞß", "𝒯𝒽𝑒 𝓆𝓊𝒾𝒸𝓀", "𐀀", "ǅ ŉ"),
    "surrogates": ("\ud800", "\udfff\ud800", "a\ud83db"),
    "long": ("x" * 2_000, "x" * 2_001, "word " * 20_000, "é" * 70_000, "(" * 10_000, "," * 5_000),
    "database": ("' OR 1=1 --", "1; DROP TABLE feedback; --", '" UNION SELECT * FROM shared --', "%' AND '%'='", "\\'"),
    "markup": (
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</title></textarea></style><svg onload=alert(1)>",
        "<!--#exec cmd=\"ls\"--><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;]]>",
        "[x](javascript:alert(1)) ![y](https://outside.example/p.png)",
    ),
    "formats": ("%s%s%n%x", "{0.__class__}", "${7*7}{{7*7}}<%= 7*7 %>", "$(id) `id` ; id | id", "%00%0d%0a%c0%ae", "\\x00"),
    "paths": ("../../../etc/passwd", "..%2f..%2fetc", "C:\\boot.ini", "/", "//outside.example", ".", "file:///etc/passwd"),
    "numbers": ("0", "-1", "1e999", "NaN", "Infinity", "9" * 5_000, "0x1F", "٣", "1_000", "1.0", "-0", "½"),
    "words": ("null", "undefined", "true", "None", "[]", "{}", "__proto__", "constructor", "[object Object]", "*"),
    "dates": ("0000-00-00", "9999-99-99", "2024-02-30", "20240101", "２０２４", "-2024", "2024-1"),
    "patterns": ("(a+)+$", "a" * 500 + "!", "((((((((((", "[", "\\", "what is " * 200 + "?"),
}  # fmt: skip
EVERY = tuple(text for texts in TEXTS.values() for text in texts)

BODIES: Mapping[str, bytes] = {
    "empty": b"",
    "no JSON": b"question=What",
    "cut off": b'{"question": "Wh',
    "a NUL": b'{"question": "a\x00b"}',
    "Latin-1": '{"question": "café"}'.encode("latin-1"),
    "UTF-16": '{"question": "guides on RLHF"}'.encode("utf-16"),
    "UTF-32": '{"question": "guides on RLHF"}'.encode("utf-32"),
    "a byte-order mark": b'\xef\xbb\xbf{"question": "guides on RLHF"}',
    "overlong UTF-8": b'{"question": "\xc0\xaf"}',
    "half a character": b'{"question": "\\ud800"}',
    "half a character as a name": b'{"\\ud800": 1, "question": "\\udfff", "level": "\\ud800", "mode": "\\ud800"}',
    "deep lists": b"[" * 50_000 + b"]" * 50_000,
    "deep objects": b'{"question":' * 30_000 + b"1" + b"}" * 30_000,
    "a name twice": b'{"question": "a", "question": "guides on RLHF", "question": 5}',
    "a name twice, and both good": b'{"question": "guides on RLHF", "question": "guides on RLHF"}',
    "no number": b'{"question": NaN, "history": Infinity}',
    "a very large number": b'{"question": ' + b"9" * 5_000 + b"}",
    "1e999": b'{"question": 1e999}',
    "a list": b'["guides on RLHF"]',
    "a text": b'"guides on RLHF"',
    "null": b"null",
    "many names": b"{" + b",".join(b'"n%d": 1' % n for n in range(20_000)) + b"}",
    "an inherited name": b'{"__proto__": {"a": 1}, "constructor": {}, "question": "guides on RLHF"}',
    "a packed one": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff",
    "a form": b"--x\r\nContent-Disposition: form-data; name=question; filename=a\r\n\r\n1\r\n--x--\r\n",
}
TYPES = (
    "application/json",
    "application/json; charset=utf-16",
    "text/plain",
    "multipart/form-data; boundary=x",
    "\xff",
)


@dataclass(frozen=True, slots=True)
class Door:
    """One operation with valid values. Each value is a place for a hostile text."""

    method: str
    path: str
    parts: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    answers: bool = False
    """Whether a valid request costs an answer, which takes some time."""

    @property
    def name(self) -> str:
        """A label for test output."""
        return f"{self.method} {self.path}"


# The question is one that fields answer, in a moment: what is tried is all that stands around it.
_ASKED = {
    "question": "guides on RLHF",
    "history": [
        {"role": "user", "content": "What is a reward?", "cited": ["rlhf"], "suggestions": ["guides on RLHF"]},
        {"role": "assistant", "content": "A number.", "cited": ["rlhf"], "suggestions": ["guides on RLHF"]},
    ],
    "level": "beginner",
    "mode": "chat",
    "without": ["dates"],
    "as_of": "2024-05-06",
}
_FILTERS = {
    "kind": "event",
    "since": "2023",
    "until": "2024-05",
    "organisation": "OpenAI",
    "topic": "rlhf",
    "offset": "0",
    "top": "3",
}
_COMPLETION = {
    "model": "almanac",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "assistant", "content": "Ask.", "annotations": [{"type": "url_citation", "entry_id": "rlhf"}]},
        {"role": "user", "content": [{"type": "text", "text": "guides on RLHF"}]},
    ],
    "stream": False,
    "stream_options": {"include_usage": True},
    "n": 1,
    "tool_choice": "none",
    "response_format": {"type": "text"},
}
_NEVER = "0" * 24
_SENT = 4_000
"""The most characters of a text in a URL. Each takes up to twelve bytes there."""


def _tool(name: str, **arguments: Any) -> dict[str, Any]:
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    return {
        "jsonrpc": "2.0",
        "id": "1",
        "method": "tools/call",
        "params": {"name": name, "arguments": arguments, "_meta": meta},
    }


def doors(answer_id: str = _NEVER) -> tuple[Door, ...]:
    """Every operation of the server. `answer_id` is the id of a recent answer."""
    entry = {"entry_id": "rlhf"}
    options = {
        "origin": "https://site.example",
        "preview": "0",
        "theme": "dark",
        "accent": "#0b6e4f",
        "level": "beginner",
        "locale": "en",
        "title": "Ask",
        "question": "guides on RLHF",
    }
    return (
        Door("GET", "/", query={"ask": "guides on RLHF"}),
        Door("GET", "/openapi.json", query={"x": "y"}),
        Door("GET", "/healthz"),
        Door("GET", "/readyz"),
        Door("GET", "/api/ask", query={"q": "guides on RLHF", "level": "beginner", "mode": "chat", "without": "dates", "as_of": "2024"}, answers=True),
        Door("POST", "/api/ask", body=_ASKED, answers=True),
        Door("POST", "/api/ask/stream", body=_ASKED, answers=True),
        Door("GET", "/api/search", query={"q": "rlhf", **_FILTERS}),
        Door("GET", "/api/entries", query=_FILTERS),
        Door("GET", "/api/entries/{entry_id}/related", entry),
        Door("GET", "/api/cite", query={"id": "rlhf", "as": "bibtex"}),
        Door("POST", "/api/export", body={"answer": EXAMPLE, "as": "markdown", "history": [{"role": "user", "content": "Hi."}]}),
        Door("POST", "/api/feedback", body={"answer_id": answer_id, "rating": "down", "reason": "wrong", "note": "no", "feedback_id": None}),
        Door("POST", "/api/answers/{answer_id}/share", {"answer_id": answer_id}),
        Door("GET", "/entries/{entry_id}.json", entry),
        Door("GET", "/entries/{entry_id}", entry, {"x": "y"}),
        Door("GET", "/browse", query={"words": "rlhf", "level": "", "importance": "3", "view": "timeline", "page": "1", **_FILTERS}),
        Door("GET", "/answers/{answer_id}", {"answer_id": answer_id}),
        Door("GET", "/feed", query={"q": "guides on rlhf", "page": "1"}),
        Door("GET", "/feed.json", query={"q": "guides on rlhf", "page": "1"}),
        Door("GET", "/sitemap.xml"),
        Door("GET", "/sitemap-{number}.xml", {"number": "1"}),
        Door("GET", "/robots.txt"),
        Door("GET", "/llms.txt"),
        Door("GET", "/llms-full.txt", query={"page": "1"}),
        Door("GET", "/v1/models"),
        Door("GET", "/v1/models/{name}", {"name": "almanac"}),
        Door("POST", "/v1/chat/completions", body=_COMPLETION, answers=True),
        Door("POST", "/v1/chat/completions", body=_COMPLETION | {"stream": True}, answers=True),
        Door("POST", "/mcp", body=_tool("ask", question="guides on RLHF", level="beginner", as_of="2024", history=[{"role": "user", "content": "Hi."}]), answers=True),
        Door("POST", "/mcp", body=_tool("search", query="rlhf", kinds=["event"], since="2023", organisations=["OpenAI"], topics=["rlhf"], top=3)),
        Door("POST", "/mcp", body=_tool("get_entry", entry_id="rlhf")),
        Door("POST", "/mcp", body=_tool("related", entry_id="rlhf")),
        Door("GET", "/widget.js", query={"v": "1"}),
        Door("GET", "/embed", query=options),
        Door("GET", "/embed/builder", query=options),
        Door("POST", "/embed/session", body={"x": "y"}),
        Door("GET", "/admin/status", query={"token": "x"}),
        Door("GET", "/almanac/{file}", {"file": "chat.css"}, {"v": "1"}),
        Door("POST", "/gradio_api/queue/join", body={"data": ["x"], "fn_index": 0, "session_hash": "s", "trigger_id": 1}),
        Door("POST", "/gradio_api/cancel", body={"event_id": "x", "fn_index": 0, "session_hash": "s"}),
        Door("GET", "/{anything}", {"anything": "nowhere"}),
    )  # fmt: skip


HEADERS = (
    "accept accept-language authorization content-type cookie forwarded host if-modified-since if-none-match "
    "last-event-id mcp-protocol-version mcp-session-id origin range referer sec-fetch-dest sec-fetch-mode sec-fetch-site "
    "user-agent x-almanac-session x-forwarded-for x-forwarded-host x-forwarded-prefix x-forwarded-proto x-remote-user"
).split()
"""Headers that the server or its libraries read."""
READS_HEADERS = ("/", "/feed", "/entries/rlhf", "/embed", "/embed/session", "/admin/status", "/api/ask", "/widget.js")


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it is sent."""

    method: str
    address: str
    content: bytes | None = None
    headers: Mapping[str, bytes] = field(default_factory=dict)


JSON = {"content-type": b"application/json", "accept": b"application/json, text/event-stream"}


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a request that can hold a text."""

    door: Door
    where: str
    name: str
    at: tuple[str | int, ...] = ()

    @property
    def label(self) -> str:
        """A label for test output."""
        return f"{self.door.name} {self.where} {self.name}"

    def holding(self, text: str) -> Sent:
        """The operation's request with this text in this place."""
        door = self.door
        parts, query, body = dict(door.parts), dict(door.query), deepcopy(door.body)
        if self.where == "path":
            parts[self.name] = text
        elif self.where == "query":
            query[self.name] = text
        elif self.where == "query name":
            query[text] = "x"
        elif self.where == "body":
            body = _put(body, self.at, text)
        elif self.where == "body name":
            body |= {text: "x"}
        # Clients refuse to send an address that is longer; a server's parser would not read it to its end.
        query = {name[:_SENT]: value[:_SENT] for name, value in query.items()}
        parts = {name: value[:_SENT] for name, value in parts.items()}
        path = door.path
        for name, value in parts.items():
            path = path.replace(f"{{{name}}}", quote(value, safe="", errors="surrogatepass"))
        query_string = urlencode(query, errors="surrogatepass")
        address = f"{path}{'?' if query_string else ''}{query_string}"
        return Sent(door.method, address, None if body is None else json.dumps(body).encode(), JSON if body else {})


def _put(value: Any, at: tuple[str | int, ...], text: str) -> Any:
    if not at:
        return text
    copy = deepcopy(value)
    copy[at[0]] = _put(copy[at[0]], at[1:], text)
    return copy


def places(door: Door) -> Iterator[Place]:
    """Every place of an operation: parameter values, an unknown parameter name, and each part of the body."""
    yield from (Place(door, "path", name) for name in door.parts)
    yield from (Place(door, "query", name) for name in door.query)
    yield Place(door, "query name", "?")
    if door.body is not None:
        yield from (Place(door, "body", ".".join(map(str, at)) or "all", at) for at in _inside(door.body))
        yield Place(door, "body name", "?")


def _inside(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield at
    found: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in found:
        yield from _inside(inner, (*at, name))


def in_header(path: str, name: str, text: str) -> Sent:
    """A request with a text as a header, without the bytes that every HTTP parser refuses."""
    value = text.encode("utf-8", "surrogatepass").translate(None, bytes([*range(9), *range(10, 32), 127])).strip()
    method = "POST" if path == "/embed/session" else "GET"
    return Sent(method, path + ("?q=rlhf" if path == "/api/ask" else ""), None, {name: value[:8_000]})
