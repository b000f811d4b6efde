"""Related entries are similar or linked, have a reason, are of several kinds, and are never cited ones."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from assistant.answer import Citation
from assistant.answering.related import neighbours, related
from assistant.answering.related_candidates import RelatedReason
from assistant.evaluation import related as evaluate_related
from assistant.evaluation.datasets import EvaluationError
from assistant.pipeline import Assistant
from index.embed import Embedder
from tests.support.odd_catalogues import entry, made, opened


def cites(*names: str, kind: str = "event") -> list[Citation]:
    """Citations of entries, numbered in order."""
    return [
        Citation(n, name, kind, name, None, None, None, "title", "e", 0, 1)  # type: ignore[arg-type]
        for n, name in enumerate(names, start=1)
    ]


def test_own_links_are_found_again_when_they_are_hidden(assistant: Assistant) -> None:
    """On average, eight neighbours include at least six in ten links; so do neighbours by weights learned on either half."""
    figures = evaluate_related.held_out(assistant.index)
    assert figures["recall@8"] >= 0.6
    low, high = figures["recall@8_95"]
    assert low < figures["recall@8"] < high
    for half in ("half_a", "half_b"):
        learned = figures["learned"][half]
        assert learned["recall@8_unseen"] >= 0.6
        assert sum(learned["weights"].values()) == pytest.approx(1, abs=0.01)
        assert max(learned["weights"], key=learned["weights"].get) == "words"


def test_a_catalogue_without_links_cannot_be_measured_by_them() -> None:
    """Without links the measurement is an error with a hint, not a figure of 0."""
    with opened(made(entry(id="a"), entry(id="b"))) as assistant, pytest.raises(EvaluationError, match="no entry"):
        evaluate_related.held_out(assistant.index)


def test_hidden_links_are_not_used(assistant: Assistant) -> None:
    """With hidden links, no entry is related because of a link or a path."""
    for name in ("rlhf", "gpt-3", "start-here"):
        found = neighbours(assistant.index, assistant.catalogue.by_id[name], most=8, with_links=False)
        assert len(found) == 8
        assert not {item.reason for item in found} & {RelatedReason.LINKED, RelatedReason.NEXT_STEP, RelatedReason.STEP}


def test_links_come_before_neighbours_and_the_nearest_first(assistant: Assistant) -> None:
    """Linked entries come before entries that are only similar."""
    own = set(assistant.catalogue.links["gpt-3"])
    found = neighbours(assistant.index, assistant.catalogue.by_id["gpt-3"])
    assert {one.entry_id for one in found} <= own
    near = assistant.index.similarity.scores("gpt-3")
    scores = [near[assistant.index.similarity.position[one.entry_id]] for one in found]
    assert scores == sorted(scores, reverse=True)


def test_a_path_is_followed_by_its_steps_in_order(assistant: Assistant) -> None:
    """The first neighbours of a path are its steps; the first of a guide is the next step of its path."""
    path = assistant.catalogue.by_id["start-here"]
    found = neighbours(assistant.index, path)
    steps = list(path.steps)  # type: ignore[union-attr]
    assert [one.entry_id for one in found][: len(steps)] == steps
    assert [one.why for one in found][:2] == ["step 1", "step 2"]
    first = neighbours(assistant.index, assistant.catalogue.by_id[steps[0]])[0]
    assert (first.entry_id, first.why) == (steps[1], f"next in {path.title}")


def test_events_of_one_story_state_their_order() -> None:
    """A later event says that it is later; overlapping dates give no order."""
    held = made(
        entry(id="old", title="Kiwi 1 released", date="2023-05", related_events=["new", "same"]),
        entry(id="new", title="Kiwi 2 released", date="2024-02-01"),
        entry(id="same", title="Kiwi in 2023", date="2023"),
    )
    with opened(held) as assistant:
        found = neighbours(assistant.index, held.by_id["old"])
        why = {one.entry_id: one.why for one in found}
        back = {one.entry_id: one.why for one in neighbours(assistant.index, held.by_id["new"])}
    assert why == {"new": "listed with it · later: February 2024", "same": "listed with it"}
    assert back["old"] == "listed with it · earlier: May 2023"
    assert {item.entry_id: item.is_later for item in found} == {"new": True, "same": False}


def test_the_reason_is_a_value_and_no_part_of_the_json() -> None:
    """Programs read `reason`; the JSON object has the keys of the contract, and `why` is only a text."""
    held = made(entry(id="a", related_events=["b"]), entry(id="b", title="next in start here"))
    with opened(held) as assistant:
        (found,) = neighbours(assistant.index, held.by_id["a"])
    assert found.reason is RelatedReason.LINKED
    assert list(json.loads(json.dumps(asdict(found)))) == ["entry_id", "kind", "title", "date", "why"]


def test_what_is_related_to_an_answer_is_not_cited_and_has_a_reason(assistant: Assistant) -> None:
    """At any level: six entries, no repeats, not the cited one, each with a reason."""
    for name in list(assistant.catalogue.by_id)[::20]:
        for level in ("beginner", "intermediate", "advanced"):
            found = related(assistant.index, cites(name), (), level=level)  # type: ignore[arg-type]
            names = [one.entry_id for one in found]
            assert name not in names
            assert len(set(names)) == len(names) == 6
            assert all(one.why for one in found)


def test_nothing_cited_has_nothing_related(assistant: Assistant) -> None:
    """A refusal cites nothing, so nothing is related to it."""
    assert related(assistant.index, (), assistant.catalogue.entries[:5]) == ()


def test_the_number_is_that_of_the_citation_that_lists_it(assistant: Assistant) -> None:
    """An entry "listed with [2]" is a link of the second cited entry."""
    citations = cites("rlhf", "eu-ai-act-adoption")
    found = related(assistant.index, citations, ())
    listed = [one for one in found if one.why.startswith("listed with [")]
    assert listed
    for one in listed:
        number = int(one.why.split("[")[1].split("]")[0])
        assert one.entry_id in assistant.catalogue.links[citations[number - 1].entry_id]


def test_a_beginner_gets_a_guide_and_its_next_step_first(assistant: Assistant) -> None:
    """If only events are cited, first a guide, then the next step of its path."""
    found = related(assistant.index, cites("eu-ai-act-adoption"), (), level="beginner")
    assert (found[0].entry_id, found[0].why) == ("ai-governance-basics", "start here")
    assert found[1].why.startswith("next in ")
    assert sum(one.kind != "event" for one in found) >= 3
    assert not [one for one in related(assistant.index, cites("eu-ai-act-adoption"), ()) if one.why == "start here"]


def test_copies_of_one_story_do_not_crowd_out_the_rest() -> None:
    """With four near-copies and one different, less similar entry, the different one is among the first three."""
    story = "The kiwi model was trained on seven million fruit pictures and sorted crates in the harbour."
    copies = [entry(id=f"copy{n}", title="Kiwi sorts crates", summary=story, topics=["fruit"]) for n in range(4)]
    rest = [entry(id=f"rest{n}", title=f"Steel {n}", summary=f"Steel of furnace {n} was sold.") for n in range(40)]
    other = entry(id="other", title="Fruit sorting law", summary="A law on kiwi sorting passed.", topics=["fruit"])
    asked = entry(id="asked", title="Kiwi model", summary="The kiwi model sorts fruit pictures.", topics=["fruit"])
    with opened(made(asked, *copies, other, *rest)) as assistant:
        found = [one.entry_id for one in neighbours(assistant.index, asked, most=3)]
    assert "other" in found


def test_similarity_knows_words_meaning_topics_and_time(embedder: Embedder) -> None:
    """Each of the four signs alone ranks a similar entry before another; an entry is not similar to itself."""
    held = made(
        entry(id="a", title="Cats", summary="A cat slept.", topics=["pets"], date="2024-01-01"),
        entry(id="meaning", title="X", summary="The kitten dozed.", date="2001"),
        entry(id="words", title="Y", summary="Cat insurance slept through a vote.", date="2001"),
        entry(id="topic", title="Z", summary="Quarterly shipping.", topics=["Pets"], date="2001"),
        entry(id="time", title="W", summary="Steel prices.", date="2024-01-02"),
        entry(id="far", title="V", summary="Iron ore.", date="2001"),
    )
    with opened(held, embedder) as assistant:
        similarity = assistant.index.similarity
        words, meaning, topics, time = similarity.signals("a")
        position = similarity.position
        assert words[position["words"]] > words[position["far"]] == 0
        assert meaning[position["meaning"]] > meaning[position["far"]]
        assert topics[position["topic"]] == pytest.approx(1)
        assert time[position["time"]] > 0.99
        assert time[position["far"]] < 0.01
        whole = similarity.scores("a")
        assert np.argmin(whole) == position["a"]
        assert whole[position["far"]] == min(
            whole[position[name]] for name in ("meaning", "words", "topic", "time", "far")
        )


def test_similarity_works_without_vectors_words_or_dates() -> None:
    """A catalogue with one entry, and one with entries that have no words."""
    with opened(made(entry(id="a"))) as assistant:
        assert neighbours(assistant.index, assistant.catalogue.by_id["a"]) == ()
    with opened(made(entry(id="a", title="?"), entry(id="b", title="!"))) as assistant:
        assert [one.entry_id for one in neighbours(assistant.index, assistant.catalogue.by_id["a"])] in ([], ["b"])


def test_words_are_compared_by_the_cosine_of_bm25_weights(assistant: Assistant) -> None:
    """Compared with a plain calculation: the highest weight of each word in an entry's passages."""
    index = assistant.index
    begins, passages, weights = index.words.postings()
    vectors: dict[str, dict[int, float]] = {}
    for term in range(len(begins) - 1):
        for at in range(begins[term], begins[term + 1]):
            own = vectors.setdefault(index.passages[passages[at]].entry_id, {})
            own[term] = max(own.get(term, 0.0), float(weights[at]))
    one, other = vectors["gpt-3"], vectors["scaling-laws-kaplan"]
    dot = sum(value * other.get(term, 0.0) for term, value in one.items())
    lengths = [sum(value * value for value in each.values()) ** 0.5 for each in (one, other)]
    found = index.similarity.by_words("gpt-3")[index.similarity.position["scaling-laws-kaplan"]]
    assert found == pytest.approx(dot / (lengths[0] * lengths[1]), rel=1e-4)
