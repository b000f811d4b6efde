"""Catalogues from elsewhere: one format a file, and the table of their names.

A further format is a module with `NAME`, `ABOUT`, `fits(source)` and `read(source)`, and a line in `FORMATS`. Where
its fields can be named by the reader (`--map`), `read` has a second argument, the mapping. Where it is made of other
sources (a folder), `read` has an argument `each`, which reads one of them.
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
_JSON = (beir, json_feed, wordpress_rest, csl, ghost, timelinejs, json_list, jsonl)
_XML = (wordpress, opml, endnote_xml, zotero_rdf, feed, sitemap)
_TAGGED = (ris, pubmed, endnote_refer, yaml_list)
_TEXTS = (substack, medium, markdown, almanac_page, web_page, bibtex, table, folder)


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
    base_url: str | None = None,
    kind: str | None = None,
    stdin: BinaryIO | None = None,
) -> Imported:
    """Read a file, a folder or standard input (`-`); without a format's name it is told from the content.

    The other arguments are those of `read_opened`.

    Raises:
        ImportSourceError: nothing is there, it cannot be read, or no format fits.
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
    """Read a source that is open already.

    Args:
        source: The source.
        format: The name of its format; told from the content where None.
        mapping: Which fields of its own hold which of an entry's.
        base_url: The address of the site that Markdown files belong to.
        kind: What its entries are that do not say it themselves: `event` or `guide`.

    Raises:
        ImportSourceError: it cannot be read, or no format fits.
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
            hint="leave out --format: what the file is can be seen from its content",
        )
    if mapping and not chosen.mapped:
        takers = ", ".join(other.name for other in FORMATS.values() if other.mapped)
        raise ImportSourceError(f"the fields of {chosen.name} cannot be mapped", hint=f"--map serves {takers}")
    if base_url:
        if chosen.name != markdown.NAME:
            raise ImportSourceError(
                f"{chosen.name} has no use for a base address", hint=f"--base-url serves {markdown.NAME}"
            )
        if web_address(base_url) is None:
            raise ImportSourceError(
                f"{base_url!r} is not a web address", hint="write --base-url https://example.org/blog/"
            )


def _read(source: Source, chosen: Format, mapping: Mapping[str, list[str]] | None = None) -> Imported:
    """Read a source in a known format; the entries do not yet name their source."""
    arguments: dict[str, object] = {"mapping": mapping} if mapping else {}
    if chosen.of_parts:
        arguments["each"] = _read_part
    plaintext.reported_cuts()  # drop what is left of an earlier source
    imported = chosen.read(source, **arguments)
    if source.kind:
        imported = with_kind(imported, source.kind)
    beside = folder.unread(source, chosen.name)
    return replace(imported, warnings=(*source.odd, *beside, *imported.warnings))


def _read_part(source: Source) -> Imported:
    """Read one file of a folder."""
    chosen = _sniffed(source)
    _check_options(source, chosen, None, None)
    return _read(source, chosen)


def _sniffed(source: Source) -> Format:
    sure = None if source.binary or source.folder else file_types.surely_refused(source.head, source.file_name)
    name = sniff(source) if sure is None else None
    if name is not None:
        return FORMATS[name]
    if source.folder is not None:
        raise ImportSourceError(
            f"{source.name} cannot be imported: it is a folder without any file of a known format",
            hint="name the folder that holds the posts or documents; docs/importing.md lists what can be read",
        )
    refusal = sure or file_types.refused_text(source.text()[0], source.file_name)
    raise ImportSourceError(f"{source.name} cannot be imported: it is {refusal.what}", hint=refusal.hint)


def _without_text(place: str, imported: Imported) -> Iterator[Problem]:
    """A warning that says how many entries have nothing but a title: questions find them by little else."""
    empty = sum(1 for entry in imported.entries if not entry.has_text)
    if empty:
        yield Problem(place, "", f"{empty:,} of {len(imported.entries):,} entries have no text")


def _known(name: str | None) -> None:
    if name is not None and name not in FORMATS:
        raise ImportSourceError(f"there is no format {name!r}", hint=f"the formats are {', '.join(sorted(FORMATS))}")
