"""Word search: the textbook's scores over words that people write in different ways."""

import math
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import catalogue, chunk
from index.embed import token_counter
from index.errors import StoreError
from index.lexical import STOPWORDS, LexicalIndex, fold, stem, terms
from tests.support.naive_bm25 import bm25

WORDS = ["alpha", "beta", "gamma", "delta", "kappa"]


@given(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12), min_size=1, max_size=12),
    st.lists(st.sampled_from([*WORDS, "omega"]), max_size=6),
)
@settings(deadline=None)
def test_scores_match_the_textbook_formula(texts: list[list[str]], query: list[str]) -> None:
    """Equal to ten lines written from the paper, a word that is asked twice counting twice."""
    stems = [[stem(word) for word in text] for text in texts]
    wanted = [stem(word) for word in query]
    ours = LexicalIndex.build([" ".join(text) for text in texts]).scores(wanted)
    assert ours == pytest.approx(bm25(stems, wanted), abs=1e-4)


def test_scores_over_the_starter_catalogue_match_too() -> None:
    """The same on thousands of real words."""
    chunker = chunk.Chunker(token_counter())
    entries = catalogue.load_starter().entries[:60]
    texts = [chunk.for_words(entry, passage) for entry in entries for passage in chunker.passages(entry)]
    index = LexicalIndex.build(texts)
    for query in ("reward hacking", "GPT-4 safety tests of OpenAI in 2023", "Québec", "no such nonsense word: qwertz"):
        expected = bm25([terms(text) for text in texts], terms(query))
        assert index.scores(terms(query)) == pytest.approx(expected, abs=1e-4)


def test_rarity_and_frequency_are_those_of_the_passages() -> None:
    """Counted in passages, not in words; a word that is nowhere is the rarest."""
    index = LexicalIndex.build(["alpha alpha", "alpha beta", "gamma"])
    assert [index.frequency(stem(word)) for word in ("alpha", "beta", "omega")] == [2, 1, 0]
    assert index.idf(stem("alpha")) == pytest.approx(math.log(1 + 1.5 / 2.5))
    assert index.idf("omega") == pytest.approx(math.log(1 + 3.5 / 0.5))


@pytest.mark.parametrize(
    "texts",
    [
        ["GPT-4", "GPT4", "gpt 4", "Gpt–4", "GPT‑4", "gpt-4's", "ＧＰＴ-４"],
        ["Claude 3.5", "claude-3.5", "CLAUDE3.5"],
        ["Québec", "quebec", "QUÉBEC", "Que\u0301bec"],
        ["models", "model", "Model's", "Model’s", "'model'", "“Models”"],
        ["safety", "'safety'", "‘safety’"],
        ["straße", "STRASSE"],
        ["ﬁne-tuning", "fine tuning", "Fine-Tuning"],
    ],
    ids=lambda texts: texts[0],
)
def test_the_same_word_is_found_however_it_is_written(texts: list[str]) -> None:
    """Joints, case, accents, quotation marks and plurals make no other word."""
    index = LexicalIndex.build([*texts, "something else"])
    for text in texts:
        scores = index.scores(terms(text))
        assert min(scores[: len(texts)]) > 0, text
        assert scores[-1] == 0


def test_a_version_is_not_another_version() -> None:
    """Who asks for GPT-4 gets GPT-4 before GPT-3, and a number after a long word is no version."""
    index = LexicalIndex.build(["gpt 3 came", "gpt 4 came", "incident 4 came"])
    scores = index.scores(terms("GPT-4"))
    assert scores[1] > scores[0]
    assert scores[1] > scores[2]
    assert "incident4" not in terms("incident 4")
    assert terms("gpt, 4") == ["gpt", "4"]


@pytest.mark.parametrize("query", ["", "the of and", "?!…", "\x00", "😀", "\ud800", "qwertz", "∅", "_", "中"])
def test_a_query_without_a_known_word_finds_nothing(query: str) -> None:
    """All scores are nought, of whatever the query consists."""
    index = LexicalIndex.build(["alpha", "", "the of"])
    assert index.scores(terms(query)).tolist() == [0, 0, 0]


def test_stop_words_are_neither_indexed_nor_asked_for() -> None:
    """Unless a caller wants them."""
    assert terms("What is the reward of it?") == ["reward"]
    assert terms("What is it?", stopwords=frozenset()) == ["what", "is", "it"]
    assert all(word == fold(word) for word in STOPWORDS)


@given(st.text(max_size=200))
@settings(deadline=None)
def test_any_text_has_terms_that_have_themselves_as_folded_words(text: str) -> None:
    """Nothing that can be typed ends a search, and case never matters."""
    assert terms(text.lower().upper()) == terms(text.lower().upper().lower()) or not text.isascii()
    assert all(word and not any(character.isspace() for character in word) for word in terms(text))


def test_an_index_without_passages_answers_with_nothing(tmp_path: Path) -> None:
    """Built, saved and opened like any other."""
    index = LexicalIndex.build([])
    index.save(tmp_path)
    opened = LexicalIndex.open(tmp_path, 0)
    for one in (index, opened):
        assert one.scores(["alpha"]).shape == (0,)
        assert one.frequency("alpha") == 0


def test_what_is_saved_opens_the_same(tmp_path: Path) -> None:
    """Scores, frequencies and all, read from the disk."""
    texts = ["alpha beta", "beta 😀 Québec", "", "gpt-4"]
    index = LexicalIndex.build(texts)
    index.save(tmp_path)
    opened = LexicalIndex.open(tmp_path, len(texts))
    for query in ("beta", "quebec", "GPT4", "omega"):
        assert np.array_equal(index.scores(terms(query)), opened.scores(terms(query)))
        assert index.idf(stem(query)) == opened.idf(stem(query))


@pytest.mark.parametrize("damage", [None, b"", b"garbage"], ids=["missing", "empty", "garbage"])
def test_a_damaged_word_index_is_refused_with_the_mend(tmp_path: Path, damage: bytes | None) -> None:
    """File by file."""
    LexicalIndex.build(["alpha"]).save(tmp_path)
    for file in sorted(tmp_path.iterdir()):
        whole = file.read_bytes()
        file.unlink()
        if damage is not None:
            file.write_bytes(damage)
        with pytest.raises(StoreError) as caught:
            LexicalIndex.open(tmp_path, 1)
        assert "almanac build --full" in caught.value.hint
        file.write_bytes(whole)
    assert LexicalIndex.open(tmp_path, 1).scores(["alpha"]).tolist() == pytest.approx([math.log(1 + 0.5 / 1.5) / 2.5])


def test_the_library_writes_nothing_on_our_standard_error() -> None:
    """It sets its own logger to DEBUG when it is imported; ours stays silent."""
    code = "import logging; from index.lexical import LexicalIndex; logging.basicConfig(level=0); LexicalIndex.build(['alpha'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("copywright", "copyright"),
        ("transformrs", "transformers"),
        ("Californian", "California"),
        ("hallucinaton", "hallucination"),
        ("copyright", "copyright"),
    ],
)
def test_a_slip_of_the_pen_finds_the_word_that_was_meant(written: str, meant: str) -> None:
    """One slip in a word, swapped neighbours, another ending: searched as the word that is there."""
    index = LexicalIndex.build(["Copyright of transformers", "California and hallucinations", "Something else"])
    assert list(index.scores(terms(written))) == list(index.scores(terms(meant)))
    assert index.scores(terms(written)).any()


@pytest.mark.parametrize("word", ["midjourney", "lemon", "tay", "gpt9", "", "c"])
def test_another_word_is_not_taken_for_a_slip(word: str) -> None:
    """Short words, names with digits and words far from all others stay unknown."""
    index = LexicalIndex.build(["Copyright of lemons", "Today's GPT-4 in journeys"])
    assert index.nearest(word) == word


def test_a_part_of_the_index_scores_its_passages_as_the_whole_does() -> None:
    """Words that stand in none of its passages are unknown to it; a part without passages finds nothing."""
    texts = ["safe models agree", "models train", "robots walk", "safe robots sign accords"]
    whole = LexicalIndex.build(texts)
    kept = np.array([True, False, False, True])
    part = whole.within(kept)
    for words in (["safe"], ["model", "robot"], ["accord", "safe", "agre"]):
        assert part.scores(words).tolist() == whole.scores(words)[kept].tolist()
    assert (part.frequency("safe"), part.frequency("walk"), part.frequency("train")) == (2, 0, 0)
    assert part.scores(["walk"]).tolist() == [0, 0]
    assert whole.within(np.zeros(4, bool)).scores(["safe"]).tolist() == []


@given(st.text())
def test_folding_is_the_same_for_texts_of_any_letters(text: str) -> None:
    """ASCII goes a shorter way to the same end."""
    slow = unicodedata.normalize("NFKD", text.casefold())
    assert fold(text) == "".join(sign for sign in slow if not unicodedata.combining(sign))
