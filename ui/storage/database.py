"""The SQLite file under `ui/kept.py`: its schema, its versions, one connection for one thing to be done."""

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
PAGE = 4096
"""Bytes of a page."""
BUSY_SECONDS = 3.0
"""How long another program that writes is waited for."""
_STEP = 256
"""Pages given back to the disk at once: a megabyte."""
_WAL = 4 << 20
"""Bytes that the log beside the file keeps after it has been written back."""
_QUICK = 64 << 20
"""Bytes of a file of version 1 that is rewritten when it is opened, in under a second; a larger one by `compact`."""
_ROOM = 1 << 20
"""Bytes; where less is left on the disk, that is why the file cannot grow."""

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
    # What is kept of a shared answer besides its text stands in a table of its own: it changes, and the text is long.
    # `client` is a keyed hash that means nothing after its day; null: kept by the owner, or before there were quotas.
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
"""From no version to the first, from the first to the second."""
AWAY = "move the file away: shared answers and feedback start again without it, and nothing else is lost"


class StorageFile:
    """The file; made when something is written first. Safe to use from threads and processes at once.

    Args:
        folder: The data folder.
        largest: Bytes that the file may have.
    """

    def __init__(self, folder: Path, largest: int) -> None:
        self.path = folder / FILE
        self._pages = max(1, largest // PAGE)

    def exists(self) -> bool:
        """Whether anything was ever kept."""
        return self.path.exists()

    @contextmanager
    def open(self, *, write: bool = False, patience: float | None = None) -> Iterator[sqlite3.Connection]:
        """A connection for one thing to be done, whole or not at all.

        Args:
            write: Whether something will be written.
            patience: Seconds that another program is waited for; `BUSY_SECONDS` by default.

        Raises:
            StorageError: the disk refused, another program holds the file, or it is damaged.
            KeptFullError: the file has reached the size that is allowed.
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
                    _give_back(database)
                except sqlite3.OperationalError as error:
                    # What was to be done is done; another program is writing already, and will give back more.
                    log.debug("no space given back: %s", error)

    def shrink(self) -> None:
        """Give all pages that deleting has emptied back to the disk, a megabyte at a time: others get their turn."""
        while True:
            with self._connected(write=True) as database:
                if not _give_back(database):
                    database.execute("pragma wal_checkpoint(truncate)").fetchall()
                    return

    def rewrite(self) -> None:
        """Write the whole file again without its gaps; others wait, for some seconds where it is large."""
        with self._connected(write=True) as database:
            _vacuum(database)
            database.execute("pragma wal_checkpoint(truncate)").fetchall()

    @contextmanager
    def _connected(self, *, write: bool, patience: float | None = None) -> Iterator[sqlite3.Connection]:
        try:
            if write:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                # A note may say more than its writer thought: nobody else on this machine reads it.
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            wait = BUSY_SECONDS if patience is None else patience
            with closing(sqlite3.connect(self.path, timeout=wait, isolation_level=None)) as database:
                database.execute(f"pragma journal_size_limit = {_WAL}")
                database.execute("pragma secure_delete = on")  # what is deleted is overwritten
                self._prepare(database)
                # Only now: a full file of an earlier version can be taken over all the same.
                database.execute(f"pragma max_page_count = {self._pages}")
                yield database
        except (sqlite3.Error, OSError) as error:
            raise self._in_words(error) from error

    def _prepare(self, database: sqlite3.Connection) -> None:
        """Bring the file to the version of this program."""
        if _version(database) == VERSION:
            return
        if _version(database) == 0:
            database.execute("pragma auto_vacuum = incremental")  # has no effect once there is a table
        _set_mode(database)
        database.execute("begin immediate")
        before = _version(database)  # another process may have been first
        if before > VERSION:
            database.execute("rollback")
            raise StorageError(
                f"{self.path} was made by a later version of this program",
                hint="update this one, or move the file away",
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
        if before == 1 and self.path.stat().st_size <= _QUICK:
            _vacuum(database)

    def _in_words(self, error: Exception) -> StorageError:
        """What went wrong, and what to do about it."""
        code = _code(error)
        if code == sqlite3.SQLITE_FULL and shutil.disk_usage(self.path.parent).free > _ROOM:
            return KeptFullError(f"{self.path} has reached the size that is allowed")
        hint = StorageError.hint
        if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            hint = "another program is writing to it; try again in a moment"
        elif code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            hint = AWAY
        return StorageError(f"cannot use {self.path}: {error}", hint=hint)


def used_bytes(database: sqlite3.Connection) -> int:
    """Bytes of the pages that hold something."""
    return (int(database.execute("pragma page_count").fetchone()[0]) - free_pages(database)) * PAGE


def free_pages(database: sqlite3.Connection) -> int:
    """Pages of the file that hold nothing."""
    return int(database.execute("pragma freelist_count").fetchone()[0])


def _give_back(database: sqlite3.Connection) -> bool:
    """Give a megabyte of empty pages back to the disk; whether there are more of them."""
    if not free_pages(database) or not int(database.execute("pragma auto_vacuum").fetchone()[0]):
        return False
    database.execute(f"pragma incremental_vacuum({_STEP})").fetchall()  # it works as its rows are read
    return free_pages(database) > 0


def _vacuum(database: sqlite3.Connection) -> None:
    database.execute("pragma auto_vacuum = incremental")  # takes effect with the next line
    database.execute("vacuum")


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; a trigger's own semicolons do not end it."""
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
    """Write-ahead, so that reading goes on while something is written; SQLite does not wait for its turn here by itself."""
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
