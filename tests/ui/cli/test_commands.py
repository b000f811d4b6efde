"""The commands as real processes: output and exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.settings.settings import Settings

OWN = [
    {"id": "kiwi", "kind": "event", "title": "Kiwi 2 launch", "date": "2024-05", "summary": "Wellington Labs released Kiwi 2, a model of 9 billion parameters.", "organisations": ["Wellington Labs"], "topics": ["models"]},
    {"id": "audit", "kind": "event", "title": "Audit of Kiwi 2", "date": "2025-02-03", "summary": "Auditors found 14 faults in Kiwi 2.", "topics": ["audits"], "related_events": ["kiwi"]},
]  # fmt: skip


class Shell:
    """Runs `almanac` with its own data folder."""

    def __init__(self, folder: Path, data: Path) -> None:
        self.folder = folder
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("ALMANAC_")}
        self._environment |= {"ALMANAC_DATA": str(data), "PYTHONPATH": str(Path(__file__).parents[3])}

    def run(self, *arguments: str, stdin: bytes = b"", **settings: str) -> subprocess.CompletedProcess[str]:
        """Run one command. Standard input is empty unless given."""
        done = subprocess.run(
            [sys.executable, "-m", "ui.cli", *arguments], input=stdin, capture_output=True, check=False, timeout=120,
            cwd=self.folder, env=self._environment | settings,
        )  # fmt: skip
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    def fails(self, *arguments: str, stdin: bytes = b"", **settings: str) -> str:
        """Run a command that must fail with status 2, two lines on standard error and no other output."""
        done = self.run(*arguments, stdin=stdin, **settings)
        assert (done.returncode, done.stdout) == (2, ""), done
        assert "Traceback" not in done.stderr
        lines = done.stderr.strip().splitlines()
        assert len(lines) == 2, done.stderr
        assert lines[0].startswith("error: ")
        assert lines[1].startswith("  try: ")
        return done.stderr


@pytest.fixture
def shell(tmp_path: Path, settings: Settings, assistant: object) -> Shell:
    """A shell with the session's data folder, in which the starter catalogue is indexed."""
    assert assistant is not None
    return Shell(tmp_path, settings.data)


@pytest.fixture
def own(tmp_path: Path) -> Shell:
    """A shell with an empty data folder and a small catalogue file."""
    (tmp_path / "own.jsonl").write_text("\n".join(map(json.dumps, OWN)), "utf-8")
    return Shell(tmp_path, tmp_path / "data")


def test_an_answer_has_its_sources_below(shell: Shell) -> None:
    """The text, the numbered sources with ids, related entries; nothing on standard error."""
    done = shell.run("ask", "What is RLHF?")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("RLHF, short for reinforcement learning from human feedback")
    assert "\nSources:\n  [1]" in done.stdout
    assert "\nRelated:\n" in done.stdout


def test_json_is_the_contract_s_object_and_standard_input_is_a_question(shell: Shell) -> None:
    """`ask -` reads the question; --json prints one object."""
    answer = json.loads(shell.run("ask", "-", "--json", stdin=b"Who founded Anthropic?\n").stdout)
    assert answer["question"] == "Who founded Anthropic?"
    assert answer["status"] == "answered"
    assert "anthropic-profile" in {citation["entry_id"] for citation in answer["citations"]}


def test_no_answer_is_exit_status_1_and_names_the_nearest(shell: Shell) -> None:
    """Exit status 1: no answer is neither success nor an error."""
    done = shell.run("ask", "What did GPT-4 cost to train?")
    assert done.returncode == 1
    assert done.stdout.startswith("Not in the catalogue. I found nothing that answers this")
    assert "Nearest:\n  GPT-4" in done.stdout
    other = shell.run("ask", "What is the capital of Peru?")
    assert other.stdout == "Not in the catalogue. The catalogue has no entry that mentions “Peru”.\n"


def test_a_conversation_comes_from_a_file(shell: Shell) -> None:
    """--history is a JSON list of {role, content}; the answer says what was searched for."""
    talk = [
        {"role": "user", "content": "What is the Bletchley Declaration?"},
        {"role": "assistant", "content": "A declaration."},
    ]
    (shell.folder / "talk.json").write_text(json.dumps(talk))
    answer = json.loads(shell.run("ask", "how many countries signed it?", "--history", "talk.json", "--json").stdout)
    assert "Bletchley" in answer["searched_for"]
    assert "28" in answer["text"]


@pytest.mark.parametrize(
    "content", [b"", b"[", b"{}", b'[{"role": "robot", "content": "x"}]', b'[{"role": "user"}]', b"\xff\xfe\x00", b"[1]", b"[" * 100_000]
)  # fmt: skip
def test_a_conversation_that_cannot_be_read_is_a_clear_error(shell: Shell, content: bytes) -> None:
    """Malformed JSON, wrong types, not UTF-8, or nested too deeply."""
    (shell.folder / "talk.json").write_bytes(content)
    assert "history" in shell.fails("ask", "why?", "--history", "talk.json").lower() or content in {b"", b"["}


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        (("ask", ""), b""),
        (("ask", "   "), b""),
        (("ask", "-"), b""),
        (("ask", "-"), b"\xff\xfe"),
        (("ask", "why " * 600), b""),
        (("ask", "why?", "--history", "missing.json"), b""),
        (("ask", "why?", "--catalogue", "missing.jsonl"), b""),
        (("search", "x", "--since", "yesterday"), b""),
        (("search", "x" * 2_001), b""),
        (("related", "no-such-entry"), b""),
        (("cite", "rlhf", "no-such-entry"), b""),
        (("build", "--catalogue", "missing.jsonl"), b""),
        (("import", "missing.jsonl"), b""),
        (("import", "-"), b""),
        (("import", "-"), b"\x00\x01\x02binary"),
        (("import", "-", "--format", "nonsense"), b"{}"),
        (("eval", "retrieval"), b""),
        (("eval", "retrieval", "--data", "missing"), b""),
        (("eval", "questions", "--tasks", "missing"), b""),
    ],
)
def test_bad_input_is_two_lines_and_status_2(shell: Shell, arguments: tuple[str, ...], stdin: bytes) -> None:
    """The error, then how to fix it; never a traceback."""
    shell.fails(*arguments, stdin=stdin)


def test_settings_that_cannot_be_used_are_named(shell: Shell) -> None:
    """A misspelt name gets the nearest valid one, a bad value the valid ones, a missing extra its install command."""
    assert "did you mean 'embedder'" in shell.fails("config", ALMANAC_EMBEDER="none")
    assert "port" in shell.fails("config", ALMANAC_PORT="many")
    assert "one of" in shell.fails("config", ALMANAC_LEVEL="wizard")
    assert "pip install '.[openai]'" in shell.fails("ask", "why?", ALMANAC_EMBEDDER="openai:x")
    assert "model.onnx" in shell.fails("ask", "why?", ALMANAC_EMBEDDER="no/such/folder")
    (shell.folder / "almanac.toml").write_text("colour = 'green'")
    assert "'colour' in almanac.toml" in shell.fails("config")


def test_the_variable_wins_over_the_file_and_secrets_are_hidden(shell: Shell) -> None:
    """`config` shows where each setting comes from."""
    (shell.folder / "almanac.toml").write_text("port = 1234\nlevel = 'beginner'\nopenai_api_key = 'hush'")
    done = shell.run("config", "--json", ALMANAC_PORT="4321")
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert (rows["port"]["value"], rows["port"]["from"]) == ("4321", "environment")
    assert (rows["level"]["value"], rows["level"]["from"]) == ("beginner", "almanac.toml")
    assert rows["host"]["from"] == "default"
    assert "hush" not in done.stdout


def test_import_build_and_ask_an_own_catalogue(own: Shell) -> None:
    """Three lines: the file is imported, indexed, and from then on answers in place of the starter catalogue."""
    dry = own.run("import", "own.jsonl", "--dry-run")
    assert dry.stdout.startswith("2 new, 0 changed, 0 the same; 2 entries would be in ")
    assert not (own.folder / "data" / "catalogue.jsonl").exists()
    assert own.run("import", "own.jsonl").stdout.startswith("2 new, 0 changed, 0 the same; 2 entries are in ")
    assert own.run("import", "own.jsonl").stdout.startswith("0 new, 0 changed, 2 the same; 2 entries are in ")
    assert own.run("build").stdout.startswith("2 entries, 2 passages, 2 sentences; 4 of 4 texts embedded")
    assert own.run("build").stdout == "nothing to do: the index holds these 2 entries\n"
    answer = json.loads(own.run("ask", "how many parameters does Kiwi 2 have?", "--json").stdout)
    assert [citation["entry_id"] for citation in answer["citations"]][:1] == ["kiwi"]
    assert answer["catalogue"] == answer["catalogue"] | {"as_of": "2025-02-03", "entries": 2}


def test_records_that_do_not_fit_are_reported_by_line_and_the_rest_loads(own: Shell) -> None:
    """`FILE:LINE: field: what is wrong`, on standard error."""
    bad = [
        json.dumps(OWN[0]),
        "{broken",
        json.dumps(OWN[1] | {"date": "2025-13"}),
        json.dumps({"id": "x", "kind": "event"}),
    ]
    (own.folder / "bad.jsonl").write_text("\n".join(bad), "utf-8")
    done = own.run("import", "bad.jsonl")
    assert done.stdout.startswith("1 new")
    assert "left out: bad.jsonl:2: not JSON" in done.stderr
    assert "left out: bad.jsonl:3: date: '2025-13' names a month that does not exist" in done.stderr
    assert "left out: bad.jsonl:4: title: Field required" in done.stderr


def test_an_import_may_say_what_its_posts_are_and_where_they_can_be_read(own: Shell) -> None:
    """`--kind` and `--base-url`; a kind that there is not, and an address that is none, say how to mend it."""
    posts = own.folder / "blog" / "_posts"
    posts.mkdir(parents=True)
    (posts / "2024-03-05-quiet.md").write_text("---\ntitle: Quiet\n---\nText.\n\n## More\n\nx\n\n## Still more\n\ny\n")
    (posts / "2024-03-06-secret.md").write_text("---\ntitle: Secret\npublished: false\n---\nText.")
    where = ("--into", "posts.jsonl", "--base-url", "https://heron.example/blog/")
    done = own.run("import", str(posts), *where)
    assert done.stdout.startswith("1 new, 0 changed, 0 the same, 1 left out; 1 entries are in ")
    assert "left out: 2024-03-06-secret.md: it is not published" in done.stderr
    made = json.loads((own.folder / "posts.jsonl").read_text())
    assert (made["kind"], made["date"]) == ("event", "2024-03-05")
    assert made["url"] == "https://heron.example/blog/2024/03/05/quiet.html"
    assert own.run("import", str(posts), *where, "--kind", "guide").stdout.startswith("0 new, 1 changed, ")
    assert json.loads((own.folder / "posts.jsonl").read_text())["kind"] == "guide"
    assert own.run("import", str(posts), *where, "--dry-run").stdout.startswith("0 new, 1 changed, ")
    for wrong, mend in ((("--kind", "path"), "event or guide"), (("--base-url", "heron"), "https://example.org/blog/")):
        refused = own.run("import", str(posts), *wrong)
        assert (refused.returncode, mend in refused.stderr) == (2, True)


def test_search_keeps_to_its_filters(shell: Shell) -> None:
    """Kind, dates, organisation and topic each restrict, together all of them."""
    done = shell.run(
        "search", "safety", "--kind", "event", "--since", "2024", "--until", "2024-12", "--organisation", "anthropic", "--top", "50", "--json"
    )  # fmt: skip
    rows = json.loads(done.stdout)["results"]
    assert rows
    assert all(row["kind"] == "event" and row["date"].startswith("2024") for row in rows)
    assert json.loads(shell.run("search", "safety", "--topic", "no such topic", "--json").stdout)["results"] == []


def test_related_and_cite(shell: Shell) -> None:
    """Related entries say why; references come in four forms."""
    related = json.loads(shell.run("related", "gpt-3", "--json").stdout)["related"]
    assert related
    assert all(one["why"] for one in related)
    assert shell.run("cite", "gpt-3", "--as", "bibtex").stdout.startswith("@")
    assert shell.run("cite", "gpt-3", "--as", "ris").stdout.startswith("TY  - ")
    assert json.loads(shell.run("cite", "gpt-3", "rlhf", "--as", "csl-json").stdout)[0]["id"] == "gpt-3"
    assert "Language Models are Few-Shot Learners" in shell.run("cite", "gpt-3").stdout
    assert "did you mean 'gpt-3'?" in shell.fails("cite", "gptt-3")


def test_version_and_help(shell: Shell) -> None:
    """Every command has a help text."""
    assert shell.run("--version").stdout.startswith("almanac ")
    for command in ("import", "build", "ask", "search", "related", "cite", "eval", "serve", "config"):
        assert f"almanac {command}" in shell.run(command, "--help").stdout.replace("ui.cli", "almanac").replace(
            "python -m ", ""
        ), command


def test_a_reader_who_has_seen_enough_breaks_nothing(shell: Shell) -> None:
    """`almanac … | head -1` ends without an error message."""
    command = f"{sys.executable} -m ui.cli search model --top 1000 --json | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, cwd=shell.folder, env=shell._environment)  # fmt: skip
    assert (done.stdout, done.stderr) == ("{\n", "")


def test_import_of_opml_prints_the_sources_and_writes_nothing(own: Shell) -> None:
    """The lines go to standard output, so that they can be appended to `almanac.toml`; a sync names the way."""
    feeds = '<opml version="2.0"><body><outline text="A" xmlUrl="https://a.example/feed"/></body></opml>'
    (own.folder / "feeds.opml").write_text(feeds)
    for arguments in (("feeds.opml",), ("feeds.opml", "--format", "opml"), ("feeds.opml", "--dry-run")):
        done = own.run("import", *arguments)
        assert (done.returncode, done.stdout) == (0, '[[sources]]\nname = "A"\nurl = "https://a.example/feed"\n\n')
        assert "almanac.toml" in done.stderr
    (own.folder / "almanac.toml").write_text('[[sources]]\npath = "feeds.opml"\n')
    done = own.run("sync")
    assert done.returncode == 1
    assert "lists feeds" in done.stdout + done.stderr
