"""Nothing phones home: the commands work with no network at all, and never so much as look up a name."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

WATCH = """
import os, socket

def note(what):
    with open(os.environ["CALLS_MADE"], "a", encoding="utf-8") as file:
        file.write(f"{what}\\n")

def is_here(address):
    return not isinstance(address, tuple) or str(address[0]) in {"127.0.0.1", "::1", "localhost", "", "None", "0.0.0.0"}

connect, look_up = socket.socket.connect, socket.getaddrinfo

def watched_connect(self, address):
    if not is_here(address):
        note(f"connect {address}")
    return connect(self, address)

def watched_look_up(host, *args, **kwargs):
    if not is_here((host,)):
        note(f"look up {host}")
    return look_up(host, *args, **kwargs)

socket.socket.connect, socket.getaddrinfo = watched_connect, watched_look_up
"""


def run(folder: Path, *command: str, prefix: tuple[str, ...] = ()) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run a command with a watch on Python's sockets; what they were asked for is the second value."""
    (folder / "sitecustomize.py").write_text(WATCH, "utf-8")
    calls = folder / "calls"
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(folder), str(Path(__file__).parent.parent)]),
        "CALLS_MADE": str(calls),
        "ALMANAC_DATA": str(folder / "data"),
    }
    done = subprocess.run(
        [*prefix, sys.executable, *command], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    return done, calls.read_text("utf-8") if calls.exists() else ""


def test_the_watch_sees_a_call(tmp_path: Path) -> None:
    """A watch that cannot bark proves nothing."""
    _, calls = run(tmp_path, "-c", "import socket\ntry: socket.getaddrinfo('example.org', 80)\nexcept OSError: pass")
    assert "example.org" in calls


@pytest.mark.parametrize(
    "command",
    [
        ("-m", "ui.cli", "ask", "What is RLHF?", "--json"),
        ("-m", "ui.cli", "search", "jailbreak", "--json"),
        ("-m", "ui.cli", "build"),
        ("-c", "import ui.app, ui.chat, assistant.factory"),
    ],
    ids=["ask", "search", "build", "web"],
)
def test_no_command_asks_for_an_outside_address(tmp_path: Path, command: tuple[str, ...]) -> None:
    """Neither we nor Chroma, Gradio or LlamaIndex connect or look anything up."""
    done, calls = run(tmp_path, *command)
    assert done.returncode == 0, done.stderr
    assert calls == ""


def test_an_answer_needs_no_network_at_all(tmp_path: Path) -> None:
    """In a network namespace without any interface, the first question on a fresh machine is answered as ever."""
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rn", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine lets nobody make a network namespace")
    done, _ = run(tmp_path, "-m", "ui.cli", "ask", "What is RLHF?", "--json", prefix=(unshare, "-rn"))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "answered"
