"""Finds the date of an event that a text names, for "since the release of GPT-4" and "before ChatGPT"."""

import re

from index import deadline
from index.catalogue import Catalogue
from index.lexical import terms
from index.models import AnyEntry, Event

from .vocabulary import key_of

_WORD = re.compile(r"[^\W_]+(?:[.&'’-][^\W_]+)*")
_END = re.compile(
    r"[,;:?!()]|\.(?:\s|$)|\s(?:by|about|on|in|from|with|that|which|who|were|was|is|are|did|has|have|had|happened|there|"
    r"what|how|when|involving|regarding|concerning|mentioning|or|than|published|released|announced)\b",
    re.IGNORECASE,
)
_ANCHOR_LEAD = re.compile(
    r"\s*(?:(?:the\s+)?(?:release|launch|publication|announcement|adoption|introduction|start|passage|arrival)\s+of\s+)?(?:the\s+)?",
    re.IGNORECASE,
)
_MAX_NAME_WORDS = 9
"""A longer run of words is not looked up as one name."""


class EventDates:
    """Looks up events of one catalogue by the words of their titles."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._titles = [
            (set(terms(entry.title)), key_of(entry.title), set(_subjects(entry)), entry)
            for entry in catalogue.entries
            if isinstance(entry, Event) and entry.date
        ]

    def named_at_start(self, text: str) -> tuple[str, int] | None:
        """Return the date of the thing that a text starts with, and the length of its name in characters.

        If several entries match, an entry with exactly that title wins, then the entry whose title has the fewest other
        words.
        """
        deadline.check()
        lead = _ANCHOR_LEAD.match(text)
        start = lead.end() if lead else 0
        stop = _END.search(text, start)
        words = list(_WORD.finditer(text, start, stop.start() if stop else len(text)))[:_MAX_NAME_WORDS]
        for count in range(len(words), 0, -1):
            said = text[start : words[count - 1].end()]
            entry = self._dated(said)
            if entry is not None and entry.date is not None:
                return entry.date, words[count - 1].end()
        return None

    def _dated(self, said: str) -> AnyEntry | None:
        wanted, key = set(terms(said)), key_of(said)
        if not wanted or not (any(c.isupper() or c.isdigit() for c in said) or len(wanted) > 1):
            return None
        # In "In the GPT-4 era", no entry matches "GPT-4 era": all words must be in the title, topics or organisations.
        found = [
            (own != key, not wanted <= title, len(title - wanted), entry.date or "", entry.id, entry)
            for title, own, around, entry in self._titles
            if wanted <= title | around and wanted & title
        ]
        return min(found, key=lambda one: one[:5])[5] if found else None


def _subjects(entry: AnyEntry) -> list[str]:
    """Return the index terms of an entry's topics and organisations."""
    return terms("\n".join((*(topic.replace("-", " ") for topic in entry.topics), *entry.organisations)))
