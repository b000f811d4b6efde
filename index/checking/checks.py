"""Runs the checks of a catalogue that need no network."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from index.catalogue import Catalogue, Problem

from . import entry_checks, link_checks
from .finding import Finding

CHECKS: dict[str, Callable[[Catalogue, date], Iterator[Finding]]] = {
    "missing": lambda catalogue, _: entry_checks.missing(catalogue),
    "duplicate": lambda catalogue, _: _chained(
        link_checks.duplicates(catalogue), entry_checks.repeated_sentences(catalogue)
    ),
    "link": lambda catalogue, _: link_checks.links(catalogue),
    "name": lambda catalogue, _: link_checks.names(catalogue),
    "contradiction": lambda catalogue, _: entry_checks.contradictions(catalogue),
    "outdated": entry_checks.outdated,
    "leaning": lambda catalogue, _: entry_checks.leaning(catalogue),
}
"""The checks, by the name that their findings have."""
UNREADABLE, ADDRESS = "unreadable", "address"
NAMES = (UNREADABLE, *CHECKS, ADDRESS)
"""The names of all checks: lines that cannot be read, those above, and addresses, which are asked only on demand."""


def run(catalogue: Catalogue, today: date, only: Sequence[str] = ()) -> list[Finding]:
    """The findings of the checks, problems first, otherwise in the order of the checks and of the catalogue.

    Args:
        catalogue: The catalogue.
        today: The day from which the age of a check is counted.
        only: The names of the checks to run; all by default.
    """
    wanted = set(only or NAMES)
    found = list(_unreadable(catalogue.problems)) if UNREADABLE in wanted else []
    for name, check in CHECKS.items():
        if name in wanted:
            found += check(catalogue, today)
    return in_order(found)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Problems first; the order is kept otherwise."""
    return sorted(findings, key=lambda finding: finding.severity != "problem")


def _unreadable(problems: Iterable[Problem]) -> Iterator[Finding]:
    for problem in problems:
        message = f"{problem.place} was left out: {problem.message}"
        yield Finding(UNREADABLE, "problem", "", problem.field, message)


def _chained(*parts: Iterator[Finding]) -> Iterator[Finding]:
    for part in parts:
        yield from part
