"""Odd arguments, closed pipes, full disks and other encodings: commands never print a traceback."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from assistant.settings.settings import Settings
from index.catalogue import load_starter

ASK = ("ask", "What is RLHF?")
ODD: list[tuple[str, ...]] = [
    (),
    ("",),
    ("--",),
    ("-",),
    ("bogus",),
    ("--bogus",),
    ("ask",),
    ("ask", "--"),
    ("ask", "a", "b"),
    ("ask", "--level", "expert", "x"),
    ("ask", "--mode", "", "x"),
    ("ask", "x", "--history"),
    ("ask", "x", "--history", "."),
    ("ask", "x", "--history", "/dev/null"),
    ("ask", "x", "--catalogue", "."),
    ("ask", "x", "--catalogue", "/dev/null"),
    ("ask", "x", "--catalogue", "a" * 300),
    ("ask", "\xff\xfe"),
    ("ask", "\x1b[31m\x07\r\x7f"),
    ("ask", "-n"),
    ("ask", "𝕎𝕙𝕒𝕥 is RLHF?".encode().decode("latin-1")),
    ("ask", "'; DROP TABLE passages; --"),
    ("ask", "[bold]What[/bold] is {RLHF} %s $HOME `id`?"),
    ("search", ""),
    ("search", "\xff"),
    ("search", "*"),
    ("search", "x", "--top", "0"),
    ("search", "x", "--top", "1001"),
    ("search", "x", "--top", "many"),
    ("search", "x", "--since", ""),
    ("search", "x", "--since", "2024-13"),
    ("search", "x", "--since", "2025", "--until", "2020"),
    ("search", "x", "--until", "\xff"),
    ("search", "x", "--kind", "Event"),
    ("search", "x", "--organisation", "", "--topic", "\xff"),
    ("related", ""),
    ("related", "../../etc/passwd"),
    ("related", "\xff"),
    ("cite",),
    ("cite", "rlhf", "--as", "apa"),
    ("cite", "\xff"),
    ("build", "--catalogue", "/dev/null"),
    ("build", "--catalogue", "a" * 300),
    ("import", "a" * 300),
    ("import", "-", "--into", "a" * 300),
    ("build", "--catalogue", "."),
    ("import",),
    ("import", ""),
    ("import", "\xff"),
    ("import", "/dev/null"),
    ("import", "http://localhost:1/x"),
    ("import", "-", "--into", "."),
    ("import", "-", "--format", ""),
    ("eval", "nonsense"),
    ("eval", "retrieval", "--data", "/dev/null"),
    ("eval", "abstention", "--data", ".", "--tasks", "."),
    ("serve", "--port", "65536"),
    ("serve", "--port", "-1"),
    ("config", "extra"),
    ("config", "--json", "--json"),
    ("--version", "--help"),
]


def run_all(
    cases: list[tuple[str, ...]], folder: Path, data: Path, stdin: bytes = b"", **more: str
) -> list[dict[str, Any]]:
    """The results of many commands."""
    given = [
        {"arguments": list(case), "stdin": stdin.decode("latin-1"), "settings": {"ALMANAC_DATA": str(data)} | more}
        for case in cases
    ]
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, Path(__file__).parent / "forked.py"], input=json.dumps(given), capture_output=True, text=True,
        check=True, cwd=folder, env=os.environ | {"PYTHONPATH": str(root)},
    )  # fmt: skip
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


OWN = [
    {
        "id": "rlhf",
        "kind": "guide",
        "title": "RLHF",
        "level": "beginner",
        "tldr": "RLHF trains a model from human feedback.",
    },
    {
        "id": "kiwi",
        "kind": "event",
        "title": "Kiwi launch",
        "summary": "Kiwi has 9 billion parameters.",
        "date": "2024",
    },
]


def test_no_odd_argument_ends_in_a_traceback(tmp_path: Path) -> None:
    """A result, or status 2 with two lines: the error and how to fix it. No control characters in the output."""
    folder, own = tmp_path / "folder", tmp_path / "own.jsonl"
    folder.mkdir()
    own.write_text("\n".join(map(json.dumps, OWN)), "utf-8")
    for case, done in zip(ODD, run_all(ODD, folder, tmp_path / "data", ALMANAC_CATALOGUE=str(own)), strict=True):
        assert "Traceback" not in done["err"], (case, done["err"])
        assert done["code"] in {0, 1, 2}, (case, done)
        if done["code"] == 2:
            assert done["out"] == "", case
            lines = done["err"].splitlines()
            assert len(lines) == 2, (case, lines)
            assert lines[0].startswith("error: "), (case, lines)
            assert lines[1].startswith("  try: "), (case, lines)
        else:
            assert done["out"] or done["err"], case
        assert not set(done["out"] + done["err"]) & {"\x1b", "\x07", "\r", "\x7f"}, case
    assert list(folder.iterdir()) == []


def test_a_command_line_that_cannot_be_read_tells_its_help(tmp_path: Path) -> None:
    """The hint names the command in question. Without a command, the program prints its help."""
    cases: list[tuple[str, ...]] = [
        ("ask",),
        ("search", "x", "--top", "0"),
        ("bogus",),
        ("cite", "a", "--as", "apa"),
        (),
    ]
    *wrong, helped = run_all(cases, tmp_path, tmp_path / "data")
    assert [done["err"].splitlines()[1] for done in wrong] == [
        "  try: almanac ask --help",
        "  try: almanac search --help",
        "  try: almanac --help",
        "  try: almanac cite --help",
    ]
    assert (helped["code"], helped["err"]) == (0, "")
    assert "Usage: almanac" in helped["out"]


def test_a_data_folder_that_cannot_be_written_names_the_setting(tmp_path: Path) -> None:
    """For every command that writes there. `cite` needs no data folder."""
    (tmp_path / "c.jsonl").write_text('{"id": "a", "kind": "event", "title": "T", "summary": "S"}\n', "utf-8")
    cases: list[tuple[str, ...]] = [
        ASK,
        ("search", "x"),
        ("build",),
        ("related", "rlhf"),
        ("import", "c.jsonl"),
        ("cite", "rlhf"),
    ]
    *refused, cited = run_all(cases, tmp_path, Path("/dev/null/x"))
    for case, done in zip(cases, refused, strict=False):
        assert (done["code"], done["out"]) == (2, ""), (case, done)
        assert "ALMANAC_DATA" in done["err"].splitlines()[1], case
    assert cited["code"] == 0


CONTRACT = {
    "": "status question searched_for intent filters mode level text sentences citations total removed reason nearest "
    "related suggestions catalogue engine timings_ms id",
    "filters": "kinds since until organisations topics",
    "sentences": "text citations support",
    "citations": "number entry_id kind title date source url field quote start end",
    "nearest": "entry_id title",
    "related": "entry_id kind title date why",
    "catalogue": "hash as_of entries",
    "engine": "answerer embedder version",
    "timings_ms": "retrieve answer total",
}


def test_json_has_the_shape_of_the_contract(tmp_path: Path, settings: Settings, assistant: object) -> None:
    """The same keys in the same order, answered or not; only JSON on standard output; the same answer each time."""
    assert assistant is not None
    questions: list[tuple[str, ...]] = [
        (*ASK, "--json"),
        ("ask", "What did GPT-4 cost to train?", "--json"),
        (*ASK, "--json"),
    ]
    answered, abstained, again = run_all(questions, tmp_path, settings.data)
    assert (answered["code"], abstained["code"]) == (0, 1)
    seen = set()
    for done in (answered, abstained):
        answer = json.loads(done["out"])
        for name, keys in CONTRACT.items():
            part = answer[name] if name else answer
            for one in part if isinstance(part, list) else [part]:
                assert list(one) == keys.split(), name
                seen.add(name)
    assert seen == set(CONTRACT)
    assert json.loads(abstained["out"])["citations"] == []
    first, second = json.loads(answered["out"]), json.loads(again["out"])
    assert first["id"] != second["id"]
    assert first | {"timings_ms": 0, "id": ""} == second | {"timings_ms": 0, "id": ""}


def test_each_filter_restricts_alone(tmp_path: Path, settings: Settings) -> None:
    """Checked against the entries: values of one filter are alternatives, different filters must all match."""
    filters: list[tuple[str, ...]] = [
        ("--kind", "guide", "--kind", "path"), ("--until", "2020-06"), ("--organisation", "OPENAI"),
        ("--topic", "rlhf", "--topic", "Incidents", "--top", "9"), ("--kind", "event", "--since", "2024-03", "--until", "2024-04-30"),
    ]  # fmt: skip
    done = run_all(
        [("search", "language model safety", "--json", "--top", "200", *one) for one in filters],
        tmp_path,
        settings.data,
    )
    by_id = load_starter().by_id
    rows = [[by_id[row["entry_id"]] for row in json.loads(one["out"])["results"]] for one in done]
    assert all(rows)
    both, early, openai, topics, month = rows
    assert {entry.kind for entry in both} == {"guide", "path"}
    assert all(entry.date < "2020-07" for entry in early)
    assert all("OpenAI" in entry.organisations for entry in openai)
    assert all({"rlhf", "incidents"} & set(entry.topics) for entry in topics)
    assert len(topics) == 9
    assert all(entry.date[:7] in {"2024-03", "2024-04"} for entry in month)


@contextmanager
def started(
    *arguments: str, data: Path, stdout: int = subprocess.PIPE, **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A command as a real process."""
    root = Path(__file__).parents[3]
    environment = os.environ | {"PYTHONPATH": str(root), "ALMANAC_DATA": str(data)} | more
    with subprocess.Popen(
        [sys.executable, "-m", "ui.cli", *arguments],
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=environment,
    ) as process:
        yield process


def test_a_reader_who_leaves_before_the_first_line_breaks_nothing(settings: Settings, assistant: object) -> None:
    """No output and status 0, because the command did its work."""
    assert assistant is not None
    with started(*ASK, "--json", data=settings.data) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_a_result_that_cannot_be_written_is_an_error_and_not_lost_in_silence(tmp_path: Path) -> None:
    """`almanac config > FILE` on a full disk."""
    with Path("/dev/full").open("wb") as full, started("config", data=tmp_path, stdout=full.fileno()) as process:
        assert process.stderr is not None
        err = process.stderr.read().decode()
    assert process.returncode == 2
    assert err.startswith("error: cannot write the result: No space left on device\n  try: free some space")
    assert len(err.splitlines()) == 2


@pytest.mark.parametrize("module", ["typer", "assistant.answer", "ui.cli.server"])
def test_an_interrupt_ends_a_command_at_once_and_in_silence(tmp_path: Path, module: str) -> None:
    """Status 130, as shells expect, also while the program is still importing its modules."""
    with started("ask", "-", data=tmp_path, PYTHONVERBOSE="1") as process:
        assert process.stderr is not None
        assert process.stdin is not None
        while f"import '{module}'".encode() not in (line := process.stderr.readline()):
            assert line, f"{module} was never imported"
        process.send_signal(signal.SIGINT)
        err = process.stderr.read()
    assert process.returncode == 130
    assert b"Traceback" not in err


def test_a_terminal_of_another_encoding_gets_question_marks(settings: Settings, assistant: object) -> None:
    """The rest of the text is unchanged."""
    assert assistant is not None
    with started(
        "cite", "generative-adversarial-networks", "deepseek-r1", data=settings.data, PYTHONIOENCODING="ascii"
    ) as process:
        out, err = process.communicate()
    assert (process.returncode, err) == (0, b"")
    assert out.isascii()
    assert b"Generative Adversarial Networks" in out
