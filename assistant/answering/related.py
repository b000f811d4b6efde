"""What to read next: linked entries, neighbours, what came before and after, and the next step of a reading path."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.answer import Citation, Related
from index import dates
from index.generation import Index
from index.models import AnyEntry, Event, Guide, Level, Path

MOST = 6
_GUIDES = {"beginner": 3, "intermediate": 2, "advanced": 1}
"""So many places are kept for guides and paths, where there are any: a newcomer needs more of them."""
_EVENTS = 2
"""And so many for events."""
_FLOOR = 0.15
"""An entry that is neither linked nor of the same topic must be as near as this: nine in ten unlinked ones are not."""
_THREAD = 0.2
"""Events of one organisation and topic that are as near as this tell one story; of the linked ones three in four are."""
_ALIKE = 0.1
"""What likeness to an entry already taken costs; more of it lost linked entries (`almanac eval related`)."""
_COPY = 0.6
"""Entries with more of their words in common tell the same; beyond this likeness costs ten times as much."""
_LOOKED_AT = 4
"""Cited entries whose neighbours are looked for: the first ones carry the answer."""
_FORE = 10.0
"""Puts what has to come first before all that is only near."""


@dataclass(frozen=True, slots=True)
class _Reason:
    score: float
    why: str


def related(
    index: Index,
    citations: Sequence[Citation],
    found: Sequence[AnyEntry],
    *,
    level: Level = "intermediate",
    most: int = MOST,
) -> tuple[Related, ...]:
    """Entries that go with an answer; none of them is cited.

    Args:
        index: The open index.
        citations: What the answer rests on.
        found: Entries found for the question, best first.
        level: For whom: a beginner is shown where to start and the next step of a path first.
        most: How many at the most.
    """
    catalogue = index.catalogue
    numbers: dict[str, int] = {}
    for citation in citations:
        numbers.setdefault(citation.entry_id, citation.number)
    if not numbers:
        return ()
    cited = [catalogue.by_id[name] for name in numbers]
    near = _near(index, [entry.id for entry in cited[:_LOOKED_AT]])
    places = {entry.id: place for place, entry in enumerate(found)}
    reasons: dict[str, _Reason] = {}
    for entry in cited:
        for other in catalogue.links.get(entry.id, ()):
            if other not in numbers and other not in reasons:
                votes = sum(other in catalogue.links.get(one, ()) for one in numbers)
                later = _in_time(entry, catalogue.by_id[other], linked=True, score=0.0)
                why = f"listed with [{numbers[entry.id]}]" + (f" · {later}" if later else "")
                score = 0.35 + 0.05 * votes + near.get(other, 0.0) + 0.25 / (1 + places.get(other, 30))
                reasons[other] = _Reason(score, why)
    for other in {**places, **dict.fromkeys(_first(near, 20))}:
        if other in numbers or other in reasons:
            continue
        common = next(
            (text for one in cited[:_LOOKED_AT] if (text := _shared(index, one, catalogue.by_id[other]))), None
        )
        if common is None and near.get(other, 0.0) >= _FLOOR:
            common = "near in meaning"
        if common is not None:
            reasons[other] = _Reason(near.get(other, 0.0) + 0.25 / (1 + places.get(other, 30)), common)
    fore = _steps(index, cited, reasons, near, level)
    reasons |= {name: reason for name, reason in fore.items() if name not in numbers}
    return _chosen(index, reasons, most, _GUIDES[level])


def neighbours(index: Index, entry: AnyEntry, *, most: int = 8, with_links: bool = True) -> tuple[Related, ...]:
    """Entries that go with one entry: its links, the nearest first, then its nearest neighbours.

    Args:
        index: The open index.
        entry: One of its entries.
        most: How many at the most.
        with_links: Whether its links, and the paths it stands in, may be looked at; a measurement hides them.
    """
    catalogue = index.catalogue
    near = _near(index, [entry.id])
    reasons: dict[str, _Reason] = {}
    if with_links:
        for other in catalogue.links.get(entry.id, ()):
            later = _in_time(entry, catalogue.by_id[other], linked=True, score=0.0)
            why = "listed with it" + (f" · {later}" if later else "")
            reasons[other] = _Reason(1.0 + near.get(other, 0.0), why)
        if isinstance(entry, Path):
            for number, step in enumerate(step for step in entry.steps if step in reasons):
                reasons[step] = _Reason(_FORE - number / 100, f"step {number + 1}")
        for step, why in _next_steps(index, entry):
            if step != entry.id:
                reasons[step] = _Reason(_FORE, why)
    for other in _first(near, 5 * most):
        if other not in reasons:
            reasons[other] = _Reason(
                near[other], _shared(index, entry, catalogue.by_id[other], near[other]) or "near in meaning"
            )
    return _chosen(index, reasons, most, 0)


def _near(index: Index, names: Sequence[str]) -> dict[str, float]:
    """Entries near some others: the nearest of its scores, the first entries counting for more."""
    if not names:
        return {}
    best = np.max([np.maximum(index.nearness.among(name), 0) * (1 - 0.15 * n) for n, name in enumerate(names)], axis=0)
    entries = index.catalogue.entries
    order = np.argsort(-best, kind="stable")
    return {
        entries[place].id: float(best[place]) for place in order if best[place] > 0 and entries[place].id not in names
    }


def _first(near: Mapping[str, float], count: int) -> list[str]:
    return list(near)[:count]


def _shared(index: Index, one: AnyEntry, other: AnyEntry, score: float | None = None) -> str | None:
    """What two entries have in common, the rarest topic first, and where one continues the other, when."""
    spread = index.nearness.topic_rarity
    topics = sorted((topic for topic in one.topics if topic in other.topics), key=lambda topic: -spread(topic))
    names = [name for name in one.organisations if name in other.organisations]
    common = f"same topic: {topics[0]}" if topics else f"same organisation: {names[0]}" if names else None
    if common is None:
        return None
    if score is None:
        score = float(index.nearness.among(one.id)[index.nearness.place[other.id]])
    later = _in_time(one, other, linked=False, score=score) if topics and names else None
    return f"{common} · {later}" if later else common


def _in_time(one: AnyEntry, other: AnyEntry, *, linked: bool, score: float) -> str | None:
    """When the other happened, "later: May 2024", where both are events of one thread and neither date holds the other."""
    if not (isinstance(one, Event) and isinstance(other, Event) and one.date and other.date):
        return None
    if not (linked or score >= _THREAD):
        return None
    (first, last), (begin, end) = dates.span(one.date), dates.span(other.date)
    when = dates.in_words(other.date[:7])
    return f"later: {when}" if begin > last else f"earlier: {when}" if end < first else None


def _next_steps(index: Index, entry: AnyEntry) -> Iterator[tuple[str, str]]:
    """The step after a guide in each path that holds it."""
    for path in index.catalogue.entries:
        if isinstance(path, Path) and entry.id in path.steps:
            steps = [step for step in path.steps if step in index.catalogue.by_id]
            at = steps.index(entry.id) + 1
            if at < len(steps):
                yield steps[at], f"next in {path.title}"


def _steps(
    index: Index, cited: Sequence[AnyEntry], reasons: Mapping[str, _Reason], near: Mapping[str, float], level: Level
) -> dict[str, _Reason]:
    """Where to start and how to go on: in front for a beginner, among the rest for others."""
    by_id = index.catalogue.by_id
    guide: AnyEntry | None = next((entry for entry in cited if isinstance(entry, Guide)), None)
    found: dict[str, _Reason] = {}
    if guide is None and level == "beginner":
        guides = [entry for name in {**reasons, **near} if isinstance(entry := by_id[name], Guide)]
        easy = {"beginner": 0.05, "intermediate": 0.02, "advanced": 0.0}
        guide = max(guides, key=lambda one: near.get(one.id, 0.0) + easy[one.level], default=None)
        if guide is not None and (guide.id in reasons or near.get(guide.id, 0.0) >= _FLOOR):
            found[guide.id] = _Reason(_FORE + 1, "start here")
        else:
            guide = None
    if guide is not None:
        fore = _FORE if level == "beginner" and guide in (cited[0], by_id.get(next(iter(found), ""))) else 0.5
        known = {entry.id for entry in cited} | set(found)
        step = next(((name, why) for name, why in _next_steps(index, guide) if name not in known), None)
        if step is not None:
            found[step[0]] = _Reason(fore + near.get(step[0], 0.0), step[1])
    return found


def _chosen(index: Index, reasons: Mapping[str, _Reason], most: int, guides: int) -> tuple[Related, ...]:
    """The best, none nearly a copy of another, with places kept for guides and for events, in order of score."""
    by_id = index.catalogue.by_id
    is_guide = {name: by_id[name].kind != "event" for name in reasons}
    kept = {True: min(guides, most // 2), False: min(_EVENTS, most // 2) if guides else 0}
    there = {kind: sum(is_guide[name] is kind for name in reasons) for kind in kept}
    taken: list[str] = []
    for name in _varied(index, reasons):
        if len(taken) == most:
            break
        other = not is_guide[name]
        missing = min(kept[other], there[other]) - sum(is_guide[one] is other for one in taken)
        if most - len(taken) > missing:
            taken.append(name)
    taken.sort(key=lambda name: -reasons[name].score)
    return tuple(
        Related(entry.id, entry.kind, entry.title, entry.date, reasons[entry.id].why)
        for entry in (by_id[name] for name in taken)
    )


def _varied(index: Index, reasons: Mapping[str, _Reason]) -> Iterator[str]:
    """Entries by marginal relevance (Carbonell and Goldstein, 1998): near, and unlike those before."""
    left = sorted(reasons, key=lambda name: -reasons[name].score)
    likeness = np.zeros(len(index.catalogue.entries), np.float32)
    place = index.nearness.place
    while left:
        cost = _ALIKE * likeness + 10 * _ALIKE * np.maximum(likeness - _COPY, 0)
        best = max(left, key=lambda name: reasons[name].score - float(cost[place[name]]))
        left.remove(best)
        yield best
        likeness = np.maximum(likeness, index.nearness.by_words(best))
