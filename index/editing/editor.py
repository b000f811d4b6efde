"""Changes the catalogue file: each change is made under the lock of the catalogue and recorded in its journal."""

import difflib
import getpass
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from index import files
from index.catalogue import Catalogue, to_line
from index.errors import EditError, RemovedEntryError, UnknownEntryError
from index.importers.target import read_target, writing
from index.models import AnyEntry

from . import edits
from .change import Author, Change
from .journal import REMOVE, RESTORE, Journal

_STARTER_HINT = (
    "the starter catalogue cannot be changed; copy it first: `almanac export copy.jsonl`, `almanac import copy.jsonl`"
)


def current_user() -> str:
    """The name of the user who runs the program, as the system knows it; "unknown" if it does not."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container may run with a user id that has no name
        return "unknown"


class Editor:
    """Edits, removes, renames and restores entries, and undoes changes.

    Every method returns the change that it recorded. Every method raises:
        EditError: the change is not possible; the message says why.
        UnknownEntryError: no entry has this id. RemovedEntryError: it was removed.
        CatalogueBusyError, CatalogueError, StorageError: the catalogue cannot be locked, read or written.

    Args:
        catalogue_file: The catalogue file.
        data: The data folder, which has the lock of the catalogue.
        who: The name that the journal records.
    """

    def __init__(self, catalogue_file: Path, data: Path, who: str | None = None) -> None:
        self._file, self._data = catalogue_file, data
        self._who = who or current_user()
        self.journal = Journal(catalogue_file)

    def read(self) -> Catalogue:
        """The entries in the catalogue file."""
        if not self._file.is_file():
            raise EditError(f"there is no catalogue file {self._file}", hint=_STARTER_HINT)
        return read_target(self._file)

    def entry(self, catalogue: Catalogue, name: str) -> AnyEntry:
        """The entry with an id, which may be a former one."""
        found = catalogue.find(name)
        if found is not None:
            return found
        if self.journal.was_removed(name):
            raise RemovedEntryError(name, hint=f"`almanac restore {name}` brings it back")
        raise UnknownEntryError(name, tuple(difflib.get_close_matches(name, catalogue.by_id, n=2, cutoff=0.75)))

    def edit(self, seen: AnyEntry, values: Mapping[str, Any]) -> Change | None:
        """Replace the fields of an entry.

        Args:
            seen: The entry as it was when the edit began; if it has changed since, the edit is refused.
            values: All its fields. Its id and its kind must be the same.

        Returns:
            The change; None if the fields are the same.
        """
        if values.get("id") != seen.id:
            raise EditError("an edit cannot change the id", hint=f"almanac rename {seen.id} NEW-ID")
        if values.get("kind") != seen.kind:
            raise EditError(
                f"an edit cannot change the kind of {seen.id!r}",
                hint="remove the entry and import one of the other kind under another id",
            )
        entry = edits.validated(values, seen.id)
        if to_line(entry) == to_line(seen):
            return None

        def change(catalogue: Catalogue) -> Sequence[AnyEntry]:
            if to_line(self.entry(catalogue, seen.id)) != to_line(seen):
                raise EditError(f"{seen.id!r} was changed by somebody else meanwhile", hint="edit the new version")
            return edits.replaced(catalogue, entry)

        return self._write(f"edit {seen.id}", change)

    def remove(self, names: Sequence[str]) -> Change:
        """Remove entries, and the links to them."""

        def change(catalogue: Catalogue) -> Sequence[AnyEntry]:
            return edits.without(catalogue, [self.entry(catalogue, name).id for name in names])

        return self._write(f"{REMOVE} {' '.join(names)}", change)

    def rename(self, old: str, new: str) -> Change:
        """Give an entry a new id. The old one stays a former id, which redirects to the new one."""
        former_ids: dict[str, str] = {}

        def change(catalogue: Catalogue) -> Sequence[AnyEntry]:
            entry = self.entry(catalogue, old)
            former_ids[new] = entry.id
            return edits.renamed(catalogue, entry.id, new)

        return self._write(f"rename {old} {new}", change, former_ids=former_ids)

    def restore(self, name: str) -> Change:
        """Bring back an entry that was removed, with the links to it."""

        def change(catalogue: Catalogue) -> Sequence[AnyEntry]:
            removal = self.journal.removed().get(name)
            if removal is None:
                self.entry(catalogue, name)
                raise EditError(f"{name!r} was not removed", hint=f"`almanac show {name}` shows it")
            return edits.restored(catalogue, name, removal)

        return self._write(f"{RESTORE} {name}", change)

    def undo(self, number: int | None = None) -> Change:
        """Undo a change.

        Args:
            number: Its number; by default the latest that is not undone and does not itself undo one.
        """
        former_ids: dict[str, str] = {}

        def change(catalogue: Catalogue) -> Sequence[AnyEntry]:
            nonlocal number
            number = number if number is not None else self.journal.undoable()
            if number is None:
                raise EditError("there is nothing to undo", hint="`almanac history` lists the changes")
            entries, former = edits.undone(catalogue, self.journal.change(number))
            former_ids.update(former)
            return entries

        # The number is known only under the lock.
        return self._write(lambda: f"undo {number}", change, former_ids=former_ids, undoes=lambda: number)

    def replace_all(self, entries: Iterable[AnyEntry], command: str) -> Change | None:
        """Replace the whole catalogue; None if it has these entries already."""
        new = tuple(entries)
        old = self.read()
        if Catalogue(new, aliases=old.aliases).hash == old.hash:
            return None
        return self._write(command, lambda _: new)

    def _write(
        self,
        command: "str | Callable[[], str]",
        change: Callable[[Catalogue], Sequence[AnyEntry]],
        *,
        former_ids: Mapping[str, str] | None = None,
        undoes: Callable[[], int | None] = lambda: None,
    ) -> Change:
        with writing(self._data):
            files.clear_parts(self._file)
            old = self.read()
            self.journal.reconcile(old)
            entries = change(old)
            if not entries:
                raise EditError("the catalogue would have no entry left", hint="import other entries first")
            author = Author(self._who, command if isinstance(command, str) else command())
            number = self.journal.save(old, entries, author, undoes=undoes(), former_ids=former_ids)
            return self.journal.change(number)
