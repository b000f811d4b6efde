"""Replacing files and removing folders, also on systems that refuse it while a file is open."""

from pathlib import Path

import numpy as np
import pytest

from index import build, catalogue, files, generation
from index.catalogue import Catalogue
from index.errors import StorageError
from index.models import ENTRY


class RefusingSystem:
    """`Path.replace` that fails a number of times, as Windows does while another process reads the target."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, refusals: int) -> None:
        self.refusals = refusals
        self.attempts = 0
        self._replace = Path.replace
        monkeypatch.setattr(Path, "replace", lambda source, target: self.replace(source, target))  # noqa: PLW0108 -- a bound method would lose `source`
        monkeypatch.setattr(files.time, "sleep", lambda _seconds: None)

    def replace(self, source: Path, target: Path) -> Path:
        """Fail, or replace the file."""
        self.attempts += 1
        if self.attempts <= self.refusals:
            raise PermissionError(13, "The process cannot access the file because it is being used by another process")
        return self._replace(source, target)


def test_a_file_in_use_is_replaced_once_its_reader_has_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two refused attempts, then success; no part file is left over."""
    file = tmp_path / "catalogue.jsonl"
    file.write_bytes(b"old")
    system = RefusingSystem(monkeypatch, refusals=2)
    files.write_atomically(file, b"new")
    assert system.attempts == 3
    assert file.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["catalogue.jsonl"]


def test_a_file_that_stays_in_use_is_an_error_and_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of attempts is limited."""
    file = tmp_path / "catalogue.jsonl"
    file.write_bytes(b"old")
    system = RefusingSystem(monkeypatch, refusals=1_000)
    with pytest.raises(StorageError, match="being used by another process"):
        catalogue.save(file, [])
    assert system.attempts < 20
    assert file.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["catalogue.jsonl"]


def test_a_folder_in_use_is_left_whole_and_removed_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows refuses to rename a folder while a file in it is open: then nothing in the folder is removed."""
    folder = tmp_path / "generation"
    (folder / "words").mkdir(parents=True)
    (folder / "words" / "data.npy").write_bytes(b"x")

    def refuse(_source: Path, _target: Path) -> Path:
        raise PermissionError(13, "Access is denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refuse)
        assert not files.remove_folder(folder)
    assert (folder / "words" / "data.npy").read_bytes() == b"x"
    assert files.remove_folder(folder)
    assert list(tmp_path.iterdir()) == []
    assert files.remove_folder(folder), "a folder that does not exist counts as removed"


def _event(number: int) -> Catalogue:
    fields = {"id": f"e{number}", "kind": "event", "title": f"Report {number}", "summary": f"Report {number} came out."}
    return Catalogue((ENTRY.validate_python(fields),))


def test_a_build_skips_generations_in_use_and_the_next_build_removes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build succeeds although an old generation cannot be removed; half removed folders never count as generations."""
    for number in range(2):
        build.build(_event(number), tmp_path, None)

    def refuse(_source: Path, _target: Path) -> Path:
        raise PermissionError(13, "Access is denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refuse)
        latest = build.build(_event(2), tmp_path, None)
    assert generation.current(tmp_path) == latest.folder
    assert len(list(tmp_path.glob("*/manifest.json"))) == 3
    half_removed = tmp_path / f"{files.REMOVED}{latest.folder.name}"
    half_removed.mkdir()
    (half_removed / "manifest.json").write_bytes((latest.folder / "manifest.json").read_bytes())
    newest = build.build(_event(3), tmp_path, None)
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {latest.folder.name, newest.folder.name}


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="this system does not list memory maps")
def test_a_closed_index_maps_no_file_of_its_folder(tmp_path: Path) -> None:
    """Otherwise Windows could not remove the folder."""
    folder = build.build(_event(1), tmp_path, None).folder
    index = build.open_current(tmp_path, None)
    index.similarity.scores("e1")
    assert str(folder) in Path("/proc/self/maps").read_text("utf-8")
    assert isinstance(index.vectors, np.memmap)
    index.close()
    assert str(folder) not in Path("/proc/self/maps").read_text("utf-8")
