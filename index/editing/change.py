"""A recorded change of the catalogue: who made it, when, with which command, and each entry before and after."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from index.models import ENTRY, AnyEntry

Action = Literal["added", "changed", "renamed", "removed"]


@dataclass(frozen=True, slots=True)
class Author:
    """Who makes a change, and with which command."""

    who: str
    command: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of an entry before and after; None where the entry does not have it."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class EntryChange:
    """One entry of a change. The entry before and after is stored as a line of the catalogue file.

    `line_before` is None if it was added, `line_after` if it was removed. `former_id` is its id before the change if
    the change renamed it, else None.
    """

    id: str
    line_before: str | None
    line_after: str | None
    former_id: str | None = None

    @property
    def action(self) -> Action:
        """What happened to the entry."""
        if self.former_id is not None:
            return "renamed"
        if self.line_before is None:
            return "added"
        return "removed" if self.line_after is None else "changed"

    @property
    def before(self) -> AnyEntry | None:
        """The entry before the change; None if it was added."""
        return entry_of(self.line_before) if self.line_before is not None else None

    @property
    def after(self) -> AnyEntry | None:
        """The entry after the change; None if it was removed."""
        return entry_of(self.line_after) if self.line_after is not None else None

    def fields(self) -> Iterator[FieldChange]:
        """The fields that differ, in the order of the entry after the change."""
        before: dict[str, Any] = json.loads(self.line_before) if self.line_before else {}
        after: dict[str, Any] = json.loads(self.line_after) if self.line_after else {}
        for name in dict.fromkeys((*after, *before)):
            if before.get(name) != after.get(name):
                yield FieldChange(name, before.get(name), after.get(name))


@dataclass(frozen=True, slots=True)
class Change:
    """One recorded change: its number, when (UTC) and by whom it was made, with which command, and its entries."""

    number: int
    at: str
    author: Author
    undoes: int | None
    """The number of the change that this one undoes."""
    entries: tuple[EntryChange, ...]

    def as_dict(self, *, with_fields: bool) -> dict[str, Any]:
        """The JSON object of `almanac history --json`.

        Args:
            with_fields: Whether each entry has its fields before and after.
        """
        entries = [
            {"id": one.id, "action": one.action, "former_id": one.former_id}
            | ({"fields": [asdict(field) for field in one.fields()]} if with_fields else {})
            for one in self.entries
        ]
        return {
            "number": self.number,
            "at": self.at,
            "who": self.author.who,
            "command": self.author.command,
            "undoes": self.undoes,
            "entries": entries,
        }


def entry_of(line: str) -> AnyEntry:
    """The entry in a line of the catalogue file that was valid when it was recorded."""
    return ENTRY.validate_python(json.loads(line))
