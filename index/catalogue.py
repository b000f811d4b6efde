"""The catalogue: entries read from JSON Lines and written back, found by id, with their links and a content hash."""

import codecs
import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from . import dates
from .errors import CatalogueError
from .files import write_atomically
from .models import ENTRY, AnyEntry

STARTER = "starter"
"""The name that stands for the catalogue that ships with the package."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a catalogue: `place` is `FILE:LINE`, `field` may be empty."""

    place: str
    field: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.place, self.field, self.message) if part)


@dataclass(frozen=True)
class Catalogue:
    """Entries in file order, with what was left out (`problems`) and what looks odd (`warnings`)."""

    entries: tuple[AnyEntry, ...]
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    by_id: dict[str, AnyEntry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the entries by id; ids are unique because `read` leaves repeats out."""
        object.__setattr__(self, "by_id", {entry.id: entry for entry in self.entries})

    @cached_property
    def hash(self) -> str:
        """SHA-256 over the entries' canonical JSON in order of id: the same content, the same hash."""
        digest = hashlib.sha256()
        for entry in sorted(self.entries, key=lambda entry: entry.id):
            digest.update(json.dumps(_plain(entry), sort_keys=True, ensure_ascii=True).encode("ascii"))
            digest.update(b"\n")
        return digest.hexdigest()

    @cached_property
    def as_of(self) -> str | None:
        """The latest date that an event bears: how far the catalogue reaches."""
        return max((entry.date for entry in self.entries if entry.kind == "event" and entry.date), default=None)

    @cached_property
    def links(self) -> dict[str, tuple[str, ...]]:
        """The neighbours of each entry, both ways: its own links first, then those that name it."""
        found: dict[str, dict[str, None]] = {
            entry.id: dict.fromkeys(other for other in entry.links if other in self.by_id) for entry in self.entries
        }
        for entry in self.entries:
            for other in entry.links:
                if other in found:
                    found[other].setdefault(entry.id)
        return {name: tuple(others) for name, others in found.items()}


def _plain(entry: AnyEntry) -> dict[str, object]:
    return entry.model_dump(mode="json", exclude_defaults=True) | {"kind": entry.kind}


def to_line(entry: AnyEntry) -> str:
    """One entry as one line of JSON, without the newline; defaults are left out."""
    return json.dumps(_plain(entry), ensure_ascii=False)


def read(lines: Iterable[tuple[str, bytes]]) -> Catalogue:
    """Read JSON Lines given as (`FILE:LINE`, bytes); what does not fit is reported and left out."""
    entries: dict[str, AnyEntry] = {}
    problems: list[Problem] = []
    for place, line in lines:
        raw = line.removeprefix(codecs.BOM_UTF8).strip()
        if not raw:
            continue
        try:
            entry = ENTRY.validate_python(_parse(raw))
            _writable(entry)
        except ValidationError as error:
            problems.extend(_problems(place, error))
        except ValueError as error:
            problems.append(Problem(place, "", str(error)))
        else:
            if entry.id in entries:
                problems.append(Problem(place, "id", f"{entry.id!r} stands in the catalogue already"))
            else:
                entries[entry.id] = entry
    kept = tuple(entries.values())
    return Catalogue(kept, tuple(problems), tuple(_warnings(kept)))


def _parse(raw: bytes) -> object:
    try:
        value: object = json.loads(
            raw.decode("utf-8"), parse_constant=_no_number, parse_float=_finite, parse_int=_whole
        )
        # A lone surrogate written as \\udXXX parses, but is no character: it could not be shown or stored.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise ValueError("nested too deeply to be an entry") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start + 1}; save the file as UTF-8") from None
    except UnicodeEncodeError:
        raise ValueError("holds half of a character pair (a lone surrogate)") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg.removesuffix(' at')} at column {error.colno}") from None
    if not isinstance(value, dict):
        raise ValueError("an entry is a JSON object")  # noqa: TRY004 -- a report, not a crash
    return value


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    # "1e999" reads as infinity, which JSON cannot write back.
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text[:20]} is too large a number")
    return value


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:  # Python reads at most 4,300 digits
        raise ValueError(f"a number of {len(text):,} digits is too large") from None


def _writable(entry: AnyEntry) -> None:
    try:
        to_line(entry)
    except ValueError:  # pydantic writes fewer levels than JSON reads
        raise ValueError("nested too deeply to be an entry") from None


def _problems(place: str, error: ValidationError) -> Iterator[Problem]:
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        # The discriminator puts the kind in front of each address; the reader wrote no such level.
        address = [str(part) for part in detail["loc"]]
        if address and address[0] in {"event", "guide", "path"}:
            address = address[1:]
        message = detail["msg"].removeprefix("Value error, ").replace("a valid tuple", "a list")
        if detail["type"].startswith("union_tag"):
            message = "must be event, guide or path"
        yield Problem(place, ".".join(address) or "kind", message)


def _warnings(entries: tuple[AnyEntry, ...]) -> Iterator[Problem]:
    known = {entry.id for entry in entries}
    for entry in entries:
        if entry.kind == "event" and entry.date is None:
            yield Problem(entry.id, "date", "missing: the event matches no date filter and sorts last")
        for name in ("related_events", "related_guides", "steps"):
            # A kind that has no such field may bear it as an unknown one, of any shape.
            for other in getattr(entry, name) if name in type(entry).model_fields else ():
                if other not in known:
                    yield Problem(entry.id, name, f"no entry has the id {other!r}")


def load(path: Path) -> Catalogue:
    """The catalogue in a file of JSON Lines, or in all `*.jsonl` of a folder.

    Raises:
        CatalogueError: nothing is there, or it cannot be read.
    """
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    if not files:
        raise CatalogueError(f"{path} holds no *.jsonl file")
    return read(line for file in files for line in _lines(file))


def load_starter() -> Catalogue:
    """The catalogue that ships with the package."""
    with resources.as_file(resources.files("index") / "starter") as folder:
        return load(folder)


def _lines(file: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with file.open("rb") as stream:
            yield from ((f"{file.name}:{number}", line) for number, line in enumerate(stream, start=1))
    except OSError as error:
        raise CatalogueError(f"cannot read {file}: {error.strerror or error}") from error


def save(path: Path, entries: Iterable[AnyEntry]) -> None:
    """Write a catalogue so that a reader sees either the old file or the whole new one.

    Raises:
        StorageError: the disk refused; the old file is as it was.
    """
    write_atomically(path, ("".join(to_line(entry) + "\n" for entry in entries)).encode("utf-8"))


def newest_first(entries: Sequence[AnyEntry]) -> list[AnyEntry]:
    """Entries by date, the latest first, those without a date last; ties by id."""
    dated = sorted((entry for entry in entries if entry.date), key=lambda entry: entry.id)
    dated.sort(key=lambda entry: dates.sort_key(entry.date), reverse=True)
    return [*dated, *sorted((entry for entry in entries if not entry.date), key=lambda entry: entry.id)]
