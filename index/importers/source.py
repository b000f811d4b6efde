"""A source as bytes that can be read, and what an importer makes of it."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from index.catalogue import Problem
from index.errors import ImportSourceError
from index.models import AnyEntry

_GZIP = b"\x1f\x8b"
_SAMPLE = 65_536
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))


@dataclass(frozen=True, slots=True)
class Imported:
    """What a source held: its entries, what was left out or looks odd, and the name of its format."""

    entries: tuple[AnyEntry, ...]
    problems: tuple[Problem, ...]
    format: str
    whole: bool = True
    """Whether the entries are complete records; a page shows only a part of what may be known of an event."""


@dataclass(frozen=True, slots=True)
class Source:
    """A folder (`folder` is set), or the bytes of a file or of standard input, never empty and never binary."""

    name: str
    data: bytes = b""
    folder: Path | None = None

    @classmethod
    def file(cls, path: Path) -> "Source":
        """The source in one file, unpacked where it is gzipped.

        Raises:
            ImportSourceError: it cannot be read, is empty or is no text.
        """
        try:
            return cls(path.name, _text_bytes(path.read_bytes(), str(path)))
        except OSError as error:
            raise ImportSourceError(f"cannot read {path}: {error.strerror or error}") from error

    @classmethod
    def open(cls, source: str, stdin: BinaryIO) -> "Source":
        """The source that a word on the command line names; `-` is standard input.

        Raises:
            ImportSourceError: there is no such thing, it cannot be read, is empty or is no text.
        """
        if source.lower().startswith(("http://", "https://")):
            raise ImportSourceError(
                f"addresses are not fetched yet: {source}", hint="save the page from the browser and import the file"
            )
        if source == "-":
            return cls("-", _text_bytes(stdin.read(), "standard input"))
        path = Path(source)
        try:
            if not source or not path.exists():
                raise ImportSourceError(
                    f"there is no file or folder {source!r}", hint="name a file, a folder, or - for standard input"
                )
            return cls(path.name, folder=path) if path.is_dir() else cls.file(path)
        except OSError as error:
            raise ImportSourceError(f"cannot read {source}: {error.strerror or error}") from error

    def lines(self) -> Iterator[tuple[str, bytes]]:
        """The lines, each with its place `FILE:LINE`."""
        return ((f"{self.name}:{number}", line) for number, line in enumerate(io.BytesIO(self.data), start=1))

    def text(self) -> tuple[str, tuple[Problem, ...]]:
        """The text; what is not UTF-8 is read as windows-1252, which is reported."""
        try:
            return self.data.decode("utf-8-sig"), ()
        except UnicodeDecodeError as error:
            line = self.data.count(b"\n", 0, error.start) + 1
            problem = Problem(f"{self.name}:{line}", "", "not UTF-8, so the file was read as windows-1252")
            return self.data.decode("windows-1252", errors="replace"), (problem,)


def _text_bytes(data: bytes, name: str) -> bytes:
    try:
        if data.startswith(_GZIP):
            data = gzip.decompress(data)
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            data = data.decode("utf-16").encode("utf-8")
    except (OSError, EOFError, zlib.error) as error:
        raise ImportSourceError(f"{name} is gzipped, but damaged: {error}", hint="fetch or pack it again") from error
    except UnicodeError as error:
        raise ImportSourceError(f"{name} begins as UTF-16, but is not", hint="save it as UTF-8") from error
    if not data.strip().removeprefix(codecs.BOM_UTF8).strip():
        raise ImportSourceError(f"{name} is empty", hint="save the page or export the data again")
    sample = data[:_SAMPLE]
    if b"\0" in data or len(sample) - len(sample.translate(None, _CONTROLS)) > len(sample) / 50:
        raise ImportSourceError(f"{name} holds binary data, not text", hint="save it as text, HTML or JSON Lines")
    return data
