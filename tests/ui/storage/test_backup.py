"""Backups: taken under writes they hold one state; restored they bring back all of it, and a damaged one changes nothing."""

import json
import threading
import zipfile
from pathlib import Path

import pytest

from assistant.answer import Answer
from index import catalogue as catalogues
from index.catalogue import to_line
from index.editing.editor import Editor
from index.editing.journal import Journal
from index.errors import BackupError
from tests.support.answers import answer as answer_over
from tests.support.answers import catalogue as small_catalogue
from tests.support.answers import cite
from ui.storage.backup import Places, back_up, restore
from ui.storage.storage import Storage


def made_answer() -> Answer:
    """An answer over the catalogue."""
    return answer_over(cite(small_catalogue(), 1, "rlhf", "tldr", "It needs comparisons."))


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A data folder with a catalogue."""
    data = tmp_path / "data"
    catalogues.save(data / "catalogue.jsonl", small_catalogue().entries)
    return Places(data / "catalogue.jsonl", data)


def titled(places: Places, title: str) -> None:
    """Edit the title of an entry."""
    editor = Editor(places.catalogue, places.data, "ann")
    seen = editor.read().by_id["rlhf"]
    assert editor.edit(seen, json.loads(to_line(seen)) | {"title": title})


def title(places: Places) -> str:
    """The title in the catalogue file."""
    return catalogues.load(places.catalogue).by_id["rlhf"].title


def test_a_restored_backup_is_the_whole_state_of_its_moment(places: Places, tmp_path: Path) -> None:
    """Catalogue, history, shared answers and feedback. What was there before is kept in a backup of its own."""
    titled(places, "First")
    storage = Storage(places.data, questions=True)
    first = storage.share(made_answer())
    storage.rate(made_answer(), "down", note="no")
    manifest = back_up(places, tmp_path / "b.zip")
    assert set(manifest.files) == {"catalogue.jsonl", "catalogue.jsonl.history", "kept.sqlite"}
    titled(places, "Second")
    storage.withdraw(first.id)
    _, before = restore(places, tmp_path / "b.zip")
    assert title(places) == "First"
    assert storage.shared(first.id) is not None
    assert [one.note for one in storage.feedback()] == ["no"]
    assert len(Journal(places.catalogue).changes()) == 1
    titled(places, "Third")
    assert [one.author.command for one in Journal(places.catalogue).changes()] == ["edit rlhf", "edit rlhf"]
    assert before is not None
    restore(places, before)
    assert title(places) == "Second"
    assert storage.shared(first.id) is None


def test_the_aliases_beside_the_catalogue_are_in_a_backup(places: Places, tmp_path: Path) -> None:
    """They are part of what an editor wrote."""
    file = places.catalogue.with_name("aliases.json")
    file.write_text('{"Heron Labs": ["HL"]}', "utf-8")
    back_up(places, tmp_path / "b.zip")
    other = Places(tmp_path / "other" / "catalogue.jsonl", tmp_path / "other")
    restore(other, tmp_path / "b.zip")
    assert other.catalogue.with_name("aliases.json").read_bytes() == file.read_bytes()


def test_a_backup_is_restored_in_another_folder(places: Places, tmp_path: Path) -> None:
    """On a new machine, which has nothing yet."""
    titled(places, "First")
    back_up(places, tmp_path / "b.zip")
    other = Places(tmp_path / "other" / "catalogue.jsonl", tmp_path / "other")
    assert restore(other, tmp_path / "b.zip")[1] is None
    assert title(other) == "First"
    assert Journal(other.catalogue).changes()[0].author.command == "edit rlhf"


def test_backups_under_writes_hold_one_state_of_catalogue_and_history(places: Places, tmp_path: Path) -> None:
    """While one thread edits and another shares answers, each backup agrees with itself."""
    storage = Storage(places.data)
    answer = made_answer()
    stop, problems = threading.Event(), []

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                titled(places, f"Title {number}")
                storage.rate(answer, "up")
            except Exception as error:  # noqa: BLE001 -- the test reports whatever it is
                problems.append(error)
                return

    titled(places, "Title 0")
    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(5):
            back_up(places, tmp_path / f"{number}.zip")
    finally:
        stop.set()
        thread.join(60)
    assert problems == []
    for number in range(5):
        other = Places(tmp_path / str(number) / "catalogue.jsonl", tmp_path / str(number))
        restore(other, tmp_path / f"{number}.zip")
        change = Journal(other.catalogue).changes()[0]
        after = change.entries[0].after
        assert after is not None
        assert after.title == title(other)
        Storage(other.data).feedback()


def test_a_restore_under_writes_loses_no_later_write(places: Places, tmp_path: Path) -> None:
    """The server keeps using the file: feedback given after the restore is there, and nothing fails."""
    storage = Storage(places.data)
    storage.rate(made_answer(), "down", note="before")
    back_up(places, tmp_path / "b.zip")
    storage.rate(made_answer(), "down", note="lost")
    restore(places, tmp_path / "b.zip")
    storage.rate(made_answer(), "up", note="after")
    assert sorted(str(one.note) for one in storage.feedback()) == ["after", "before"]


def test_what_is_no_backup_changes_nothing(places: Places, tmp_path: Path) -> None:
    """Neither a cut, changed or foreign archive, nor a folder or a missing file."""
    titled(places, "First")
    back_up(places, tmp_path / "b.zip")
    whole = (tmp_path / "b.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.zip").write_text("hello", "utf-8")
    with zipfile.ZipFile(tmp_path / "foreign.zip", "w") as archive:
        archive.writestr("../evil", "x")
    with zipfile.ZipFile(tmp_path / "b.zip") as old, zipfile.ZipFile(tmp_path / "changed.zip", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name) + (b"\n" if name == "catalogue.jsonl" else b""))
    titled(places, "Second")
    for name in ("cut.zip", "text.zip", "foreign.zip", "changed.zip", "missing.zip", "data"):
        with pytest.raises(BackupError):
            restore(places, tmp_path / name)
    assert title(places) == "Second"
    assert list(places.data.glob("before-restore*")) == []


def test_nothing_to_back_up_is_an_error(tmp_path: Path) -> None:
    """An empty archive would be a false comfort."""
    with pytest.raises(BackupError, match="nothing to back up"):
        back_up(Places(tmp_path / "catalogue.jsonl", tmp_path), tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()
