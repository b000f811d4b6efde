"""Turns expected errors into messages and exit codes, and reads standard input."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from index.errors import AlmanacError, QuestionError

from . import terminal


@contextmanager
def errors_as_messages() -> Iterator[None]:
    """Print an expected error as two lines, `error: …` and `  try: …`, and exit with status 2.

    An interrupt exits with status 130. An unexpected error passes through and keeps its traceback.
    """
    try:
        yield
    except AlmanacError as error:
        _fail(str(error), error.hint)
    except OSError as error:
        if error.filename is None:
            raise
        # Checking whether a path exists can fail too: its name is too long, or a parent folder is not readable.
        _fail(f"cannot use {error.filename}: {error.strerror}", "check the path and its permissions")
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _fail(message: str, hint: str) -> NoReturn:
    one_line = " ".join(message.split())
    terminal.say(f"error: {one_line}\n  try: {hint}")
    raise SystemExit(2) from None


def from_stdin() -> str:
    """Read all of standard input.

    Raises:
        QuestionError: it is not UTF-8.
    """
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QuestionError(f"standard input is not UTF-8: byte {error.start + 1}") from error
