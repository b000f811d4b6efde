"""Finds the entries that a saved question is about; a feed of the question shows them, newest first."""

from collections.abc import Callable

from assistant.answer import Answer
from assistant.answering.lists.entry_lists import EntryLists
from assistant.conversation import history
from assistant.retrieval import filters
from assistant.understanding import reading as question
from assistant.understanding import restrictions
from index.catalogue import newest_first
from index.models import AnyEntry


def matching(
    text: str, records: EntryLists, ask: Callable[[], Answer], is_question: Callable[[str], bool]
) -> list[AnyEntry]:
    """Find the entries that match a question, newest first; empty if none match.

    A question that asks for a list ("everything on RLHF since 2024") matches the entries whose fields fit it. Any other question matches the entries
    that its answer cites, and the entries that contain every word of it and pass its filters.

    Args:
        text: The question, understandable without a conversation.
        records: Finds entries by their fields.
        ask: Answers the question; called only if the question cannot be answered from the fields alone.
        is_question: Returns whether a text is a question and not small talk.

    Raises:
        QuestionError: the question is empty or too long.
        AlmanacError: the index failed.
    """
    filters.check(text)
    clean = history.whole(text)
    listed = records.matching(clean, restrictions.day(None))
    if listed is not None:
        return newest_first(listed)
    answer = ask()
    reading = question.read(clean)
    words = question.read(question.without_dates(clean)).content
    containing = records.containing_all(words, reading.filters) if is_question(clean) else []
    ids = {*answer.cited, *(entry.id for entry in containing)}
    return newest_first([entry for entry in records.entries if entry.id in ids])
