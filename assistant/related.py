"""What to read next: the cited entries' own links first, then neighbours that share topics or organisations."""

from collections.abc import Sequence

import numpy as np

from index.catalogue import Catalogue
from index.generation import Index
from index.models import AnyEntry

from .types import Citation, Related

MOST = 6
_GUIDES = 3
"""At least so many places are kept for either guides or events, where there are enough of both."""


def related(
    catalogue: Catalogue, citations: Sequence[Citation], found: Sequence[AnyEntry], *, most: int = MOST
) -> tuple[Related, ...]:
    """Entries that go with an answer; none of them is cited.

    Args:
        catalogue: The live catalogue.
        citations: What the answer rests on.
        found: Entries found for the question, best first.
        most: How many at the most.
    """
    numbers: dict[str, int] = {}
    for citation in citations:
        numbers.setdefault(citation.entry_id, citation.number)
    places = {entry.id: place for place, entry in enumerate(found)}
    reasons: dict[str, tuple[float, str]] = {}
    for name, number in numbers.items():
        for other in catalogue.links.get(name, ()):
            if other in numbers:
                continue
            votes = sum(other in catalogue.links.get(cited, ()) for cited in numbers)
            near = 1 / (1 + places.get(other, 30))
            reasons.setdefault(other, (2 + votes + 3 * near, f"listed with [{number}]"))
    cited = [catalogue.by_id[name] for name in numbers]
    for place, entry in enumerate(found):
        if entry.id in numbers or entry.id in reasons:
            continue
        shared = _shared(cited, entry)
        if shared is not None:
            reasons[entry.id] = (2 / (1 + place), shared)
    return _balanced(catalogue, reasons, most)


def neighbours(index: Index, entry: AnyEntry, *, most: int = 8) -> tuple[Related, ...]:
    """Entries that go with one entry: its links, then its nearest neighbours by meaning that share something."""
    catalogue = index.catalogue
    reasons = {
        other: (10.0 - place / 100, "listed with it") for place, other in enumerate(catalogue.links.get(entry.id, ()))
    }
    for place, other in enumerate(_nearest(index, entry)):
        shared = _shared([entry], catalogue.by_id[other])
        if other not in reasons:
            reasons[other] = (5.0 - place / 100 if shared else 1.0 - place / 100, shared or "near in meaning")
    return _balanced(catalogue, reasons, most)


def _nearest(index: Index, entry: AnyEntry) -> list[str]:
    places = index.passages_of.get(entry.id, ())
    rows = [index.sentence_rows[n] for place in places for n in index.sentences_of.get(place, ())]
    rows = [row for row in rows if row >= 0]
    if index.store is None or not rows:
        return []
    middle = np.mean(index.vectors[rows].astype(np.float32), axis=0)
    hits = index.store.search(middle, top=60)
    names = dict.fromkeys(index.passages[index.place(name)].entry_id for name, _ in hits)
    return [name for name in names if name != entry.id]


def _shared(cited: Sequence[AnyEntry], entry: AnyEntry) -> str | None:
    for one in cited:
        topics = [topic for topic in one.topics if topic in entry.topics]
        if topics:
            return f"same topic: {topics[0]}"
    for one in cited:
        names = [name for name in one.organisations if name in entry.organisations]
        if names:
            return f"same organisation: {names[0]}"
    return None


def _balanced(catalogue: Catalogue, reasons: dict[str, tuple[float, str]], most: int) -> tuple[Related, ...]:
    """The best by score, with places kept for guides and for events, in order of score."""
    ranked = sorted(reasons, key=lambda name: -reasons[name][0])
    guides = [name for name in ranked if catalogue.by_id[name].kind != "event"]
    events = [name for name in ranked if catalogue.by_id[name].kind == "event"]
    kept = min(_GUIDES, most // 2)
    take = set(guides[: max(kept, most - len(events))]) if len(events) < most - kept else set(guides[:kept])
    take |= set(events[: most - len(take)])
    return tuple(
        Related(entry.id, entry.kind, entry.title, entry.date, reasons[name][1])
        for name in ranked
        if name in take
        for entry in [catalogue.by_id[name]]
    )[:most]
