"""Fields of entries in the form that pages show them."""

from index.models import AnyEntry, Event, Guide
from ui.html import KIND_NAMES
from ui.templating import shorten

MAX_BRIEF_LENGTH = 320
"""Characters of an entry's text in a list."""
KIND_PLURALS = {"event": "Events", "guide": "Guides", "path": "Reading paths"}


def brief(entry: AnyEntry) -> str:
    """A short text about an entry, for lists."""
    if isinstance(entry, Event):
        return shorten(entry.summary, MAX_BRIEF_LENGTH)
    return shorten(entry.tldr if isinstance(entry, Guide) else entry.description, MAX_BRIEF_LENGTH)


def level(entry: AnyEntry) -> str:
    """The level of a guide or reading path; empty if it has none, and for an event."""
    return "" if isinstance(entry, Event) else entry.level or ""


def importance(entry: AnyEntry) -> int | None:
    """The importance of an event, 1 to 10; None for other entries."""
    return entry.importance if isinstance(entry, Event) else None


def undated_label(entry: AnyEntry) -> str:
    """What a list shows in place of a date that is missing."""
    if isinstance(entry, Event):
        return "No date"
    return entry.level.capitalize() if entry.level else KIND_NAMES[entry.kind]
