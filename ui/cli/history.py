"""Commands that look at the catalogue and its history: `list`, `show`, `history`."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from index.errors import EditError, RemovedEntryError

from . import terminal
from .control_characters import one_line
from .shared import (
    CatalogueOption,
    JsonOption,
    KindOption,
    OrganisationOption,
    SinceOption,
    TopicOption,
    UntilOption,
    app,
    load_settings,
    read_catalogue,
)

if TYPE_CHECKING:
    from pathlib import Path

    from index.editing.change import Change, EntryChange
    from index.editing.journal import Journal
    from index.models import AnyEntry

_MAX_ENTRIES_SHOWN = 5
_MAX_VALUE = 300
"""Characters of a field's value that `history ID` prints."""


@app.command("list")
def list_(
    kind: KindOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    organisation: OrganisationOption = None,
    topic: TopicOption = None,
    removed: Annotated[
        bool, typer.Option("--removed", help="List the removed entries, which `almanac restore` brings back.")
    ] = False,
    catalogue: CatalogueOption = None,
    as_json: JsonOption = False,
) -> None:
    """List entries, newest first. Reads the catalogue file, not the index."""
    from assistant.answer import Filters
    from assistant.retrieval import filters
    from index.catalogue import newest_first

    wanted = Filters(
        tuple(name.value for name in kind or ()), since, until, tuple(organisation or ()), tuple(topic or ())
    )
    filters.check("entries", wanted)
    if removed:
        _list_removed(_journal(catalogue), as_json=as_json)
        return
    entries = newest_first([entry for entry in read_catalogue(catalogue).entries if filters.matches(entry, wanted)])
    if as_json:
        rows = [
            {"entry_id": entry.id, "kind": entry.kind, "title": entry.title, "date": entry.date} for entry in entries
        ]
        terminal.show(terminal.in_json({"total": len(rows), "entries": rows}))
    else:
        terminal.show("\n".join(map(_line, entries)) or "No entry matches.")


@app.command()
def show(
    entry_id: Annotated[str, typer.Argument(metavar="ID", help="Id of an entry.")],
    catalogue: CatalogueOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one entry with all its fields."""
    from assistant.retrieval import filters
    from index.catalogue import to_line

    loaded, journal = read_catalogue(catalogue), _journal(catalogue)
    if loaded.find(entry_id) is None and journal.was_removed(entry_id):
        raise RemovedEntryError(entry_id, hint=f"`almanac restore {entry_id}` brings it back")
    entry = filters.entry(loaded, entry_id)
    if entry.id != entry_id:
        terminal.say(f"note: {entry_id} was renamed to {entry.id}")
    values = json.loads(to_line(entry))
    terminal.show(terminal.in_json(values) if as_json else "\n".join(_field_lines(values)))


@app.command()
def history(
    entry_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Only changes of this entry, field by field.")
    ] = None,
    top: Annotated[int, typer.Option(min=1, max=100_000, help="Maximum number of changes, newest first.")] = 20,
    catalogue: CatalogueOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the changes of the catalogue: when, by whom, with which command. `almanac undo CHANGE` undoes one."""
    journal = _journal(catalogue)
    changes = journal.changes(entry_id=entry_id, top=top)
    if entry_id is not None and not changes:
        known = read_catalogue(catalogue).find(entry_id)
        if known is None:
            raise EditError(f"no entry has or had the id {entry_id!r}", hint="`almanac list` lists the entries")
    if as_json:
        terminal.show(terminal.in_json([change.as_dict(with_fields=entry_id is not None) for change in changes]))
        return
    parts = [in_words(change) if entry_id is None else _in_full(change) for change in changes]
    terminal.show("\n".join(parts) or "No change is recorded yet.")


def in_words(change: "Change") -> str:
    """A change in a few lines: its number, time, author and command, and its first entries."""
    lines = [_head(change)]
    by_action: dict[str, list[EntryChange]] = {}
    for one in change.entries:
        by_action.setdefault(one.action, []).append(one)
    for action, entries in by_action.items():
        names = ", ".join(map(_name, entries[:_MAX_ENTRIES_SHOWN]))
        more = f" … and {len(entries) - _MAX_ENTRIES_SHOWN} more" if len(entries) > _MAX_ENTRIES_SHOWN else ""
        lines.append(f"    {action}: {names}{more}")
    return "\n".join(lines)


def _in_full(change: "Change") -> str:
    lines = [_head(change)]
    for one in change.entries:
        lines.append(f"    {one.action}: {_name(one)}")
        if one.action in {"changed", "renamed"}:
            for field in one.fields():
                lines.append(f"      {one_line(field.field)}: {_shown(field.before)}")
                lines.append(f"        -> {_shown(field.after)}")
    return "\n".join(lines)


def _head(change: "Change") -> str:
    at = change.at[:19].replace("T", " ")
    return f"{change.number}  {at}  {one_line(change.author.who)}  {one_line(change.author.command)}"


def _name(one: "EntryChange") -> str:
    return f"{one.former_id} -> {one.id}" if one.former_id else one.id


def _shown(value: object) -> str:
    if value is None:
        return "(none)"
    text = one_line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return text if len(text) <= _MAX_VALUE else f"{text[:_MAX_VALUE]}…"


def _line(entry: "AnyEntry") -> str:
    return f"{entry.date or '-':10}  {entry.kind:5}  {entry.id}  {one_line(entry.title)}"


def _field_lines(values: dict[str, Any]) -> "list[str]":
    return [
        f"{one_line(name)}: {one_line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))}"
        for name, value in values.items()
    ]


def _list_removed(journal: "Journal", *, as_json: bool) -> None:
    rows = [
        {
            "entry_id": name,
            "title": one.before.title,
            "removed_at": change.at,
            "who": change.author.who,
            "change": change.number,
        }
        for name, change in sorted(journal.removed().items(), key=lambda pair: -pair[1].number)
        for one in change.entries
        if one.id == name and one.before is not None
    ]
    if as_json:
        terminal.show(terminal.in_json(rows))
        return
    lines = [f"{str(row['removed_at'])[:10]}  {row['entry_id']}  {one_line(str(row['title']))}" for row in rows]
    terminal.show("\n".join(lines) or "No entry was removed.")


def _journal(catalogue: "Path | None") -> "Journal":
    from index.editing.journal import Journal

    settings = load_settings()
    if catalogue is not None:
        settings = settings.model_copy(update={"catalogue": catalogue})
    return Journal(settings.catalogue_file)
