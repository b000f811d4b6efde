"""Commands that change the catalogue: `edit`, `rm`, `rename`, `restore`, `undo`, `rollback`."""

import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from index.errors import AlmanacError, CommandError, EditError

from . import terminal
from .backup import restore_backup
from .errors import from_stdin
from .shared import app, get_workplace, update_index

if TYPE_CHECKING:
    from index.editing.change import Change
    from index.editing.editor import Editor
    from index.models import AnyEntry

NoBuildOption = Annotated[
    bool, typer.Option("--no-build", help="Do not update the index; run `almanac build` after the last change.")
]
_LISTS = ("organisations", "topics", "related_events", "related_guides", "steps")
"""Fields whose values on the command line are separated by commas."""


@app.command()
def edit(
    entry_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the entry.")],
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="Set a field: text, names separated by commas, or JSON. An empty value removes the field. Can be repeated.",
        ),
    ] = None,
    file: Annotated[
        str | None,
        typer.Option("--file", metavar="FILE", help="Read the whole entry as JSON from this file, or from - ."),
    ] = None,
    no_build: NoBuildOption = False,
) -> None:
    """Change an entry. Without --set and --file, opens it as JSON in the editor that VISUAL or EDITOR names."""
    if set_ and file:
        raise CommandError("--set and --file cannot be combined", hint="almanac edit --help")
    editor = _editor()
    seen = editor.entry(editor.read(), entry_id)
    if set_:
        values = _with_fields(seen, set_)
    elif file:
        values = _object(from_stdin() if file == "-" else _read(Path(file)), file)
    else:
        values = _in_editor(seen)
    try:
        change = editor.edit(seen, values)
    except AlmanacError:
        if not set_ and not file:
            terminal.say(f"your version of the entry is in {_keep(seen.id, values)}")
        raise
    if change is None:
        terminal.say("nothing changed")
        return
    _done(change, no_build=no_build)


@app.command()
def rm(
    entry_id: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of entries.")],
    no_build: NoBuildOption = False,
) -> None:
    """Remove entries. Their pages answer 410, imports do not bring them back; `almanac restore ID` does."""
    _done(_editor().remove(list(dict.fromkeys(entry_id))), no_build=no_build)


@app.command()
def rename(
    entry_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the entry.")],
    new_id: Annotated[str, typer.Argument(metavar="NEW-ID", help="Its new id.")],
    no_build: NoBuildOption = False,
) -> None:
    """Give an entry a new id. Its old address redirects to the new one; links, feeds and receipts stay valid."""
    _done(_editor().rename(entry_id, new_id), no_build=no_build)


@app.command()
def restore(
    what: Annotated[
        str,
        typer.Argument(
            metavar="ID|FILE", help="Id of a removed entry (`almanac list --removed`), or a file of `almanac backup`."
        ),
    ],
    no_build: NoBuildOption = False,
) -> None:
    """Bring back a removed entry with the links to it, or the whole state of a backup."""
    from index.editing.journal import Journal

    path = Path(what)
    if path.is_file() and not Journal(get_workplace().settings.catalogue_file).was_removed(what):
        restore_backup(path, no_build=no_build)
        return
    _done(_editor().restore(what), no_build=no_build)


@app.command()
def undo(
    change: Annotated[
        int | None,
        typer.Argument(metavar="[CHANGE]", help="Number of the change in `almanac history`. Default: the latest."),
    ] = None,
    no_build: NoBuildOption = False,
) -> None:
    """Undo a change: an edit, a removal, a renaming, an import or a sync. An undo can be undone by its number."""
    _done(_editor().undo(change), no_build=no_build)


@app.command()
def rollback() -> None:
    """Go back to the catalogue and index before the last build. `almanac undo` brings the catalogue forward again."""
    from index import rollback as rollbacks

    workplace = get_workplace()
    editor = _editor(workplace)
    editor.read()  # fails for the starter catalogue, which cannot be changed
    earlier = rollbacks.generation_before(workplace.home)
    change = editor.replace_all(earlier.entries, f"rollback to the index of {earlier.built_at}")
    rollbacks.use(workplace.home, earlier)
    if change is None:
        update_index(workplace)
        terminal.show(f"the index of {earlier.built_at} is in use; the catalogue has its entries already")
        return
    _done(change, no_build=False)


def _editor(workplace: Any = None) -> "Editor":
    from index.editing.editor import Editor

    settings = (workplace or get_workplace()).settings
    if settings.catalogue is not None and settings.catalogue.is_dir():
        raise EditError(
            f"{settings.catalogue} is a folder, and an edit writes one file",
            hint="set ALMANAC_CATALOGUE to a file, or leave it unset for the one in the data folder",
        )
    return Editor(settings.catalogue_file, settings.data)


def _done(change: "Change", *, no_build: bool) -> None:
    """Report a change and update the index."""
    from .history import in_words

    terminal.show(in_words(change))
    if no_build:
        terminal.say("next: almanac build")
    else:
        update_index(get_workplace())


def _with_fields(entry: "AnyEntry", assignments: list[str]) -> dict[str, Any]:
    from index.catalogue import to_line

    values: dict[str, Any] = json.loads(to_line(entry))
    for assignment in assignments:
        field, equals, text = assignment.partition("=")
        if not equals or not field:
            raise CommandError(f"--set {assignment!r} is not FIELD=VALUE", hint="almanac edit --help")
        if text:
            values[field] = _value(field, text)
        else:
            values.pop(field, None)
    return values


def _value(field: str, text: str) -> Any:
    """A value on the command line: JSON if it looks like it, or text."""
    if text[0] in '[{"':
        try:
            return json.loads(text)
        except ValueError as error:
            raise CommandError(f"--set {field}: not JSON: {error}", hint="write text without a bracket first") from None
    if field in _LISTS:
        return [name for part in text.split(",") if (name := part.strip())]
    return int(text) if field == "importance" and text.isdecimal() else text


def _object(text: str, name: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CommandError(
            f"{name} is not JSON: {error}", hint="`almanac show ID --json` prints an entry as JSON"
        ) from None
    if not isinstance(values, dict):
        raise CommandError(f"{name} is not one JSON object", hint="`almanac show ID --json` prints an entry as JSON")
    return values


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is not UTF-8: byte {error.start + 1}", hint="save the file as UTF-8") from None


def _in_editor(entry: "AnyEntry") -> dict[str, Any]:
    """The entry as the user saves it in an editor."""
    from index.catalogue import to_line

    program = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not program or not sys.stdin.isatty():
        raise CommandError(
            "no editor can be opened here",
            hint=f"set EDITOR, or: almanac edit {entry.id} --set title=…, or --file FILE",
        )
    path = _keep(entry.id, json.loads(to_line(entry)))
    try:
        subprocess.run([*shlex.split(program), str(path)], check=True)  # noqa: S603 -- the user's own editor
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        raise CommandError(f"the editor {program!r} failed: {error}", hint="check VISUAL and EDITOR") from None
    values = _object(_read(path), str(path))
    path.unlink()
    return values


def _keep(entry_id: str, values: dict[str, Any]) -> Path:
    """Write an entry to a new temporary file."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix=f"almanac-{entry_id[:60].replace(':', '-')}-", suffix=".json", delete=False
    ) as stream:
        json.dump(values, stream, ensure_ascii=False, indent=2)
        stream.write("\n")
    return Path(stream.name)
