"""The command `doctor`: is this installation ready to serve?"""

import typer

from . import terminal
from .shared import JsonOption, app, load_settings


@app.command()
def doctor(as_json: JsonOption = False) -> None:
    """Look at versions, data folder, disk, catalogue, index, embedder, port and access. Exit status 1 means that there is a problem."""
    from ui.doctor import diagnose

    found = list(diagnose(load_settings()))
    if as_json:
        terminal.show(terminal.in_json([one.as_dict() for one in found]))
    else:
        marks = {"ok": "ok      ", "note": "note    ", "problem": "PROBLEM "}
        lines = [
            f"{marks[one.state]}{one.what}: {one.finding}" + (f"\n        try: {one.advice}" if one.advice else "")
            for one in found
        ]
        terminal.show("\n".join(lines))
    if any(one.state == "problem" for one in found):
        raise typer.Exit(1)
