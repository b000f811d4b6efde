"""Runs `almanac sync` periodically while the server runs, in a separate low-priority process."""

import logging
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self

from index.errors import CommandError

log = logging.getLogger(__name__)

_DURATION = re.compile(r"(\d{1,4})\s*([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_NICENESS = 15
"""Of at most 19: other processes get the CPU first."""
_SHUTDOWN_SECONDS = 5.0
"""Time for a running sync to end when the server ends."""


def seconds_of(duration: str) -> int:
    """Parse a duration such as `90s`, `30m`, `1h` or `1d` into seconds.

    Raises:
        CommandError: it is not a duration, or it is zero.
    """
    match = _DURATION.fullmatch(duration.strip().lower())
    if match is None or int(match[1]) == 0:
        raise CommandError(
            f"{duration!r} is not a duration", hint="use a number and s, m, h or d, for example 30m, 1h or 1d"
        )
    return int(match[1]) * _SECONDS[match[2]]


class PeriodicSync:
    """A context manager that runs `almanac sync` at once and then at an interval. Failures are only logged.

    Args:
        every: Seconds from the end of one sync to the start of the next.
        environment: Environment variables for the sync, in addition to those of this process.
        after: Called after each sync that may have made a new index.
    """

    def __init__(
        self, every: float, *, environment: Mapping[str, str] | None = None, after: Callable[[], object] = lambda: None
    ) -> None:
        self._every = every
        self._environment = os.environ | dict(environment or {})
        self._after = after
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._loop, name="almanac-sync", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        with self._lock:
            if self._child is not None:
                # A sync may be killed at any point: it replaces each file by one rename.
                self._child.terminate()
        self._thread.join(_SHUTDOWN_SECONDS)
        with self._lock:
            if self._child is not None:
                self._child.kill()

    def _loop(self) -> None:
        while not self._ending.is_set():
            try:
                self._run_once()
            except Exception:  # an error must not end the loop or the server
                log.exception("the sync did not run")
            self._ending.wait(self._every)

    def _run_once(self) -> None:
        with self._lock:
            if self._ending.is_set():
                return
            child = self._child = _start(self._environment)
        try:
            output, errors = child.communicate()
        finally:
            with self._lock:
                self._child = None
        if self._ending.is_set():
            return
        if child.returncode == 0:
            log.info("synced\n%s", output.rstrip())
        else:
            log.warning("the sync ended with status %d\n%s", child.returncode, (errors or output).rstrip())
        if child.returncode in {0, 1}:
            self._after()


def _start(environment: Mapping[str, str]) -> "subprocess.Popen[str]":
    # -P: without it, a folder `ui` in the current directory would hide our package.
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "almanac_assistant", "sync"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env=environment,
        # Ctrl-C in the terminal reaches only the server, which then ends its sync. The flags do the same on Windows.
        start_new_session=True,
        creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)
        | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )
    if hasattr(os, "setpriority"):
        # Set at once, before the process starts threads, which inherit the priority.
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, child.pid, _NICENESS)
    return child
