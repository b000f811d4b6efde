"""Importing addresses and syncing from the command line, and syncing while a server answers."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from index.errors import CommandError
from tests.support.web_server import Site
from ui.serving.periodic_sync import PeriodicSync, seconds_of

from .test_commands import Shell

KIWI = {"id": "kiwi", "kind": "event", "title": "Kiwi 2 launch", "date": "2024-05", "summary": "Wellington Labs released Kiwi 2, a model of 9 billion parameters."}  # fmt: skip
AUDIT = {"id": "audit", "kind": "event", "title": "Audit of Kiwi 2", "date": "2025-02-03", "summary": "Auditors found 14 faults in Kiwi 2."}  # fmt: skip


def lines(*entries: dict[str, str]) -> bytes:
    """Entries as JSON Lines."""
    return "".join(json.dumps(entry) + "\n" for entry in entries).encode()


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell with an empty data folder and without an embedder, which makes indexing faster."""
    made = Shell(tmp_path, tmp_path / "data")
    made._environment["ALMANAC_EMBEDDER"] = "none"
    return made


def listing(shell: Shell, *urls: str) -> None:
    """An almanac.toml with these addresses."""
    tables = [f'[[sources]]\nurl = "{url}"\nallow_private = true\n' for url in urls]
    (shell.folder / "almanac.toml").write_text("".join(tables), "utf-8")


def test_an_address_is_imported_like_a_file(web: Site, shell: Shell) -> None:
    """This machine's own only where that is allowed; one that leads to another is the other."""
    url = web.puts("/own.jsonl", lines(KIWI, AUDIT))
    assert "--allow-private" in shell.fails("import", url)
    done = shell.run("import", "--allow-private", url, web.leads("/old", "/own.jsonl"))
    assert (done.returncode, done.stdout.startswith("2 new, 0 changed, 0 the same")) == (0, True), done


def test_sync_reports_each_source_and_indexes_what_came(web: Site, shell: Shell) -> None:
    """Counts on standard output; failures and how to fix them on standard error; exit status 1."""
    listing(shell, web.puts("/a", lines(KIWI), etag='"1"'), web.url("/gone"))
    done = shell.run("sync")
    assert done.returncode == 1
    assert f"{web.url('/a')}: 1 new, 0 changed, 0 the same, 0 left out\n{web.url('/gone')}: failed\n" == done.stdout
    assert "404" in done.stderr
    assert "  try: " in done.stderr
    web.puts("/gone", lines(AUDIT))
    done = shell.run("sync", "--json")
    first, second = json.loads(done.stdout)["sources"]
    assert (first["status"], second["status"], second["new"]) == ("unchanged", "read", 1)
    assert (done.returncode, done.stderr) == (0, "2 entries are in the index\n")


@pytest.mark.parametrize(("duration", "seconds"), [("90s", 90), ("30m", 1800), ("1h", 3600), (" 1D ", 86400)])
def test_a_duration_is_a_number_and_a_unit(duration: str, seconds: int) -> None:
    """Seconds, minutes, hours, days."""
    assert seconds_of(duration) == seconds


@pytest.mark.parametrize("duration", ["", "0m", "1", "h", "-1h", "1w", "1.5h", "99999d", "1h30m", "½h"])
def test_what_is_no_duration_is_a_clear_error(duration: str) -> None:
    """The error says how to fix it."""
    with pytest.raises(CommandError) as caught:
        seconds_of(duration)
    assert "30m" in caught.value.hint


def test_serving_takes_up_a_changed_source_while_questions_go_on(web: Site, shell: Shell) -> None:
    """Every question is answered, the new entry is found, and the server and its sync end at once."""
    listing(shell, web.puts("/a", lines(KIWI), etag='"1"'))
    (shell.folder / "data").mkdir()
    (shell.folder / "data" / "catalogue.jsonl").write_bytes(lines(KIWI))
    server = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "serve", "--port", "0", "--sync-every", "1s"],
        cwd=shell.folder, env=shell._environment | {"ALMANAC_CLIENT_PER_MINUTE": "100000", "ALMANAC_SITE_PER_MINUTE": "100000"},
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert server.stderr is not None
        said = re.search(r"http://\S+/", server.stderr.readline())
        assert said
        web.puts("/a", lines(KIWI, AUDIT), etag='"2"')
        statuses = []
        end = time.monotonic() + 300  # its sync runs at a low priority
        while time.monotonic() < end:
            asked = httpx.post(
                f"{said[0]}api/ask", json={"question": "How many faults did auditors find in Kiwi 2?"}, timeout=30
            )
            assert asked.status_code == 200
            statuses.append(asked.json()["status"])
            if statuses[-1] == "answered":
                break
            time.sleep(0.1)
        assert statuses[-1] == "answered"
        assert len(statuses) > 1
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=20)


def test_a_sync_that_fails_is_logged_and_tried_again(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Syncing continues after a command that fails or cannot be started."""
    runs: list[int] = []

    def start(_environment: object) -> "subprocess.Popen[str]":
        runs.append(1)
        if len(runs) == 1:
            raise OSError("no more processes")
        return subprocess.Popen(
            [sys.executable, "-c", f"import sys; print('trouble', file=sys.stderr); sys.exit({len(runs) - 1})"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    monkeypatch.setattr("ui.serving.periodic_sync._start", start)
    taken_up = SimpleNamespace(times=0)

    def refresh() -> None:
        taken_up.times += 1
        raise RuntimeError("this fails, too")

    with PeriodicSync(0.01, after=refresh):
        end = time.monotonic() + 20
        while len(runs) < 5 and time.monotonic() < end:
            time.sleep(0.01)
    assert len(runs) >= 5
    assert taken_up.times == 1
    assert "no more processes" in caplog.text
    assert "status 2\ntrouble" in caplog.text


def test_the_end_does_not_wait_for_a_sync_that_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sync ends with the server, and its files are complete: either the old or the new version."""
    started: list[subprocess.Popen[str]] = []

    def start(environment: dict[str, str]) -> "subprocess.Popen[str]":
        assert environment["ALMANAC_CATALOGUE"] == "mine.jsonl"
        assert environment["PATH"] == os.environ["PATH"]
        command = [sys.executable, "-c", "import time; time.sleep(60)"]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[0]

    monkeypatch.setattr("ui.serving.periodic_sync._start", start)
    with PeriodicSync(60, environment={"ALMANAC_CATALOGUE": "mine.jsonl"}):
        end = time.monotonic() + 10
        while not started and time.monotonic() < end:
            time.sleep(0.01)
    # The command would sleep for a minute and end with 0; a negative status is the signal that ended it.
    assert started[0].poll() is not None
    assert started[0].returncode < 0
