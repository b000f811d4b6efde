"""Asks the question of a shared answer again, to find what has changed in the catalogue since."""

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass

from assistant.answer import Answer
from assistant.export.changes_since import AnswerChanges, GoneEntry, can_be_asked_again, compare_answers
from assistant.export.replay import Newer
from index.catalogue import Catalogue
from index.errors import AlmanacError
from ui.html import plural
from ui.serving.protocols import Assistant
from ui.storage.storage import SharedAnswer

log = logging.getLogger(__name__)

_MAX_CACHED = 500


class AnswerRerunner:
    """Asks shared answers again and caches the changes, once for each catalogue. Safe to use from several threads.

    Args:
        assistant: Answers the questions.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._lock = threading.Lock()
        self._cache: OrderedDict[tuple[str, str], AnswerChanges] = OrderedDict()

    def changes(self, shared: SharedAnswer, catalogue: Catalogue) -> AnswerChanges | None:
        """The changes since an answer was shared; None if the catalogue is the same or the question cannot be asked."""
        answer = shared.answer
        if answer.catalogue.hash == catalogue.hash or not can_be_asked_again(answer):
            return None
        key = (shared.id, catalogue.hash)
        with self._lock:
            cached = self._cache.get(key)
        if cached is not None:
            return cached
        try:
            changes = compare_answers(answer, self._assistant.again(answer), catalogue)
        except AlmanacError as error:
            log.info("the shared answer %s could not be asked again: %s", shared.id, error)
            return None
        with self._lock:
            self._cache[key] = changes
            while len(self._cache) > _MAX_CACHED:
                self._cache.popitem(last=False)
        return changes


@dataclass(frozen=True, slots=True)
class ChangeNote:
    """What the page of a shared answer says about later changes in the catalogue."""

    text: str
    is_alert: bool = False
    """Whether a change concerns this answer."""
    newer: tuple[Newer, ...] = ()
    gone: tuple[GoneEntry, ...] = ()


def change_note(answer: Answer, changes: AnswerChanges | None, quotations: str) -> ChangeNote:
    """Describe what has changed since an answer was given.

    Args:
        answer: The answer; the catalogue has changed since.
        changes: The changes found by asking the question again; None if it was not asked again.
        quotations: A sentence about quoted entries that were changed or removed; empty if there are none.
    """
    if changes is None:
        if quotations:
            return ChangeNote(f"{quotations} {_not_asked(answer)}", is_alert=True)
        unchanged = "Every quotation is still in the catalogue. " if answer.citations else ""
        return ChangeNote(f"{unchanged}{_not_asked(answer)}")
    if changes.is_same:
        return ChangeNote(f"{quotations} {_unchanged(changes)}".strip(), is_alert=bool(quotations))
    text = f"{quotations} {_changed(changes)}".strip()
    return ChangeNote(text, is_alert=True, newer=changes.newer, gone=changes.gone)


def _not_asked(answer: Answer) -> str:
    if answer.again is not None and can_be_asked_again(answer):
        return "Newer entries could not be checked right now."
    return "Newer entries were not checked: ask again to include them."


def _unchanged(changes: AnswerChanges) -> str:
    if changes.intent in {"compare", "summary"}:
        return "Asked again now, the question finds nothing new."
    if not changes.then:
        return "Asked again now, the question still matches no entry."
    if changes.intent == "latest":
        return f"When the question is asked again now, {'this is still the newest entry' if changes.then == 1 else 'these are still the newest entries'}."
    matches = plural(changes.then, "entry", "entries")
    return f"Asked again now, the question matches the same {matches}."


def _changed(changes: AnswerChanges) -> str:
    new, gone = len(changes.newer), len(changes.gone)
    are_gone = "is" if gone == 1 else "are"
    clauses = []
    if changes.intent in {"compare", "summary"}:
        if new:
            clauses.append(plural(new, "new entry", "new entries"))
        if gone:
            clauses.append(f"{plural(gone, 'quoted entry', 'quoted entries')} {are_gone} no longer in the catalogue")
        return f"Asked again now: {' and '.join(clauses)}."
    if changes.intent == "latest":
        if new:
            clauses.append(f"{plural(new, 'entry is', 'entries are')} newer")
        if gone:
            clauses.append(f"{gone:,} {are_gone} no longer among the newest")
        return f"Asked again now: {' and '.join(clauses)}."
    return _changed_list(changes)


def _changed_list(changes: AnswerChanges) -> str:
    new, deleted = len(changes.newer), sum(entry.deleted for entry in changes.gone)
    unmatched = len(changes.gone) - deleted
    clauses = []
    if new:
        clauses.append(f"{new:,} {'is' if new == 1 else 'are'} new")
    if deleted:
        clauses.append(f"{deleted:,} {'is' if deleted == 1 else 'are'} no longer in the catalogue")
    if unmatched:
        clauses.append(f"{unmatched:,} no longer {'matches' if unmatched == 1 else 'match'}")
    now = "matches" if changes.now == 1 else "match"
    counts = f"{plural(changes.then, 'entry', 'entries')} matched then, {changes.now:,} {now} now"
    return f"Asked again now: {counts}; {', '.join(clauses)}."
