"""A time limit for the work on one question: set where the question arrives, checked in every step that may be slow.

A thread cannot be stopped from outside, so each slow step calls `check`. Without a deadline, as on the command line,
`check` does nothing.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from .errors import BusyError

clock = time.monotonic
"""The clock of the deadlines, in seconds; tests replace it."""
_ends: ContextVar[tuple[float, float] | None] = ContextVar("_ends", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Limit the block to this many seconds, or to what is left of an earlier deadline if that is less."""
    earlier = _ends.get()
    end = clock() + seconds
    token = _ends.set((end, seconds) if earlier is None or end < earlier[0] else earlier)
    try:
        yield
    finally:
        _ends.reset(token)


@contextmanager
def lifted() -> Iterator[None]:
    """No limit in this block: it builds something that later questions need, and an early end would only repeat the work."""
    token = _ends.set(None)
    try:
        yield
    finally:
        _ends.reset(token)


def check() -> None:
    """Raise an error if the time for this question is over.

    Raises:
        BusyError: the time is over.
    """
    limit = _ends.get()
    if limit is not None and clock() > limit[0]:
        raise BusyError(
            f"this question was not answered within {limit[1]:g} s and was ended",
            hint="ask it in fewer words, or try again later",
        )
