"""Splitting texts into sentences, with exact offsets, for any text."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import sentences


def cut(text: str, *, by_line: bool = False) -> list[str]:
    """The sentences as text."""
    return [text[begin:end] for begin, end in sentences.split(text, by_line=by_line)]


@pytest.mark.parametrize(
    "parts",
    [
        ["GPT-3.5 was released.", "It has 1.3 billion parameters."],
        ["Smith et al. showed this in Fig. 3.", "See e.g. Table 2."],
        ["Dr. Smith met J. R. Hinton, Jr. Patel and Prof. Bengio.", "They agreed."],
        ["It was bought by OpenAI Inc.", "The company sued."],
        ["Alphabet Inc. and Meta agreed.", "So did others."],
        ["The U.S. Senate voted.", "The E.U. Commission did not."],
        ["It was banned in the U.S.", "The ban ended."],
        ["“It works.”", "He left."],
        ['He said "Stop!" and left.', "Why?", "Nobody knows…", "Really?!"],
        ["It rose by 3.5%.", "It fell by .5 points."],
        ["Version 2.0.1 came on Jan. 5.", "Nobody noticed."],
        ["See https://a.b/c.d?e=f. for more."],
        ["Wait... what happened?", "Nothing."],
        ["(It stopped.)", "[It began.]"],
        ["(This is so.", "Is it not?)"],
        ["The model scored approx. 40 points vs. 30 before."],
        ["the end. no capital follows, so this is one"],
        ["Yahoo! was there, and so was Why? magazine."],
        ["AT&T acted at 5 p.m. on Monday.", "It rained."],
    ],
)
def test_sentences_end_where_a_reader_ends_them(parts: list[str]) -> None:
    """Abbreviations, decimals, initials, quotations and addresses do not end a sentence."""
    assert cut(" ".join(parts)) == parts


def test_a_new_paragraph_ends_a_sentence_and_a_new_line_only_in_lists() -> None:
    """A wrapped line continues the sentence; each takeaway is a sentence even without a full stop."""
    assert cut("A title\n\nA text that\nis wrapped.\n \t\nEnd") == ["A title", "A text that\nis wrapped.", "End"]
    assert cut("One\nTwo. Three\r\nFour", by_line=True) == ["One", "Two.", "Three", "Four"]
    assert cut("One\r\n\r\nTwo") == ["One", "Two"]


def test_scripts_without_spaces_have_sentences_too() -> None:
    """Chinese and Japanese full stops need no space after them."""
    assert cut("模型已发布。它有九十亿个参数！真的吗？“是的。”") == [
        "模型已发布。",
        "它有九十亿个参数！",
        "真的吗？",
        "“是的。”",
    ]
    assert cut("彼は「行く。」と言った。終わり。")[-1] == "終わり。"


def test_a_text_without_a_full_stop_is_cut_where_a_reader_would_pause() -> None:
    """No sentence is longer than the limit; it is cut after a punctuation mark or a space if possible."""
    found = cut("word, " * 500)
    assert all(len(part) <= sentences.MAX_SENTENCE_CHARACTERS for part in found)
    assert all(part.endswith(",") for part in found)
    assert [len(part) for part in cut("x" * 1500)] == [600, 600, 300]


@pytest.mark.parametrize("text", ["", " ", "\n\n\t", "\u3000\u2028\x1f"])
def test_nothing_has_no_sentence(text: str) -> None:
    """White space is not a sentence."""
    assert sentences.split(text) == sentences.split(text, by_line=True) == []


HOSTILE = st.text(
    alphabet=st.one_of(st.sampled_from(list(".!?…\"'”)»(\n\r\t aAbZ9;,。！？」 \u00a0\u2028\x00")), st.characters()),
    max_size=1500,
)


@given(HOSTILE, st.booleans())
@settings(deadline=None)
def test_the_spans_cover_every_letter_once_whatever_the_text(text: str, by_line: bool) -> None:  # noqa: FBT001
    """Spans are in order, disjoint, trimmed, never empty and never too long; only white space lies between them."""
    spans = sentences.split(text, by_line=by_line)
    at = 0
    for begin, end in spans:
        assert at <= begin < end <= len(text)
        assert text[begin:end] == text[begin:end].strip()
        assert end - begin <= sentences.MAX_SENTENCE_CHARACTERS
        assert not text[at:begin].strip()
        at = end
    assert not text[at:].strip()


@given(HOSTILE)
@settings(deadline=None)
def test_a_sentence_alone_is_still_one_sentence(text: str) -> None:
    """Splitting a sentence again gives the same sentence, unless it was cut for its length."""
    for part in cut(text):
        if len(part) < sentences.MAX_SENTENCE_CHARACTERS // 2:
            assert len(cut(part)) == 1, part


@pytest.mark.parametrize(
    "text",
    ["a.", "(", ".", "?", '!"', "好。", "\n", "\n ", ".)", "A. ", "e.g. ", "a", " ", "“", "。」", "…", "a, ", ".\u00a0", "\r\n"],
)  # fmt: skip
def test_hostile_text_takes_time_in_proportion_to_its_length(text: str) -> None:
    """Ten times the text takes about ten times as long, so that no text can block a build or a question."""

    def took(length: int) -> float:
        given = text * (length // len(text)) + "b"
        started = time.process_time()
        sentences.split(given)
        sentences.split(given, by_line=True)
        return time.process_time() - started

    # Below the floor the clock says more about the machine than about us; a square would be far above it.
    small = max(min(took(10_000) for _ in range(3)), 0.003)
    assert min(took(100_000) for _ in range(2)) < 40 * small
