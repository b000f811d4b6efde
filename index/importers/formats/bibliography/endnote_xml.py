"""EndNote's XML export. Each publication becomes an event."""

from xml.etree.ElementTree import Element

from index import bibliography
from index.errors import ImportSourceError
from index.importers.formats.blogs.xml_items import all_said, items, local, root_of, said
from index.importers.records import Records
from index.importers.source import Imported, Source

from . import papers
from .papers import Paper

NAME = "endnote-xml"
ABOUT = "EndNote's XML export"


def fits(source: Source) -> bool:
    """Whether the XML contains EndNote's `record` and `titles` elements."""
    return root_of(source) in {"xml", "records"} and b"<record" in source.data and b"<titles" in source.data


def read(source: Source) -> Imported:
    """Import every publication that has a title. Others are skipped and reported by number.

    Raises:
        ImportSourceError: If the source has no EndNote record or is too large.
    """
    if source.folder is not None:
        raise ImportSourceError(f"{source.name} is a folder", hint="name the files one by one")
    records = Records(NAME)
    number = 0
    for number, record in enumerate(items(source, records, {"record"}), start=1):
        papers.add(records, f"{source.name}:record {number}", _paper(record))
    if not number:
        raise ImportSourceError(
            f"{source.name} contains no EndNote records", hint="export it from EndNote with File, Export, XML"
        )
    return records.imported(whole=False)


def _paper(record: Element) -> Paper:
    kind = next((child for child in record if local(child) == "ref-type"), None)
    links = [
        link for name in ("related-urls", "web-urls", "text-urls") for link in all_said(record, "urls", name, "url")
    ]
    names = all_said(record, "contributors", "authors", "author")
    year = said(record, "dates", "year")
    day = said(record, "dates", "pub-dates", "date")
    doi = said(record, "electronic-resource-num")
    return Paper(
        title=said(record, "titles", "title"),
        day=papers.day_of(day, f"{day} {year}", year) if day else year,
        abstract=said(record, "abstract"),
        venue=said(record, "periodical", "full-title")
        or said(record, "titles", "secondary-title")
        or said(record, "alt-periodical", "full-title"),
        publisher=said(record, "publisher"),
        doi=doi or next((link for link in links if bibliography.first_doi(link)), ""),
        address=next((link for link in links if link.lower().startswith("http")), ""),
        kind=(kind.get("name") or "") if kind is not None else "",
        volume=said(record, "volume"),
        issue=said(record, "number"),
        pages=said(record, "pages"),
        names=[
            papers.name_of(name) for name in names or all_said(record, "contributors", "secondary-authors", "author")
        ],
        topics=papers.keywords(all_said(record, "keywords", "keyword")),
    )
