"""Commands for stored feedback and shared answers: `feedback`, `shared`, `unshare` and `compact`."""

from typing import TYPE_CHECKING, Annotated

import typer

from index.errors import CommandError

from . import terminal
from .choices import RatingName
from .control_characters import one_line
from .shared import JsonOption, app, load_settings

if TYPE_CHECKING:
    from ui.storage.owner import SharedRow
    from ui.storage.storage import Feedback, Storage


def _storage() -> "Storage":
    from ui.storage.storage import Storage

    settings = load_settings()
    return Storage.of(settings.data, settings)


@app.command()
def feedback(
    rating: Annotated[RatingName | None, typer.Option(help="Only feedback with this rating.")] = None,
    top: Annotated[int, typer.Option(min=1, max=100_000, help="Maximum number to list, newest first.")] = 100,
    delete: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Delete the feedback with this id instead of listing. Can be repeated."),
    ] = None,
    delete_before: Annotated[
        str | None, typer.Option(metavar="DATE", help="Delete all feedback older than this day instead of listing.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List readers' feedback, newest first. Questions are stored only with ALMANAC_KEEP_QUESTIONS=true."""
    storage = _storage()
    if delete or delete_before is not None:
        if rating or as_json:
            raise CommandError(
                "--rating and --json apply to listing, and cannot be combined with --delete or --delete-before"
            )
        for name in dict.fromkeys(delete or ()):
            storage.delete_feedback(name)
            terminal.say(f"deleted: {name}")
        if delete_before is not None:
            terminal.say(f"deleted: {storage.delete_feedback_before(delete_before):,} given before {delete_before}")
        return
    rows = storage.feedback(rating=rating.value if rating else None, top=top)
    if as_json:
        terminal.show(terminal.in_json([row.as_dict() for row in rows]))
    else:
        terminal.show("\n".join(map(_feedback_lines, rows)) or "No feedback yet.")


@app.command()
def shared(
    top: Annotated[int, typer.Option(min=1, max=100_000, help="Maximum number to list, newest first.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """List shared answers, newest first. `almanac unshare ID` deletes one."""
    from dataclasses import asdict

    rows = _storage().shared_list(top=top)
    if as_json:
        terminal.show(terminal.in_json([asdict(row) for row in rows]))
    else:
        terminal.show("\n".join(map(_shared_lines, rows)) or "Nothing is shared yet.")


@app.command()
def unshare(
    answer_id: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of shared answers, as in /answers/ID.")],
) -> None:
    """Stop sharing answers. Deletes their pages and their stored text."""
    storage = _storage()
    for name in dict.fromkeys(answer_id):
        storage.withdraw(name)
        terminal.say(f"no longer shared: {name}")


@app.command()
def compact() -> None:
    """Delete expired feedback and shared answers, and shrink the file that stores them."""
    before, after = _storage().compact()
    terminal.say(f"feedback and shared answers: {before:,} bytes before, {after:,} bytes now")


def _feedback_lines(row: "Feedback") -> str:
    time = row.at[:16].replace("T", " ")
    head = f"{time}  {row.rating:4}  {row.reason or '-':16}  {row.status} {row.answer_id}"
    details = (("question", row.question), ("note", row.note), ("cited", ", ".join(row.cited)), ("id", row.id))
    # Question and note are readers' text. On one line each, they cannot imitate another line of this list.
    return "\n".join([head, *(f"    {name}: {one_line(text)}" for name, text in details if text)])


def _shared_lines(row: "SharedRow") -> str:
    return f"{row.id}  {row.on}, last read {row.last_read}, {row.bytes:,} bytes\n    {one_line(row.question)}"
