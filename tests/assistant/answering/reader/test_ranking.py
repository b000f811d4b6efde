"""Tests of the order of candidates: probabilities of answering."""

from dataclasses import replace

import pytest

from assistant.answering.evidence import Evidence
from assistant.answering.reader.ranking import FEATURES, Ranking, features
from tests.support.odd_catalogues import entry

ITEM = Evidence(
    entry(id="a", title="A", summary="It was."),
    0, "summary", 0, 7, "It was.", 0.4, 0.4, 0.4, 0.4,
    fits=False, judged=0.4, answered=0.4,
)  # fmt: skip


def test_every_weight_belongs_to_a_feature() -> None:
    """A weight without a feature would be ignored without notice."""
    assert set(Ranking.open().weights) == set(FEATURES) == set(features(ITEM))


@pytest.mark.parametrize(
    "better", [{"judged": 0.8}, {"cosine": 0.8}, {"coverage": 0.8}, {"standing": 0.8}, {"asked": 0.8}]
)
def test_more_evidence_gives_a_higher_probability(better: dict[str, float]) -> None:
    """Each of the features speaks for a sentence."""
    ranking = Ranking.open()
    assert 0 < ranking.probability(ITEM) < ranking.probability(replace(ITEM, **better)) < 1


@pytest.mark.parametrize("judged", [None, 0.0, 1.0])
def test_extreme_judgements_have_a_probability(judged: float | None) -> None:
    """The logit of 0 and 1 is bounded."""
    assert 0 < Ranking.open().probability(replace(ITEM, judged=judged)) < 1
