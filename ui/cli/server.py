"""The commands `serve`, `eval` and `config`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from assistant.settings import settings

from . import terminal
from .choices import Measurement
from .shared import CatalogueOption, JsonOption, app, get_workplace


@app.command("eval")
def eval_(
    name: Annotated[Measurement, typer.Argument(help="What to measure.")] = Measurement.questions,
    data: Annotated[
        Path | None, typer.Option(help="A BEIR folder or a catalogue file. Default: the starter catalogue.")
    ] = None,
    queries: Annotated[str, typer.Option(help="File with the queries, in the folder.")] = "queries.jsonl",
    qrels: Annotated[str, typer.Option(help="File with the relevance judgements, in the folder.")] = "qrels.tsv",
    tasks: Annotated[
        Path | None,
        typer.Option(help="File with the tasks. Default for `questions` on the starter catalogue: our own tasks."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="Only tasks where FIELD=VALUE, or FIELD=VALUE,VALUE for one of several values. Can be repeated."
        ),
    ] = None,
    data_root: Annotated[
        Path | None,
        typer.Option(help="For `all`: folder with external data sets. Without it, measurements on them are skipped."),
    ] = None,
    write: Annotated[Path | None, typer.Option(help="For `all`: write the tables to this file.")] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="For `all`: store these figures as the baseline for later measurements.")
    ] = False,
    rewrites: Annotated[
        Path | None,
        typer.Option(help="For `conversation`: file with the same queries rewritten by people, to compare with."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure retrieval and answers. Exit status 1 means that a figure is worse than its stored baseline."""
    from assistant.evaluation import measuring

    with terminal.progress() as report:
        bench = measuring.Measuring(get_workplace(), report, terminal.say)
        if name is Measurement.all:
            whole = bench.everything(data_root, keep=keep)
            verdicts: list[Any] = []
        else:
            options = measuring.Options(data, queries, qrels, tasks, measuring.only(only or ()), rewrites)
            figures = bench.run(name.value, options)
            label, verdicts = bench.judged(name.value, options, figures) or (None, [])
    if name is Measurement.all:
        if write:
            whole.write(write)
        terminal.show(terminal.in_json(whole.as_dict()) if as_json else whole.as_text())
        raise typer.Exit(int(whole.failed))
    if label:
        figures["judged"] = {
            "condition": label,
            "figures": [measuring.verdict_as_dict(verdict) for verdict in verdicts],
        }
    terminal.show(terminal.in_json(figures) if as_json else terminal.figures(figures))
    if any(verdict.status == "FAIL" for verdict in verdicts):
        raise typer.Exit(1)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on. 0 selects a free port.")
    ] = None,
    catalogue: CatalogueOption = None,
    sync_every: Annotated[
        str | None,
        typer.Option(
            help="Run `almanac sync` at this interval while serving, for example 30m, 1h or 1d.", metavar="DURATION"
        ),
    ] = None,
) -> None:
    """Start the web server. Builds the index first if needed."""
    from assistant.live import LiveAssistant
    from index.sync import sync
    from ui.serving.listener import reserve
    from ui.serving.periodic_sync import PeriodicSync, seconds_of

    every = seconds_of(sync_every) if sync_every else None
    workplace = get_workplace(catalogue)
    if every:
        sync.check(workplace.settings)
    changes = {key: value for key, value in (("host", host), ("port", port)) if value is not None}
    settings_ = workplace.settings.model_copy(update=changes)
    listener = reserve(settings_)  # a port that is taken is reported before the index is loaded
    with terminal.progress() as report:
        assistant = workplace.assistant(report)
    from ui.app import serve as run

    live = LiveAssistant(workplace, assistant)
    # The sync is a separate process that reads the settings itself. It gets the options of this command by environment.
    environment = {"ALMANAC_CATALOGUE": str(catalogue)} if catalogue else {}
    syncing = PeriodicSync(every, environment=environment, after=live.refresh) if every else None
    run(
        live,
        settings_,
        lambda address: terminal.say(f"the almanac is at {address}"),
        background=syncing,
        listener=listener,
    )


@app.command()
def config(as_json: JsonOption = False) -> None:
    """Show the settings in effect and where each one comes from. Secrets are hidden."""
    loaded, origins = settings.load()
    rows = [{"name": name, "value": value, "from": origins[name]} for name, value in settings.shown(loaded).items()]
    terminal.show(terminal.in_json(rows) if as_json else terminal.table(rows))
