"""Passages: exact slices of fields, made of whole sentences, within the token limit, separate for each part of a guide."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import chunk
from index.chunk import Chunker, Passage
from index.embed import MAX_TOKENS, token_counter
from index.models import ENTRY, AnyEntry

TOKENS: Callable[[str], list[int]] = token_counter()
CHUNKER = Chunker(TOKENS)


def event(summary: str, **more: object) -> AnyEntry:
    """An event with a given summary."""
    return ENTRY.validate_python({"id": "e", "kind": "event", "title": "Title", "summary": summary} | more)


def guide(**more: Any) -> AnyEntry:
    """A guide with given sections and terms."""
    return ENTRY.validate_python(
        {"id": "g", "kind": "guide", "title": "Guide", "level": "beginner", "tldr": "Short."} | more
    )


PIECES = st.one_of(
    st.sampled_from(["word ", "The quick fox jumped. ", "e.g. ", "\n", "\n\n", "\r\n", "。", "中文", "x" * 300, "\t", "\u00a0", "!", "“Q”", "\x00", "😀", "é"]),
    st.text(st.characters(codec="utf-8"), max_size=30),
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=120).map("".join)


def passages(entry: AnyEntry) -> list[Passage]:
    """All passages of an entry."""
    return list(CHUNKER.passages(entry))


def check(entry: AnyEntry) -> None:
    """Assert what holds for the passages and sentences of every entry."""
    found, texts = passages(entry), entry.texts()
    assert [passage.id for passage in found] == [f"{entry.id}#{number}" for number in range(len(found))]
    covered: dict[str, int] = {}
    for passage in found:
        text = texts[passage.field]
        assert text[passage.start : passage.end] == passage.text
        assert passage.text.strip()
        assert len(TOKENS(passage.text)) <= chunk.PASSAGE_TOKENS
        assert not text[covered.get(passage.field, 0) : passage.start].strip()
        covered[passage.field] = passage.end
    body = texts.keys() - {"title"} or {"title"}
    assert covered.keys() == body
    assert not any(texts[field][end:].strip() for field, end in covered.items())
    last: dict[int, int] = {}
    for sentence in chunk.sentences_of(found):
        passage = found[sentence.passage]
        assert max(passage.start, last.get(sentence.passage, 0)) <= sentence.start < sentence.end <= passage.end
        last[sentence.passage] = sentence.end
        said = texts[passage.field][sentence.start : sentence.end]
        assert said == said.strip() != ""


@given(TEXTS)
@settings(deadline=None, max_examples=150)
def test_every_passage_is_a_slice_of_its_field_whatever_the_text(text: str) -> None:
    """No text is lost, repeated, changed or too long for the embedder."""
    check(event(text))


@given(st.lists(TEXTS.filter(str.strip), max_size=4), st.lists(TEXTS, max_size=3), TEXTS)
@settings(deadline=None, max_examples=40)
def test_the_same_holds_for_every_part_of_a_guide(takeaways: list[str], parts: list[str], tldr: str) -> None:
    """TL;DR, takeaways, sections and glossary."""
    check(
        guide(
            tldr=tldr,
            key_takeaways=takeaways,
            sections=[{"heading": "H", "text": text} for text in parts],
            terms=[{"term": "T", "definition": text} for text in parts],
        )
    )


def test_a_guide_gives_one_passage_for_each_short_part() -> None:
    """So an answer can cite the exact section or term."""
    made = guide(
        key_takeaways=["One.", "Two"],
        sections=[
            {"heading": "A", "text": "First. Second."},
            {"heading": "B", "text": ""},
            {"heading": "C", "text": "Third."},
        ],
        terms=[{"term": "T", "definition": "Meaning."}],
    )
    assert [(passage.field, passage.text) for passage in passages(made)] == [
        ("tldr", "Short."),
        ("key_takeaways", "One.\nTwo"),
        ("sections.0.text", "First. Second."),
        ("sections.2.text", "Third."),
        ("terms.0.definition", "Meaning."),
    ]
    said = [made.texts()[passages(made)[s.passage].field][s.start : s.end] for s in chunk.sentences_of(passages(made))]
    assert said == ["Short.", "One.", "Two", "First.", "Second.", "Third.", "Meaning."]


def test_an_entry_that_is_only_a_title_can_be_found_but_not_quoted() -> None:
    """The title is its only passage, and it has no sentence."""
    found = passages(event(" \n"))
    assert [(passage.field, passage.text) for passage in found] == [("title", "Title")]
    assert list(chunk.sentences_of(found)) == []


def test_long_fields_are_cut_between_sentences() -> None:
    """Each passage has as many whole sentences as fit."""
    text = " ".join(
        f"Laboratory number {number} trained a model of {number} billion parameters." for number in range(100)
    )
    found = passages(event(text))
    assert 5 < len(found) < 20
    assert all(passage.text.startswith("Laboratory") and passage.text.endswith("parameters.") for passage in found)
    assert all(len(TOKENS(passage.text)) > chunk.PASSAGE_TOKENS // 2 for passage in found[:-1])


def test_ids_do_not_depend_on_other_entries() -> None:
    """The id of a passage depends on its entry only."""
    one, other = event("One. Two."), event("Three.", id="f")
    assert passages(one) == [p for entry in (other, one) for p in passages(entry) if p.entry_id == "e"]


def test_the_embedder_reads_what_a_passage_is_about_and_words_read_more() -> None:
    """Title and heading are embedded with the passage; date, names, topics and source are for word search only."""
    made = event(
        "Said.", title="Why?", date="2024-05", topics=["chain-of-thought"], organisations=["Org"], source="News"
    )
    (passage,) = passages(made)
    assert chunk.for_embedding(made, passage) == "Why? Said."
    assert chunk.for_words(made, passage) == "Why? Said.\nOrg\nchain of thought\nMay 2024\nNews"
    part = guide(tldr="", sections=[{"heading": "Part", "text": "Said."}])
    assert chunk.for_embedding(part, passages(part)[0]) == "Guide: Part. Said."
    only = event("")
    assert chunk.for_embedding(only, passages(only)[0]) == "Title"


def test_a_passage_with_its_title_fits_the_embedder() -> None:
    """With an ordinary title, the model reads the whole passage."""
    long = event(
        "Some quite ordinary words stand here, one after another. " * 100, title="A title of a usual length " * 3
    )
    assert max(len(TOKENS(chunk.for_embedding(long, passage))) for passage in passages(long)) <= MAX_TOKENS - 2


@pytest.mark.parametrize("tokens", [15, 0, -1])
def test_a_limit_that_makes_no_sense_is_refused(tokens: int) -> None:
    """The constructor checks the limit."""
    with pytest.raises(ValueError, match="at least 16"):
        Chunker(TOKENS, passage_tokens=tokens)


def test_signs_without_tokens_are_cut_like_any_others() -> None:
    """The splitter repeats zero-width characters at the start of the next piece; the passages still have each character once."""
    odd = "\u200b\u200d\ufeff model === and [99] and [2](javascript:alert(1)) i.e. i.e. "
    entry = guide(tldr=odd * 20)
    cut = [one for one in passages(entry) if one.field == "tldr"]
    assert len(cut) > 1
    assert all(one.text == entry.texts()["tldr"][one.start : one.end] for one in cut)
    assert all(one.end <= other.start for one, other in pairwise(cut))
