"""From what a source says of itself to entries: ids, fields that do not fit, repeats, each with its report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from index.catalogue import Problem, to_line
from index.models import ENTRY, AnyEntry

from . import plaintext
from .source import Imported

_NEEDED = {
    "event": {"id", "kind", "title", "summary"},
    "guide": {"id", "kind", "title", "level", "tldr"},
    "path": {"id", "kind", "title", "description", "steps"},
}
_SHOWN = 60
MOST_REPORTS = 50_000
"""Reports of one sort that are kept; a source with more of them is told of by their number."""


@dataclass(slots=True)
class Records:
    """Entries of one source as they are found, with what was left out and what looks odd."""

    format: str
    entries: dict[str, AnyEntry] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    unsaid: int = 0
    """Records left out beyond those reported one by one."""
    guessed_titles: int = 0
    """Records that are called by the first words of their text."""

    def leave_out(self, place: str, about: str, message: str) -> None:
        """Report a record that does not become an entry."""
        if len(self.problems) < MOST_REPORTS:
            self.problems.append(Problem(place, about, message))
        else:
            self.unsaid += 1

    def warn(self, place: str, about: str, message: str) -> None:
        """Report what looks odd in an entry that is kept."""
        if len(self.warnings) < MOST_REPORTS:
            self.warnings.append(Problem(place, about, message))

    def add(self, place: str, record: Mapping[str, Any]) -> None:
        """Take a record; an optional field that does not fit goes, a needed one takes the record with it."""
        self.report_cuts(place)
        wanted = {name: value for name, value in record.items() if value not in (None, "", (), [], {})}
        if "summary" in record:
            wanted.setdefault("summary", "")
        entry = self._entry(place, wanted)
        if entry is None:
            return
        if entry.id in self.entries:
            same = self.entries[entry.id] == entry
            what = "stands in the source twice" if same else f"is the id of {self.entries[entry.id].title[:_SHOWN]!r}"
            self.leave_out(place, "id", f"{entry.id!r} {what}; the first is kept")
            return
        self.entries[entry.id] = entry

    def title_from(self, text: str) -> str:
        """The first words of a text, for a record without a title; how many there are is reported at the end."""
        self.guessed_titles += 1
        return plaintext.first_words(text)

    def report_cuts(self, place: str) -> None:
        """Report the texts that were cut since the last record: they were too long to be read whole."""
        for length in plaintext.reported_cuts():
            self.warn(place, "", f"a text of {length:,} characters was cut after {plaintext.LARGEST:,}")

    def imported(self, *, whole: bool) -> Imported:
        """All that was found."""
        entries = tuple(self.entries.values())
        if self.unsaid:
            self.problems.append(Problem(f"and {self.unsaid:,} more", "", "left out for the like"))
        if self.guessed_titles:
            said = f"{self.guessed_titles:,} entries have none and are called by the first words of their text"
            self.warn(self.format, "title", said)
        return Imported(entries, tuple(self.problems), self.format, whole=whole, warnings=tuple(self.warnings))

    def _entry(self, place: str, record: dict[str, Any]) -> AnyEntry | None:
        needed = _NEEDED.get(str(record.get("kind")), {"id", "kind", "title"})
        try:
            for name, message in _misfits(record).items():
                if name in needed:
                    self.leave_out(place, name, message)
                    return None
                self.warn(place, name, f"left out: {message}")
                record.pop(name, None)
            entry = ENTRY.validate_python(record)
            to_line(entry).encode("utf-8")
        except (ValidationError, ValueError, RecursionError) as error:
            said = "nested too deeply to be an entry" if isinstance(error, RecursionError) else str(error)
            self.leave_out(place, "", said.splitlines()[0])
            return None
        return entry


def _misfits(record: Mapping[str, Any]) -> dict[str, str]:
    """The fields that do not fit or are missing, with the reason."""
    try:
        ENTRY.validate_python(record)
    except ValidationError as error:
        found: dict[str, str] = {}
        for detail in error.errors(include_url=False, include_context=False, include_input=False):
            tagged = detail["type"].startswith("union_tag")
            name = "kind" if tagged or len(detail["loc"]) < 2 else str(detail["loc"][1])
            said = "must be event, guide or path" if tagged else detail["msg"].removeprefix("Value error, ")
            found.setdefault(name, said.replace("a valid tuple", "a list"))
        return found
    return {}
