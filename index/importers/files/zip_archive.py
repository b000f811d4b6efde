"""Unpack ZIP archives safely into a temporary folder, which is then imported like any other folder."""

import io
import lzma
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from xml.parsers.expat import ExpatError
from xml.sax import SAXException

from index.catalogue import Problem
from index.errors import ImportSourceError
from index.importers.source import LARGEST_SOURCE, Source
from index.importers.visibility import hidden_folder

from .file_types import ZIP

MOST_FILES = 20_000
"""Maximum number of files in an archive."""
LARGEST_UNPACKED = 2 * LARGEST_SOURCE
"""Maximum total size in bytes of the unpacked files of an archive."""
_MOST_TIMES_LARGER = 200  # text compresses about 10 times, rarely 50 times; archive bombs about 1,000 times
_SMALL = 4 * 2**20
_LONGEST_NAME = 150
_PASSED = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"}
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    ExpatError,
    SAXException,
    SyntaxError,  # raised by ElementTree for malformed XML
    OSError,
    EOFError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RuntimeError,
)
"""Exceptions that the readers of ZIP archives, Office files and PDFs raise for damaged files."""


@contextmanager
def as_folder(source: Source) -> Iterator[Source]:
    """Yield the source, or for a ZIP archive a temporary folder with its files, which is removed afterwards.

    Raises:
        ImportSourceError: the archive is damaged, encrypted, empty, or far too large once unpacked.
    """
    if source.binary != ZIP:
        yield source
        return
    with tempfile.TemporaryDirectory(prefix="almanac-import-") as place:
        folder = Path(place)
        try:
            with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
                odd = _unpack(archive, folder, source.name, len(source.data))
        except BROKEN as error:
            raise ImportSourceError(
                f"{source.name} is a ZIP archive, but damaged: {error}", hint="download or pack it again"
            ) from error
        yield replace(source, data=b"", binary=None, folder=_only_folder(folder), odd=(*source.odd, *odd))


def check_packed(data: bytes, name: str, what: str, *, hint: str, most: int = LARGEST_UNPACKED) -> zipfile.ZipFile:
    """Open an Office file, which is a ZIP archive, after checking that it is readable and not too large.

    Raises:
        ImportSourceError: the file is damaged, or would be far too large once unpacked.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        _check(archive.infolist(), name, len(data), most)
    except BROKEN as error:
        raise ImportSourceError(f"{name} is {what}, but damaged: {error}", hint=hint) from error
    return archive


def _check(files: list[zipfile.ZipInfo], name: str, packed: int, most: int = LARGEST_UNPACKED) -> None:
    whole = sum(file.file_size for file in files)
    if len(files) > MOST_FILES:
        raise ImportSourceError(f"{name} holds more than {MOST_FILES:,} files", hint="import its parts one by one")
    if whole > most or whole > max(_SMALL, packed * _MOST_TIMES_LARGER):
        raise ImportSourceError(
            f"{name} would unpack to {whole:,} bytes from {packed:,}, more than is read",
            hint="unpack it yourself, look at what is in it, and import the folder",
        )


def _unpack(archive: zipfile.ZipFile, folder: Path, name: str, packed: int) -> list[Problem]:
    """Write the files of an archive to the folder; return a report for each file that is left out."""
    files = [file for file in archive.infolist() if not file.is_dir() and not _PASSED & set(file.filename.split("/"))]
    _check(files, name, packed)
    if any(file.flag_bits & 1 for file in files):
        raise ImportSourceError(
            f"{name} is encrypted with a password", hint="unpack it yourself, and import the folder"
        )
    odd: list[Problem] = []
    written = 0
    for file in files:
        path = PurePosixPath(file.filename.replace("\\", "/"))
        place = f"{name}:{str(path)[:_LONGEST_NAME]}"
        if reason := _unsafe(path, file):
            odd.append(Problem(place, "", f"left out: {reason}"))
            continue
        target = folder.joinpath(*path.parts)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(file) as packed_file, target.open("xb") as stream:
                written += stream.write(packed_file.read(file.file_size + 1))
        except FileExistsError:
            odd.append(Problem(place, "", "left out: another file of this archive has the same name"))
        except NotADirectoryError:
            odd.append(Problem(place, "", "left out: a file of this archive has the name of its folder"))
        except BROKEN as error:
            odd.append(Problem(place, "", f"left out: it cannot be unpacked ({error})"))
    if not written:
        reasons = "; ".join(str(problem) for problem in odd[:3]) or "it contains no file with any content"
        raise ImportSourceError(f"{name} is a ZIP archive with nothing to read: {reasons}", hint="pack it again")
    return odd


def _unsafe(path: PurePosixPath, file: zipfile.ZipInfo) -> str:
    """Return the reason why a file must not be unpacked; empty if it is safe."""
    parts = path.parts
    if path.is_absolute() or ".." in parts or not parts or ":" in parts[0]:
        return "its path leads out of the archive"
    if stat.S_ISLNK(file.external_attr >> 16):
        return "it is a link"
    if any(len(part.encode("utf-8", errors="replace")) > 255 or "\0" in part for part in parts) or len(parts) > 30:
        return "its path is too long"
    return ""


def _only_folder(folder: Path) -> Path:
    """Return the folder, or the single folder that contains everything in it."""
    for _ in range(5):
        inside = list(folder.iterdir())
        # Do not descend into a folder such as `drafts`: its name says that its files are not public.
        if len(inside) != 1 or not inside[0].is_dir() or hidden_folder([inside[0].name]):
            break
        folder = inside[0]
    return folder
