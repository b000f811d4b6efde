"""A time after which work on a question ends: set where a question comes in, checked in the steps that work on it.

A thread cannot be stopped from outside, so each step that may take long calls `check`. Where no deadline is set, as on
the command line, nothing ends early.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from .errors import BusyError

clock = time.monotonic
"""Seconds; tests put another in its place."""
_ends: ContextVar[tuple[float, float] | None] = ContextVar("_ends", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give the block so many seconds, or what is left of an earlier deadline where that is less."""
    earlier = _ends.get()
    end = clock() + seconds
    token = _ends.set((end, seconds) if earlier is None or end < earlier[0] else earlier)
    try:
        yield
    finally:
        _ends.reset(token)


@contextmanager
def lifted() -> Iterator[None]:
    """Work that is done once for all questions to come: to end it would only make the next one begin it again."""
    token = _ends.set(None)
    try:
        yield
    finally:
        _ends.reset(token)


def check() -> None:
    """End the work on a question whose time is over.

    Raises:
        BusyError: the time is over.
    """
    limit = _ends.get()
    if limit is not None and clock() > limit[0]:
        raise BusyError(
            f"this question was not answered within {limit[1]:g} s and was ended",
            hint="ask it in fewer words, or try again later",
        )
