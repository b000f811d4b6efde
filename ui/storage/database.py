"""The SQLite file for shared answers and feedback: its schema, migrations, connections and size."""

import logging
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from index.errors import KeptFullError, StorageError

log = logging.getLogger(__name__)

FILE = "kept.sqlite"
VERSION = 2
PAGE_BYTES = 4096
"""SQLite's default page size."""
BUSY_SECONDS = 3.0
"""How long a connection waits for another program that is writing."""
_VACUUM_PAGES = 256
"""Pages that one step returns to the disk: a megabyte."""
_MAX_WAL_BYTES = 4 << 20
"""Size to which SQLite cuts the write-ahead log after a checkpoint."""
_MAX_REWRITE_BYTES = 64 << 20
"""A file of version 1 up to this size is rewritten when it is opened, in under a second. `compact` rewrites a larger one."""
_MIN_FREE_BYTES = 1 << 20
"""If the disk has less free space than this, a "full" error is the disk's and not the file's limit."""

_MIGRATIONS = (
    """
    create table shared (id text primary key, at text not null, answer text not null) strict;
    create table feedback (
        id text primary key, answer_id text not null, at text not null, rating text not null, reason text, note text,
        question text, status text not null, intent text not null, mode text not null, level text not null,
        cited text not null, catalogue text not null
    ) strict;
    create index feedback_at on feedback (at);
    """,
    # The facts about a shared answer have a table of their own, because they change while its long text does not.
    # `client` is a keyed hash that is meaningless after its day. It is null for rows of the owner and of version 1.
    """
    create table shared_about (
        id text primary key, seen text not null, client text, size integer not null, again text
    ) strict, without rowid;
    create index shared_seen on shared_about (seen);
    create index shared_client on shared_about (client, seen);
    insert into shared_about (id, seen, size) select id, at, 0 from shared;
    alter table feedback add column client text;
    alter table feedback add column size integer not null default 0;
    create index feedback_client on feedback (client, at);
    create table client (
        id text primary key, day text not null, bytes integer not null, made integer not null, hour text not null,
        made_in_hour integer not null
    ) strict, without rowid;
    create index client_bytes on client (bytes);
    create table day_key (day text primary key, key blob not null) strict, without rowid;
    create trigger shared_gone after delete on shared begin delete from shared_about where id = old.id; end;
    create trigger shared_more after insert on shared_about when new.client is not null
        begin update client set bytes = bytes + new.size where id = new.client; end;
    create trigger shared_less after delete on shared_about when old.client is not null
        begin update client set bytes = bytes - old.size where id = old.client; end;
    create trigger feedback_more after insert on feedback when new.client is not null
        begin update client set bytes = bytes + new.size where id = new.client; end;
    create trigger feedback_less after delete on feedback when old.client is not null
        begin update client set bytes = bytes - old.size where id = old.client; end;
    """,
)
"""The scripts that lead from each version to the next, starting with an empty file."""
MOVE_AWAY_HINT = (
    "move the file away; a new one is made without its shared answers and feedback, and nothing else is lost"
)


class StorageFile:
    """The file, created by the first write. Several threads and processes may use it at the same time.

    Args:
        folder: The data folder.
        max_bytes: The largest size of the file.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.path = folder / FILE
        self._pages = max(1, max_bytes // PAGE_BYTES)

    def exists(self) -> bool:
        """Whether the file exists: whether anything was ever stored."""
        return self.path.exists()

    @contextmanager
    def open(self, *, write: bool = False, patience: float | None = None) -> Iterator[sqlite3.Connection]:
        """A connection with one transaction, which is committed at the end of the block or rolled back on an error.

        Args:
            write: Whether the transaction writes.
            patience: Seconds to wait for another program that is writing. Default: `BUSY_SECONDS`.

        Raises:
            StorageError: the file cannot be read or written, another program locks it, or it is damaged.
            KeptFullError: the file has reached its largest size.
        """
        with self._connected(write=write, patience=patience) as database:
            database.execute("begin immediate" if write else "begin")
            try:
                yield database
                database.execute("commit")
            finally:
                if database.in_transaction:
                    database.execute("rollback")
            if write:
                try:
                    _return_space(database)
                except sqlite3.OperationalError as error:
                    # The transaction is committed. Another program is writing already and will return the space.
                    log.debug("no space returned to the disk: %s", error)

    def shrink(self) -> None:
        """Return all empty pages to the disk, a megabyte at a time so that other writers get their turn."""
        while True:
            with self._connected(write=True) as database:
                if not _return_space(database):
                    database.execute("pragma wal_checkpoint(truncate)").fetchall()
                    return

    def rewrite(self) -> None:
        """Rewrite the whole file without gaps. Other writers wait, some seconds for a large file."""
        with self._connected(write=True) as database:
            _vacuum(database)
            database.execute("pragma wal_checkpoint(truncate)").fetchall()

    @contextmanager
    def _connected(self, *, write: bool, patience: float | None = None) -> Iterator[sqlite3.Connection]:
        try:
            if write:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                # Readers' notes are private: only this user may read the file. (Windows ignores the mode.)
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            wait = BUSY_SECONDS if patience is None else patience
            with closing(sqlite3.connect(self.path, timeout=wait, isolation_level=None)) as database:
                database.execute(f"pragma journal_size_limit = {_MAX_WAL_BYTES}")
                database.execute("pragma secure_delete = on")  # overwrites deleted text
                self._prepare(database)
                # Set after the migration, which may need more pages than the limit allows.
                database.execute(f"pragma max_page_count = {self._pages}")
                yield database
        except (sqlite3.Error, OSError) as error:
            raise self._as_storage_error(error) from error

    def _prepare(self, database: sqlite3.Connection) -> None:
        """Migrate the file to the version of this program."""
        if _version(database) == VERSION:
            return
        if _version(database) == 0:
            database.execute("pragma auto_vacuum = incremental")  # has no effect after the first table is created
        _set_mode(database)
        database.execute("begin immediate")
        before = _version(database)  # another process may have migrated it meanwhile
        if before > VERSION:
            database.execute("rollback")
            raise StorageError(
                f"{self.path} was written by a newer version of this program",
                hint="update this program, or move the file away",
            )
        try:
            for number in range(before, VERSION):
                for statement in _statements(_MIGRATIONS[number]):
                    database.execute(statement)
            database.execute(f"pragma user_version = {VERSION}")
            database.execute("commit")
        finally:
            if database.in_transaction:
                database.execute("rollback")
        if before == 1 and self.path.stat().st_size <= _MAX_REWRITE_BYTES:
            _vacuum(database)

    def _as_storage_error(self, error: Exception) -> StorageError:
        """The error with a hint how to fix it."""
        code = _code(error)
        if code == sqlite3.SQLITE_FULL and shutil.disk_usage(self.path.parent).free > _MIN_FREE_BYTES:
            return KeptFullError(f"{self.path} has reached its largest size")
        hint = StorageError.hint
        if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            hint = "another program is writing to it; try again in a moment"
        elif code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            hint = MOVE_AWAY_HINT
        return StorageError(f"cannot use {self.path}: {error}", hint=hint)


def used_bytes(database: sqlite3.Connection) -> int:
    """Bytes of all pages in use."""
    return (int(database.execute("pragma page_count").fetchone()[0]) - free_pages(database)) * PAGE_BYTES


def free_pages(database: sqlite3.Connection) -> int:
    """The number of empty pages."""
    return int(database.execute("pragma freelist_count").fetchone()[0])


def _return_space(database: sqlite3.Connection) -> bool:
    """Return up to a megabyte of empty pages to the disk. Returns whether more are left."""
    if not free_pages(database) or not int(database.execute("pragma auto_vacuum").fetchone()[0]):
        return False
    database.execute(f"pragma incremental_vacuum({_VACUUM_PAGES})").fetchall()  # runs only while its rows are fetched
    return free_pages(database) > 0


def _vacuum(database: sqlite3.Connection) -> None:
    database.execute("pragma auto_vacuum = incremental")  # takes effect with `vacuum`
    database.execute("vacuum")


def _statements(script: str) -> Iterator[str]:
    """Split a script into statements. Semicolons inside a trigger do not end a statement."""
    statement = ""
    for part in script.split(";"):
        statement += part
        if sqlite3.complete_statement(f"{statement};"):
            if statement.strip():
                yield statement
            statement = ""
        else:
            statement += ";"


def _set_mode(database: sqlite3.Connection) -> None:
    """Switch to write-ahead logging, so that reading and writing do not block each other.

    SQLite's own timeout does not apply to this pragma, so this function retries.
    """
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            database.execute("pragma journal_mode = wal")
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("pragma user_version").fetchone()[0])


def _code(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
