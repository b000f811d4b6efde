"""A question and an entry become one input of the entry reader, or several if the entry is long."""

import numpy as np
import pytest

from assistant.answering.reader.entry_encoding import (
    MAX_TOKENS,
    TYPE_HISTORY,
    TYPE_MARKER,
    TYPE_QUESTION_SHARED,
    TYPE_TEXT_SHARED,
    EntryEncoder,
    EntryText,
    batch,
)
from index.embed import tokenizer_file


@pytest.fixture(scope="module")
def encoder() -> EntryEncoder:
    """The encoder."""
    return EntryEncoder(tokenizer_file())


def test_each_sentence_has_a_marker_and_its_own_number(encoder: EntryEncoder) -> None:
    """Each sentence has a marker and its own number."""
    (window,) = encoder.encode("who did it", (), EntryText("A title", ("One sentence.", "And one more.")))
    assert len(window.ids) == len(window.types) == len(window.sentence_of)
    assert [window.types[place] for place in window.markers] == [TYPE_MARKER, TYPE_MARKER]
    assert [window.sentence_of[place] for place in window.markers] == [1, 2]
    assert max(window.sentence_of) == 2


def test_a_word_counts_as_shared_in_another_form_too(encoder: EntryEncoder) -> None:
    """A word counts as shared in another form too."""
    (window,) = encoder.encode("who fired him", (), EntryText("A title", ("The board was firing people.",)))
    assert TYPE_QUESTION_SHARED in window.types
    assert TYPE_TEXT_SHARED in window.types
    (other,) = encoder.encode("who fired him", (), EntryText("A title", ("Nothing else.",)))
    assert TYPE_TEXT_SHARED not in other.types


def test_the_conversation_is_marked_as_such(encoder: EntryEncoder) -> None:
    """The conversation is marked as such."""
    entry = EntryText("A title", ("One sentence.",))
    (alone,) = encoder.encode("and when?", (), entry)
    (after,) = encoder.encode("and when?", ("what did the lab do",), entry)
    assert TYPE_HISTORY not in alone.types
    assert after.types.count(TYPE_HISTORY) == len(after.ids) - len(alone.ids)


def test_a_long_entry_is_read_in_windows_that_cover_every_sentence(encoder: EntryEncoder) -> None:
    """A long entry is read in windows that cover every sentence."""
    sentences = tuple(f"Sentence number {n} says a few words about the subject of the entry." for n in range(60))
    windows = encoder.encode("what is it about", (), EntryText("A title", sentences))
    assert len(windows) > 1
    assert all(len(window.ids) <= MAX_TOKENS for window in windows)
    covered = [window.first + at for window in windows for at in range(len(window.markers))]
    assert covered == list(range(60))


@pytest.mark.parametrize("text", ["", " ", "\ud800", "a" * 10_000, "́" * 5_000, "…" * 3_000])
def test_any_text_can_be_encoded(encoder: EntryEncoder, text: str) -> None:
    """Any text can be encoded."""
    windows = encoder.encode(text, (text,), EntryText(text, (text, "A sentence.")))
    assert all(len(window.ids) <= MAX_TOKENS for window in windows)
    assert sum(len(window.markers) for window in windows) == 2


def test_an_entry_without_sentences_gives_no_input(encoder: EntryEncoder) -> None:
    """An entry without sentences gives no input."""
    assert encoder.encode("who", (), EntryText("A title", ())) == []


def test_a_batch_is_padded_with_zeros(encoder: EntryEncoder) -> None:
    """A batch is padded with zeros."""
    short = encoder.encode("who", (), EntryText("T", ("One.",)))
    long = encoder.encode("who", (), EntryText("T", ("One.", "Two words.", "Three more words.")))
    ids, mask, types, sentence_of, markers = batch([*short, *long])
    assert ids.shape == mask.shape == types.shape == sentence_of.shape == (2, len(long[0].ids))
    assert markers.shape == (2, 3)
    assert np.all(ids[0, len(short[0].ids) :] == 0)
    assert mask.sum() == len(short[0].ids) + len(long[0].ids)
    assert markers[0, 1:].tolist() == [0, 0]
