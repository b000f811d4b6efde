"""Commands that fill the catalogue and index it: `import`, `build`."""

from pathlib import Path
from typing import Annotated

import typer

from index import catalogue as catalogues
from index.errors import CatalogueError
from ui import terminal

from .shared import CatalogueOption, app, load_settings, workplace_of


@app.command("import")
def import_(
    source: Annotated[list[str], typer.Argument(help="File, folder, or - for standard input.")],
    format_: Annotated[
        str | None, typer.Option("--format", help="jsonl, page or beir; told from the content if unset.")
    ] = None,
    into: Annotated[Path | None, typer.Option(help="Catalogue file to write.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
) -> None:
    """Read sources into the catalogue file; the same id again is an update."""
    from index import importers

    target = into or load_settings().catalogue_file
    kept = catalogues.load(target) if target.is_file() else catalogues.Catalogue(())
    if kept.problems:
        raise CatalogueError(
            f"{target} holds {len(kept.problems)} records that cannot be read, which writing it would lose; "
            f"the first: {kept.problems[0]}",
            hint="mend or remove these lines first, or write to another file with --into",
        )
    added: list[str] = []
    changed: list[str] = []
    same = 0
    for name in source:
        imported = importers.read_source(name, format=format_)
        merged = importers.merge(kept, imported.entries, whole=imported.whole)
        terminal.report_problems([*imported.problems, *merged.problems])
        added += merged.added
        changed += merged.changed
        same += len(merged.same)
        kept = catalogues.Catalogue(merged.entries)
        if not imported.entries:
            terminal.say(f"{name}: no entry was found")
    if not dry_run and (added or changed):
        catalogues.save(target, kept.entries)
    verb = "would be" if dry_run else "are"
    terminal.show(
        f"{len(added)} new, {len(changed)} changed, {same} the same; {len(kept.entries)} entries {verb} in {target}"
    )
    if not kept.entries:
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
