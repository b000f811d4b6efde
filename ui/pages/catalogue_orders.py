"""A catalogue in the orders that pages show it in, worked out once for each catalogue."""

import re
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from index.catalogue import Catalogue, newest_first
from index.lexical import fold
from index.models import AnyEntry, Event, Guide, Kind, Path

_APART = re.compile(r"\W+")


@dataclass(frozen=True)
class Shelf:
    """What many pages ask of one catalogue."""

    catalogue: Catalogue

    @cached_property
    def newest(self) -> tuple[AnyEntry, ...]:
        """All entries, the latest first; those without a date last, reading paths and guides by title."""
        dated = [entry for entry in newest_first(self.catalogue.entries) if entry.date]
        bare = [entry for entry in self.catalogue.entries if not entry.date]
        order: dict[Kind, int] = {"path": 0, "guide": 1, "event": 2}
        return (*dated, *sorted(bare, key=lambda entry: (order[entry.kind], fold(entry.title))))

    @cached_property
    def _events(self) -> tuple[Event, ...]:
        return tuple(entry for entry in self.newest if isinstance(entry, Event) and entry.date)

    @cached_property
    def _place(self) -> dict[str, int]:
        return {event.id: place for place, event in enumerate(self._events)}

    @cached_property
    def _paths(self) -> dict[str, tuple[Path, ...]]:
        found: dict[str, list[Path]] = {}
        for entry in self.catalogue.entries:
            if isinstance(entry, Path):
                for step in dict.fromkeys(entry.steps):
                    found.setdefault(step, []).append(entry)
        return {step: tuple(paths) for step, paths in found.items()}

    @cached_property
    def words(self) -> dict[str, str]:
        """All that is said in each entry, as folded words, each with a space before it."""
        return {
            entry.id: _APART.sub(" ", " " + _folded(" ".join((*entry.texts().values(), *_named(entry), entry.id))))
            for entry in self.newest
        }

    @cached_property
    def kinds(self) -> dict[Kind, int]:
        """How many entries of each kind there are; none of a kind that is not there."""
        counted = Counter(entry.kind for entry in self.catalogue.entries)
        order: tuple[Kind, ...] = ("event", "guide", "path")
        return {kind: counted[kind] for kind in order if counted[kind]}

    @cached_property
    def organisations(self) -> tuple[str, ...]:
        """Names, the one with most entries first."""
        return _commonest(name for entry in self.catalogue.entries for name in entry.organisations)

    @cached_property
    def topics(self) -> tuple[str, ...]:
        """Topics, the one with most entries first."""
        return _commonest(topic for entry in self.catalogue.entries for topic in entry.topics)

    def around(self, entry: AnyEntry) -> tuple[Event | None, Event | None]:
        """The events just before and just after one in time; None at an end, and for what has no date."""
        place = self._place.get(entry.id)
        if place is None:
            return None, None
        earlier = self._events[place + 1] if place + 1 < len(self._events) else None
        return earlier, self._events[place - 1] if place else None

    def paths(self, entry: AnyEntry) -> tuple[Path, ...]:
        """The reading paths that an entry is a step of."""
        return self._paths.get(entry.id, ())

    def steps(self, path: Path) -> list[AnyEntry]:
        """The steps of a path that are there, in order."""
        by_id = self.catalogue.by_id
        return [by_id[step] for step in dict.fromkeys(path.steps) if step in by_id]

    def linked(self, entry: AnyEntry) -> tuple[list[AnyEntry], list[AnyEntry]]:
        """Guides and events that are linked with an entry, either way: its own links first, steps of a path not."""
        others = [self.catalogue.by_id[name] for name in self.catalogue.links.get(entry.id, ())]
        steps = set(entry.steps) if isinstance(entry, Path) else set()
        guides: list[AnyEntry] = [other for other in others if isinstance(other, Guide) and other.id not in steps]
        return guides, [other for other in others if isinstance(other, Event)]


def _named(entry: AnyEntry) -> Iterable[str]:
    yield from entry.organisations
    yield from entry.topics
    yield entry.source or ""
    if isinstance(entry, Guide):
        yield from (section.heading for section in entry.sections)
        yield from (term.term for term in entry.terms)


def _folded(words: str) -> str:
    return words.lower() if words.isascii() else fold(words)  # the same, sooner


def _commonest(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name, _ in sorted(Counter(names).items(), key=lambda pair: (-pair[1], fold(pair[0]))))


def year_of(entry: AnyEntry) -> int | None:
    """The year of an entry's date."""
    return int(entry.date[:4]) if entry.date else None


class Shelves:
    """The shelf of the catalogue in use; a new catalogue gets a new one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: Shelf | None = None

    def of(self, catalogue: Catalogue) -> Shelf:
        """The shelf of a catalogue."""
        with self._lock:
            if self._latest is None or self._latest.catalogue is not catalogue:
                self._latest = Shelf(catalogue)
            return self._latest
