"""The command `check`: what an editor should look at in the catalogue."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from . import terminal
from .choices import CheckName
from .control_characters import one_line
from .shared import CatalogueOption, JsonOption, app, load_settings, read_catalogue

if TYPE_CHECKING:
    from index.checking.finding import Finding


@app.command()
def check(
    only: Annotated[list[CheckName] | None, typer.Option(help="Only this check. Can be repeated.")] = None,
    links: Annotated[
        bool,
        typer.Option(
            "--links", help="Also ask the addresses of the entries whether they still exist. Uses the network."
        ),
    ] = False,
    allow_private: Annotated[
        bool,
        typer.Option(
            "--allow-private", help="With --links: also ask addresses of this machine and of private networks."
        ),
    ] = False,
    top: Annotated[
        int, typer.Option(min=1, max=100_000, help="Maximum number of findings to print of each check.")
    ] = 10,
    catalogue: CatalogueOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look for what is missing, doubled, contradictory or out of date. Exit status 1 means that there are problems, not only hints."""
    from index.checking import checks

    loaded = read_catalogue(catalogue)
    today = date.today()  # noqa: DTZ011 -- the user's local date
    names = [name.value for name in only or ()]
    found = checks.run(loaded, today, names)
    if links or checks.ADDRESS in names:
        from index.checking import addresses
        from index.fetching.fetch import Fetcher

        fetcher = Fetcher(allow_private=allow_private, limits=addresses.LIMITS)
        with terminal.progress() as report:
            asked = list(addresses.check(loaded, load_settings().data / "addresses.json", fetcher, report=report))
        found = checks.in_order([*found, *asked])
    if as_json:
        counts = {name: sum(one.check == name for one in found) for name in checks.NAMES}
        findings = [one.as_dict() for one in found]
        terminal.show(terminal.in_json({"entries": len(loaded.entries), "counts": counts, "findings": findings}))
    else:
        terminal.show(_in_words(found, top) or f"Nothing found in {len(loaded.entries)} entries.")
    if any(one.severity == "problem" for one in found):
        raise typer.Exit(1)


def _in_words(found: "list[Finding]", top: int) -> str:
    parts = []
    for name in dict.fromkeys(one.check for one in found):
        findings = [one for one in found if one.check == name]
        problems = sum(one.severity == "problem" for one in findings)
        lines = [f"{name}: {problems} problems, {len(findings) - problems} hints"]
        lines += [f"  {_line(one)}" for one in findings[:top]]
        if len(findings) > top:
            lines.append(f"  … and {len(findings) - top} more; --top {len(findings)} shows all")
        parts.append("\n".join(lines))
    return "\n".join(parts)


def _line(finding: "Finding") -> str:
    place = ": ".join(part for part in (finding.entry_id, finding.field) if part)
    mark = "" if finding.severity == "problem" else "(hint) "
    return f"{mark}{one_line(place)}: {one_line(finding.message)}"
