"""Go back to the generation of an index that was in use before the present one."""

from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from . import catalogue as catalogues
from . import generation, integrity
from .errors import EditError, IndexBusyError, IndexMissingError, IndexStaleError, StorageError
from .files import REMOVED, write_atomically
from .generation import Manifest
from .models import AnyEntry


@dataclass(frozen=True, slots=True)
class EarlierGeneration:
    """An undamaged generation that was built before the one in use."""

    folder: Path
    built_at: str
    entries: tuple[AnyEntry, ...]


def generation_before(home: Path) -> EarlierGeneration:
    """The latest undamaged generation that was built before the one in use.

    Raises:
        IndexMissingError: no index has been built.
        EditError: there is no such generation; a build keeps two.
    """
    in_use = generation.current(home)
    if in_use is None:
        raise IndexMissingError(home)
    # The name of a generation starts with the time of its build.
    folders = (path.parent for path in home.glob("*/manifest.json") if not path.parent.name.startswith(REMOVED))
    for folder in sorted((folder for folder in folders if folder.name < in_use.name), reverse=True):
        try:
            manifest = Manifest.read(folder)
            integrity.check(folder, manifest.files)
        except (IndexStaleError, IndexMissingError):  # damaged, or of another version
            continue
        return EarlierGeneration(folder, manifest.built_at, catalogues.load(folder / "entries.jsonl").entries)
    raise EditError(
        "there is no index from before the one in use: a build keeps one earlier index",
        hint="`almanac undo` undoes the latest change of the catalogue",
    )


def use(home: Path, earlier: EarlierGeneration) -> None:
    """Switch to an earlier generation, by one rename.

    Raises:
        IndexBusyError: a build is running.
        StorageError: the file cannot be written.
    """
    try:
        with FileLock(home / "building.lock", timeout=0):
            write_atomically(home / "current", earlier.folder.name.encode())
    except Timeout as error:
        raise IndexBusyError(f"another process is building the index under {home}") from error
    except OSError as error:
        raise StorageError(f"cannot write under {home}: {error.strerror or error}") from error
