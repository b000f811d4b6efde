"""Convert entries to the kind that the user states for a source: `--kind guide`, or `kind` in `[[sources]]`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from index.errors import ImportSourceError
from index.importers.text import plaintext
from index.models import ENTRY, AnyEntry

from .source import Imported

KINDS = ("event", "guide")
LEVEL = "intermediate"
"""The level of a guide that does not state one."""


def check_kind(kind: str | None) -> None:
    """Check the kind that the user states for a source.

    Raises:
        ImportSourceError: the kind is not in `KINDS`.
    """
    if kind and kind not in KINDS:
        raise ImportSourceError(f"there is no kind {kind!r} for a source", hint="write event or guide")


def with_kind(imported: Imported, kind: str) -> Imported:
    """Return the entries converted to `kind`, except for paths and entries whose own record states a kind."""
    fixed = imported.edited | imported.stated
    return replace(imported, entries=tuple(e if e.id in fixed else _as(kind, e) for e in imported.entries))


def _as(kind: str, entry: AnyEntry) -> AnyEntry:
    if entry.kind in {kind, "path"}:
        return entry
    fields = entry.model_dump(exclude_defaults=True) | {"kind": kind}
    made = _guide(fields) if kind == "guide" else _event(fields)
    return ENTRY.validate_python(made)


def _guide(fields: Mapping[str, Any]) -> dict[str, Any]:
    first, _, rest = str(fields.get("summary", "")).partition("\n\n")
    more = [{"heading": "Introduction", "text": rest}] if rest.strip() else []
    kept = {name: value for name, value in fields.items() if name != "summary"}
    return kept | {"level": fields.get("level", LEVEL), "tldr": first, "sections": more}


def _event(fields: Mapping[str, Any]) -> dict[str, Any]:
    sections = fields.get("sections", ())
    text = "\n\n".join(part["text"] for part in sections if part.get("text"))
    kept = {name: value for name, value in fields.items() if name not in {"tldr", "level"}}
    return kept | {"summary": plaintext.both(str(fields.get("tldr", "")), text)}
