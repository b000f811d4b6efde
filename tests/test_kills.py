"""Commands that are killed at any moment lose no data, and the final index equals that of a clean build."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = int(os.environ.get("KILLS", "12"))
"""`KILLS=200` in the environment runs the full test, with 2,000 entries."""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the commands are forked from one process")
def test_import_serve_sync_and_build_may_be_killed_at_any_moment(tmp_path: Path, project: Path) -> None:
    """After each SIGKILL all imported entries exist; the final catalogue and index equal those of a clean build."""
    entries, rounds = ("2000", "10") if KILLS >= 100 else ("200", "1")
    command = [
        sys.executable,
        "-m",
        "tests.support.kills",
        tmp_path,
        "--kills",
        str(KILLS),
        "--entries",
        entries,
        "--rounds",
        rounds,
    ]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert sum(report["killed"].values()) == KILLS
    assert set(report["killed"]) == {"import", "serve", "sync", "build"}
    assert report["catalogue_equal"]
    assert report["index_equal"]
    assert report["left_behind"] == []
