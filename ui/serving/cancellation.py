"""Whether whoever asked is still there: known to the thread that works on the answer, wherever it comes to wait."""

import threading
from contextvars import ContextVar

from index.errors import ClosingError

_gone: ContextVar[threading.Event | None] = ContextVar("_gone", default=None)


def watch(gone: threading.Event) -> None:
    """From here on, in this thread's context, `gone` says that the reader has left."""
    _gone.set(gone)


def check() -> None:
    """Go no further for a reader who has left; where nobody watches, readers stay.

    Raises:
        ClosingError: the reader has left.
    """
    gone = _gone.get()
    if gone is not None and gone.is_set():
        raise ClosingError("the reader has gone")
