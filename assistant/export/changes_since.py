"""What an answer over many entries would say now: which entries have come, which have gone, how many there are."""

from dataclasses import dataclass

from assistant.answer import Answer, Intent
from index.catalogue import Catalogue
from index.models import AnyEntry

from .replay import NEWER, Newer

BY_FIELDS = frozenset[Intent]({"list", "count", "timeline", "latest"})
"""Answers that cite every entry that matches, or the newest of them."""
OVER_MANY = BY_FIELDS | {"compare", "summary"}
"""Answers that a new entry can make incomplete; any other quotes what it needs, and only its quotations are checked."""


@dataclass(frozen=True, slots=True)
class Gone:
    """An entry that the answer cited then and would not cite now."""

    entry_id: str
    title: str
    deleted: bool
    """Whether the catalogue has lost it; else it does not match any more, or newer ones stand before it."""


@dataclass(frozen=True, slots=True)
class Since:
    """An answer then beside the answer that the same question gets now."""

    intent: Intent
    then: int
    """Entries cited then."""
    now: int
    """Entries cited now."""
    newer: tuple[Newer, ...]
    """Entries that match now and did not, in the order of the answer given now."""
    gone: tuple[Gone, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing has come and nothing has gone."""
        return not self.newer and not self.gone


def can_be_asked_again(answer: Answer) -> bool:
    """Whether newer entries could change an answer, and its question can be asked outside its conversation."""
    return answer.intent in OVER_MANY and answer.again is not None


def since(earlier: Answer, now: Answer, catalogue: Catalogue) -> Since:
    """Compare an answer with the one given now.

    Of a list every entry that is cited now and was not is newer. A brief or a comparison cites only some of what fits:
    newer for it are the entries that the search finds or cites now and did not find then.

    Args:
        earlier: The answer then, with what it found where that is known.
        now: The answer to the same question from the live catalogue.
        catalogue: The live catalogue.
    """
    then = {*earlier.cited, *earlier.found}
    listed = earlier.intent in BY_FIELDS
    fresh = now.cited if listed or not earlier.found else (*now.cited, *now.found[:NEWER])
    entries = [catalogue.by_id[name] for name in dict.fromkeys(fresh) if name in catalogue.by_id]
    titles = {citation.entry_id: citation.title for citation in earlier.citations}
    gone = [
        Gone(name, titles[name], name not in catalogue.by_id)
        for name in earlier.cited
        if name not in now.cited and (listed or name not in catalogue.by_id)
    ]
    newer = [_newer(entry, now) for entry in entries if entry.id not in then]
    return Since(earlier.intent, len(earlier.cited), len(now.cited), tuple(newer), tuple(gone))


def _newer(entry: AnyEntry, now: Answer) -> Newer:
    return Newer(entry.id, entry.title, entry.date, entry.id in now.cited)
