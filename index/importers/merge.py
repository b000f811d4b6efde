"""New entries into a catalogue that is there already."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from index.catalogue import Catalogue, Problem
from index.models import ENTRY, AnyEntry

_LINKS = ("related_events", "related_guides")


@dataclass(frozen=True, slots=True)
class Merged:
    """All entries in order, the old in their places, and the ids of those new, altered and named again unaltered."""

    entries: tuple[AnyEntry, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    same: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


def merge(old: Catalogue, new: Iterable[AnyEntry], *, whole: bool = False) -> Merged:
    """Put entries into a catalogue: the same id is an update in place, any other goes to the end.

    `whole` says that the new entries are complete records (`Imported.whole`), which replace the old ones. Otherwise
    an update keeps what the new entry does not carry, and the links of both are united.
    """
    entries = dict(old.by_id)
    named: dict[str, None] = {}
    problems: list[Problem] = []
    for entry in new:
        before = entries.get(entry.id)
        if before is not None and before.kind != entry.kind and not whole:
            message = f"is the id of a {before.kind}, so the {entry.kind} {entry.title!r} was left out"
            problems.append(Problem(entry.id, "id", message))
            continue
        named.setdefault(entry.id)
        entries[entry.id] = entry if before is None or whole else _united(before, entry)
    added = tuple(name for name in named if name not in old.by_id)
    changed = tuple(name for name in named if name in old.by_id and entries[name] != old.by_id[name])
    same = tuple(name for name in named if name in old.by_id and entries[name] == old.by_id[name])
    return Merged(tuple(entries.values()), added, changed, same, tuple(problems))


def _united(old: AnyEntry, new: AnyEntry) -> AnyEntry:
    carried: dict[str, Any] = {name: value for name, value in _fields(new).items() if value not in ("", None, ())}
    for name in _LINKS:
        known, further = getattr(old, name), getattr(new, name)
        carried[name] = known if set(further) <= set(known) else tuple(dict.fromkeys((*known, *further)))
    return ENTRY.validate_python(_fields(old) | carried)


def _fields(entry: AnyEntry) -> dict[str, Any]:
    return entry.model_dump(exclude_defaults=True)
