"""What an import does to a catalogue: read, merge, and say what is new, changed, the same and left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from index import catalogue as catalogues
from index import importers
from index.catalogue import Catalogue, Problem
from index.errors import CatalogueError

SHOWN = 5
"""Ids of each sort that are named."""


@dataclass(slots=True)
class Changes:
    """A catalogue that sources are put into, one after the other; nothing is written before `save`."""

    target: Path
    kept: Catalogue
    added: dict[str, None] = field(default_factory=dict)
    changed: dict[str, None] = field(default_factory=dict)
    same: dict[str, None] = field(default_factory=dict)
    left_out: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    @classmethod
    def to(cls, target: Path) -> "Changes":
        """Changes to a catalogue file, which need not be there yet.

        Raises:
            CatalogueError: it holds records that cannot be read, which writing it would lose.
        """
        kept = catalogues.load(target) if target.is_file() else Catalogue(())
        if kept.problems:
            raise CatalogueError(
                f"{target} holds {len(kept.problems)} records that cannot be read, which writing it would lose; "
                f"the first: {kept.problems[0]}",
                hint="mend or remove these lines first, or write to another file with --into",
            )
        return cls(target, kept)

    def take(self, imported: importers.Imported, defaults: Mapping[str, Any] | None = None) -> tuple[str, ...]:
        """Put what a source held into the catalogue; the ids of what is new."""
        given = importers.with_defaults(imported, defaults) if defaults else imported
        merged = importers.merge_imported(self.kept, given)
        self.left_out += (*given.problems, *merged.problems)
        self.warnings += (*given.warnings, *merged.warnings)
        for name in merged.added:
            self.added.setdefault(name)
        for name in merged.changed:
            if name not in self.added:
                self.changed.setdefault(name)
        for name in merged.same:
            if name not in self.added and name not in self.changed:
                self.same.setdefault(name)
        self.same = {name: None for name in self.same if name not in self.changed}
        self.kept = Catalogue(merged.entries)
        return merged.added

    @property
    def any(self) -> bool:
        """Whether the catalogue is another than before."""
        return bool(self.added or self.changed)

    def save(self) -> None:
        """Write the catalogue, where anything changed.

        Raises:
            StorageError: the disk refused; the old file is as it was.
        """
        if self.any:
            catalogues.save(self.target, self.kept.entries)

    @property
    def left_out_places(self) -> tuple[str, ...]:
        """Where each record that was left out stands, once for each."""
        return tuple(dict.fromkeys(problem.place for problem in self.left_out))

    def in_words(self, *, dry_run: bool) -> str:
        """The counts in one line; before they are written, with the first ids of each sort."""
        verb = "would be" if dry_run else "are"
        counts = {"new": self.added, "changed": self.changed, "the same": self.same}
        said = ", ".join(f"{len(names)} {what}" for what, names in counts.items())
        lost = f", {len(self.left_out_places)} left out" if self.left_out else ""
        lines = [f"{said}{lost}; {len(self.kept.entries)} entries {verb} in {self.target}"]
        if dry_run:
            for what, names in (*counts.items(), ("left out", dict.fromkeys(self.left_out_places))):
                if names:
                    more = f" … and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
                    lines.append(f"  {what}: {', '.join(list(names)[:SHOWN])}{more}")
        return "\n".join(lines)
