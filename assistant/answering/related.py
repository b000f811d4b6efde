"""Chooses what to read next: linked entries, similar entries, earlier and later events, and the next step of a path."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from assistant.answer import Citation
from index.generation import Index
from index.models import AnyEntry, Guide, Level, Path

from .related_candidates import (
    MIN_SIMILARITY,
    Candidate,
    RelatedEntry,
    RelatedReason,
    candidate_of,
    next_steps,
    order_of,
    sharing,
    similar_candidate,
    similar_to,
)

MAX_RELATED = 6
_PLACES_FOR_GUIDES = {"beginner": 3, "intermediate": 2, "advanced": 1}
"""Places reserved for guides and reading paths, by level."""
_PLACES_FOR_EVENTS = 2
_LIKENESS_COST = 0.1
"""Times the likeness to the entries chosen before, this is subtracted from a score.

With a higher value, fewer linked entries are chosen (`almanac eval related`).
"""
_COPY = 0.6
"""Entries with a higher likeness by words are near-copies; the likeness above this costs ten times more."""
_CITED_ENTRIES = 4
"""Maximum number of cited entries whose neighbours are searched; the first ones carry the answer."""
_FRONT = 10.0
"""A score that puts an entry before all that are only similar."""
_GUIDE_BONUS = {"beginner": 0.05, "intermediate": 0.02, "advanced": 0.0}
"""Added to the score of a guide, according to its level, when a guide to start with is chosen."""


def related(
    index: Index,
    citations: Sequence[Citation],
    found: Sequence[AnyEntry],
    *,
    level: Level = "intermediate",
    most: int = MAX_RELATED,
) -> tuple[RelatedEntry, ...]:
    """Choose entries to read after an answer; none of them is cited in it.

    Args:
        index: The open index.
        citations: The citations of the answer.
        found: Entries found for the question, best first.
        level: The reader's level; a beginner first gets a guide to start with and the next step of a path.
        most: The largest number of entries.
    """
    numbers: dict[str, int] = {}
    for citation in citations:
        numbers.setdefault(citation.entry_id, citation.number)
    if not numbers:
        return ()
    cited = [index.catalogue.by_id[entry_id] for entry_id in numbers]
    similar = similar_to(index, [entry.id for entry in cited[:_CITED_ENTRIES]])
    places = {entry.id: place for place, entry in enumerate(found)}
    candidates = _linked(index, cited, numbers, similar, places)
    for other in {**places, **dict.fromkeys(_first(similar, 20))}:
        if other not in numbers and other not in candidates:
            score = similar.get(other, 0.0) + 0.25 / (1 + places.get(other, 30))
            candidate = similar_candidate(index, cited[:_CITED_ENTRIES], other, score, similar.get(other, 0.0))
            if candidate is not None:
                candidates[other] = candidate
    steps = _steps(index, cited, candidates, similar, level)
    candidates |= {entry_id: candidate for entry_id, candidate in steps.items() if entry_id not in numbers}
    return _chosen(index, candidates, most, _PLACES_FOR_GUIDES[level])


def _linked(
    index: Index,
    cited: Sequence[AnyEntry],
    numbers: Mapping[str, int],
    similar: Mapping[str, float],
    places: Mapping[str, int],
) -> dict[str, Candidate]:
    """The entries that are linked to cited entries."""
    links = index.catalogue.links
    candidates: dict[str, Candidate] = {}
    for entry in cited:
        for other in links.get(entry.id, ()):
            if other in numbers or other in candidates:
                continue
            votes = sum(other in links.get(entry_id, ()) for entry_id in numbers)
            order = order_of(entry, index.catalogue.by_id[other], linked=True, similarity=0.0)
            score = 0.35 + 0.05 * votes + similar.get(other, 0.0) + 0.25 / (1 + places.get(other, 30))
            candidates[other] = candidate_of(score, RelatedReason.LINKED, f"listed with [{numbers[entry.id]}]", order)
    return candidates


def neighbours(index: Index, entry: AnyEntry, *, most: int = 8, with_links: bool = True) -> tuple[RelatedEntry, ...]:
    """Choose entries related to one entry: its links, most similar first, then the entries most similar to it.

    Args:
        index: The open index.
        entry: One of its entries.
        most: The largest number of entries.
        with_links: Whether to use its links and reading paths; a measurement hides them.
    """
    catalogue = index.catalogue
    similar = similar_to(index, [entry.id])
    candidates: dict[str, Candidate] = {}
    if with_links:
        for other in catalogue.links.get(entry.id, ()):
            order = order_of(entry, catalogue.by_id[other], linked=True, similarity=0.0)
            candidates[other] = candidate_of(
                1.0 + similar.get(other, 0.0), RelatedReason.LINKED, "listed with it", order
            )
        if isinstance(entry, Path):
            for number, step in enumerate(step for step in entry.steps if step in candidates):
                candidates[step] = Candidate(_FRONT - number / 100, RelatedReason.STEP, f"step {number + 1}")
        for step, why in next_steps(index, entry):
            if step != entry.id:
                candidates[step] = Candidate(_FRONT, RelatedReason.NEXT_STEP, why)
    for other in _first(similar, 5 * most):
        if other not in candidates:
            score = similar[other]
            candidates[other] = sharing(index, entry, catalogue.by_id[other], score, score) or Candidate(
                score, RelatedReason.SIMILAR, "near in meaning"
            )
    return _chosen(index, candidates, most, 0)


def _first(similar: Mapping[str, float], count: int) -> list[str]:
    return list(similar)[:count]


def _steps(
    index: Index,
    cited: Sequence[AnyEntry],
    candidates: Mapping[str, Candidate],
    similar: Mapping[str, float],
    level: Level,
) -> dict[str, Candidate]:
    """The next step after a cited guide; for a beginner without one, a guide to start with and the step after it.

    For a beginner they come before all other entries, except the step after a guide that is not the first citation.
    """
    guide: AnyEntry | None = next((entry for entry in cited if isinstance(entry, Guide)), None)
    steps: dict[str, Candidate] = {}
    is_start = False
    if guide is None and level == "beginner":
        guide = _guide_to_start_with(index, candidates, similar)
        if guide is not None:
            steps[guide.id] = Candidate(_FRONT + 1, RelatedReason.START_HERE, "start here")
            is_start = True
    if guide is not None:
        score = _FRONT if level == "beginner" and (is_start or guide == cited[0]) else 0.5
        known = {entry.id for entry in cited} | set(steps)
        step = next(((entry_id, why) for entry_id, why in next_steps(index, guide) if entry_id not in known), None)
        if step is not None:
            steps[step[0]] = Candidate(score + similar.get(step[0], 0.0), RelatedReason.NEXT_STEP, step[1])
    return steps


def _guide_to_start_with(
    index: Index, candidates: Mapping[str, Candidate], similar: Mapping[str, float]
) -> Guide | None:
    """The most similar guide, with a bonus for easier ones; None if it is neither a candidate nor similar enough."""
    by_id = index.catalogue.by_id
    guides = [entry for entry_id in {**candidates, **similar} if isinstance(entry := by_id[entry_id], Guide)]
    guide = max(guides, key=lambda entry: similar.get(entry.id, 0.0) + _GUIDE_BONUS[entry.level], default=None)
    if guide is not None and (guide.id in candidates or similar.get(guide.id, 0.0) >= MIN_SIMILARITY):
        return guide
    return None


def _chosen(
    index: Index, candidates: Mapping[str, Candidate], most: int, places_for_guides: int
) -> tuple[RelatedEntry, ...]:
    """The best candidates in order of score, no near-copies, with places reserved for guides and for events."""
    by_id = index.catalogue.by_id
    is_guide = {entry_id: by_id[entry_id].kind != "event" for entry_id in candidates}
    reserved = {
        True: min(places_for_guides, most // 2),
        False: min(_PLACES_FOR_EVENTS, most // 2) if places_for_guides else 0,
    }
    available = {kind: sum(is_guide[entry_id] is kind for entry_id in candidates) for kind in reserved}
    taken: list[str] = []
    for entry_id in _varied(index, candidates):
        if len(taken) == most:
            break
        other = not is_guide[entry_id]
        missing = min(reserved[other], available[other]) - sum(is_guide[taken_id] is other for taken_id in taken)
        if most - len(taken) > missing:
            taken.append(entry_id)
    taken.sort(key=lambda entry_id: -candidates[entry_id].score)
    return tuple(
        RelatedEntry(by_id[entry_id], candidate.reason, candidate.why, is_later=candidate.is_later)
        for entry_id in taken
        for candidate in (candidates[entry_id],)
    )


def _varied(index: Index, candidates: Mapping[str, Candidate]) -> Iterator[str]:
    """Yield entry ids by maximal marginal relevance (Carbonell and Goldstein, 1998).

    First come those with high scores that differ from the entries before them.
    """
    left = sorted(candidates, key=lambda entry_id: -candidates[entry_id].score)
    likeness = np.zeros(len(index.catalogue.entries), np.float32)
    position = index.similarity.position
    while left:
        cost = _LIKENESS_COST * likeness + 10 * _LIKENESS_COST * np.maximum(likeness - _COPY, 0)
        best = max(left, key=lambda entry_id: candidates[entry_id].score - float(cost[position[entry_id]]))
        left.remove(best)
        yield best
        likeness = np.maximum(likeness, index.similarity.by_words(best))
