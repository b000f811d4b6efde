"""Building an index: only changes are embedded, builds may be killed, and a running server switches to the new index."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from assistant.live import LiveAssistant
from assistant.settings.settings import Settings
from assistant.workplace import Workplace
from index import build, catalogue, generation
from index.catalogue import Catalogue
from index.embed import Embedder
from index.errors import IndexBusyError, IndexMissingError, IndexStaleError, StorageError
from index.models import ENTRY, AnyEntry


def event(number: int, said: str = "The laboratory published a study of its newest model.") -> AnyEntry:
    """A small event."""
    return ENTRY.validate_python(
        {
            "id": f"e{number}",
            "kind": "event",
            "title": f"Event {number}",
            "date": "2024-05",
            "summary": f"{said} Part {number}.",
        }
    )


@pytest.fixture
def entries() -> list[AnyEntry]:
    """Entries whose texts all differ."""
    return [
        event(number, f"Laboratory {number} trained a model of {number} billion parameters.") for number in range(12)
    ]


def test_only_what_changed_is_embedded_again(tmp_path: Path, embedder: Embedder, entries: list[AnyEntry]) -> None:
    """A second build embeds nothing; after an edit, a build embeds only the new texts."""
    first = build.build(Catalogue(tuple(entries)), tmp_path, embedder)
    assert first.embedded == first.texts > 12
    again = build.build(Catalogue(tuple(entries)), tmp_path, embedder)
    assert (again.reused, again.embedded, again.folder) == (True, 0, first.folder)
    edited = [*entries[:-1], event(11, "A court in Hamburg ruled on training data.")]
    second = build.build(Catalogue(tuple(edited)), tmp_path, embedder)
    assert 0 < second.embedded <= 4
    assert second.folder != first.folder
    full = build.build(Catalogue(tuple(edited)), tmp_path, embedder, full=True)
    assert full.embedded == full.texts


def test_an_index_without_vectors_is_built_anew_for_an_embedder(
    tmp_path: Path, embedder: Embedder, entries: list[AnyEntry]
) -> None:
    """The manifest names the embedder; an index of another embedder is refused with a hint until it is rebuilt."""
    build.build(Catalogue(tuple(entries)), tmp_path, None)
    with pytest.raises(IndexStaleError, match="was built with 'none'") as caught:
        build.open_current(tmp_path, embedder)
    assert "almanac build" in caught.value.hint
    assert build.build(Catalogue(tuple(entries)), tmp_path, embedder).embedded > 0
    build.open_current(tmp_path, embedder).close()


def test_nothing_built_says_how_to_build(tmp_path: Path) -> None:
    """A missing index is a clear error."""
    with pytest.raises(IndexMissingError) as caught:
        build.open_current(tmp_path, None)
    assert "almanac build" in caught.value.hint


@pytest.mark.parametrize("name", ["manifest.json", "passages.json", "entries.jsonl", "vectors.npy"])
@pytest.mark.parametrize("damage", [b"", b"\x00garbage", None], ids=["empty", "garbage", "gone"])
def test_a_damaged_generation_is_refused_or_built_anew(
    tmp_path: Path, entries: list[AnyEntry], name: str, damage: bytes | None
) -> None:
    """Any damage on disk gives our own error on opening, and a full build repairs it."""
    folder = build.build(Catalogue(tuple(entries)), tmp_path, None).folder
    if damage is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(damage)
    with pytest.raises((IndexStaleError, IndexMissingError)) as caught:
        build.open_current(tmp_path, None)
    assert "almanac build" in caught.value.hint
    build.build(Catalogue(tuple(entries)), tmp_path, None, full=True)
    build.open_current(tmp_path, None).close()


def test_a_damaged_index_mends_itself_at_the_next_question(tmp_path: Path) -> None:
    """A user who only asks questions does not have to build the index first."""
    file = tmp_path / "catalogue.jsonl"
    catalogue.save(file, [event(1), event(2)])
    workplace = Workplace(Settings(data=tmp_path / "data", catalogue=file, embedder="none"))
    folder = workplace.build().folder
    (folder / "passages.json").write_bytes(b"\x00")
    assert len(workplace.assistant().catalogue.entries) == 2


def test_two_builds_at_once_do_not_mix(tmp_path: Path, entries: list[AnyEntry]) -> None:
    """The second build gets an error that says to wait, and leaves the files of the first alone."""
    inside, go_on = threading.Event(), threading.Event()

    def slow(_step: str, _done: int, _all: int) -> None:
        inside.set()
        go_on.wait(30)

    worker = threading.Thread(
        target=build.build, args=(Catalogue(tuple(entries)), tmp_path, None), kwargs={"report": slow}
    )
    worker.start()
    try:
        assert inside.wait(30)
        with pytest.raises(IndexBusyError):
            build.build(Catalogue(tuple(entries)), tmp_path, None)
    finally:
        go_on.set()
        worker.join()
    build.open_current(tmp_path, None).close()


BUILDER = """
import sys
from pathlib import Path
from index import build, catalogue
from index.embed import open_embedder
embedder, _ = open_embedder("minilm")
print("ready", flush=True)
build.build(catalogue.load(Path(sys.argv[1])), Path(sys.argv[2]), embedder, full=True)
"""


def test_a_build_may_be_killed_at_any_point(tmp_path: Path, embedder: Embedder, project: Path) -> None:
    """After kill -9 the generation in use is undamaged; the next build succeeds and removes the leftovers."""
    home, file = tmp_path / "home", tmp_path / "catalogue.jsonl"
    content = [event(number, f"Team {number} found {number * 7} faults in a system.") for number in range(150)]
    catalogue.save(file, content)
    build.build(Catalogue(tuple(content[:5])), home, embedder)
    used = generation.current(home)
    randomness = random.Random(4)  # noqa: S311 -- moments, not secrets
    killed = 0
    for _ in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", BUILDER, str(file), str(home)],
            env=os.environ | {"PYTHONPATH": str(project)}, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(randomness.uniform(0.0, 1.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        killed += generation.current(home) == used
        index = build.open_current(home, embedder)
        assert len(index.catalogue.entries) in {5, 150}
        assert index.store is not None
        assert len(index.store) == len(index.passages)
        index.close()
    assert killed, "every build ended before it was killed: make it longer"
    build.build(Catalogue(tuple(content)), home, embedder)
    folders = [path for path in home.iterdir() if path.is_dir()]
    assert len(folders) <= build.KEPT_GENERATIONS
    assert all((path / "manifest.json").is_file() for path in folders)


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path, entries: list[AnyEntry]) -> None:
    """If a file has the name of the folder, the error says how to fix it and nothing is lost."""
    blocked = tmp_path / "blocked"
    blocked.write_text("mine")
    with pytest.raises(StorageError) as caught:
        build.build(Catalogue(tuple(entries)), blocked / "home", None)
    assert "ALMANAC_DATA" in caught.value.hint
    assert blocked.read_text() == "mine"


def test_a_running_server_takes_up_a_new_generation_between_two_questions(tmp_path: Path) -> None:
    """A build takes effect while other threads keep asking, and a deleted entry is never cited again."""
    file = tmp_path / "catalogue.jsonl"
    lines = [
        {"id": "zebra", "kind": "event", "title": "Zebra report", "date": "2024", "summary": "Zebra was released by the Delft group."},
        {"id": "okapi", "kind": "event", "title": "Okapi report", "date": "2024", "summary": "Okapi was released by the Ghent group."},
    ]  # fmt: skip
    file.write_text("\n".join(map(json.dumps, lines)))
    workplace = Workplace(Settings(data=tmp_path / "data", catalogue=file, embedder="none"))
    live = LiveAssistant(workplace, workplace.assistant())
    assert live.ask("Who released Zebra?").cited == ("zebra",)
    failures: list[BaseException] = []
    stop = threading.Event()

    def keep_asking() -> None:
        while not stop.is_set():
            try:
                live.ask("Who released Okapi?")
            except BaseException as error:  # noqa: BLE001 -- whatever it is, the test reports it
                failures.append(error)

    askers = [threading.Thread(target=keep_asking) for _ in range(3)]
    for asker in askers:
        asker.start()
    try:
        file.write_text(json.dumps(lines[1]))
        workplace.build()
        assert "zebra" not in live.ask("Who released Zebra?").cited
        assert live.ask("Who released Okapi?").cited == ("okapi",)
    finally:
        stop.set()
        for asker in askers:
            asker.join()
    assert failures == []
