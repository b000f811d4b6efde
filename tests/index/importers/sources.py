"""Helpers that import sources given as text or bytes."""

import io

from index.importers import Imported, read_source
from index.models import Event


def read(data: str | bytes, form: str | None = None, **mapping: str) -> Imported:
    """Import data as from standard input; `mapping` gives one column for each mapped field."""
    raw = data.encode("utf-8") if isinstance(data, str) else data
    named = {name: [column] for name, column in mapping.items()}
    return read_source("-", format=form, mapping=named, stdin=io.BytesIO(raw))


def events(imported: Imported) -> list[Event]:
    """Return the entries, checking that all of them are events."""
    assert all(isinstance(entry, Event) for entry in imported.entries)
    return [entry for entry in imported.entries if isinstance(entry, Event)]


def problem_text(imported: Imported) -> str:
    """Return all problems and warnings as one text."""
    return "\n".join(map(str, (*imported.problems, *imported.warnings)))
