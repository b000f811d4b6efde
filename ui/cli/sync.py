"""The command that keeps the catalogue up to its sources: `sync`."""

from typing import TYPE_CHECKING, Annotated

import typer

from . import terminal
from .shared import JsonOption, app, load_settings, workplace_of

if TYPE_CHECKING:
    from index.sync.sync import Outcome


@app.command()
def sync(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Ask for everything, whether it changed or not.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Read what is new in the sources of almanac.toml, then index it. Exit status 1 says that a source failed."""
    from assistant import __version__
    from index.sync import sync as syncing

    settings = load_settings()
    with terminal.progress() as report:
        outcomes = syncing.sync(settings, version=__version__, dry_run=dry_run, full=full, report=report)
    for one in outcomes:
        terminal.report_problems(one.problems)
        terminal.report_problems(one.warnings, what="warning")
        if one.error:
            terminal.say(f"failed: {one.name}: {one.error}\n  try: {one.hint}")
    terminal.show(
        terminal.in_json({"dry_run": dry_run, "sources": [one.as_dict() for one in outcomes]})
        if as_json
        else "\n".join(map(_in_words, outcomes))
    )
    if not dry_run and settings.catalogue_file.is_file():
        _index()
    if any(one.status == "failed" for one in outcomes):
        raise typer.Exit(1)


def _in_words(one: "Outcome") -> str:
    counts = f"{one.new} new, {one.changed} changed, {one.same} the same, {len(one.problems)} left out"
    return f"{one.name}: {counts if one.status == 'read' else one.status}"


def _index() -> None:
    workplace = workplace_of()
    with terminal.progress() as report:
        built = workplace.build(report=report)
    if not built.reused:
        terminal.say(f"{built.manifest.entries} entries are in the index")
