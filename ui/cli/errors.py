"""Where the program meets the shell: errors become words and exit codes."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from index.errors import AlmanacError, QuestionError

from . import terminal


@contextmanager
def errors_in_words() -> Iterator[None]:
    """Foreseen errors as two lines and exit status 2; anything else keeps its traceback."""
    try:
        yield
    except AlmanacError as error:
        _fail(str(error), error.hint)
    except OSError as error:
        if error.filename is None:
            raise
        # Wherever a path was only looked at: its name is too long, or a folder above it is not ours to enter.
        _fail(f"cannot use {error.filename}: {error.strerror}", "check the name, and who may read it")
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _fail(message: str, hint: str) -> NoReturn:
    one_line = " ".join(message.split())
    terminal.say(f"error: {one_line}\n  try: {hint}")
    raise SystemExit(2) from None


def from_stdin() -> str:
    """All of standard input.

    Raises:
        QuestionError: it is not UTF-8.
    """
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QuestionError(f"standard input is not UTF-8: byte {error.start + 1}") from error
