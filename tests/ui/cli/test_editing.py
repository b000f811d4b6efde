"""Editing the catalogue from the command line: `list`, `show`, `edit`, `rm`, `rename`, `restore`, `history`, `undo`, `rollback`."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .test_commands import OWN


class Commands:
    """Runs `almanac` in forks of one process, each with its own data folder, without an embedder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("ALMANAC_")} | {
            "ALMANAC_DATA": str(folder / "data"), "ALMANAC_EMBEDDER": "none", "ALMANAC_READER": "false", "PYTHONPATH": str(Path(__file__).parents[3]),
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.ui.cli.forked", "lines"], cwd=folder, env=self.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def run(
        self, *arguments: str, stdin: bytes = b"", status: int | None = None, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one command; with `status`, check its exit status."""
        case = {"arguments": arguments, "stdin": stdin.decode("latin-1"), "settings": settings}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(case) + "\n")
        self.process.stdin.flush()
        done = json.loads(self.process.stdout.readline())
        assert "Traceback" not in done["err"], done
        assert status is None or done["code"] == status, done
        return subprocess.CompletedProcess(arguments, done["code"], done["out"], done["err"])

    def fails(self, *arguments: str, stdin: bytes = b"", **settings: str) -> str:
        """Run a command that must fail with status 2 and two lines."""
        done = self.run(*arguments, stdin=stdin, status=2, **settings)
        lines = done.stderr.strip().splitlines()
        assert (done.stdout, len(lines)) == ("", 2), done
        assert lines[0].startswith("error: ")
        assert lines[1].startswith("  try: ")
        return done.stderr


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Commands]:
    """Commands without a catalogue of their own."""
    commands = Commands(tmp_path)
    yield commands
    commands.process.kill()  # it has nothing to finish
    commands.process.communicate()


@pytest.fixture
def shell(bare: Commands) -> Commands:
    """Commands over a catalogue of two entries."""
    (bare.folder / "own.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in OWN), "utf-8")
    bare.run("import", "own.jsonl", status=0)
    return bare


def done(shell: Commands, *arguments: str, stdin: bytes = b"") -> str:
    """The output of a command that must succeed."""
    return shell.run(*arguments, stdin=stdin, status=0).stdout


def test_an_entry_lives_through_every_command(shell: Commands) -> None:
    """Edited, renamed, removed, restored, and all of it undone; the history tells it in order."""
    assert done(shell, "list").splitlines() == [
        "2025-02-03  event  audit  Audit of Kiwi 2",
        "2024-05     event  kiwi  Kiwi 2 launch",
    ]
    assert "changed: kiwi" in done(
        shell, "edit", "kiwi", "--set", "topics=models, birds", "--set", "date=", "--no-build"
    )
    assert json.loads(done(shell, "show", "kiwi", "--json"))["topics"] == ["models", "birds"]
    assert "renamed: kiwi -> kiwi-2" in done(shell, "rename", "kiwi", "kiwi-2", "--no-build")
    assert "id: kiwi-2" in done(shell, "show", "kiwi")
    answer = shell.run("ask", "How many parameters does Kiwi 2 have?", "--json")
    assert [one["entry_id"] for one in json.loads(answer.stdout)["citations"]] == ["kiwi-2"]
    done(shell, "rm", "kiwi-2")
    assert "almanac restore kiwi-2" in shell.fails("show", "kiwi-2")
    assert shell.run("ask", "How many parameters does Kiwi 2 have?").returncode == 1
    (row,) = json.loads(done(shell, "list", "--removed", "--json"))
    assert (row["entry_id"], row["title"]) == ("kiwi-2", "Kiwi 2 launch")
    assert "left out: kiwi" in shell.run("import", "own.jsonl").stderr
    done(shell, "restore", "kiwi-2", "--no-build")
    for _ in range(5):
        done(shell, "undo", "--no-build")
    changes = json.loads(done(shell, "history", "--json"))
    assert [change["command"].split()[0] for change in changes] == [
        *["undo"] * 5, "restore", "import", "rm", "rename", "edit", "import",
    ]  # fmt: skip
    assert {change["who"] for change in changes} != {""}
    shown = json.loads(done(shell, "show", "kiwi", "--json"))
    assert {name: shown[name] for name in OWN[0]} == OWN[0]
    assert 'topics: ["models"]\n        -> ["models", "birds"]' in done(shell, "history", "kiwi")


def test_a_rollback_brings_back_the_catalogue_and_the_index_of_before(shell: Commands) -> None:
    """Without embedding anything again, and it can be undone. Without an earlier index it says so."""
    done(shell, "build")
    assert "almanac undo" in shell.fails("rollback")
    done(shell, "edit", "kiwi", "--set", "title=Wrong")
    assert "changed: kiwi" in done(shell, "rollback")
    assert json.loads(done(shell, "show", "kiwi", "--json"))["title"] == "Kiwi 2 launch"
    assert "nothing to do" in done(shell, "build")
    done(shell, "undo")
    assert json.loads(done(shell, "show", "kiwi", "--json"))["title"] == "Wrong"


def test_a_whole_entry_is_read_from_a_file_or_standard_input(shell: Commands) -> None:
    """What is no entry is a clear error, and nothing changes."""
    entry = OWN[0] | {"title": "Kiwi 3"}
    done(shell, "edit", "kiwi", "--file", "-", "--no-build", stdin=json.dumps(entry).encode())
    assert "title: Kiwi 3" in done(shell, "show", "kiwi")
    for wrong in (b"{", b"[]", b"\xff", json.dumps(entry | {"date": "soon"}).encode()):
        shell.fails("edit", "kiwi", "--file", "-", stdin=wrong)
    for arguments in (
        ("--set", "title"), ("--set", "title="), ("--set", "topics=[1"), ("--set", "title=x", "--file", "-"), (),
        ("--set", "id=other"),
    ):  # fmt: skip
        shell.fails("edit", "kiwi", *arguments)
    shell.fails("edit", "nothing", "--set", "title=x")
    shell.fails("undo", "99")
    shell.fails("history", "nothing")
    assert "nothing changed" in shell.run("edit", "kiwi", "--set", "title=Kiwi 3").stderr


def test_the_users_own_editor_opens_the_entry(shell: Commands) -> None:
    """On a terminal. A version that does not fit is kept in a file that the message names."""
    script = shell.folder / "editor.py"
    script.write_text(
        "import sys, pathlib\np = pathlib.Path(sys.argv[1])\np.write_text(p.read_text('utf-8').replace('Kiwi 2 launch', 'Kiwi, edited'), 'utf-8')\n",
        "utf-8",
    )
    master, terminal = pty.openpty()

    def edit() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ui.cli", "edit", "kiwi", "--no-build"], stdin=terminal, capture_output=True,
            cwd=shell.folder, env=shell.environment | {"EDITOR": f"{sys.executable} {script}"}, check=False, timeout=300,
            text=True,
        )  # fmt: skip

    try:
        assert edit().returncode == 0
        assert "title: Kiwi, edited" in done(shell, "show", "kiwi")
        script.write_text(
            script.read_text("utf-8").replace("'Kiwi 2 launch', 'Kiwi, edited'", "'2024-05', 'soon'"), "utf-8"
        )
        refused = edit()
    finally:
        os.close(master)
        os.close(terminal)
    assert refused.returncode == 2
    kept = Path(refused.stderr.split("your version of the entry is in ")[1].splitlines()[0])
    assert json.loads(kept.read_text("utf-8"))["date"] == "soon"
    kept.unlink()


def test_the_starter_catalogue_and_a_folder_cannot_be_edited(bare: Commands) -> None:
    """The error says what to do instead."""
    assert "almanac import" in bare.fails("rm", "gpt-3")
    (bare.folder / "folder").mkdir()
    assert "ALMANAC_CATALOGUE" in bare.fails("rm", "gpt-3", ALMANAC_CATALOGUE=str(bare.folder / "folder"))


def test_prune_asks_before_it_removes_much(shell: Commands) -> None:
    """Without a terminal it refuses; a dry run shows what would go, --yes removes it."""
    source = shell.folder / "own.jsonl"
    source.write_text(json.dumps(OWN[0]) + "\n", "utf-8")
    assert "--yes" in shell.fails("import", "own.jsonl", "--prune").splitlines()[-1]
    dry = done(shell, "import", "own.jsonl", "--prune", "--dry-run")
    assert "removed: audit" in dry
    assert "audit" in done(shell, "list")
    assert "1 removed" in done(shell, "import", "own.jsonl", "--prune", "--yes")
    assert "audit" not in done(shell, "list")
    done(shell, "undo", "--no-build")
    assert "audit" in done(shell, "list")
