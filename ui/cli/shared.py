"""What all commands use: the Typer application, common options, and helpers that load settings, catalogue and assistant."""

import logging
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant.settings import settings
from assistant.settings.settings import Settings
from index.catalogue import Catalogue

from . import terminal
from .choices import KindName
from .control_characters import CleanFormatter

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Ask a catalogue of AI developments. Every sentence of an answer cites its source.",
    epilog='Example: almanac ask "What is RLHF?"',
)

CatalogueOption = Annotated[
    Path | None,
    typer.Option("--catalogue", help="Catalogue file or folder (JSON Lines) to use instead of the configured one."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
KindOption = Annotated[list[KindName] | None, typer.Option(help="Only entries of this kind. Can be repeated.")]
SinceOption = Annotated[str | None, typer.Option(help="Only entries from this date on: YYYY, YYYY-MM or YYYY-MM-DD.")]
UntilOption = Annotated[str | None, typer.Option(help="Only entries up to this date.")]
OrganisationOption = Annotated[
    list[str] | None, typer.Option(help="Only entries about this organisation. Can be repeated.")
]
TopicOption = Annotated[list[str] | None, typer.Option(help="Only entries on this topic. Can be repeated.")]


def load_settings() -> Settings:
    """Load the settings and configure logging accordingly."""
    loaded, _ = settings.load()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(CleanFormatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=loaded.log_level, handlers=[handler])
    return loaded


def get_workplace(catalogue: Path | None = None) -> Any:
    """An object that loads the catalogue and the assistant that the settings describe. `catalogue`, if given, replaces the configured catalogue."""
    from assistant.workplace import Workplace

    loaded = load_settings()
    return Workplace(loaded.model_copy(update={"catalogue": catalogue}) if catalogue else loaded)


def load_assistant(catalogue: Path | None) -> Any:
    """An assistant with an up-to-date index. Building the index shows a progress bar."""
    workplace = get_workplace(catalogue)
    with terminal.progress() as report:
        assistant = workplace.assistant(report)
    if assistant.notice:
        terminal.say(f"note: {assistant.notice}")
    return assistant


def update_index(workplace: Any, *, say_if_same: bool = True) -> None:
    """Bring the index up to date, with a progress bar, and say how many entries it has."""
    with terminal.progress() as report:
        built = workplace.build(report=report)
    if say_if_same or not built.reused:
        terminal.say(f"{built.manifest.entries} entries are in the index")


def read_catalogue(path: Path | None) -> Catalogue:
    """Read the catalogue at `path`, or the configured one."""
    from assistant import workplace as factory

    loaded = load_settings()
    return factory.read_catalogue(loaded.model_copy(update={"catalogue": path}) if path else loaded)
