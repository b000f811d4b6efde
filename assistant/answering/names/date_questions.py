"""Recognises questions that ask only for the date of an event, which is one of its fields."""

from collections.abc import Sequence

from assistant.answer import Query
from assistant.answering.evidence import Evidence
from assistant.understanding import reading
from assistant.understanding.answer_type import AnswerType
from assistant.understanding.vocabulary import Name, Vocabulary
from index.catalogue import Catalogue
from index.lexical import terms

EVENT_WORDS = frozenset(
    terms(
        "released release published launch launched announced introduced presented unveiled come came out appear signed passed "
        "adopted enacted posted debut happen held take place start begin date year month day"
    )
)
"""Index terms that fit any event: "When was GPT-4 released?" asks for the date of the event, whatever the verb."""


class DateQuestions:
    """Finds the questions that the date of an event answers for certain.

    Args:
        catalogue: The catalogue.
        vocabulary: The names in it.
    """

    def __init__(self, catalogue: Catalogue, vocabulary: Vocabulary) -> None:
        self._catalogue = catalogue
        self._vocabulary = vocabulary

    def is_all(self, query: Query, kind: AnswerType | None, evidence: Sequence[Evidence]) -> bool:
        """Return whether a question asks only for the date of the event found first: "When was GPT-4 released?"."""
        if kind is None or kind.name != "date" or not evidence or query.wants_more:
            return False
        entry = evidence[0].entry
        if entry.kind != "event" or entry.date is None:
            return False
        names = self._vocabulary.proper_names(query.searched_for)
        if not any(entry.id == self._best_event(name) for name in names):
            return False
        rest = reading.replace_names(query.searched_for, [name.text for name in names])
        return set(terms(rest)) <= EVENT_WORDS

    def _best_event(self, name: Name) -> str | None:
        """The id of the event that a name most probably stands for."""
        by_id = self._catalogue.by_id
        return next((entry_id for entry_id in name.entries if by_id[entry_id].kind == "event"), None)


def dated_first(evidence: Sequence[Evidence], kind: AnswerType | None) -> list[Evidence]:
    """Return the candidates with those sentences first in which the first entry states the date."""
    event = evidence[0].entry.id
    return sorted(evidence, key=lambda item: item.entry.id != event or kind is None or not kind.holds(item.text))
