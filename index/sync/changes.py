"""Collects what an import or a sync changes in a catalogue: which entries are new, changed, the same or left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from index import catalogue as catalogues
from index import importers
from index.catalogue import Catalogue, Problem
from index.importers.target import read_target

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
        merged = importers.merge_imported(self.catalogue, filled)
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
        return merged

    @property
    def any(self) -> bool:
        """Whether any entry is new or changed."""
        return bool(self.added or self.changed)

    def save(self) -> None:
        """Write the catalogue file if any entry is new or changed.

        Raises:
            StorageError: the file could not be written; the old file stays as it is.
        """
        if self.any:
            catalogues.save(self.target, self.catalogue.entries)

    @property
    def left_out_places(self) -> tuple[str, ...]:
        """The place of each record that was left out, each place once."""
        return tuple(dict.fromkeys(problem.place for problem in self.left_out))

    def in_words(self, *, dry_run: bool) -> str:
        """The counts in one line; in a dry run, also the first ids behind each count."""
        verb = "would be" if dry_run else "are"
        counts = {"new": self.added, "changed": self.changed, "the same": self.same}
        summary = ", ".join(f"{len(ids)} {what}" for what, ids in counts.items())
        left_out = f", {len(self.left_out_places)} left out" if self.left_out else ""
        lines = [f"{summary}{left_out}; {len(self.catalogue.entries)} entries {verb} in {self.target}"]
        if dry_run:
            for what, ids in (*counts.items(), ("left out", dict.fromkeys(self.left_out_places))):
                if ids:
                    more = f" … and {len(ids) - MAX_IDS_SHOWN} more" if len(ids) > MAX_IDS_SHOWN else ""
                    lines.append(f"  {what}: {', '.join(list(ids)[:MAX_IDS_SHOWN])}{more}")
        return "\n".join(lines)
