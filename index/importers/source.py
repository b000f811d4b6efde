"""The input of an importer (`Source`) and its result (`Imported`)."""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import urlsplit

from index.catalogue import Problem
from index.errors import ImportSourceError
from index.importers.files import file_types
from index.importers.text import encodings
from index.models import AnyEntry

LARGEST_SOURCE = 256 * 2**20
"""Maximum size of a source in bytes, uncompressed; formats that are read line by line may be this large."""
LARGEST_DOCUMENT = 32 * 2**20
"""Maximum size in bytes of a source that is read in one piece: a feed, a page, a JSON document."""
LONGEST_LINE = 8 * 2**20
"""Maximum length of a line in bytes; longer lines are reported and skipped."""

_GZIP = b"\x1f\x8b"
_SAMPLE = 65_536
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))
_MOST_NULS = 0.01  # a larger share of null characters indicates a binary file; a smaller one is removed


@dataclass(frozen=True, slots=True)
class Imported:
    """The result of an import: the entries, the problems, and the name of the format."""

    entries: tuple[AnyEntry, ...]
    problems: tuple[Problem, ...]
    format: str
    whole: bool = True
    """Whether the entries are complete records; false for a web page, which shows only part of an entry."""
    warnings: tuple[Problem, ...] = ()
    """Warnings about entries that were kept."""
    sources: str = ""
    """Lines for `almanac.toml` if the source only lists other sources; otherwise empty."""
    edited: frozenset[str] = frozenset()
    """Ids set by an editor, as in the catalogue's own format; an equal id always means the same entry."""
    plain: Mapping[str, str] = field(default_factory=dict)
    """For each id that was extended because several entries of the source share an id: the original id."""
    own_ids: Mapping[str, str] = field(default_factory=dict)
    """Id used by the source, by entry id, for entries whose source uses a different id.

    If the catalogue has an entry with that id, it is updated if both describe the same thing.
    """
    files: Mapping[str, str] = field(default_factory=dict)
    """Path in the folder, by id, for entries that have their own file in a folder."""
    stated: frozenset[str] = frozenset()
    """Ids of entries whose own record states their kind."""
    hidden: tuple[Problem, ...] = ()
    """Titles of records that the source does not publish, with reasons; the catalogue may still have these entries."""
    key: str = ""
    """The name of the source, which its entries store."""
    home: str = ""
    """The address of the site that a feed belongs to; it stays the same if the feed file is renamed."""
    world_wide: bool = False
    """Whether the ids are independent of the source: the ids of feed items contain their site or an address."""
    weak: frozenset[str] = frozenset()
    """Ids derived from an address alone; feed items from different times may share them."""


@dataclass(frozen=True, slots=True)
class Source:
    """A folder (`folder` is set), or the non-empty content of a file, of standard input or of a web address.

    `data` is text, unless `binary` names one of the supported binary formats.
    """

    name: str
    data: bytes = b""
    folder: Path | None = None
    url: str | None = None
    """The address that the data was fetched from, after redirects; None if it was not fetched."""
    media_type: str | None = None
    """The `Content-Type` that the server sent, such as `text/html; charset=utf-8`."""
    follow: "Callable[[str], Source] | None" = None
    """Function that fetches another address, such as a page of a sitemap; it raises an AlmanacError on failure."""
    base: str = ""
    """The address of the site that the Markdown files belong to; empty if not given."""
    kind: str = ""
    """The kind of entries that do not state their own: `event` or `guide`; empty if not given."""
    origin: str = ""
    """The last parts of the path: two folders and the name of a file, or one folder and the name of a folder.

    Empty unless the user named the file or folder.
    """
    odd: tuple[Problem, ...] = ()
    """Warnings about defects that were corrected before reading."""
    binary: str | None = None
    """`pdf`, `xlsx`, `docx` or `zip`; None if the data is text."""

    @classmethod
    def file(cls, path: Path) -> "Source":
        """Read a file as a source; gzipped files are decompressed.

        Raises:
            ImportSourceError: the file cannot be read, is empty, too large or not text.
        """
        try:
            with path.open("rb") as stream:
                return cls._of(path.name, stream.read(LARGEST_SOURCE + 1), shown_name=str(path))
        except OSError as error:
            raise ImportSourceError(f"cannot read {path}: {error.strerror or error}") from error

    @classmethod
    def fetched(
        cls, url: str, data: bytes, media_type: str | None = None, follow: "Callable[[str], Source] | None" = None
    ) -> "Source":
        """Create a source from fetched data; gzipped data is decompressed.

        Raises:
            ImportSourceError: the data is empty, too large or not text.
        """
        return cls._of(url, data, shown_name=url, url=url, media_type=media_type, follow=follow)

    @classmethod
    def open(cls, source: str, stdin: BinaryIO) -> "Source":
        """Open the source named on the command line; `-` is standard input.

        Raises:
            ImportSourceError: the source does not exist, cannot be read, is empty, too large or not text.
        """
        if source.lower().startswith(("http://", "https://")):
            raise ImportSourceError(
                f"{source} is an address, and a file is wanted here", hint="`almanac import` fetches addresses"
            )
        if source == "-":
            return cls._of("-", stdin.read(LARGEST_SOURCE + 1), shown_name="standard input")
        path = Path(source)
        try:
            if not source or not path.exists():
                raise ImportSourceError(
                    f"there is no file or folder {source!r}", hint="name a file, a folder, or - for standard input"
                )
            if path.is_dir():
                return cls(path.name, folder=path, origin=_origin(path, 2))
            return replace(cls.file(path), origin=_origin(path, 3))
        except OSError as error:
            raise ImportSourceError(f"cannot read {source}: {error.strerror or error}") from error

    @classmethod
    def _of(
        cls,
        name: str,
        data: bytes,
        *,
        shown_name: str,
        url: str | None = None,
        media_type: str | None = None,
        follow: "Callable[[str], Source] | None" = None,
    ) -> "Source":
        data = _unpacked(data, shown_name) if data.startswith(_GZIP) else data
        _check_size(data, shown_name)
        if binary := file_types.binary_kind(data):
            if refusal := file_types.refused_binary(data):
                raise ImportSourceError(f"{shown_name} is {refusal.what}, which is not read", hint=refusal.hint)
            return cls(name, data, url=url, media_type=media_type, follow=follow, binary=binary)
        text, nuls = _text_bytes(data, shown_name)
        odd = (Problem(name, "", f"{nuls} null characters were taken out"),) if nuls else ()
        return cls(name, text, url=url, media_type=media_type, follow=follow, odd=odd)

    @property
    def file_name(self) -> str:
        """The last part of the address or the path, in lower case, without `.gz`."""
        name = PurePosixPath(urlsplit(self.url).path).name if self.url else self.name
        return name.lower().removesuffix(".gz")

    @property
    def head(self) -> str:
        """The beginning of the text, used to detect its format."""
        return self.data[:_SAMPLE].decode("utf-8", errors="replace")

    def lines(self) -> Iterator[tuple[str, bytes]]:
        """Iterate over the lines, each with its location `FILE:LINE`."""
        return ((f"{self.name}:{number}", line) for number, line in enumerate(io.BytesIO(self.data), start=1))

    def short_lines(self, problems: list[Problem]) -> Iterator[tuple[str, bytes]]:
        """Iterate over the lines like `lines`; lines longer than `LONGEST_LINE` are added to `problems` and skipped."""
        for place, line in self.lines():
            if len(line) > LONGEST_LINE:
                problems.append(Problem(place, "", f"the line has {len(line):,} bytes, more than {LONGEST_LINE:,}"))
            else:
                yield place, line

    def whole(self) -> bytes:
        """Return all bytes, for a format that is read in one piece.

        Raises:
            ImportSourceError: there are more than `LARGEST_DOCUMENT` bytes.
        """
        if len(self.data) > LARGEST_DOCUMENT:
            raise ImportSourceError(
                f"{self.name} has {len(self.data):,} bytes, more than the {LARGEST_DOCUMENT:,} of one document",
                hint="split it, or save it as JSON Lines or CSV, which are read line by line",
            )
        return self.data

    def text(self, *, declared: bool = False) -> tuple[str, tuple[Problem, ...]]:
        """Decode the text; return it with a report if the encoding had to be guessed.

        If `declared` is set, an encoding that the content itself declares is used, as in XML and HTML.
        """
        charset = encodings.of_media_type(self.media_type)
        text, note, start = encodings.decode(self.data, charset=charset, declared=declared)
        if note is None:
            return text, ()
        line = self.data.count(b"\n", 0, start) + 1
        return text, (Problem(f"{self.name}:{line}", "", note),)


def _origin(path: Path, most: int) -> str:
    """Return the last `most` parts of a path; for a path in the home folder, only parts below the home folder."""
    whole, home = path.resolve(), Path.home().resolve()
    parts = whole.relative_to(home).parts if whole.is_relative_to(home) else whole.parts[1:]
    return "/".join(parts[-most:])


def _check_size(data: bytes, name: str) -> None:
    if len(data) > LARGEST_SOURCE:
        raise ImportSourceError(f"{name} is larger than {LARGEST_SOURCE:,} bytes", hint="split it into smaller files")


def _text_bytes(data: bytes, name: str) -> tuple[bytes, int]:
    """Convert text to UTF-8 and remove null characters; return the text and the number of characters removed."""
    if refusal := file_types.refused_binary(data):
        raise ImportSourceError(f"{name} is {refusal.what}: binary data, which is not read", hint=refusal.hint)
    try:
        data = encodings.to_utf8(data)
    except UnicodeError as error:
        raise ImportSourceError(
            f"{name} starts as UTF-16 or UTF-32 does, but is not valid", hint="save it as UTF-8"
        ) from error
    if not data.strip().removeprefix(encodings.BOM).strip():
        raise ImportSourceError(f"{name} is empty", hint="save the page or export the data again")
    nuls = data.count(b"\0")
    sample = data[:_SAMPLE].replace(b"\0", b"")
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if nuls > len(data) * _MOST_NULS or controls > len(sample) / 50:
        raise ImportSourceError(
            f"{name} holds binary data of no kind that is read",
            hint="export it as CSV, JSON, Markdown, HTML or PDF, and import that",
        )
    return (data.replace(b"\0", b"") if nuls else data), nuls


def _unpacked(data: bytes, name: str) -> bytes:
    """Decompress gzipped data, stopping after the maximum size of a source."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            return stream.read(LARGEST_SOURCE + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ImportSourceError(f"{name} is gzipped, but damaged: {error}", hint="fetch or pack it again") from error
