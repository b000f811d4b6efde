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

from assistant.answer import Answer, Brief
from index import dates
from index.catalogue import Problem
from index.errors import StorageError
from ui.chat import brief_text

from .control_characters import clean, escaped, one_line

if TYPE_CHECKING:
    # Only their types are needed here, and behind them stand libraries that take a second to import.
    from assistant.export.replay import Checked, Replay
    from index.build import Report

WIDTH = 100
SHOWN = 10
"""Problems printed one by one; the rest are counted."""


def show(text: str) -> None:
    """A result on standard output, cleaned: files and readers' words are in it.

    Raises:
        SystemExit: the reader has seen enough (`almanac … | head`).
        StorageError: standard output is a file on a full disk.
    """
    if sys.stdout is None:  # closed by who called us: nobody wants the result
        return
    try:
        sys.stdout.write(f"{clean(text)}\n")
        sys.stdout.flush()
    except OSError as error:
        # Python flushes once more when it ends, and would complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise SystemExit(0) from None
        raise StorageError(f"cannot write the result: {error.strerror or error}") from error


def in_json(value: object) -> str:
    """A result for programs."""
    return escaped(json.dumps(value, ensure_ascii=False, indent=2))


def say(text: str) -> None:
    """A remark on standard error, cleaned."""
    sys.stderr.write(f"{clean(text)}\n")


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
                rows[step] = bar.add_task(one_line(step), total=total)
            bar.update(rows[step], completed=done, total=total)

        yield report


def answer(given: Answer) -> str:
    """An answer for reading: the text, then the sources with their numbers, then what is related."""
    parts = []
    if given.searched_for.strip() != given.question.strip():
        parts.append(f"(searched for: {given.searched_for})")
    if given.status != "answered":
        # Without anything near, nothing was searched for: a greeting, or a question that needs a name first.
        parts.append(f"{'Not in the catalogue. ' if given.nearest else ''}{given.reason or ''}".strip())
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
    """A paragraph on lines of even length; a heading of a summary underlined."""
    if part.startswith("### "):
        heading = _plain(part.removeprefix("### "))
        return f"{heading}\n{'-' * len(heading)}"
    return "\n".join(map(_filled, _plain(part).split("\n")))


def _framed(given: Answer, brief: Brief) -> list[str]:
    """What a summary was chosen from, what is later than it says, and what it leaves open."""
    parts = [brief_text.counts(given, brief)]
    if brief.later:
        lines = [f"  [{one.number}] {brief_text.SAYS[one.says]}: {brief_text.dated(one)}" for one in brief.later]
        quotes = [
            textwrap.indent(textwrap.fill(f"“{' '.join(one.quote.split())}”", WIDTH - 6), " " * 6)
            for one in brief.later
        ]
        parts.append("Later:\n" + "\n".join(f"{line}\n{quote}" for line, quote in zip(lines, quotes, strict=True)))
    if brief.open_points:
        parts.append("Open:\n" + "\n".join(f"  {point.about}: {point.why}" for point in brief.open_points))
    return parts


def replayed(given: "Replay") -> str:
    """What a receipt is worth today, for reading."""
    verdict = "Unchanged" if given.unchanged else "Changed"
    parts = [f"{verdict} since {dates.in_words(given.made_on)}: {one_line(given.question)}"]
    parts.append("\n".join(f"  {line}" for line in _compared(given)))
    touched = [one for one in given.quotations if one.state != "same" or one.entry_edited]
    if touched:
        parts.append("Quotations:\n" + "\n".join(f"  [{one.number}] {one.entry_id}: {_state(one)}" for one in touched))
    if given.no_longer_found:
        parts.append("No longer in the catalogue:\n" + "\n".join(f"  {name}" for name in given.no_longer_found))
    if given.no_longer_cited:
        parts.append("No longer cited:\n" + "\n".join(f"  {name}" for name in given.no_longer_cited))
    if given.newer:
        lines = [
            f"  {one_line(one.title)} ({dates.in_words(one.date) if one.date else 'no date'})  {one.entry_id}"
            + (", cited now" if one.cited else "")
            for one in given.newer
        ]
        parts.append("Found now and not then:\n" + "\n".join(lines))
    return "\n\n".join(parts)


def _compared(given: "Replay") -> Iterator[str]:
    yield "the catalogue is the same" if given.same_catalogue else "the catalogue has changed"
    yield "program and embedder are the same" if given.same_engine else "program or embedder is another one"
    if given.cited_then != given.cited_now or given.no_longer_cited:
        no_longer = f", {len(given.no_longer_cited):,} of them no longer" if given.no_longer_cited else ""
        yield f"it cited {given.cited_then:,} entries then{no_longer}, and cites {given.cited_now:,} now"
    yield "the answer is the same to the byte" if given.same_answer else f"the answer is another one ({given.status})"


def _state(one: "Checked") -> str:
    if one.state == "same":
        return "as quoted; elsewhere the entry was edited"
    if one.state == "moved":
        return f"the words now stand in {one.now}"
    return "the entry is gone" if one.state == "deleted" else f"the words are no longer in it ({one.field} was edited)"


def _filled(line: str) -> str:
    return textwrap.fill(line, WIDTH, subsequent_indent="  " if line.startswith("- ") else "")


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
        lines.append(f"{row['entry_id']}\n    {one_line(row['title'])} · {when}{why}")
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
