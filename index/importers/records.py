"""Collect the records of a source as entries: validate fields, assign ids, detect repeats, and report problems."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from index.catalogue import Problem, to_line
from index.importers.text import plaintext
from index.models import ENTRY, AnyEntry

from .identity import apart, apart_ids, content_of, renamed, repeats, title_key
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
"""Maximum number of problems, and of warnings, that are kept."""


@dataclass(slots=True)
class Records:
    """Collects the entries of one source, with reports about records and fields that are left out or look wrong."""

    format: str
    entries: dict[str, AnyEntry] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    unsaid: int = 0
    """Number of left-out records beyond `MOST_REPORTS`, which are not reported individually."""
    edited: set[str] = field(default_factory=set)
    """Ids set by an editor, in records in the catalogue's own format."""
    hidden: list[Problem] = field(default_factory=list)
    """Titles of unpublished records, each with the reason why it is not public."""
    stated: set[str] = field(default_factory=set)
    """Ids of records that state their own kind."""
    files: dict[str, str] = field(default_factory=dict)
    """Path in the folder, by id, for entries that have their own file in a folder."""
    own_ids: dict[str, str] = field(default_factory=dict)
    """Id used by the source, by entry id, for entries whose source uses a different id."""
    _weak: set[str] = field(default_factory=set)
    """Ids that are derived from an address alone."""
    _sharing: dict[str, list[AnyEntry]] = field(default_factory=dict)
    """Other entries that share the id of an entry in `entries` but describe something else."""
    _same_title: dict[tuple[str, str], list[AnyEntry]] = field(default_factory=dict)
    """All entries by id and normalised title (`title_key`)."""
    guessed_titles: int = 0
    """Number of records whose title was taken from the first words of their text."""

    def leave_out(self, place: str, about: str, message: str) -> None:
        """Report a record that is left out."""
        if len(self.problems) < MOST_REPORTS:
            self.problems.append(Problem(place, about, message))
        else:
            self.unsaid += 1

    def warn(self, place: str, about: str, message: str) -> None:
        """Report something unusual about an entry that is kept."""
        if len(self.warnings) < MOST_REPORTS:
            self.warnings.append(Problem(place, about, message))

    def leave_out_hidden(self, place: str, fields: Mapping[str, Any], *, posts: bool = False) -> bool:
        """Return whether a record is not public, and report it if so.

        If `posts` is set, a record with a date in the future counts as not published yet.
        """
        reason = hidden_reason(fields, posts=posts)
        if reason is not None:
            self.leave_out(place, "", reason)
            title = next((str(value) for name, value in fields.items() if str(name).lower() in _TITLES and value), "")
            if title and len(self.hidden) < MOST_REPORTS:
                self.hidden.append(Problem(place, title, reason))
        return reason is not None

    def add(self, place: str, record: Mapping[str, Any], *, versions: bool = False) -> None:
        """Validate a record and add it as an entry.

        An invalid optional field is removed with a warning; a record with an invalid or missing required field is left
        out. If `versions` is set, records with equal id and title are versions of the same entry, even if their dates
        differ.
        """
        self.report_cuts(place)
        wanted = {name: value for name, value in record.items() if value not in (None, "", (), [], {})}
        if "summary" in record:
            wanted.setdefault("summary", "")
        entry = self._entry(place, wanted)
        if entry is not None:
            self.keep(place, entry, versions=versions)

    def keep(self, place: str, entry: AnyEntry, *, versions: bool = False) -> None:
        """Add an entry; report it if it repeats an earlier one, and keep it separately if only the id is the same."""
        if not versions and entry.url and entry.id == of_address(entry.url):
            self._weak.add(entry.id)
        alike = self._same_title.setdefault((entry.id, title_key(entry.title)), [])
        known = next((other for other in alike if repeats(other, entry, versions=versions)), None)
        if known is None:
            alike.append(entry)
            if self.entries.setdefault(entry.id, entry) is not entry:
                self._sharing.setdefault(entry.id, []).append(entry)
            return
        what = "occurs twice in the source" if known == entry else f"is the id of {known.title[:_SHOWN]!r}"
        self.leave_out(place, "id", f"{entry.id!r} {what}; the first entry is kept")

    def imported(self, *, whole: bool, world_wide: bool = False, home: str = "") -> Imported:
        """Return the collected entries and reports; different entries that share an id get separate ids.

        Args:
            whole: Whether the entries are complete records.
            world_wide: Whether the ids are independent of the source, as in feeds.
            home: The address of the site that a feed belongs to.
        """
        entries, plain = [], {}
        for name, first in self.entries.items():
            others = self._sharing.get(name, [])
            # If entries share an id that is derived from an address alone, none of them keeps it.
            kept_by_first = not world_wide and name != of_address(first.url or "")
            sharing = [*others] if kept_by_first else [first, *others] if others else []
            entries += [first] if kept_by_first or not others else []
            taken: set[str] = set()
            shared = Counter(own for entry in (first, *others) for own in set(apart_ids(name, entry)) if others)
            for entry in sharing:
                free = (own for own in apart_ids(name, entry) if shared[own] == 1 and own not in self.entries)
                own = next((own for own in free if own not in taken), None)
                own = own or apart(name, entry.title, content_of(entry))
                taken.add(own)
                plain[own] = name
                entries.append(renamed(entry, {name: own}, ()))
                if kept_by_first:
                    message = (
                        f"is also the id of {first.title[:_SHOWN]!r}, so {entry.title[:_SHOWN]!r} is kept as {own!r}"
                    )
                    self.warn(self.format, "id", f"{name!r} {message}")
        if self.unsaid:
            self.problems.append(Problem(f"and {self.unsaid:,} more", "", "left out for the like"))
        if self.guessed_titles:
            message = f"{self.guessed_titles:,} entries have none and are called by the first words of their text"
            self.warn(self.format, "title", message)
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
        """Return the first words of a text as a title, and count the record for a warning at the end of the import."""
        self.guessed_titles += 1
        return plaintext.first_words(text)

    def report_cuts(self, place: str) -> None:
        """Report texts that were truncated since the last record because they were too long."""
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
            fault = "nested too deeply to be an entry" if isinstance(error, RecursionError) else str(error)
            self.leave_out(place, "", fault.splitlines()[0])
            return None
        return entry


def _misfits(record: Mapping[str, Any]) -> dict[str, str]:
    """Return the invalid or missing fields of a record, each with the reason."""
    try:
        ENTRY.validate_python(record)
    except ValidationError as error:
        reasons: dict[str, str] = {}
        for detail in error.errors(include_url=False, include_context=False, include_input=False):
            tagged = detail["type"].startswith("union_tag")
            name = "kind" if tagged or len(detail["loc"]) < 2 else str(detail["loc"][1])
            reason = "must be event, guide or path" if tagged else detail["msg"].removeprefix("Value error, ")
            reasons.setdefault(name, reason.replace("a valid tuple", "a list"))
        return reasons
    return {}
