"""What readers leave here: shared answers and feedback, in one SQLite file of the data folder. No identity is kept."""

import json
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from assistant.types import Answer
from index.errors import StorageError, UnknownAnswerError

Rating = Literal["up", "down"]
Reason = Literal["wrong", "beside_the_point", "incomplete", "outdated", "no_answer", "other"]
FILE = "kept.sqlite"
VERSION = 1
_BUSY_SECONDS = 3.0
_LARGEST = 1 << 30
"""Bytes of the file: what strangers can send here must not fill a disk."""
_PAGE = 4096
_ANSWER: TypeAdapter[Answer] = TypeAdapter(Answer)
_SCHEMA = """
create table shared (id text primary key, at text not null, answer text not null) strict;
create table feedback (
    id text primary key, answer_id text not null, at text not null, rating text not null, reason text, note text,
    question text, status text not null, intent text not null, mode text not null, level text not null,
    cited text not null, catalogue text not null
) strict;
create index feedback_at on feedback (at);
"""


@dataclass(frozen=True, slots=True)
class Shared:
    """An answer that somebody shared, and the day."""

    id: str
    on: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Feedback:
    """One reader's word on one answer, and what the answer was; the question only where the owner keeps questions."""

    id: str
    answer_id: str
    at: str
    rating: Rating
    reason: Reason | None
    note: str | None
    question: str | None
    status: str
    intent: str
    mode: str
    level: str
    cited: tuple[str, ...]
    catalogue: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


class Kept:
    """The file; made at the first thing that is left here. Safe to use from threads and processes at once.

    Args:
        folder: The data folder.
        questions: Whether feedback is kept with the question's text.
        largest: Bytes that the file may have.
    """

    def __init__(self, folder: Path, *, questions: bool = False, largest: int = _LARGEST) -> None:
        self._path = folder / FILE
        self._questions = questions
        self._pages = max(1, largest // _PAGE)

    def share(self, answer: Answer) -> Shared:
        """Keep an answer for whoever has its address; one that is shared already stays as it is.

        Raises:
            StorageError: the disk refused, or another program holds the file.
        """
        with self._open(write=True) as database:
            database.execute(
                "insert or ignore into shared values (?, ?, ?)",
                (answer.id, _now(), json.dumps(answer.as_dict(), ensure_ascii=False)),
            )
        kept = self.shared(answer.id)
        assert kept is not None  # it was put there
        return kept

    def shared(self, answer_id: str) -> Shared | None:
        """A shared answer; None where there is none of this name.

        Raises:
            StorageError: the file cannot be read.
        """
        if not self._path.exists():
            return None
        with self._open() as database:
            row = database.execute("select id, at, answer from shared where id = ?", (answer_id,)).fetchone()
        if row is None:
            return None
        try:
            return Shared(row[0], row[1][:10], _ANSWER.validate_json(row[2]))
        except ValidationError as error:
            raise StorageError(f"the answer {answer_id} in {self._path} cannot be read", hint=_AWAY) from error

    def withdraw(self, answer_id: str) -> None:
        """Take a shared answer back; its text leaves the file.

        Raises:
            UnknownAnswerError: it was not shared.
            StorageError: the disk refused, or another program holds the file.
        """
        if self.shared(answer_id) is None:
            raise UnknownAnswerError(f"no answer {answer_id!r} is shared", hint="its id is the end of its address")
        with self._open(write=True) as database:
            database.execute("delete from shared where id = ?", (answer_id,))

    def rate(
        self,
        answer: Answer,
        rating: Rating,
        *,
        reason: Reason | None = None,
        note: str | None = None,
        feedback_id: str | None = None,
    ) -> str:
        """Keep a reader's word on an answer; the name it is kept under, by which the same reader can change it.

        Raises:
            UnknownAnswerError: there is no feedback of that name on this answer.
            StorageError: the disk refused, or another program holds the file.
        """
        name = feedback_id or secrets.token_urlsafe(12)
        said = (rating, reason, note or None)
        with self._open(write=True) as database:
            if feedback_id:
                changed = database.execute(
                    "update feedback set at = ?, rating = ?, reason = ?, note = ? where id = ? and answer_id = ?",
                    (_now(), *said, name, answer.id),
                )
                if changed.rowcount == 0:
                    raise UnknownAnswerError(
                        f"there is no feedback {feedback_id!r} on this answer", hint="leave feedback_id out"
                    )
                return name
            database.execute(
                "insert into feedback values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    name,
                    answer.id,
                    _now(),
                    *said,
                    answer.question if self._questions else None,
                    answer.status,
                    answer.intent,
                    answer.mode,
                    answer.level,
                    json.dumps(answer.cited),
                    answer.catalogue.hash,
                ),
            )
        return name

    def feedback(self, *, rating: Rating | None = None, top: int = 1000) -> list[Feedback]:
        """What readers said, the latest first.

        Raises:
            StorageError: the file cannot be read.
        """
        if not self._path.exists():
            return []
        wanted = "where rating = ?" if rating else "where ? is null"
        query = f"select * from feedback {wanted} order by at desc, id limit ?"  # noqa: S608 -- one of two texts of ours
        with self._open() as database:
            database.row_factory = sqlite3.Row
            rows = [dict(row) for row in database.execute(query, (rating, top))]
        return [Feedback(**(row | {"cited": tuple(json.loads(row["cited"]))})) for row in rows]

    @contextmanager
    def _open(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        """A connection for one thing to be done, whole or not at all."""
        try:
            if write:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                # A note may say more than its writer thought: nobody else on this machine reads it.
                os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)) as database:
                database.execute(f"pragma max_page_count = {self._pages}")
                database.execute("pragma secure_delete = on")  # what is taken back is overwritten
                self._prepare(database)
                database.execute("begin immediate" if write else "begin")
                try:
                    yield database
                    database.execute("commit")
                finally:
                    if database.in_transaction:
                        database.execute("rollback")
        except (sqlite3.Error, OSError) as error:
            raise StorageError(f"cannot use {self._path}: {error}", hint=_mend(error)) from error

    def _prepare(self, database: sqlite3.Connection) -> None:
        if _version(database) == VERSION:
            return
        self._set_mode(database)
        database.execute("begin immediate")
        version = _version(database)  # another process may have been first
        if version > VERSION:
            database.execute("rollback")
            raise StorageError(
                f"{self._path} was made by a later version of this program",
                hint="update this one, or move the file away",
            )
        if version == 0:
            for statement in filter(str.strip, _SCHEMA.split(";")):
                database.execute(statement)
            database.execute(f"pragma user_version = {VERSION}")
        database.execute("commit")

    def _set_mode(self, database: sqlite3.Connection) -> None:
        """Write-ahead, so that reading goes on while something is written; SQLite itself does not wait its turn here."""
        until = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                database.execute("pragma journal_mode = wal")
            except sqlite3.OperationalError as error:
                if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(0.01)
            else:
                return


_AWAY = "move the file away: shared answers and feedback begin anew without it, and nothing else is lost"


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("pragma user_version").fetchone()[0])


def _mend(error: Exception) -> str:
    code = _code(error)
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return "another program is writing to it; try again in a moment"
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return _AWAY
    return StorageError.hint


def _code(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
