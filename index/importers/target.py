"""The catalogue file that imports go into: read, changed and written by one at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from index import catalogue as catalogues
from index.catalogue import Catalogue
from index.errors import CatalogueBusyError, CatalogueError, StorageError

PATIENCE = 60.0
"""Seconds that a writer waits for another; each holds the file for the moment of merging and writing."""


def read_target(path: Path) -> Catalogue:
    """The catalogue in a file, empty where there is none yet.

    Raises:
        CatalogueError: it cannot be read, or holds records that writing it would lose.
    """
    kept = catalogues.load(path) if path.is_file() else Catalogue(())
    if kept.problems:
        raise CatalogueError(
            f"{path} holds {len(kept.problems)} records that cannot be read, which writing it would lose; "
            f"the first: {kept.problems[0]}",
            hint="mend or remove these lines first, or write to another file with --into",
        )
    return kept


@contextmanager
def writing(data: Path, *, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the right to change a catalogue: between reading it and writing it back nobody else does.

    Args:
        data: The data folder, where the lock is.
        patience: How long to wait for another who holds it.

    Raises:
        CatalogueBusyError: another holds it for too long.
        StorageError: the data folder cannot be written to.
    """
    lock = FileLock(data / "writing.lock", timeout=patience)
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise CatalogueBusyError(f"another process has been writing to the catalogue for {patience:g} s") from error
    except OSError as error:
        raise StorageError(f"cannot write under {data}: {error.strerror or error}") from error
    try:
        yield
    finally:
        lock.release()
