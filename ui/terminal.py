"""Answers, tables and progress for a terminal. Results are text to print; all else goes to standard error."""

import json
import os
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from assistant.types import Answer
from index import dates
from index.catalogue import Problem
from index.errors import StorageError

if TYPE_CHECKING:
    # Only its type is needed here, and behind it stand libraries that take a second to import.
    from index.build import Report

WIDTH = 100
SHOWN = 10
"""Problems printed one by one; the rest are counted."""


def show(text: str) -> None:
    """A result on standard output.

    Raises:
        SystemExit: the reader has seen enough (`almanac … | head`).
        StorageError: standard output is a file on a full disk.
    """
    if sys.stdout is None:  # closed by who called us: nobody wants the result
        return
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except OSError as error:
        # Python flushes once more when it ends, and would complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise SystemExit(0) from None
        raise StorageError(f"cannot write the result: {error.strerror or error}") from error


def in_json(value: object) -> str:
    """A result for programs."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def say(text: str) -> None:
    """A remark on standard error."""
    sys.stderr.write(f"{text}\n")


def report_problems(problems: Sequence[Problem], *, what: str = "left out") -> None:
    """The first problems, one a line, and how many more there are."""
    for problem in problems[:SHOWN]:
        say(f"{what}: {problem}")
    if len(problems) > SHOWN:
        say(f"… and {len(problems) - SHOWN} more")


@contextmanager
def progress() -> "Iterator[Report]":
    """A progress bar on standard error where that is a terminal, else silence."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _step, _done, _all: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        rows: dict[str, Any] = {}

        def report(step: str, done: int, total: int) -> None:
            if step not in rows:
                rows[step] = bar.add_task(step, total=total)
            bar.update(rows[step], completed=done, total=total)

        yield report


def answer(given: Answer) -> str:
    """An answer for reading: the text, then the sources with their numbers, then what is related."""
    parts = []
    if given.searched_for.strip() != given.question.strip():
        parts.append(f"(searched for: {given.searched_for})")
    if given.status != "answered":
        parts.append(f"Not in the catalogue. {given.reason or ''}".strip())
        if given.nearest:
            parts.append("Nearest:\n" + "\n".join(f"  {near.title}  [{near.entry_id}]" for near in given.nearest))
        return "\n\n".join(parts)
    parts += [textwrap.fill(part, WIDTH) for part in _plain(given.text).split("\n\n")]
    sources: dict[str, list[Any]] = {}
    for citation in given.citations:
        sources.setdefault(citation.entry_id, []).append(citation)
    lines = []
    for cited in sources.values():
        first = cited[0]
        numbers = "".join(f"[{citation.number}]" for citation in cited)
        about = ", ".join(part for part in (first.source, dates.in_words(first.date) if first.date else None) if part)
        lines.append(f"  {numbers} {first.title}" + (f" ({about})" if about else ""))
        lines.append(f"      {first.entry_id}" + (f"  {first.url}" if first.url else ""))
    parts.append("Sources:\n" + "\n".join(lines))
    if given.related:
        parts.append("Related:\n" + "\n".join(f"  {one.title} ({one.why})  {one.entry_id}" for one in given.related))
    return "\n\n".join(parts)


def _plain(markdown: str) -> str:
    """Our own Markdown without its escapes."""
    out, escaped = [], False
    for character in markdown:
        if character == "\\" and not escaped:
            escaped = True
            continue
        out.append(character)
        escaped = False
    return "".join(out)


def results(found: Sequence[Mapping[str, Any]]) -> str:
    """Entries, one a line, with their ids."""
    if not found:
        return "nothing found"
    lines = []
    for row in found:
        when = dates.in_words(row["date"]) if row.get("date") else row["kind"]
        why = f"  ({row['why']})" if row.get("why") else ""
        lines.append(f"{row['entry_id']}\n    {row['title']} · {when}{why}")
    return "\n".join(lines)


def figures(values: Mapping[str, Any], indent: str = "") -> str:
    """Measured figures, one a line with its interval; details are left to --json."""
    lines = []
    for name, value in values.items():
        if name == "judged":
            lines.append(f"{indent}judged as {value['condition']}")
            lines += [
                f"{indent}  {one['figure']:<20} {one['value']} {one['verdict']} (kept: {one['kept']})"
                for one in value["figures"]
            ]
        elif isinstance(value, Mapping):
            lines += [f"{indent}{name}", figures(value, indent + "  ")]
        elif name != "details" and not name.endswith("_95"):
            bounds = values.get(f"{name}_95")
            lines.append(f"{indent}{name:<20} {value}" + (f"  ({bounds[0]} to {bounds[1]})" if bounds else ""))
    return "\n".join(lines)


def table(rows: Sequence[Mapping[str, str]]) -> str:
    """Rows of like mappings, in columns."""
    names = list(rows[0]) if rows else []
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in names}
    lines = ["  ".join(name.ljust(widths[name]) for name in names).rstrip()]
    lines += ["  ".join(row[name].ljust(widths[name]) for name in names).rstrip() for row in rows]
    return "\n".join(lines)
