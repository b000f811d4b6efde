"""Writes a whole catalogue for other programs: as JSON Lines, as a table, and as a folder of Markdown files."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import yaml

from index.catalogue import to_line
from index.models import AnyEntry, Event, Guide

_FIRST_COLUMNS = (
    "id",
    "kind",
    "title",
    "date",
    "summary",
    "tldr",
    "description",
    "source",
    "url",
    "organisations",
    "topics",
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""The beginnings of a cell that spreadsheets run as a formula."""
_MARKUP = re.compile(r"^(\s*)(#|>|[-+*=_]|`{3}|~{3}|\d+[.)])", re.MULTILINE)
"""The beginnings of a line that Markdown reads as a heading, a list and so on."""
_BODY = {"summary", "tldr", "description", "sections"}
"""Fields that are in the text of a Markdown file and not in its front matter."""


def to_jsonl(entries: Sequence[AnyEntry]) -> str:
    """The entries as JSON Lines, the format of the catalogue itself."""
    return "".join(f"{to_line(entry)}\n" for entry in entries)


def to_csv(entries: Sequence[AnyEntry]) -> str:
    """The entries as a table with a column for each field; a list is JSON.

    A text that a spreadsheet would run as a formula begins with an apostrophe.
    """
    rows = [_values(entry) for entry in entries]
    used = dict.fromkeys(name for row in rows for name in row)
    columns = [
        *(name for name in _FIRST_COLUMNS if name in used),
        *(name for name in used if name not in _FIRST_COLUMNS),
    ]
    return csv_table([columns, *([_cell(row.get(name)) for name in columns] for row in rows)])


def csv_table(rows: Iterable[Iterable[str]]) -> str:
    """Rows of cells as CSV. A cell that a spreadsheet would run as a formula gets an apostrophe before it."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(map(_safe, row) for row in rows)
    return text.getvalue()


def markdown_files(entries: Sequence[AnyEntry]) -> Iterator[tuple[str, str]]:
    """One Markdown file for each entry, with front matter in YAML: pairs of its path and its text.

    The paths are unique also where a file system ignores case or forbids colons.
    """
    taken: set[str] = set()
    for entry in entries:
        stem = f"{entry.kind}s/{entry.id.replace(':', '%3A').rstrip('.')}"
        name, number = stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}~{number}"
        taken.add(name.casefold())
        yield f"{name}.md", _markdown(entry)


def _markdown(entry: AnyEntry) -> str:
    front = {name: value for name, value in _values(entry).items() if name not in _BODY}
    head = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{head}---\n\n" + "\n\n".join(_body(entry)) + "\n"


def _body(entry: AnyEntry) -> Iterator[str]:
    if isinstance(entry, Event):
        yield _plain(entry.summary)
    elif isinstance(entry, Guide):
        yield _plain(entry.tldr)
        for section in entry.sections:
            yield f"## {' '.join(section.heading.split())}"
            yield _plain(section.text)
    else:
        yield _plain(entry.description)


def _plain(text: str) -> str:
    """The text with a backslash before what Markdown would read as the beginning of a heading or a list."""
    return _MARKUP.sub(r"\1\\\2", text)


def _values(entry: AnyEntry) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(to_line(entry))
    return values


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
