"""Commands around the answers: `serve`, `eval`, `config`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from assistant.settings import settings

from . import terminal
from .choices import Measurement
from .shared import CatalogueOption, JsonOption, app, workplace_of


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
    only: Annotated[
        list[str] | None, typer.Option(help="Only tasks with FIELD=VALUE or one of VALUE,VALUE; may be repeated.")
    ] = None,
    data_root: Annotated[
        Path | None, typer.Option(help="For `all`: the folder of data from outside; without it these are left out.")
    ] = None,
    write: Annotated[Path | None, typer.Option(help="For `all`: write the tables into this file.")] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="For `all`: later measurements are judged against these.")
    ] = False,
    rewrites: Annotated[
        Path | None, typer.Option(help="For `conversation`: queries file of stand-alone rewrites, to compare with.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the product's own code path; exit status 1 says that a figure fell behind the one kept for it."""
    from . import measuring

    with terminal.progress() as report:
        bench = measuring.Measuring(workplace_of(), report)
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
        figures["judged"] = {"condition": label, "figures": [measuring.verdict_as_dict(one) for one in verdicts]}
    terminal.show(terminal.in_json(figures) if as_json else terminal.figures(figures))
    if any(one.status == "FAIL" for one in verdicts):
        raise typer.Exit(1)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = None,
    catalogue: CatalogueOption = None,
    sync_every: Annotated[
        str | None, typer.Option(help="Sync at this interval while serving: 30m, 1h, 1d.", metavar="DURATION")
    ] = None,
) -> None:
    """The web app; builds the index first where there is none."""
    from assistant.workplace import LiveAssistant
    from index.sync import sync
    from ui.app import serve as run
    from ui.serving.periodic_sync import Syncing, seconds_of

    every = seconds_of(sync_every) if sync_every else None
    workplace = workplace_of(catalogue)
    if every:
        sync.check(workplace.settings)
    with terminal.progress() as report:
        assistant = workplace.assistant(report)
    changes = {key: value for key, value in (("host", host), ("port", port)) if value is not None}
    settings_ = workplace.settings.model_copy(update=changes)
    live = LiveAssistant(workplace, assistant)
    # The sync is a process of its own and reads the settings anew; what the command line said it is told.
    told = {"ALMANAC_CATALOGUE": str(catalogue)} if catalogue else {}
    beside = Syncing(every, environment=told, after=live.refresh) if every else None
    run(live, settings_, lambda address: terminal.say(f"the almanac is at {address}"), beside=beside)


@app.command()
def config(as_json: JsonOption = False) -> None:
    """The settings in force and where each came from; secrets are hidden."""
    loaded, origins = settings.load()
    rows = [{"name": name, "value": value, "from": origins[name]} for name, value in settings.shown(loaded).items()]
    terminal.show(terminal.in_json(rows) if as_json else terminal.table(rows))
