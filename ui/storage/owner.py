"""What the owner does with the things that readers left: list, delete, give space back."""

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

_AT_ONCE = 500
"""Rows that are deleted in one transaction: others get their turn in between."""


@dataclass(frozen=True, slots=True)
class SharedRow:
    """A shared answer in the owner's list; days as YYYY-MM-DD, bytes of its text."""

    id: str
    on: str
    last_read: str
    question: str
    bytes: int


class OwnerStorage:
    """The owner's side of the file.

    Args:
        folder: The data folder.
        rules: How much is kept, and how long.
        clock: The moment, in UTC.
    """

    def __init__(self, folder: Path, rules: Rules, clock: Callable[[], datetime]) -> None:
        self._file = StorageFile(folder, rules.largest)
        self._rules = rules
        self._clock = clock

    def shared_list(self, *, top: int = 1000) -> list[SharedRow]:
        """What readers shared, the latest first.

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
        """Take a shared answer back; its text leaves the file.

        Raises:
            UnknownAnswerError: it was not shared.
            StorageError: the disk refused, or another program holds the file.
        """
        if not self._delete("shared", answer_id):
            raise UnknownAnswerError(
                f"no answer {answer_id!r} is shared",
                hint="its id is the end of its address; `almanac shared` lists all",
            )

    def delete_feedback(self, feedback_id: str) -> None:
        """Delete one reader's word; errors as `withdraw`."""
        if not self._delete("feedback", feedback_id):
            raise UnknownAnswerError(f"there is no feedback {feedback_id!r}", hint="`almanac feedback` shows the ids")

    def delete_feedback_before(self, day: str) -> int:
        """Delete all feedback given before a day (YYYY-MM-DD; a month or a year begins with its first day); how many.

        Raises:
            CommandError: the day is no date.
            StorageError: the disk refused, or another program holds the file.
        """
        try:
            first = dates.span(day)[0].isoformat()
        except ValueError as error:
            raise CommandError(str(error), hint="dates are YYYY, YYYY-MM or YYYY-MM-DD") from None
        query = "delete from feedback where id in (select id from feedback where at < ? limit ?)"
        return self._in_steps(lambda database: database.execute(query, (first, _AT_ONCE)).rowcount)

    def tidy(self) -> int:
        """Delete all that has expired, a few rows at a time, and give the space back; how many rows that was."""
        return self._in_steps(lambda database: expire(database, self._rules, self._clock(), _AT_ONCE))

    def tidy_beside(self) -> None:
        """The same beside whatever else is done; a fault is logged, no more."""

        def tidied() -> None:
            try:
                self.tidy()
            except StorageError as error:
                log.warning("expired feedback and shared answers are not deleted: %s; %s", error, error.hint)

        threading.Thread(target=tidied, name="almanac-tidy", daemon=True).start()

    def compact(self) -> tuple[int, int]:
        """Delete what has expired and rewrite the file without gaps: its bytes before and after."""
        if not self._file.exists():
            return 0, 0
        before = self._file.path.stat().st_size
        self.tidy()
        self._file.rewrite()
        return before, self._file.path.stat().st_size

    def figures(self) -> dict[str, int]:
        """How many shared answers and how much feedback is kept, and their bytes, for the administrator."""
        values = {"shared": 0, "feedback": 0, "bytes": 0, "bytes_allowed": self._rules.largest}
        if self._file.exists():
            with self._file.open() as database:
                for table in ("shared_about", "feedback"):
                    count = database.execute(f"select count(*) from {table}").fetchone()[0]  # noqa: S608 -- our words
                    values[table.removesuffix("_about")] = int(count)
                values["bytes"] = used_bytes(database)
        return values

    def _delete(self, table: Literal["shared", "feedback"], name: str) -> bool:
        if not self._file.exists():
            return False
        with self._file.open(write=True) as database:
            deleted = database.execute(f"delete from {table} where id = ?", (name,)).rowcount  # noqa: S608 -- our words
        self._file.shrink()
        return bool(deleted)

    def _in_steps(self, step: Callable[[sqlite3.Connection], int]) -> int:
        total = 0
        while self._file.exists():
            with self._file.open(write=True) as database:
                deleted = step(database)
            total += deleted
            if not deleted:
                self._file.shrink()
                break
        return total
