"""One JSON document with a list of objects: catalogue entries, or other objects whose fields are mapped."""

import json
from collections.abc import Iterable
from typing import Any

from index import catalogue
from index.errors import ImportSourceError
from index.importers import dates
from index.importers.mapping import Mapped, Mapper, resolve
from index.importers.records import Records
from index.importers.source import Imported, Source
from index.importers.text import json_text

NAME = "json"
ABOUT = "a JSON array of objects, or an object that holds one; --map title=headline names the fields"
_KINDS = {"event", "guide", "path"}


def fits(source: Source) -> bool:
    """Whether the source is one JSON document rather than JSON Lines."""
    if source.folder is not None or source.file_name.endswith((".jsonl", ".ndjson")):
        return False
    head = source.data[:65_536].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:1] == b"[":
        return True
    if head[:1] != b"{":
        return False
    line, _, rest = source.data.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")
    try:
        first = json.loads(line)
    except (ValueError, RecursionError):
        # The first line is not JSON by itself: either the document spans lines, or this record is damaged.
        goes_on = line.rstrip()[-1:] in {b"[", b"{", b","} or rest.lstrip()[:1] in {b'"', b"}"}
        return goes_on or (not rest.strip() and source.file_name.endswith(".json"))
    return not rest.strip() and "kind" not in first and json_text.first_list(first) is not None


def read(source: Source, mapping: Mapped | None = None) -> Imported:
    """Import every object that is an entry or has a title or a text. Others are skipped and reported by number.

    Raises:
        ImportSourceError: If the source is not JSON or has no list of objects.
    """
    if source.folder is not None:
        raise ImportSourceError(f"{source.name} is a folder", hint="name the files one by one")
    records = Records(NAME)
    value = json_text.load(source, lambda message: records.warn(source.name, "", message))
    items = [value] if isinstance(value, dict) and "kind" in value else json_text.first_list(value)
    if items is None:
        raise ImportSourceError(
            f"{source.name} contains no list of objects", hint="write the entries as one JSON array"
        )
    read_objects(((f"{source.name}:item {number}", item) for number, item in enumerate(items, 1)), records, mapping)
    return records.imported(whole=True)


def read_objects(items: Iterable[tuple[str, Any]], records: Records, mapping: Mapped | None) -> None:
    """Add catalogue entries unchanged, and other objects by the mapping or by well-known field names."""
    rows: list[tuple[str, dict[str, Any]]] = []
    for place, item in items:
        if not isinstance(item, dict):
            records.leave_out(place, "", "an entry must be a JSON object")
        elif not mapping and item.get("kind") in _KINDS:
            if records.leave_out_hidden(place, item):
                continue
            held = catalogue.read([(place, json.dumps(item).encode("ascii"))])
            records.problems += held.problems
            for entry in held.entries:
                if entry.id in records.entries:
                    records.leave_out(place, "id", f"{entry.id!r} is in the source already")
                else:
                    records.entries[entry.id] = entry
                    records.edited.add(entry.id)
        else:
            rows.append((place, {str(name): value for name, value in item.items()}))
    if not rows:
        return
    fields = resolve((name for _, row in rows for name in row), mapping or {})
    order = dates.in_column(row.get(column, "") for _, row in rows for column in fields.get("date", []))
    mapper = Mapper(records, fields, order=order, mapping=mapping)
    for place, row in rows:
        mapper.add(place, row)
