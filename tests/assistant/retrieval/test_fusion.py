"""Fusion follows its formula, and never loses or adds an item."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.fusion import fuse

# Whole numbers: with any floats, two scores may lie so close that rounding decides.
SCORED = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(-1_000, 1_000).map(float), max_size=8)


def test_a_weighted_sum_is_that_of_a_calculation_by_hand() -> None:
    """Words 10, 5, 0 and cosines .9, .5 at weights 1 and 3 become ¼·(1, ½, 0) + ¾·(0, 1 for b and d)."""
    fused = fuse(({"a": 10.0, "b": 5.0, "c": 0.0}, {"b": 0.9, "d": 0.5}), weights=(1, 3))
    assert fused == pytest.approx({"b": 0.875, "a": 0.25, "c": 0.0, "d": 0.0})
    assert list(fused) == ["b", "a", "c", "d"]


def test_one_search_alone_keeps_the_whole_range() -> None:
    """The weight of an empty ranking goes to the others."""
    alone = {"a": 3.0, "b": 2.0, "c": 1.0}
    for scored, weights in (((alone, {}), (0.2, 0.8)), (({}, alone, {}), (0.5, 0.3, 0.2))):
        assert fuse(scored, weights=weights) == pytest.approx({"a": 1.0, "b": 0.5, "c": 0.0})


def test_equal_scores_are_all_the_best() -> None:
    """If all scores of a ranking are equal, all its items count as the best."""
    assert fuse(({"a": 2.0, "b": 2.0}, {"c": 7.0}), weights=(1, 1)) == {"a": 0.5, "b": 0.5, "c": 0.5}


def test_ties_keep_the_order_of_appearance() -> None:
    """For equal scores, the order of the first ranking decides, then that of the second."""
    assert list(fuse(({"z": 1.0, "a": 1.0}, {"m": 1.0, "b": 1.0}), weights=(1, 1))) == ["z", "a", "m", "b"]


def test_nothing_found_is_nothing_fused() -> None:
    """Empty rankings, or no rankings, give an empty result without a division by zero."""
    assert fuse(({}, {}), weights=(1, 1)) == {}
    assert fuse((), weights=()) == {}


def test_a_weight_is_missing_or_too_many() -> None:
    """Different numbers of rankings and weights are an error."""
    with pytest.raises(ValueError, match="zip"):
        fuse(({"a": 1.0}, {"b": 1.0}), weights=(1,))


@given(st.lists(SCORED, max_size=4), st.data())
def test_fusing_keeps_every_item_and_stays_between_0_and_1(scored: list[dict[str, float]], data: st.DataObject) -> None:
    """The result has exactly the items of the rankings, best first, with scores in 0..1."""
    weights = data.draw(st.lists(st.floats(0.01, 10), min_size=len(scored), max_size=len(scored)))
    fused = fuse(scored, weights=weights)
    assert set(fused) == {item for mapping in scored for item in mapping}
    assert all(-1e-9 <= score <= 1 + 1e-9 for score in fused.values())
    assert list(fused.values()) == sorted(fused.values(), reverse=True)


@given(SCORED.filter(bool), st.integers(2, 9), st.integers(-500, 500))
def test_fusing_looks_at_proportions_only(scored: dict[str, float], times: int, plus: int) -> None:
    """Multiplying or shifting all scores of a ranking does not change the result: BM25 has no upper limit."""
    other = {"a": 1.0, "z": 0.25, "q": 0.0}
    moved = {item: score * times + plus for item, score in scored.items()}
    assert fuse((moved, other), weights=(1, 2)) == pytest.approx(fuse((scored, other), weights=(1, 2)))
