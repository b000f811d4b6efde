"""Metrics equal values computed by hand and implementations written from the definitions."""

import math
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.evaluation import metrics

GRADES = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 3), max_size=6)
RANKING = st.permutations("abcdefghij").flatmap(lambda order: st.integers(0, 10).map(lambda n: order[:n]))


def test_ndcg_is_that_of_a_calculation_by_hand() -> None:
    """Grades 3 and 1 at ranks 2 and 3 of 3: (3/log₂3 + 1/2) / (3 + 1/log₂3)."""
    wanted = (3 / math.log2(3) + 1 / 2) / (3 + 1 / math.log2(3))
    assert metrics.ndcg(["x", "a", "b"], {"a": 3, "b": 1}, 10) == pytest.approx(wanted)
    assert wanted == pytest.approx(0.6590, abs=5e-5)


def test_ndcg_stops_at_k_in_both_rankings() -> None:
    """The ideal ranking is cut at k as well: two relevant documents in two places are ideal."""
    assert metrics.ndcg(["a", "b", "c"], {"a": 1, "b": 1, "c": 1}, 2) == pytest.approx(1.0)
    assert metrics.ndcg(["x", "y", "a"], {"a": 1}, 2) == 0.0


@given(RANKING, GRADES, st.integers(1, 6))
def test_ndcg_is_the_gain_over_the_best_gain_there_is(ranking: list[str], grades: dict[str, int], k: int) -> None:
    """The ideal is computed by trying every order of the relevant documents."""

    def gain(order: tuple[str, ...] | list[str]) -> float:
        return sum(grades.get(name, 0) / math.log2(rank + 1) for rank, name in enumerate(order[:k], start=1))

    best = max((gain(order) for order in permutations(grades, min(k, len(grades)))), default=0.0)
    wanted = gain(ranking) / best if best else 0.0
    assert metrics.ndcg(ranking, grades, k) == pytest.approx(wanted)


@given(GRADES.filter(lambda grades: any(grades.values())))
def test_a_perfect_ranking_has_the_value_1(grades: dict[str, int]) -> None:
    """Documents in the order of their grades cannot be ranked better, at any depth."""
    perfect = sorted(grades, key=lambda name: -grades[name])
    assert metrics.ndcg(perfect, grades, 10) == pytest.approx(1.0)
    assert metrics.recall(perfect, grades, 10) == 1.0
    assert metrics.reciprocal_rank(perfect, grades, 10) == 1.0


@pytest.mark.parametrize(
    ("ranking", "k", "recall", "reciprocal"),
    [
        (["a", "x", "b"], 10, 1.0, 1.0),
        (["x", "a", "y", "b"], 3, 0.5, 0.5),
        (["x", "y", "z", "a"], 3, 0.0, 0.0),
        (["not", "x", "y", "b", "a"], 5, 1.0, 0.25),
        ([], 10, 0.0, 0.0),
    ],
)
def test_recall_and_reciprocal_rank_count_what_is_relevant(
    ranking: list[str], k: int, recall: float, reciprocal: float
) -> None:
    """There are two relevant documents; one with grade 0 is not relevant."""
    grades = {"a": 2, "b": 1, "not": 0}
    assert metrics.recall(ranking, grades, k) == recall
    assert metrics.reciprocal_rank(ranking, grades, k) == reciprocal


def test_a_query_without_relevant_documents_gives_0() -> None:
    """Without relevant documents, the value is 0; callers leave out such queries."""
    for measure in (metrics.ndcg, metrics.recall, metrics.reciprocal_rank):
        assert measure(["a"], {}, 10) == 0.0
        assert measure(["a"], {"a": 0}, 10) == 0.0


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, -3.0]), st.booleans()), min_size=2, max_size=25))
def test_the_area_under_the_curve_is_the_share_of_pairs_in_order(scored: list[tuple[float, bool]]) -> None:
    """The share of pairs in which the positive scores higher; a tie counts half."""
    positives = [score for score, label in scored if label]
    negatives = [score for score, label in scored if not label]
    scores, labels = [score for score, _ in scored], [label for _, label in scored]
    if not positives or not negatives:
        with pytest.raises(ValueError, match="positives and negatives"):
            metrics.auroc(scores, labels)
        return
    pairs = [(p > n) + (p == n) / 2 for p, n in product(positives, negatives)]
    assert metrics.auroc(scores, labels) == pytest.approx(sum(pairs) / len(pairs))


def test_the_area_under_the_curve_of_known_cases() -> None:
    """A perfect order gives 1, a reversed one 0, equal scores one half."""
    assert metrics.auroc([0.1, 0.2, 0.8, 0.9], [False, False, True, True]) == 1.0
    assert metrics.auroc([0.9, 0.8, 0.2, 0.1], [False, False, True, True]) == 0.0
    assert metrics.auroc([0.5] * 4, [False, True, False, True]) == 0.5
    assert metrics.auroc([0.1, 0.4, 0.35, 0.8], [False, False, True, True]) == 0.75


def test_the_mean_of_nothing_is_an_error() -> None:
    """The mean of no values is an error and not 0."""
    assert metrics.mean([1, 2, 6]) == 3.0
    with pytest.raises(ValueError, match="nothing was measured"):
        metrics.mean([])


def test_an_interval_holds_the_mean_and_is_the_same_each_time() -> None:
    """The bootstrap has a fixed seed; the interval of equal values is that value."""
    values = [0.0] * 40 + [1.0] * 60
    low, high = metrics.interval(values)
    assert low < 0.6 < high
    # The normal approximation: 0.6 ± 1.96 · √(0.6 · 0.4 / 100).
    assert (low, high) == pytest.approx((0.504, 0.696), abs=0.02)
    assert metrics.interval(values) == (low, high)
    assert metrics.interval([0.7] * 5) == pytest.approx((0.7, 0.7))


def test_the_interval_of_an_area_is_that_of_drawing_again_and_again() -> None:
    """Compared with a plain bootstrap that draws positives and negatives separately."""
    rng = np.random.default_rng(1)
    labels = [True] * 40 + [False] * 60
    scores = [round(float(rng.normal(1 if label else 0)), 1) for label in labels]
    above, below = np.array(scores[:40]), np.array(scores[40:])
    areas = []
    for _ in range(1_000):
        p, n = rng.choice(above, 40), rng.choice(below, 60)
        areas.append(float(((p[:, None] > n) + (p[:, None] == n) / 2).mean()))
    assert metrics.auroc_interval(scores, labels) == pytest.approx(np.percentile(areas, [2.5, 97.5]), abs=0.015)
    low, high = metrics.auroc_interval(scores, labels)
    assert low < metrics.auroc(scores, labels) < high
    with pytest.raises(ValueError, match="positives and negatives"):
        metrics.auroc_interval([1.0], [True])


def test_the_interval_of_a_ratio_draws_the_parts_with_their_wholes() -> None:
    """Equal shares of every whole leave no doubt; a whole of 0 is an error."""
    assert metrics.ratio_interval([1, 2, 3], [2, 4, 6]) == pytest.approx((0.5, 0.5))
    low, high = metrics.ratio_interval([0, 9] * 20, [1, 10] * 20)
    assert low < 9 / 11 < high < 1
    with pytest.raises(ValueError, match="positive"):
        metrics.ratio_interval([0, 1], [0, 2])


def test_every_figure_is_described_with_its_interval() -> None:
    """The mean and NAME_95 are there; a figure without values is left out."""
    found = metrics.described({"share": [0.0, 1.0] * 50, "nothing": []})
    assert list(found) == ["share", "share_95"]
    assert found["share"] == 0.5
    assert found["share_95"] == pytest.approx([0.4, 0.6], abs=0.03)
