"""Commands around the answers: `serve`, `eval`, `config`."""

from pathlib import Path
from typing import Annotated

import typer

from assistant import settings
from ui import terminal
from ui.choices import Measurement

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
    rewrites: Annotated[
        Path | None, typer.Option(help="For `conversation`: queries file of stand-alone rewrites, to compare with.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the product's own code path; figures go to standard output."""
    from ui import measuring

    figures = measuring.run(
        name.value, workplace_of(), data=data, queries=queries, qrels=qrels, tasks=tasks, rewrites=rewrites
    )
    terminal.show(terminal.in_json(figures) if as_json else terminal.figures(figures))


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
    from assistant import sync
    from assistant.factory import LiveAssistant
    from ui.app import serve as run
    from ui.background import Syncing, seconds_of

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
