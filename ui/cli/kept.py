"""Commands for what readers leave: `feedback`, and `unshare`, which takes a shared answer back."""

from typing import TYPE_CHECKING, Annotated

import typer

from ui import terminal
from ui.choices import RatingName
from ui.controls import one_line

from .shared import JsonOption, app, load_settings

if TYPE_CHECKING:
    from ui.kept import Feedback


@app.command()
def feedback(
    rating: Annotated[RatingName | None, typer.Option(help="Only these.")] = None,
    top: Annotated[int, typer.Option(min=1, max=100_000, help="How many at the most, the latest first.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """What readers said of answers, the latest first; with the question where ALMANAC_KEEP_QUESTIONS is true."""
    from ui.kept import Kept

    found = Kept(load_settings().data).feedback(rating=rating.value if rating else None, top=top)
    if as_json:
        terminal.show(terminal.in_json([one.as_dict() for one in found]))
    else:
        terminal.show("\n".join(map(_in_words, found)) or "No feedback yet.")


@app.command()
def unshare(answer_id: Annotated[list[str], typer.Argument(metavar="ID...", help="As in /answers/ID.")]) -> None:
    """Take shared answers back: their pages are gone, and their texts with them."""
    from ui.kept import Kept

    kept = Kept(load_settings().data)
    for name in dict.fromkeys(answer_id):
        kept.withdraw(name)
        terminal.say(f"no longer shared: {name}")


def _in_words(one: "Feedback") -> str:
    # Readers wrote some of this: a note must not look like a further line of ours.
    head = f"{one.at[:16].replace('T', ' ')}  {one.rating:4}  {one.reason or '-':16}  {one.status} {one.answer_id}"
    lines = [head, *(f"    {name}: {one_line(words)}" for name, words in _told(one) if words)]
    return "\n".join(lines)


def _told(one: "Feedback") -> tuple[tuple[str, str | None], ...]:
    return (("question", one.question), ("note", one.note), ("cited", ", ".join(one.cited)))
