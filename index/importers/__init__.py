"""Catalogues from elsewhere: one format a file, and the table of their names.

A further format is a module with `NAME`, `ABOUT`, `fits(source)` and `read(source)`, and a line in `FORMATS`. Where
its fields can be named by the reader (`--map`), `read` has a second argument, the mapping.
"""

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO

from index.errors import ImportSourceError

from . import beir, bibtex, csl, feed, jsonfeed, jsonl, jsonlist, markdown, page, sitemap, table, webpage
from .defaults import with_defaults
from .identity import stamped
from .kinds import check_kind, with_kind
from .lines import web_address
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


_MODULES = (beir, jsonfeed, csl, jsonlist, jsonl, feed, sitemap, markdown, page, webpage, bibtex, table)
FORMATS = {
    module.NAME: Format(
        module.NAME, module.ABOUT, module.fits, module.read, "mapping" in inspect.signature(module.read).parameters
    )
    for module in _MODULES
}
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
    name = format or sniff(source)
    if name is None:
        known = "; ".join(f"{known.name}: {known.about}" for known in FORMATS.values())
        raise ImportSourceError(
            f"{source.name} has no format that is known here", hint=f"name one with --format. {known}"
        )
    if mapping and not FORMATS[name].mapped:
        takers = ", ".join(other.name for other in FORMATS.values() if other.mapped)
        raise ImportSourceError(f"the fields of {name} cannot be mapped", hint=f"--map serves {takers}")
    if base_url:
        if name != markdown.NAME:
            raise ImportSourceError(f"{name} has no use for a base address", hint=f"--base-url serves {markdown.NAME}")
        if web_address(base_url) is None:
            raise ImportSourceError(
                f"{base_url!r} is no web address", hint="write --base-url https://example.org/blog/"
            )
    check_kind(kind)
    source = replace(source, base=base_url or "", kind=kind or "")
    imported = FORMATS[name].read(source, mapping) if mapping else FORMATS[name].read(source)
    imported = with_kind(imported, kind) if kind else imported
    return stamped(replace(imported, warnings=(*source.odd, *imported.warnings)), source)


def _known(name: str | None) -> None:
    if name is not None and name not in FORMATS:
        raise ImportSourceError(f"there is no format {name!r}", hint=f"the formats are {', '.join(sorted(FORMATS))}")
