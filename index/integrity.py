"""Detect damaged index files: the manifest holds size and SHA-256 of each file, and opening an index compares them.

The files that answers quote are always checked before they are read. In a large index the other files, which only
affect the ranking, are checked in the background; once damage is found, the index refuses to answer.
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
"""The files with the text that answers quote, and with its offsets."""
LARGE = 64 << 20
"""Bytes; a generation larger than this is hashed in the background, because hashing takes longer than an answer."""
_MANIFEST = "manifest.json"
_CHROMA = "chroma/chroma.sqlite3"
_PERSISTED = "index_metadata.pickle"
"""Exists once the files of Chroma's HNSW index hold vectors; until then they hold uninitialised memory."""
_UNUSED_BEFORE = frozenset({"data_level0.bin", "length.bin"})
_LOCKS = "acquire_write"
"""The only table of Chroma that changes when a store is opened: Chroma adds a row that nothing reads."""
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileDigest:
    """Size in bytes and SHA-256 of one file at the time of the build.

    `sha256` is None if the content is meaningless, so that only the size is checked. `loose_page` is the number, from
    1, of the one SQLite page that may change later; such a file may also grow.
    """

    size: int
    sha256: str | None
    loose_page: int | None = None


def digests(folder: Path) -> dict[str, FileDigest]:
    """The digest of each file of a new generation except its manifest, by the path in the folder."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {name: _digest(folder, name) for name in names if name != _MANIFEST}


def compact(folder: Path) -> None:
    """Remove the free pages of Chroma's database, so that pages it needs later are added at the end of the file.

    Raises:
        StorageError: the database cannot be written.
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
            row = database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (_LOCKS,)).fetchone()
        page = int(row[0]) if row else None
        return FileDigest(size, _hash(path, size, page), page)
    if path.name in _UNUSED_BEFORE and not (path.parent / _PERSISTED).exists():
        return FileDigest(size, None)
    return FileDigest(size, _hash(path, size))


def _hash(path: Path, size: int, loose_page: int | None = None) -> str:
    """SHA-256 of the first `size` bytes of a file; of a database, with the bytes that change on opening set to zero."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        if loose_page is None:
            while part := stream.read(min(_CHUNK, size)):
                digest.update(part)
                size -= len(part)
            return digest.hexdigest()
        content = bytearray(stream.read(size))
    # These bytes of the SQLite header hold change counters, the number of pages and the version that wrote last.
    for at, end in ((24, 32), (92, 100)):
        content[at:end] = bytes(end - at)
    length = int.from_bytes(content[16:18], "big")
    page = 65_536 if length == 1 else length
    start = (loose_page - 1) * page
    content[start : start + page] = bytes(len(content[start : start + page]))
    digest.update(content)
    return digest.hexdigest()


def check_sizes(folder: Path, files: Mapping[str, FileDigest]) -> None:
    """Check that each file exists and has its size.

    Raises:
        IndexDamagedError: a file is missing, or has another size.
    """
    for name, known in files.items():
        try:
            size = (folder / name).stat().st_size
        except OSError as error:
            raise IndexDamagedError(f"{name} of the index under {folder} is missing") from error
        if size != known.size and (known.loose_page is None or size < known.size):
            raise IndexDamagedError(f"{name} of the index under {folder} has {size:,} bytes instead of {known.size:,}")


def check(folder: Path, files: Mapping[str, FileDigest], names: Collection[str] | None = None) -> None:
    """Check the size of each file, and the content of those in `names` (None means all).

    Raises:
        IndexDamagedError: a file is missing, changed or unreadable.
    """
    check_sizes(folder, files)
    for name, known in files.items():
        if known.sha256 is None or (names is not None and name not in names):
            continue
        try:
            sha256 = _hash(folder / name, known.size, known.loose_page)
        except OSError as error:
            raise IndexDamagedError(f"{name} of the index under {folder} cannot be read: {error.strerror}") from error
        if sha256 != known.sha256:
            raise IndexDamagedError(f"{name} of the index under {folder} was changed after the build")


class Check:
    """The integrity check of one open generation.

    A small generation is checked completely by the constructor. Of a large one only the sizes and the quoted files are;
    the rest is checked in a background thread. `damage` is the error that the thread found, or None.

    Raises:
        IndexDamagedError: a file is missing, or its size or content is wrong.
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
            target=self._check_in_background, args=(folder, files, rest), name="almanac-index-check", daemon=True
        )
        self._thread.start()

    def _check_in_background(self, folder: Path, files: Mapping[str, FileDigest], names: Collection[str]) -> None:
        try:
            check(folder, files, names)
        except IndexDamagedError as error:
            # If the folder is gone, a newer build removed the generation: that is not damage.
            self.damage = error if folder.is_dir() else None

    def wait(self) -> None:
        """Wait until every file has been checked."""
        if self._thread is not None:
            self._thread.join()

    def ensure(self) -> None:
        """Refuse to continue if the background check has found damage.

        Raises:
            IndexDamagedError: a file differs from what the build wrote.
        """
        if self.damage is not None:
            raise IndexDamagedError(str(self.damage))
