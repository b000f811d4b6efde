"""Updates the catalogue from its sources: fetches, reads and merges them one after the other.

DATA/sync.json      the validators (ETag, Last-Modified) of each source, for the next conditional request
DATA/sync.lock      held while a sync runs

After each source, the catalogue is written first and the validators second, each by one rename. If a sync is killed in
between, the next sync reads that source again and finds that its entries are the same.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol

from filelock import FileLock, Timeout

from index import files, importers
from index.catalogue import Problem
from index.editing.change import Author
from index.editing.editor import current_user
from index.editing.pruning import Pruning
from index.errors import AlmanacError, CatalogueBusyError, ImportSourceError, SettingsError, StorageError
from index.fetching.fetch import NO_VALIDATORS, Fetcher, Validators
from index.importers.mapping import FIELDS
from index.importers.remote import open_address
from index.importers.target import read_target, writing

from .changes import Changes
from .source_state import SourceState, SyncState
from .sources import SourceSettings

SETTINGS_FILE = "almanac.toml"
"""The file that lists the sources, for hints."""
log = logging.getLogger(__name__)
ProgressCallback = Callable[[str, int, int], None]


class SyncSettings(Protocol):
    """The settings that a sync needs."""

    @property
    def sources(self) -> tuple[SourceSettings, ...]:
        """The sources to read."""

    @property
    def data(self) -> Path:
        """The data folder."""

    @property
    def catalogue(self) -> Path | None:
        """The catalogue's file or folder as the user set it."""

    @property
    def catalogue_file(self) -> Path:
        """The file that the sync writes."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one source; `unchanged` means that its server had nothing new."""

    name: str
    address: str
    status: Literal["read", "unchanged", "failed"]
    new: int = 0
    changed: int = 0
    same: int = 0
    removed: int = 0
    """Entries that left the source and were removed, if the source has `prune = true`."""
    problems: tuple[Problem, ...] = ()
    """What was left out of the catalogue."""
    warnings: tuple[Problem, ...] = ()
    error: str | None = None
    hint: str | None = None

    def as_dict(self) -> dict[str, object]:
        """The JSON object of `almanac sync --json`."""
        return asdict(self) | {
            "left_out": len(self.problems),
            "problems": [str(problem) for problem in self.problems],
            "warnings": [str(problem) for problem in self.warnings],
        }


@dataclass(slots=True)
class _Target:
    """The catalogue file. A dry run merges in memory only, so that its counts for later sources are right."""

    settings: SyncSettings
    dry: Changes | None = None
    prune_many: bool = False

    def merge(self, source: SourceSettings, reading: "_Reading") -> "_Merging":
        """Merge the entries of one source; the file is written if any entry is new, changed or removed."""
        assert reading.imported is not None
        if self.dry is not None:
            return self._merged(self.dry, source, reading)
        with writing(self.settings.data):
            files.clear_parts(self.settings.catalogue_file)
            changes = Changes.to(self.settings.catalogue_file)
            merging = self._merged(changes, source, reading)
            changes.save(Author(current_user(), f"sync {source.name or reading.imported.key}"))
        return merging

    def _merged(self, changes: Changes, source: SourceSettings, reading: "_Reading") -> "_Merging":
        assert reading.imported is not None
        merged = changes.take(reading.imported)
        if not source.prune or not reading.complete:
            return _Merging(merged)
        left = changes.left(reading.imported, merged)
        if left.needs_consent and not self.prune_many:
            return _Merging(merged, held_back=left)
        changes.prune(left)
        return _Merging(merged, len(left.names))


@dataclass(frozen=True, slots=True)
class _Merging:
    """What one source changed. `held_back` has entries that left it and were not removed, because they are many."""

    merged: importers.Merged
    removed: int = 0
    held_back: Pruning | None = None


@dataclass(slots=True)
class _Reading:
    """The entries of one source, None if it has not changed, and the validators to store for it."""

    imported: importers.Imported | None
    validators: Validators = field(default_factory=Validators)
    complete: bool = True
    """Whether every page of the source could be fetched."""


def check(settings: SyncSettings) -> None:
    """Check that there is a source to read and a file to write.

    Raises:
        SettingsError: no source is listed, or the catalogue is a folder.
    """
    if not settings.sources:
        raise SettingsError(
            f"no sources are listed in {SETTINGS_FILE}",
            hint=f'add to {SETTINGS_FILE} in this folder, for each: [[sources]] and below it url = "https://…"',
        )
    if settings.catalogue is not None and settings.catalogue.is_dir():
        raise SettingsError(
            f"{settings.catalogue} is a folder, and a sync writes one file",
            hint="set `catalogue` to a file, or leave it unset for the one in the data folder",
        )


def sync(
    settings: SyncSettings,
    *,
    version: str,
    dry_run: bool = False,
    full: bool = False,
    prune_many: bool = False,
    report: ProgressCallback = lambda _step, _done, _all: None,
) -> tuple[Outcome, ...]:
    """Merge every source that has something new into the catalogue file. The caller rebuilds the index.

    Args:
        settings: The sources, and where the catalogue is.
        version: The version of the program. A new version may read a source differently, so it reads each in full.
        dry_run: Report what would change, and write nothing.
        full: Fetch every source in full, even if it has not changed.
        prune_many: Also remove entries that left a source with `prune = true` if they are more than a fifth of it.
        report: Called with the progress.

    Raises:
        SettingsError: as `check`.
        CatalogueBusyError: another sync is running.
        CatalogueError: the catalogue file cannot be read.
        StorageError: a file could not be written; files written before are complete.
    """
    check(settings)
    with _alone(settings.data):
        file = settings.data / "sync.json"
        files.clear_parts(file)
        memory = SyncState.read(file)
        # Fail before anything is fetched if the catalogue cannot be read.
        before = read_target(settings.catalogue_file)
        target = _Target(settings, Changes(settings.catalogue_file, before) if dry_run else None, prune_many)
        # If the catalogue file was deleted, every entry has to be fetched again.
        full = full or not settings.catalogue_file.is_file()
        memory.sources = {s.label: memory.sources[s.label] for s in settings.sources if s.label in memory.sources}
        outcomes = []
        for number, source in enumerate(settings.sources):
            report("sources", number, len(settings.sources))
            fingerprint = source.fingerprint(version, str(settings.catalogue_file.resolve()))
            outcome, validators = _sync_source(source, _condition(memory, source, fingerprint, full=full), target)
            outcomes.append(outcome)
            if outcome.status != "failed" and not dry_run:
                memory.sources[source.label] = SourceState(
                    fingerprint=fingerprint,
                    etag=validators.etag,
                    last_modified=validators.last_modified,
                    read_at=datetime.now(UTC).isoformat(timespec="seconds"),
                )
                memory.write(file)
        report("sources", len(settings.sources), len(settings.sources))
        return tuple(outcomes)


def _condition(memory: SyncState, source: SourceSettings, fingerprint: str, *, full: bool) -> Validators:
    known = memory.sources.get(source.label)
    if full or known is None or known.fingerprint != fingerprint:
        return NO_VALIDATORS
    return Validators(known.etag, known.last_modified)


def _sync_source(source: SourceSettings, condition: Validators, target: _Target) -> tuple[Outcome, Validators]:
    try:
        reading = _read(source, condition)
    except AlmanacError as error:
        return Outcome(source.label, source.address, "failed", error=str(error), hint=error.hint), NO_VALIDATORS
    except Exception as error:  # an error of ours in one source must not stop the other sources
        log.exception("an error in the program while reading the source %s", source.label)
        message = f"an error in the program: {type(error).__name__}: {error}"
        return Outcome(source.label, source.address, "failed", error=message, hint="report it"), NO_VALIDATORS
    if reading.imported is None:
        return Outcome(source.label, source.address, "unchanged"), reading.validators
    merging = target.merge(source, reading)
    merged, held_back = merging.merged, []
    if merging.held_back:
        more = "more than a fifth, so they were kept; `almanac sync --prune-many` removes them"
        held_back = [Problem(source.label, "prune", f"{merging.held_back.in_words()}: {more}")]
    outcome = Outcome(
        source.label,
        source.address,
        "read",
        len(merged.added),
        len(merged.changed),
        len(merged.same),
        merging.removed,
        (*reading.imported.problems, *merged.problems),
        (*reading.imported.warnings, *merged.warnings, *held_back),
    )
    # If entries were held back, the next sync reads the source again, so that the user can have them removed.
    return outcome, NO_VALIDATORS if held_back else reading.validators


def _read(source: SourceSettings, condition: Validators) -> _Reading:
    mapping = {name: list(columns) for name, columns in source.map.items()}
    if unknown := sorted(mapping.keys() - set(FIELDS)):
        raise ImportSourceError(
            f"`map` names {unknown[0]!r}, which is not a field of an entry", hint=f"the fields are {', '.join(FIELDS)}"
        )
    validators = NO_VALIDATORS
    kind = source.kind or source.defaults.kind
    complete = True
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
        # If a page of the source could not be fetched, the next sync fetches the source in full.
        validators = NO_VALIDATORS if remote.missed else remote.validators
        complete = not remote.missed
    if imported.sources:
        raise ImportSourceError(
            f"{source.address} lists feeds and contains no entries",
            hint=f"`almanac import` prints these feeds as [[sources]]: put them into {SETTINGS_FILE} instead",
        )
    return _Reading(importers.with_defaults(imported, source.defaults.given()), validators, complete)


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
