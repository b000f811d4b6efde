"""The journal of a catalogue: a SQLite file beside the catalogue file that records every change of an entry.

CATALOGUE.jsonl             the entries
CATALOGUE.jsonl.history     who changed which entries when, with each entry before and after

A change is written in three steps: it is recorded as pending, the catalogue file is replaced by one rename, and the
change is marked as done. A process may be killed between any two of them. The next one that opens the journal sees in
the catalogue file whether the change was made, and completes or discards the record. If the file was changed by another
program, the difference is recorded as a change of its own.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

from index import catalogue as catalogues
from index.catalogue import Catalogue
from index.errors import EditError
from index.models import AnyEntry

from .change import Author, Change
from .journal_file import (
    complete,
    connected,
    differences,
    discard,
    insert,
    lines,
    read,
    set_origins,
    set_state,
    transaction,
)

SUFFIX = ".history"
"""What the name of a journal adds to the name of its catalogue. Not `.jsonl`: a folder of such files is a catalogue."""
OUTSIDE = "outside of almanac"
"""The command of a change that another program made in the catalogue file."""
REMOVE = "rm"
"""The command with which an editor removes an entry. An import does not bring back such an entry."""
RESTORE = "restore"
"""The command that brings back a removed entry."""


class Journal:
    """The journal of one catalogue file. The caller of `save` and `reconcile` holds the lock of the catalogue.

    Args:
        catalogue_file: The catalogue file, which need not exist.
    """

    def __init__(self, catalogue_file: Path) -> None:
        self.catalogue_file = catalogue_file
        resolved = catalogue_file.resolve()
        self.path = resolved.with_name(f"{resolved.name}{SUFFIX}")

    def exists(self) -> bool:
        """Whether any change was recorded."""
        return self.path.is_file()

    def save(
        self,
        old: Catalogue,
        entries: Iterable[AnyEntry],
        author: Author,
        *,
        undoes: int | None = None,
        former_ids: Mapping[str, str] | None = None,
        origins: Mapping[str, str] | None = None,
    ) -> int:
        """Record a change and write the catalogue file.

        Args:
            old: The entries in the file now.
            entries: The new entries, in the order of the file.
            author: Who makes the change.
            undoes: The number of the change that this one undoes.
            former_ids: For each renamed entry, by its new id: its id before.
            origins: The source of entries, by id, where an import knows it.

        Returns:
            The number of the change.

        Raises:
            StorageError: the journal or the catalogue cannot be written; the catalogue is unchanged.
        """
        new = Catalogue(tuple(entries))
        with connected(self.path) as database:
            self._reconcile(database, old)
            renamed = former_ids or {}
            rows = list(differences(lines(old), lines(new), renamed))
            with transaction(database):
                number = insert(database, author, rows, undoes=undoes, pending=True)
            try:
                catalogues.save(self.catalogue_file, new.entries)
            except BaseException:
                with transaction(database):
                    discard(database, number)
                raise
            with transaction(database):
                complete(database, number, rows, new.hash)
                set_origins(database, origins or {}, new)
        return number

    def reconcile(self, catalogue: Catalogue) -> None:
        """Complete or discard the record of a killed process, and record what another program changed in the file.

        Args:
            catalogue: The entries in the file now.

        Raises:
            StorageError: the journal cannot be read or written.
        """
        with connected(self.path) as database:
            self._reconcile(database, catalogue)

    def changes(self, *, entry_id: str | None = None, top: int | None = None) -> tuple[Change, ...]:
        """The recorded changes, newest first.

        Args:
            entry_id: Only changes of the entry with this id, and of the ids that it had before.
            top: The largest number of changes.

        Raises:
            StorageError: the journal cannot be read.
        """
        if not self.exists():
            return ()
        with connected(self.path) as database:
            if entry_id is None:
                rows = database.execute(
                    "select number from change where not pending order by number desc limit ?", (top or -1,)
                ).fetchall()
                return tuple(read(database, number) for (number,) in rows)
            numbers: dict[int, set[str]] = {}
            ids, todo = {entry_id}, [entry_id]
            while todo:
                name = todo.pop()
                for number, former in database.execute("select change, former from entry where id = ?", (name,)):
                    numbers.setdefault(number, set()).add(name)
                    if former is not None and former not in ids:
                        ids.add(former)
                        todo.append(former)
            chosen = sorted(numbers, reverse=True)[:top]
            return tuple(change for change in (read(database, n, numbers[n]) for n in chosen) if change.entries)

    def change(self, number: int) -> Change:
        """The change with a number.

        Raises:
            EditError: there is none.
        """
        if self.exists():
            with connected(self.path) as database:
                found = database.execute("select 1 from change where number = ? and not pending", (number,)).fetchone()
                if found:
                    return read(database, number)
        raise EditError(f"there is no change with the number {number}", hint="`almanac history` lists the changes")

    def undoable(self) -> int | None:
        """The number of the latest change that is not undone and does not itself undo one; None if there is none."""
        if not self.exists():
            return None
        with connected(self.path) as database:
            row = database.execute(
                "select max(number) from change where undoes is null and not pending and number not in ("
                "select undoes from change c where undoes is not null and not pending"
                " and not exists (select 1 from change d where d.undoes = c.number and not d.pending))"
            ).fetchone()
        return int(row[0]) if row[0] is not None else None

    def removed(self) -> dict[str, Change]:
        """The entries that were in the catalogue and are no longer, by id, each with the change that removed it.

        Raises:
            StorageError: the journal cannot be read.
        """
        if not self.exists():
            return {}
        with connected(self.path) as database:
            rows = database.execute(
                "select id, change from entry e where after is null and id not in (select id from state)"
                " and change = (select max(change) from entry where id = e.id)"
                " and change in (select number from change where not pending)"
            ).fetchall()
            changes = {number: read(database, number) for number in {number for _, number in rows}}
        return {name: changes[number] for name, number in rows}

    def was_removed(self, entry_id: str) -> bool:
        """Whether an entry with this id was in the catalogue and is no longer. Cheap, for use in requests.

        An id that an entry had before a rename counts, too.

        Raises:
            StorageError: the journal cannot be read.
        """
        if not self.exists():
            return False
        with connected(self.path) as database:
            row = database.execute(
                "select exists (select 1 from entry where id = ?1 or former = ?1)"
                " and not exists (select 1 from state where id = ?1)",
                (entry_id,),
            ).fetchone()
        return bool(row[0])

    def withheld(self) -> dict[str, AnyEntry]:
        """The entries that an editor removed, by id, as they were: an import does not bring them back.

        These are entries removed with `rm`, and those whose restoring was undone.
        """
        withheld = {
            name: entry
            for name, change in self.removed().items()
            if self._is_by_an_editor(change)
            for one in change.entries
            if one.id == name and (entry := one.before) is not None
        }
        # A source may know such an entry by an id that it had before a renaming.
        former = {name: entry for entry in withheld.values() for name in entry.former_ids}
        return former | withheld

    def _is_by_an_editor(self, removal: Change) -> bool:
        if removal.undoes is not None:
            return self.change(removal.undoes).author.command.startswith(f"{RESTORE} ")
        return removal.author.command.startswith(f"{REMOVE} ")

    def from_source(self, source: str) -> frozenset[str]:
        """The ids of the entries that imports recorded as coming from a source."""
        if not self.exists():
            return frozenset()
        with connected(self.path) as database:
            return frozenset(name for (name,) in database.execute("select id from origin where source = ?", (source,)))

    def _reconcile(self, database: sqlite3.Connection, catalogue: Catalogue) -> None:
        known = database.execute("select value from meta where name = 'hash'").fetchone()
        pending = [number for (number,) in database.execute("select number from change where pending")]
        if known and known[0] == catalogue.hash and not pending:
            return
        now = lines(catalogue)
        with transaction(database):
            for number in pending:
                changed = database.execute(
                    "select id, before, after, former from entry where change = ?", (number,)
                ).fetchall()
                if all(now.get(name) == after for name, _, after, _ in changed):
                    complete(database, number, changed, catalogue.hash)
                else:
                    discard(database, number)
            state = dict(database.execute("select id, line from state"))
            rows = list(differences(state, now, {}))
            if rows and known is not None:
                number = insert(database, Author("unknown", OUTSIDE), rows, undoes=None, pending=False)
                complete(database, number, rows, catalogue.hash)
            else:
                set_state(database, rows, catalogue.hash)
