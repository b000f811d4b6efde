"""Which sentences become an answer: thresholds, near-copies, order."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from assistant.answering.evidence import Evidence
from assistant.answering.selection import Definition, choose, choose_read, needs_context
from index.models import AnyEntry
from tests.support.odd_catalogues import entry

Likeness = Callable[[Evidence, Evidence], float]


def with_sentences(name: str, *sentences: str) -> AnyEntry:
    """An event whose summary is some sentences."""
    return entry(id=name, title=f"Entry {name}", summary=" ".join(sentences))


def evidence(held: AnyEntry, sentence: str, score: float, place: int = 0) -> Evidence:
    """A sentence of an entry with a score: 0.3 is its standing alone, 0.4 its cosine alone."""
    text = held.texts()["summary"]
    start = text.index(sentence)
    span = (start, start + len(sentence))
    return Evidence(held, place, "summary", *span, sentence, score / 0.4, 0.0, 0.0, 0.0, fits=False)


def unlike(_first: Evidence, _second: Evidence) -> float:
    """No two sentences are alike."""
    return 0.0


def quotes(*given: Evidence, likeness: Likeness = unlike, answer_first: bool = False) -> list[str]:
    """The sentences chosen for an answer at level "intermediate", in order."""
    pieces = choose(given, likeness, mode="chat", level="intermediate", answer_first=answer_first)
    return [piece.quote for piece in pieces]


A = with_sentences("a", "Alpha was trained.", "It cost a million.", "Nobody used Alpha.", "Alpha was sold.")
B = with_sentences("b", "Beta was trained.", "Beta was sold too.")


@pytest.mark.parametrize(("share", "is_in"), [(0.63, True), (0.61, False)])
def test_a_sentence_of_the_best_entry_needs_a_share_of_the_best_score(*, share: float, is_in: bool) -> None:
    """A sentence of the same entry comes in at 0.62 of the best score, and not below."""
    chosen = quotes(evidence(A, "Alpha was trained.", 0.4), evidence(A, "Nobody used Alpha.", 0.4 * share))
    assert ("Nobody used Alpha." in chosen) == is_in
    assert chosen[0] == "Alpha was trained."


@pytest.mark.parametrize(("share", "is_in"), [(0.86, True), (0.84, False)])
def test_a_sentence_of_another_entry_needs_a_larger_share(*, share: float, is_in: bool) -> None:
    """Another entry's sentence comes in at 0.85 of the best score, and not below."""
    chosen = quotes(evidence(A, "Alpha was trained.", 0.4), evidence(B, "Beta was trained.", 0.4 * share))
    assert ("Beta was trained." in chosen) == is_in


@pytest.mark.parametrize(("likeness", "is_in"), [(0.83, False), (0.81, True)])
def test_a_near_copy_of_a_chosen_sentence_is_left_out(*, likeness: float, is_in: bool) -> None:
    """Of two sentences that say the same the better one is quoted; below the threshold both are."""
    given = (evidence(A, "Alpha was trained.", 0.4), evidence(B, "Beta was trained.", 0.39))
    chosen = quotes(*given, likeness=lambda _first, _second: likeness)
    assert chosen == ["Alpha was trained.", *(["Beta was trained."] if is_in else [])]


def test_the_same_words_in_two_entries_are_quoted_once() -> None:
    """Whatever the likeness says, equal texts are copies."""
    copy = with_sentences("c", "Alpha was trained.")
    assert quotes(evidence(A, "Alpha was trained.", 0.4), evidence(copy, "Alpha was trained.", 0.4)) == [
        "Alpha was trained."
    ]


def test_an_answer_holds_as_many_sentences_and_entries_as_its_level_has_room_for() -> None:
    """Level "intermediate" has five sentences of three entries."""
    many = with_sentences("m", *(f"Sentence number {n}." for n in range(9)))
    chosen = quotes(*(evidence(many, f"Sentence number {n}.", 0.4 - n / 1000) for n in range(9)))
    assert len(chosen) == 5
    apart = [with_sentences(f"x{n}", f"Sentence of entry {n}.") for n in range(6)]
    chosen = quotes(*(evidence(held, f"Sentence of entry {n}.", 0.4 - n / 1000) for n, held in enumerate(apart)))
    assert chosen == [f"Sentence of entry {n}." for n in range(3)]


def test_sentences_of_one_entry_are_in_the_order_they_are_read() -> None:
    """Entries come in the order of their best sentence, sentences in the order of the text."""
    given = (
        evidence(A, "Nobody used Alpha.", 0.4),
        evidence(B, "Beta was trained.", 0.39),
        evidence(A, "Alpha was trained.", 0.38),
    )
    assert quotes(*given) == ["Alpha was trained.", "Nobody used Alpha.", "Beta was trained."]
    assert quotes(*given, answer_first=True)[0] == "Nobody used Alpha."


def test_the_best_sentence_does_not_come_first_where_it_leans_on_another() -> None:
    """A pronoun stays behind the sentence that says what it stands for."""
    given = (evidence(A, "It cost a million.", 0.4), evidence(A, "Alpha was trained.", 0.39))
    assert quotes(*given, answer_first=True) == ["Alpha was trained.", "It cost a million."]


def test_a_best_score_below_zero_still_gives_an_answer() -> None:
    """A share of a score below 0 would leave every sentence out."""
    assert quotes(evidence(A, "Alpha was trained.", -0.1)) == ["Alpha was trained."]
    assert quotes() == []


def test_a_definition_is_the_whole_answer() -> None:
    """Nothing is added to a definition, because it answers the question."""
    definition = Definition(A, "summary", ((0, len("Alpha was trained.")),))
    given = [
        evidence(A, "Alpha was trained.", 0.4),
        evidence(A, "Nobody used Alpha.", 0.39),
        evidence(A, "Alpha was sold.", 0.38),
        evidence(A, "It cost a million.", 0.37),
    ]
    pieces = choose(given, unlike, mode="chat", level="intermediate", definition=definition)
    assert [piece.quote for piece in pieces] == ["Alpha was trained."]


@pytest.mark.parametrize(
    "text", ["It was sold.", "However, it failed.", "For example, Alpha.", "The latter failed.", "“They won."]
)
def test_a_sentence_that_points_back_leans(text: str) -> None:
    """A pronoun or a joining word at the start needs the sentence before."""
    assert needs_context(text)


@pytest.mark.parametrize(
    "text", ["Alpha was sold.", "Italy banned it.", "Thesis work began.", "The model failed.", "Sony sold it."]
)
def test_a_sentence_with_its_own_subject_does_not_lean(text: str) -> None:
    """A name that only begins like such a word leans on nothing."""
    assert not needs_context(text)


def judged(held: AnyEntry, sentence: str, chance: float, place: int) -> Evidence:
    """A sentence with its probability of answering, as the ranking gives it."""
    return replace(evidence(held, sentence, 0.1, place), judged=chance, answered=chance, chance=chance)


@pytest.mark.parametrize(
    ("other", "chance", "is_in"),
    [("Nobody used Alpha.", 0.41, True), ("Nobody used Alpha.", 0.39, False), ("Beta was trained.", 0.51, True), ("Beta was trained.", 0.49, False)],
)  # fmt: skip
def test_a_further_sentence_must_probably_help(*, other: str, chance: float, is_in: bool) -> None:
    """One of another entry must do so more surely."""
    given = [judged(A, "Alpha was trained.", 0.9, 1), judged(B if other.startswith("Beta") else A, other, chance, 9)]
    pieces = choose_read(given, unlike, lambda _: None, level="intermediate", group="thing")
    assert [piece.quote for piece in pieces][1:] == ([other] if is_in else [])


def test_the_score_of_a_judged_sentence_is_its_probability() -> None:
    """The weights by hand serve only where no reader judges."""
    item = judged(A, "Alpha was trained.", 0.7, 1)
    assert item.score == 0.7
    assert replace(item, chance=None).score == pytest.approx(0.1)
