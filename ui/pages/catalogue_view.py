"""Orders and lookups of a catalogue that the pages need, computed once for each catalogue."""

import re
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from index.catalogue import Catalogue, newest_first
from index.lexical import fold
from index.models import AnyEntry, EntryKind, Event, Guide, Path

_NON_WORD = re.compile(r"\W+")


@dataclass(frozen=True)
class CatalogueView:
    """One catalogue with its orders and lookups. Each is computed on first use."""

    catalogue: Catalogue

    @cached_property
    def newest(self) -> tuple[AnyEntry, ...]:
        """All entries, the newest first. Entries without a date follow: reading paths, then guides, by title."""
        dated = [entry for entry in newest_first(self.catalogue.entries) if entry.date]
        undated = [entry for entry in self.catalogue.entries if not entry.date]
        order: dict[EntryKind, int] = {"path": 0, "guide": 1, "event": 2}
        return (*dated, *sorted(undated, key=lambda entry: (order[entry.kind], fold(entry.title))))

    @cached_property
    def _dated_events(self) -> tuple[Event, ...]:
        return tuple(entry for entry in self.newest if isinstance(entry, Event) and entry.date)

    @cached_property
    def _event_positions(self) -> dict[str, int]:
        return {event.id: position for position, event in enumerate(self._dated_events)}

    @cached_property
    def _paths_by_step(self) -> dict[str, tuple[Path, ...]]:
        paths_by_step: dict[str, list[Path]] = {}
        for entry in self.catalogue.entries:
            if isinstance(entry, Path):
                for step in dict.fromkeys(entry.steps):
                    paths_by_step.setdefault(step, []).append(entry)
        return {step: tuple(paths) for step, paths in paths_by_step.items()}

    @cached_property
    def words(self) -> dict[str, str]:
        """For each entry id: all words of the entry, folded, each with a space before it."""
        return {
            entry.id: _NON_WORD.sub(" ", " " + _folded(" ".join((*entry.texts().values(), *_names(entry), entry.id))))
            for entry in self.newest
        }

    @cached_property
    def organisations(self) -> tuple[str, ...]:
        """Organisations, those with the most entries first."""
        return _most_common(name for entry in self.catalogue.entries for name in entry.organisations)

    @cached_property
    def topics(self) -> tuple[str, ...]:
        """Topics, those with the most entries first."""
        return _most_common(topic for entry in self.catalogue.entries for topic in entry.topics)

    def neighbours(self, entry: AnyEntry) -> tuple[Event | None, Event | None]:
        """The events just before and just after an event. None where there is none, and for undated entries."""
        position = self._event_positions.get(entry.id)
        if position is None:
            return None, None
        earlier = self._dated_events[position + 1] if position + 1 < len(self._dated_events) else None
        return earlier, self._dated_events[position - 1] if position else None

    def paths(self, entry: AnyEntry) -> tuple[Path, ...]:
        """The reading paths that contain an entry."""
        return self._paths_by_step.get(entry.id, ())

    def steps(self, path: Path) -> list[AnyEntry]:
        """The steps of a reading path in order, without those that are not in the catalogue."""
        by_id = self.catalogue.by_id
        return [by_id[step] for step in dict.fromkeys(path.steps) if step in by_id]

    def linked(self, entry: AnyEntry) -> tuple[list[AnyEntry], list[AnyEntry]]:
        """Guides and events that link to an entry or that it links to. Steps of a reading path are left out."""
        others = [self.catalogue.by_id[entry_id] for entry_id in self.catalogue.links.get(entry.id, ())]
        steps = set(entry.steps) if isinstance(entry, Path) else set()
        guides: list[AnyEntry] = [other for other in others if isinstance(other, Guide) and other.id not in steps]
        return guides, [other for other in others if isinstance(other, Event)]


def year_of(entry: AnyEntry) -> int | None:
    """The year of an entry's date, if it has a date."""
    return int(entry.date[:4]) if entry.date else None


class CatalogueViews:
    """Holds the view of the catalogue in use and replaces it when the catalogue changes. Safe to use from threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: CatalogueView | None = None

    def of(self, catalogue: Catalogue) -> CatalogueView:
        """The view of a catalogue."""
        with self._lock:
            if self._latest is None or self._latest.catalogue is not catalogue:
                self._latest = CatalogueView(catalogue)
            return self._latest


def _names(entry: AnyEntry) -> Iterable[str]:
    """Words of an entry that its texts do not contain."""
    yield from entry.organisations
    yield from entry.topics
    yield entry.source or ""
    if isinstance(entry, Guide):
        yield from (section.heading for section in entry.sections)
        yield from (term.term for term in entry.terms)


def _folded(words: str) -> str:
    return words.lower() if words.isascii() else fold(words)  # the same result, faster


def _most_common(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name, _ in sorted(Counter(names).items(), key=lambda pair: (-pair[1], fold(pair[0]))))
