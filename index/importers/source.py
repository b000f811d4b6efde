"""A source as bytes that can be read, and what an importer makes of it."""

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
"""Bytes of one source, unpacked; what is read line by line may be as large as this."""
LARGEST_DOCUMENT = 32 * 2**20
"""Bytes of a source that is read whole: a feed, a page, a JSON document."""
LONGEST_LINE = 8 * 2**20
"""Bytes of one line; a longer one is reported and passed over."""

_GZIP = b"\x1f\x8b"
_SAMPLE = 65_536
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))
_MOST_NULS = 0.01  # a slip in a text, which can be taken out; more of them is another kind of file


@dataclass(frozen=True, slots=True)
class Imported:
    """What a source held: its entries, what was left out, and the name of its format."""

    entries: tuple[AnyEntry, ...]
    problems: tuple[Problem, ...]
    format: str
    whole: bool = True
    """Whether the entries are complete records; a page shows only a part of what may be known of an event."""
    warnings: tuple[Problem, ...] = ()
    """What looks odd in entries that were kept."""
    sources: str = ""
    """Lines for `almanac.toml`, where the source lists other sources and has no entries itself."""
    edited: frozenset[str] = frozenset()
    """The ids that an editor gave, as in the catalogue's own format: the same id always means the same entry."""
    plain: Mapping[str, str] = field(default_factory=dict)
    """For each id that was made longer, since the source has the shorter one for several things: the shorter one."""
    own_ids: Mapping[str, str] = field(default_factory=dict)
    """For each entry that its source calls by another id: that id. An entry of the catalogue that has it is updated
    where both are about the same thing."""
    files: Mapping[str, str] = field(default_factory=dict)
    """For each entry that has a file of its own in a folder: the file's path in the folder."""
    stated: frozenset[str] = frozenset()
    """The ids of entries whose own record says of which kind they are."""
    hidden: tuple[Problem, ...] = ()
    """The titles of records that their source does not publish, each with the reason; for those that it once did."""
    key: str = ""
    """The name of the source, as its entries keep it."""
    home: str = ""
    """The address of the site that a feed is of, which stays when the feed is saved under another name."""
    world_wide: bool = False
    """Whether the ids do not depend on the source: those of feeds hold their site or an address."""
    weak: frozenset[str] = frozenset()
    """The ids that are only an address, which items of a feed may share that are not in the feed at the same time."""


@dataclass(frozen=True, slots=True)
class Source:
    """A folder (`folder` is set), or the bytes of a file, of standard input or of an address; never empty.

    The bytes are those of a text, unless `binary` names one of the binary kinds that are read.
    """

    name: str
    data: bytes = b""
    folder: Path | None = None
    url: str | None = None
    """The address it was fetched from, after redirects."""
    media_type: str | None = None
    """What the server said it is, as in `text/html; charset=utf-8`."""
    follow: "Callable[[str], Source] | None" = None
    """Fetches a further address, such as a page of a sitemap; raises an AlmanacError where it cannot."""
    base: str = ""
    """The address of the site that Markdown files belong to; empty where nobody said it."""
    kind: str = ""
    """What its entries are that do not say it themselves: `event` or `guide`; empty where nobody said it."""
    origin: str = ""
    """Its name with the folders it is in, two for a file and one for a folder; empty where it is not a file or a folder that somebody named."""
    odd: tuple[Problem, ...] = ()
    """What had to be mended before it could be read."""
    binary: str | None = None
    """`pdf`, `xlsx`, `docx` or `zip` where the bytes are not text."""

    @classmethod
    def file(cls, path: Path) -> "Source":
        """The source in one file, unpacked where it is gzipped.

        Raises:
            ImportSourceError: it cannot be read, is empty, too large or no text.
        """
        try:
            with path.open("rb") as stream:
                return cls._of(path.name, stream.read(LARGEST_SOURCE + 1), said=str(path))
        except OSError as error:
            raise ImportSourceError(f"cannot read {path}: {error.strerror or error}") from error

    @classmethod
    def fetched(
        cls, url: str, data: bytes, media_type: str | None = None, follow: "Callable[[str], Source] | None" = None
    ) -> "Source":
        """The source behind an address, unpacked where it is gzipped.

        Raises:
            ImportSourceError: it is empty, too large or no text.
        """
        return cls._of(url, data, said=url, url=url, media_type=media_type, follow=follow)

    @classmethod
    def open(cls, source: str, stdin: BinaryIO) -> "Source":
        """The source that a word on the command line names; `-` is standard input.

        Raises:
            ImportSourceError: there is no such thing, it cannot be read, is empty, too large or no text.
        """
        if source.lower().startswith(("http://", "https://")):
            raise ImportSourceError(
                f"{source} is an address, and a file is wanted here", hint="`almanac import` fetches addresses"
            )
        if source == "-":
            return cls._of("-", stdin.read(LARGEST_SOURCE + 1), said="standard input")
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
        said: str,
        url: str | None = None,
        media_type: str | None = None,
        follow: "Callable[[str], Source] | None" = None,
    ) -> "Source":
        data = _unpacked(data, said) if data.startswith(_GZIP) else data
        _check_size(data, said)
        if binary := file_types.binary_kind(data):
            if refusal := file_types.refused_binary(data):
                raise ImportSourceError(f"{said} is {refusal.what}, which is not read", hint=refusal.hint)
            return cls(name, data, url=url, media_type=media_type, follow=follow, binary=binary)
        text, nuls = _text_bytes(data, said)
        odd = (Problem(name, "", f"{nuls} null characters were taken out"),) if nuls else ()
        return cls(name, text, url=url, media_type=media_type, follow=follow, odd=odd)

    @property
    def file_name(self) -> str:
        """The last part of its address or its path, in lower case, without `.gz`."""
        name = PurePosixPath(urlsplit(self.url).path).name if self.url else self.name
        return name.lower().removesuffix(".gz")

    @property
    def head(self) -> str:
        """The beginning of the text, to tell what it is."""
        return self.data[:_SAMPLE].decode("utf-8", errors="replace")

    def lines(self) -> Iterator[tuple[str, bytes]]:
        """The lines, each with its place `FILE:LINE`."""
        return ((f"{self.name}:{number}", line) for number, line in enumerate(io.BytesIO(self.data), start=1))

    def short_lines(self, problems: list[Problem]) -> Iterator[tuple[str, bytes]]:
        """The lines as `lines` gives them; one that no entry ever fills is added to the problems instead."""
        for place, line in self.lines():
            if len(line) > LONGEST_LINE:
                problems.append(Problem(place, "", f"the line has {len(line):,} bytes, more than {LONGEST_LINE:,}"))
            else:
                yield place, line

    def whole(self) -> bytes:
        """The bytes, for a format that is read in one piece.

        Raises:
            ImportSourceError: they are too many for that.
        """
        if len(self.data) > LARGEST_DOCUMENT:
            raise ImportSourceError(
                f"{self.name} has {len(self.data):,} bytes, more than the {LARGEST_DOCUMENT:,} of one document",
                hint="split it, or save it as JSON Lines or CSV, which are read line by line",
            )
        return self.data

    def text(self, *, declared: bool = False) -> tuple[str, tuple[Problem, ...]]:
        """The text, in the encoding it is in; what had to be guessed is reported.

        `declared` says that XML and HTML may name their own encoding.
        """
        charset = encodings.of_media_type(self.media_type)
        text, note, start = encodings.decode(self.data, charset=charset, declared=declared)
        if note is None:
            return text, ()
        line = self.data.count(b"\n", 0, start) + 1
        return text, (Problem(f"{self.name}:{line}", "", note),)


def _origin(path: Path, most: int) -> str:
    """The last parts of a path, which tell a source from others of its name; nothing above or of a home folder."""
    whole, home = path.resolve(), Path.home().resolve()
    parts = whole.relative_to(home).parts if whole.is_relative_to(home) else whole.parts[1:]
    return "/".join(parts[-most:])


def _check_size(data: bytes, name: str) -> None:
    if len(data) > LARGEST_SOURCE:
        raise ImportSourceError(f"{name} is larger than {LARGEST_SOURCE:,} bytes", hint="split it into smaller files")


def _text_bytes(data: bytes, name: str) -> tuple[bytes, int]:
    """The bytes of a text, UTF-16 and UTF-32 made UTF-8, and how many nulls were taken out."""
    if refusal := file_types.refused_binary(data):
        raise ImportSourceError(f"{name} is {refusal.what}: binary data, which is not read", hint=refusal.hint)
    try:
        data = encodings.to_utf8(data)
    except UnicodeError as error:
        raise ImportSourceError(f"{name} begins as UTF-16 or UTF-32, but is not", hint="save it as UTF-8") from error
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
    """Gzipped data unpacked, and not a byte further than a source may be long."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            return stream.read(LARGEST_SOURCE + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ImportSourceError(f"{name} is gzipped, but damaged: {error}", hint="fetch or pack it again") from error
