"""Backs up and restores the catalogue with its aliases, its history, shared answers and feedback, while a server runs.

A backup is a ZIP archive with a manifest. The databases are copied with SQLite's backup, which sees one state of them
while others write; catalogue and history are copied under the lock of the catalogue. Indexes are not in it: they are
rebuilt from the catalogue.
"""

import hashlib
import json
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ValidationError

from assistant import __version__
from index import aliases, files
from index.editing.journal import SUFFIX
from index.errors import BackupError, CatalogueError, StorageError
from index.importers.target import read_target, writing

from .database import FILE

FORMAT = 1
_MANIFEST = "manifest.json"
_CATALOGUE, _HISTORY, _SYNC = "catalogue.jsonl", f"catalogue.jsonl{SUFFIX}", "sync.json"
_NAMES = {_CATALOGUE, aliases.FILE, _HISTORY, FILE, _SYNC}
_MAX_BYTES = 16 * 2**30
"""Uncompressed size of a backup that is restored; larger ones are refused."""
_BUSY_SECONDS = 30.0


class Manifest(BaseModel):
    """What a backup has: the SHA-256 of each file by name, and the program and time that made it."""

    format: int
    version: str
    made_at: str
    entries: int
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the files are that a backup has."""

    catalogue: Path
    data: Path

    def of(self, name: str) -> Path:
        """The place of one file."""
        if name == _CATALOGUE:
            return self.catalogue
        if name == aliases.FILE:
            return self.catalogue.with_name(name)
        if name == _HISTORY:
            resolved = self.catalogue.resolve()
            return resolved.with_name(f"{resolved.name}{SUFFIX}")
        return self.data / name


def back_up(places: Places, target: Path) -> Manifest:
    """Write a backup; readers of `target` see either nothing or the whole archive.

    Raises:
        BackupError: there is nothing to back up, or the target is a folder.
        CatalogueBusyError, CatalogueError, StorageError: a file cannot be locked, read or written.
    """
    if target.is_dir():
        raise BackupError(f"{target} is a folder", hint="name a file, such as almanac-backup.zip")
    with _temporary(target.resolve().parent) as folder:
        entries = 0
        with writing(places.data):
            if places.catalogue.is_file():
                entries = len(read_target(places.catalogue).entries)
                (folder / _CATALOGUE).write_bytes(places.catalogue.read_bytes())
            for name in (_HISTORY, FILE):
                if places.of(name).is_file():
                    _copy_database(places.of(name), folder / name)
            for name in (_SYNC, aliases.FILE):
                if places.of(name).is_file():
                    (folder / name).write_bytes(places.of(name).read_bytes())
        digests = {path.name: _digest(path) for path in sorted(folder.iterdir())}
        if not digests:
            raise BackupError(
                f"there is nothing to back up in {places.data}", hint="`almanac config` shows the data folder"
            )
        now = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = Manifest(format=FORMAT, version=__version__, made_at=now, entries=entries, files=digests)
        archive = folder / "archive.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr(_MANIFEST, manifest.model_dump_json(indent=1))
            for name in digests:
                packed.write(folder / name, name)
        with archive.open("rb+") as stream:
            os.fsync(stream.fileno())
        archive.chmod(0o600)  # readers' notes are private
        files.replace(archive, target.resolve())
    return manifest


def restore(places: Places, source: Path) -> tuple[Manifest, Path | None]:
    """Put the files of a backup in the place of the present ones, which are backed up first.

    Returns:
        The manifest, and the backup of what was there before; None if there was nothing.

    Raises:
        BackupError: the file is not a backup or is damaged; nothing was changed.
        CatalogueBusyError, StorageError: a file cannot be locked, read or written.
    """
    places.data.mkdir(parents=True, exist_ok=True)
    with _temporary(places.data) as folder:
        manifest = _unpacked(source, folder)
        before: Path | None = places.data / f"before-restore-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.zip"
        try:
            back_up(places, before)  # type: ignore[arg-type]
        except BackupError:
            before = None
        with writing(places.data):
            for name in (FILE, _HISTORY):
                if name in manifest.files:
                    places.of(name).parent.mkdir(parents=True, exist_ok=True)
                    _copy_database(folder / name, places.of(name))
            for name in (_SYNC, aliases.FILE, _CATALOGUE):
                if name in manifest.files:
                    files.write_atomically(places.of(name), (folder / name).read_bytes())
    return manifest, before


def _unpacked(source: Path, folder: Path) -> Manifest:
    """Unpack a backup into a folder and check every file."""
    try:
        with zipfile.ZipFile(source) as packed:
            manifest = Manifest.model_validate(json.loads(packed.read(_MANIFEST)))
            if manifest.format != FORMAT:
                hint = "restore it with the version of almanac that wrote it"
                raise BackupError(
                    f"{source} is a backup in format {manifest.format}, this version reads {FORMAT}", hint=hint
                )
            if not manifest.files.keys() <= _NAMES or sum(info.file_size for info in packed.infolist()) > _MAX_BYTES:
                raise BackupError(f"{source} has other files than a backup, or is too large")
            for name in manifest.files:
                packed.extract(name, folder)
    except OSError as error:
        raise BackupError(f"cannot read {source}: {error.strerror or error}") from error
    except (zipfile.BadZipFile, KeyError, ValueError, ValidationError, RuntimeError, EOFError) as error:
        raise BackupError(f"{source} is not a backup, or is damaged") from error
    for name, digest in manifest.files.items():
        if _digest(folder / name) != digest:
            raise BackupError(f"{source} is damaged: {name} has changed since the backup")
    if _CATALOGUE in manifest.files:
        try:
            read_target(folder / _CATALOGUE)
        except CatalogueError as error:
            raise BackupError(f"the catalogue in {source} has records that this version cannot read") from error
    return manifest


def _copy_database(source: Path, target: Path) -> None:
    """Copy one state of a database. Other programs may use both; the target changes in one transaction."""
    try:
        with (
            closing(sqlite3.connect(source, timeout=_BUSY_SECONDS)) as old,
            closing(sqlite3.connect(target, timeout=_BUSY_SECONDS)) as new,
        ):
            old.backup(new)
    except (sqlite3.Error, OSError) as error:
        raise StorageError(f"cannot copy {source} to {target}: {error}") from error


@contextmanager
def _temporary(beside: Path) -> Iterator[Path]:
    try:
        with tempfile.TemporaryDirectory(prefix=".almanac-backup-", dir=beside, ignore_cleanup_errors=True) as folder:
            yield Path(folder)
    except OSError as error:
        raise StorageError(f"cannot write under {beside}: {error.strerror or error}") from error


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
