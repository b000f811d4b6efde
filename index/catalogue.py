"""The catalogue: entries read from JSON Lines and written back, found by id, with their links and a content hash."""

import codecs
import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from . import aliases, dates
from .aliases import Aliases
from .errors import CatalogueError
from .files import write_atomically
from .models import ENTRY, AnyEntry

STARTER = "starter"
"""The name of the catalogue that ships with the package."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem in a catalogue: `place` is `FILE:LINE` or an entry's id, `field` may be empty."""

    place: str
    field: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.place, self.field, self.message) if part)


@dataclass(frozen=True)
class Catalogue:
    """Entries in file order; `problems` lists what was left out, `warnings` what looks wrong in the rest."""

    entries: tuple[AnyEntry, ...]
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    aliases: Aliases = field(default_factory=dict, hash=False)
    """The other names of organisations, from the file `aliases.json`."""
    by_id: dict[str, AnyEntry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Map ids to entries; ids are unique because `read` leaves repeated ones out."""
        object.__setattr__(self, "by_id", {entry.id: entry for entry in self.entries})

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the entries' canonical JSON, sorted by id, and of the aliases: equal content gives an equal hash."""
        digest = hashlib.sha256()
        for entry in sorted(self.entries, key=lambda entry: entry.id):
            digest.update(json.dumps(_plain(entry), sort_keys=True, ensure_ascii=True).encode("ascii"))
            digest.update(b"\n")
        if self.aliases:
            digest.update(
                json.dumps({name: sorted(self.aliases[name]) for name in sorted(self.aliases)}).encode("ascii")
            )
        return digest.hexdigest()

    @cached_property
    def organisation_of(self) -> dict[str, str]:
        """By name, the organisation that it stands for: each organisation of an entry, then each alias of one."""
        own = dict.fromkeys(name for entry in self.entries for name in entry.organisations)
        return {name: name for name in own} | {other: name for name in own for other in self.aliases.get(name, ())}

    @cached_property
    def moved(self) -> dict[str, str]:
        """The present id of each renamed entry, by its former ids. An id that an entry has now is not in it."""
        return {former: entry.id for entry in self.entries for former in entry.former_ids if former not in self.by_id}

    def find(self, name: str) -> AnyEntry | None:
        """The entry with an id, which may be a former one; None if there is none."""
        return self.by_id.get(name) or self.by_id.get(self.moved.get(name, ""))

    def present_id(self, name: str) -> str:
        """The id that an entry has now, by any of its ids; an id that no entry has is returned as it is."""
        return name if name in self.by_id else self.moved.get(name, name)

    @cached_property
    def as_of(self) -> str | None:
        """The latest date of an event, which is how far the catalogue reaches; None without dated events."""
        return max((entry.date for entry in self.entries if entry.kind == "event" and entry.date), default=None)

    @cached_property
    def links(self) -> dict[str, tuple[str, ...]]:
        """The neighbours of each entry: the entries that it links to, then those that link to it."""
        neighbours: dict[str, dict[str, None]] = {
            entry.id: dict.fromkeys(other for other in entry.links if other in self.by_id) for entry in self.entries
        }
        for entry in self.entries:
            for other in entry.links:
                if other in neighbours:
                    neighbours[other].setdefault(entry.id)
        return {entry_id: tuple(others) for entry_id, others in neighbours.items()}


def _plain(entry: AnyEntry) -> dict[str, object]:
    return entry.model_dump(mode="json", exclude_defaults=True) | {"kind": entry.kind}


def to_line(entry: AnyEntry) -> str:
    """An entry as one line of JSON without the newline; fields with default values are left out."""
    return json.dumps(_plain(entry), ensure_ascii=False)


def read(lines: Iterable[tuple[str, bytes]]) -> Catalogue:
    """Read JSON Lines, given as pairs of `FILE:LINE` and bytes; invalid lines are left out and reported."""
    entries: dict[str, AnyEntry] = {}
    problems: list[Problem] = []
    for place, line in lines:
        raw = line.removeprefix(codecs.BOM_UTF8).strip()
        if not raw:
            continue
        try:
            entry = ENTRY.validate_python(_parse(raw))
            _check_writable(entry)
        except ValidationError as error:
            problems.extend(problems_of(place, error))
        except ValueError as error:
            problems.append(Problem(place, "", str(error)))
        else:
            if entry.id in entries:
                problems.append(Problem(place, "id", f"an earlier entry has the id {entry.id!r}"))
            else:
                entries[entry.id] = entry
    valid = tuple(entries.values())
    return Catalogue(valid, tuple(problems), tuple(_warnings(valid)))


def _parse(raw: bytes) -> object:
    try:
        value: object = json.loads(
            raw.decode("utf-8"), parse_constant=_no_number, parse_float=_finite, parse_int=_whole
        )
        # A lone surrogate, written as \\udXXX, can be parsed but neither shown nor stored.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start + 1}; save the file as UTF-8") from None
    except UnicodeEncodeError:
        raise ValueError("has a lone surrogate (half of a character); remove it") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg.removesuffix(' at')} at column {error.colno}") from None
    if not isinstance(value, dict):
        raise ValueError("an entry must be a JSON object")  # noqa: TRY004 -- the caller reports ValueErrors
    return value


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number in JSON")


def _finite(text: str) -> float:
    # Python parses "1e999" as infinity, which JSON cannot represent.
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text[:20]} is too large a number")
    return value


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:  # Python parses at most 4,300 digits
        raise ValueError(f"a number with {len(text):,} digits is too large") from None


def _check_writable(entry: AnyEntry) -> None:
    try:
        to_line(entry)
    except ValueError:  # pydantic can write fewer levels than `json` can parse
        raise ValueError("nested too deeply") from None


def problems_of(place: str, error: ValidationError) -> Iterator[Problem]:
    """What is wrong with a record, in words for the owner of the catalogue."""
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        # pydantic puts the kind in front of each location, because it chooses the model; the file has no such level.
        location = [str(part) for part in detail["loc"]]
        if location and location[0] in {"event", "guide", "path"}:
            location = location[1:]
        message = detail["msg"].removeprefix("Value error, ").replace("a valid tuple", "a list")
        if detail["type"].startswith("union_tag"):
            message = "must be event, guide or path"
        yield Problem(place, ".".join(location) or "kind", message)


def _warnings(entries: tuple[AnyEntry, ...]) -> Iterator[Problem]:
    known = {entry.id for entry in entries}
    for entry in entries:
        if entry.kind == "event" and entry.date is None:
            yield Problem(
                entry.id, "date", "missing; without a date the event matches no date filter and comes last in lists"
            )
        for name in ("related_events", "related_guides", "steps"):
            # An entry whose kind lacks the field may have it as an unknown field of any shape.
            for other in getattr(entry, name) if name in type(entry).model_fields else ():
                if other not in known:
                    yield Problem(entry.id, name, f"no entry has the id {other!r}")


def load(path: Path) -> Catalogue:
    """Load the catalogue from a file of JSON Lines, or from all `*.jsonl` files of a folder.

    The aliases of organisations come from the file `aliases.json` in the same folder, if there is one.

    Raises:
        CatalogueError: a file is missing or unreadable, or the folder has no such file.
    """
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    if not files:
        raise CatalogueError(f"the folder {path} has no *.jsonl file")
    loaded = read(line for file in files for line in _lines(file))
    other_names = (path if path.is_dir() else path.parent) / aliases.FILE
    if not other_names.is_file():
        return loaded
    data = b"".join(line for _, line in _lines(other_names))
    known, faults = aliases.read(data, loaded.organisation_of)
    problems = tuple(Problem(aliases.FILE, name, message) for name, message in faults)
    return replace(loaded, aliases=known, problems=(*loaded.problems, *problems))


def load_starter() -> Catalogue:
    """Load the catalogue that ships with the package."""
    with resources.as_file(resources.files("index") / "starter") as folder:
        return load(folder)


def _lines(file: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with file.open("rb") as stream:
            yield from ((f"{file.name}:{number}", line) for number, line in enumerate(stream, start=1))
    except OSError as error:
        raise CatalogueError(f"cannot read {file}: {error.strerror or error}") from error


def save(path: Path, entries: Iterable[AnyEntry], other_names: Aliases | None = None) -> None:
    """Write a catalogue as JSON Lines; readers see either the old file or the complete new one.

    Args:
        path: The file of the entries.
        entries: The entries.
        other_names: Aliases of organisations, written to `aliases.json` beside the file; None or empty leaves that
            file as it is.

    Raises:
        StorageError: a file cannot be written; the old file is unchanged.
    """
    if other_names:
        write_atomically(path.with_name(aliases.FILE), json.dumps(other_names, ensure_ascii=False).encode("utf-8"))
    write_atomically(path, ("".join(to_line(entry) + "\n" for entry in entries)).encode("utf-8"))


def newest_first(entries: Sequence[AnyEntry]) -> list[AnyEntry]:
    """Entries sorted by date, newest first, undated ones last; equal dates are sorted by id."""
    dated = sorted((entry for entry in entries if entry.date), key=lambda entry: entry.id)
    dated.sort(key=lambda entry: dates.sort_key(entry.date), reverse=True)
    return [*dated, *sorted((entry for entry in entries if not entry.date), key=lambda entry: entry.id)]
