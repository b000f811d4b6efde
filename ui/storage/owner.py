"""What the owner of the server can do with stored answers and feedback: list, delete, expire, compact."""

import logging
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from index import dates
from index.errors import CommandError, StorageError, UnknownAnswerError

from .database import StorageFile, used_bytes
from .quotas import Rules, expire

log = logging.getLogger(__name__)

_ROWS_PER_STEP = 500
"""Rows deleted in one transaction. Other writers get their turn between two transactions."""


@dataclass(frozen=True, slots=True)
class SharedRow:
    """A shared answer in the owner's list. `on` and `last_read` are YYYY-MM-DD; `bytes` is the length of its text."""

    id: str
    on: str
    last_read: str
    question: str
    bytes: int


class OwnerStorage:
    """The owner's operations on the storage file.

    Args:
        folder: The data folder.
        rules: Limits on size and time.
        clock: Returns the current time in UTC.
    """

    def __init__(self, folder: Path, rules: Rules, clock: Callable[[], datetime]) -> None:
        self._file = StorageFile(folder, rules.max_bytes)
        self._rules = rules
        self._clock = clock

    def shared_list(self, *, top: int = 1000) -> list[SharedRow]:
        """The shared answers, newest first.

        Raises:
            StorageError: the file cannot be read.
        """
        if not self._file.exists():
            return []
        with self._file.open() as database:
            rows = database.execute(
                "select id, at, seen, case when json_valid(answer) then json_extract(answer, '$.question') else '' end, "
                "length(cast(answer as blob)) from shared join shared_about using (id) "
                "where seen >= ? order by at desc, id limit ?",
                (self._rules.shared_since(self._clock()), top),
            ).fetchall()
        return [SharedRow(name, at[:10], seen[:10], question, size) for name, at, seen, question, size in rows]

    def withdraw(self, answer_id: str) -> None:
        """Stop sharing an answer and delete its text.

        Raises:
            UnknownAnswerError: no answer with this id is shared.
            StorageError: the file cannot be written, or another program locks it.
        """
        if not self._delete("shared", answer_id):
            raise UnknownAnswerError(
                f"no answer {answer_id!r} is shared",
                hint="the id is the last part of the page's address; `almanac shared` lists all ids",
            )

    def delete_feedback(self, feedback_id: str) -> None:
        """Delete one feedback. Raises the same errors as `withdraw`."""
        if not self._delete("feedback", feedback_id):
            raise UnknownAnswerError(f"there is no feedback {feedback_id!r}", hint="`almanac feedback` shows the ids")

    def delete_feedback_before(self, day: str) -> int:
        """Delete all feedback given before a date. Returns how many were deleted.

        Args:
            day: YYYY-MM-DD, YYYY-MM or YYYY. A month or year means its first day.

        Raises:
            CommandError: `day` is not a date.
            StorageError: the file cannot be written, or another program locks it.
        """
        try:
            first = dates.span(day)[0].isoformat()
        except ValueError as error:
            raise CommandError(str(error), hint="dates are YYYY, YYYY-MM or YYYY-MM-DD") from None
        query = "delete from feedback where id in (select id from feedback where at < ? limit ?)"
        return self._delete_in_steps(lambda database: database.execute(query, (first, _ROWS_PER_STEP)).rowcount)

    def tidy(self) -> int:
        """Delete everything that has expired and return the space to the disk. Returns the number of deleted rows."""
        return self._delete_in_steps(lambda database: expire(database, self._rules, self._clock(), _ROWS_PER_STEP))

    def tidy_in_background(self) -> None:
        """Run `tidy` in a background thread. An error is only logged."""

        def run() -> None:
            try:
                self.tidy()
            except StorageError as error:
                log.warning("expired feedback and shared answers were not deleted: %s; %s", error, error.hint)

        threading.Thread(target=run, name="almanac-tidy", daemon=True).start()

    def compact(self) -> tuple[int, int]:
        """Delete what has expired and rewrite the file without gaps. Returns its size in bytes before and after."""
        if not self._file.exists():
            return 0, 0
        before = self._file.path.stat().st_size
        self.tidy()
        self._file.rewrite()
        return before, self._file.path.stat().st_size

    def figures(self) -> dict[str, int]:
        """The numbers of shared answers and feedback, and the bytes they use, for the administrator."""
        values = {"shared": 0, "feedback": 0, "bytes": 0, "bytes_allowed": self._rules.max_bytes}
        if self._file.exists():
            with self._file.open() as database:
                for table in ("shared_about", "feedback"):
                    count = database.execute(f"select count(*) from {table}").fetchone()[0]  # noqa: S608 -- a constant table name
                    values[table.removesuffix("_about")] = int(count)
                values["bytes"] = used_bytes(database)
        return values

    def _delete(self, table: Literal["shared", "feedback"], name: str) -> bool:
        if not self._file.exists():
            return False
        with self._file.open(write=True) as database:
            deleted = database.execute(f"delete from {table} where id = ?", (name,)).rowcount  # noqa: S608 -- a constant table name
        self._file.shrink()
        return bool(deleted)

    def _delete_in_steps(self, step: Callable[[sqlite3.Connection], int]) -> int:
        total = 0
        while self._file.exists():
            with self._file.open(write=True) as database:
                deleted = step(database)
            total += deleted
            if not deleted:
                self._file.shrink()
                break
        return total
