"""Importers: turn files, folders, web pages and feeds into catalogue entries, with one module per format.

To add a format, write a module with `NAME`, `ABOUT`, `fits(source)` and `read(source)`, and add it to `FORMATS`. If
the user may map its fields (`--map`), `read` takes a second argument `mapping`. If the format consists of other
sources (a folder), `read` takes an argument `each`, a function that reads one of them.
"""

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import ModuleType
from typing import BinaryIO

from index.catalogue import Problem
from index.errors import ImportSourceError
from index.importers.files import file_types, zip_archive
from index.importers.formats.bibliography import bibtex, csl, endnote_refer, endnote_xml, pubmed, ris, zotero_rdf
from index.importers.formats.blogs import feed, ghost, json_feed, medium, opml, substack, wordpress, wordpress_rest
from index.importers.formats.data import beir, json_list, jsonl, table, timelinejs, xlsx, yaml_list
from index.importers.formats.documents import almanac_page, docx, folder, markdown, pdf, sitemap, web_page
from index.importers.text import plaintext
from index.importers.text.lines import web_address

from .defaults import with_defaults
from .entry_kind import check_kind, with_kind
from .identity import stamped
from .merge import Merged, merge, merge_imported
from .source import Imported, Source

__all__ = [
    "FORMATS",
    "Format",
    "Imported",
    "Merged",
    "Source",
    "merge",
    "merge_imported",
    "read_opened",
    "read_source",
    "sniff",
    "with_defaults",
]


@dataclass(frozen=True, slots=True)
class Format:
    """An import format: its name and description, a check for matching sources, and the function that reads them."""

    name: str
    about: str
    fits: Callable[[Source], bool]
    read: Callable[..., Imported]
    mapped: bool
    """Whether `read` accepts a `mapping` of fields."""
    of_parts: bool
    """Whether `read` accepts `each`, the function that reads one part of the source."""


_BINARY = (pdf, docx, xlsx)
_JSON = (beir, json_feed, wordpress_rest, csl, ghost, timelinejs, json_list, jsonl)
_XML = (wordpress, opml, endnote_xml, zotero_rdf, feed, sitemap)
_TAGGED = (ris, pubmed, endnote_refer, yaml_list)
_TEXTS = (substack, medium, markdown, almanac_page, web_page, bibtex, table, folder)


def _format(module: ModuleType) -> Format:
    taken = inspect.signature(module.read).parameters
    return Format(module.NAME, module.ABOUT, module.fits, module.read, "mapping" in taken, "each" in taken)


FORMATS = {module.NAME: _format(module) for module in (*_BINARY, *_JSON, *_XML, *_TAGGED, *_TEXTS)}
"""The formats by name, in the order in which they are tried; the first format that fits is used."""


def sniff(source: Source) -> str | None:
    """Detect the format of a source by its content. Return the format's name, or None if no format fits."""
    return next((name for name, known in FORMATS.items() if known.fits(source)), None)


def read_source(
    source: str,
    *,
    format: str | None = None,  # noqa: A002 -- as on the command line
    mapping: Mapping[str, list[str]] | None = None,
    base_url: str | None = None,
    kind: str | None = None,
    stdin: BinaryIO | None = None,
) -> Imported:
    """Read a file, a folder or standard input (`-`).

    If `format` is None, the format is detected from the content. The other arguments are those of `read_opened`.

    Raises:
        ImportSourceError: the source does not exist, cannot be read, or matches no format.
    """
    _known(format)
    opened = Source.open(source, stdin or sys.stdin.buffer)
    return read_opened(opened, format=format, mapping=mapping, base_url=base_url, kind=kind)


def read_opened(
    source: Source,
    *,
    format: str | None = None,  # noqa: A002 -- as on the command line
    mapping: Mapping[str, list[str]] | None = None,
    base_url: str | None = None,
    kind: str | None = None,
) -> Imported:
    """Read a source that is already open.

    Args:
        source: The source.
        format: The name of the source's format. If None, the format is detected from the content.
        mapping: For each field of an entry, the fields of the source that hold its value.
        base_url: The address of the site that the Markdown files belong to.
        kind: The kind of those entries that do not state their own: `event` or `guide`.

    Raises:
        ImportSourceError: the source cannot be read, or no format fits.
    """
    _known(format)
    check_kind(kind)
    source = replace(source, base=base_url or "", kind=kind or "")
    with zip_archive.as_folder(source) as opened:
        chosen = FORMATS[format] if format else _sniffed(opened)
        _check_options(opened, chosen, mapping, base_url)
        imported = _read(opened, chosen, mapping)
        empty = tuple(_without_text(source.name, imported))
        return stamped(replace(imported, warnings=(*imported.warnings, *empty)), opened)


def _check_options(
    source: Source, chosen: Format, mapping: Mapping[str, list[str]] | None, base_url: str | None
) -> None:
    if source.binary and source.binary != chosen.name:
        raise ImportSourceError(
            f"{source.name} is binary data ({source.binary}), not {chosen.name}",
            hint="leave out --format: the format is recognised from the content",
        )
    if mapping and not chosen.mapped:
        takers = ", ".join(other.name for other in FORMATS.values() if other.mapped)
        raise ImportSourceError(f"the fields of {chosen.name} cannot be mapped", hint=f"--map works only with {takers}")
    if base_url:
        if chosen.name != markdown.NAME:
            raise ImportSourceError(
                f"{chosen.name} has no use for a base address", hint=f"--base-url works only with {markdown.NAME}"
            )
        if web_address(base_url) is None:
            raise ImportSourceError(
                f"{base_url!r} is not a web address", hint="write --base-url https://example.org/blog/"
            )


def _read(source: Source, chosen: Format, mapping: Mapping[str, list[str]] | None = None) -> Imported:
    """Read a source in a known format; the field `imported_from` of the entries is not set yet."""
    arguments: dict[str, object] = {"mapping": mapping} if mapping else {}
    if chosen.of_parts:
        arguments["each"] = _read_part
    plaintext.reported_cuts()  # clear reports left over from the previous source
    imported = chosen.read(source, **arguments)
    if source.kind:
        imported = with_kind(imported, source.kind)
    beside = folder.unread(source, chosen.name)
    return replace(imported, warnings=(*source.odd, *beside, *imported.warnings))


def _read_part(source: Source) -> Imported:
    """Read one file of a folder, detecting its format."""
    chosen = _sniffed(source)
    _check_options(source, chosen, None, None)
    return _read(source, chosen)


def _sniffed(source: Source) -> Format:
    unsupported = (
        None if source.binary or source.folder else file_types.refused_by_content(source.head, source.file_name)
    )
    name = sniff(source) if unsupported is None else None
    if name is not None:
        return FORMATS[name]
    if source.folder is not None:
        raise ImportSourceError(
            f"{source.name} cannot be imported: it is a folder without any file of a known format",
            hint="name the folder that holds the posts or documents; docs/importing.md lists what can be read",
        )
    refusal = unsupported or file_types.refused_text(source.text()[0], source.file_name)
    raise ImportSourceError(f"{source.name} cannot be imported: it is {refusal.what}", hint=refusal.hint)


def _without_text(place: str, imported: Imported) -> Iterator[Problem]:
    """Yield a warning with the number of entries that have no text, as search can match only their titles."""
    empty = sum(1 for entry in imported.entries if not entry.has_text)
    if empty:
        yield Problem(place, "", f"{empty:,} of {len(imported.entries):,} entries have no text")


def _known(name: str | None) -> None:
    if name is not None and name not in FORMATS:
        raise ImportSourceError(f"there is no format {name!r}", hint=f"the formats are {', '.join(sorted(FORMATS))}")
