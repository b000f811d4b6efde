"""A damaged index never gives a wrong answer: every file is compared with what the build wrote."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from assistant.live import LiveAssistant
from assistant.settings.settings import Settings
from assistant.workplace import Workplace
from index import build, catalogue, chunk, generation, integrity
from index.embed import Embedder
from index.errors import IndexDamagedError, IndexMissingError, IndexStaleError
from index.generation import Manifest
from index.models import ENTRY, AnyEntry
from index.store import VectorStore

PLACES = ("Delft", "Ghent", "Turin", "Parma", "Porto")


def entries(places: tuple[str, ...] = PLACES) -> list[AnyEntry]:
    """Five events."""
    names = ("Zebra", "Okapi", "Bison", "Hyena", "Eland")
    return [
        ENTRY.validate_python(
            {
                "id": f"e{number}",
                "kind": "event",
                "title": f"The {name} report",
                "date": f"20{number}",
                "summary": f"{name} was released by the group of {place}.",
            }
        )
        for number, (name, place) in enumerate(zip(names, places, strict=True), start=10)
    ]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two folders, each with a small catalogue and its index; the second has other places and one entry less."""
    made = []
    for name, content in (("right", entries()), ("other", entries(PLACES[::-1])[:-1])):
        folder = tmp_path_factory.mktemp(name)
        catalogue.save(folder / "c.jsonl", content)
        _workplace(folder).build()
        made.append(folder)
    return made[0], made[1]


def _workplace(folder: Path) -> Workplace:
    return Workplace(Settings(data=folder / "data", catalogue=folder / "c.jsonl"))


def _generation(workplace: Workplace) -> Path:
    folder = generation.current(workplace.home)
    assert folder is not None
    return folder


@pytest.fixture
def workplace(built: tuple[Path, Path], tmp_path: Path) -> Workplace:
    """A copy of the first folder."""
    catalogue.save(tmp_path / "c.jsonl", entries())
    made = _workplace(tmp_path)
    shutil.copytree(_workplace(built[0]).home, made.home)
    return made


@pytest.fixture
def home(built: tuple[Path, Path], tmp_path: Path) -> Path:
    """A copy of the index in the first folder."""
    return Path(shutil.copytree(next((built[0] / "data" / "indexes").iterdir()), tmp_path / "home"))


@pytest.fixture
def other(built: tuple[Path, Path]) -> Path:
    """The generation in the second folder."""
    folder = generation.current(next((built[1] / "data" / "indexes").iterdir()))
    assert folder is not None
    return folder


def one_word(file: Path, _other: Path) -> None:
    """Replace a word, or flip a bit of the last byte if the word is missing."""
    content = bytearray(file.read_bytes())
    at = content.find(b"Ghent")
    if at >= 0:
        content[at : at + 5] = b"Turin"
    else:
        content[-1] ^= 1
    file.write_bytes(content)


def shorter(file: Path, _other: Path) -> None:
    """Remove the last byte."""
    file.write_bytes(file.read_bytes()[:-1])


def longer(file: Path, _other: Path) -> None:
    """Append a byte."""
    file.write_bytes(file.read_bytes() + b"x")


def gone(file: Path, _other: Path) -> None:
    """Remove the file."""
    file.unlink()


def swapped(file: Path, other: Path) -> None:
    """Replace the file with that of another generation."""
    shutil.copyfile(other, file)


NAMES = (
    "manifest.json", "entries.jsonl", "passages.json", "keys.npy", "vectors.npy", "chroma/chroma.sqlite3",
    "chroma/*/header.bin", "words/data.csc.index.npy", "words/indices.csc.index.npy", "words/indptr.csc.index.npy",
    "words/params.index.json", "words/vocab.index.json",
)  # fmt: skip


def _file(folder: Path, name: str) -> Path:
    (found,) = folder.glob(name)
    return found


def _answers_rightly(workplace: Workplace) -> None:
    assistant = workplace.assistant()
    answer = assistant.ask("Who released Okapi?")
    assert answer.cited == ("e11",)
    assert "Okapi was released by the group of Ghent." in answer.text
    assistant.index.close()


@pytest.mark.parametrize("damage", [one_word, shorter, longer, gone, swapped])
@pytest.mark.parametrize("name", NAMES)
def test_an_index_with_any_damaged_file_is_refused_with_the_fix(
    home: Path, other: Path, embedder: Embedder, name: str, damage: Callable[[Path, Path], None]
) -> None:
    """Every file with every kind of damage: such an index is never quoted."""
    folder = generation.current(home)
    assert folder is not None
    file = _file(folder, name)
    before = file.read_bytes()
    damage(file, _file(other, name))
    if file.exists() and file.read_bytes() == before:
        assert name in {"chroma/*/header.bin", "words/params.index.json"}  # the same in both
        return
    if name == "chroma/chroma.sqlite3" and damage is longer:
        return  # pages that Chroma adds when it is opened are no damage, and SQLite reads none that it does not know
    with pytest.raises((IndexStaleError, IndexMissingError)) as caught:
        build.open_current(home, embedder)
    assert "almanac build" in caught.value.hint


def test_the_next_question_rebuilds_a_damaged_index_and_quotes_the_catalogue(
    workplace: Workplace, caplog: pytest.LogCaptureFixture
) -> None:
    """The answer is right although a word of the entries was replaced, and the log says that the index was rebuilt."""
    one_word(_generation(workplace) / "entries.jsonl", Path())
    _answers_rightly(workplace)
    assert "is rebuilt from the catalogue: entries.jsonl" in caplog.text


def test_a_build_checks_every_file_of_an_index_that_is_up_to_date(workplace: Workplace) -> None:
    """Every error recommends `almanac build`, so it must not report that the index is up to date."""
    for name in NAMES:
        assert workplace.build().reused
        one_word(_file(_generation(workplace), name), Path())
        assert not workplace.build().reused, name


def test_a_damaged_vector_is_not_copied_into_the_next_generation(workplace: Workplace) -> None:
    """The other vectors are right, but nothing shows which ones, so none is reused."""
    folder = _generation(workplace)
    right = np.load(folder / "vectors.npy")
    one_word(folder / "vectors.npy", Path())
    rebuilt = workplace.build(force=True)
    assert rebuilt.embedded == rebuilt.texts
    assert np.array_equal(np.load(rebuilt.folder / "vectors.npy"), right)
    again = workplace.build(force=True)
    assert again.embedded == 0


def test_chroma_s_files_that_hold_nothing_yet_decide_nothing(workplace: Workplace) -> None:
    """Below 1,000 passages two files hold uninitialised memory, which varies; their content is not checked."""
    folder = _generation(workplace)
    files = [_file(folder, f"chroma/*/{name}") for name in ("data_level0.bin", "length.bin")]
    query = np.load(folder / "vectors.npy")[0].astype(np.float32)
    with closing(VectorStore.open(folder / "chroma")) as store:
        right = store.search(query, top=5)
    for file in files:
        file.write_bytes(random.Random(1).randbytes(file.stat().st_size))  # noqa: S311 -- rubbish, not secrets
    with closing(VectorStore.open(folder / "chroma")) as store:
        assert store.search(query, top=5) == right
    workplace.open().index.close()


def test_opening_and_asking_a_thousand_times_is_no_damage(workplace: Workplace) -> None:
    """Chroma writes a row each time it is opened, so that its table grows beyond one page."""
    folder = _generation(workplace)
    for _ in range(3):
        _answers_rightly(workplace)
    with closing(sqlite3.connect(folder / "chroma" / "chroma.sqlite3")) as database, database:
        database.executemany("INSERT INTO acquire_write (lock_status) VALUES (?)", [(1,)] * 5_000)
    assert (folder / "chroma" / "chroma.sqlite3").stat().st_size > Manifest.read(folder).files[
        "chroma/chroma.sqlite3"
    ].size
    _answers_rightly(workplace)
    assert _generation(workplace) == folder
    with closing(sqlite3.connect(folder / "chroma" / "chroma.sqlite3")) as database, database:
        database.execute("UPDATE embedding_metadata SET string_value = 'e12' WHERE string_value = 'e11'")
    with pytest.raises(IndexDamagedError, match="chroma"):
        workplace.open()


@pytest.mark.parametrize("name", ["data_level0.bin", "length.bin", "link_lists.bin", "index_metadata.pickle"])
def test_a_store_of_many_passages_is_checked_whole(tmp_path: Path, name: str) -> None:
    """From 1,000 passages on, Chroma stores vectors in separate files, which do not change when it is used."""
    event = entries()[0]
    passages = [chunk.Passage(f"e10#{number}", "e10", "summary", 0, 5, "Zebra") for number in range(1_200)]
    vectors = np.random.default_rng(1).normal(size=(1_200, 16)).astype(np.float32)
    VectorStore.create(tmp_path / "chroma", passages, [event] * 1_200, vectors).close()
    integrity.compact(tmp_path)
    files = integrity.digests(tmp_path)
    assert all(known.sha256 for known in files.values())
    with closing(VectorStore.open(tmp_path / "chroma")) as store:
        assert store.search(vectors[7] / np.linalg.norm(vectors[7]), top=1)[0][0] == "e10#7"
        integrity.check(tmp_path, files)
    integrity.check(tmp_path, files)
    one_word(_file(tmp_path, f"chroma/*/{name}"), Path())
    with pytest.raises(IndexDamagedError, match=name):
        integrity.check(tmp_path, files)


def test_of_a_large_index_what_is_quoted_is_checked_before_it_is_read(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No wrong word is quoted and no file of the wrong size is opened, however large the index is."""
    monkeypatch.setattr(integrity, "LARGE", 0)
    folder = _generation(workplace)
    for name in ("entries.jsonl", "passages.json"):
        content = (folder / name).read_bytes()
        one_word(folder / name, Path())
        with pytest.raises(IndexDamagedError):
            workplace.open()
        (folder / name).write_bytes(content)
    shorter(folder / "vectors.npy", Path())
    with pytest.raises(IndexDamagedError):
        workplace.open()


def test_a_server_stops_using_a_large_index_that_turns_out_damaged_and_rebuilds_it(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the background check finds the damage, questions are refused with a hint until the index is rebuilt."""
    monkeypatch.setattr(integrity, "LARGE", 0)
    one_word(_generation(workplace) / "vectors.npy", Path())
    live = LiveAssistant(workplace, workplace.assistant())
    live._assistant.index.check.wait()
    for ask in (lambda: live.ask("Who released Okapi?"), lambda: live.related("e11")):
        if live._rebuilding is None or live._rebuilding[1].is_alive():
            with pytest.raises(IndexDamagedError) as caught:
                ask()
            assert "almanac build" in caught.value.hint
    assert live._rebuilding is not None
    live._rebuilding[1].join()
    assert live.ask("Who released Okapi?").cited == ("e11",)
    live._assistant.index.check.wait()
    assert live._assistant.index.check.damage is None


def test_a_large_index_that_is_undamaged_stays_in_use(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The background check ends and changes nothing."""
    monkeypatch.setattr(integrity, "LARGE", 0)
    assistant = workplace.assistant()
    assistant.index.check.wait()
    assistant.index.check.ensure()
    assert assistant.ask("Who released Okapi?").cited == ("e11",)


def test_an_older_format_is_rebuilt_with_its_vectors_made_again(workplace: Workplace) -> None:
    """A manifest without digests proves nothing about the other files."""
    folder = _generation(workplace)
    manifest = (folder / "manifest.json").read_text("utf-8")
    (folder / "manifest.json").write_text(manifest.replace(f'"format": {generation.FORMAT}', '"format": 1'), "utf-8")
    rebuilt = build.build(workplace.read(), workplace.home, workplace.embedder)
    assert not rebuilt.reused
    assert rebuilt.embedded == rebuilt.texts


def test_a_manifest_that_was_changed_is_noticed(workplace: Workplace) -> None:
    """No other file has the hash of the manifest, so it contains its own."""
    file = _generation(workplace) / "manifest.json"
    file.write_text(file.read_text("utf-8").replace('"entries": 5', '"entries": 6'), "utf-8")
    with pytest.raises(IndexDamagedError, match="manifest"):
        workplace.open()
    _answers_rightly(workplace)
