"""The commands of `contracts.md` section 2; the one place that turns errors into words and exit codes."""

import logging
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant import __version__, settings
from assistant.settings import Settings
from index import catalogue as catalogues
from index.errors import CatalogueError, CommandError

from . import terminal
from .choices import FormName, KindName, LevelName, Measurement, ModeName
from .edge import errors_in_words, from_stdin, telemetry_off

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Ask a catalogue of AI developments; every sentence of an answer has its source.",
    epilog='Example: almanac ask "What is RLHF?"',
)


CatalogueOption = Annotated[Path | None, typer.Option("--catalogue", help="Catalogue file or folder (JSON Lines).")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _workplace(catalogue: Path | None = None) -> Any:
    from assistant.factory import Workplace

    loaded = _settings()
    return Workplace(loaded.model_copy(update={"catalogue": catalogue}) if catalogue else loaded)


def _settings() -> Settings:
    loaded, _ = settings.load()
    logging.basicConfig(level=loaded.log_level, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    return loaded


def _ready(catalogue: Path | None) -> Any:
    """An assistant whose index is up to date; what it lacks is built with a progress bar."""
    workplace = _workplace(catalogue)
    with terminal.progress() as report:
        assistant = workplace.assistant(report)
    if assistant.notice:
        terminal.say(f"note: {assistant.notice}")
    return assistant


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

    target = into or _settings().catalogue_file
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
    workplace = _workplace(catalogue)
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


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question; - reads it from standard input.")],
    level: Annotated[LevelName | None, typer.Option(help="For whom the answer is.")] = None,
    mode: Annotated[ModeName, typer.Option(help="A short answer, or a longer one over more entries.")] = ModeName.chat,
    history: Annotated[
        Path | None, typer.Option(help="The conversation so far: a JSON list of {role, content}.")
    ] = None,
    catalogue: CatalogueOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer one question. Exit status 1 says that the catalogue has no answer."""
    from assistant import conversation, find

    text = from_stdin() if question == "-" else question
    find.check(text)
    turns = conversation.parse(conversation.read_file(history)) if history else ()
    answer = _ready(catalogue).ask(
        text.strip("\r\n"), history=turns, level=level.value if level else None, mode=mode.value
    )
    terminal.show(terminal.in_json(answer.as_dict()) if as_json else terminal.answer(answer))
    if answer.status == "abstained":
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
    from assistant import find
    from assistant.types import Filters

    filters = Filters(
        tuple(one.value for one in kind or ()), since, until, tuple(organisation or ()), tuple(topic or ())
    )
    find.check(query, filters)
    results = _ready(catalogue).search(query, filters, top=top)
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

    from assistant import find
    from assistant.related import neighbours

    assistant = _ready(catalogue)
    entry = find.entry(assistant.catalogue, entry_id)
    found = [asdict(one) for one in neighbours(assistant.index, entry)]
    terminal.show(terminal.in_json({"entry_id": entry.id, "related": found}) if as_json else terminal.results(found))


@app.command()
def cite(
    entry_id: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of entries.")],
    form: Annotated[FormName, typer.Option("--as", help="The form of the references.")] = FormName.markdown,
    catalogue: CatalogueOption = None,
) -> None:
    """References to entries."""
    from assistant import find, references

    loaded = _workplace_catalogue(catalogue)
    entries = [find.entry(loaded, name) for name in dict.fromkeys(entry_id)]
    terminal.show(references.render(entries, form.value, accessed=date.today()).rstrip("\n"))  # noqa: DTZ011 -- the reader's day


@app.command("eval")
def eval_(
    name: Annotated[Measurement, typer.Argument(help="What to measure.")] = Measurement.questions,
    data: Annotated[
        Path | None, typer.Option(help="A BEIR folder, or a catalogue file; the starter catalogue if unset.")
    ] = None,
    queries: Annotated[str, typer.Option(help="Queries file of the folder.")] = "queries.jsonl",
    qrels: Annotated[str, typer.Option(help="Judgements file of the folder.")] = "qrels.tsv",
    tasks: Annotated[
        Path | None, typer.Option(help="Tasks file; for `questions` over the starter catalogue: our own.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the product's own code path; figures go to standard output."""
    from . import measuring

    figures = measuring.run(name.value, _workplace(), data=data, queries=queries, qrels=qrels, tasks=tasks)
    terminal.show(terminal.in_json(figures) if as_json else terminal.figures(figures))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = None,
    catalogue: CatalogueOption = None,
) -> None:
    """The web app; builds the index first where there is none."""
    from assistant.factory import LiveAssistant

    from .app import serve as run

    workplace = _workplace(catalogue)
    with terminal.progress() as report:
        assistant = workplace.assistant(report)
    changes = {key: value for key, value in (("host", host), ("port", port)) if value is not None}
    settings_ = workplace.settings.model_copy(update=changes)
    run(LiveAssistant(workplace, assistant), settings_, lambda address: terminal.say(f"the almanac is at {address}"))


@app.command()
def config(as_json: JsonOption = False) -> None:
    """The settings in force and where each came from; secrets are hidden."""
    loaded, origins = settings.load()
    rows = [{"name": name, "value": value, "from": origins[name]} for name, value in settings.shown(loaded).items()]
    terminal.show(terminal.in_json(rows) if as_json else terminal.table(rows))


def _version(asked: bool) -> None:
    if asked:
        terminal.show(f"almanac {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _version_asked: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def _workplace_catalogue(path: Path | None) -> catalogues.Catalogue:
    from assistant.factory import read_catalogue

    loaded = _settings()
    return read_catalogue(loaded.model_copy(update={"catalogue": path}) if path else loaded)


_UsageError: Any = typer.BadParameter.__mro__[
    1
]  # the base of all that is wrong with a command line; it has no public name


def main() -> None:
    """The command `almanac`: foreseen errors become two lines and exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal or pipe that has no such letter shows a question mark instead of ending with a traceback.
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
    with telemetry_off(), errors_in_words():
        try:
            status = app(sys.argv[1:] or ["--help"], standalone_mode=False)
        except _UsageError as error:
            command = error.ctx.command_path if error.ctx else "almanac"
            raise CommandError(error.format_message(), hint=f"{command} --help") from None
        raise SystemExit(status)


if __name__ == "__main__":
    main()
