"""Limits on stored answers and feedback: quotas, expiry, a full file, migrations, and the owner's commands."""

import json
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.answer import Answer
from assistant.pipeline import Assistant
from assistant.settings.serving import ServingSettings
from index.errors import (
    AnswerTooLargeError,
    CommandError,
    KeptFullError,
    StorageError,
    TooMuchKeptError,
    UnknownAnswerError,
)
from tests.support.answers import answer, catalogue, cite
from ui.api.ask import api
from ui.api.feedback import feedback
from ui.cli import main
from ui.errors import install_errors
from ui.serving.recent_answers import RecentAnswers
from ui.storage import database as kept_file
from ui.storage.database import FILE
from ui.storage.quotas import MAX_ANSWER_BYTES, Rules
from ui.storage.storage import Storage

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SMALL = 1_000_000
"""The size limit of a small file, in bytes."""
V1 = """
create table shared (id text primary key, at text not null, answer text not null) strict;
create table feedback (
    id text primary key, answer_id text not null, at text not null, rating text not null, reason text, note text,
    question text, status text not null, intent text not null, mode text not null, level text not null,
    cited text not null, catalogue text not null
) strict;
create index feedback_at on feedback (at);
pragma user_version = 1;
"""


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """The time that was set."""
        return self.now

    def pass_(self, **time: float) -> None:
        """Move the clock forward."""
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    """A clock that the test sets."""
    return Clock()


def _given(question: str = "What is RLHF?", text: str = "") -> Answer:
    held = catalogue()
    made = answer(cite(held, 1, "rlhf", "sections.0.text", "Training has three stages."), question=question)
    return replace(made, text=text or made.text)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob(f"{FILE}*"))


def test_a_client_that_sends_all_it_may_for_weeks_fills_nothing_and_takes_nobody_s_room(
    tmp_path: Path, clock: Clock
) -> None:
    """The file stays below its limit, and every day another client can share and rate an answer."""
    kept = Storage(tmp_path, rules=Rules(max_bytes=SMALL), clock=clock)
    others: list[tuple[str, str]] = []
    largest = 0
    for day in range(30):
        for number in range(300):
            try:
                kept.rate(_given(), "down", note=f"{day} {number} " + "x" * 980, client="198.51.100.7")
            except TooMuchKeptError:
                clock.pass_(hours=8)
                if clock().date() != (START + timedelta(days=day)).date():
                    break
        largest = max(largest, _size(tmp_path))
        shared = kept.share(_given(f"Day {day}?"), client="203.0.113.9")
        others.append((shared.id, kept.rate(_given(), "up", client="203.0.113.9")))
        clock.now = START + timedelta(days=day + 1)
    assert largest < 1.5 * SMALL  # with the log beside it
    assert (tmp_path / FILE).stat().st_size <= SMALL
    assert all(kept.shared(name) is not None for name, _ in others)
    said = {one.id: one for one in kept.feedback(top=10_000)}
    assert all(name in said for _, name in others)
    bad = [one for one in said.values() if one.rating == "down"]
    assert 300 < len(bad) < SMALL / 1000
    assert max(one.at for one in bad)[:10] == (START + timedelta(days=29)).date().isoformat()


def test_the_oldest_things_of_whoever_left_most_make_room(tmp_path: Path, clock: Clock) -> None:
    """Not the oldest rows of all: old rows of a client with little data stay."""
    kept = Storage(tmp_path, rules=Rules(max_bytes=SMALL), clock=clock)
    first = kept.rate(_given(), "up", client="a")
    clock.pass_(days=1)
    for _ in range(25):
        clock.pass_(days=1)
        for number in range(80):
            try:
                kept.rate(_given(), "down", note=f"{number}" + "x" * 980, client="b")
            except TooMuchKeptError:
                break
    names = [one.id for one in kept.feedback(top=10_000)]
    assert first in names
    assert 300 < len(names) < 25 * 30


@pytest.mark.parametrize(("per_day", "in_an_hour"), [(50, 10), (10, 2), (1, 1)])
def test_a_client_may_leave_so_much_in_an_hour_and_in_a_day(
    tmp_path: Path, clock: Clock, per_day: int, in_an_hour: int
) -> None:
    """Shared answers and feedback count together. Other clients can still write, and the error says how long to wait."""
    kept = Storage(tmp_path, rules=Rules(per_day=per_day), clock=clock)
    clock.now = START.replace(hour=3, minute=20)
    left = 0
    for hour in range(6):
        for number in range(in_an_hour + 1):
            try:
                if number % 2:
                    kept.share(_given(f"{hour} {number}?"), client="a")
                else:
                    kept.rate(_given(), "up", client="a")
            except TooMuchKeptError as error:
                refused = error
                break
            left += 1
        if hour == 0 and per_day > 1:
            assert (left, refused.retry_after) == (in_an_hour, 40 * 60)
            assert "one hour" in str(refused)
        clock.pass_(hours=1)
    assert left == min(per_day, 6 * in_an_hour)
    assert "one day" in str(refused)
    assert f"{refused.retry_after} s" in refused.hint
    kept.rate(_given(), "up", client="b")
    clock.pass_(days=1)
    kept.rate(_given(), "up", client="a")


def test_what_is_shared_already_or_said_again_costs_nothing(tmp_path: Path, clock: Clock) -> None:
    """Sharing the same answer again and changing feedback use no quota."""
    kept = Storage(tmp_path, rules=Rules(per_day=5), clock=clock)
    given = _given()
    name = kept.rate(given, "up", client="a")
    for _ in range(20):
        kept.rate(given, "down", feedback_id=name, client="a")
    clock.pass_(hours=2)
    kept.share(given, client="a")
    for _ in range(20):
        kept.share(given, client="a")


def test_no_client_can_be_found_in_the_file_after_its_day(tmp_path: Path, clock: Clock) -> None:
    """The hash changes every day, and the key of a past day is deleted."""
    kept = Storage(tmp_path, clock=clock)
    seen = []
    for _ in range(3):
        kept.rate(_given(), "up", client="198.51.100.7")
        kept.share(_given(f"{clock.now}"), client="198.51.100.7")
        with sqlite3.connect(tmp_path / FILE) as database:
            assert database.execute("select day from day_key").fetchall() == [(clock().date().isoformat(),)]
            seen.append(database.execute("select key from day_key").fetchone()[0])
        database.close()
        clock.pass_(days=1)
    with sqlite3.connect(tmp_path / FILE) as database:
        assert len({row[0] for row in database.execute("select client from feedback")}) == 3
    database.close()
    raw = b"".join(file.read_bytes() for file in tmp_path.glob(f"{FILE}*"))
    assert b"198.51.100.7" not in raw
    assert not any(key in raw for key in seen[:2])


def test_shared_answers_expire_after_they_were_last_read_and_feedback_after_it_was_given(
    tmp_path: Path, clock: Clock
) -> None:
    """Expired rows are not shown any more, and a later write deletes them."""
    rules = Rules(shared_days=100, feedback_days=50)
    kept = Storage(tmp_path, rules=rules, clock=clock)
    read, unread = (kept.share(_given(question)).id for question in ("read?", "unread?"))
    kept.rate(_given(), "down")
    clock.pass_(days=60)
    assert kept.feedback() == []
    assert kept.shared(read) is not None
    clock.pass_(days=60)
    assert kept.shared(unread) is None
    assert [one.id for one in kept.shared_list()] == [read]
    kept.rate(_given(), "up")
    assert kept.figures() | {"bytes": 0, "bytes_allowed": 0} == {
        "shared": 1,
        "feedback": 1,
        "bytes": 0,
        "bytes_allowed": 0,
    }
    clock.pass_(days=101)
    assert kept.tidy() == 2
    assert kept.figures()["shared"] == 0
    forever = Storage(tmp_path, rules=Rules(shared_days=0, feedback_days=0), clock=clock)
    name = forever.share(_given()).id
    clock.pass_(days=36_000)
    assert forever.shared(name) is not None


def test_what_expires_at_once_is_deleted_in_small_steps(tmp_path: Path, clock: Clock) -> None:
    """Each write deletes some expired rows, so that nobody waits long. A start deletes all."""
    kept = Storage(tmp_path, rules=Rules(feedback_days=10), clock=clock)
    for _ in range(200):
        kept.rate(_given(), "down", note="x" * 900)
    clock.pass_(days=11)
    kept.rate(_given(), "up")
    assert 100 < kept.figures()["feedback"] < 200
    before = _size(tmp_path)
    assert kept.tidy() > 100
    assert kept.figures()["feedback"] == 1
    assert _size(tmp_path) < before / 2


def test_the_file_shrinks_when_its_things_are_deleted(tmp_path: Path, clock: Clock) -> None:
    """The write-ahead log shrinks too, and neither contains deleted text."""
    kept = Storage(tmp_path, clock=clock)
    names = [kept.share(_given(f"{number}?", "pangolin " * 20_000)).id for number in range(20)]
    assert _size(tmp_path) > 3_000_000
    for name in names:
        kept.withdraw(name)
    assert _size(tmp_path) < 200_000
    assert b"pangolin" not in b"".join(file.read_bytes() for file in tmp_path.glob(f"{FILE}*"))


def test_an_answer_that_is_too_large_is_refused_with_a_way_out(tmp_path: Path) -> None:
    """One row must not fill the file."""
    kept = Storage(tmp_path)
    with pytest.raises(AnswerTooLargeError) as caught:
        kept.share(_given(text="x" * MAX_ANSWER_BYTES))
    assert "one year" in caught.value.hint
    assert not (tmp_path / FILE).exists()


def _version_1(file: Path, answers: list[Answer], notes: int = 0) -> None:
    with sqlite3.connect(file) as database:
        database.executescript(V1)
        for one in answers:
            row = (one.id, "2026-02-20T10:00:00+00:00", json.dumps(one.as_dict(), ensure_ascii=False))
            database.execute("insert into shared values (?, ?, ?)", row)
        for number in range(notes):
            told = ("2026-02-21T10:00:00+00:00", "down", "wrong", f"note {number} " + "x" * 900, None)
            about = ("answered", "define", "chat", "beginner", '["rlhf"]', "0" * 64)
            row = (f"f{number}", "0" * 24, *told, *about)
            database.execute("insert into feedback values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    database.close()


def test_a_file_of_version_1_is_taken_over_whole(tmp_path: Path, clock: Clock) -> None:
    """All shared answers and feedback survive, expire counted from their own days, and the file can shrink."""
    given = [_given(f"{number}?") for number in range(5)]
    _version_1(tmp_path / FILE, given, notes=300)
    kept = Storage(tmp_path, clock=clock)
    for one in given:
        shared = kept.shared(one.id)
        assert shared is not None
        assert (shared.on, shared.answer.as_dict()) == ("2026-02-20", one.as_dict())
    found = kept.feedback()
    assert {one.id for one in found} == {f"f{number}" for number in range(300)}
    assert found[0].cited == ("rlhf",)
    kept.rate(given[0], "up", client="a")
    before = _size(tmp_path)
    assert kept.delete_feedback_before("2026-02-22") == 300
    assert _size(tmp_path) < before / 2
    clock.pass_(days=400)
    assert kept.shared(given[0].id) is None
    assert kept.tidy() >= 6


def test_what_was_kept_before_there_were_quotas_is_not_deleted_for_others(tmp_path: Path, clock: Clock) -> None:
    """A full file of version 1 refuses new rows until the owner deletes some, and the error says how."""
    _version_1(tmp_path / FILE, [_given()], notes=950)
    kept = Storage(tmp_path, rules=Rules(max_bytes=SMALL), clock=clock)
    with pytest.raises(KeptFullError):
        [kept.rate(_given(), "down", note="x" * 900, client=f"c{number}") for number in range(500)]
    assert {f"f{number}" for number in range(950)} <= {one.id for one in kept.feedback(top=10_000)}
    assert kept.delete_feedback_before("2026-02-22") == 950
    kept.rate(_given(), "down", client="new")


def test_a_large_file_of_version_1_is_rewritten_only_when_asked(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening it must not block others for long. `compact` returns the space."""
    monkeypatch.setattr(kept_file, "_MAX_REWRITE_BYTES", 1)
    given = _given()
    _version_1(tmp_path / FILE, [given], notes=1_000)
    kept = Storage(tmp_path, clock=clock)
    kept.delete_feedback_before("2027")
    before, after = kept.compact()
    assert before > 1_000_000
    assert after < 200_000
    assert kept.shared(given.id) is not None


def test_a_disk_that_is_full_and_a_size_that_is_reached_have_different_ways_out(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Free disk space solves the first problem; deleting rows or a higher limit solves the second."""
    kept = Storage(tmp_path, rules=Rules(max_bytes=SMALL), clock=clock)
    kept.share(_given())
    tiny = kept_file.StorageFile(tmp_path, 4096)

    def filled() -> StorageError:
        with pytest.raises(StorageError) as caught, tiny.open(write=True) as database:
            database.execute("insert into shared values ('x', 'x', ?)", ("x" * 100_000,))
        return caught.value

    assert isinstance(filled(), KeptFullError)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(kept_file.shutil, "disk_usage", lambda _: usage._replace(free=0))
    error = filled()
    assert not isinstance(error, KeptFullError)
    assert "free some space" in error.hint


@pytest.fixture
def client(assistant: Assistant, tmp_path: Path, clock: Clock) -> Iterator[TestClient]:
    """The API with a quota of two writes per hour."""
    app = FastAPI()
    remembering = RecentAnswers(assistant)
    install_errors(app)
    app.include_router(api(remembering))
    app.include_router(
        feedback(remembering, ServingSettings(), Storage(tmp_path, rules=Rules(per_day=10), clock=clock))
    )
    with TestClient(app, raise_server_exceptions=False) as opened:
        yield opened


def test_over_http_too_much_is_429_with_the_seconds_to_wait(client: TestClient) -> None:
    """As a JSON error."""
    name = client.post("/api/ask", json={"question": "What is RLHF?"}).json()["id"]
    said = {"answer_id": name, "rating": "up"}
    assert [client.post("/api/feedback", json=said).status_code for _ in range(3)] == [200, 200, 429]
    refused = client.post(f"/api/answers/{name}/share")
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "3600"
    assert refused.json()["error"]["code"] == "too_much_kept"
    assert "3600 s" in refused.json()["error"]["message"]


def test_the_owner_lists_deletes_and_compacts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the command line, with the ids from the lists."""
    monkeypatch.setenv("ALMANAC_DATA", str(tmp_path))

    def run(*words: str, status: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["almanac", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert (ended.value.code or 0) == status
        told = capsys.readouterr()
        return told.out or told.err

    assert "Nothing is shared yet" in run("shared")
    assert "0 bytes" in run("compact")
    assert "no feedback 'x'" in run("feedback", "--delete", "x", status=2)
    kept = Storage(tmp_path)
    shared = kept.share(_given("What is a \x1b[31mpangolin?"))
    names = [kept.rate(_given(), "down", note=f"n{number}") for number in range(3)]
    listed = run("shared")
    assert shared.id in listed
    assert "\x1b" not in listed
    (row,) = json.loads(run("shared", "--json"))
    assert (row["id"], row["question"]) == (shared.id, "What is a \x1b[31mpangolin?")
    assert names[0] in run("feedback")
    run("feedback", "--delete", names[0], "--delete", names[1])
    assert [one.id for one in kept.feedback()] == [names[2]]
    assert "not YYYY" in run("feedback", "--delete-before", "yesterday", status=2)
    assert "cannot be combined" in run("feedback", "--delete", names[2], "--json", status=2)
    assert "deleted: 1 given" in run("feedback", "--delete-before", "2999-01-01")
    assert kept.feedback() == []
    assert "bytes now" in run("compact")
    assert "almanac shared" in run("unshare", "0" * 24, status=2)
    run("unshare", shared.id)
    assert kept.shared_list() == []


def test_wrong_ids_and_days_are_said(tmp_path: Path) -> None:
    """Also if nothing was ever stored."""
    kept = Storage(tmp_path)
    with pytest.raises(UnknownAnswerError):
        kept.delete_feedback("x")
    with pytest.raises(UnknownAnswerError):
        kept.withdraw("x")
    with pytest.raises(CommandError):
        kept.delete_feedback_before("2026-13")
    assert (kept.delete_feedback_before("2026"), kept.tidy(), kept.compact()) == (0, 0, (0, 0))
    assert not (tmp_path / FILE).exists()


def test_reading_goes_on_while_something_is_written(tmp_path: Path, clock: Clock) -> None:
    """The reading is then recorded later, and the page does not wait."""
    kept = Storage(tmp_path, clock=clock)
    shared = kept.share(_given())
    clock.pass_(days=2)
    holder = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    holder.execute("begin immediate")
    assert kept.shared(shared.id) == shared
    assert kept.shared_list()[0].last_read == "2026-03-01"
    holder.execute("rollback")
    holder.close()
    assert kept.shared(shared.id) == shared
    assert kept.shared_list()[0].last_read == "2026-03-03"
