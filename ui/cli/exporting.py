"""The command `export`: the whole catalogue for other programs."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from index.errors import CommandError

from . import terminal
from .choices import ExportName
from .control_characters import escaped
from .shared import CatalogueOption, app, load_settings, read_catalogue

_BY_SUFFIX = {
    ".jsonl": ExportName.jsonl,
    ".csv": ExportName.csv,
    ".bib": ExportName.bibtex,
    ".ris": ExportName.ris,
    ".json": ExportName.csl_json,
}


@app.command()
def export(
    target: Annotated[
        str,
        typer.Argument(metavar="[FILE]", help="File to write, a new folder for markdown, or - for standard output."),
    ] = "-",
    form: Annotated[
        ExportName | None, typer.Option("--as", help="Format. Default: by the ending of the file, else jsonl.")
    ] = None,
    catalogue: CatalogueOption = None,
) -> None:
    """Write all entries as JSON Lines, as a table, as a folder of Markdown files, or as references."""
    from assistant.export import bibliography, catalogue_files
    from index.files import write_atomically

    entries = read_catalogue(catalogue).entries
    chosen = form or _BY_SUFFIX.get(Path(target).suffix.lower(), ExportName.jsonl)
    if chosen is ExportName.markdown:
        files = list(catalogue_files.markdown_files(entries))
        _write_folder(_new_folder(target), files)
        terminal.show(f"{len(files)} files are in {target}")
        return
    if chosen is ExportName.jsonl:
        text = catalogue_files.to_jsonl(entries)
    elif chosen is ExportName.csv:
        text = catalogue_files.to_csv(entries)
    else:
        references: dict[ExportName, bibliography.Form] = {
            ExportName.bibtex: "bibtex",
            ExportName.ris: "ris",
            ExportName.csl_json: "csl-json",
        }
        text = bibliography.render(entries, references[chosen], accessed=date.today())  # noqa: DTZ011 -- the user's local date
    if target == "-":
        shown = text.rstrip("\r\n")
        terminal.show(escaped(shown) if chosen in {ExportName.jsonl, ExportName.csl_json} else shown)
        return
    path = Path(target)
    if path.is_dir():
        raise CommandError(f"{target} is a folder", hint="name a file, or write a folder with --as markdown")
    if path.resolve() == load_settings().catalogue_file.resolve():
        raise CommandError(f"{target} is the catalogue itself", hint="name another file")
    write_atomically(path, text.encode("utf-8"))
    terminal.show(f"{len(entries)} entries are in {target}")


def _new_folder(target: str) -> Path:
    if target == "-":
        raise CommandError("Markdown is written to a folder", hint="almanac export FOLDER --as markdown")
    folder = Path(target)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CommandError(f"{target} exists and is not an empty folder", hint="name a new folder")
    return folder


def _write_folder(folder: Path, files: list[tuple[str, str]]) -> None:
    from index.files import write_atomically

    with terminal.progress() as report:
        for number, (name, text) in enumerate(files, start=1):
            write_atomically(folder / name, text.encode("utf-8"))
            report("files", number, len(files))
