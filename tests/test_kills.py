"""Commands killed at any moment lose nothing, and what they leave leads to the same index as a clean build."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = int(os.environ.get("KILLS", "12"))
"""`KILLS=200` is the whole test, over 2,000 entries."""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the commands are forked from one process")
def test_import_serve_sync_and_build_may_be_killed_at_any_moment(tmp_path: Path, project: Path) -> None:
    """After each SIGKILL everything acknowledged is there; in the end catalogue and index are byte-equal to a clean build."""
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
    said = json.loads(done.stdout)
    assert sum(said["killed"].values()) == KILLS
    assert set(said["killed"]) == {"import", "serve", "sync", "build"}
    assert said["catalogue_equal"]
    assert said["index_equal"]
    assert said["left_behind"] == []
