"""RIS, as exported by EndNote, Zotero, Mendeley and most publishers. Each publication becomes an event."""

import re

from index import bibliography
from index.errors import ImportSourceError
from index.importers.records import Records
from index.importers.source import Imported, Source

from . import papers, tagged_lines
from .papers import Paper
from .tagged_lines import Tagged

NAME = "ris"
ABOUT = "RIS, as reference managers and publishers export it"
_LINE = re.compile(r"\ufeff?(?P<tag>[A-Z][A-Z0-9])  -(?: |$)(?P<value>.*)", re.DOTALL)
# Some programs write one space before the hyphen. In other files, such a line may be a sentence.
_NARROW = re.compile(r"\ufeff?(?P<tag>[A-Z][A-Z0-9]) {1,2}-(?: |$)(?P<value>.*)", re.DOTALL)
_TYPE = re.compile(r"\ufeff?TY  ?-\s")
_END = re.compile(r"^(?:ER|TI|T1|AU|A1|PY)  ?-", re.MULTILINE)
# Tags that name the journal or book, in order of preference. T2 is the book or the proceedings.
_VENUES = ("JO", "JF", "T2", "BT", "JA", "J2", "T3")


def fits(source: Source) -> bool:
    """Whether the first line gives the type of a publication (`TY`)."""
    return tagged_lines.looks_tagged(source, _TYPE, _END)


def read(source: Source) -> Imported:
    """Import every publication that has a title. Others are skipped and reported by line number.

    Raises:
        ImportSourceError: If the source has no RIS record or is too large.
    """
    if source.folder is not None:
        raise ImportSourceError(f"{source.name} is a folder", hint="import its files one by one")
    source.whole()
    records = Records(NAME, warnings=list(source.text()[1]))
    has_records = False
    line = _NARROW if re.match(rb"(?:\xef\xbb\xbf)?\s*TY -", source.data) else _LINE
    for record in tagged_lines.records(source, line, starts="TY", ends="ER", problems=records.warnings):
        if "TY" not in record.values:
            records.leave_out(record.place, "TY", "the record has no type")
            continue
        has_records = True
        papers.add(records, record.place, _paper(record))
    if not has_records:
        raise ImportSourceError(
            f"{source.name} has no RIS records", hint="a record begins with a line such as TY  - JOUR"
        )
    return records.imported(whole=False)


def _paper(record: Tagged) -> Paper:
    first, last = record.first("SP"), record.first("EP")
    names = record.all("AU", "A1") or record.all("A2", "ED")
    links = record.all("UR", "L2", "LK", "L1")
    return Paper(
        title=record.first("TI", "T1", "CT", "BT"),
        day=papers.day_of(_day(record.first("DA")), _day(record.first("PY", "Y1"))),
        abstract="\n\n".join(record.all("AB") or record.all("N2")),
        venue=next((name for tag in _VENUES if (name := record.first(tag)) and name != record.first("TI", "T1")), ""),
        publisher=record.first("PB"),
        doi=record.first("DO") or next((link for link in links if bibliography.first_doi(link)), "") or _doi(record),
        address=next((part for link in links for part in link.split() if part.lower().startswith("http")), ""),
        kind=record.first("TY"),
        volume=record.first("VL"),
        issue=record.first("IS"),
        pages=f"{first}-{last}" if first and last and "-" not in first else first,
        names=[papers.name_of(name) for name in names],
        topics=papers.keywords(record.all("KW")),
        own_id=record.first("ID"),
    )


def _doi(record: Tagged) -> str:
    """Return a DOI from one of the other fields where some programs store it; empty if there is none."""
    return next((value for value in record.all("M3", "C1", "AN") if value.lower().startswith(("doi:", "10."))), "")


def _day(text: str) -> str:
    """Replace the slashes of a date by hyphens: `2024/03/05/` becomes `2024-03-05`, `2024/03//Spring` becomes `2024-03`.

    RIS separates the parts by slashes; words after the date are dropped.
    """
    year, *rest = text.split("/")
    if not re.fullmatch(r"\s*\d{4}\s*", year):
        return text
    numbers: list[str] = [year.strip()]
    for part in rest[:2]:
        if not part.strip().isdigit():
            break
        numbers.append(part.strip())
    return "-".join(numbers)
