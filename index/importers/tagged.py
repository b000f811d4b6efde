"""Files of lines that begin with a tag, as reference managers write them: RIS, MEDLINE and Refer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from index.catalogue import Problem

from .source import Source

MOST_VALUES = 20_000
"""Values of one record; a paper of a large collaboration has some thousands of authors."""

MOST_CHARACTERS = 2**20
"""Characters of one value."""


@dataclass(slots=True)
class Tagged:
    """One record: where it begins, and the values of each tag in their order."""

    place: str
    values: dict[str, list[str]] = field(default_factory=dict)

    def first(self, *tags: str) -> str:
        """The first value that is there, of the tags in this order."""
        return next((value for tag in tags for value in self.values.get(tag, []) if value), "")

    def all(self, *tags: str) -> list[str]:
        """All values of these tags, tag after tag."""
        return [value for tag in tags for value in self.values.get(tag, []) if value]


def looks_tagged(source: Source, pattern: re.Pattern[str], needed: re.Pattern[str]) -> bool:
    """Whether the first line that holds something is such a line, and a needed one follows near the beginning."""
    if source.folder is not None or source.binary:
        return False
    head = source.data[:65_536].decode("utf-8", errors="replace").lstrip("\ufeff \t\r\n").replace("\r", "\n")
    return pattern.match(head.partition("\n")[0]) is not None and needed.search(head) is not None


def records(
    source: Source, line_pattern: re.Pattern[str], *, starts: str, ends: str, problems: list[Problem]
) -> Iterator[Tagged]:
    """The records of a source; text of several lines is one value.

    Args:
        source: The source.
        line_pattern: Matches a line with a tag; its groups `tag` and `value`.
        starts: The tag that begins a record.
        ends: The tag that ends one, empty where only a blank line or the next start does.
        problems: Where lines that belong to no record are reported.
    """
    text, _ = source.text()
    current: Tagged | None = None
    last: list[str] | None = None
    blank = False
    count = 0
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        match = line_pattern.match(line)
        place = f"{source.name}:{number}"
        if match is None:
            if line.strip() and last is not None:
                gap = "\n\n" if blank else "\n"
                last[-1] = f"{last[-1]}{gap}{line.strip()}" if len(last[-1]) < MOST_CHARACTERS else last[-1]
            elif line.strip():
                problems.append(Problem(place, "", f"{line.strip()[:60]!r} belongs to no record"))
            blank = not line.strip()
            continue
        tag, value = match["tag"], match["value"].strip()
        begins = tag == starts or (not ends and blank and current is not None)
        if current is not None and (begins or (ends and tag == ends)):
            yield current
            current, last = None, None
        blank = False
        if ends and tag == ends:
            continue
        if current is None:
            current, count = Tagged(place), 0
        count += 1
        if count <= MOST_VALUES:
            last = current.values.setdefault(tag, [])
            last.append(value)
    if current is not None:
        if ends:
            problems.append(Problem(current.place, "", f"the record has no end ({ends}); it was read as far as it goes"))
        yield current
