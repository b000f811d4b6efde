"""Parse files whose lines begin with a tag: RIS, MEDLINE and Refer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from index.catalogue import Problem
from index.importers.source import Source

MOST_VALUES = 20_000
"""Maximum number of values in one record. Papers of large collaborations have several thousand authors."""

MOST_CHARACTERS = 2**20
"""Maximum length of one value, in characters."""


@dataclass(slots=True)
class Tagged:
    """One record: the place where it begins, and the values of each tag in file order."""

    place: str
    values: dict[str, list[str]] = field(default_factory=dict)

    def first(self, *tags: str) -> str:
        """Return the first non-empty value of these tags, in the order of the tags; empty if there is none."""
        return next((value for tag in tags for value in self.values.get(tag, []) if value), "")

    def all(self, *tags: str) -> list[str]:
        """Return all non-empty values of these tags, in the order of the tags."""
        return [value for tag in tags for value in self.values.get(tag, []) if value]


def looks_tagged(source: Source, pattern: re.Pattern[str], needed: re.Pattern[str]) -> bool:
    """Whether the first non-blank line matches `pattern` and `needed` matches somewhere in the first 64 KiB."""
    if source.folder is not None or source.binary:
        return False
    head = source.data[:65_536].decode("utf-8", errors="replace").lstrip("\ufeff \t\r\n").replace("\r", "\n")
    return pattern.match(head.partition("\n")[0]) is not None and needed.search(head) is not None


def records(
    source: Source, line_pattern: re.Pattern[str], *, starts: str, ends: str, problems: list[Problem]
) -> Iterator[Tagged]:
    """Yield the records of a source. Lines without a tag continue the previous value.

    Args:
        source: The source.
        line_pattern: Matches a line with a tag, in the groups `tag` and `value`.
        starts: The tag that begins a record.
        ends: The tag that ends a record; empty if only a blank line or the next start does.
        problems: Receives reports of lines that belong to no record.
    """
    text, _ = source.text()
    reader = _Reader(source.name, starts, ends, problems)
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        match = line_pattern.match(line)
        if match is None:
            reader.untagged(number, line.strip())
        elif (done := reader.tagged(number, match["tag"], match["value"].strip())) is not None:
            yield done
    if reader.current is not None:
        if ends:
            message = f"the record has no end ({ends}); it was read as far as it goes"
            problems.append(Problem(reader.current.place, "", message))
        yield reader.current


@dataclass(slots=True)
class _Reader:
    """Assembles lines into records."""

    name: str
    starts: str
    ends: str
    problems: list[Problem]
    current: Tagged | None = None
    last: list[str] | None = None
    blank: bool = False
    count: int = 0

    def untagged(self, number: int, line: str) -> None:
        """Append a line without a tag to the previous value. A blank line may separate two records."""
        if line and self.last is not None:
            gap = "\n\n" if self.blank else "\n"
            self.last[-1] = f"{self.last[-1]}{gap}{line}" if len(self.last[-1]) < MOST_CHARACTERS else self.last[-1]
        elif line:
            self.problems.append(Problem(f"{self.name}:{number}", "", f"{line[:60]!r} belongs to no record"))
        self.blank = not line

    def tagged(self, number: int, tag: str, value: str) -> Tagged | None:
        """Add a line with a tag. Return the record that this line completes, or None."""
        ended = bool(self.ends) and tag == self.ends
        begins = tag == self.starts or (not self.ends and self.blank)
        done = self.current if ended or begins else None
        if done is not None:
            self.current = self.last = None
        self.blank = False
        if ended:
            return done
        if self.current is None:
            self.current, self.count = Tagged(f"{self.name}:{number}"), 0
        self.count += 1
        if len(value) > MOST_CHARACTERS:
            value = value[:MOST_CHARACTERS]
            message = f"the value of {tag} was cut at {MOST_CHARACTERS:,} characters"
            self.problems.append(Problem(f"{self.name}:{number}", "", message))
        if self.count <= MOST_VALUES:
            self.last = self.current.values.setdefault(tag, [])
            self.last.append(value)
        return done
