"""Collects what an import or a sync changes in a catalogue: which entries are new, changed, the same, left out or removed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from index import importers
from index.catalogue import Catalogue, Problem
from index.editing import edits, pruning
from index.editing.change import Author
from index.editing.journal import Journal
from index.editing.pruning import Pruning
from index.importers.identity import same_thing
from index.importers.target import read_target
from index.models import AnyEntry

MAX_IDS_SHOWN = 5
"""Maximum number of ids that a summary lists for each group: new entries, changed entries, and so on."""


@dataclass(slots=True)
class Changes:
    """Merges sources into a catalogue, one after the other; nothing is written before `save`."""

    target: Path
    catalogue: Catalogue
    added: dict[str, None] = field(default_factory=dict)
    changed: dict[str, None] = field(default_factory=dict)
    same: dict[str, None] = field(default_factory=dict)
    left_out: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    removed: dict[str, None] = field(default_factory=dict)
    """Entries that left their source and were removed."""
    _before: Catalogue = field(init=False, repr=False)
    _journal: Journal = field(init=False, repr=False)
    _withheld: dict[str, AnyEntry] = field(init=False, repr=False)
    _origins: dict[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Read which entries an editor removed."""
        self._before, self._journal = self.catalogue, Journal(self.target)
        self._withheld = self._journal.withheld()

    @classmethod
    def to(cls, target: Path) -> "Changes":
        """Changes to a catalogue file, which need not exist yet.

        Raises:
            CatalogueError: the file has records that cannot be read, and writing it would lose them.
        """
        return cls(target, read_target(target))

    def take(self, imported: importers.Imported, defaults: Mapping[str, Any] | None = None) -> importers.Merged:
        """Merge the entries of one source into the catalogue, and return what this source alone changed.

        Args:
            imported: What was read from the source.
            defaults: Values for fields that its entries leave empty.
        """
        filled = importers.with_defaults(imported, defaults) if defaults else imported
        merged = self._without_withheld(importers.merge_imported(self.catalogue, filled))
        self.left_out += (*filled.problems, *merged.problems)
        self.warnings += (*filled.warnings, *merged.warnings)
        for name in merged.added:
            self.added.setdefault(name)
        for name in merged.changed:
            if name not in self.added:
                self.changed.setdefault(name)
        for name in merged.same:
            if name not in self.added and name not in self.changed:
                self.same.setdefault(name)
        self.same = {name: None for name in self.same if name not in self.changed}
        self.catalogue = Catalogue(merged.entries, aliases=self.catalogue.aliases)
        self._origins |= dict.fromkeys((*merged.added, *merged.changed, *merged.same), filled.key)
        return merged

    def _without_withheld(self, merged: importers.Merged) -> importers.Merged:
        """Leave out what an editor removed. Another thing with the same id is not left out."""
        by_id = {entry.id: entry for entry in merged.entries} if self._withheld else {}
        names = [
            name for name in merged.added if name in self._withheld and same_thing(self._withheld[name], by_id[name])
        ]
        if not names:
            return merged
        problems = [
            Problem(name, "", f"an editor removed it; `almanac restore {name}` brings it back") for name in names
        ]
        return replace(
            merged,
            entries=tuple(entry for entry in merged.entries if entry.id not in names),
            added=tuple(name for name in merged.added if name not in names),
            problems=(*merged.problems, *problems),
        )

    def left(self, imported: importers.Imported, merged: importers.Merged) -> Pruning:
        """The entries that left the source of an import: the catalogue has them from it, and the source does not."""
        present = {*merged.added, *merged.changed, *merged.same}
        return pruning.that_left(self._before, imported, present, self._journal)

    def prune(self, left: Pruning) -> None:
        """Remove the entries that left a source, and the links to them."""
        names = [name for name in left.names if name in self.catalogue.by_id]
        self.catalogue = Catalogue(tuple(edits.without(self.catalogue, names)), aliases=self.catalogue.aliases)
        self.removed |= dict.fromkeys(names)

    @property
    def any(self) -> bool:
        """Whether any entry is new, changed or removed."""
        return bool(self.added or self.changed or self.removed)

    def save(self, author: Author) -> None:
        """Write the catalogue file and the record of the change, if any entry is new, changed or removed.

        Raises:
            StorageError: a file could not be written; the catalogue file stays as it is.
        """
        if self.any:
            self._journal.save(self._before, self.catalogue.entries, author, origins=self._origins)
            self._before = self.catalogue

    @property
    def left_out_places(self) -> tuple[str, ...]:
        """The place of each record that was left out, each place once."""
        return tuple(dict.fromkeys(problem.place for problem in self.left_out))

    def in_words(self, *, dry_run: bool) -> str:
        """The counts in one line; in a dry run, also the first ids behind each count."""
        verb = "would be" if dry_run else "are"
        counts = {"new": self.added, "changed": self.changed, "the same": self.same}
        counts |= {"removed": self.removed} if self.removed else {}
        summary = ", ".join(f"{len(ids)} {what}" for what, ids in counts.items())
        left_out = f", {len(self.left_out_places)} left out" if self.left_out else ""
        lines = [f"{summary}{left_out}; {len(self.catalogue.entries)} entries {verb} in {self.target}"]
        if dry_run:
            for what, ids in (*counts.items(), ("left out", dict.fromkeys(self.left_out_places))):
                if ids:
                    more = f" … and {len(ids) - MAX_IDS_SHOWN} more" if len(ids) > MAX_IDS_SHOWN else ""
                    lines.append(f"  {what}: {', '.join(list(ids)[:MAX_IDS_SHOWN])}{more}")
        return "\n".join(lines)
