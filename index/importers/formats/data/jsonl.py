"""JSON Lines in the catalogue's format, or any other JSON Lines with a mapping: a file, a folder or standard input."""

import json
from collections.abc import Iterator
from itertools import chain

from index import catalogue
from index.catalogue import Problem
from index.errors import ImportSourceError
from index.importers.mapping import Mapped
from index.importers.records import Records
from index.importers.source import Imported, Source
from index.importers.visibility import hidden_reason

from .json_list import read_objects

NAME = "jsonl"
ABOUT = "JSON Lines in the catalogue's format: a file, a folder of *.jsonl, or - for standard input"


def fits(source: Source) -> bool:
    """Whether the file name or the first character shows JSON, or the folder contains `*.jsonl` files."""
    if source.folder is not None:
        return any(source.folder.glob("*.jsonl"))
    return source.name.endswith((".jsonl", ".jsonl.gz", ".ndjson")) or source.data.lstrip()[:1] in {b"{", b"["}


def read(source: Source, mapping: Mapped | None = None) -> Imported:
    """Import every valid record. The rest is reported as `FILE:LINE: field: what is wrong`.

    Raises:
        ImportSourceError: If a folder has no `*.jsonl` file, or the source is a single JSON document.
    """
    parts = [source] if source.folder is None else [Source.file(path) for path in sorted(source.folder.glob("*.jsonl"))]
    if not parts:
        raise ImportSourceError(f"{source.name} contains no *.jsonl file")
    long: list[Problem] = []
    lines = chain.from_iterable(part.short_lines(long) for part in parts)
    if mapping:
        return _mapped(lines, long, mapping)
    held = catalogue.read(lines)
    shown, hidden = [], []
    for entry in held.entries:
        reason = hidden_reason(entry.model_extra or {})
        if reason is None:
            shown.append(entry)
        else:
            hidden.append(Problem(entry.id, "", reason))
    if not held.entries and any(_is_one_document(part.data) for part in parts):
        raise ImportSourceError(
            f"{source.name} is one JSON document, not JSON Lines", hint="write one entry per line: `jq -c '.[]' FILE`"
        )
    edited = frozenset(entry.id for entry in shown)
    return Imported(tuple(shown), (*held.problems, *hidden, *long), NAME, edited=edited)


def _mapped(lines: Iterator[tuple[str, bytes]], long: list[Problem], mapping: Mapped) -> Imported:
    """Import lines of arbitrary objects, using the field mapping that the user gave."""
    records = Records(NAME)
    items: list[tuple[str, object]] = []
    for place, line in lines:
        try:
            items += [(place, json.loads(line))] if line.strip() else []
        except (ValueError, RecursionError):
            records.leave_out(place, "", "not JSON")
    records.problems += long
    read_objects(items, records, mapping)
    return records.imported(whole=True)


def _is_one_document(data: bytes) -> bool:
    if b"\n" not in data.strip() and not data.lstrip().startswith(b"["):
        return False
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True
