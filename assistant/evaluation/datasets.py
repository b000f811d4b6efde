"""Data to measure on, from outside: BEIR folders and task files, as `contracts.md` section 6 lays them down."""

import gzip
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.answer import Turn
from index.errors import AlmanacError
from index.importers import ids

Only = Mapping[str, Collection[str]]
"""Values by field; rows that have none of them are left out."""


class EvaluationError(AlmanacError):
    """Data that cannot be measured on."""

    hint = "contracts.md, section 6, says what each measurement reads; `almanac eval --help` names the options"


@dataclass(frozen=True, slots=True)
class Task:
    """One question to measure with; what it lacks is empty."""

    id: str
    question: str
    history: tuple[Turn, ...] = ()
    gold: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    answerable: bool = True
    gold_all: tuple[str, ...] | None = None
    """For a list or a count: every entry that is right, and no other."""
    total: int | None = None
    intent: str | None = None
    as_of: str | None = None
    """The day on which the question is asked."""


def rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of a JSON Lines file, gzipped or not, each with `FILE:LINE`.

    Raises:
        EvaluationError: the file cannot be read, or a line is no JSON object.
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
    """`name` or `name.gz` in a folder, or the path itself where it is one.

    Raises:
        EvaluationError: neither is there.
    """
    for path in (folder / name, folder / f"{name}.gz", Path(name)):
        if path.is_file():
            return path
    raise EvaluationError(f"there is no {name} in {folder}")


def queries(path: Path) -> dict[str, str]:
    """Question texts by id; a speaker's mark in front of a text is taken off."""
    return {str(row["_id"]): str(row.get("text", "")).replace("|user|:", "").strip() for _, row in rows(path)}


def judgements(path: Path) -> dict[str, dict[str, int]]:
    """Grades by query and entry id, from a TSV with a header: query, document, grade."""
    found: dict[str, dict[str, int]] = {}
    for number, (place, line) in enumerate(_lines(path)):
        if number == 0:
            continue
        try:
            query, document, grade = line.rstrip("\r\n").split("\t")[:3]
            if int(grade) > 0:
                found.setdefault(query, {})[ids.of_foreign(document)] = int(grade)
        except ValueError as error:
            raise EvaluationError(f"{place}: not query, document and grade with tabs between") from error
    return found


def tasks(path: Path, *, only: Only | None = None) -> list[Task]:
    """Tasks of a file; `history` may be earlier user turns as text, or whole turns as {role, content}.

    A row of `_id` and `text` whose lines begin with "|user|:" is a conversation too: its last line is the question.

    Args:
        path: A file of JSON Lines, gzipped or not.
        only: Keep the rows that have one of these values in these fields.
    """
    found = []
    for place, row in rows(path):
        if any(str(row.get(field)) not in values for field, values in (only or {}).items()):
            continue
        history, question = row.get("history", ()), row.get("question")
        if question is None and "_id" in row:
            *history, question = [part.strip() for part in str(row.get("text", "")).split("|user|:") if part.strip()]
        if not isinstance(question, str):
            raise EvaluationError(f"{place}: a task needs a question")
        answerable = row.get("answerable", row.get("answerability", True))
        gold_all, total = row.get("gold_all"), row.get("total")
        found.append(
            Task(
                str(row.get("id", row.get("_id", place))),
                question,
                tuple(turn(value, place) for value in history),
                tuple(map(str, row.get("gold") or gold_all or ())),
                tuple(map(str, row.get("must", ()))),
                answerable if isinstance(answerable, bool) else str(answerable).upper() in {"TRUE", "ANSWERABLE"},
                tuple(map(str, gold_all)) if gold_all is not None else None,
                total,
                row.get("intent"),
                row.get("as_of"),
            )
        )
    if not found:
        raise EvaluationError(f"{path} holds no task{' of those asked for' if only else ''}")
    return found


def turn(value: object, place: str) -> Turn:
    """One turn of a conversation: text is a user's; an object has `role` and `content`.

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
