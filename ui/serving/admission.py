"""So many answers at once, so many waiting, and a clear word to the rest: stands before the engine, at every door."""

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
    """An assistant that lets only so many questions in at once.

    Args:
        behind: The assistant that answers.
        settings: How many at once, how many may wait, and how long.
        tally: Where answers and refusals are counted.
    """

    def __init__(self, behind: Almanac, settings: ServingSettings, tally: Tally | None = None) -> None:
        super().__init__(behind)
        self._tally = tally or Tally()
        self._patience = settings.answer_seconds
        self._longest = settings.question_seconds
        self._room = settings.answers_at_once + settings.waiting
        self._turns = threading.BoundedSemaphore(settings.answers_at_once)
        self._lock = threading.Lock()
        self._inside = 0

    @property
    def inside(self) -> int:
        """Questions being answered or waiting."""
        return self._inside

    def refused(self) -> bool:
        """Whether there is no room for one more, which is then counted as turned away; asked before a thread is spent."""
        if self._inside < self._room:
            return False
        self._tally.add("busy")
        return True

    def answered(self, make: Callable[[], Answer]) -> Answer:
        """The answer, when its turn has come.

        Raises:
            BusyError: too many wait already, the turn did not come in time, or the answer took too long and was ended.
        """
        with self.turn():
            answer = make()
        self._tally.add(answer.status)
        return answer

    def again(self, earlier: Answer) -> Answer:
        """The answer given now to an earlier question, when its turn has come; errors as `answered`."""
        with self.turn():
            return super().again(earlier)

    def search(self, text: str, filters: Filters, *, top: int) -> list[dict[str, Any]]:
        """Ranked entries, when their turn has come; errors as `answered` and as the one behind."""
        with self.turn():
            return super().search(text, filters, top=top)

    def matching(self, text: str) -> list[AnyEntry]:
        """The entries that a saved question is about, when its turn has come; errors as `search`."""
        with self.turn():
            return super().matching(text)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One turn, for as long as the block lasts; errors as `answered`'s own."""
        with self._lock:
            if self._inside >= self._room:
                self._tally.add("busy")
                raise BusyError
            self._inside += 1
        try:
            if not self._turns.acquire(timeout=self._patience):
                self._tally.add("busy")
                raise BusyError(f"no turn came in {self._patience:g} s")
            try:
                with deadline.within(self._longest):
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
    """Whether the index answers. A question is put to it, past the turnstile, and at most one at a time.

    Args:
        assistant: The assistant; where it is behind a turnstile, the one behind it is asked.
        fresh: Seconds for which one answer will do: whoever asks often costs no more.
    """

    def __init__(self, assistant: Assistant, *, fresh: float = 5.0) -> None:
        self._assistant = assistant.behind if isinstance(assistant, AdmissionControl) else assistant
        self._fresh = fresh
        self._lock = threading.Lock()
        self._answer: Answer | None = None
        self._until = 0.0

    def answer(self) -> Answer:
        """The answer to the question put to it; errors as `Assistant.ask`.

        Raises:
            BusyError: it is being asked already, and nothing is known yet.
        """
        # Whoever asks meanwhile is told what was known: they must not all wait, for each would hold a thread.
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
