"""The SQLite file of a journal: its schema, its transactions, and how a change is stored in it."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from index.catalogue import Catalogue, to_line
from index.errors import StorageError

from .change import Author, Change, EntryChange

_VERSION = 1
_BUSY_SECONDS = 10.0
_SCHEMA = """
create table change (
    number integer primary key autoincrement, at text not null, who text not null, command text not null,
    undoes integer, pending integer not null
) strict;
create table entry (
    change integer not null, id text not null, before text, after text, former text, primary key (change, id)
) strict, without rowid;
create index entry_id on entry (id, change);
create index entry_former on entry (former) where former is not null;
create table state (id text primary key, line text not null) strict, without rowid;
create table origin (id text primary key, source text not null) strict, without rowid;
create table meta (name text primary key, value text not null) strict, without rowid;
"""
Row = tuple[str, str | None, str | None, str | None]
"""One entry of a change as the table holds it: id, line before, line after, former id."""


@contextmanager
def connected(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection without an open transaction; creates the file and its tables if they do not exist.

    Raises:
        StorageError: the file cannot be read or written, or is damaged.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)) as database:
            if database.execute("pragma user_version").fetchone()[0] == 0:
                with transaction(database):
                    if database.execute("pragma user_version").fetchone()[0] == 0:
                        for statement in filter(str.strip, _SCHEMA.split(";")):
                            database.execute(statement)
                        database.execute(f"pragma user_version = {_VERSION}")
            yield database
    except (sqlite3.Error, OSError) as error:
        raise StorageError(
            f"cannot use the history of the catalogue, {path}: {error}",
            hint="check the space on the disk and the permissions of the folder; if the file is damaged, move it "
            "away: a new history begins, and the catalogue is not affected",
        ) from error


def lines(catalogue: Catalogue) -> dict[str, str]:
    """Each entry as a line of the catalogue file, by id."""
    return {entry.id: to_line(entry) for entry in catalogue.entries}


def differences(old: Mapping[str, str], new: Mapping[str, str], former_ids: Mapping[str, str]) -> Iterator[Row]:
    """The entries that differ. A renamed entry is one row, under its new id."""
    renamed = set(former_ids.values())
    for name, line in new.items():
        former = former_ids.get(name)
        before = old.get(former or name)
        if before != line:
            yield name, before, line, former
    for name, line in old.items():
        if name not in new and name not in renamed:
            yield name, line, None, None


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """One transaction that writes; rolled back on an error."""
    database.execute("begin immediate")
    try:
        yield
        database.execute("commit")
    finally:
        if database.in_transaction:
            database.execute("rollback")


def insert(
    database: sqlite3.Connection, author: Author, rows: Iterable[Row], *, undoes: int | None, pending: bool
) -> int:
    """Record a change; returns its number."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    number = database.execute(
        "insert into change (at, who, command, undoes, pending) values (?, ?, ?, ?, ?)",
        (now, author.who, author.command, undoes, int(pending)),
    ).lastrowid
    assert number is not None
    database.executemany("insert into entry values (?, ?, ?, ?, ?)", ((number, *row) for row in rows))
    return number


def discard(database: sqlite3.Connection, number: int) -> None:
    """Remove the record of a change that was not made."""
    database.execute("delete from entry where change = ?", (number,))
    database.execute("delete from change where number = ?", (number,))


def complete(database: sqlite3.Connection, number: int, rows: Iterable[Row], catalogue_hash: str) -> None:
    """Mark a change as done: the catalogue file has its entries."""
    database.execute("update change set pending = 0 where number = ?", (number,))
    set_state(database, rows, catalogue_hash)


def set_state(database: sqlite3.Connection, rows: Iterable[Row], catalogue_hash: str) -> None:
    """Store which entries the catalogue file has, after a change with these rows."""
    for name, _, after, former in rows:
        if former is not None:
            database.execute("delete from state where id = ?", (former,))
            database.execute("update or replace origin set id = ? where id = ?", (name, former))
        if after is None:
            database.execute("delete from state where id = ?", (name,))
        else:
            database.execute("insert or replace into state values (?, ?)", (name, after))
    database.execute("insert or replace into meta values ('hash', ?)", (catalogue_hash,))


def set_origins(database: sqlite3.Connection, origins: Mapping[str, str], catalogue: Catalogue) -> None:
    """Store from which source entries came, by id; entries that the catalogue does not have are left out."""
    known = ((name, source) for name, source in origins.items() if name in catalogue.by_id)
    database.executemany("insert or replace into origin values (?, ?)", known)


def read(database: sqlite3.Connection, number: int, only: Iterable[str] = ()) -> Change:
    """The change with a number, with all its entries or only those with the given ids."""
    at, who, command, undoes = database.execute(
        "select at, who, command, undoes from change where number = ?", (number,)
    ).fetchone()
    rows = database.execute("select id, before, after, former from entry where change = ? order by id", (number,))
    names = set(only)
    entries = tuple(EntryChange(*row) for row in rows if not names or row[0] in names)
    return Change(number, at, Author(who, command), undoes, entries)
