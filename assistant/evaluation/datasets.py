"""Reads the data of measurements: folders in the BEIR format, and task files (JSON Lines)."""

import gzip
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.answer import Turn
from index.errors import AlmanacError
from index.importers import ids

from . import patterns

Only = Mapping[str, Collection[str]]
"""Allowed values by field; a row is read if each of these fields has an allowed value."""


class EvaluationError(AlmanacError):
    """The data of a measurement cannot be used."""

    hint = "docs/measuring.md says what each measurement reads; `almanac eval --help` lists the options"


@dataclass(frozen=True, slots=True)
class Task:
    """One question of a measurement, with what is known about its answer."""

    id: str
    question: str
    history: tuple[Turn, ...] = ()
    gold: tuple[str, ...] = ()
    """Ids of the entries that may be cited."""
    must: tuple[str, ...] = ()
    """Regular expressions that the answer must match."""
    answerable: bool = True
    gold_all: tuple[str, ...] | None = None
    """For a list or a count: the ids of exactly the right entries."""
    total: int | None = None
    intent: str | None = None
    as_of: str | None = None
    """The day on which the question is asked."""
    lead: str | None = None
    """A regular expression that the first sentence of the answer must match."""
    never: tuple[str, ...] = ()
    """Regular expressions that the answer must not match."""
    most: int | None = None
    """Maximum number of quoted sentences."""


def rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Read the objects of a JSON Lines file, gzipped or not; yield each with its place, `FILE:LINE`.

    Raises:
        EvaluationError: the file cannot be read, or a line is not a JSON object.
    """
    for place, line in _lines(path):
        try:
            value = json.loads(line)
        except ValueError as error:
            raise EvaluationError(f"{place}: not JSON: {error}") from error
        if not isinstance(value, dict):
            raise EvaluationError(f"{place}: not a JSON object")
        yield place, value


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as stream:
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    yield f"{path.name}:{number}", line
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise EvaluationError(f"cannot read {path}: {error}") from error


def find(folder: Path, name: str) -> Path:
    """Find a file: `name` or `name.gz` in a folder, or `name` as a path.

    Raises:
        EvaluationError: there is no such file.
    """
    for path in (folder / name, folder / f"{name}.gz", Path(name)):
        if path.is_file():
            return path
    raise EvaluationError(f"there is no {name} in {folder}")


def queries(path: Path) -> dict[str, str]:
    """Read question texts by id, without the mark of a speaker at their start."""
    return {str(row["_id"]): str(row.get("text", "")).replace("|user|:", "").strip() for _, row in rows(path)}


def judgements(path: Path) -> dict[str, dict[str, int]]:
    """Read grades by query id and entry id, from a TSV file with a header: query, document, grade."""
    grades: dict[str, dict[str, int]] = {}
    for number, (place, line) in enumerate(_lines(path)):
        if number == 0:
            continue
        try:
            query, document, grade = line.rstrip("\r\n").split("\t")[:3]
            if int(grade) > 0:
                grades.setdefault(query, {})[ids.of_foreign(document)] = int(grade)
        except ValueError as error:
            raise EvaluationError(
                f"{place}: a line needs a query, a document and a grade, separated by tabs"
            ) from error
    return grades


def tasks(path: Path, *, only: Only | None = None) -> list[Task]:
    """Read the tasks of a file.

    `history` is a list of turns: the text of a user's turn, or an object with `role` and `content`. A row with `_id` and a
    `text` whose lines start with "|user|:" is a conversation as well; its last line is the question.

    Args:
        path: A JSON Lines file, gzipped or not.
        only: Read only the rows with these values.

    Raises:
        EvaluationError: the file cannot be read, has a row that is not a task, or has no task.
    """
    result = [
        _task(row, place)
        for place, row in rows(path)
        if all(str(row.get(field)) in values for field, values in (only or {}).items())
    ]
    if not result:
        raise EvaluationError(f"{path} has no task{' with these values' if only else ''}")
    return result


def _task(row: Mapping[str, Any], place: str) -> Task:
    history, question = row.get("history", ()), row.get("question")
    if question is None and "_id" in row:
        *history, question = [part.strip() for part in str(row.get("text", "")).split("|user|:") if part.strip()]
    if not isinstance(question, str):
        raise EvaluationError(f"{place}: a task needs a question")
    answerable = row.get("answerable", row.get("answerability", True))
    gold_all = row.get("gold_all")
    return Task(
        str(row.get("id", row.get("_id", place))),
        question,
        tuple(turn(value, place) for value in history),
        tuple(map(str, row.get("gold") or gold_all or ())),
        _patterns(row, "must", place, or_text=True),
        answerable if isinstance(answerable, bool) else str(answerable).upper() in {"TRUE", "ANSWERABLE"},
        tuple(map(str, gold_all)) if gold_all is not None else None,
        row.get("total"),
        row.get("intent"),
        row.get("as_of"),
        lead=_lead(row, place),
        never=_patterns(row, "never", place),
        most=_most(row, place),
    )


def _lead(row: Mapping[str, Any], place: str) -> str | None:
    lead = row.get("lead")
    if lead is None:
        return None
    if not isinstance(lead, str):
        raise EvaluationError(
            f"{place}: lead: not a text",
            hint='lead is one regular expression, such as "lead": "2012|AlexNet"; | separates alternatives',
        )
    _check(lead, f"{place}: lead")
    return lead


def _patterns(row: Mapping[str, Any], field: str, place: str, *, or_text: bool = False) -> tuple[str, ...]:
    values = row.get(field)
    if values is None:
        return ()
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise EvaluationError(
            f"{place}: {field}: not a list of texts",
            hint=f'{field} is a list of regular expressions, such as "{field}": ["first", "second"]',
        )
    for value in values:
        _check(value, f"{place}: {field}", or_text=or_text)
    return tuple(values)


def _check(pattern: str, where: str, *, or_text: bool = False) -> None:
    mistake = patterns.mistake(pattern, or_text=or_text)
    if mistake is not None:
        raise EvaluationError(f"{where}: {mistake.message}", hint=mistake.hint)


def _most(row: Mapping[str, Any], place: str) -> int | None:
    most = row.get("most")
    if most is None or (isinstance(most, int) and not isinstance(most, bool) and most >= 0):
        return most
    raise EvaluationError(
        f"{place}: most: not a whole number from 0 on",
        hint='most is the largest number of quoted sentences, such as "most": 2',
    )


def turn(value: object, place: str) -> Turn:
    """Parse one turn of a conversation: the text of a user's turn, or an object with `role` and `content`.

    Raises:
        EvaluationError: it is neither.
    """
    if isinstance(value, str):
        return Turn("user", value)
    if isinstance(value, dict):
        role = str(value.get("role", value.get("speaker", "user")))
        content = value.get("content", value.get("text"))
        if isinstance(content, str):
            return Turn("user" if role == "user" else "assistant", content)
    raise EvaluationError(f"{place}: a turn is text, or an object with role and content")
