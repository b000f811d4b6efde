"""The catalogue file: invalid lines are reported, all others load, and writing never loses data."""

import json
import os
import random
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import catalogue
from index.catalogue import Catalogue
from index.errors import CatalogueError, StorageError
from index.models import ENTRY, Event


def line(name: str = "a", **more: object) -> bytes:
    """An event as a line of JSON."""
    record = {"id": name, "kind": "event", "title": "Title", "date": "2024", "summary": "Summary."} | more
    return json.dumps(record, ensure_ascii=False).encode()


def read(*lines: bytes) -> Catalogue:
    """Read lines as if they came from one file."""
    return catalogue.read((f"f.jsonl:{number}", text) for number, text in enumerate(lines, start=1))


def problems(*lines: bytes) -> list[str]:
    """The problems reported for lines that are all invalid."""
    loaded = read(*lines)
    assert loaded.entries == ()
    return [str(problem) for problem in loaded.problems]


@pytest.mark.parametrize(
    ("text", "report"),
    [
        (b"{", "f.jsonl:1: not JSON: Expecting property name enclosed in double quotes at column 2"),
        (b"[1]", "f.jsonl:1: an entry must be a JSON object"),
        (b"null", "f.jsonl:1: an entry must be a JSON object"),
        (b'"text"', "f.jsonl:1: an entry must be a JSON object"),
        (b'{"id": "a"}', "f.jsonl:1: kind: must be event, guide or path"),
        (b'{"id": "a", "kind": "evnt"}', "f.jsonl:1: kind: must be event, guide or path"),
        (line(kind=["event"]), "f.jsonl:1: kind: must be event, guide or path"),
        (line(date="2024-13"), "f.jsonl:1: date: '2024-13' names a month that does not exist"),
        (line(importance=11), "f.jsonl:1: importance: Input should be less than or equal to 10"),
        (line(checked="2026-11"), "f.jsonl:1: checked: must be a day that exists, as YYYY-MM-DD, such as 2026-11-27"),
        (line(topics="rlhf"), "f.jsonl:1: topics: Input should be a list"),
        (line(related_guides=["ok", "not ok"]), "f.jsonl:1: related_guides.1: an id has 1 to 200 characters of A-Za-z0-9._:- and starts with a letter or a digit"),
        (line(url="javascript:alert(1)"), "f.jsonl:1: url: must be an address that starts with http:// or https://"),
        (b"\xff" + line(), "f.jsonl:1: not UTF-8 at byte 1; save the file as UTF-8"),
        (line().replace(b"Title", b"Qu\xe9bec"), "f.jsonl:1: not UTF-8 at byte 42; save the file as UTF-8"),
        (line().replace(b"Title", b"\\ud83d"), "f.jsonl:1: has a lone surrogate (half of a character); remove it"),
        (line().replace(b'"2024"', b"NaN"), "f.jsonl:1: NaN is not a number in JSON"),
        (line().replace(b'"2024"', b"-Infinity"), "f.jsonl:1: -Infinity is not a number in JSON"),
        (line().replace(b'"2024"', b"1e999"), "f.jsonl:1: 1e999 is too large a number"),
        (line().replace(b'"2024"', b"9" * 5_000), "f.jsonl:1: a number with 5,000 digits is too large"),
        (line().replace(b'"2024"', b"[" * 100_000), "f.jsonl:1: nested too deeply"),
        (line(deep=1).replace(b"1}", b"[" * 400 + b"]" * 400 + b"}"), "f.jsonl:1: nested too deeply"),
        (line().replace(b"Title", b"a\x00b"), "f.jsonl:1: not JSON: Invalid control character at column 41"),
        (b"\x00" * 100, "f.jsonl:1: not JSON: Expecting value at column 1"),
    ],
    ids=range(24),
)  # fmt: skip
def test_what_does_not_fit_is_reported_by_file_line_and_field(text: bytes, report: str) -> None:
    """Each problem is one line: `FILE:LINE: field: message`."""
    assert problems(text) == [report]
    mixed = read(line("before"), text, line("after"))
    assert [entry.id for entry in mixed.entries] == ["before", "after"]
    assert str(mixed.problems[0]).startswith("f.jsonl:2: ")


def test_every_fault_of_a_record_is_reported_at_once() -> None:
    """All problems of a file are reported together, because nobody wants to fix them one run at a time."""
    found = problems(
        json.dumps({"id": "?", "kind": "guide", "title": "", "level": "x", "terms": [{"term": "T"}]}).encode()
    )
    assert [text.split(": ")[1] for text in found] == ["id", "title", "level", "tldr", "terms.0.definition"]


def test_an_id_stands_once_over_all_kinds() -> None:
    """The first is kept, each further one is reported."""
    guide = json.dumps({"id": "a", "kind": "guide", "title": "T", "level": "beginner", "tldr": "S"}).encode()
    loaded = read(line("a"), guide, line("a"), line("A"))
    assert [(entry.id, entry.kind) for entry in loaded.entries] == [("a", "event"), ("A", "event")]
    assert [str(problem) for problem in loaded.problems] == [
        "f.jsonl:2: id: an earlier entry has the id 'a'",
        "f.jsonl:3: id: an earlier entry has the id 'a'",
    ]


def test_links_to_nothing_and_events_without_a_date_are_warnings() -> None:
    """Such entries load with a warning."""
    path = json.dumps({"id": "p", "kind": "path", "title": "T", "description": "D", "steps": ["a", "gone"]}).encode()
    loaded = read(line("a", related_events=["lost"], date=None), path)
    assert loaded.problems == ()
    assert [str(warning) for warning in loaded.warnings] == [
        "a: date: missing; without a date the event matches no date filter and comes last in lists",
        "a: related_events: no entry has the id 'lost'",
        "p: steps: no entry has the id 'gone'",
    ]


@pytest.mark.parametrize("steps", [5, None, "abc", [[1]], {"a": 1}])
def test_an_unknown_field_that_another_kind_has_breaks_nothing(steps: object) -> None:
    """An event may have an unknown field `steps` of any shape."""
    assert read(line(steps=steps)).warnings == ()


def test_bom_crlf_and_empty_lines_are_no_problem(tmp_path: Path) -> None:
    """Byte order marks and Windows line ends are accepted, and lines are counted as an editor counts them."""
    file = tmp_path / "f.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + line("a") + b"\r\n\r\n  \t\r\n" + line("b") + b"\r\n{\r\n" + line("c"))
    loaded = catalogue.load(file)
    assert [entry.id for entry in loaded.entries] == ["a", "b", "c"]
    assert [problem.place for problem in loaded.problems] == ["f.jsonl:5"]


def test_a_line_ends_only_at_a_newline() -> None:
    """Other line separators of Unicode may be part of a text."""
    title = "one\u2028two\u2029three\x85four"
    assert read(line(title=title)).entries[0].title == title


def test_a_folder_is_read_in_the_order_of_its_files(tmp_path: Path) -> None:
    """All `*.jsonl` files and no others; an id that two files contain is a problem of the second."""
    (tmp_path / "b.jsonl").write_bytes(line("b") + b"\n" + line("a"))
    (tmp_path / "a.jsonl").write_bytes(line("a"))
    (tmp_path / "notes.txt").write_bytes(b"not read")
    loaded = catalogue.load(tmp_path)
    assert [entry.id for entry in loaded.entries] == ["a", "b"]
    assert [problem.place for problem in loaded.problems] == ["b.jsonl:2"]


@pytest.mark.parametrize("folder", [None, "place", "place/x.jsonl"], ids=["missing", "empty", "folder"])
def test_a_catalogue_that_cannot_be_read_says_so(tmp_path: Path, folder: str | None) -> None:
    """A missing file, an empty folder, a folder instead of a file."""
    if folder is not None:
        (tmp_path / folder).mkdir(parents=True)
    with pytest.raises(CatalogueError, match="place") as caught:
        catalogue.load(tmp_path / "place")
    assert "--catalogue" in caught.value.hint


def test_an_empty_file_is_an_empty_catalogue(tmp_path: Path) -> None:
    """It has a hash and no latest date."""
    file = tmp_path / "f.jsonl"
    file.touch()
    loaded = catalogue.load(file)
    assert (loaded.entries, loaded.problems, loaded.as_of, loaded.links) == ((), (), None, {})
    assert len(loaded.hash) == 64


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
OURS = set(Event.model_fields)


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8"), max_size=12).filter(lambda name: name not in OURS), JSON, max_size=5
    )
)
@settings(deadline=None)
def test_unknown_fields_come_back_as_they_were(extra: dict[str, object]) -> None:
    """Loading and saving keep every field of any name, and the hash of the catalogue."""
    first = read(line(**extra))
    assert first.problems == ()
    written = catalogue.to_line(first.entries[0])
    assert "\n" not in written
    assert {name: value for name, value in json.loads(written).items() if name not in OURS} == extra
    again = read(written.encode())
    assert (again.entries, again.hash) == (first.entries, first.hash)


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_no_bytes_at_all_end_a_load(data: bytes) -> None:
    """Any line gives an entry, a problem, or nothing if it is empty."""
    loaded = read(data, line("last"))
    assert loaded.entries[-1].id == "last"
    assert len(loaded.entries) + len(loaded.problems) in {1, 2}


def test_the_hash_tells_content_and_not_order() -> None:
    """The same entries in another order, or with defaults written out, have the same hash."""
    lines = [line(f"e{number}", topics=["x"], importance=number % 10 + 1) for number in range(20)]
    expected = read(*lines).hash
    random.Random(1).shuffle(lines)  # noqa: S311 -- an order, not a secret
    assert read(*lines).hash == expected
    assert read(line("a", url=None, source=None)).hash == read(line("a", organisations=[])).hash
    assert read(line("a", date="2024")).hash == read(line("a", date=2024)).hash


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "b"},
        {"title": "title"},
        {"summary": "Summary. "},
        {"date": "2024-01"},
        {"topics": ["x", "y"]},
        {"mine": 1},
        {"importance": 2},
        {"checked": "2026-11-27"},
    ],
)
def test_every_change_of_content_changes_the_hash(changes: dict[str, object]) -> None:
    """Also of an unknown field, or of the order in a list."""
    assert read(line("a")).hash != read(line("a", **changes)).hash
    assert read(line("a", topics=["x", "y"])).hash != read(line("a", topics=["y", "x"])).hash


def test_links_go_both_ways_own_first() -> None:
    """A link makes both entries neighbours of each other; links to missing entries are ignored."""
    loaded = read(line("a"), line("b", related_events=["c", "gone", "b"]), line("c", related_events=["b", "a"]))
    assert loaded.links == {"a": ("c",), "b": ("c",), "c": ("b", "a")}


def test_newest_first_puts_the_undated_last_and_breaks_ties_by_id() -> None:
    """The order does not depend on the order in the file."""
    lines = [
        line("d", date=None),
        line("c", date="2024"),
        line("b", date="2024-05"),
        line("a", date="2024-05"),
        line("e", date=None),
    ]
    for _ in range(3):
        assert [entry.id for entry in catalogue.newest_first(read(*lines).entries)] == ["a", "b", "c", "d", "e"]
        lines.reverse()


def test_the_latest_event_tells_how_far_the_catalogue_reaches() -> None:
    """The date of a guide is when it was edited, so it does not count."""
    guide = json.dumps(
        {"id": "g", "kind": "guide", "title": "T", "level": "beginner", "tldr": "S", "date": "2030"}
    ).encode()
    assert read(line("a", date="2023"), line("b", date="2024-05-01"), guide).as_of == "2024-05-01"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A catalogue file with one entry."""
    file = tmp_path / "kept.jsonl"
    catalogue.save(file, read(line("kept")).entries)
    return file


def test_saving_writes_what_loading_reads(tmp_path: Path) -> None:
    """Also into new folders; no other file is left behind."""
    file = tmp_path / "new" / "folder" / "c.jsonl"
    entries = read(line("a", title='Ünï \u2028 \\ " 😀'), line("b", mine={"x": [1, None]})).entries
    catalogue.save(file, entries)
    assert catalogue.load(file).entries == entries
    assert os.listdir(file.parent) == ["c.jsonl"]  # noqa: PTH208


def test_saving_keeps_who_may_read_and_where_a_link_leads(kept: Path) -> None:
    """File permissions stay as they are, and a symbolic link stays a link to the same file."""
    link = kept.with_name("link.jsonl")
    link.symlink_to(kept)
    kept.chmod(0o664)
    catalogue.save(link, read(line("new")).entries)
    assert link.is_symlink()
    assert [entry.id for entry in catalogue.load(kept).entries] == ["new"]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o664
    fresh = kept.with_name("fresh.jsonl")
    catalogue.save(fresh, ())
    plain = kept.with_name("plain")
    plain.touch()
    assert stat.S_IMODE(fresh.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_a_write_that_the_folder_refuses_loses_nothing(tmp_path: Path, kept: Path) -> None:
    """A folder has the name of the file, or a file the name of the folder."""
    before = kept.read_bytes()
    (tmp_path / "folder.jsonl").mkdir()
    for place in (tmp_path / "folder.jsonl", kept / "below.jsonl", Path("/proc/none/c.jsonl")):
        with pytest.raises(StorageError, match="cannot write") as caught:
            catalogue.save(place, read(line("new")).entries)
        assert "unchanged" in caught.value.hint
    assert kept.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["folder.jsonl", "kept.jsonl"]  # noqa: PTH208


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB; the test is skipped if this machine cannot mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True, check=False
    ).returncode:
        pytest.skip("no disk can be mounted here")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_loses_nothing(small_disk: Path) -> None:
    """The old file is unchanged, and no part file takes up the remaining space."""
    file = small_disk / "c.jsonl"
    catalogue.save(file, read(line("kept")).entries)
    before = file.read_bytes()
    with pytest.raises(StorageError, match="No space left"):
        catalogue.save(file, read(line("new", summary="x" * 200_000)).entries)
    assert file.read_bytes() == before
    assert os.listdir(small_disk) == ["c.jsonl"]  # noqa: PTH208


WRITER = """
import sys
from pathlib import Path
from index import catalogue
file = Path(sys.argv[1])
entries = catalogue.load(file).entries
print("ready", flush=True)
while True:
    catalogue.save(file, entries)
"""


def test_a_reader_never_sees_half_a_file(kept: Path, project: Path) -> None:
    """Every load is complete while another process writes without a pause, and after it was killed."""
    catalogue.save(kept, read(*(line(f"e{number}", summary="Said. " * 50) for number in range(200))).entries)
    expected = catalogue.load(kept)
    with subprocess.Popen([sys.executable, "-c", WRITER, kept], stdout=subprocess.PIPE, cwd=project) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        for _ in range(20):
            assert catalogue.load(kept) == expected
        writer.kill()
    assert catalogue.load(kept) == expected


def test_a_line_of_an_entry_has_no_defaults() -> None:
    """Default values are not written to the file."""
    entry = ENTRY.validate_json(line("a"))
    assert json.loads(catalogue.to_line(entry)) == json.loads(line("a"))
