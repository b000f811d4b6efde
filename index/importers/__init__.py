"""Catalogues from elsewhere: one format a file, and the table of their names.

A further format is a module with `NAME`, `ABOUT`, `fits(source)` and `read(source)`, and a line in `FORMATS`.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from index.errors import ImportSourceError

from . import beir, jsonl, page
from .merge import Merged, merge
from .source import Imported, Source

__all__ = ["FORMATS", "Format", "Imported", "Merged", "Source", "merge", "read_source", "sniff"]


@dataclass(frozen=True, slots=True)
class Format:
    """One way a catalogue can come: what it is, whether a source looks like it, and how it is read."""

    name: str
    about: str
    fits: Callable[[Source], bool]
    read: Callable[[Source], Imported]


FORMATS = {module.NAME: Format(module.NAME, module.ABOUT, module.fits, module.read) for module in (beir, jsonl, page)}
"""By name, in the order in which they are tried; the first that fits is taken."""


def sniff(source: Source) -> str | None:
    """The name of the format that a source looks like, None where it looks like none."""
    return next((name for name, known in FORMATS.items() if known.fits(source)), None)


def read_source(source: str, *, format: str | None = None, stdin: BinaryIO | None = None) -> Imported:  # noqa: A002 -- as on the command line
    """Read a file, a folder or standard input (`-`); without a format's name it is told from the content.

    Raises:
        ImportSourceError: nothing is there, it cannot be read, or no format fits.
    """
    if format is not None and format not in FORMATS:
        raise ImportSourceError(f"there is no format {format!r}", hint=f"the formats are {', '.join(sorted(FORMATS))}")
    opened = Source.open(source, stdin or sys.stdin.buffer)
    name = format or sniff(opened)
    if name is None:
        known = "; ".join(f"{known.name}: {known.about}" for known in FORMATS.values())
        raise ImportSourceError(f"{source} has no format that is known here", hint=f"name one with --format. {known}")
    return FORMATS[name].read(opened)
