"""Stores shared answers and feedback in one SQLite file in the data folder. Readers' identities are not stored."""

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

from .database import MOVE_AWAY_HINT
from .owner import OwnerStorage
from .quotas import MAX_ANSWER_BYTES, Rules, client_hash, expire, reserve, stamp

log = logging.getLogger(__name__)

Rating = Literal["up", "down"]
Reason = Literal["wrong", "beside_the_point", "incomplete", "outdated", "no_answer", "other"]
_NOTE_READ_SECONDS = 0.05
"""Maximum time, in seconds, to wait for a locked file when recording that a shared answer was read."""
_ANSWER: TypeAdapter[Answer] = TypeAdapter(Answer)
_AGAIN: TypeAdapter[Again | None] = TypeAdapter(Again | None)


@dataclass(frozen=True, slots=True)
class SharedAnswer:
    """A shared answer. `on` is the day when it was shared, YYYY-MM-DD."""

    id: str
    on: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Feedback:
    """One reader's feedback on one answer. `question` is set only if the settings allow storing questions."""

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
        """As JSON-ready values."""
        return asdict(self)


_FEEDBACK_COLUMNS = "id, answer_id, at, rating, reason, note, question, status, intent, mode, level, cited, catalogue"


class Storage(OwnerStorage):
    """Reads and writes shared answers and feedback. Several threads and processes may use the file at the same time.

    Args:
        folder: The data folder. The first write creates the file in it.
        questions: Whether feedback is stored with the text of the question.
        rules: Limits on size and time.
        clock: Returns the current time in UTC.
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
        """The storage that the settings describe."""
        return cls(folder, questions=settings.keep_questions, rules=Rules.of(settings))

    def share(self, answer: Answer, *, client: str | None = None) -> SharedAnswer:
        """Store an answer so that everybody with its address can read it. Sharing it again changes nothing.

        Args:
            answer: The answer.
            client: Key of the client, as the rate limits use it. Stored as a hash
                that cannot be linked to the client after the day on which it was made.
                None means the owner, who has no quota.

        Raises:
            AnswerTooLargeError: its text is too long.
            TooMuchKeptError: this client has used up its quota for now.
            StorageError: the file cannot be written, is full, or is locked by another program.
        """
        text = json.dumps(answer.as_dict(), ensure_ascii=False)
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > MAX_ANSWER_BYTES:
            raise AnswerTooLargeError(f"this answer has {size:,} bytes; the limit for sharing is {MAX_ANSWER_BYTES:,}")
        now = self._clock()
        again = _AGAIN.dump_json(replace(answer.again, found=answer.found) if answer.again else None).decode()
        with self._file.open(write=True) as database:
            expire(database, self._rules, now)
            exists = database.execute("select 1 from shared where id = ?", (answer.id,)).fetchone()
            if exists:
                database.execute("update shared_about set seen = ? where id = ?", (stamp(now), answer.id))
            else:
                sender = client_hash(database, now, client) if client is not None else None
                counted = reserve(database, self._rules, now, sender, size)
                database.execute("insert into shared values (?, ?, ?)", (answer.id, stamp(now), text))
                row = (answer.id, stamp(now), sender, counted, again)
                database.execute("insert into shared_about values (?, ?, ?, ?, ?)", row)
        shared = self.shared(answer.id)
        assert shared is not None  # it was stored above
        return shared

    def shared(self, answer_id: str) -> SharedAnswer | None:
        """A shared answer; None if no answer with this id is shared. Reading an answer postpones its expiry.

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
            # Files of version 1 lack the data for asking again. Use the searched text and the day of sharing.
            again = _AGAIN.validate_json(row[4]) if row[4] else Again(answer.searched_for, row[1][:10])
        except ValidationError as error:
            raise StorageError(
                f"the answer {answer_id} in {self._file.path} cannot be read", hint=MOVE_AWAY_HINT
            ) from error
        found = again.found if again else ()
        return SharedAnswer(row[0], row[1][:10], replace(answer, again=again, found=found))

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
        """Store feedback on an answer.

        Args:
            answer: The answer.
            rating: Up or down.
            reason: Why, from a fixed list.
            note: The reader's own words.
            feedback_id: Id of earlier feedback on this answer, to change it.
            client: As in `share`.

        Returns:
            The id of the feedback, with which the same reader can change it.

        Raises:
            UnknownAnswerError: there is no feedback with `feedback_id` on this answer.
            TooMuchKeptError: this client has used up its quota for now.
            StorageError: the file cannot be written, is full, or is locked by another program.
        """
        name, now = feedback_id or secrets.token_urlsafe(12), self._clock()
        opinion = (rating, reason, note or None)
        with self._file.open(write=True) as database:
            expire(database, self._rules, now)
            if feedback_id:
                changed = database.execute(
                    "update feedback set at = ?, rating = ?, reason = ?, note = ? where id = ? and answer_id = ?",
                    (stamp(now), *opinion, name, answer.id),
                )
                if changed.rowcount == 0:
                    raise UnknownAnswerError(
                        f"there is no feedback {feedback_id!r} on this answer",
                        hint="leave out feedback_id to give new feedback",
                    )
            else:
                question = answer.question if self._questions else None
                facts = (answer.status, answer.intent, answer.mode, answer.level, json.dumps(answer.cited))
                row = (name, answer.id, stamp(now), *opinion, question, *facts, answer.catalogue.hash)
                sender = client_hash(database, now, client) if client is not None else None
                size = sum(len(str(value).encode("utf-8", "surrogatepass")) for value in row)
                counted = reserve(database, self._rules, now, sender, size)
                marks = ", ".join("?" * (len(row) + 2))
                database.execute(
                    f"insert into feedback ({_FEEDBACK_COLUMNS}, client, size) values ({marks})",  # noqa: S608 -- constant column names
                    (*row, sender, counted),
                )
        return name

    def feedback(self, *, rating: Rating | None = None, top: int = 1000) -> list[Feedback]:
        """The stored feedback, newest first.

        Raises:
            StorageError: the file cannot be read.
        """
        if not self._file.exists():
            return []
        wanted = "rating = ?" if rating else "? is null"
        query = f"select {_FEEDBACK_COLUMNS} from feedback where {wanted} and at >= ? order by at desc, id limit ?"  # noqa: S608 -- constant texts
        with self._file.open() as database:
            database.row_factory = sqlite3.Row
            since = self._rules.feedback_since(self._clock())
            rows = [dict(row) for row in database.execute(query, (rating, since, top))]
        return [Feedback(**(row | {"cited": tuple(json.loads(row["cited"]))})) for row in rows]

    def _note_read(self, answer_id: str, now: datetime) -> None:
        try:
            with self._file.open(write=True, patience=_NOTE_READ_SECONDS) as database:
                database.execute("update shared_about set seen = ? where id = ?", (stamp(now), answer_id))
        except StorageError as error:
            log.info("could not record that %s was read: %s", answer_id, error)  # the next reading will record it
