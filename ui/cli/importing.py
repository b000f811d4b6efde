"""Commands that fill the catalogue and index it: `import`, `build`."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from . import terminal
from .shared import CatalogueOption, app, load_settings, workplace_of


@app.command("import")
def import_(
    source: Annotated[list[str], typer.Argument(help="File, folder, http(s) address, or - for standard input.")],
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="Such as csv, xlsx, json, markdown, feed, ris or wordpress; told from the content if unset. "
            "An unknown name lists them all.",
        ),
    ] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option("--map", help="Which columns or fields hold what: title=Headline,date=Published."),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            help="event or guide: what the entries are that do not say it themselves. "
            "If unset, a Markdown post with a date is an event and one without is a guide; all else is an event."
        ),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(
            "--base-url", help="Address of the site that Markdown files belong to; gives each its own address."
        ),
    ] = None,
    into: Annotated[Path | None, typer.Option(help="Catalogue file to write.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Fetch addresses of this machine and of private networks, too.")
    ] = False,
) -> None:
    """Read sources into the catalogue file; the same entry of the same source again is an update.

    Drafts and whatever else a source does not publish are left out and reported.
    """
    from index.fetching.fetch import Fetcher
    from index.importers import remote
    from index.importers.entry_kind import check_kind
    from index.importers.mapping import parse_map
    from index.importers.target import writing
    from index.sync.changes import Changes

    mapping = parse_map(map_ or [])
    settings = load_settings()
    target = into or settings.catalogue_file
    Changes.to(target)  # one that cannot be read is better known before anything is fetched
    fetcher = Fetcher(allow_private=allow_private)
    check_kind(kind)
    read = [
        (name, remote.read_named(name, fetcher, format=format_, mapping=mapping, base_url=base_url, kind=kind))
        for name in source
    ]
    for name, imported in read:
        if imported.sources:
            terminal.report_problems(imported.problems)
            terminal.report_problems(imported.warnings, what="warning")
            terminal.say(
                f"{name} lists feeds and holds no entries: put these lines into almanac.toml, then: almanac sync"
            )
            terminal.show(imported.sources)
    if all(imported.sources for _, imported in read):
        return
    # Opened once more when nobody else writes to it: fetching takes a while, and a sync may have been quicker.
    with nullcontext() if dry_run else writing(settings.data):
        changes = Changes.to(target)
        for name, imported in read:
            if imported.sources:
                continue
            left_out, warned = len(changes.left_out), len(changes.warnings)
            changes.take(imported)
            terminal.report_problems(changes.left_out[left_out:])
            terminal.report_problems(changes.warnings[warned:], what="warning")
            if not imported.entries:
                terminal.say(f"{name}: no entry was found")
        if not dry_run:
            changes.save()
    terminal.show(changes.in_words(dry_run=dry_run))
    if not changes.catalogue.entries:
        raise typer.Exit(1)
    if not dry_run and into is None:
        terminal.say("next: almanac build")


@app.command()
def build(
    catalogue: CatalogueOption = None,
    full: Annotated[bool, typer.Option("--full", help="Make everything anew.")] = False,
) -> None:
    """Index the catalogue; only what changed is embedded again."""
    workplace = workplace_of(catalogue)
    loaded = workplace.read()
    terminal.report_problems(loaded.problems)
    terminal.report_problems(loaded.warnings, what="warning")
    with terminal.progress() as report:
        built = workplace.build(loaded, full=full, report=report)
    if workplace.notice:
        terminal.say(f"note: {workplace.notice}")
    if built.reused:
        terminal.show(f"nothing to do: the index holds these {built.manifest.entries} entries")
        return
    terminal.show(
        f"{built.manifest.entries} entries, {built.manifest.passages} passages, {built.manifest.sentences} sentences; "
        f"{built.embedded} of {built.texts} texts embedded, in {built.seconds:.1f} s"
    )
