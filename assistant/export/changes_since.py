"""Compares an earlier answer that covers many entries with the answer given now: which entries are new and which are gone."""

from dataclasses import dataclass

from assistant.answer import Answer, Intent
from index.catalogue import Catalogue
from index.models import AnyEntry

from .replay import NEWER, Newer

BY_FIELDS = frozenset[Intent]({"list", "count", "timeline", "latest"})
"""Intents whose answers cite every entry that matches, or the newest of them."""
OVER_MANY = BY_FIELDS | {"compare", "summary"}
"""Intents whose answers may miss new entries. Any other answer quotes what it needs, so we only check its quotations."""


@dataclass(frozen=True, slots=True)
class GoneEntry:
    """An entry that the earlier answer cites and the new answer does not."""

    entry_id: str
    title: str
    deleted: bool
    """Whether it was deleted from the catalogue. An entry that was not deleted no longer matches, or newer entries have displaced it."""


@dataclass(frozen=True, slots=True)
class AnswerChanges:
    """The differences between an earlier answer and the answer to the same question now."""

    intent: Intent
    then: int
    """Entries cited by the earlier answer."""
    now: int
    """Entries cited by the new answer."""
    newer: tuple[Newer, ...]
    """Entries that match only now, in the order of the new answer."""
    gone: tuple[GoneEntry, ...]

    @property
    def is_same(self) -> bool:
        """Whether no entry is new and none is gone."""
        return not self.newer and not self.gone


def can_be_asked_again(answer: Answer) -> bool:
    """Whether new entries could change an answer, and its question can be asked outside its conversation."""
    return answer.intent in OVER_MANY and answer.again is not None


def compare_answers(earlier: Answer, now: Answer, catalogue: Catalogue) -> AnswerChanges:
    """Compare an earlier answer with the answer given now.

    For a list, an entry is new if only the new answer cites it. A brief or a comparison cites only some of the matching
    entries. In these, an entry is new if the new answer found or cited it and the earlier answer did not find it.

    Args:
        earlier: The earlier answer, with the entries it found if they are known.
        now: The answer to the same question from the live catalogue.
        catalogue: The live catalogue.
    """
    cited = {catalogue.present_id(name): name for name in earlier.cited}
    then = {*cited, *map(catalogue.present_id, earlier.found)}
    listed = earlier.intent in BY_FIELDS
    fresh = now.cited if listed or not earlier.found else (*now.cited, *now.found[:NEWER])
    entries = [catalogue.by_id[name] for name in dict.fromkeys(fresh) if name in catalogue.by_id]
    titles = {citation.entry_id: citation.title for citation in earlier.citations}
    gone = [
        GoneEntry(name, titles[earlier_name], name not in catalogue.by_id)
        for name, earlier_name in cited.items()
        if name not in now.cited and (listed or name not in catalogue.by_id)
    ]
    newer = [_newer(entry, now) for entry in entries if entry.id not in then]
    return AnswerChanges(earlier.intent, len(earlier.cited), len(now.cited), tuple(newer), tuple(gone))


def _newer(entry: AnyEntry, now: Answer) -> Newer:
    return Newer(entry.id, entry.title, entry.date, entry.id in now.cited)
