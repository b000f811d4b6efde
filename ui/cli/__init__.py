"""The commands of `contracts.md` section 2; the one place that turns errors into words and exit codes."""

import gc
import sys
from typing import Annotated, Any

import typer

from assistant import __version__
from index.errors import CommandError

from . import terminal
from .errors import errors_in_words
from .shared import app

# Each file enters its commands; in this order they are listed.
# isort: off
from . import importing  # noqa: F401
from . import sync  # noqa: F401
from . import answers  # noqa: F401
from . import server  # noqa: F401
from . import mcp  # noqa: F401
from . import feedback  # noqa: F401
# isort: on


def _version(asked: bool) -> None:
    if asked:
        terminal.show(f"almanac {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _version_asked: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


_UsageError: Any = typer.BadParameter.__mro__[
    1
]  # the base of all that is wrong with a command line; it has no public name


def main() -> None:
    """The command `almanac`: foreseen errors become two lines and exit status 2."""
    # Libraries make a million objects while they are imported, hardly any of which ever becomes garbage: to look through
    # them after every 700, as is the default, takes a seventh of a command's time.
    gc.set_threshold(100_000, 20, 20)
    for stream in (sys.stdout, sys.stderr):
        # A terminal or pipe that has no such letter shows a question mark instead of ending with a traceback.
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
    with errors_in_words():
        try:
            status = app(sys.argv[1:] or ["--help"], standalone_mode=False)
        except _UsageError as error:
            command = error.ctx.command_path if error.ctx else "almanac"
            raise CommandError(error.format_message(), hint=f"{command} --help") from None
        raise SystemExit(status)
