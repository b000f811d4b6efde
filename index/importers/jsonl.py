"""JSON Lines in the catalogue's own format: a file, standard input, or a folder of `*.jsonl`."""

import json
from itertools import chain

from index import catalogue
from index.errors import ImportSourceError

from .source import Imported, Source

NAME = "jsonl"
ABOUT = "JSON Lines in the catalogue's format: a file, a folder of *.jsonl, or - for standard input"


def fits(source: Source) -> bool:
    """Whether the source says by its name or its first character that it holds JSON."""
    if source.folder is not None:
        return any(source.folder.glob("*.jsonl"))
    return source.name.endswith((".jsonl", ".jsonl.gz", ".ndjson")) or source.data.lstrip()[:1] in {b"{", b"["}


def read(source: Source) -> Imported:
    """Every record that fits; the rest is reported, each as `FILE:LINE: field: what is wrong`.

    Raises:
        ImportSourceError: a folder without `*.jsonl`, or one JSON document in place of lines.
    """
    parts = [source] if source.folder is None else [Source.file(path) for path in sorted(source.folder.glob("*.jsonl"))]
    if not parts:
        raise ImportSourceError(f"{source.name} holds no *.jsonl file")
    held = catalogue.read(chain.from_iterable(part.lines() for part in parts))
    if not held.entries and any(_is_one_document(part.data) for part in parts):
        raise ImportSourceError(
            f"{source.name} is one JSON document, not JSON Lines", hint="write one entry a line: `jq -c '.[]' FILE`"
        )
    return Imported(held.entries, held.problems, NAME)


def _is_one_document(data: bytes) -> bool:
    if b"\n" not in data.strip() and not data.lstrip().startswith(b"["):
        return False
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True
