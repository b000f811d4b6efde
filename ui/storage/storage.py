"""What readers leave here: shared answers and feedback, in one SQLite file of the data folder. No identity is kept."""

import json
import logging
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from assistant.answer import Again, Answer
from assistant.settings.serving import ServingSettings
from index.errors import AnswerTooLargeError, StorageError, UnknownAnswerError

from .database import AWAY
from .owner import OwnerStorage
from .quotas import LARGEST_ANSWER, Rules, admitted, expire, name_of, stamp

log = logging.getLogger(__name__)

Rating = Literal["up", "down"]
Reason = Literal["wrong", "beside_the_point", "incomplete", "outdated", "no_answer", "other"]
_SEEN_PATIENCE = 0.05
"""Seconds that reading a page may wait to note that it was read."""
_ANSWER: TypeAdapter[Answer] = TypeAdapter(Answer)
_AGAIN: TypeAdapter[Again | None] = TypeAdapter(Again | None)


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


_FEEDBACK = "id, answer_id, at, rating, reason, note, question, status, intent, mode, level, cited, catalogue"


class Storage(OwnerStorage):
    """The file; made at the first thing that is left here. Safe to use from threads and processes at once.

    Args:
        folder: The data folder.
        questions: Whether feedback is kept with the question's text.
        rules: How much is kept, and how long.
        clock: The moment, in UTC.
    """

    def __init__(
        self,
        folder: Path,
        *,
        questions: bool = False,
        rules: Rules = Rules(),  # noqa: B008 -- frozen
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(folder, rules, clock)
        self._questions = questions

    @classmethod
    def of(cls, folder: Path, settings: ServingSettings) -> "Storage":
        """As the settings say."""
        return cls(folder, questions=settings.keep_questions, rules=Rules.of(settings))

    def share(self, answer: Answer, *, client: str | None = None) -> Shared:
        """Keep an answer for whoever has its address; one that is shared already stays as it is.

        Args:
            answer: The answer.
            client: Who shares it, as limits count clients; kept as a hash that says nothing after its day.
                None is the owner, who has no quota.

        Raises:
            AnswerTooLargeError: its text is longer than one shared answer may be.
            TooMuchKeptError: this client has left as much as it may for now.
            StorageError: the disk refused, the file is full, or another program holds it.
        """
        text = json.dumps(answer.as_dict(), ensure_ascii=False)
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > LARGEST_ANSWER:
            raise AnswerTooLargeError(f"this answer has {size:,} bytes; {LARGEST_ANSWER:,} can be shared")
        now = self._clock()
        again = _AGAIN.dump_json(replace(answer.again, found=answer.found) if answer.again else None).decode()
        with self._file.open(write=True) as database:
            expire(database, self._rules, now)
            there = database.execute("select 1 from shared where id = ?", (answer.id,)).fetchone()
            if there:
                database.execute("update shared_about set seen = ? where id = ?", (stamp(now), answer.id))
            else:
                name = name_of(database, now, client) if client is not None else None
                counted = admitted(database, self._rules, now, name, size)
                database.execute("insert into shared values (?, ?, ?)", (answer.id, stamp(now), text))
                row = (answer.id, stamp(now), name, counted, again)
                database.execute("insert into shared_about values (?, ?, ?, ?, ?)", row)
        kept = self.shared(answer.id)
        assert kept is not None  # it was put there
        return kept

    def shared(self, answer_id: str) -> Shared | None:
        """A shared answer; None where there is none of this name. Reading it keeps it from expiring.

        Raises:
            StorageError: the file cannot be read.
        """
        if not self._file.exists():
            return None
        now = self._clock()
        with self._file.open() as database:
            row = database.execute(
                "select id, at, answer, seen, again from shared join shared_about using (id) where id = ? and seen >= ?",
                (answer_id, self._rules.shared_since(now)),
            ).fetchone()
        if row is None:
            return None
        if row[3][:10] < now.date().isoformat():
            self._note_read(answer_id, now)
        try:
            answer = _ANSWER.validate_json(row[2])
            # Files of version 1 did not say how to ask again: as it was searched, on its day.
            again = _AGAIN.validate_json(row[4]) if row[4] else Again(answer.searched_for, row[1][:10])
        except ValidationError as error:
            raise StorageError(f"the answer {answer_id} in {self._file.path} cannot be read", hint=AWAY) from error
        found = again.found if again else ()
        return Shared(row[0], row[1][:10], replace(answer, again=again, found=found))

    def rate(
        self,
        answer: Answer,
        rating: Rating,
        *,
        reason: Reason | None = None,
        note: str | None = None,
        feedback_id: str | None = None,
        client: str | None = None,
    ) -> str:
        """Keep a reader's word on an answer; the name it is kept under, by which the same reader can change it.

        Raises:
            UnknownAnswerError: there is no feedback of that name on this answer.
            TooMuchKeptError: this client, as in `share`, has left as much as it may for now.
            StorageError: the disk refused, the file is full, or another program holds it.
        """
        name, now = feedback_id or secrets.token_urlsafe(12), self._clock()
        said = (rating, reason, note or None)
        with self._file.open(write=True) as database:
            expire(database, self._rules, now)
            if feedback_id:
                changed = database.execute(
                    "update feedback set at = ?, rating = ?, reason = ?, note = ? where id = ? and answer_id = ?",
                    (stamp(now), *said, name, answer.id),
                )
                if changed.rowcount == 0:
                    raise UnknownAnswerError(
                        f"there is no feedback {feedback_id!r} on this answer", hint="leave feedback_id out"
                    )
            else:
                asked = answer.question if self._questions else None
                about = (answer.status, answer.intent, answer.mode, answer.level, json.dumps(answer.cited))
                row = (name, answer.id, stamp(now), *said, asked, *about, answer.catalogue.hash)
                sender = name_of(database, now, client) if client is not None else None
                size = sum(len(str(value).encode("utf-8", "surrogatepass")) for value in row)
                counted = admitted(database, self._rules, now, sender, size)
                marks = ", ".join("?" * (len(row) + 2))
                database.execute(
                    f"insert into feedback ({_FEEDBACK}, client, size) values ({marks})",  # noqa: S608 -- our words
                    (*row, sender, counted),
                )
        return name

    def feedback(self, *, rating: Rating | None = None, top: int = 1000) -> list[Feedback]:
        """What readers said, the latest first.

        Raises:
            StorageError: the file cannot be read.
        """
        if not self._file.exists():
            return []
        wanted = "rating = ?" if rating else "? is null"
        query = f"select {_FEEDBACK} from feedback where {wanted} and at >= ? order by at desc, id limit ?"  # noqa: S608 -- one of two texts of ours
        with self._file.open() as database:
            database.row_factory = sqlite3.Row
            since = self._rules.feedback_since(self._clock())
            rows = [dict(row) for row in database.execute(query, (rating, since, top))]
        return [Feedback(**(row | {"cited": tuple(json.loads(row["cited"]))})) for row in rows]

    def _note_read(self, answer_id: str, now: datetime) -> None:
        try:
            with self._file.open(write=True, patience=_SEEN_PATIENCE) as database:
                database.execute("update shared_about set seen = ? where id = ?", (stamp(now), answer_id))
        except StorageError as error:
            log.info("not noted that %s was read: %s", answer_id, error)  # the next reader will
