"""The commands `backup` and `restore-backup`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import terminal
from .shared import app, get_workplace, load_settings, update_index

if TYPE_CHECKING:
    from assistant.settings.settings import Settings
    from ui.storage.backup import Places


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The archive to write.")],
) -> None:
    """Back up the catalogue, its history, shared answers and feedback, also while a server runs."""
    from ui.storage import backup as backups

    manifest = backups.back_up(_places(load_settings()), file)
    terminal.show(f"{manifest.entries} entries; {', '.join(manifest.files)} are in {file}")


def restore_backup(file: Path, *, no_build: bool) -> None:
    """Restore a backup, report it and update the index."""
    from ui.storage import backup as backups

    workplace = get_workplace()
    manifest, before = backups.restore(_places(workplace.settings), file)
    terminal.show(f"restored the backup of {manifest.made_at}: {manifest.entries} entries; {', '.join(manifest.files)}")
    if before is not None:
        terminal.say(f"what was there before is in {before}")
    if no_build:
        terminal.say("next: almanac build")
        return
    update_index(get_workplace())


def _places(settings: "Settings") -> "Places":
    from ui.storage.backup import Places

    return Places(settings.catalogue_file, settings.data)
