"""Why an entry is related to another one: the reasons, and the candidates for related entries with their scores."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from assistant.answer import Related
from index import dates
from index.generation import Index
from index.models import AnyEntry, Event, Path

MIN_SIMILARITY = 0.15
"""An entry with neither a link nor a common topic must be this similar; nine in ten such entries are not."""
_MIN_STORY_SIMILARITY = 0.2
"""Events with a common organisation and topic tell one story if they are this similar. Three in four linked pairs are."""


class RelatedReason(StrEnum):
    """Why an entry is related to an answer or to another entry."""

    LINKED = "linked"
    SHARED_TOPIC = "shared topic"
    SHARED_ORGANISATION = "shared organisation"
    SIMILAR = "similar"
    START_HERE = "start here"
    NEXT_STEP = "next step"
    """The step of a reading path after a cited guide."""
    STEP = "step"
    """A step of the reading path itself."""
    FOUND = "found"
    """Found by the search for a question that has no answer."""


class RelatedEntry(Related):
    """A `Related` with its reason as a value.

    `reason` and `is_later` are no dataclass fields, so that the JSON object stays as the contract describes it: programs
    read the reason here, and people read it in `why`.
    """

    __slots__ = ("is_later", "reason")

    reason: RelatedReason
    is_later: bool
    """Whether it is an event that continues another one."""

    def __init__(self, entry: AnyEntry, reason: RelatedReason, why: str, *, is_later: bool = False) -> None:
        super().__init__(entry.id, entry.kind, entry.title, entry.date, why)
        object.__setattr__(self, "reason", reason)
        object.__setattr__(self, "is_later", is_later)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Why an entry may be related, and its score."""

    score: float
    reason: RelatedReason
    why: str
    is_later: bool = False


@dataclass(frozen=True, slots=True)
class _Order:
    """When an event happened compared with another one."""

    is_later: bool
    month: str

    def __str__(self) -> str:
        return f"{'later' if self.is_later else 'earlier'}: {self.month}"


def similar_to(index: Index, entry_ids: Sequence[str]) -> dict[str, float]:
    """Entries similar to some others, with the highest of their similarities; the first others count for more."""
    if not entry_ids:
        return {}
    best = np.max(
        [
            np.maximum(index.similarity.scores(entry_id), 0) * (1 - 0.15 * number)
            for number, entry_id in enumerate(entry_ids)
        ],
        axis=0,
    )
    entries = index.catalogue.entries
    order = np.argsort(-best, kind="stable")
    return {
        entries[place].id: float(best[place])
        for place in order
        if best[place] > 0 and entries[place].id not in entry_ids
    }


def similar_candidate(
    index: Index, cited: Sequence[AnyEntry], other: str, score: float, similarity: float
) -> Candidate | None:
    """A candidate that shares a topic or an organisation with a cited entry, or is similar enough to one."""
    for entry in cited:
        candidate = sharing(index, entry, index.catalogue.by_id[other], score)
        if candidate is not None:
            return candidate
    if similarity >= MIN_SIMILARITY:
        return Candidate(score, RelatedReason.SIMILAR, "near in meaning")
    return None


def candidate_of(score: float, reason: RelatedReason, why: str, order: _Order | None) -> Candidate:
    """A candidate whose `why` ends with when it happened, if known."""
    if order is None:
        return Candidate(score, reason, why)
    return Candidate(score, reason, f"{why} · {order}", order.is_later)


def sharing(
    index: Index, entry: AnyEntry, other: AnyEntry, score: float, similarity: float | None = None
) -> Candidate | None:
    """A candidate that has a topic or an organisation in common with an entry, the rarest topic first; else None."""
    rarity = index.similarity.topic_rarity
    topics = sorted((topic for topic in entry.topics if topic in other.topics), key=lambda topic: -rarity(topic))
    names = [name for name in entry.organisations if name in other.organisations]
    if not topics and not names:
        return None
    if similarity is None:
        similarity = float(index.similarity.scores(entry.id)[index.similarity.position[other.id]])
    order = order_of(entry, other, linked=False, similarity=similarity) if topics and names else None
    if topics:
        return candidate_of(score, RelatedReason.SHARED_TOPIC, f"same topic: {topics[0]}", order)
    return candidate_of(score, RelatedReason.SHARED_ORGANISATION, f"same organisation: {names[0]}", order)


def order_of(entry: AnyEntry, other: AnyEntry, *, linked: bool, similarity: float) -> _Order | None:
    """When the other entry happened, if both are events of one story and their dates do not overlap."""
    if not (isinstance(entry, Event) and isinstance(other, Event) and entry.date and other.date):
        return None
    if not (linked or similarity >= _MIN_STORY_SIMILARITY):
        return None
    (first, last), (other_first, other_last) = dates.span(entry.date), dates.span(other.date)
    month = dates.in_words(other.date[:7])
    if other_first > last:
        return _Order(is_later=True, month=month)
    return _Order(is_later=False, month=month) if other_last < first else None


def next_steps(index: Index, entry: AnyEntry) -> Iterator[tuple[str, str]]:
    """The id of the step after an entry in each reading path that contains it, and the words that say so."""
    for path in index.catalogue.entries:
        if isinstance(path, Path) and entry.id in path.steps:
            steps = [step for step in path.steps if step in index.catalogue.by_id]
            at = steps.index(entry.id) + 1
            if at < len(steps):
                yield steps[at], f"next in {path.title}"
