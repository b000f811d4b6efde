"""The command `sync`: fetches the configured sources and updates catalogue and index."""

from typing import TYPE_CHECKING, Annotated

import typer

from . import terminal
from .shared import JsonOption, app, get_workplace, load_settings, update_index

if TYPE_CHECKING:
    from index.sync.sync import Outcome


@app.command()
def sync(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, without changing it.")] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Fetch every source completely, even if it has not changed.")
    ] = False,
    prune_many: Annotated[
        bool,
        typer.Option(
            "--prune-many",
            help="For sources with `prune = true`: also remove entries that left the source if they are more than a fifth of it.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Fetch new entries from the sources in almanac.toml and index them. Exit status 1 means that a source failed."""
    from assistant import __version__
    from index.sync import sync as syncing

    settings = load_settings()
    with terminal.progress() as report:
        outcomes = syncing.sync(
            settings, version=__version__, dry_run=dry_run, full=full, prune_many=prune_many, report=report
        )
    for outcome in outcomes:
        terminal.report_problems(outcome.problems)
        terminal.report_problems(outcome.warnings, what="warning")
        if outcome.error:
            terminal.say(f"failed: {outcome.name}: {outcome.error}\n  try: {outcome.hint}")
    terminal.show(
        terminal.in_json({"dry_run": dry_run, "sources": [outcome.as_dict() for outcome in outcomes]})
        if as_json
        else "\n".join(map(_summary, outcomes))
    )
    if not dry_run and settings.catalogue_file.is_file():
        update_index(get_workplace(), say_if_same=False)
    if any(outcome.status == "failed" for outcome in outcomes):
        raise typer.Exit(1)


def _summary(outcome: "Outcome") -> str:
    left_out = len(outcome.problems)
    counts = f"{outcome.new} new, {outcome.changed} changed, {outcome.same} the same, {left_out} left out"
    counts += f", {outcome.removed} removed" if outcome.removed else ""
    return f"{outcome.name}: {counts if outcome.status == 'read' else outcome.status}"
