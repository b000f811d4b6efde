"""Limits how many questions are answered at once and how many wait; the others get a "busy" error at once."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from assistant.answer import Answer, Filters
from assistant.settings.serving import ServingSettings
from index import deadline
from index.errors import BusyError
from index.models import AnyEntry
from ui.security.rate_limits import Tally

from .protocols import Almanac, Assistant, AssistantWrapper


class AdmissionControl(AssistantWrapper):
    """Wraps an assistant and limits concurrent questions, whichever interface they come from.

    Args:
        wrapped: The assistant that answers.
        settings: How many questions are answered at once, how many may wait, and for how long.
        tally: Counts answers and refusals.
    """

    def __init__(self, wrapped: Almanac, settings: ServingSettings, tally: Tally | None = None) -> None:
        super().__init__(wrapped)
        self._tally = tally or Tally()
        self._wait_seconds = settings.answer_seconds
        self._max_answer_seconds = settings.question_seconds
        self._capacity = settings.answers_at_once + settings.waiting
        self._turns = threading.BoundedSemaphore(settings.answers_at_once)
        self._lock = threading.Lock()
        self._inside = 0

    @property
    def inside(self) -> int:
        """The number of questions that are being answered or waiting."""
        return self._inside

    def refused(self) -> bool:
        """Whether another question would be refused; if so, it counts as refused.

        The middleware calls this before it spends a thread on the request.
        """
        if self._inside < self._capacity:
            return False
        self._tally.add("busy")
        return True

    def around_answer(self, make: Callable[[], Answer]) -> Answer:
        """Call `make` as soon as a slot is free.

        Raises:
            BusyError: too many questions are waiting, no slot became free in time, or the answer took too long.
        """
        with self.turn():
            answer = make()
        self._tally.add(answer.status)
        return answer

    def again(self, earlier: Answer) -> Answer:
        """Answer an earlier question again as soon as a slot is free. Raises the same errors as `around_answer`."""
        with self.turn():
            return super().again(earlier)

    def search(self, text: str, filters: Filters, *, top: int) -> list[dict[str, Any]]:
        """Search as soon as a slot is free. Raises the same errors as `around_answer` and the wrapped assistant."""
        with self.turn():
            return super().search(text, filters, top=top)

    def matching(self, text: str) -> list[AnyEntry]:
        """Find the entries for a saved search as soon as a slot is free. Raises the same errors as `search`."""
        with self.turn():
            return super().matching(text)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Occupy one slot during the block. Raises the same errors as `around_answer`."""
        with self._lock:
            if self._inside >= self._capacity:
                self._tally.add("busy")
                raise BusyError
            self._inside += 1
        try:
            if not self._turns.acquire(timeout=self._wait_seconds):
                self._tally.add("busy")
                raise BusyError(f"all slots were busy for {self._wait_seconds:g} s")
            try:
                with deadline.within(self._max_answer_seconds):
                    yield
            except BusyError:
                self._tally.add("busy")
                raise
            finally:
                self._turns.release()
        finally:
            with self._lock:
                self._inside -= 1


class Readiness:
    """Checks whether the index answers, by asking it a question. Bypasses admission control; runs one check at a time.

    Args:
        assistant: The assistant. If it is wrapped in admission control, the check uses the wrapped assistant.
        fresh: Seconds for which a result is cached, so that frequent checks cost nothing.
    """

    def __init__(self, assistant: Assistant, *, fresh: float = 5.0) -> None:
        self._assistant = assistant.wrapped if isinstance(assistant, AdmissionControl) else assistant
        self._fresh = fresh
        self._lock = threading.Lock()
        self._answer: Answer | None = None
        self._until = 0.0

    def answer(self) -> Answer:
        """The answer to the test question, at most `fresh` seconds old. Raises the same errors as `Assistant.ask`.

        Raises:
            BusyError: the first check is still running.
        """
        # While a check runs, others get the previous result. If they waited, each would occupy a thread.
        if not self._lock.acquire(timeout=0 if self._answer else self._fresh):
            if self._answer is None:
                raise BusyError("the index has not answered yet")
            return self._answer
        try:
            if self._answer is None or time.monotonic() >= self._until:
                question = next(iter(self._assistant.examples()), "What is in the catalogue?")
                try:
                    self._answer = self._assistant.ask(question)
                except Exception:
                    self._answer = None
                    raise
                self._until = time.monotonic() + self._fresh
            return self._answer
        finally:
            self._lock.release()
