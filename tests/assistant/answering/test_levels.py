"""The level changes which sentences are selected; the facts stay the same."""

from dataclasses import replace

import pytest

from assistant.answer import Turn
from assistant.answering import composition, levels, selection
from assistant.answering.evidence import Evidence
from assistant.answering.levels import Glossary
from assistant.pipeline import Assistant
from assistant.question import Question
from index.lexical import terms
from tests.support.odd_catalogues import entry, made, opened

SCHEMING = "how do labs try to keep models from scheming"
GUIDE = entry(
    id="g",
    kind="guide",
    title="Sorting fruit",
    tldr="Fruit is sorted by machines.",
    terms=[
        {"term": "ripeness curve", "definition": "A ripeness curve tells how sweet a fruit is by day. It is measured."},
        {"term": "stone fruit meter (SFM)", "definition": "A device that counts stones."},
    ],
)
EVENT = entry(
    id="e",
    title="Kiwi 2 measured",
    date="2025-02-03",
    summary="The ripeness curve of Kiwi 2 was measured with an SFM in the harbour.",
)


def pieces_of(*entries: object) -> list[composition.Piece]:
    """The first text of each entry as one quotation."""
    found = []
    for one in entries:
        field, text = list(one.texts().items())[1]  # type: ignore[attr-defined]
        found.append(composition.Piece(one, field, 0, len(text)))  # type: ignore[arg-type]
    return found


def test_words_are_explained_where_they_first_occur() -> None:
    """After their paragraph and in their order, as quotations of the first sentence of the definition."""
    with opened(made(EVENT, GUIDE)) as assistant:
        glossary = Glossary(assistant.index)
        found = selection.explained(pieces_of(EVENT, GUIDE), glossary, "")
        text, sentences, citations = composition.compose(found)
    assert [(piece.entry.id, piece.field) for piece in found] == [
        ("e", "summary"),
        ("g", "terms.0.definition"),
        ("g", "terms.1.definition"),
        ("g", "tldr"),
    ]
    assert sentences[1].text == "A ripeness curve tells how sweet a fruit is by day."
    assert sentences[2].text == "Stone fruit meter (SFM): A device that counts stones."
    assert [citation.number for citation in citations] == [1, 2, 3, 4]
    assert text.count("\n\n") == 1


@pytest.mark.parametrize(
    ("met", "left"),
    [("", 2), ("What is a ripeness curve?", 1), ("We spoke of an SFM and of ripeness curves.", 0)],
    ids=["nothing", "one", "both"],
)
def test_known_words_are_not_explained(met: str, left: int) -> None:
    """A word is known from the user's text or an earlier answer, in the singular or plural, abbreviated or not."""
    with opened(made(EVENT, GUIDE)) as assistant:
        found = selection.explained(pieces_of(EVENT), Glossary(assistant.index), met)
    explained = [piece.field for piece in found if piece.field.startswith("terms.")]
    assert len(explained) in {left, left + 1} if met.startswith("We") else len(explained) == left


def test_at_most_two_words_are_explained() -> None:
    """No word is explained twice, and none whose definition is in the answer already."""
    with opened(made(EVENT, GUIDE)) as assistant:
        glossary = Glossary(assistant.index)
        assert len(selection.explained(pieces_of(EVENT), glossary, "", most=1)) == 2
        told = [*pieces_of(EVENT), composition.Piece(GUIDE, "terms.0.definition", 0, 10)]
        again = selection.explained(told, glossary, "")
    assert sum(piece.field == "terms.0.definition" for piece in again) == 1


def test_the_best_sentence_is_the_same_at_every_level(assistant: Assistant) -> None:
    """The level only decides about the other sentences."""
    best = [
        assistant.ask(Question(SCHEMING, level=level)).citations for level in ("beginner", "intermediate", "advanced")
    ]  # type: ignore[arg-type]
    assert len({each[0].entry_id for each in best}) == 1
    sentences = [
        _evidence("summary", "Short.", 0.9),
        _evidence("tldr", "Plain.", 0.5),
        _evidence("summary", "In 7.", 0.52),
    ]
    for level in ("beginner", "intermediate", "advanced"):
        assert levels.suited(sentences, level)[0] is sentences[0]  # type: ignore[arg-type]


def test_a_beginner_gets_plain_words_and_an_expert_numbers() -> None:
    """Of two equal sentences, a beginner gets the TL;DR first, an expert the one with a number and a source."""
    plain, exact = _evidence("tldr", "Fruit is sorted.", 0.5), _evidence("summary", "It sorted 7 crates.", 0.5)
    both = [_evidence("summary", "First.", 0.9), exact, plain]
    assert levels.suited(both, "beginner")[1] is plain
    assert levels.suited([both[0], plain, exact], "advanced")[1] is exact
    assert levels.suited(both, "intermediate") == both
    long = replace(exact, text="word " * 40)
    assert levels.suited([both[0], long, replace(exact, place=3)], "beginner")[1] is not long


def test_an_expert_gets_more_entries(assistant: Assistant) -> None:
    """An expert gets more sentences and at least as many sources."""
    plain, expert = (assistant.ask(Question(SCHEMING, level=level)) for level in ("intermediate", "advanced"))  # type: ignore[arg-type]
    assert len(expert.sentences) > len(plain.sentences)
    assert len(expert.cited) >= len(plain.cited)


def test_a_beginner_s_answer_explains_a_word_and_no_other_level_does(assistant: Assistant) -> None:
    """The word is in the text before its definition; once explained, it is not explained again."""
    first = assistant.ask(Question(SCHEMING, level="beginner"))
    defined = [citation for citation in first.citations if citation.field.startswith("terms.")]
    assert defined
    explained = [one for one in defined if one.number > 1]
    assert all(set(terms(str(_name(assistant, one)))) & set(terms(first.citations[0].quote)) for one in explained)
    history = [Turn("user", SCHEMING), Turn("assistant", first.text, cited=first.cited)]
    again = assistant.ask(Question("how did Apollo test models for scheming", history=history, level="beginner"))
    fields = {(one.entry_id, one.field) for one in again.citations if one.number > 1}
    assert not fields & {(one.entry_id, one.field) for one in defined[1:]}


def _name(assistant: Assistant, citation: object) -> object:
    guide = assistant.catalogue.by_id[citation.entry_id]  # type: ignore[attr-defined]
    return guide.terms[int(citation.field.split(".")[1])].term  # type: ignore[attr-defined, union-attr]


def _evidence(field: str, text: str, score: float) -> Evidence:
    owner = GUIDE if field == "tldr" else EVENT
    return Evidence(owner, 0, field, 0, len(text), text, score, score, score, score, fits=False)
