"""Search: what words, passages and sentences weigh, and what each of them finds."""

import numpy as np
import pytest

from assistant.conversation.context import Background
from assistant.retrieval import search
from assistant.retrieval.fusion import weights
from assistant.retrieval.search import Searcher
from index.embed import Embedder
from tests.support import odd_catalogues
from tests.support.odd_catalogues import entry

FILLER = (
    "The annual report of the institute lists its offices, its budget and its staff. "
    "Offices were opened in four cities and the budget was approved by the board. "
    "Staff moved to a new building, and the canteen was enlarged. "
)
HIDDEN = "A dentist can see early tooth decay on an X-ray with the help of a neural network."
QUESTION = "Can software spot cavities on radiographs?"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("RLHF", (0.25, 0.45, 0.30)),
        ("reward model training", (0.25, 0.45, 0.30)),
        ("reward model training cost", (0.30, 0.40, 0.30)),
        ("reward model training cost millions dollars", (0.40, 0.30, 0.30)),
        ("reward model training cost millions dollars spent yearly", (0.40, 0.30, 0.30)),
    ],
)
def test_words_weigh_more_in_a_long_question(question: str, expected: tuple[float, float, float]) -> None:
    """From three index terms to six the weight of words rises, at the cost of the passages; sentences keep theirs."""
    assert weights(question) == pytest.approx(expected)
    assert sum(weights(question)) == pytest.approx(1)


def test_one_sentence_of_a_long_passage_finds_its_entry(embedder: Embedder) -> None:
    """A passage about other things, in which one sentence answers, comes before a passage about the same field."""
    held = odd_catalogues.made(
        entry(id="report", title="Annual report", summary=f"{FILLER}{HIDDEN} {FILLER}"),
        entry(id="clinic", title="Clinic", summary="Dental clinics for children open their doors on Monday."),
        entry(id="xray", title="Scanner", summary="A radiograph is kept in a hospital archive."),
        entry(id="tooth", title="Toothpaste", summary="Toothpaste with fluoride is sold in a chemist's shop."),
        entry(id="stains", title="Photographs", summary="Software for photographs removes stains from pictures."),
    )
    with odd_catalogues.opened(held, embedder) as assistant:
        searcher = assistant.searcher
        vector = searcher.embed(QUESTION)
        by_sentence = searcher.by_sentence(vector, range(len(assistant.index.passages)))
        best = max(by_sentence, key=lambda place: by_sentence[place])
        assert assistant.index.passages[best].entry_id == "report"
        order = [found.entry.id for found in searcher.entries(searcher.passages(QUESTION, vector))]
        assert order.index("report") < order.index("clinic")


def test_an_entry_of_the_conversation_is_moved_up_a_little(embedder: Embedder) -> None:
    """An entry that the conversation is about gains `CONVERSATION_BONUS` and nothing else changes; order follows the scores."""
    held = odd_catalogues.made(
        entry(id="a", title="Model A", summary="The first model was trained for a month."),
        entry(id="b", title="Model B", summary="The second model was trained for a year."),
        entry(id="c", title="Court", summary="A court ruled on the use of songs."),
    )
    with odd_catalogues.opened(held, embedder) as assistant:
        searcher = assistant.searcher
        question = "How long was the model trained?"
        vector = searcher.embed(question)
        plain = {hit.place: hit.score for hit in searcher.passages(question, vector)}
        moved = {hit.place: hit.score for hit in searcher.passages(question, vector, favoured=["c"])}
        owner = [passage.entry_id for passage in assistant.index.passages]
        assert moved == pytest.approx(
            {place: score + (search.CONVERSATION_BONUS if owner[place] == "c" else 0) for place, score in plain.items()}
        )
        assert list(moved.values()) == sorted(moved.values(), reverse=True)


def test_a_search_can_be_kept_to_some_entries(embedder: Embedder) -> None:
    """Words, passages and sentences all keep to the entries allowed."""
    held = odd_catalogues.made(
        *(entry(id=f"e{n}", title=f"Model {n}", summary=f"Model {n} was trained for {n} months.") for n in range(6))
    )
    with odd_catalogues.opened(held, embedder) as assistant:
        searcher = assistant.searcher
        vector = searcher.embed("How long was model 3 trained?")
        hits = searcher.passages("How long was model 3 trained?", vector, only=["e1", "e4"])
        assert {found.entry.id for found in searcher.entries(hits)} == {"e1", "e4"}


def test_hits_know_what_each_search_made_of_them(embedder: Embedder) -> None:
    """A hit has its cosine and its BM25 score; an entry has the highest cosine of its hits."""
    held = odd_catalogues.made(
        entry(id="a", title="Walrus", summary="The walrus model was trained."),
        entry(id="b", title="Court", summary="A court ruled on the use of songs."),
    )
    with odd_catalogues.opened(held, embedder) as assistant:
        searcher = assistant.searcher
        hits = searcher.passages("walrus", searcher.embed("walrus"))
        first, second = searcher.entries(hits)
        assert (first.entry.id, second.entry.id) == ("a", "b")
        assert first.hits[0].bm25 > 0
        assert second.hits[0].bm25 == 0
        assert first.cosine == max(hit.cosine for hit in first.hits if hit.cosine is not None) > second.cosine
        assert first.score == first.hits[0].score


def test_candidates_are_a_limit_and_at_least_one() -> None:
    """No more passages than allowed are taken from a ranking; a limit below 1 is a programming error."""
    held = odd_catalogues.made(*(entry(id=f"e{n}", title=f"Model {n}", summary="A model.") for n in range(5)))
    with odd_catalogues.opened(held) as assistant:
        assert len(Searcher(assistant.index, None, candidates=2).by_words("model")) == 2
        assert len(Searcher(assistant.index, None, candidates=1).by_words("model")) == 1
        with pytest.raises(ValueError, match="at least 1"):
            Searcher(assistant.index, None, candidates=0)


def test_a_conversation_has_its_share_in_the_vector_of_a_question(embedder: Embedder) -> None:
    """The vector is the weighted mean of the question's and the background's, of length 1; without a share it stays."""
    held = odd_catalogues.made(entry(id="a", title="Walrus", summary="The walrus model was trained."))
    with odd_catalogues.opened(held, embedder) as assistant:
        searcher = assistant.searcher
        own, behind = embedder.query("walrus"), embedder.query("court")
        blended = searcher.blended(own, Background(text="court", share=0.25))
        assert blended is not None
        mean = 0.75 * own + 0.25 * behind
        assert np.allclose(blended, mean / np.linalg.norm(mean), atol=1e-5)
        assert searcher.blended(own, Background(text="court", share=0.0)) is own
        assert searcher.blended(own, Background(text="", share=0.5)) is own
        assert searcher.blended(None, Background(text="court", share=0.5)) is None
