"""How much may be kept, by whom and for how long: rules, quotas of clients, expiry, and room when the file is full."""

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

LARGEST_ANSWER = 4 << 20
"""Bytes of one shared answer: a list of some thousand entries."""
_OVERHEAD = 600
"""Bytes counted for what a row takes besides its text."""
_OF_ALL = 20
"""A client may take up one part in so many of the file in a day, …"""
_OF_A_DAY = 5
"""… and one part in so many of what it may leave in a day in one hour."""
_FULL = 0.95
"""Share of the allowed size that counts as full: the rest is for the tables themselves."""
_STEP = 50
"""Rows that are deleted beside one that is written, so that no writer holds the file long."""
_LARGER = 25
"""Of shared answers, which are longer than feedback, so many times fewer are deleted at once."""
_MOST_STEPS = 400
_NEVER = "0000"


@dataclass(frozen=True, slots=True)
class Rules:
    """What is kept, and how long. Days of 0 mean that nothing expires."""

    largest: int = 1 << 30
    """Bytes of the file: what strangers send must not fill a disk."""
    shared_days: int = 365
    """Days that a shared answer stays after its page was last read."""
    feedback_days: int = 365
    per_day: int = 500
    """Shared answers and feedback together that one client may leave in a day."""

    @classmethod
    def of(cls, settings: ServingSettings) -> "Rules":
        """As the settings say."""
        return cls(
            settings.kept_mb << 20, settings.keep_shared_days, settings.keep_feedback_days, settings.kept_per_day
        )

    def shared_since(self, now: datetime) -> str:
        """Shared answers that were last read before this moment have expired."""
        return _before(now, self.shared_days)

    def feedback_since(self, now: datetime) -> str:
        """Feedback given before this moment has expired."""
        return _before(now, self.feedback_days)


def stamp(now: datetime) -> str:
    """A moment as it is written in the file; earlier moments sort first."""
    return now.isoformat(timespec="seconds")


def _before(now: datetime, days: int) -> str:
    return stamp(now - timedelta(days=days)) if days else _NEVER


def expire(database: sqlite3.Connection, rules: Rules, now: datetime, most: int = _STEP) -> int:
    """Delete some of what has expired; how many rows that was. 0 says that nothing has expired."""
    deleted = database.execute(
        "delete from shared where id in (select id from shared_about where seen < ? limit ?)",
        (rules.shared_since(now), max(1, most // _LARGER)),
    ).rowcount
    deleted += database.execute(
        "delete from feedback where id in (select id from feedback where at < ? limit ?)",
        (rules.feedback_since(now), most),
    ).rowcount
    today = now.date().isoformat()
    # Without its key, nobody can tell any more which client a hash of that day stood for.
    database.execute("delete from day_key where day < ?", (today,))
    deleted += database.execute(
        "delete from client where id in (select id from client where bytes <= 0 and day < ? limit ?)", (today, most)
    ).rowcount
    return deleted


def admitted(database: sqlite3.Connection, rules: Rules, now: datetime, client: str | None, text: int) -> int:
    """Make room for something of `text` bytes and count it for its client; the bytes that it counts as.

    A full file makes room by deleting the oldest things of the client, of any day, that has left most. What the owner
    kept, and what was kept before there were quotas, is not deleted for others.

    Args:
        database: Open for writing.
        rules: What is allowed.
        now: The moment.
        client: Its hash of today, from `name_of`; None for the owner, who has no quota.
        text: Bytes of what is to be kept.

    Raises:
        TooMuchKeptError: the client has left as much as it may for now.
        KeptFullError: the file is full of what is not deleted for others.
    """
    size = text + _OVERHEAD
    if client is not None:
        _count(database, rules, now, client, size)
    _make_room(database, rules, size)
    return size


def name_of(database: sqlite3.Connection, now: datetime, client: str) -> str:
    """A client's hash of today. Its key lies in the file for one day, so that the hash says nothing after that."""
    day = now.date().isoformat()
    database.execute("insert or ignore into day_key values (?, ?)", (day, secrets.token_bytes(32)))
    key: bytes = database.execute("select key from day_key where day = ?", (day,)).fetchone()[0]
    return hmac.new(key, client.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()[:32]


def _count(database: sqlite3.Connection, rules: Rules, now: datetime, client: str, size: int) -> None:
    """Count one more thing of a client, unless that is too many."""
    day, hour = now.date().isoformat(), now.strftime("%Y-%m-%dT%H")
    database.execute("insert or ignore into client values (?, ?, 0, 0, ?, 0)", (client, day, hour))
    held, made, last, in_hour = database.execute(
        "select bytes, made, hour, made_in_hour from client where id = ?", (client,)
    ).fetchone()
    in_hour = in_hour if last == hour else 0
    if made >= rules.per_day or held + size > rules.largest // _OF_ALL:
        tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
        raise TooMuchKeptError("this address has left as much here as it may in one day", _seconds(tomorrow - now))
    if in_hour >= max(1, rules.per_day // _OF_A_DAY):
        next_hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        raise TooMuchKeptError("this address has left as much here as it may in one hour", _seconds(next_hour - now))
    database.execute(
        "update client set made = ?, hour = ?, made_in_hour = ? where id = ?", (made + 1, hour, in_hour + 1, client)
    )


def _make_room(database: sqlite3.Connection, rules: Rules, size: int) -> None:
    for _ in range(_MOST_STEPS):
        if used_bytes(database) + size <= rules.largest * _FULL:
            return
        most = database.execute("select id from client where bytes > 0 order by bytes desc, id limit 1").fetchone()
        if most is None:
            break
        _delete_oldest(database, most[0])
    raise KeptFullError("what readers leave here has reached the size that is allowed")


def _delete_oldest(database: sqlite3.Connection, client: str) -> None:
    oldest = database.execute(
        "select seen, id, 'shared' from shared_about where client = ? "
        "union all select at, id, 'feedback' from feedback where client = ? order by 1, 2 limit ?",
        (client, client, _STEP),
    ).fetchall()
    for table in ("shared", "feedback"):
        names = [(name,) for _, name, of in oldest if of == table]
        database.executemany(f"delete from {table} where id = ?", names)  # noqa: S608 -- one of two names of ours


def _seconds(wait: timedelta) -> int:
    return max(1, math.ceil(wait.total_seconds()))
