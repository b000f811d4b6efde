"""Chooses the sentences of a brief by maximal marginal relevance, over sentences and over entries."""

from collections import Counter
from collections.abc import Callable, Sequence

from assistant.answer import Mode
from assistant.answering.composition import Piece
from assistant.answering.evidence import Evidence
from assistant.answering.selection import needs_context
from index import deadline
from index.models import Guide, Level

MAX_SENTENCES: dict[Mode, dict[Level, int]] = {
    "summary": {"beginner": 10, "intermediate": 13, "advanced": 15},
    "chat": {"beginner": 5, "intermediate": 6, "advanced": 7},
}
"""In the chat a brief is read between two questions, so it is shorter."""
SAME_STATEMENT = 0.76
"""Two sentences with a higher similarity say the same thing."""
SAME_STATEMENT_OTHER_DATE = 0.86
"""For events with different dates it is higher, because "It was passed" and "It was repealed" are similar too."""
SIMILARITY_COST = 0.3
"""This times its similarity to the nearest chosen sentence is subtracted from a sentence's score."""
SAME_ENTRY_COST = 0.09
"""Taken off a sentence's score for each sentence already chosen from its entry."""
MAX_PER_ENTRY: dict[Mode, int] = {"summary": 4, "chat": 2}
MAX_FROM_GUIDES: dict[Mode, int] = {"summary": 4, "chat": 2}
"""Maximum number of sentences from guides if there are events: guides then give only the background."""
BEGINNER_BONUS = 0.08
"""Added to the score of summaries and definitions in guides, for beginners."""
_BEGINNER_FIELDS = frozenset({"tldr", "terms", "key_takeaways"})

SentencePlace = tuple[str, str, int]
"""Where a sentence is: entry id, field, start."""


class BriefSelection:
    """One selection of sentences for one brief; use it once."""

    def __init__(
        self,
        defined: Sequence[Piece],
        likeness: Callable[[Evidence, Evidence], float],
        sentence_before: Callable[[Evidence], SentencePlace | None],
        mode: Mode,
        level: Level,
    ) -> None:
        """Set up.

        Args:
            defined: The quotations that the brief starts with: a definition, or nothing.
            likeness: How similar in meaning two sentences are, from 0 to 1.
            sentence_before: Where the sentence before another one is; None if there is none.
            mode: A brief by itself, or a shorter one in the chat.
            level: Who reads it: beginners get fewer sentences, with a preference for the short texts of guides.
        """
        self._likeness = likeness
        self._sentence_before = sentence_before
        self._mode = mode
        self._level = level
        self._has_definition = bool(defined)
        self._places: set[SentencePlace] = {(piece.entry.id, piece.field, piece.start) for piece in defined}
        self._texts = {piece.quote for piece in defined}
        self._per_entry = Counter(piece.entry.id for piece in defined)
        self._from_guides = len(defined)
        self._limit = MAX_SENTENCES[mode][level] - len(defined)
        self._chosen: list[Evidence] = []

    def choose(self, pool: Sequence[Evidence]) -> list[Evidence]:
        """Choose from the sentences on the topic, which are sorted best first."""
        has_events = any(item.entry.kind == "event" for item in pool)
        likeness = dict.fromkeys(range(len(pool)), 0.0)
        scores = {number: self._score(item) for number, item in enumerate(pool) if item.text not in self._texts}
        while scores and len(self._chosen) < self._limit:
            deadline.check()
            numbers = [number for number in scores if self._is_allowed(pool[number], has_events=has_events)]
            if not numbers:
                break
            best = max(numbers, key=lambda number: self._value(pool, number, scores, likeness))
            del scores[best]
            item = pool[best]
            if item.text in self._texts or self._repeats(item):
                continue
            self._take(item)
            for number in scores:
                likeness[number] = max(likeness[number], self._likeness(item, pool[number]))
        # If nothing else was found, a sentence that needs its context is better than none.
        return self._chosen or ([] if self._has_definition else list(pool[:1]))

    def _score(self, item: Evidence) -> float:
        is_easy = self._level == "beginner" and item.field.partition(".")[0] in _BEGINNER_FIELDS
        return item.score + (BEGINNER_BONUS if is_easy else 0.0)

    def _value(
        self, pool: Sequence[Evidence], number: int, scores: dict[int, float], likeness: dict[int, float]
    ) -> tuple[float, int]:
        """The marginal relevance of a sentence; equal ones stay in the order of the pool."""
        repeated = self._per_entry[pool[number].entry.id]
        return scores[number] - SIMILARITY_COST * likeness[number] - SAME_ENTRY_COST * repeated, -number

    def _is_allowed(self, item: Evidence, *, has_events: bool) -> bool:
        """Whether a sentence is within the limits and, if it needs the sentence before it, that one has been chosen."""
        is_guide = isinstance(item.entry, Guide)
        return (
            self._per_entry[item.entry.id] < MAX_PER_ENTRY[self._mode]
            and not (has_events and is_guide and self._from_guides >= MAX_FROM_GUIDES[self._mode])
            and (not needs_context(item.text) or self._sentence_before(item) in self._places)
        )

    def _repeats(self, item: Evidence) -> bool:
        return any(self._likeness(item, other) > _same_statement(item, other) for other in self._chosen)

    def _take(self, item: Evidence) -> None:
        self._chosen.append(item)
        self._places.add((item.entry.id, item.field, item.start))
        self._texts.add(item.text)
        self._per_entry[item.entry.id] += 1
        self._from_guides += isinstance(item.entry, Guide)


def _same_statement(item: Evidence, other: Evidence) -> float:
    """The likeness above which two sentences say the same thing."""
    is_other_date = item.entry.kind == other.entry.kind == "event" and item.entry.date != other.entry.date
    return SAME_STATEMENT_OTHER_DATE if is_other_date else SAME_STATEMENT
