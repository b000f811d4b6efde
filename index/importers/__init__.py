"""Catalogues from elsewhere: one format a file, and the table of their names.

A further format is a module with `NAME`, `ABOUT`, `fits(source)` and `read(source)`, and a line in `FORMATS`. Where
its fields can be named by the reader (`--map`), `read` has a second argument, the mapping. Where it is made of other
sources (a folder), `read` has an argument `each`, which reads one of them.
"""

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import ModuleType
from typing import BinaryIO

from index.errors import ImportSourceError

from . import (
    archive,
    beir,
    bibtex,
    csl,
    docx,
    endnotexml,
    feed,
    filekinds,
    folder,
    ghost,
    jsonfeed,
    jsonl,
    jsonlist,
    markdown,
    medium,
    opml,
    page,
    pdf,
    pubmed,
    refer,
    ris,
    sitemap,
    substack,
    table,
    timeline,
    webpage,
    wordpress,
    wprest,
    xlsx,
    yamllist,
    zoterordf,
)
from .defaults import with_defaults
from .merge import Merged, merge
from .source import Imported, Source

__all__ = [
    "FORMATS",
    "Format",
    "Imported",
    "Merged",
    "Source",
    "merge",
    "read_opened",
    "read_source",
    "sniff",
    "with_defaults",
]


@dataclass(frozen=True, slots=True)
class Format:
    """One way a catalogue can come: what it is, whether a source looks like it, and how it is read."""

    name: str
    about: str
    fits: Callable[[Source], bool]
    read: Callable[..., Imported]
    mapped: bool
    """Whether `read` takes a mapping of fields."""
    of_parts: bool
    """Whether `read` takes `each`, which reads one part of it."""


_BINARY = (pdf, docx, xlsx)
_JSON = (beir, jsonfeed, wprest, csl, ghost, timeline, jsonlist, jsonl)
_XML = (wordpress, opml, endnotexml, zoterordf, feed, sitemap)
_TAGGED = (ris, pubmed, refer, yamllist)
_TEXTS = (substack, medium, markdown, page, webpage, bibtex, table, folder)


def _format(module: ModuleType) -> Format:
    taken = inspect.signature(module.read).parameters
    return Format(module.NAME, module.ABOUT, module.fits, module.read, "mapping" in taken, "each" in taken)


FORMATS = {module.NAME: _format(module) for module in (*_BINARY, *_JSON, *_XML, *_TAGGED, *_TEXTS)}
"""By name, in the order in which they are tried; the first that fits is taken."""


def sniff(source: Source) -> str | None:
    """The name of the format that a source looks like, None where it looks like none."""
    return next((name for name, known in FORMATS.items() if known.fits(source)), None)


def read_source(
    source: str,
    *,
    format: str | None = None,  # noqa: A002 -- as on the command line
    mapping: Mapping[str, list[str]] | None = None,
    stdin: BinaryIO | None = None,
) -> Imported:
    """Read a file, a folder or standard input (`-`); without a format's name it is told from the content.

    Raises:
        ImportSourceError: nothing is there, it cannot be read, or no format fits.
    """
    _known(format)
    return read_opened(Source.open(source, stdin or sys.stdin.buffer), format=format, mapping=mapping)


def read_opened(
    source: Source,
    *,
    format: str | None = None,  # noqa: A002 -- as on the command line
    mapping: Mapping[str, list[str]] | None = None,
) -> Imported:
    """Read a source that is open already; `mapping` says which fields of its own hold which of an entry's.

    Raises:
        ImportSourceError: it cannot be read, or no format fits.
    """
    _known(format)
    with archive.as_folder(source) as opened:
        chosen = FORMATS[format] if format else _sniffed(opened)
        if opened.binary and opened.binary != chosen.name:
            raise ImportSourceError(
                f"{source.name} is binary data ({opened.binary}), and no {chosen.name}",
                hint="leave out --format: what the file is can be seen from its content",
            )
        if mapping and not chosen.mapped:
            takers = ", ".join(other.name for other in FORMATS.values() if other.mapped)
            raise ImportSourceError(f"the fields of {chosen.name} cannot be mapped", hint=f"--map serves {takers}")
        given: dict[str, object] = {"mapping": mapping} if mapping else {}
        if chosen.of_parts:
            given["each"] = read_opened
        imported = chosen.read(opened, **given)
        beside = folder.unread(opened, chosen.name)
        return replace(imported, warnings=(*opened.odd, *beside, *imported.warnings))


def _sniffed(source: Source) -> Format:
    sure = None if source.binary or source.folder else filekinds.surely_refused(source.head, source.file_name)
    name = sniff(source) if sure is None else None
    if name is not None:
        return FORMATS[name]
    if source.folder is not None:
        raise ImportSourceError(
            f"{source.name} cannot be imported: it is a folder without any file of a known format",
            hint="name the folder that holds the posts or documents; docs/importing.md lists what can be read",
        )
    refusal = sure or filekinds.refused_text(source.text()[0], source.file_name)
    raise ImportSourceError(f"{source.name} cannot be imported: it is {refusal.what}", hint=refusal.hint)


def _known(name: str | None) -> None:
    if name is not None and name not in FORMATS:
        raise ImportSourceError(f"there is no format {name!r}", hint=f"the formats are {', '.join(sorted(FORMATS))}")
