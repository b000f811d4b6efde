"""`ask --receipt`, `ask --references` and `replay`, as real processes."""

import json
from pathlib import Path

from assistant.settings.settings import Settings

from .test_bad_input import run_all
from .test_commands import Shell

QUESTION = "Summarise what is known about chain-of-thought monitoring since 2024"


def test_a_summary_leaves_a_receipt_that_replays(tmp_path: Path, settings: Settings, assistant: object) -> None:
    """The brief is framed and has references; its receipt is unchanged, and is not once a quotation is another."""
    assert assistant is not None
    shell = Shell(tmp_path, settings.data)
    done = shell.run("ask", QUESTION, "--mode", "summary", "--receipt", "r.json", "--references", "ris")
    assert (done.returncode, done.stderr) == (0, "")
    assert "entries searched, by theme." in done.stdout
    assert "### " not in done.stdout
    assert done.stdout.count("\nER  - ") >= 4
    kept = json.loads((tmp_path / "r.json").read_text())
    again = json.loads(shell.run("replay", "r.json", "--json").stdout)
    assert again["unchanged"] is True
    kept["answer_sha256"] = "0" * 64
    kept["citations"][0]["entry_sha256"] = "0" * 64
    (tmp_path / "old.json").write_text(json.dumps(kept))
    changed = shell.run("replay", "old.json")
    assert changed.returncode == 1
    assert changed.stdout.startswith("Changed since ")
    assert "another part of the entry was edited" in changed.stdout


def test_a_file_that_is_no_receipt_is_two_lines(tmp_path: Path, settings: Settings, assistant: object) -> None:
    """A missing file, a folder, a file of another program, an existing file: status 2 and how to fix it."""
    assert assistant is not None
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "other.json").write_text('{"a": 1}')
    cases: list[tuple[str, ...]] = [
        ("replay",),
        ("replay", "missing.json"),
        ("replay", "."),
        ("replay", "notes.txt"),
        ("replay", "other.json"),
        ("replay", "/dev/null"),
        ("replay", "a" * 300),
        ("ask", "What is RLHF?", "--receipt", "notes.txt"),
        ("ask", "What is RLHF?", "--receipt", "."),
        ("ask", "What is RLHF?", "--references", "apa"),
    ]
    for found, case in zip(run_all(cases, tmp_path, settings.data), cases, strict=True):
        assert (found["code"], found["out"]) == (2, ""), (case, found)
        assert "Traceback" not in found["err"]
        assert len(found["err"].strip().splitlines()) == 2, (case, found)
    assert (tmp_path / "notes.txt").read_text() == "mine"
