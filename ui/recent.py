"""The latest answers, in memory: what a reader may share or judge must be one that was given here."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from assistant.types import Answer, Filters, Mode, Related, Turn
from index.catalogue import Catalogue
from index.models import AnyEntry, Level

from .engine import Almanac

MOST = 2_000
MOST_QUOTED = 20_000
"""Citations of all remembered answers together: one list may have hundreds, and memory is what they take."""


class Remembering:
    """An assistant that remembers what it answered, the latest answers only."""

    def __init__(self, assistant: Almanac, *, most: int = MOST, most_quoted: int = MOST_QUOTED) -> None:
        self._assistant = assistant
        self._most, self._most_quoted = most, most_quoted
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._quoted = 0

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue in use."""
        return self._assistant.catalogue

    @property
    def notice(self) -> str | None:
        """What a reader should know about how answers are made now, or None."""
        return self._assistant.notice

    def examples(self) -> tuple[str, ...]:
        """Questions that this catalogue answers."""
        return self._assistant.examples()

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        level: Level | None = None,
        mode: Mode = "chat",
        without: Sequence[str] = (),
        as_of: str | None = None,
    ) -> Answer:
        """The answer; errors as the assistant's own."""
        answer = self._assistant.ask(question, history=history, level=level, mode=mode, without=without, as_of=as_of)
        if answer.status != "unavailable":
            self._remember(answer)
        return answer

    def search(self, text: str, filters: Filters, *, top: int) -> list[dict[str, Any]]:
        """Ranked entries; errors as the assistant's own."""
        return self._assistant.search(text, filters, top=top)

    def related(self, entry_id: str) -> tuple[Related, ...]:
        """What goes with one entry; errors as the assistant's own."""
        return self._assistant.related(entry_id)

    def matching(self, text: str) -> list[AnyEntry]:
        """The entries that a saved question is about; errors as the assistant's own."""
        return self._assistant.matching(text)

    def recent(self, answer_id: str) -> Answer | None:
        """An answer given lately."""
        with self._lock:
            return self._answers.get(answer_id)

    def _remember(self, answer: Answer) -> None:
        name = answer.id
        with self._lock:
            before = self._answers.pop(name, None)
            self._quoted += len(answer.citations) - (len(before.citations) if before else 0)
            self._answers[name] = answer
            while len(self._answers) > self._most or (self._quoted > self._most_quoted and len(self._answers) > 1):
                _, oldest = self._answers.popitem(last=False)
                self._quoted -= len(oldest.citations)
