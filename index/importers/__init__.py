"""Catalogues from elsewhere: one format a file, and the table of their names.

A further format is a module with `NAME`, `ABOUT`, `fits(source)` and `read(source)`, and a line in `FORMATS`. Where
its fields can be named by the reader (`--map`), `read` has a second argument, the mapping.
"""

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO

from index.catalogue import Problem
from index.errors import ImportSourceError

from . import beir, bibtex, csl, feed, jsonfeed, jsonl, jsonlist, markdown, page, plaintext, sitemap, table, webpage
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
    name = format or sniff(source)
    if name is None:
        known = "; ".join(f"{known.name}: {known.about}" for known in FORMATS.values())
        raise ImportSourceError(
            f"{source.name} has no format that is known here", hint=f"name one with --format. {known}"
        )
    if mapping and not FORMATS[name].mapped:
        takers = ", ".join(other.name for other in FORMATS.values() if other.mapped)
        raise ImportSourceError(f"the fields of {name} cannot be mapped", hint=f"--map serves {takers}")
    plaintext.reported_cuts()  # those of a source that could not be read are no concern of this one
    imported = FORMATS[name].read(source, mapping) if mapping else FORMATS[name].read(source)
    return replace(imported, warnings=(*source.odd, *imported.warnings, *_without_text(source.name, imported)))


def _without_text(place: str, imported: Imported) -> Iterator[Problem]:
    """A warning that says how many entries have nothing but a title: questions find them by little else."""
    empty = sum(1 for entry in imported.entries if not entry.has_text)
    if empty:
        yield Problem(place, "", f"{empty:,} of {len(imported.entries):,} entries have no text")


def _known(name: str | None) -> None:
    if name is not None and name not in FORMATS:
        raise ImportSourceError(f"there is no format {name!r}", hint=f"the formats are {', '.join(sorted(FORMATS))}")
