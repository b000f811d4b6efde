"""EndNote's `.enw` files with Refer tags such as `%T`. Each publication becomes an event."""

import re

from index import bibliography
from index.errors import ImportSourceError
from index.importers.records import Records
from index.importers.source import Imported, Source

from . import papers, tagged_lines
from .papers import Paper
from .tagged_lines import Tagged

NAME = "enw"
ABOUT = "EndNote's .enw (Refer) export"
_LINE = re.compile(r"%(?P<tag>[0-9A-Z@!#$&()*+=?<>\[~^|-]) (?P<value>.*)", re.DOTALL)
_FIRST = re.compile(r"\ufeff?%[0AT] \S")
_NEEDED = re.compile(r"^%T \S", re.MULTILINE)


def fits(source: Source) -> bool:
    """Whether the first line has a Refer tag and some line has a title."""
    return tagged_lines.looks_tagged(source, _FIRST, _NEEDED)


def read(source: Source) -> Imported:
    """Import every publication that has a title. Others are skipped and reported by line number.

    Raises:
        ImportSourceError: If the source has no record or is too large.
    """
    if source.folder is not None:
        raise ImportSourceError(f"{source.name} is a folder", hint="name the files one by one")
    source.whole()
    records = Records(NAME, warnings=list(source.text()[1]))
    for record in tagged_lines.records(source, _LINE, starts="0", ends="", problems=records.warnings):
        papers.add(records, record.place, _paper(record))
    if not records.entries and not records.problems:
        raise ImportSourceError(
            f"{source.name} contains no EndNote record", hint="a title is written on a line such as %T Title"
        )
    return records.imported(whole=False)


def _paper(record: Tagged) -> Paper:
    return Paper(
        title=record.first("T"),
        # %8 is the date, often without the year; %D is the year.
        day=papers.day_of(record.first("8"), f"{record.first('8')} {record.first('D')}", record.first("D"))
        if record.first("8")
        else record.first("D"),
        abstract="\n\n".join(record.all("X")),
        venue=record.first("J", "B"),
        publisher=record.first("I"),
        doi=record.first("R") or next((url for url in record.all("U") if bibliography.first_doi(url)), ""),
        address=record.first("U"),
        kind=record.first("0"),
        volume=record.first("V"),
        issue=record.first("N"),
        pages=record.first("P"),
        names=[papers.name_of(name) for name in record.all("A") or record.all("E")],
        topics=papers.keywords(record.all("K")),
    )
