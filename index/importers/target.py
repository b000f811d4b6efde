"""Reads the catalogue file that an import writes, and locks it so that only one process changes it at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from index import aliases
from index import catalogue as catalogues
from index.catalogue import Catalogue
from index.errors import CatalogueBusyError, CatalogueError, StorageError

LOCK_TIMEOUT = 60.0
"""Seconds to wait for another process that is merging and writing."""


def read_target(path: Path) -> Catalogue:
    """The catalogue in a file; an empty catalogue if the file does not exist.

    Raises:
        CatalogueError: the file cannot be read, or has records that cannot be read and that writing it would lose.
    """
    catalogue = catalogues.load(path) if path.is_file() else Catalogue(())
    # The aliases are in a file of their own, which no import writes.
    problems = [problem for problem in catalogue.problems if problem.place != aliases.FILE]
    if problems:
        raise CatalogueError(
            f"{path} holds {len(problems)} records that cannot be read, and writing it would lose them; "
            f"the first: {problems[0]}",
            hint="fix or remove these lines first, or write to another file with --into",
        )
    return catalogue


@contextmanager
def writing(data: Path, *, timeout: float = LOCK_TIMEOUT) -> Iterator[None]:
    """Lock the catalogue while it is read, changed and written.

    Args:
        data: The data folder, which holds the lock file.
        timeout: Seconds to wait for another process that holds the lock.

    Raises:
        CatalogueBusyError: another process held the lock until the timeout.
        StorageError: the data folder cannot be written.
    """
    lock = FileLock(data / "writing.lock", timeout=timeout)
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise CatalogueBusyError(f"another process has been writing to the catalogue for {timeout:g} s") from error
    except OSError as error:
        raise StorageError(f"cannot write under {data}: {error.strerror or error}") from error
    try:
        yield
    finally:
        lock.release()
