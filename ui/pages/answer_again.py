"""A shared answer asked again: what has come since and what has gone, once for each state of the catalogue."""

import logging
import threading
from collections import OrderedDict

from assistant.answer import Answer
from assistant.export.changes_since import Gone, Since, can_be_asked_again, since
from index.catalogue import Catalogue
from index.errors import AlmanacError
from ui.html import date, plural, text
from ui.serving.protocols import Assistant
from ui.storage.storage import Shared

from .layout import Place

log = logging.getLogger(__name__)

_REMEMBERED = 500
_SHOWN = 20
"""Entries named on the page; the rest are counted."""


class AskedAgain:
    """Asks shared answers again, and remembers what that gave; safe to use from several threads.

    Args:
        assistant: Who is asked.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, str], Since] = OrderedDict()

    def of(self, shared: Shared, catalogue: Catalogue) -> Since | None:
        """What has changed for a shared answer; None where nothing can have, or it cannot be asked again just now."""
        answer = shared.answer
        if answer.catalogue.hash == catalogue.hash or not can_be_asked_again(answer):
            return None
        key = (shared.id, catalogue.hash)
        with self._lock:
            known = self._known.get(key)
        if known is not None:
            return known
        try:
            found = since(answer, self._assistant.again(answer), catalogue)
        except AlmanacError as error:
            log.info("the shared answer %s is not asked again: %s", shared.id, error)
            return None
        with self._lock:
            self._known[key] = found
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return found


def note(answer: Answer, changed: Since | None, touched: str, place: Place) -> str:
    """What the reader of a shared answer is told about the time since.

    Args:
        answer: The answer as it was given, from another state of the catalogue than today's.
        changed: What asking again gave; None where it was not asked again.
        touched: What has become of the quotations, as HTML; "" where all of them stand.
        place: Where the page stands.
    """
    if changed is None:
        if touched:
            return _alert(f"{touched} {_unasked(answer)}")
        stands = "Every quotation here still stands in it." if answer.citations else ""
        return f'<p class="since">The catalogue has changed since. {stands} {_unasked(answer)}</p>'
    if changed.is_same and not touched:
        return f'<p class="since">The catalogue has changed since. {_still(changed)}</p>'
    if changed.is_same:
        return _alert(f"{touched} {_still(changed)}")
    return _alert(f"{touched} {_told(changed)}") + _lists(changed, place)


def _alert(words: str) -> str:
    head = "<strong>Something has changed since this answer was given.</strong>"
    return f'<p class="alert since" role="note">{head} {words.strip()} What it says is shown as it was.</p>'


def _unasked(answer: Answer) -> str:
    if answer.again is not None and can_be_asked_again(answer):
        return "Whether newer entries have come could not be checked just now."
    return "Whether newer entries say more was not checked: ask again to see."


def _still(changed: Since) -> str:
    if changed.intent in {"compare", "summary"}:
        return "Asked again now, nothing is found that was not found then."
    if not changed.then:
        return "Asked again now, still no entry matches."
    which = "entry matches" if changed.then == 1 else "entries match"
    if changed.intent == "latest":
        return f"Asked again now, {'it is still' if changed.then == 1 else 'the same are'} the newest."
    return f"Asked again now, the same {changed.then:,} {which}."


def _told(changed: Since) -> str:
    new, gone = len(changed.newer), len(changed.gone)
    deleted = sum(one.deleted for one in changed.gone)
    if changed.intent in {"compare", "summary"}:
        told = (
            [f"{plural(new, 'entry is', 'entries are')} found that {'was' if new == 1 else 'were'} not found then"]
            if new
            else []
        )
        told += (
            [f"{gone:,} that {'was' if gone == 1 else 'were'} quoted {'is' if gone == 1 else 'are'} gone"]
            if gone
            else []
        )
        return f"Asked again now, {' and '.join(told)}."
    if changed.intent == "latest":
        told = (
            [f"{plural(new, 'entry is', 'entries are')} among the newest that {'was' if new == 1 else 'were'} not"]
            if new
            else []
        )
        told += [f"{gone:,} {'is' if gone == 1 else 'are'} no longer among them"] if gone else []
        return f"Asked again now, {' and '.join(told)}."
    counts = f"{changed.then:,} {'entry' if changed.then == 1 else 'entries'} matched then, {changed.now:,} {'matches' if changed.now == 1 else 'match'} now"
    told = [f"{new:,} {'is' if new == 1 else 'are'} new"] if new else []
    told += [f"{deleted:,} {'is' if deleted == 1 else 'are'} no longer in the catalogue"] if deleted else []
    moved = gone - deleted
    told += [f"{moved:,} no longer {'matches' if moved == 1 else 'match'}"] if moved else []
    return f"Asked again now: {counts}; {', '.join(told)}."


def _lists(changed: Since, place: Place) -> str:
    newer = [
        f'<li dir="auto"><a href="{place.entry(one.entry_id)}">{text(one.title)}</a> {date(one.date)}</li>'
        for one in changed.newer[:_SHOWN]
    ]
    gone = [_gone(one, place) for one in changed.gone[:_SHOWN]]
    return _list("New since then", newer, len(changed.newer)) + _list(
        "No longer in this answer", gone, len(changed.gone)
    )


def _gone(one: Gone, place: Place) -> str:
    if one.deleted:
        return f'<li dir="auto">{text(one.title)} (no longer in the catalogue)</li>'
    return f'<li dir="auto"><a href="{place.entry(one.entry_id)}">{text(one.title)}</a></li>'


def _list(heading: str, rows: list[str], count: int) -> str:
    if not rows:
        return ""
    rest = f"<li>and {count - len(rows):,} more</li>" if count > len(rows) else ""
    return f'<div class="text since"><h2 class="small-title">{heading}</h2><ul class="near">{"".join(rows)}{rest}</ul></div>'
