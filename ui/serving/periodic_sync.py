"""Syncing beside a running server: in a process of its own and at low priority, so that answers stay quick."""

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
_NICE = 15
"""Of 19: whatever else wants the processor has it first."""
_GRACE = 5.0
"""Seconds that a sync has to end when the server does."""


def seconds_of(duration: str) -> int:
    """The seconds of a duration such as `90s`, `30m`, `1h` or `1d`.

    Raises:
        CommandError: it is none, or no time at all.
    """
    read = _DURATION.fullmatch(duration.strip().lower())
    if read is None or int(read[1]) == 0:
        raise CommandError(
            f"{duration!r} is no duration", hint="30m, 1h and 1d are durations: a number and s, m, h or d"
        )
    return int(read[1]) * _SECONDS[read[2]]


class PeriodicSync:
    """Runs `almanac sync` now and then at an interval, from `with` to the end of it; a failure is logged, no more.

    Args:
        every: Seconds from the end of one sync to the start of the next.
        environment: Variables set for it besides those of this process.
        after: Called when a sync has ended well enough that there may be a new index.
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
        self._thread = threading.Thread(target=self._go_on, name="almanac-sync", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        with self._lock:
            if self._child is not None:
                # It may end at any point: what it writes, it writes by one rename.
                self._child.terminate()
        self._thread.join(_GRACE)
        with self._lock:
            if self._child is not None:
                self._child.kill()

    def _go_on(self) -> None:
        while not self._ending.is_set():
            try:
                self._once()
            except Exception:  # no fault here may end the syncing, and still less the server
                log.exception("the sync could not be run")
            self._ending.wait(self._every)

    def _once(self) -> None:
        with self._lock:
            if self._ending.is_set():
                return
            child = self._child = _start(self._environment)
        try:
            said, complaints = child.communicate()
        finally:
            with self._lock:
                self._child = None
        if self._ending.is_set():
            return
        if child.returncode == 0:
            log.info("synced\n%s", said.rstrip())
        else:
            log.warning("the sync ended with status %d\n%s", child.returncode, (complaints or said).rstrip())
        if child.returncode in {0, 1}:
            self._after()


def _start(environment: Mapping[str, str]) -> "subprocess.Popen[str]":
    # Without -P a folder `ui` where the server was started would be taken for ours.
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "almanac_assistant", "sync"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env=environment,
        # An interrupt from the keyboard is for the server, which ends its sync itself.
        start_new_session=True,
        creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
    )
    if hasattr(os, "setpriority"):
        # Before it has made a thread, so that all its threads inherit it.
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, child.pid, _NICE)
    return child
