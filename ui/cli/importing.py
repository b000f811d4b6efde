"""The commands `import`, which fills the catalogue, and `build`, which indexes it."""

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index.errors import CommandError

from . import terminal
from .shared import CatalogueOption, app, get_workplace, load_settings

if TYPE_CHECKING:
    from assistant.settings.settings import Settings
    from index.catalogue import Catalogue
    from index.editing.pruning import Pruning
    from index.importers import Imported
    from index.sync.changes import Changes


@app.command("import")
def import_(
    source: Annotated[list[str], typer.Argument(help="File, folder, http(s) address, or - for standard input.")],
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="Such as csv, xlsx, json, markdown, feed, ris or wordpress; detected from the content if unset. "
            "An unknown name lists all formats.",
        ),
    ] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option("--map", help="Which column or field holds which value: title=Headline,date=Published."),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            help="event or guide: the kind of entries whose source does not say it. "
            "If unset, a Markdown post without a date is a guide, and everything else is an event."
        ),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(
            "--base-url",
            help="Address of the site that Markdown files belong to; each entry gets its own address on it.",
        ),
    ] = None,
    into: Annotated[Path | None, typer.Option(help="Catalogue file to write.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report what would change, and write nothing.")] = False,
    prune: Annotated[
        bool,
        typer.Option(
            "--prune",
            help="Also remove the entries that an earlier import took from these sources and that are no longer in them.",
        ),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="With --prune: do not ask before removing more than a fifth of a source.")
    ] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Also fetch addresses of this machine and of private networks.")
    ] = False,
) -> None:
    """Add the entries of sources to the catalogue file. Importing a source again updates its entries.

    Drafts and other things that a source does not publish are left out and reported. --prune is for complete sources,
    not for feeds, which list only their newest entries.
    """
    from index.editing.change import Author
    from index.editing.editor import current_user
    from index.fetching.fetch import Fetcher
    from index.importers import remote
    from index.importers.entry_kind import check_kind
    from index.importers.mapping import parse_map
    from index.importers.target import writing
    from index.sync.changes import Changes

    mapping = parse_map(map_ or [])
    settings = load_settings()
    target = into or settings.catalogue_file
    Changes.to(target)  # fails before anything is fetched if the file cannot be read
    fetcher = Fetcher(allow_private=allow_private)
    check_kind(kind)
    read = [
        (name, remote.read_named(name, fetcher, format=format_, mapping=mapping, base_url=base_url, kind=kind))
        for name in source
    ]
    for name, imported in read:
        if imported.sources:
            _show_feeds(name, imported)
    if all(imported.sources for _, imported in read):
        return
    # Read the catalogue again under the lock: a sync may have changed it while the sources were fetched.
    with nullcontext() if dry_run else writing(settings.data):
        changes = Changes.to(target)
        for name, imported in read:
            if not imported.sources:
                _merge(changes, name, imported, prune=prune, ask=not (yes or dry_run))
        if not dry_run:
            changes.save(Author(current_user(), f"import {' '.join(imported.key for _, imported in read)}"))
    terminal.show(changes.in_words(dry_run=dry_run))
    if not changes.catalogue.entries:
        raise typer.Exit(1)
    if not dry_run and into is None:
        terminal.say("next: almanac build")


def _show_feeds(name: str, imported: "Imported") -> None:
    """Show the feeds that a source lists, as lines for `almanac.toml`."""
    terminal.report_problems(imported.problems)
    terminal.report_problems(imported.warnings, what="warning")
    terminal.say(f"{name} lists feeds and has no entries: put these lines into almanac.toml, then run almanac sync")
    terminal.show(imported.sources)


def _merge(changes: "Changes", name: str, imported: "Imported", *, prune: bool, ask: bool) -> None:
    """Merge one source and report what was left out of it."""
    left_out, warned = len(changes.left_out), len(changes.warnings)
    merged = changes.take(imported)
    terminal.report_problems(changes.left_out[left_out:])
    terminal.report_problems(changes.warnings[warned:], what="warning")
    if not imported.entries:
        terminal.say(f"{name}: no entries found")
    if prune:
        _prune(changes, changes.left(imported, merged), ask=ask)


def _prune(changes: "Changes", left: "Pruning", *, ask: bool) -> None:
    """Remove the entries that left a source; if they are many, only after the user agreed."""
    names = f"{', '.join(left.names[:5])}{' …' if len(left.names) > 5 else ''}"
    if left.needs_consent and ask and not terminal.agrees(f"{left.in_words()} ({names}). Remove them?"):
        raise CommandError(
            f"{left.in_words()}, more than a fifth, and nothing was changed ({names})",
            hint="check that the source is complete; --yes removes the entries, --dry-run shows what would change",
        )
    changes.prune(left)


@app.command()
def build(
    catalogue: CatalogueOption = None,
    full: Annotated[bool, typer.Option("--full", help="Rebuild everything.")] = False,
) -> None:
    """Index the catalogue; only changed texts are embedded again."""
    workplace = get_workplace(catalogue)
    loaded = workplace.read()
    terminal.report_problems(loaded.problems)
    terminal.report_problems(loaded.warnings, what="warning")
    _record_outside_changes(workplace.settings, loaded)
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


def _record_outside_changes(settings: "Settings", catalogue: "Catalogue") -> None:
    """Record in the history what another program changed in the catalogue file, if the file has a history."""
    from index.editing.journal import Journal
    from index.importers.target import read_target, writing

    journal = Journal(settings.catalogue_file)
    if journal.exists() and settings.catalogue_file.is_file() and not catalogue.problems:
        with writing(settings.data):
            journal.reconcile(read_target(settings.catalogue_file))
