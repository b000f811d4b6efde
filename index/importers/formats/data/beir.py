"""A BEIR folder: each document of `corpus.jsonl` becomes an event."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from index import catalogue
from index.catalogue import Problem
from index.errors import ImportSourceError
from index.importers.ids import of_foreign
from index.importers.source import Imported, Source
from index.importers.visibility import hidden_reason
from index.models import ENTRY

NAME = "beir"
ABOUT = "a BEIR folder with corpus.jsonl or corpus.jsonl.gz (_id, title, text)"
_FILES = ("corpus.jsonl", "corpus.jsonl.gz")
_NEEDED = {"id", "kind", "title", "summary"}
_TAKEN = {"id", "kind", "summary"}
_TITLE_WORDS = 12


def fits(source: Source) -> bool:
    """Whether the first record of the corpus has an `_id`."""
    corpus = _corpus(source)
    if corpus is None:
        return False
    first = _object(next(line for _, line in corpus.lines() if line.strip()))
    return first is not None and "_id" in first and "kind" not in first


def read(source: Source) -> Imported:
    """Import every document. Documents without an id or text, and fields with invalid values, are skipped and reported.

    Raises:
        ImportSourceError: If the folder has no corpus.
    """
    corpus = _corpus(source)
    if corpus is None:
        raise ImportSourceError(f"{source.name} contains no {' or '.join(_FILES)}")
    odd: list[Problem] = []
    warnings: list[Problem] = []
    held = catalogue.read(_records(corpus, odd, warnings))
    guessed = sum(1 for entry in held.entries if entry.title == _first_words(getattr(entry, "summary", "")))
    if guessed:
        message = f"{guessed:,} entries have none and are called by the first words of their text"
        warnings.append(Problem(NAME, "title", message))
    return Imported(held.entries, (*odd, *held.problems), NAME, warnings=tuple(warnings))


def _corpus(source: Source) -> Source | None:
    if source.folder is None:
        return source
    paths = (source.folder / name for name in _FILES)
    return next((Source.file(path) for path in paths if path.is_file()), None)


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _records(corpus: Source, odd: list[Problem], warnings: list[Problem]) -> Iterator[tuple[str, bytes]]:
    """Yield the documents as lines in the catalogue's format.

    A line that is not a JSON object is passed on unchanged, because the catalogue's reader reports it.
    """
    for place, line in corpus.short_lines(odd):
        document = _object(line)
        if document is None:
            yield place, line
        elif problem := _unusable(document):
            odd.append(Problem(place, *problem))
        elif reason := hidden_reason(document):
            odd.append(Problem(place, "", reason))
        else:
            warnings += [
                Problem(place, name, "left out: the event has its own") for name in sorted(_TAKEN & document.keys())
            ]
            record = _event(document)
            for name, message in _misfits(record).items():
                warnings.append(Problem(place, name, f"left out: {message}"))
                del record[name]
            yield place, json.dumps(record).encode("ascii")


def _unusable(document: dict[str, Any]) -> tuple[str, str] | None:
    foreign = document.get("_id")
    if isinstance(foreign, bool) or not isinstance(foreign, str | int) or foreign == "":
        return "_id", "a document needs an id: text or a whole number"
    for name in ("title", "text"):
        if not isinstance(document.get(name) or "", str):
            return name, "must be text"
    if not f"{document.get('title') or ''}{document.get('text') or ''}".strip():
        return "text", "must hold some text"
    return None


def _event(document: dict[str, Any]) -> dict[str, Any]:
    foreign, text = str(document["_id"]), document.get("text") or ""
    rest = {name: value for name, value in document.items() if name not in {"_id", "text"} | _TAKEN}
    return rest | {
        "id": of_foreign(foreign),
        "kind": "event",
        "title": (document.get("title") or "").strip() or _first_words(text),
        "summary": text,
    }


def _first_words(text: str) -> str:
    words = text.split()
    title = " ".join(words[:_TITLE_WORDS])[:120].rstrip()
    return title if len(title) == len(" ".join(words)) else f"{title} …"


def _misfits(record: dict[str, Any]) -> dict[str, str]:
    """Return the optional fields whose values are invalid, each with the reason."""
    try:
        ENTRY.validate_python(record)
    except ValidationError as error:
        errors = ((str(detail["loc"][1]), detail["msg"]) for detail in error.errors() if len(detail["loc"]) > 1)
        return {name: message.removeprefix("Value error, ") for name, message in errors if name not in _NEEDED}
    return {}
