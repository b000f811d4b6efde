"""Default values that the user gives for a whole source; they fill fields that its entries leave empty."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from index.errors import ImportSourceError
from index.models import ENTRY, AnyEntry

from .source import Imported

FIELDS = ("organisations", "topics", "source", "importance", "level")
"""The fields that can have a default value."""


def with_defaults(imported: Imported, defaults: Mapping[str, Any]) -> Imported:
    """Return the entries with empty fields filled from `defaults`; fields that an entry's kind lacks are skipped.

    Raises:
        ImportSourceError: a default names a field that is not in `FIELDS`, or its value is invalid.
    """
    unknown = sorted(defaults.keys() - set(FIELDS))
    if unknown:
        raise ImportSourceError(
            f"{unknown[0]!r} cannot have a default", hint=f"the fields that can have one are {', '.join(FIELDS)}"
        )
    return replace(imported, entries=tuple(_filled(entry, defaults) for entry in imported.entries))


def _filled(entry: AnyEntry, defaults: Mapping[str, Any]) -> AnyEntry:
    known = type(entry).model_fields
    missing = {name: value for name, value in defaults.items() if name in known and not getattr(entry, name)}
    if not missing:
        return entry
    try:
        return ENTRY.validate_python(entry.model_dump(exclude_defaults=True) | {"kind": entry.kind} | missing)
    except ValidationError as error:
        detail = error.errors()[0]
        name = ".".join(str(part) for part in detail["loc"][1:])
        raise ImportSourceError(
            f"the default for {name} is invalid: {detail['msg'].removeprefix('Value error, ')}",
            hint="organisations and topics are lists of text, importance is 1 to 10",
        ) from error
