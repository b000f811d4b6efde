"""The questions that entries say they answer: suggested after an answer, found by the search, and never refused."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from assistant.answer import Turn
from assistant.pipeline import Assistant
from assistant.question import Question
from index import as_of
from index.catalogue import Catalogue
from index.embed import Embedder
from index.models import ENTRY
from tests.support import odd_catalogues

ORCHARD: dict[str, Any] = {
    "id": "orchard",
    "kind": "event",
    "title": "The orchard at the harbour",
    "date": "2024-05-02",
    "summary": "Mira Holt planted forty kiwi vines behind the harbour. A late frost killed half of the vines. The town paid for the replanting. The harbour master keeps bees beside the orchard.",
    "questions": [
        "Who planted the kiwi vines?",
        "What happened to the vines?",
        "Who paid for new vines?",
        "Who keeps bees beside the orchard?",
    ],
    "related_events": ["press"],
}
PRESS: dict[str, Any] = {
    "id": "press",
    "kind": "event",
    "title": "The cider press",
    "date": "2025-03-01",
    "summary": "The press in the old mill makes cider from windfalls. It runs on Saturdays.",
    "questions": ["Where is cider made from windfalls?"],
}


@pytest.fixture(scope="module")
def orchard(embedder: Embedder) -> Iterator[Assistant]:
    """An assistant over two entries with questions."""
    held = Catalogue((ENTRY.validate_python(ORCHARD), ENTRY.validate_python(PRESS)))
    with odd_catalogues.opened(held, embedder) as assistant:
        yield assistant


def test_the_questions_of_the_cited_entry_are_suggested(orchard: Assistant) -> None:
    """In the editor's words, without those whose sentence was just quoted."""
    answer = orchard.ask("Who planted kiwi vines behind the harbour?")
    quoted = {citation.quote for citation in answer.citations}
    by_sentence = dict(zip(ORCHARD["summary"].replace(". ", ".|").split("|"), ORCHARD["questions"], strict=True))
    assert "Who planted the kiwi vines?" not in answer.suggestions
    for sentence, question in by_sentence.items():
        assert not (sentence in quoted and question in answer.suggestions)
    assert set(answer.suggestions) <= {*ORCHARD["questions"], *PRESS["questions"]}
    assert answer.suggestions


def test_a_question_asked_before_is_not_suggested(orchard: Assistant) -> None:
    """Neither what the user asked, nor what was suggested."""
    history = (Turn("user", "What happened to the vines?"), Turn("assistant", "A late frost killed half of the vines."))
    answer = orchard.ask(Question("Who planted kiwi vines behind the harbour?", history))
    assert "What happened to the vines?" not in answer.suggestions


def test_an_entry_is_found_by_its_question(orchard: Assistant) -> None:
    """Even if its text has none of the words; the answer quotes the text, never the question."""
    answer = orchard.ask("Where is cider made from windfalls?")
    assert answer.status == "answered"
    assert answer.cited == ("press",)
    assert all(citation.field == "summary" for citation in answer.citations)


def test_names_and_numbers_of_a_known_question_must_agree(embedder: Embedder) -> None:
    """Vectors of two questions about different versions hardly differ."""
    entry = {
        "id": "q4",
        "kind": "event",
        "title": "Quiet-4",
        "summary": "Quiet-4 reads pictures.",
        "questions": ["What can the model Quiet-4 do?"],
    }
    with odd_catalogues.opened(Catalogue((ENTRY.validate_python(entry),)), embedder) as assistant:
        questions = assistant._own_questions
        embed = assistant.searcher.embed
        for text, known in (
            ("what can the model quiet-4 do", "q4"),
            ("what can the model quiet-5 do", None),
            ("what can the model loud-4 do", None),
            ("who sells kiwis", None),
            ("when can the model quiet-4 do this", None),
        ):
            assert questions.answered_by(text, embed(text)) == known, text


def test_a_view_of_an_earlier_day_has_only_the_questions_of_its_entries(orchard: Assistant) -> None:
    """Each still points to the sentence that answers it."""
    view = as_of.without(orchard.index, as_of.later(orchard.index.catalogue, date(2024, 12, 31)))
    assert [question.entry_id for question in view.questions] == ["orchard"] * 4
    sentence = view.sentences[view.questions[1].sentence]
    assert ORCHARD["summary"][sentence.start : sentence.end] == "A late frost killed half of the vines."


def test_without_an_embedder_questions_are_suggested_in_the_editors_order() -> None:
    """No vector is needed."""
    held = Catalogue((ENTRY.validate_python(ORCHARD), ENTRY.validate_python(PRESS)))
    with odd_catalogues.opened(held) as assistant:
        answer = assistant.ask("Who planted kiwi vines behind the harbour?")
        assert answer.suggestions[0] == "What happened to the vines?"


def test_the_starter_catalogues_questions_are_answered_by_their_entries(reading_assistant: Assistant) -> None:
    """Every fortieth question is asked; nine in ten cite the entry that says it answers."""
    questions = reading_assistant.index.questions[::40]
    assert len(questions) > 25
    cited = [question.entry_id in reading_assistant.ask(question.text).cited for question in questions]
    assert sum(cited) >= 0.9 * len(cited)


def test_a_question_far_from_a_refused_one_is_not_suggested(orchard: Assistant) -> None:
    """After a refusal, only a question near to the user's own is worth pressing."""
    answer = orchard.ask("How deep is the Mariana Trench?")
    assert answer.status == "abstained"
    assert answer.suggestions == ()
