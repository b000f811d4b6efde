"""From what a source says of itself to entries: ids, fields that do not fit, repeats, each with its report."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from index.catalogue import Problem, to_line
from index.importers.text import plaintext
from index.models import ENTRY, AnyEntry

from .identity import apart, apart_ids, renamed, repeats, title_key
from .ids import of_address
from .source import Imported
from .visibility import hidden_reason

_NEEDED = {
    "event": {"id", "kind", "title", "summary"},
    "guide": {"id", "kind", "title", "level", "tldr"},
    "path": {"id", "kind", "title", "description", "steps"},
}
_SHOWN = 60
_TITLES = {"title", "headline", "name"}
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
    edited: set[str] = field(default_factory=set)
    """Ids that an editor gave, in records of the catalogue's own format."""
    hidden: list[Problem] = field(default_factory=list)
    """The titles of records that are not published, each with the reason."""
    stated: set[str] = field(default_factory=set)
    """Ids of records that say themselves of which kind they are."""
    files: dict[str, str] = field(default_factory=dict)
    """For an entry that has a file of its own in a folder: the file's path in the folder."""
    own_ids: dict[str, str] = field(default_factory=dict)
    """For an entry that its source calls by another id: that id."""
    _weak: set[str] = field(default_factory=set)
    """Ids that are only an address."""
    _sharing: dict[str, list[AnyEntry]] = field(default_factory=dict)
    """Further entries with the id of one in `entries`, about something else."""
    _same_title: dict[tuple[str, str], list[AnyEntry]] = field(default_factory=dict)
    """All entries, by their id and their title without case and signs."""
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

    def leave_out_hidden(self, place: str, fields: Mapping[str, Any], *, posts: bool = False) -> bool:
        """Report a record that its source does not show to everybody; whether it is one.

        `posts` says that a date in the future means that it is not published yet.
        """
        reason = hidden_reason(fields, posts=posts)
        if reason is not None:
            self.leave_out(place, "", reason)
            title = next((str(value) for name, value in fields.items() if str(name).lower() in _TITLES and value), "")
            if title and len(self.hidden) < MOST_REPORTS:
                self.hidden.append(Problem(place, title, reason))
        return reason is not None

    def add(self, place: str, record: Mapping[str, Any], *, versions: bool = False) -> None:
        """Take a record; an optional field that does not fit goes, a needed one takes the record with it.

        `versions` says that a second record with this id and title is another version of the first, whatever its date.
        """
        self.report_cuts(place)
        wanted = {name: value for name, value in record.items() if value not in (None, "", (), [], {})}
        if "summary" in record:
            wanted.setdefault("summary", "")
        entry = self._entry(place, wanted)
        if entry is not None:
            self.keep(place, entry, versions=versions)

    def keep(self, place: str, entry: AnyEntry, *, versions: bool = False) -> None:
        """Take an entry; one that stands there already is reported, and another thing with its id is kept apart."""
        if not versions and entry.url and entry.id == of_address(entry.url):
            self._weak.add(entry.id)
        alike = self._same_title.setdefault((entry.id, title_key(entry.title)), [])
        known = next((other for other in alike if repeats(other, entry, versions=versions)), None)
        if known is None:
            alike.append(entry)
            if self.entries.setdefault(entry.id, entry) is not entry:
                self._sharing.setdefault(entry.id, []).append(entry)
            return
        what = "stands in the source twice" if known == entry else f"is the id of {known.title[:_SHOWN]!r}"
        self.leave_out(place, "id", f"{entry.id!r} {what}; the first is kept")

    def imported(self, *, whole: bool, world_wide: bool = False, home: str = "") -> Imported:
        """All that was found; different things that share an id get ids of their own.

        Args:
            whole: Whether the entries are complete records.
            world_wide: Whether the ids do not depend on the source, as those of feeds.
            home: The address of the site that a feed is of.
        """
        entries, plain = [], {}
        for name, first in self.entries.items():
            others = self._sharing.get(name, [])
            # An id that is only an address belongs to none of those that share it.
            kept_by_first = not world_wide and name != of_address(first.url or "")
            sharing = [*others] if kept_by_first else [first, *others] if others else []
            entries += [first] if kept_by_first or not others else []
            taken: set[str] = set()
            shared = Counter(own for entry in (first, *others) for own in set(apart_ids(name, entry)) if others)
            for entry in sharing:
                free = (own for own in apart_ids(name, entry) if shared[own] == 1 and own not in self.entries)
                own = next((own for own in free if own not in taken), None)
                own = own or apart(name, entry.title, entry.model_dump_json())
                taken.add(own)
                plain[own] = name
                entries.append(renamed(entry, {name: own}, ()))
                if kept_by_first:
                    said = f"is also the id of {first.title[:_SHOWN]!r}, so {entry.title[:_SHOWN]!r} is kept as {own!r}"
                    self.warn(self.format, "id", f"{name!r} {said}")
        if self.unsaid:
            self.problems.append(Problem(f"and {self.unsaid:,} more", "", "left out for the like"))
        if self.guessed_titles:
            said = f"{self.guessed_titles:,} entries have none and are called by the first words of their text"
            self.warn(self.format, "title", said)
        return Imported(
            tuple(entries),
            tuple(self.problems),
            self.format,
            whole=whole,
            warnings=tuple(self.warnings),
            edited=frozenset(self.edited),
            plain=plain,
            own_ids={name: own for name, own in self.own_ids.items() if name in self.entries},
            files=dict(self.files),
            world_wide=world_wide,
            home=home,
            hidden=tuple(self.hidden),
            stated=frozenset(self.stated),
            weak=frozenset(self._weak) if world_wide else frozenset(),
        )

    def title_from(self, text: str) -> str:
        """The first words of a text, for a record without a title; how many there are is reported at the end."""
        self.guessed_titles += 1
        return plaintext.first_words(text)

    def report_cuts(self, place: str) -> None:
        """Report the texts that were cut since the last record: they were too long to be read whole."""
        for length in plaintext.reported_cuts():
            self.warn(place, "", f"a text of {length:,} characters was cut after {plaintext.LARGEST:,}")

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
