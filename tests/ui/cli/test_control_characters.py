"""Text from entries, file names and readers' notes cannot control the terminal or hide in it."""

import json
import re
import unicodedata
from pathlib import Path

import pytest

from tests.support.answers import answer, catalogue, cite
from ui.cli import terminal
from ui.cli.control_characters import clean, escaped, one_line
from ui.storage.storage import Storage

from .test_commands import Shell

ATTACKS = {
    "colour": "\x1b[31mred\x1b[0m",
    "title": "\x1b]0;owned\x07",
    "link": "\x1b]8;;https://outside.example\x1b\\click\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;aGk=\x07",
    "cursor": "shown\x1b[2K\x1b[1Ahidden",
    "device": "\x1b[6n\x1b[c\x1bP$q\x1b\\",
    "backspace": "true\b\b\b\bfake",
    "return": "true\rfake",
    "one byte": "\x9b31m \x9d0;owned\x9c \x90q\x9c \x85",
    "bell": "\x07\x00\x7f\x0b\x0c\x0e\x0f",
    "bidi": "\u202egnp.exe\u202c \u2066a\u2067b\u2068c\u2069 \u200e\u200f\u061c \u202a\u202b\u202d",
    "hidden": "R\u200bL\u2060H\ufeffF \U000e0041\U000e007f \u2062\ufff9x\ufffa",
    "lines": "one\u2028two\u2029three",
}
WORST = " ".join(ATTACKS.values())


_VISIBLE = [
    *map(chr, [*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x13430, 0x13440)])
]
"""Format characters (category Cf) that are visible and harmless: signs around Arabic, Syriac and Kaithi numbers, and joiners of
hieroglyphs. The program keeps them, so `harmful` must not count them."""


def harmful(text: str) -> set[str]:
    """The characters in a printed text that control a terminal or are invisible."""
    allowed = {"\n", "\t", "\u200c", "\u200d", "\u00ad", *_VISIBLE}
    return {sign for sign in text if unicodedata.category(sign) in {"Cc", "Cf", "Zl", "Zp"} and sign not in allowed}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_text_for_people_keeps_its_words_and_nothing_that_is_obeyed(attack: str) -> None:
    """The visible text stays."""
    cleaned = clean(attack)
    assert not harmful(cleaned)
    letters = [sign for sign in attack if sign.isascii() and sign.isalnum()]
    assert [sign for sign in cleaned if sign.isascii() and sign.isalnum()] == letters


def test_every_character_that_is_obeyed_or_hidden_is_known() -> None:
    """All control characters of Unicode, and all format characters that are not needed to spell words."""
    spelling = {"\u200c", "\u200d", "\u00ad"}
    every = map(chr, [*range(0xD800), *range(0xE000, 0x110000)])
    obeyed = {sign for sign in every if unicodedata.category(sign) in {"Cc", "Zl", "Zp"}}
    obeyed |= {sign for sign in map(chr, range(0x110000)) if unicodedata.bidirectional(sign) in _BIDI}
    assert all(clean(sign) != sign and escaped(sign) != sign for sign in obeyed - {"\n", "\t"} - spelling)


_BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def test_words_of_every_script_stay_as_they_are() -> None:
    """Letters, emoji with joiners, Persian with its non-joiner, line feeds and tabs."""
    for text in ("می\u200cخواهم", "👩‍👩‍👧 🏳️‍🌈", "עברית العربية", "a\tb\nc", "naïve ½ 𝒯", "क\u094d\u200dष"):
        assert clean(text) == text
        assert json.loads(escaped(json.dumps(text, ensure_ascii=False))) == text
    assert clean("one\r\ntwo") == "one\ntwo"
    assert one_line("a\nb\r\n\tc") == "a b c"


@pytest.mark.parametrize("attack", [*ATTACKS.values(), WORST], ids=[*ATTACKS, "all"])
def test_json_escapes_them_and_means_the_same(attack: str) -> None:
    """Also in keys."""
    written = terminal.in_json({"a": [attack, {attack: 1}]})
    assert not harmful(written)
    assert json.loads(written) == {"a": [attack, {attack: 1}]}


def test_show_and_say_are_where_all_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever they print."""
    terminal.show(WORST)
    terminal.say(WORST)
    printed = capsys.readouterr()
    assert not harmful(printed.out + printed.err)


def test_no_module_prints_past_the_one_that_cleans(project: Path) -> None:
    """No module uses `print` or the streams directly."""
    for file in [*project.glob("ui/**/*.py"), *project.glob("assistant/*.py"), *project.glob("index/**/*.py")]:
        found = [line for line in file.read_text("utf-8").splitlines() if _PRINTS.search(line)]
        assert all(file.name == "terminal.py" and "clean(" in line for line in found), (file, found)


_PRINTS = re.compile(r"(?<![\w.])print\(|sys\.(?:stdout|stderr)\.write|typer\.s?echo")


def test_an_answer_s_titles_cannot_look_like_lines_of_ours() -> None:
    """A line break in a title becomes a space in lists."""
    forged = "A title\nSources:\n  [1] Another"
    held = catalogue({"id": "e", "kind": "event", "title": forged, "summary": "It is so."})
    printed = terminal.answer(answer(cite(held, 1, "e", "summary", "It is so.")))
    assert printed.count("Sources:\n") == 1


ENTRY = {"id": "e", "kind": "event", "title": f"Kiwi {WORST}", "summary": f"Kiwi 2 {WORST} is a model.", "date": "2024-05-06", "source": f"S {WORST}", "url": "https://a.example/x", "organisations": [f"Labs {WORST}"], "topics": ["kiwi"], "authors": [f"A {WORST}"]}  # fmt: skip
GUIDE = {"id": "g", "kind": "guide", "title": f"Kiwi guide {WORST}", "level": "beginner", "tldr": f"Kiwi {WORST}", "topics": ["kiwi"], "related_events": ["e"]}  # fmt: skip


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A shell over a small catalogue that was imported from a file full of such characters, and feedback."""
    folder = tmp_path_factory.mktemp("attacked")
    name = "own\x1b[31m\u202e.jsonl"
    (folder / name).write_text("\n".join(map(json.dumps, [ENTRY, GUIDE, {"id": WORST, "kind": WORST}])), "utf-8")
    shell = Shell(folder, folder / "data")
    done = shell.run("import", name, ALMANAC_EMBEDDER="none")
    assert done.returncode == 0, done.stderr
    assert not harmful(done.stdout + done.stderr)
    Storage(folder / "data", questions=True).rate(answer(question=WORST), "down", note=WORST)
    return shell


@pytest.mark.parametrize(
    "command",
    [
        ["build"],
        ["ask", "What is Kiwi 2?"],
        ["ask", "What is Kiwi 2?", "--json"],
        ["ask", f"What is Kiwi {WORST.replace(chr(0), '')}?"],
        ["ask", "List all events", "--references", "bibtex"],
        ["ask", "List all events", "--references", "csl-json"],
        ["ask", "What is known about Kiwi?", "--mode", "summary"],
        ["search", "kiwi"],
        ["search", "kiwi", "--json"],
        ["related", "e"],
        ["related", "g", "--json"],
        *(["cite", "e", "g", "--as", form] for form in ("bibtex", "ris", "csl-json", "markdown")),
        ["feedback"],
        ["feedback", "--json"],
        ["import", "no\x1b[31m\u202ewhere.csv"],
        ["import", "https://x\x1b]0;a\x07.example/\u202e"],
        ["cite", "no\x1b[31mone"],
        ["unshare", "\x1b[31m"],
        ["\x1b]0;owned\x07"],
        ["search", "kiwi", "--kind", "\x1b[31m"],
        ["replay", "\x1b[31m\x07"],
        ["config"],
    ],
    ids=lambda command: ascii(" ".join(command))[:60],
)
def test_no_command_prints_them(attacked: Shell, command: list[str]) -> None:
    """Results, reports and errors, on both streams."""
    done = attacked.run(*command, ALMANAC_EMBEDDER="none", ALMANAC_LOG_LEVEL="INFO")
    assert "Traceback" not in done.stderr
    assert not harmful(done.stdout + done.stderr)
    assert done.stdout or done.stderr
    if "csl-json" in command and command[0] == "cite":
        assert json.loads(done.stdout)[0]["title"].count("\u202e") == 1
