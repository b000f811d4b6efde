"""Commands that query the catalogue: `ask`, `replay`, `search`, `related`, `cite`."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from . import terminal
from .choices import FormName, LevelName, ModeName
from .control_characters import escaped
from .errors import from_stdin
from .shared import (
    CatalogueOption,
    JsonOption,
    KindOption,
    OrganisationOption,
    SinceOption,
    TopicOption,
    UntilOption,
    app,
    load_assistant,
    read_catalogue,
)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question; - reads it from standard input.")],
    level: Annotated[LevelName | None, typer.Option(help="The reader's level.")] = None,
    mode: Annotated[
        ModeName, typer.Option(help="`chat` for a short answer, `summary` for a longer one that uses more entries.")
    ] = ModeName.chat,
    history: Annotated[
        Path | None, typer.Option(help="File with the conversation so far: a JSON list of {role, content}.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            help='Use only entries dated up to this day (YYYY-MM-DD), and take it as "today" in the question. Default: today, with all entries.'
        ),
    ] = None,
    references: Annotated[
        FormName | None, typer.Option(help="Append references to the cited entries, in this format.")
    ] = None,
    receipt: Annotated[
        Path | None, typer.Option(help="Write a receipt of the answer to this file. `almanac replay` checks it later.")
    ] = None,
    catalogue: CatalogueOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer one question. Exit status 1 means that the catalogue has no answer."""
    from assistant.conversation import history as conversation
    from assistant.export import bibliography
    from assistant.export import receipt as receipts
    from assistant.question import Question
    from assistant.retrieval import filters
    from assistant.understanding import restrictions

    text = from_stdin() if question == "-" else question
    filters.check(text)
    restrictions.day(as_of)
    if receipt:
        receipts.check_place(receipt)
    turns = conversation.parse(conversation.read_file(history)) if history else ()
    assistant = load_assistant(catalogue)
    answer = assistant.ask(Question(text.strip("\r\n"), turns, level.value if level else None, mode.value, as_of=as_of))
    today = date.today()  # noqa: DTZ011 -- the user's local date
    if receipt:
        receipts.write(receipt, receipts.make(answer, assistant.catalogue, turns, made_on=today))
    reference_list = ""
    if references:
        entries = [assistant.catalogue.by_id[entry_id] for entry_id in answer.cited]
        reference_list = bibliography.render(entries, references.value, accessed=today).rstrip("\n")
    if as_json:
        extra = {"references": {"form": references.value, "text": reference_list}} if references else {}
        terminal.show(terminal.in_json(answer.as_dict() | extra))
    else:
        if references is FormName.csl_json:
            reference_list = escaped(reference_list)
        terminal.show(terminal.answer(answer) + (f"\n\n{reference_list}" if reference_list else ""))
    if answer.status == "abstained":
        raise typer.Exit(1)


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="A receipt that `almanac ask QUESTION --receipt FILE` wrote.")],
    catalogue: CatalogueOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check the receipt of an answer against the current catalogue. Exit status 1 means that something has changed."""
    from assistant.export import receipt as receipts
    from assistant.export import replay as replays

    receipt = receipts.read(file)
    checked = replays.replay(receipt, load_assistant(catalogue))
    terminal.show(terminal.in_json(checked.as_dict()) if as_json else terminal.replayed(checked))
    if not checked.unchanged:
        raise typer.Exit(1)


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="Words to search for.")],
    kind: KindOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    organisation: OrganisationOption = None,
    topic: TopicOption = None,
    top: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of results.")] = 10,
    catalogue: CatalogueOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the entries that match best, without writing an answer."""
    from assistant.answer import Filters
    from assistant.retrieval import filters

    wanted = Filters(
        tuple(name.value for name in kind or ()), since, until, tuple(organisation or ()), tuple(topic or ())
    )
    filters.check(query, wanted)
    results = load_assistant(catalogue).search(query, wanted, top=top)
    if as_json:
        terminal.show(terminal.in_json({"query": query, "results": results}))
    else:
        terminal.show(terminal.results(results))


@app.command()
def related(
    entry_id: Annotated[str, typer.Argument(metavar="ID", help="Id of an entry.")],
    catalogue: CatalogueOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the entries related to one entry, each with the reason."""
    from dataclasses import asdict

    entries = [asdict(entry) for entry in load_assistant(catalogue).related(entry_id)]
    terminal.show(
        terminal.in_json({"entry_id": entry_id, "related": entries}) if as_json else terminal.results(entries)
    )


@app.command()
def cite(
    entry_id: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of entries.")],
    form: Annotated[FormName, typer.Option("--as", help="Format of the references.")] = FormName.markdown,
    catalogue: CatalogueOption = None,
) -> None:
    """Print references to entries, for a bibliography."""
    from assistant.export import bibliography
    from assistant.retrieval import filters

    loaded = read_catalogue(catalogue)
    entries = [filters.entry(loaded, name) for name in dict.fromkeys(entry_id)]
    text = bibliography.render(entries, form.value, accessed=date.today()).rstrip("\n")  # noqa: DTZ011 -- the user's local date
    terminal.show(escaped(text) if form is FormName.csl_json else text)
