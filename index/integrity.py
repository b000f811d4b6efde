"""Whether the files of a generation are the ones that its build wrote: size and SHA-256 of each, kept in the manifest.

What answers quote is always checked before it is read. Of a large index the other files, which only rank, are checked
in the background, and from the moment that a difference is found the index refuses to be used.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from .errors import IndexDamagedError, StorageError

QUOTED = frozenset({"entries.jsonl", "passages.json"})
"""The files that hold the words of answers and say where they are."""
LARGE = 64 << 20
"""Bytes; a generation with more is hashed in the background, which takes longer than an answer."""
_MANIFEST = "manifest.json"
_CHROMA = "chroma/chroma.sqlite3"
_PERSISTED = "index_metadata.pickle"
"""Lies beside the files of Chroma's HNSW index once they hold vectors; before that they hold uninitialised memory."""
_UNUSED_BEFORE = frozenset({"data_level0.bin", "length.bin"})
_LOCKS = "acquire_write"
"""The one table of Chroma's that changes whenever a store is opened: a row that nobody reads."""
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileDigest:
    """One file as it was written.

    `sha256` is None where the content means nothing and only the size is known. `loose_page` is the number, from 1, of
    the SQLite page that may change; such a file may also grow.
    """

    size: int
    sha256: str | None
    loose_page: int | None = None


def digests(folder: Path) -> dict[str, FileDigest]:
    """The digest of each file of a generation that is about to be sealed, by its path in the folder."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {name: _digest(folder, name) for name in names if name != _MANIFEST}


def compact(folder: Path) -> None:
    """Remove the free pages of Chroma's database: the pages it takes later are then at the end of the file.

    Raises:
        StorageError: the disk refused.
    """
    try:
        with closing(sqlite3.connect(folder / _CHROMA)) as database:
            if database.execute("PRAGMA freelist_count").fetchone()[0]:
                database.execute("VACUUM")
    except sqlite3.Error as error:
        raise StorageError(f"cannot write {folder / _CHROMA}: {error}") from error


def _digest(folder: Path, name: str) -> FileDigest:
    path = folder / name
    size = path.stat().st_size
    if name == _CHROMA:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            found = database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (_LOCKS,)).fetchone()
        page = int(found[0]) if found else None
        return FileDigest(size, _hash(path, size, page), page)
    if path.name in _UNUSED_BEFORE and not (path.parent / _PERSISTED).exists():
        return FileDigest(size, None)
    return FileDigest(size, _hash(path, size))


def _hash(path: Path, size: int, loose_page: int | None = None) -> str:
    """SHA-256 of the first `size` bytes; of a database without what changes when it is opened."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        if loose_page is None:
            while part := stream.read(min(_CHUNK, size)):
                digest.update(part)
                size -= len(part)
            return digest.hexdigest()
        content = bytearray(stream.read(size))
    # In the file's header: the counters of changes, the number of pages, and which SQLite wrote last.
    for at, end in ((24, 32), (92, 100)):
        content[at:end] = bytes(end - at)
    length = int.from_bytes(content[16:18], "big")
    page = 65_536 if length == 1 else length
    start = (loose_page - 1) * page
    content[start : start + page] = bytes(len(content[start : start + page]))
    digest.update(content)
    return digest.hexdigest()


def check_sizes(folder: Path, files: Mapping[str, FileDigest]) -> None:
    """Whether each file is there and as long as it was.

    Raises:
        IndexDamagedError: one is not.
    """
    for name, known in files.items():
        try:
            size = (folder / name).stat().st_size
        except OSError as error:
            raise IndexDamagedError(f"{name} of the index under {folder} is missing") from error
        if size != known.size and (known.loose_page is None or size < known.size):
            raise IndexDamagedError(f"{name} of the index under {folder} has {size:,} bytes instead of {known.size:,}")


def check(folder: Path, files: Mapping[str, FileDigest], names: Collection[str] | None = None) -> None:
    """Whether each file, or those named, has the content that was written.

    Raises:
        IndexDamagedError: one has not, or cannot be read.
    """
    check_sizes(folder, files)
    for name, known in files.items():
        if known.sha256 is None or (names is not None and name not in names):
            continue
        try:
            found = _hash(folder / name, known.size, known.loose_page)
        except OSError as error:
            raise IndexDamagedError(f"{name} of the index under {folder} cannot be read: {error.strerror}") from error
        if found != known.sha256:
            raise IndexDamagedError(f"{name} of the index under {folder} is not as it was built")


class Check:
    """The check of one open generation: what has to be known before it is read at once, the rest perhaps later.

    Raises:
        IndexDamagedError: a size is wrong, or a file that is hashed at once has changed.
    """

    def __init__(self, folder: Path, files: Mapping[str, FileDigest], *, large: int | None = None) -> None:
        self.damage: IndexDamagedError | None = None
        self._thread: threading.Thread | None = None
        limit = LARGE if large is None else large
        if sum(known.size for known in files.values()) <= limit:
            check(folder, files)
            return
        check(folder, files, QUOTED)
        rest = files.keys() - QUOTED
        self._thread = threading.Thread(
            target=self._later, args=(folder, files, rest), name="almanac-index-check", daemon=True
        )
        self._thread.start()

    def _later(self, folder: Path, files: Mapping[str, FileDigest], names: Collection[str]) -> None:
        try:
            check(folder, files, names)
        except IndexDamagedError as error:
            # A generation that a newer build has removed is not damaged, only gone.
            self.damage = error if folder.is_dir() else None

    def wait(self) -> None:
        """Return when everything has been checked."""
        if self._thread is not None:
            self._thread.join()

    def ensure(self) -> None:
        """Go on only where no damage has been found so far.

        Raises:
            IndexDamagedError: the index differs from what was built.
        """
        if self.damage is not None:
            raise IndexDamagedError(str(self.damage))
