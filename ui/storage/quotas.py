"""Limits on stored answers and feedback: quotas per client, expiry, and deletion of old rows when the file is full."""

import hashlib
import hmac
import math
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from assistant.settings.serving import ServingSettings
from index.errors import KeptFullError, TooMuchKeptError

from .database import used_bytes

MAX_ANSWER_BYTES = 4 << 20
"""The largest shared answer: a list of some thousand entries."""
_ROW_OVERHEAD = 600
"""Bytes counted for a row in addition to its text."""
_CLIENT_SHARE = 20
"""One client may fill at most a twentieth of the file per day, …"""
_HOUR_SHARE = 5
"""… and use at most a fifth of its daily quota in one hour."""
_FULL = 0.95
"""Share of the largest size that counts as full. The rest is for indexes and free pages."""
_ROWS_PER_STEP = 50
"""Expired rows deleted with each write. A small number, so that no writer locks the file for long."""
_SHARED_FACTOR = 25
"""Shared answers are longer than feedback: a step deletes this many times fewer of them."""
_MAX_STEPS = 400
_NEVER = "0000"


@dataclass(frozen=True, slots=True)
class Rules:
    """Limits on size and time. 0 days means that nothing expires."""

    max_bytes: int = 1 << 30
    """The largest size of the file, so that clients cannot fill the disk."""
    shared_days: int = 365
    """Days until a shared answer expires, counted from the last time that its page was read."""
    feedback_days: int = 365
    per_day: int = 500
    """Shared answers and feedback together that one client may store per day."""

    @classmethod
    def of(cls, settings: ServingSettings) -> "Rules":
        """The limits from the settings."""
        return cls(
            settings.kept_mb << 20, settings.keep_shared_days, settings.keep_feedback_days, settings.kept_per_day
        )

    def shared_since(self, now: datetime) -> str:
        """Shared answers last read before this time have expired."""
        return _before(now, self.shared_days)

    def feedback_since(self, now: datetime) -> str:
        """Feedback given before this time has expired."""
        return _before(now, self.feedback_days)


def stamp(now: datetime) -> str:
    """A time as text for the database. Earlier times sort first."""
    return now.isoformat(timespec="seconds")


def _before(now: datetime, days: int) -> str:
    return stamp(now - timedelta(days=days)) if days else _NEVER


def expire(database: sqlite3.Connection, rules: Rules, now: datetime, max_rows: int = _ROWS_PER_STEP) -> int:
    """Delete up to `max_rows` expired rows. Returns how many were deleted; 0 means that nothing is left to expire."""
    deleted = database.execute(
        "delete from shared where id in (select id from shared_about where seen < ? limit ?)",
        (rules.shared_since(now), max(1, max_rows // _SHARED_FACTOR)),
    ).rowcount
    deleted += database.execute(
        "delete from feedback where id in (select id from feedback where at < ? limit ?)",
        (rules.feedback_since(now), max_rows),
    ).rowcount
    today = now.date().isoformat()
    # Without the key of that day, its hashes can no longer be traced to clients.
    database.execute("delete from day_key where day < ?", (today,))
    deleted += database.execute(
        "delete from client where id in (select id from client where bytes <= 0 and day < ? limit ?)", (today, max_rows)
    ).rowcount
    return deleted


def reserve(database: sqlite3.Connection, rules: Rules, now: datetime, client: str | None, text: int) -> int:
    """Make room for a row with `text` bytes of text and count it against the client's quota.

    If the file is full, this deletes the oldest rows of the client that uses the most space, whichever day they are
    from. Rows of the owner, and rows from before quotas existed, are never deleted to make room.

    Args:
        database: A connection in a write transaction.
        rules: The limits.
        now: The current time.
        client: The client's hash of today, from `client_hash`; None for the owner, who has no quota.
        text: Bytes of text to be stored.

    Returns:
        The bytes that the row counts as.

    Raises:
        TooMuchKeptError: the client has used up its quota for now.
        KeptFullError: the file is full of rows that must not be deleted.
    """
    size = text + _ROW_OVERHEAD
    if client is not None:
        _count(database, rules, now, client, size)
    _make_room(database, rules, size)
    return size


def client_hash(database: sqlite3.Connection, now: datetime, client: str) -> str:
    """A keyed hash of the client, valid today. The key is deleted after its day, so the hash cannot be traced later."""
    day = now.date().isoformat()
    database.execute("insert or ignore into day_key values (?, ?)", (day, secrets.token_bytes(32)))
    key: bytes = database.execute("select key from day_key where day = ?", (day,)).fetchone()[0]
    return hmac.new(key, client.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()[:32]


def _count(database: sqlite3.Connection, rules: Rules, now: datetime, client: str, size: int) -> None:
    """Count one more row against a client's quota. Raises `TooMuchKeptError` if the quota is used up."""
    day, hour = now.date().isoformat(), now.strftime("%Y-%m-%dT%H")
    database.execute("insert or ignore into client values (?, ?, 0, 0, ?, 0)", (client, day, hour))
    held, made, last, in_hour = database.execute(
        "select bytes, made, hour, made_in_hour from client where id = ?", (client,)
    ).fetchone()
    in_hour = in_hour if last == hour else 0
    if made >= rules.per_day or held + size > rules.max_bytes // _CLIENT_SHARE:
        tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
        raise TooMuchKeptError("this address has stored as much as it may in one day", _seconds(tomorrow - now))
    if in_hour >= max(1, rules.per_day // _HOUR_SHARE):
        next_hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        raise TooMuchKeptError("this address has stored as much as it may in one hour", _seconds(next_hour - now))
    database.execute(
        "update client set made = ?, hour = ?, made_in_hour = ? where id = ?", (made + 1, hour, in_hour + 1, client)
    )


def _make_room(database: sqlite3.Connection, rules: Rules, size: int) -> None:
    for _ in range(_MAX_STEPS):
        if used_bytes(database) + size <= rules.max_bytes * _FULL:
            return
        largest = database.execute("select id from client where bytes > 0 order by bytes desc, id limit 1").fetchone()
        if largest is None:
            break
        _delete_oldest(database, largest[0])
    raise KeptFullError("stored answers and feedback have reached the largest allowed size")


def _delete_oldest(database: sqlite3.Connection, client: str) -> None:
    oldest = database.execute(
        "select seen, id, 'shared' from shared_about where client = ? "
        "union all select at, id, 'feedback' from feedback where client = ? order by 1, 2 limit ?",
        (client, client, _ROWS_PER_STEP),
    ).fetchall()
    for table in ("shared", "feedback"):
        names = [(name,) for _, name, of in oldest if of == table]
        database.executemany(f"delete from {table} where id = ?", names)  # noqa: S608 -- a constant table name


def _seconds(wait: timedelta) -> int:
    return max(1, math.ceil(wait.total_seconds()))
