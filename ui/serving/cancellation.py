"""Cancels work on an answer when the user has disconnected.

The request's thread registers an event with `watch`. Code that works on the answer calls `check` now and then.
"""

import threading
from contextvars import ContextVar

from index.errors import ClosingError

_gone: ContextVar[threading.Event | None] = ContextVar("_gone", default=None)


def watch(gone: threading.Event) -> None:
    """Register the event that is set when the user disconnects, for the current context."""
    _gone.set(gone)


def check() -> None:
    """Stop if the user has disconnected. Does nothing if no event is registered.

    Raises:
        ClosingError: the user has disconnected.
    """
    gone = _gone.get()
    if gone is not None and gone.is_set():
        raise ClosingError("the client has disconnected")
