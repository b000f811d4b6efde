"""Bringing the catalogue up to its sources: what is new is fetched, read and merged, source by source.

DATA/sync.json      what each server gave to ask later whether something changed
DATA/sync.lock      held while a sync runs

After each source the catalogue is written first and what is remembered of the source second, each by one rename. A
sync that is killed in between asks that source again, and finds all the same.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError

from assistant.settings.settings import FILE, Settings
from assistant.settings.sources import SourceSettings
from index import catalogue as catalogues
from index import files, importers
from index.catalogue import Catalogue, Problem
from index.errors import AlmanacError, CatalogueBusyError, ImportSourceError, SettingsError, StorageError
from index.fetching.fetch import NO_VALIDATORS, Fetcher, Validators
from index.importers.mapping import FIELDS
from index.importers.remote import open_address
from index.importers.target import read_target, writing

from . import __version__

log = logging.getLogger(__name__)
Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one source; `unchanged` says that its server had nothing new."""

    name: str
    address: str
    status: Literal["read", "unchanged", "failed"]
    new: int = 0
    changed: int = 0
    same: int = 0
    problems: tuple[Problem, ...] = ()
    """What was left out of the catalogue."""
    warnings: tuple[Problem, ...] = ()
    error: str | None = None
    hint: str | None = None

    def as_dict(self) -> dict[str, object]:
        """As JSON has it."""
        return asdict(self) | {
            "left_out": len(self.problems),
            "problems": [str(problem) for problem in self.problems],
            "warnings": [str(problem) for problem in self.warnings],
        }


class _Remembered(BaseModel):
    """What is known of a source from last time."""

    fingerprint: str
    etag: str | None = None
    last_modified: str | None = None
    read_at: str


class _Memory(BaseModel):
    """The file `sync.json`."""

    sources: dict[str, _Remembered] = {}

    @classmethod
    def read(cls, file: Path) -> "_Memory":
        try:
            return cls.model_validate_json(file.read_bytes())
        except FileNotFoundError:
            return cls()
        except (OSError, ValidationError) as error:
            # It only saves work: without it every source is asked for all it has.
            log.warning("%s cannot be read and is begun anew: %s", file, error)
            return cls()

    def write(self, file: Path) -> None:
        files.write_atomically(file, json.dumps(self.model_dump(mode="json"), indent=1).encode())


@dataclass(slots=True)
class _Target:
    """The catalogue file; a dry run merges in memory alone, so that what it says of later sources is true."""

    settings: Settings
    dry: Catalogue | None = None

    def merge(self, imported: importers.Imported) -> importers.Merged:
        """Put entries in; the file is written where something changed."""
        if self.dry is not None:
            merged = importers.merge_imported(self.dry, imported)
            self.dry = Catalogue(merged.entries)
            return merged
        with writing(self.settings.data):
            files.clear_parts(self.settings.catalogue_file)
            merged = importers.merge_imported(read_target(self.settings.catalogue_file), imported)
            if merged.added or merged.changed:
                catalogues.save(self.settings.catalogue_file, merged.entries)
        return merged


@dataclass(slots=True)
class _Reading:
    """One source, read: None where it has not changed; what to remember of it."""

    imported: importers.Imported | None
    validators: Validators = field(default_factory=Validators)


def check(settings: Settings) -> None:
    """Whether there is something to sync, and a file to sync into.

    Raises:
        SettingsError: no source is listed, or the catalogue is a folder.
    """
    if not settings.sources:
        raise SettingsError(
            f"no sources are listed in {FILE}",
            hint=f'add to {FILE} in this folder, for each: [[sources]] and below it url = "https://…"',
        )
    if settings.catalogue is not None and settings.catalogue.is_dir():
        raise SettingsError(
            f"{settings.catalogue} is a folder, and a sync writes one file",
            hint="set `catalogue` to a file, or leave it unset for the one in the data folder",
        )


def sync(
    settings: Settings,
    *,
    dry_run: bool = False,
    full: bool = False,
    report: Report = lambda _step, _done, _all: None,
) -> tuple[Outcome, ...]:
    """Read every source that has something new into the catalogue file; the index is left to the caller.

    Args:
        settings: Which sources, and where the catalogue is.
        dry_run: Only say what would change.
        full: Ask for everything, whether it changed or not.
        report: Told of progress.

    Raises:
        SettingsError: as `check`.
        CatalogueBusyError: another sync is running.
        CatalogueError: the catalogue file cannot be read.
        StorageError: the disk refused; what was written before is whole.
    """
    check(settings)
    with _alone(settings.data):
        file = settings.data / "sync.json"
        files.clear_parts(file)
        memory = _Memory.read(file)
        # An unreadable catalogue is better known before anything is fetched.
        before = read_target(settings.catalogue_file)
        target = _Target(settings, before if dry_run else None)
        # To a catalogue that was taken away, everything is new.
        anew = full or not settings.catalogue_file.is_file()
        memory.sources = {s.label: memory.sources[s.label] for s in settings.sources if s.label in memory.sources}
        outcomes = []
        for number, source in enumerate(settings.sources):
            report("sources", number, len(settings.sources))
            fingerprint = source.fingerprint(__version__, str(settings.catalogue_file.resolve()))
            outcome, validators = _one(source, _condition(memory, source, fingerprint, anew=anew), target)
            outcomes.append(outcome)
            if outcome.status != "failed" and not dry_run:
                memory.sources[source.label] = _Remembered(
                    fingerprint=fingerprint,
                    etag=validators.etag,
                    last_modified=validators.last_modified,
                    read_at=datetime.now(UTC).isoformat(timespec="seconds"),
                )
                memory.write(file)
        report("sources", len(settings.sources), len(settings.sources))
        return tuple(outcomes)


def _condition(memory: _Memory, source: SourceSettings, fingerprint: str, *, anew: bool) -> Validators:
    known = memory.sources.get(source.label)
    if anew or known is None or known.fingerprint != fingerprint:
        return NO_VALIDATORS
    return Validators(known.etag, known.last_modified)


def _one(source: SourceSettings, condition: Validators, target: _Target) -> tuple[Outcome, Validators]:
    try:
        reading = _read(source, condition)
    except AlmanacError as error:
        return Outcome(source.label, source.address, "failed", error=str(error), hint=error.hint), NO_VALIDATORS
    except Exception as error:  # a fault of ours in one source must not keep the others from being read
        log.exception("the source %s met a fault in the program", source.label)
        said = f"a fault in the program: {type(error).__name__}: {error}"
        return Outcome(source.label, source.address, "failed", error=said, hint="report it"), NO_VALIDATORS
    if reading.imported is None:
        return Outcome(source.label, source.address, "unchanged"), reading.validators
    merged = target.merge(reading.imported)
    outcome = Outcome(
        source.label,
        source.address,
        "read",
        len(merged.added),
        len(merged.changed),
        len(merged.same),
        (*reading.imported.problems, *merged.problems),
        (*reading.imported.warnings, *merged.warnings),
    )
    return outcome, reading.validators


def _read(source: SourceSettings, condition: Validators) -> _Reading:
    mapping = {name: list(columns) for name, columns in source.map.items()}
    if unknown := sorted(mapping.keys() - set(FIELDS)):
        raise ImportSourceError(
            f"`map` names {unknown[0]!r}, which is no field of an entry", hint=f"the fields are {', '.join(FIELDS)}"
        )
    validators = NO_VALIDATORS
    kind = source.kind or source.defaults.kind
    if source.url is None:
        imported = importers.read_source(
            str(source.path), format=source.format, mapping=mapping, base_url=source.base_url, kind=kind
        )
    else:
        remote = open_address(source.url, Fetcher(allow_private=source.allow_private), condition)
        if remote.source is None:
            return _Reading(None, remote.validators)
        imported = importers.read_opened(
            remote.source, format=source.format, mapping=mapping, base_url=source.base_url, kind=kind
        )
        # Where a page of it could not be had, the whole is asked for again next time.
        validators = NO_VALIDATORS if remote.missed else remote.validators
    if imported.sources:
        raise ImportSourceError(
            f"{source.address} lists feeds and holds no entries",
            hint="`almanac import` of it prints the [[sources]] for almanac.toml; put those in its place",
        )
    return _Reading(importers.with_defaults(imported, source.defaults.given()), validators)


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    lock = FileLock(data / "sync.lock", timeout=0)
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise CatalogueBusyError("another sync of this catalogue is running") from error
    except OSError as error:
        raise StorageError(f"cannot write under {data}: {error.strerror or error}") from error
    try:
        yield
    finally:
        lock.release()
