"""What `contracts.md` section 3 says is always true, whatever is asked of whatever catalogue."""

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.pipeline import Assistant
from assistant.types import Answer, Turn
from index import build, catalogue
from index.catalogue import Catalogue
from index.embed import Embedder
from index.models import ENTRY, AnyEntry

KEYS = (
    "status question searched_for intent filters mode level text sentences citations total removed reason nearest "
    "related suggestions catalogue engine timings_ms"
)
MARKER = re.compile(r"(?<!\\)\[(\d+)\]")

ODD = st.sampled_from(
    [
        "<script>alert(1)</script>", "[1]", "[99]", "\\[2\\]", "![x](http://a.b/c.png)", "a\u0301e\u0301", "שלום עולם",
        "👩‍👩‍👧‍👦", "\u200b\u202e", "\x07\x1b[31m", "line\nbreak", "C:\\path\\", "**bold** _it_ `code`", "日本語。文です。", "…", "'\"`",
    ]
)  # fmt: skip
WORDS = st.sampled_from(
    "model trained reward people OpenAI GPT-4 2023 law Europe safety picture chess the of was is and paper cost "
    "million seven Anthropic found because who when how what tested agents copyright court RLHF".split()
)
TEXTS = st.lists(st.one_of(WORDS, WORDS, WORDS, ODD, st.text(max_size=12)), min_size=1, max_size=60).map(
    lambda parts: " ".join(parts).encode("utf-8", "ignore").decode("utf-8")
)
PROSE = st.lists(TEXTS, min_size=1, max_size=5).map(". ".join)
SAID = PROSE.filter(lambda text: bool(text.strip()))
DATES = st.sampled_from([None, "2020", "2021-05", "2023-12-14", "2024-02-29"])
LEADS = st.sampled_from(
    [
        "What is {}?",
        "Who {}",
        "how many {}?",
        "{}",
        "and in 2024?",
        "tell me more",
        "why {}",
        "What did OpenAI {} in 2023?",
    ]
)
QUESTIONS = st.one_of(
    st.builds(lambda lead, text: lead.format(text[:200].replace("{", "")), LEADS, TEXTS), st.text(max_size=300)
).filter(lambda text: bool(text.strip()))


@st.composite
def entries(draw: st.DrawFn) -> list[AnyEntry]:
    """A small catalogue in which anything may be odd."""
    found: list[AnyEntry] = []
    for number in range(draw(st.integers(1, 6))):
        common: dict[str, Any] = {
            "id": f"e{number}",
            "title": draw(SAID)[:200].strip() or "t",
            "date": draw(DATES),
            "organisations": draw(st.lists(st.sampled_from(["OpenAI", "Anthropic", "<b>Lab</b>"]), max_size=2)),
            "topics": draw(st.lists(st.sampled_from(["rlhf", "safety", "law [3]"]), max_size=2)),
            "related_events": draw(st.lists(st.sampled_from(["e0", "e1", "e2", "gone"]), max_size=3)),
        }
        match draw(st.sampled_from(["event", "event", "guide", "path"])):
            case "event":
                own: dict[str, Any] = {"kind": "event", "summary": draw(st.one_of(PROSE, st.just("")))}
            case "guide":
                own = {
                    "kind": "guide",
                    "level": "beginner",
                    "tldr": draw(PROSE),
                    "key_takeaways": draw(st.lists(SAID, max_size=3)),
                    "sections": draw(st.lists(st.fixed_dictionaries({"heading": TEXTS, "text": PROSE}), max_size=2)),
                    "terms": draw(st.lists(st.fixed_dictionaries({"term": SAID, "definition": PROSE}), max_size=2)),
                }
            case _:
                own = {"kind": "path", "description": draw(PROSE), "steps": ["e0"]}
        found.append(ENTRY.validate_python(common | own))
    return found


@contextmanager
def opened(content: list[AnyEntry], embedder: Embedder | None) -> Iterator[Assistant]:
    """An assistant over a catalogue, for as long as it is needed."""
    with tempfile.TemporaryDirectory() as folder:
        build.build(Catalogue(tuple(content)), Path(folder), embedder)
        index = build.open_current(Path(folder), embedder)
        try:
            yield Assistant(index, embedder)
        finally:
            index.close()


def quoted(entry: AnyEntry, address: str) -> str:
    """The text at a field's address, found by the contract's words and not by our own code."""
    value: Any = json.loads(catalogue.to_line(entry))
    for part in address.split("."):
        value = value[int(part)] if part.isdigit() else value[part]
    return "\n".join(value) if isinstance(value, list) else value


def check(answer: Answer, held: Catalogue) -> None:
    """Everything under "Always true"."""
    shown = answer.as_dict()
    assert tuple(shown) == tuple(KEYS.split())
    assert json.loads(json.dumps(shown, ensure_ascii=False)) == json.loads(json.dumps(shown))
    numbers = [citation.number for citation in answer.citations]
    markers = [int(number) for number in MARKER.findall(answer.text)]
    assert set(markers) <= set(numbers)
    assert list(dict.fromkeys(markers)) == numbers == list(range(1, len(numbers) + 1))
    for citation in answer.citations:
        entry = held.by_id[citation.entry_id]
        assert quoted(entry, citation.field)[citation.start : citation.end] == citation.quote
        assert citation.quote.strip()
    by_number = {citation.number: citation for citation in answer.citations}
    for sentence in answer.sentences:
        assert sentence.citations
        for number in sentence.citations:
            assert " ".join(by_number[number].quote.split()) in sentence.text
    assert not set(answer.cited) & {one.entry_id for one in answer.related}
    assert {one.entry_id for one in (*answer.related, *answer.nearest)} <= held.by_id.keys()
    assert answer.status in {"answered", "abstained"}
    assert (answer.status == "abstained") == (not answer.citations)
    assert (answer.status == "abstained") == bool(answer.reason)
    if answer.status == "abstained":
        assert not MARKER.findall(answer.text)


TURNS = st.lists(st.tuples(st.sampled_from(["user", "assistant"]), TEXTS), max_size=4).map(
    lambda turns: [Turn(role, text) for role, text in turns]  # type: ignore[arg-type]
)
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW, derandomize=True)
@given(entries(), st.lists(QUESTIONS, min_size=1, max_size=4), TURNS)
def test_any_catalogue_answers_truly_by_words_alone(
    content: list[AnyEntry], asked: list[str], history: list[Turn]
) -> None:
    """Whatever the catalogue, the question and the conversation hold, the contract holds."""
    with opened(content, None) as assistant:
        for question in asked:
            check(assistant.ask(question, history=history), assistant.catalogue)


@settings(max_examples=15, deadline=None, suppress_health_check=SLOW, derandomize=True)
@given(content=entries(), asked=st.lists(QUESTIONS, min_size=1, max_size=4), mode=st.sampled_from(["chat", "summary"]))
def test_any_catalogue_answers_truly_by_meaning(
    embedder: Embedder, content: list[AnyEntry], asked: list[str], mode: Any
) -> None:
    """The same with vectors, in either mode, the conversation being the assistant's own."""
    with opened(content, embedder) as assistant:
        history: list[Turn] = []
        for question in asked:
            answer = assistant.ask(question, history=history, mode=mode)
            check(answer, assistant.catalogue)
            history += [Turn("user", question), Turn("assistant", answer.text, cited=answer.cited)]


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW, derandomize=True)
@given(asked=st.lists(QUESTIONS, min_size=1, max_size=2), level=st.sampled_from([None, "beginner", "advanced"]))
def test_any_conversation_over_the_starter_catalogue_is_answered_truly(
    assistant: Assistant, asked: list[str], level: Any
) -> None:
    """A few hundred random questions, each the follow-up of the one before; asked twice, answered alike."""
    history: list[Turn] = []
    for question in asked:
        answer = assistant.ask(question, history=history, level=level)
        check(answer, assistant.catalogue)
        again = assistant.ask(question, history=history, level=level)
        assert (again.text, again.citations, again.related) == (answer.text, answer.citations, answer.related)
        history += [Turn("user", question), Turn("assistant", answer.text)]
