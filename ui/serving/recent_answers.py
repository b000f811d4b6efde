"""The latest answers, in memory: what a reader may share or judge must be one that was given here."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from assistant.answer import Answer

from .protocols import Almanac, AssistantWrapper

MOST = 2_000
MOST_QUOTED = 20_000
"""Citations of all remembered answers together: one list may have hundreds, and memory is what they take."""


class RecentAnswers(AssistantWrapper):
    """An assistant that remembers what it answered, the latest answers only."""

    def __init__(self, assistant: Almanac, *, most: int = MOST, most_quoted: int = MOST_QUOTED) -> None:
        super().__init__(assistant)
        self._most, self._most_quoted = most, most_quoted
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._quoted = 0

    def answered(self, make: Callable[[], Answer]) -> Answer:
        """The answer, which is then remembered."""
        answer = make()
        if answer.status != "unavailable":
            self._remember(answer)
        return answer

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
