"""PubMed's `.nbib` files with MEDLINE tags. Each publication becomes an event."""

import re

from index.errors import ImportSourceError
from index.importers.records import Records
from index.importers.source import Imported, Source

from . import papers, tagged_lines
from .papers import Paper
from .tagged_lines import Tagged

NAME = "nbib"
ABOUT = "PubMed's .nbib (MEDLINE) export"
_LINE = re.compile(r"(?P<tag>[A-Z][A-Z0-9]{1,3}) {0,3}- ?(?P<value>.*)", re.DOTALL)
_FIRST = re.compile(r"\ufeff?(?:PMID|OWN |STAT|DCOM|TI  )- ?")
_NEEDED = re.compile(r"^(?:TI  |PMID)-", re.MULTILINE)
_TYPES = {"preprint": "preprint", "dataset": "dataset", "news": "news", "technical report": "report"}


def fits(source: Source) -> bool:
    """Whether the first line has a MEDLINE tag."""
    return tagged_lines.looks_tagged(source, _FIRST, _NEEDED)


def read(source: Source) -> Imported:
    """Import every publication that has a title. Others are skipped and reported by line number.

    Raises:
        ImportSourceError: If the source has no MEDLINE record or is too large.
    """
    if source.folder is not None:
        raise ImportSourceError(f"{source.name} is a folder", hint="name the files one by one")
    source.whole()
    records = Records(NAME, warnings=list(source.text()[1]))
    for record in tagged_lines.records(source, _LINE, starts="PMID", ends="", problems=records.warnings):
        papers.add(records, record.place, _paper(record))
    if not records.entries and not records.problems:
        raise ImportSourceError(
            f"{source.name} contains no PubMed record", hint="save the results with Send to: Citation manager"
        )
    return records.imported(whole=False)


def _paper(record: Tagged) -> Paper:
    number = record.first("PMID").split(" ")[0]
    marked = [value for value in record.all("LID", "AID") if value.endswith("[doi]")]
    full, short, corporate = record.all("FAU"), record.all("AU"), record.all("CN")
    names = full if len(full) >= len(short) else short
    kinds = [value.lower() for value in record.all("PT")]
    return Paper(
        title=_joined(record.first("TI", "BTI")).strip("[]").removesuffix("."),
        day=papers.day_of(_day(record.first("DP")), record.first("DP"), record.first("DEP")),
        abstract=_joined(record.first("AB")),
        venue=_joined(record.first("JT") or record.first("TA")),
        publisher=record.first("PB"),
        doi=marked[0].removesuffix("[doi]").strip() if marked else "",
        address=f"https://pubmed.ncbi.nlm.nih.gov/{number}/" if number.isdigit() and not marked else "",
        kind=next(
            (kind for pubmed_type, kind in _TYPES.items() if pubmed_type in kinds),
            "book" if "BTI" in record.values else "jour",
        ),
        volume=record.first("VI"),
        issue=record.first("IP"),
        pages=record.first("PG"),
        names=[*(papers.name_of(name, initials=True) for name in names), *({"literal": name} for name in corporate)],
        topics=[word.replace("*", "").partition("/")[0] for word in record.all("OT", "MH")],
        foreign=f"pmid:{number}" if number.isdigit() else "",
        extra={"pmid": number} if number.isdigit() else {},
    )


def _joined(text: str) -> str:
    return " ".join(text.split())


def _day(text: str) -> str:
    """Return a date such as `2024 Mar 5` as `5 Mar 2024`. A range of months or a season is reduced to its year."""
    match = re.match(r"(\d{4})(?: ([A-Z][a-z]{2})(?: (\d{1,2}))?)?(?![\w-])", text)
    return f"{match[3] or ''} {match[2] or ''} {match[1]}".strip() if match else text[:4] if text[:4].isdigit() else ""
