"""The command line: `almanac ask`, `almanac serve` and the other commands."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


def main() -> None:
    """Run the command `almanac` and end the process with its exit status."""
    with _interrupt_exits():
        from .commands import run

    run()


@contextmanager
def _interrupt_exits() -> Iterator[None]:
    """End the process with status 130 at an interrupt, without a traceback. For the time of the first imports.

    These take most of a second. Raising `KeyboardInterrupt` would not be reliable: the import system and libraries may
    catch or ignore it. Nothing is lost by an immediate exit, because no command has started yet.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGINT, _exit)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def _exit(_signal: int, _frame: FrameType | None) -> None:
    os._exit(130)
