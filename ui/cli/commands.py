"""Collects all commands and runs the one that the user typed. Errors become messages and exit codes here only."""

import gc
import sys
from typing import Annotated, Any

import typer

from assistant import __version__
from index.errors import CommandError

from . import terminal
from .errors import errors_as_messages
from .shared import app

# Each of these modules adds its commands to `app`; `almanac --help` lists them in the order of these imports.
# isort: off
from . import importing  # noqa: F401
from . import sync  # noqa: F401
from . import history  # noqa: F401
from . import editing  # noqa: F401
from . import checking  # noqa: F401
from . import exporting  # noqa: F401
from . import backup  # noqa: F401
from . import doctor  # noqa: F401
from . import answers  # noqa: F401
from . import server  # noqa: F401
from . import mcp  # noqa: F401
from . import feedback  # noqa: F401
# isort: on

__all__ = ["app", "run"]


def _print_version(wanted: bool) -> None:
    if wanted:
        terminal.show(f"almanac {__version__}")
        raise typer.Exit


@app.callback()
def _global_options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


# The base class of all errors in a command line. The library does not export it.
_UsageError: Any = typer.BadParameter.__mro__[1]


def run() -> None:
    """Run the command in `sys.argv`.

    Raises:
        SystemExit: always, with the command's exit status: 2 for an expected error, which is printed as two lines.
    """
    # Imports create about a million objects, and hardly any of them becomes garbage. With the default threshold of 700
    # the garbage collector takes a seventh of a command's time.
    gc.set_threshold(100_000, 20, 20)
    for stream in (sys.stdout, sys.stderr):
        # A character that the terminal's encoding lacks is printed as a question mark instead of raising an error.
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
    with errors_as_messages():
        try:
            status = app(sys.argv[1:] or ["--help"], standalone_mode=False)
        except _UsageError as error:
            command = error.ctx.command_path if error.ctx else "almanac"
            raise CommandError(error.format_message(), hint=f"{command} --help") from None
        raise SystemExit(status)
