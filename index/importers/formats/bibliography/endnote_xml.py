"""EndNote's XML export. Each publication becomes an event."""

from xml.etree.ElementTree import Element

from index import bibliography
from index.errors import ImportSourceError
from index.importers.formats.blogs.xml_items import element_text, element_texts, items, local, root_of
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
        link
        for name in ("related-urls", "web-urls", "text-urls")
        for link in element_texts(record, "urls", name, "url")
    ]
    names = element_texts(record, "contributors", "authors", "author")
    year = element_text(record, "dates", "year")
    day = element_text(record, "dates", "pub-dates", "date")
    doi = element_text(record, "electronic-resource-num")
    return Paper(
        title=element_text(record, "titles", "title"),
        day=papers.day_of(day, f"{day} {year}", year) if day else year,
        abstract=element_text(record, "abstract"),
        venue=element_text(record, "periodical", "full-title")
        or element_text(record, "titles", "secondary-title")
        or element_text(record, "alt-periodical", "full-title"),
        publisher=element_text(record, "publisher"),
        doi=doi or next((link for link in links if bibliography.first_doi(link)), ""),
        address=next((link for link in links if link.lower().startswith("http")), ""),
        kind=(kind.get("name") or "") if kind is not None else "",
        volume=element_text(record, "volume"),
        issue=element_text(record, "number"),
        pages=element_text(record, "pages"),
        names=[
            papers.name_of(name)
            for name in names or element_texts(record, "contributors", "secondary-authors", "author")
        ],
        topics=papers.keywords(element_texts(record, "keywords", "keyword")),
    )
