"""Find the entries that left their source: they came from it, and its latest import does not have them."""

from collections.abc import Collection
from dataclasses import dataclass

from index.catalogue import Catalogue
from index.importers.identity import UNNAMED, source_of
from index.importers.source import Imported

from .journal import Journal

MAX_SHARE = 0.2
"""If more of a source's entries than this share left it, they are removed only with the user's consent.

A site that was moved, an export that was cut off or a changed column would otherwise empty the catalogue.
"""


@dataclass(frozen=True, slots=True)
class Pruning:
    """The entries that left one source, and how many entries the catalogue has from it."""

    source: str
    names: tuple[str, ...]
    known: int

    @property
    def needs_consent(self) -> bool:
        """Whether they are so many that the source may be incomplete."""
        return len(self.names) > self.known * MAX_SHARE

    def in_words(self) -> str:
        """How many entries left, of how many."""
        return f"{len(self.names)} of {self.known} entries from {self.source} are no longer in it"


def that_left(before: Catalogue, imported: Imported, present: Collection[str], journal: Journal) -> Pruning:
    """The entries of a catalogue that left the source of an import.

    Entries with ids from an editor do not store their source, so only the journal knows it: those that were imported
    before there was a journal are not found.

    Args:
        before: The catalogue before the import.
        imported: What was read from the source.
        present: The ids under which the catalogue has the entries of the import.
        journal: The journal of the catalogue.
    """
    key = imported.key
    if not key or key == UNNAMED:
        return Pruning("standard input", (), 0)
    recorded = journal.from_source(key)
    names = [
        entry.id
        for entry in before.entries
        if entry.id in recorded or (source := source_of(entry)) == key or (source or "").startswith(f"{key}/")
    ]
    kept = set(present)
    return Pruning(key, tuple(name for name in names if name not in kept), len(names))
