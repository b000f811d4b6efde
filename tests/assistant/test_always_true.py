"""Property tests of `contracts.md` section 3, "Always true", with random questions and catalogues."""

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.answer import Answer, Turn
from assistant.conversation import history as conversation
from assistant.conversation import languages, small_talk
from assistant.pipeline import Assistant
from assistant.question import Question
from index.catalogue import Catalogue, load_starter
from index.embed import Embedder
from index.errors import AlmanacError
from tests.support import odd_catalogues

EXAMPLES = int(os.environ.get("EXAMPLES", "1"))
"""Factor for the number of examples; run `EXAMPLES=10` before a release."""
PREFACES = {*languages.IN_ENGLISH.values(), languages.IN_ENGLISH_ONLY, small_talk.OPINION_AND_ANSWER}
NUMBER = (int, float)
TEXT_OR_NONE = (str, type(None))
TEXTS = [str]


SHAPE: dict[str, Any] = {
    "status": {"answered", "abstained", "unavailable"},
    "question": str,
    "searched_for": str,
    "intent": {"lookup", "define", "list", "count", "latest", "timeline", "compare", "summary"},
    "filters": {
        "kinds": TEXTS,
        "since": TEXT_OR_NONE,
        "until": TEXT_OR_NONE,
        "organisations": TEXTS,
        "topics": TEXTS,
    },
    "mode": {"chat", "summary"},
    "level": {"beginner", "intermediate", "advanced"},
    "text": str,
    "sentences": [{"text": str, "citations": [int], "support": NUMBER}],
    "citations": [
        {
            "number": int,
            "entry_id": str,
            "kind": {"event", "guide", "path"},
            "title": str,
            "date": TEXT_OR_NONE,
            "source": TEXT_OR_NONE,
            "url": TEXT_OR_NONE,
            "field": str,
            "quote": str,
            "start": int,
            "end": int,
        }
    ],
    "total": (int, type(None)),
    "removed": [{"text": str, "reason": str}],
    "reason": TEXT_OR_NONE,
    "nearest": [{"entry_id": str, "title": str}],
    "related": [{"entry_id": str, "kind": {"event", "guide", "path"}, "title": str, "date": TEXT_OR_NONE, "why": str}],
    "suggestions": TEXTS,
    "catalogue": {"hash": str, "as_of": TEXT_OR_NONE, "entries": int},
    "engine": {"answerer": str, "embedder": str, "version": str},
    "timings_ms": {"retrieve": NUMBER, "answer": NUMBER, "total": NUMBER},
    "id": str,
}
"""The JSON format of an answer: a type, the allowed texts, or the format of a list's items or an object's fields."""


BRIEF: Any = {
    "order": {"theme", "time"},
    "considered": int,
    "used": int,
    "parts": [{"heading": str, "first": int, "last": int}],
    "later": [
        {
            "number": int,
            "entry_id": str,
            "title": str,
            "date": str,
            "says": {"changed", "figures", "later"},
            "field": str,
            "quote": str,
            "start": int,
            "end": int,
        }
    ],
    "open_points": [{"about": str, "why": str}],
}
"""Additional fields of a summary, at the end."""


def fits(value: Any, shape: Any, address: str = "answer") -> None:
    """Assert that a value has the given format, including its keys and their order."""
    match shape:
        case dict():
            assert list(value) == list(shape), address
            for name, inner in shape.items():
                fits(value[name], inner, f"{address}.{name}")
        case list():
            assert isinstance(value, list), address
            for number, one in enumerate(value):
                fits(one, shape[0], f"{address}.{number}")
        case set():
            assert value in shape, address
        case _:
            assert isinstance(value, shape), address
            assert not isinstance(value, bool), address


def markers(markdown: str) -> list[int]:
    """Return the numbers in citation markers, in order; a bracket after a backslash is plain text."""
    unescaped = re.sub(r"\\[!-/:-@\[-`{-~]", "\x00", markdown)
    return [int(number) for number in re.findall(r"\[(\d+)\]", unescaped)]


def asides(seen: str, said: list[str]) -> list[str]:
    """Return the parts of a displayed answer between its sentences; assert that it has all sentences in order."""
    found = []
    for sentence in said:
        before, stands, seen = seen.partition(sentence)
        assert stands, (sentence, seen)
        found.append(before)
    return [text for text in (*found, seen) if text.strip()]


def check(answer: Answer, held: Catalogue) -> None:
    """Assert everything under "Always true", and that the displayed text agrees with the sentences."""
    written = json.dumps(answer.as_dict(), ensure_ascii=False)
    read = json.loads(written.encode("utf-8"))
    fits(read, SHAPE | {"brief": BRIEF} if answer.brief else SHAPE)
    assert json.dumps(read, ensure_ascii=False) == written

    numbers = [citation.number for citation in answer.citations]
    assert list(dict.fromkeys(markers(answer.text))) == numbers == list(range(1, len(numbers) + 1))
    by_number = {citation.number: citation for citation in answer.citations}
    for citation in answer.citations:
        entry = held.by_id[citation.entry_id]
        assert (citation.kind, citation.title, citation.date, citation.url) == (
            entry.kind,
            entry.title,
            entry.date,
            entry.url,
        )
        assert odd_catalogues.field_of(entry, citation.field)[citation.start : citation.end] == citation.quote
        assert citation.quote.strip()
    for sentence in answer.sentences:
        assert sentence.citations
        assert 0 <= sentence.support <= 1
        for number in sentence.citations:
            assert " ".join(by_number[number].quote.split()) in " ".join(sentence.text.split())
    assert [n for sentence in answer.sentences for n in sentence.citations] == markers(answer.text)

    known = held.by_id
    assert {one.entry_id for one in (*answer.related, *answer.nearest)} <= known.keys()
    assert not set(answer.cited) & {one.entry_id for one in answer.related}
    for listed in (answer.related, answer.nearest):
        assert len({one.entry_id for one in listed}) == len(listed)
    assert (answer.catalogue.hash, answer.catalogue.entries) == (held.hash, len(known))

    headings, plain = odd_catalogues.parted(answer.text) if answer.brief else ([], answer.text)
    seen = odd_catalogues.on_one_line(odd_catalogues.paragraphs(plain))
    check_brief(answer, held, headings)
    if answer.status == "abstained":
        assert not answer.citations
        assert not answer.sentences
        assert answer.reason
        assert seen == odd_catalogues.on_one_line(answer.reason)
    else:
        assert answer.status == "answered"
        assert answer.citations
        assert answer.reason is None
        assert not answer.nearest
        said = [f"{s.text} {''.join(f'[{n}]' for n in s.citations)}" for s in answer.sentences]
        beside = asides(seen, [odd_catalogues.on_one_line(one) for one in said])
        if answer.intent in {"lookup", "define", "summary"}:
            # Nothing but the marks of a list, and the note that the catalogue is in English or that there is no opinion.
            rest = [text for text in beside if text.strip(" -")]
            assert not rest or (len(rest) == 1 and rest[0] == beside[0] and rest[0].strip(" -") in PREFACES)
        else:
            assert beside
    if answer.intent in {"list", "count"}:
        assert answer.total == len(answer.cited)
        assert answer.status == "abstained" or f"{answer.total:,}" in beside[0].split()
    else:
        assert answer.total is None or answer.status == "abstained"


def check_brief(answer: Answer, held: Catalogue, headings: list[str]) -> None:
    """Assert that a brief's counts, parts and references agree with its citations and sentences."""
    brief = answer.brief
    if brief is None:
        assert (
            answer.mode == "chat"
            or answer.status == "abstained"
            or answer.intent != "summary"
            or "more" in answer.question.lower()
        )
        return
    assert (answer.mode, answer.status) == ("summary", "answered")
    assert brief.used == len(answer.cited)
    assert brief.used <= brief.considered <= len(held.entries)
    assert [n for part in brief.parts for n in range(part.first, part.last + 1)] == [
        one.number for one in answer.citations
    ]
    assert headings == [odd_catalogues.on_one_line(part.heading) for part in brief.parts if part.heading]
    cited = {citation.number: citation for citation in answer.citations}
    for one in brief.later:
        entry = held.by_id[one.entry_id]
        assert entry.id != cited[one.number].entry_id
        assert (entry.title, entry.date) == (one.title, one.date)
        assert odd_catalogues.field_of(entry, one.field)[one.start : one.end] == one.quote
        assert one.date > (cited[one.number].date or "")
    assert all(point.about.strip() and point.why for point in brief.open_points)


def same(first: Answer, second: Answer) -> bool:
    """Whether two answers are equal except for their timings and ids."""
    differs = {"timings_ms": None, "id": None}
    return {**first.as_dict(), **differs} == {**second.as_dict(), **differs}


TURNS = st.lists(
    st.builds(
        Turn,
        st.sampled_from(["user", "assistant"]),
        st.one_of(odd_catalogues.QUESTION, odd_catalogues.TEXT, st.sampled_from(["", " "])),
    ),
    max_size=5,
)
MODES = st.sampled_from(["chat", "summary"])
LEVELS = st.sampled_from([None, "beginner", "intermediate", "advanced"])
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]


@settings(max_examples=40 * EXAMPLES, deadline=None, suppress_health_check=SLOW, derandomize=True)
@given(odd_catalogues.catalogues(), st.lists(odd_catalogues.QUESTION, min_size=1, max_size=4), TURNS, MODES, LEVELS)
def test_any_catalogue_answers_truly_by_words_alone(
    held: Catalogue, asked: list[str], history: list[Turn], mode: Any, level: Any
) -> None:
    """For any catalogue, question and conversation, the contract holds and a second answer is the same."""
    with odd_catalogues.opened(held) as assistant:
        # What an entry says of itself is asked too: else few random questions would have an answer.
        own = [entry.title[:200] for entry in held.entries[:2]]
        own += [f"What is {text[:200]}?" for entry in held.entries[:2] for text in list(entry.texts().values())[-1:]]
        answers = [
            assistant.ask(Question(question, history=history, mode=mode, level=level)) for question in (*asked, *own)
        ]
        for answer in answers:
            check(answer, held)
        # The first one again, after all the others.
        assert same(answers[0], assistant.ask(Question(asked[0], history=history, mode=mode, level=level)))


@settings(max_examples=8 * EXAMPLES, deadline=None, suppress_health_check=SLOW, derandomize=True)
@given(
    held=odd_catalogues.catalogues(odd_catalogues.BRIEF),
    asked=st.lists(odd_catalogues.QUESTION, min_size=1, max_size=2),
    mode=MODES,
)
def test_any_catalogue_answers_truly_by_meaning(
    embedder: Embedder, held: Catalogue, asked: list[str], mode: Any
) -> None:
    """The same with vectors, in both modes, with a conversation that contains the assistant's own answers."""
    with odd_catalogues.opened(held, embedder) as assistant:
        history: list[Turn] = []
        for question in (*asked, held.entries[0].title[:200], "tell me more"):
            answer = assistant.ask(Question(question, history=history, mode=mode))
            check(answer, held)
            history += [Turn("user", question), Turn("assistant", answer.text, cited=answer.cited)]


STARTER_WORDS = st.deferred(lambda: st.sampled_from(_starter_words()))


def _starter_words() -> list[str]:
    entries = load_starter().entries
    titles = [entry.title for entry in entries]
    words = sorted({word for entry in entries for text in list(entry.texts().values())[:2] for word in text.split()})
    names = sorted({name for entry in entries for name in (*entry.organisations, *entry.topics)})
    return [*titles, *names, *words[:: max(1, len(words) // 400)]]


STARTER_QUESTION = st.one_of(
    st.builds(
        lambda lead, words: lead.replace("{}", " ".join(words))[:2_000],
        st.sampled_from(odd_catalogues.LEADS),
        st.lists(st.one_of(STARTER_WORDS, STARTER_WORDS, STARTER_WORDS, odd_catalogues.WORD), min_size=1, max_size=6),
    ),
    st.sampled_from(odd_catalogues.SHORT),
).filter(lambda text: bool(text.strip()))


@settings(max_examples=40 * EXAMPLES, deadline=None, suppress_health_check=SLOW, derandomize=True)
@given(asked=st.lists(STARTER_QUESTION, min_size=1, max_size=3), history=TURNS, level=LEVELS, mode=MODES)
def test_any_conversation_over_the_starter_catalogue_is_answered_truly(
    assistant: Assistant, asked: list[str], history: list[Turn], level: Any, mode: Any
) -> None:
    """Random questions, each a follow-up of the previous question, after any conversation."""
    for question in asked:
        answer = assistant.ask(Question(question, history=history, level=level, mode=mode))
        check(answer, assistant.catalogue)
        history = [*history, Turn("user", question), Turn("assistant", answer.text)]


@settings(max_examples=8 * EXAMPLES, deadline=None, suppress_health_check=SLOW, derandomize=True)
@given(asked=STARTER_QUESTION)
def test_the_same_question_gets_the_same_answer(assistant: Assistant, asked: str) -> None:
    """Neither questions asked in between nor the time change an answer."""
    first = assistant.ask(asked)
    assistant.ask(Question("Tell me about AlexNet", history=[Turn("user", asked), Turn("assistant", first.text)]))
    assert same(first, assistant.ask(asked))


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(odd_catalogues.HOSTILE),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)
NEARLY_TURN = st.fixed_dictionaries(
    {"role": st.one_of(st.sampled_from(["user", "assistant", "system", "User"]), JSON)},
    optional={
        "content": st.one_of(odd_catalogues.TEXT, st.text(st.characters(), max_size=20), JSON),
        "cited": st.one_of(st.lists(st.sampled_from(["e0", "gone", "\ud800", ""]), max_size=3), JSON),
        "searched_for": JSON,
    },
)


@pytest.fixture(scope="module")
def small() -> Iterator[Assistant]:
    """An assistant over two plain entries."""
    held = odd_catalogues.made(
        odd_catalogues.entry(
            id="e0", title="Alpha law", summary="The Alpha law limits models. It was passed in May 2023."
        ),
        odd_catalogues.entry(
            id="e1", kind="guide", title="Reward hacking", tldr="Reward hacking is cheating at a goal."
        ),
    )
    with odd_catalogues.opened(held) as assistant:
        yield assistant


@settings(max_examples=100 * EXAMPLES, deadline=None, suppress_health_check=SLOW, derandomize=True)
@given(
    history=st.one_of(JSON, st.lists(NEARLY_TURN, max_size=4)), question=st.one_of(odd_catalogues.QUESTION, st.text())
)
def test_a_conversation_in_any_shape_is_read_or_refused(small: Assistant, history: Any, question: str) -> None:
    """Any JSON as history and any text as question lead to an answer, or to an error with a hint."""
    refused: AlmanacError | None = None
    try:
        check(small.ask(Question(question, history=conversation.parse(history))), small.catalogue)
    except AlmanacError as error:
        refused = error
    assert refused is None or (str(refused) and refused.hint)


@pytest.mark.parametrize("turns", [199, 5_000])
def test_a_long_conversation_is_no_danger(small: Assistant, turns: int) -> None:
    """The last question of a conversation is answered, however many turns and follow-ups come before it."""
    history = [Turn("user", "and why is it so?")] * turns
    check(small.ask(Question("and what does it limit?", history=history)), small.catalogue)
    assert small.ask(Question("What is reward hacking?", history=history)).cited == ("e1",)


@pytest.mark.parametrize("text", ["half a pair \ud83d", "\udfff"])
def test_half_a_character_is_no_danger(small: Assistant, text: str) -> None:
    """A lone surrogate in a question or a conversation is displayed as a replacement character."""
    for answer in (
        small.ask(f"What is {text}?"),
        small.ask(Question("What is the law?", history=[Turn("user", f"What is {text}?"), Turn("assistant", text)])),
        small.ask(Question("and why is it so?", history=[Turn("user", f"What is {text}?"), Turn("assistant", text)])),
        small.ask(Question("tell me more", history=[Turn("user", text)])),
    ):
        check(answer, small.catalogue)
