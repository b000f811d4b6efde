"""Compute changes of a catalogue in memory: the new entries, with the links between them kept right."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from index.catalogue import Catalogue, problems_of, to_line
from index.errors import EditError
from index.models import ENTRY, AnyEntry

from .change import Change

LINKS = ("related_events", "related_guides", "steps")
"""The fields that hold ids of other entries."""


def validated(values: Mapping[str, Any], place: str) -> AnyEntry:
    """The entry with these fields.

    Raises:
        EditError: a field is missing or has an invalid value.
    """
    try:
        entry = ENTRY.validate_python(values)
        to_line(entry)
    except ValidationError as error:
        first, *more = problems_of(place, error)
        rest = f" (and {len(more)} more)" if more else ""
        raise EditError(f"{first}{rest}", hint="docs/catalogue.md lists the fields and their values") from None
    except ValueError:  # pydantic can write fewer levels than JSON can have
        raise EditError(f"{place}: nested too deeply") from None
    return entry


def replaced(catalogue: Catalogue, entry: AnyEntry) -> list[AnyEntry]:
    """All entries, with `entry` in the place of the one with its id."""
    return [entry if one.id == entry.id else one for one in catalogue.entries]


def without(catalogue: Catalogue, names: Sequence[str]) -> list[AnyEntry]:
    """All entries except those with the given ids, and without links to them."""
    gone = set(names)
    return [
        _with_links(entry, lambda links: [name for name in links if name not in gone])
        for entry in catalogue.entries
        if entry.id not in gone
    ]


def renamed(catalogue: Catalogue, old: str, new: str) -> list[AnyEntry]:
    """All entries, with a new id for one, which keeps the old one as a former id, and with the links to it.

    Raises:
        EditError: the new id is invalid or in use.
    """
    if new == old:
        raise EditError(f"the entry has the id {old!r} already", hint="name a new id")
    if new in catalogue.by_id:
        raise EditError(f"{new!r} is the id of another entry", hint=f"`almanac show {new}` shows it")
    if catalogue.moved.get(new, old) != old:
        raise EditError(
            f"{new!r} is a former id of {catalogue.moved[new]!r}, and its links would lead to another entry",
            hint="choose another id",
        )
    entry = catalogue.by_id[old]
    former = [name for name in (*entry.former_ids, old) if name != new]
    values = entry.model_dump(exclude_defaults=True) | {"kind": entry.kind, "id": new, "former_ids": former}
    moved = validated(values, old)
    return [
        _with_links(
            moved if one.id == old else one, lambda links: list(dict.fromkeys(new if x == old else x for x in links))
        )
        for one in catalogue.entries
    ]


def restored(catalogue: Catalogue, name: str, change: Change) -> list[AnyEntry]:
    """All entries, with one that a change removed, and with the links to it that the change took out.

    Raises:
        EditError: the id is in use again.
    """
    if catalogue.find(name) is not None:
        raise EditError(f"{name!r} is the id of an entry of the catalogue", hint=f"`almanac show {name}` shows it")
    entry = next(one.before for one in change.entries if one.id == name)
    assert entry is not None
    linking = {
        one.id: before
        for one in change.entries
        if one.action == "changed" and (before := one.before) is not None and name in before.links
    }
    entries = [_with_link_back(one, linking[one.id], name) if one.id in linking else one for one in catalogue.entries]
    return [*entries, entry]


def undone(catalogue: Catalogue, change: Change) -> tuple[list[AnyEntry], dict[str, str]]:
    """All entries as they were before a change, and for each entry that gets its former id back: the id it had.

    An entry that gets its former id back keeps the other id as a former one, so that links to it lead on.

    Raises:
        EditError: an entry of the change was changed again since.
    """
    back: dict[str, AnyEntry | None] = {}
    former_ids: dict[str, str] = {}
    for one in change.entries:
        now, before = catalogue.by_id.get(one.id), one.before
        if _without_former_ids(now) != _without_former_ids(one.after):
            raise EditError(
                f"{one.id!r} was changed again since change {change.number}",
                hint=f"undo the later changes first: `almanac history {one.id}` lists them",
            )
        if before is None and now is None:
            continue
        if before is not None and now is not None:
            known = dict.fromkeys((*before.former_ids, *now.former_ids, now.id))
            before = before.model_copy(update={"former_ids": tuple(name for name in known if name != before.id)})
        if one.former_id is not None and before is not None:
            if one.former_id in catalogue.by_id:
                raise EditError(f"{one.former_id!r} is the id of another entry now", hint="rename that one first")
            former_ids[before.id] = one.id
        back[one.id] = before
    entries = [
        entry
        for one in catalogue.entries
        for entry in [back.pop(one.id) if one.id in back else one]
        if entry is not None
    ]
    return [*entries, *(entry for entry in back.values() if entry is not None)], former_ids


def _without_former_ids(entry: AnyEntry | None) -> str | None:
    """The line of an entry without its former ids: they stay when a renaming is undone."""
    return to_line(entry.model_copy(update={"former_ids": ()})) if entry is not None else None


def _with_links(entry: AnyEntry, change: Callable[[Sequence[str]], list[str]]) -> AnyEntry:
    changed: dict[str, Any] = {}
    for field in LINKS:
        # An entry whose kind lacks the field may have it as an unknown field of any shape.
        links = getattr(entry, field) if field in type(entry).model_fields else ()
        if (new := tuple(change(links))) != links:
            changed[field] = new
    return entry.model_copy(update=changed) if changed else entry


def _with_link_back(entry: AnyEntry, before: AnyEntry, name: str) -> AnyEntry:
    """The entry with the links to `name` that it had before, near their old places."""
    changed: dict[str, Any] = {}
    for field in LINKS:
        if field in type(entry).model_fields and field in type(before).model_fields:
            had, has = list(getattr(before, field)), list(getattr(entry, field))
            if name in had and name not in has:
                has.insert(min(had.index(name), len(has)), name)
                changed[field] = tuple(has)
    return entry.model_copy(update=changed) if changed else entry
