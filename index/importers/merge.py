"""Merge new entries into an existing catalogue."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from index.catalogue import Catalogue, Problem
from index.models import ENTRY, AnyEntry

from .duplicates import near_duplicates
from .identity import Resolver, renamed, source_of, title_key
from .source import Imported

_LINKS = ("related_events", "related_guides")
_SHARED_FIELDS = (
    *("date", "url", "organisations", "topics", "related_events", "related_guides", "source", "importance", "checked"),
)


@dataclass(frozen=True, slots=True)
class Merged:
    """The result of a merge: all entries in order, and the ids of those that were added, changed or imported unchanged.

    Existing entries keep their positions.
    """

    entries: tuple[AnyEntry, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    same: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    """Entries that were left out."""
    warnings: tuple[Problem, ...] = ()
    """Warnings about probable duplicates, and about ids that were already used for something else."""


def merge_imported(old: Catalogue, imported: Imported) -> Merged:
    """Merge the entries of an import into a catalogue; `almanac import` and `almanac sync` both use this.

    A record updates the entry with the same id only if both describe the same thing (see `identity`). Otherwise the
    record gets a new id, and a warning reports it.
    """
    moved = old.moved
    # A record with a former id of an entry updates that entry.
    resolver = Resolver({former: old.by_id[name] for former, name in moved.items()} | old.by_id, imported)
    names: dict[str, str] = {}
    warnings: list[Problem] = []
    made = [entry for entry in imported.entries if entry.id not in imported.edited]
    for entry in made:
        name = names[entry.id] = old.present_id(resolver.resolve(entry))
        plain = imported.plain.get(entry.id, entry.id)
        if name not in {entry.id, plain} and name not in old.by_id:
            held = old.by_id.get(plain)
            what = f"is the id of {held.title[:60]!r}" if held else "stands for several entries"
            message = f"{plain!r} {what}, so {entry.title[:60]!r} is kept apart as {name!r}"
            warnings.append(Problem(plain, "id", message))
    entries = [renamed(entry, moved | names, moved.keys() | names.keys()) for entry in imported.entries]
    resolved = {names[entry.id] for entry in made}
    merged = merge(old, entries, whole=imported.whole, resolved=resolved)
    near = near_duplicates(merged.entries, merged.added)
    return replace(merged, warnings=(*warnings, *_still_there(old, imported), *near))


def _still_there(old: Catalogue, imported: Imported) -> Iterable[Problem]:
    """Yield a warning for each catalogue entry that its source no longer publishes."""
    hidden = {title_key(problem.field): problem.message for problem in imported.hidden}
    for entry in old.entries if hidden else ():
        source = source_of(entry) or imported.key
        if title_key(entry.title) in hidden and (source == imported.key or source.startswith(f"{imported.key}/")):
            reason = hidden[title_key(entry.title)]
            yield Problem(entry.id, "", f"{reason} in its source, but still in the catalogue: remove it there")


def merge(old: Catalogue, new: Iterable[AnyEntry], *, whole: bool = False, resolved: Iterable[str] = ()) -> Merged:
    """Merge entries into a catalogue: an entry with an existing id updates that entry, others are appended.

    Args:
        old: The existing catalogue.
        new: The entries to merge.
        whole: Whether the new entries are complete records (`Imported.whole`), which replace the old ones. Otherwise an
            update keeps the old values of empty fields, and combines the links of both.
        resolved: Ids already known to mean the same thing in the catalogue and in `new`; these entries may change kind.
    """
    entries = dict(old.by_id)
    named: dict[str, None] = {}
    problems: list[Problem] = []
    sure = set(resolved)
    for entry in new:
        before = entries.get(entry.id)
        if before is not None and before.kind != entry.kind and not whole and entry.id not in sure:
            message = f"is the id of a {before.kind}, so the {entry.kind} {entry.title!r} was left out"
            problems.append(Problem(entry.id, "id", message))
            continue
        named.setdefault(entry.id)
        entries[entry.id] = _replacing(before, entry) if before is None or whole else _united(before, entry)
    added = tuple(name for name in named if name not in old.by_id)
    changed = tuple(name for name in named if name in old.by_id and entries[name] != old.by_id[name])
    same = tuple(name for name in named if name in old.by_id and entries[name] == old.by_id[name])
    return Merged(tuple(entries.values()), added, changed, same, tuple(problems))


def _replacing(old: AnyEntry | None, new: AnyEntry) -> AnyEntry:
    """The new entry. It keeps the former ids of the old one, which no source knows."""
    if old is None or not old.former_ids or new.former_ids:
        return new
    return new.model_copy(update={"former_ids": old.former_ids})


def _united(old: AnyEntry, new: AnyEntry) -> AnyEntry:
    carried: dict[str, Any] = {name: value for name, value in _fields(new).items() if value not in ("", None, ())}
    for name in _LINKS:
        known, further = getattr(old, name), getattr(new, name)
        carried[name] = known if set(further) <= set(known) else tuple(dict.fromkeys((*known, *further)))
    kept = _fields(old)
    if old.kind != new.kind:
        allowed = {name for name in _SHARED_FIELDS if name in type(new).model_fields} | set(old.model_extra or {})
        kept = {name: value for name, value in kept.items() if name in allowed}
        carried = {"summary": ""} | carried if new.kind == "event" else carried
    return ENTRY.validate_python(kept | carried)


def _fields(entry: AnyEntry) -> dict[str, Any]:
    return entry.model_dump(exclude_defaults=True)
