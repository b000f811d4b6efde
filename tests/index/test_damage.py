"""An index with damaged files, foreign files, on a full disk, or opened by many processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock

from assistant.live import LiveAssistant
from assistant.settings.settings import Settings
from assistant.workplace import Workplace
from index import build, catalogue, generation
from index.catalogue import Catalogue
from index.embed import Embedder
from index.errors import AlmanacError, IndexBusyError, StorageError
from index.files import PART
from index.models import ENTRY, AnyEntry

ENTRIES: list[AnyEntry] = [
    ENTRY.validate_python(
        {
            "id": f"e{number}",
            "kind": "event",
            "title": f"The {name} report",
            "date": f"20{number:02}",
            "summary": f"{name} was released by the group of {place}.",
        }
    )
    for number, (name, place) in enumerate(
        [("Zebra", "Delft"), ("Okapi", "Ghent"), ("Kudu", "Turin"), ("Gnu", "Oslo"), ("Eland", "Porto")], start=10
    )
]
FILES = {
    "manifest.json", "passages.json", "entries.jsonl", "keys.npy", "vectors.npy", "chroma/chroma.sqlite3",
    "words/data.csc.index.npy", "words/indices.csc.index.npy", "words/indptr.csc.index.npy",
    "words/params.index.json", "words/vocab.index.json",
}  # fmt: skip


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """A small catalogue with a real index."""
    file = tmp_path / "c.jsonl"
    catalogue.save(file, ENTRIES)
    made = Workplace(Settings(data=tmp_path / "data", catalogue=file))
    made.build()
    return made


def answers(workplace: Workplace) -> bool:
    """Whether a question gets the right answer."""
    assistant = workplace.assistant()
    try:
        return assistant.ask("Who released Okapi?").cited == ("e11",)
    finally:
        assistant.index.close()


DAMAGES = {
    "gone": Path.unlink,
    "empty": lambda file: file.write_bytes(b""),
    "half": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "other": lambda file: file.write_bytes(b"\x93garbage{" * 100),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_whatever_file_is_damaged_the_next_question_is_answered(workplace: Workplace, damage: object) -> None:
    """Each file in turn: the index is rebuilt and the question is answered correctly."""
    assert callable(damage)
    folder = generation.current(workplace.home)
    assert folder is not None
    assert {str(file.relative_to(folder)) for file in folder.rglob("*.*")} >= FILES
    for name in sorted(FILES):
        used = generation.current(workplace.home)
        assert used is not None
        damage(used / name)
        assert answers(workplace), name


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"../..", b"nowhere\n", b"\x00"])
def test_a_damaged_pointer_is_no_index_and_is_built_again(workplace: Workplace, content: bytes) -> None:
    """The file `current` with any content."""
    (workplace.home / "current").write_bytes(content)
    assert answers(workplace)


def test_what_killed_builds_leave_behind_is_cleared_and_nothing_else(workplace: Workplace) -> None:
    """Incomplete generations and part files are removed; the last two generations and foreign files stay."""
    used = generation.current(workplace.home)
    assert used is not None
    (workplace.home / "20200101T000000-deadbeef" / "chroma").mkdir(parents=True)
    (workplace.home / f".current.12345678{PART}").write_bytes(b"half")
    (workplace.home / "note.txt").write_bytes(b"a reader's")
    workplace.build(Catalogue(tuple(ENTRIES[:3])))
    latest = generation.current(workplace.home)
    assert latest is not None
    assert {path.name for path in workplace.home.iterdir()} == {
        "current", "building.lock", "note.txt", used.name, latest.name,
    }  # fmt: skip


def test_an_index_that_is_whole_is_read_while_another_is_built(workplace: Workplace) -> None:
    """Reading an index never waits for the lock; a second build gets an error that says to wait."""
    with FileLock(workplace.home / "building.lock"):
        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(lambda _: workplace.build().reused, range(8)))
        assert answers(workplace)
        with pytest.raises(IndexBusyError) as caught:
            workplace.build(Catalogue(tuple(ENTRIES[:2])))
        assert "try again" in caught.value.hint


def test_a_server_keeps_its_index_where_the_new_one_is_for_another_embedder(workplace: Workplace) -> None:
    """Old answers are better than none."""
    live = LiveAssistant(workplace, workplace.assistant())
    before = live.catalogue.hash
    build.build(Catalogue(tuple(ENTRIES[:2])), workplace.home, None)
    assert live.ask("Who released Okapi?").cited == ("e11",)
    assert live.catalogue.hash == before
    workplace.build(Catalogue(tuple(ENTRIES[:4])), full=True)
    assert len(live.catalogue.entries) == 4


def test_a_server_rebuilds_a_new_index_that_is_damaged(workplace: Workplace) -> None:
    """Until then it answers from the old index."""
    live = LiveAssistant(workplace, workplace.assistant())
    file = workplace.catalogue_path
    assert file is not None
    catalogue.save(file, ENTRIES[:4])
    folder = workplace.build().folder
    (folder / "passages.json").write_bytes(b"{")
    assert live.ask("Who released Gnu?").cited == ("e13",)
    assert live._rebuilding is not None
    live._rebuilding[1].join()
    assert len(live.catalogue.entries) == 4


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for one index only; the test is skipped if this machine cannot mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def test_a_disk_that_is_full_changes_nothing(small_disk: Path, embedder: Embedder) -> None:
    """Whichever file no longer fits: our own error, an undamaged index in use, and no leftovers."""
    home = small_disk / "home"
    build.build(Catalogue(tuple(ENTRIES)), home, embedder)
    ballast = small_disk / "ballast"
    refused = 0
    for free in range(0, 400, 40):
        kept = sorted(os.listdir(home))  # noqa: PTH208 -- after a build that did fit there are two generations
        space = os.statvfs(small_disk)
        ballast.write_bytes(b"\x00" * max(0, space.f_bavail * space.f_frsize - free * 1024))
        try:
            build.build(Catalogue(tuple(ENTRIES[:-1])), home, embedder, full=True)
        except StorageError:
            refused += 1
            assert sorted(os.listdir(home)) == kept  # noqa: PTH208
        ballast.unlink()
    assert refused
    index = build.open_current(home, embedder)
    assert index.store is not None
    assert len(index.store) == len(index.passages)
    index.close()


@pytest.mark.parametrize("place", ["/proc/nowhere", "/dev/null/x"])
def test_a_data_folder_that_cannot_be_made_is_a_clear_error(place: str) -> None:
    """The hint names the setting to change."""
    with pytest.raises(StorageError) as caught:
        Workplace(Settings(data=Path(place), embedder="none")).build()
    assert "ALMANAC_DATA" in caught.value.hint


ODD = [
    "\x00",
    "a\x00b",
    "\u202e",
    "😀" * 3_000,
    "中" * 3_000,
    "x" * 30_000,
    ". " * 5_000,
    " \n \t",
    "<script>",
    "[1] [2]",
]


def test_odd_texts_are_indexed_and_asked_about_like_any_other(tmp_path: Path, embedder: Embedder) -> None:
    """NUL, direction marks, no spaces, one very long word: the build succeeds and every field can be quoted exactly."""
    entries = [
        ENTRY.validate_python({"id": f"o{number}", "kind": "event", "title": f"{text[:50]} title", "summary": text})
        for number, text in enumerate(ODD)
    ]
    build.build(Catalogue((*ENTRIES, *entries)), tmp_path, embedder)
    index = build.open_current(tmp_path, embedder)
    texts = {entry.id: entry.texts() for entry in (*ENTRIES, *entries)}
    assert {passage.entry_id for passage in index.passages} == set(texts)
    for passage in index.passages:
        assert texts[passage.entry_id][passage.field][passage.start : passage.end] == passage.text
    assert index.store is not None
    assert len(index.store.search(embedder.query("title"), top=1_000)) == len(index.passages)
    index.close()


def test_the_same_folder_is_opened_by_many_at_once(workplace: Workplace, project: Path) -> None:
    """Two processes ask for the first time at the same moment: both answer, or one gets an error that says to wait."""
    code = """
import sys
from pathlib import Path
from assistant.workplace import Workplace
from assistant.settings.settings import Settings
from index.errors import IndexBusyError
workplace = Workplace(Settings(data=Path(sys.argv[1]), catalogue=Path(sys.argv[2]), embedder="none"))
sys.stdin.readline()
try:
    print(workplace.assistant().ask("Who released Okapi?").cited)
except IndexBusyError:
    print("busy")
"""
    file = workplace.catalogue_path
    assert file is not None
    command = [sys.executable, "-c", code, str(file.parent / "other"), str(file)]
    askers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=project) for _ in range(2)]
    found = []
    for asker in askers:
        assert asker.stdin is not None
        asker.stdin.write(b"go\n")
        asker.stdin.flush()
    for asker in askers:
        found.append(asker.communicate()[0].decode().strip())
        assert asker.returncode == 0
    assert set(found) <= {"('e11',)", "busy"}
    assert "('e11',)" in found


def test_every_error_says_how_to_fix_it() -> None:
    """Every error class has a hint that says what to do."""
    kinds = [AlmanacError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    assert len(kinds) > 10
    for kind in kinds[1:]:
        assert len(getattr(kind, "hint", "")) > 10, kind
