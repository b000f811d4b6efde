"""Formats answers, tables and progress for a terminal. Results go to standard output, messages to standard error."""

import errno
import json
import os
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from assistant.answer import Answer, Brief
from index import dates
from index.catalogue import Problem
from index.errors import StorageError
from ui.chat import brief_text

from .control_characters import clean, escaped, one_line

if TYPE_CHECKING:
    # Importing these modules at run time would load libraries that take a second.
    from assistant.export.replay import Checked, Replay
    from index.build import ProgressCallback

WIDTH = 100
MAX_PROBLEMS_SHOWN = 10
"""Problems that are printed. The rest are only counted."""


def show(text: str) -> None:
    """Print a result on standard output, without control characters: entries may contain them.

    Raises:
        SystemExit: the program that reads the output has closed the pipe (`almanac … | head`).
        StorageError: standard output is a file on a full disk.
    """
    if sys.stdout is None:  # the calling program closed it
        return
    try:
        sys.stdout.write(f"{clean(text)}\n")
        sys.stdout.flush()
    except OSError as error:
        # Python flushes standard output again when it exits, which would raise the same error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # Windows reports a closed pipe as "invalid argument".
        if isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL):
            raise SystemExit(0) from None
        raise StorageError(f"cannot write the result: {error.strerror or error}") from error


def in_json(value: object) -> str:
    """A result as JSON text. Control characters are escaped."""
    return escaped(json.dumps(value, ensure_ascii=False, indent=2))


def say(text: str) -> None:
    """Print a message on standard error, without control characters."""
    sys.stderr.write(f"{clean(text)}\n")


def agrees(question: str) -> bool:
    """Ask the user a question; False without asking if standard input is not a terminal."""
    if not sys.stdin.isatty():
        return False
    sys.stderr.write(f"{clean(question)} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def report_problems(problems: Sequence[Problem], *, what: str = "left out") -> None:
    """Print the first problems, one per line, and the number of the others."""
    for problem in problems[:MAX_PROBLEMS_SHOWN]:
        say(f"{what}: {problem}")
    if len(problems) > MAX_PROBLEMS_SHOWN:
        say(f"… and {len(problems) - MAX_PROBLEMS_SHOWN} more")


@contextmanager
def progress() -> "Iterator[ProgressCallback]":
    """A progress bar on standard error. Shows nothing if that is not a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _step, _done, _all: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        rows: dict[str, Any] = {}

        def report(step: str, done: int, total: int) -> None:
            if step not in rows:
                rows[step] = bar.add_task(one_line(step), total=total)
            bar.update(rows[step], completed=done, total=total)

        yield report


def answer(given: Answer) -> str:
    """An answer as text: the answer itself, the numbered sources, and related entries."""
    parts = []
    if given.searched_for.strip() != given.question.strip():
        parts.append(f"(searched for: {given.searched_for})")
    if given.status != "answered":
        # If nothing was found, nothing was searched: it was a greeting, or a question that does not say what it is about.
        parts.append(f"{'Not in the catalogue. ' if given.found else ''}{given.reason or ''}".strip())
        if given.nearest:
            parts.append(
                "Nearest:\n" + "\n".join(f"  {one_line(near.title)}  [{near.entry_id}]" for near in given.nearest)
            )
        return "\n\n".join(parts)
    parts += [_paragraph(part) for part in given.text.split("\n\n")]
    if given.brief is not None:
        parts += _framed(given, given.brief)
    sources: dict[str, list[Any]] = {}
    for citation in given.citations:
        sources.setdefault(citation.entry_id, []).append(citation)
    lines = []
    for cited in sources.values():
        first = cited[0]
        numbers = "".join(f"[{citation.number}]" for citation in cited)
        about = ", ".join(
            part for part in (one_line(first.source or ""), dates.in_words(first.date) if first.date else None) if part
        )
        lines.append(f"  {numbers} {one_line(first.title)}" + (f" ({about})" if about else ""))
        lines.append(f"      {first.entry_id}" + (f"  {first.url}" if first.url else ""))
    parts.append("Sources:\n" + "\n".join(lines))
    if given.related:
        parts.append(
            "Related:\n" + "\n".join(f"  {one_line(one.title)} ({one.why})  {one.entry_id}" for one in given.related)
        )
    return "\n\n".join(parts)


def _paragraph(part: str) -> str:
    """A wrapped paragraph, or an underlined heading of a summary."""
    if part.startswith("### "):
        heading = _plain(part.removeprefix("### "))
        return f"{heading}\n{'-' * len(heading)}"
    return "\n".join(map(_filled, _plain(part).split("\n")))


def _framed(given: Answer, brief: Brief) -> list[str]:
    """The parts printed after a summary: how many entries it was selected from, later developments, and open points."""
    parts = [brief_text.counts(given, brief)]
    if brief.later:
        lines = [
            f"  [{later.number}] {brief_text.SAYS[later.says]}: {brief_text.dated(later)}" for later in brief.later
        ]
        quotes = [
            textwrap.indent(textwrap.fill(f"“{' '.join(later.quote.split())}”", WIDTH - 6), " " * 6)
            for later in brief.later
        ]
        parts.append("Later:\n" + "\n".join(f"{line}\n{quote}" for line, quote in zip(lines, quotes, strict=True)))
    if brief.open_points:
        parts.append("Open points:\n" + "\n".join(f"  {point.about}: {point.why}" for point in brief.open_points))
    return parts


def replayed(given: "Replay") -> str:
    """The result of a replay as text: whether the answer still holds, and what has changed."""
    verdict = "Unchanged" if given.unchanged else "Changed"
    parts = [f"{verdict} since {dates.in_words(given.made_on)}: {one_line(given.question)}"]
    parts.append("\n".join(f"  {line}" for line in _replay_findings(given)))
    affected = [quote for quote in given.quotations if quote.state != "same" or quote.entry_edited]
    if affected:
        lines = [f"  [{quote.number}] {quote.entry_id}: {_quotation_state(quote)}" for quote in affected]
        parts.append("Quotations:\n" + "\n".join(lines))
    if given.no_longer_found:
        parts.append("No longer in the catalogue:\n" + "\n".join(f"  {name}" for name in given.no_longer_found))
    if given.no_longer_cited:
        parts.append("No longer cited:\n" + "\n".join(f"  {name}" for name in given.no_longer_cited))
    if given.newer:
        lines = [
            f"  {one_line(entry.title)} ({dates.in_words(entry.date) if entry.date else 'no date'})  {entry.entry_id}"
            + (", cited now" if entry.cited else "")
            for entry in given.newer
        ]
        parts.append("Found now but not then:\n" + "\n".join(lines))
    return "\n\n".join(parts)


def _replay_findings(given: "Replay") -> Iterator[str]:
    yield "the catalogue is the same" if given.same_catalogue else "the catalogue has changed"
    yield "program and embedder are the same" if given.same_engine else "program or embedder has changed"
    if given.cited_then != given.cited_now or given.no_longer_cited:
        no_longer = f", {len(given.no_longer_cited):,} of them no longer" if given.no_longer_cited else ""
        yield f"it cited {given.cited_then:,} entries then{no_longer}, and cites {given.cited_now:,} now"
    yield "the answer is the same, byte for byte" if given.same_answer else f"the answer has changed ({given.status})"


def _quotation_state(quote: "Checked") -> str:
    if quote.state == "same":
        return "unchanged, but another part of the entry was edited"
    if quote.state == "moved":
        return f"the quoted text is now in {quote.now}"
    if quote.state == "deleted":
        return "the entry was deleted"
    return f"the entry no longer contains the quoted text ({quote.field} was edited)"


def _filled(line: str) -> str:
    return textwrap.fill(line, WIDTH, subsequent_indent="  " if line.startswith("- ") else "")


def _plain(markdown: str) -> str:
    """Remove the backslash escapes from Markdown that this program wrote."""
    out, escaped = [], False
    for character in markdown:
        if character == "\\" and not escaped:
            escaped = True
            continue
        out.append(character)
        escaped = False
    return "".join(out)


def results(entries: Sequence[Mapping[str, Any]]) -> str:
    """A list of entries with id, title, date and reason."""
    if not entries:
        return "nothing found"
    lines = []
    for row in entries:
        when = dates.in_words(row["date"]) if row.get("date") else row["kind"]
        why = f"  ({row['why']})" if row.get("why") else ""
        lines.append(f"{row['entry_id']}\n    {one_line(row['title'])} · {when}{why}")
    return "\n".join(lines)


def figures(values: Mapping[str, Any], indent: str = "") -> str:
    """Measured figures, one per line, with their 95 % intervals. Only --json has the details."""
    lines = []
    for name, value in values.items():
        if name == "judged":
            lines.append(f"{indent}judged as {value['condition']}")
            lines += [
                f"{indent}  {row['figure']:<20} {row['value']} {row['verdict']} (baseline: {row['kept']})"
                for row in value["figures"]
            ]
        elif isinstance(value, Mapping):
            lines += [f"{indent}{name}", figures(value, indent + "  ")]
        elif name != "details" and not name.endswith("_95"):
            bounds = values.get(f"{name}_95")
            lines.append(f"{indent}{name:<20} {value}" + (f"  ({bounds[0]} to {bounds[1]})" if bounds else ""))
    return "\n".join(lines)


def table(rows: Sequence[Mapping[str, str]]) -> str:
    """Rows with the same keys as a table. The keys are the headings."""
    names = list(rows[0]) if rows else []
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in names}
    lines = ["  ".join(name.ljust(widths[name]) for name in names).rstrip()]
    lines += ["  ".join(row[name].ljust(widths[name]) for name in names).rstrip() for row in rows]
    return "\n".join(lines)
