"""Keeps the latest answers in memory. Users can share or rate only answers that this server gave."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from assistant.answer import Answer

from .protocols import Almanac, AssistantWrapper

MAX_ANSWERS = 2_000
MAX_CITATIONS = 20_000
"""Citations of all stored answers together. They take most of the memory, and a list may have hundreds."""


class RecentAnswers(AssistantWrapper):
    """Wraps an assistant and keeps its latest answers.

    Args:
        assistant: The wrapped assistant.
        max_answers: The number of answers to keep.
        max_citations: The number of citations of all answers together.
    """

    def __init__(
        self, assistant: Almanac, *, max_answers: int = MAX_ANSWERS, max_citations: int = MAX_CITATIONS
    ) -> None:
        super().__init__(assistant)
        self._max_answers, self._max_citations = max_answers, max_citations
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._citations = 0

    def around_answer(self, make: Callable[[], Answer]) -> Answer:
        """Call `make` and store the answer."""
        answer = make()
        if answer.status != "unavailable":
            self._remember(answer)
        return answer

    def recent(self, answer_id: str) -> Answer | None:
        """A recent answer; None if it is unknown or no longer stored."""
        with self._lock:
            return self._answers.get(answer_id)

    def _remember(self, answer: Answer) -> None:
        name = answer.id
        with self._lock:
            before = self._answers.pop(name, None)
            self._citations += len(answer.citations) - (len(before.citations) if before else 0)
            self._answers[name] = answer
            while len(self._answers) > self._max_answers or (
                self._citations > self._max_citations and len(self._answers) > 1
            ):
                _, oldest = self._answers.popitem(last=False)
                self._citations -= len(oldest.citations)
