"""Commands that ask: `ask`, `replay`, `search`, `related`, `cite`."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from . import terminal
from .choices import FormName, KindName, LevelName, ModeName
from .control_characters import escaped
from .errors import from_stdin
from .shared import CatalogueOption, JsonOption, app, read_catalogue, ready


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question; - reads it from standard input.")],
    level: Annotated[LevelName | None, typer.Option(help="For whom the answer is.")] = None,
    mode: Annotated[ModeName, typer.Option(help="A short answer, or a longer one over more entries.")] = ModeName.chat,
    history: Annotated[
        Path | None, typer.Option(help="The conversation so far: a JSON list of {role, content}.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            help='Leave out all that is dated after this day: YYYY-MM-DD. "Last year" is counted from it; by default from today.'
        ),
    ] = None,
    references: Annotated[
        FormName | None, typer.Option(help="Add references to all that is cited, in this form.")
    ] = None,
    receipt: Annotated[
        Path | None, typer.Option(help="Write the answer's receipt to this file; `almanac replay` checks it.")
    ] = None,
    catalogue: CatalogueOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer one question. Exit status 1 says that the catalogue has no answer."""
    from assistant.conversation import history as conversation
    from assistant.export import bibliography as citing
    from assistant.export import receipt as receipts
    from assistant.question import Question
    from assistant.retrieval import filters as find
    from assistant.understanding import restrictions

    text = from_stdin() if question == "-" else question
    find.check(text)
    restrictions.day(as_of)
    if receipt:
        receipts.check_place(receipt)
    turns = conversation.parse(conversation.read_file(history)) if history else ()
    assistant = ready(catalogue)
    answer = assistant.ask(Question(text.strip("\r\n"), turns, level.value if level else None, mode.value, as_of=as_of))
    today = date.today()  # noqa: DTZ011 -- the reader's day
    if receipt:
        receipts.write(receipt, receipts.make(answer, assistant.catalogue, turns, made_on=today))
    listed = ""
    if references:
        entries = [assistant.catalogue.by_id[name] for name in answer.cited]
        listed = citing.render(entries, references.value, accessed=today).rstrip("\n")
    if as_json:
        added = {"references": {"form": references.value, "text": listed}} if references else {}
        terminal.show(terminal.in_json(answer.as_dict() | added))
    else:
        listed = escaped(listed) if references is FormName.csl_json else listed
        terminal.show(terminal.answer(answer) + (f"\n\n{listed}" if listed else ""))
    if answer.status == "abstained":
        raise typer.Exit(1)


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="A receipt, as `almanac ask QUESTION --receipt FILE` writes it.")],
    catalogue: CatalogueOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check an answer's receipt against the live catalogue. Exit status 1 says that something has changed."""
    from assistant.export import receipt as receipts
    from assistant.export import replay as replays

    kept = receipts.read(file)
    checked = replays.replay(kept, ready(catalogue))
    terminal.show(terminal.in_json(checked.as_dict()) if as_json else terminal.replayed(checked))
    if not checked.unchanged:
        raise typer.Exit(1)


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="Words to look for.")],
    kind: Annotated[list[KindName] | None, typer.Option(help="Only this kind; may be repeated.")] = None,
    since: Annotated[str | None, typer.Option(help="Not before this date: YYYY, YYYY-MM or YYYY-MM-DD.")] = None,
    until: Annotated[str | None, typer.Option(help="Not after this date.")] = None,
    organisation: Annotated[list[str] | None, typer.Option(help="Only of this organisation; may be repeated.")] = None,
    topic: Annotated[list[str] | None, typer.Option(help="Only of this topic; may be repeated.")] = None,
    top: Annotated[int, typer.Option(min=1, max=1000, help="How many at the most.")] = 10,
    catalogue: CatalogueOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ranked entries without an answer."""
    from assistant.answer import Filters
    from assistant.retrieval import filters as find

    filters = Filters(
        tuple(one.value for one in kind or ()), since, until, tuple(organisation or ()), tuple(topic or ())
    )
    find.check(query, filters)
    results = ready(catalogue).search(query, filters, top=top)
    if as_json:
        terminal.show(terminal.in_json({"query": query, "results": results}))
    else:
        terminal.show(terminal.results(results))


@app.command()
def related(
    entry_id: Annotated[str, typer.Argument(metavar="ID", help="An entry's id.")],
    catalogue: CatalogueOption = None,
    as_json: JsonOption = False,
) -> None:
    """What goes with one entry, each with why."""
    from dataclasses import asdict

    found = [asdict(one) for one in ready(catalogue).related(entry_id)]
    terminal.show(terminal.in_json({"entry_id": entry_id, "related": found}) if as_json else terminal.results(found))


@app.command()
def cite(
    entry_id: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of entries.")],
    form: Annotated[FormName, typer.Option("--as", help="The form of the references.")] = FormName.markdown,
    catalogue: CatalogueOption = None,
) -> None:
    """References to entries."""
    from assistant.export import bibliography as references
    from assistant.retrieval import filters as find

    loaded = read_catalogue(catalogue)
    entries = [find.entry(loaded, name) for name in dict.fromkeys(entry_id)]
    text = references.render(entries, form.value, accessed=date.today()).rstrip("\n")  # noqa: DTZ011 -- the reader's day
    terminal.show(escaped(text) if form is FormName.csl_json else text)
