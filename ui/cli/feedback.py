"""Commands for what readers leave: `feedback`, `shared`, `unshare`, and `compact`, which gives space back."""

from typing import TYPE_CHECKING, Annotated

import typer

from index.errors import CommandError

from . import terminal
from .choices import RatingName
from .control_characters import one_line
from .shared import JsonOption, app, load_settings

if TYPE_CHECKING:
    from ui.storage.owner import SharedRow
    from ui.storage.storage import Feedback, Kept


def _kept() -> "Kept":
    from ui.storage.storage import Kept

    settings = load_settings()
    return Kept.of(settings.data, settings)


@app.command()
def feedback(
    rating: Annotated[RatingName | None, typer.Option(help="Only these.")] = None,
    top: Annotated[int, typer.Option(min=1, max=100_000, help="How many at the most, the latest first.")] = 100,
    delete: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Delete this one instead of listing; may be repeated.")
    ] = None,
    delete_before: Annotated[
        str | None, typer.Option(metavar="DATE", help="Delete all given before this day instead of listing.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """What readers said of answers, the latest first; with the question where ALMANAC_KEEP_QUESTIONS is true."""
    kept = _kept()
    if delete or delete_before is not None:
        if rating or as_json:
            raise CommandError("--rating and --json list feedback, and nothing is listed when it is deleted")
        for name in dict.fromkeys(delete or ()):
            kept.delete_feedback(name)
            terminal.say(f"deleted: {name}")
        if delete_before is not None:
            terminal.say(f"deleted: {kept.delete_feedback_before(delete_before):,} given before {delete_before}")
        return
    found = kept.feedback(rating=rating.value if rating else None, top=top)
    if as_json:
        terminal.show(terminal.in_json([one.as_dict() for one in found]))
    else:
        terminal.show("\n".join(map(_in_words, found)) or "No feedback yet.")


@app.command()
def shared(
    top: Annotated[int, typer.Option(min=1, max=100_000, help="How many at the most, the latest first.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """The answers that readers shared, the latest first; `almanac unshare ID` takes one back."""
    from dataclasses import asdict

    found = _kept().shared_list(top=top)
    if as_json:
        terminal.show(terminal.in_json([asdict(one) for one in found]))
    else:
        terminal.show("\n".join(map(_row, found)) or "Nothing is shared yet.")


@app.command()
def unshare(answer_id: Annotated[list[str], typer.Argument(metavar="ID...", help="As in /answers/ID.")]) -> None:
    """Take shared answers back: their pages are gone, and their texts with them."""
    kept = _kept()
    for name in dict.fromkeys(answer_id):
        kept.withdraw(name)
        terminal.say(f"no longer shared: {name}")


@app.command()
def compact() -> None:
    """Delete feedback and shared answers that have expired, and rewrite their file without gaps."""
    before, after = _kept().compact()
    terminal.say(f"feedback and shared answers: {before:,} bytes before, {after:,} bytes now")


def _in_words(one: "Feedback") -> str:
    # Readers wrote some of this: a note must not look like a further line of ours.
    head = f"{one.at[:16].replace('T', ' ')}  {one.rating:4}  {one.reason or '-':16}  {one.status} {one.answer_id}"
    lines = [head, *(f"    {name}: {one_line(words)}" for name, words in _told(one) if words)]
    return "\n".join(lines)


def _row(one: "SharedRow") -> str:
    return f"{one.id}  {one.on}, last read {one.last_read}, {one.bytes:,} bytes\n    {one_line(one.question)}"


def _told(one: "Feedback") -> tuple[tuple[str, str | None], ...]:
    return (("question", one.question), ("note", one.note), ("cited", ", ".join(one.cited)), ("id", one.id))
