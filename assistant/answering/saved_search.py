"""The entries that a saved question is about: what a feed of it holds, now and when the catalogue has grown."""

from collections.abc import Callable

from assistant.answer import Answer
from assistant.conversation import history
from assistant.retrieval import filters
from assistant.understanding import reading as question
from assistant.understanding import restrictions
from index.catalogue import newest_first
from index.models import AnyEntry

from .entry_lists import Records


def matching(text: str, records: Records, ask: Callable[[], Answer]) -> list[AnyEntry]:
    """The entries that match a question, the newest first; none where nothing does.

    A question about entries ("everything on RLHF since 2024") is answered by their fields, whole. Any other has the
    entries that its answer quotes, and those within its dates and kinds that hold every word of what is asked.

    Args:
        text: The question; it stands alone.
        records: Finds entries by their fields.
        ask: Answers the question; called only where fields do not say it all.

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
    asked = question.read(question.without_dates(clean)).content
    held = [] if question.is_small_talk(clean) else records.holding_all(asked, reading.filters)
    named = {*answer.cited, *(entry.id for entry in held)}
    return newest_first([entry for entry in records.entries if entry.id in named])
