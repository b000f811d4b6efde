"""Unusual texts and catalogues, and helpers to answer from them: shared by the tests of the assistant."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assistant.pipeline import Assistant
from index import build, catalogue
from index.catalogue import Catalogue
from index.embed import Embedder
from index.models import ENTRY, AnyEntry

HOSTILE = (
    "<script>alert(1)</script>",
    "[1]",
    "[99] and [2](javascript:alert(1))",
    "\\[2\\] \\\\[3]",
    "![pixel](https://outside.example/p.png)",
    "[ref]: https://outside.example",
    "a\u0301e\u0301 \u0915\u094d\u0937\u093f",
    "שלום עולם \u202eabc\u202c",
    "👩‍👩‍👧‍👦 🇫🇷 1\ufe0f\u20e3",
    "\u200b\u200d\ufeff",
    "\x07\x1b[31mred\x00",
    "line\nbreak\r\n# not a heading",
    "one\u2028two\u2029three\x85four\x0b\x0c",
    "C:\\path\\",
    "**bold** _it_ `code` ~~gone~~ | a | b |",
    "&amp; &lt;b&gt; &#91;7&#93; &copy",
    "日本語。文です。",
    "1. a list",
    "1)",
    "- a dash",
    "-",
    "+",
    "#",
    "> a quotation",
    "===",
    "---",
    "- - -",
    "\t    indented",
    "<!-- hidden --> </p>",
    "$x^2$ {{7*7}} ${x} %s {0}",
    "'\"`’”",
    "…",
    "…！？",
)
PLAIN = (
    "model trained reward people OpenAI GPT-4 2023 law Europe safety picture chess the of was is and paper cost million "
    "seven Anthropic found because who when how what tested agents copyright court RLHF it they 2.5 Dr. etc. i.e."
).split()

WORD = st.one_of(*[st.sampled_from(PLAIN)] * 4, st.sampled_from(HOSTILE), st.text(max_size=10))
TEXT = st.lists(WORD, min_size=1, max_size=30).map(lambda parts: shown(" ".join(parts)))
LONG = st.builds(lambda text, times: (text + " ") * times, TEXT, st.integers(20, 60))
BRIEF = st.one_of(*[st.lists(TEXT, min_size=1, max_size=4).map(". ".join)] * 6, st.sampled_from(HOSTILE))
PROSE = st.one_of(*[BRIEF] * 9, LONG)
LEADS = (
    "{}",
    "{}?",
    "What is {}?",
    "Who is {} and why?",
    "how many {}?",
    "and in 2024? {}",
    "tell me more about it {}",
    "why {}",
    "What did OpenAI {} in 2023?",
    "between 2021 and {} 2024",
    "explain that more simply {}",
    "a guide to {}",
    "what about {}",
    "List all events about {}",
    "How many events mention {} since 2021?",
    "the latest news on {}",
    "timeline of {}",
    "Compare {} and safety",
)
SHORT = (
    "tell me more",
    "How many events are there?",
    "What has OpenAI published?",
    "guides and events about rlhf or safety",
    "and in 2024?",
    "why?",
    "who was that",
    "Explain that more simply.",
    "hello",
    "?",
    "[1]",
    "what is [99]?",
    "GPT-99 Quorvax [1]?",
)
QUESTION = st.one_of(
    st.builds(lambda lead, text: lead.replace("{}", text[:300]), st.sampled_from(LEADS), TEXT),
    st.builds(lambda text: text[:2_000], LONG),
    st.sampled_from(SHORT),
    st.text(max_size=200),
).filter(lambda text: bool(text.strip()))


def shown(text: str) -> str:
    """Return a text without lone surrogates, which a catalogue cannot contain."""
    return text.encode("utf-8", "ignore").decode("utf-8")


@st.composite
def catalogues(draw: st.DrawFn, prose: st.SearchStrategy[str] = PROSE) -> Catalogue:
    """Generate a small catalogue in which every field may have unusual values."""
    found: list[AnyEntry] = []
    said = prose.filter(lambda text: bool(text.strip()))
    empty_too = st.one_of(prose, prose, st.sampled_from(["", " \n"]))
    ids = st.sampled_from(["e0", "e1", "e2", "gone"])
    for number in range(draw(st.integers(1, 5))):
        common: dict[str, Any] = {
            "id": f"e{number}",
            "title": draw(said)[: draw(st.sampled_from([20, 200, 3_000]))].strip() or "t",
            "date": draw(st.sampled_from([None, "2020", "2021-05", "2023-12-14", "2024-02-29"])),
            "source": draw(st.sampled_from([None, "", "The [1] Times", "<i>Wire</i>"])),
            "url": draw(st.sampled_from([None, "https://example.org/a_(b)?q=[1]"])),
            "organisations": draw(st.lists(st.sampled_from(["OpenAI", "<b>Lab</b>", "[2]", "- x"]), max_size=2)),
            "topics": draw(st.lists(st.sampled_from(["rlhf", "safety", "law [3]"]), max_size=2)),
            "related_events": draw(st.lists(ids, max_size=3)),
            "related_guides": draw(st.lists(ids, max_size=2)),
        }
        kind = draw(st.sampled_from(["event", "event", "guide", "path"]))
        own: dict[str, Any] = {"kind": kind}
        if kind == "event":
            own["summary"] = draw(empty_too)
        elif kind == "guide":
            sections = st.fixed_dictionaries({"heading": st.one_of(TEXT, st.just("")), "text": empty_too})
            terms = st.fixed_dictionaries({"term": said, "definition": empty_too})
            own |= {"level": "beginner", "tldr": draw(empty_too)}
            own["key_takeaways"] = draw(st.lists(said, max_size=3))
            own["sections"] = draw(st.lists(sections, max_size=2))
            own["terms"] = draw(st.lists(terms, max_size=2))
        else:
            own |= {"description": draw(empty_too), "steps": draw(st.lists(ids, max_size=3))}
        found.append(ENTRY.validate_python(common | own))
    return Catalogue(tuple(found))


def entry(**fields: Any) -> AnyEntry:
    """Return one validated entry; an event by default."""
    whole: dict[str, Any] = {"kind": "event", "title": fields.get("id", "e"), "id": "e"} | fields
    needed = {"event": {"summary": ""}, "guide": {"tldr": "", "level": "beginner"}, "path": {"description": ""}}
    if whole["kind"] == "path":
        whole.setdefault("steps", [])
    return ENTRY.validate_python(needed[whole["kind"]] | whole)


def made(*entries: AnyEntry) -> Catalogue:
    """Return a catalogue of the given entries."""
    return Catalogue(entries)


@contextmanager
def opened(held: Catalogue, embedder: Embedder | None = None) -> Iterator[Assistant]:
    """Open an assistant over a catalogue; without an embedder it searches by words alone."""
    with tempfile.TemporaryDirectory() as folder:
        build.build(held, Path(folder), embedder)
        index = build.open_current(Path(folder), embedder)
        try:
            yield Assistant(index, embedder)
        finally:
            index.close()


def field_of(entry: AnyEntry, address: str) -> str:
    """Return the text at a field's address in the entry's JSON, without using the product's code."""
    value: Any = json.loads(catalogue.to_line(entry))
    for part in address.split("."):
        value = value[int(part)] if part.isdigit() else value[part]
    return "\n".join(value) if isinstance(value, list) else value


_LIST = ("bullet_list_open", "list_item_open", "list_item_close", "bullet_list_close")


def paragraphs(markdown: str) -> list[str]:
    """Return the paragraphs and plain list items that a CommonMark reader sees.

    Raises:
        AssertionError: the Markdown contains anything other than paragraphs of plain text.
    """
    found = []
    allowed = {"paragraph_open", "inline", "paragraph_close", *_LIST}
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown):
        assert token.type in allowed, (token.type, markdown)
        assert token.level <= 3, markdown
        if token.type == "inline":
            assert {child.type for child in token.children or ()} <= {"text"}, (token.children, markdown)
            found.append("".join(child.content for child in token.children or ()))
    return found


def parted(markdown: str) -> tuple[list[str], str]:
    """Return the headings of a summary, and its Markdown without them."""
    parts = markdown.split("\n\n")
    headings = [part for part in parts if part.startswith("### ")]
    tokens = MarkdownIt("commonmark").parse("\n\n".join(headings))
    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h3"] * len(headings)
    shown = [token.content for token in tokens if token.type == "inline"]
    assert all(child.type == "text" for token in tokens for child in token.children or ())
    read = ["".join(child.content for child in token.children or ()) for token in tokens if token.type == "inline"]
    assert len(shown) == len(read) == len(headings)
    return read, "\n\n".join(part for part in parts if not part.startswith("### "))


def on_one_line(texts: Sequence[str] | str) -> str:
    """Return texts with each run of white space as one space, and with NUL replaced as CommonMark displays it."""
    whole = texts if isinstance(texts, str) else " ".join(texts)
    return " ".join(whole.replace("\x00", "\ufffd").split())
