"""Zotero's RDF export. Each publication becomes an event; notes, attachments and collections are skipped."""

from xml.etree.ElementTree import Element

from index import bibliography
from index.errors import ImportSourceError
from index.importers.formats.blogs.xml_items import element_text, element_texts, items, local, root_of
from index.importers.records import Records
from index.importers.source import Imported, Source

from . import papers
from .papers import Paper

NAME = "zotero-rdf"
ABOUT = "Zotero's RDF export"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_ITEMS = set(
    "Description Article Book BookSection Thesis Report Document Manuscript Patent Letter Interview Legislation"
    " Recording MotionPicture Illustration Data Memo Attachment Collection Journal UserItem ConferenceProceedings"
    " Series Website Image".split()
)
_NO_PAPERS = {
    "attachment": "it is an attachment, not a publication",
    "note": "it is a note, which is private to its writer",
    "annotation": "it is an annotation, which is private to its writer",
}
_ROLES = ("authors", "presenters", "inventors", "programmers", "editors", "contributors")


def fits(source: Source) -> bool:
    """Whether the source is RDF that uses Zotero's namespace."""
    return root_of(source) == "rdf" and b"http://www.zotero.org/namespaces/export#" in source.data[:65_536]


def read(source: Source) -> Imported:
    """Import every publication that has a title. Notes and attachments are reported.

    Raises:
        ImportSourceError: If the source has no Zotero items or is too large.
    """
    if source.folder is not None:
        raise ImportSourceError(f"{source.name} is a folder", hint="name the files one by one")
    records = Records(NAME)
    # A journal may be nested in its article, or be a separate item that the article refers to by URL.
    publications: list[tuple[str, Paper, str]] = []
    journals: dict[str, Paper] = {}
    number = 0
    for number, item in enumerate(items(source, records, _ITEMS), start=1):
        place, about = f"{source.name}:item {number}", item.get(f"{_RDF}about") or ""
        kind, name = element_text(item, "itemType").lower(), local(item)
        if name in {"Journal", "Series"} or (not kind and about.startswith("urn:issn")):
            journals[about] = _venue(item)
        elif reason := _no_paper(item, kind, name):
            records.leave_out(place, "", reason)
        elif name != "Collection":
            paper = _paper(item, kind or name)
            if about.lower().startswith("http") and not paper.address:
                paper.address = about
            publications.append((place, paper, _reference(item, "isPartOf")))
    if not number:
        raise ImportSourceError(f"{source.name} has no Zotero items", hint="export the library as Zotero RDF")
    for place, paper, part_of in publications:
        journal = journals.get(part_of, Paper())
        paper.venue, paper.volume = paper.venue or journal.venue, paper.volume or journal.volume
        paper.issue = paper.issue or journal.issue
        papers.add(records, place, paper)
    return records.imported(whole=False)


def _no_paper(item: Element, kind: str, name: str) -> str:
    """Return the reason why an item is not a publication; empty if it is one.

    A collection also gives an empty reason, because it is skipped without a report.
    """
    if name == "Collection":
        return ""
    if name == "Attachment":
        return _NO_PAPERS["attachment"]
    if name == "Memo" or not (kind or element_text(item, "title")):
        return _NO_PAPERS["note"]
    return _NO_PAPERS.get(kind, "")


def _child(item: Element, *names: str) -> Element | None:
    return next((child for child in item if local(child) in names), None)


def _reference(item: Element, name: str) -> str:
    child = _child(item, name)
    return (child.get(f"{_RDF}resource") or "") if child is not None else ""


def _identifiers(item: Element) -> list[str]:
    return element_texts(item, "identifier")


def _venue(item: Element) -> Paper:
    doi = next((identifier for identifier in _identifiers(item) if bibliography.first_doi(identifier)), "")
    return Paper(
        venue=element_text(item, "title"),
        volume=element_text(item, "volume"),
        issue=element_text(item, "number"),
        doi=doi,
    )


def _paper(item: Element, kind: str) -> Paper:
    inside = _child(item, "isPartOf")
    container = next(iter(inside), None) if inside is not None else None
    venue = _venue(container) if container is not None else Paper()
    identifiers = _identifiers(item)
    # The subject of an item is a word, or an AutomaticTag element that contains a word.
    subjects = element_texts(item, "subject")
    return Paper(
        title=element_text(item, "title"),
        day=element_text(item, "date"),
        abstract=element_text(item, "abstract"),
        venue=venue.venue or element_text(item, "presentedAt"),
        publisher=element_text(item, "publisher", "Organization", "name") or element_text(item, "publisher"),
        doi=next((identifier for identifier in identifiers if bibliography.first_doi(identifier)), "") or venue.doi,
        address=next(
            (part for identifier in identifiers for part in identifier.split() if part.lower().startswith("http")), ""
        ),
        kind=kind,
        volume=venue.volume or element_text(item, "volume"),
        issue=venue.issue or element_text(item, "number"),
        pages=element_text(item, "pages"),
        names=_names(item),
        topics=subjects,
    )


def _names(item: Element) -> list[dict[str, str]]:
    authors = next((child for name in _ROLES if (child := _child(item, name)) is not None), None)
    names = []
    for person in authors.iter() if authors is not None else ():
        if local(person) != "Person":
            continue
        family, given = (
            element_text(person, "surname"),
            element_text(person, "givenName") or element_text(person, "givenname"),
        )
        parts = {"given": given, "family": family} if given and family else {"literal": family or given}
        names.append({name: value for name, value in parts.items() if value})
    return names
