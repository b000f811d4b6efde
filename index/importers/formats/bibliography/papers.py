"""Convert publications from reference managers to events. The formats in this package share this module."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from index import bibliography
from index.importers import dates
from index.importers.ids import event_id, of_address, of_foreign
from index.importers.mapping import dated
from index.importers.records import Records
from index.importers.text import plaintext
from index.importers.text.lines import web_address

_SPLIT_KEYWORDS = re.compile(r"[;\n]")
# Initials without periods after the family name, as in PubMed: "Doe J", "Doe JA".
_INITIALS = re.compile(r"(?P<family>[^ ]+(?: [^ ]+)*?) (?P<given>[A-Z]{1,3})(?: (?P<suffix>Jr|Sr|2nd|3rd|II|III|IV))?")


@dataclass(slots=True)
class Paper:
    """One publication from a reference manager, as plain text. Missing fields are empty."""

    title: str = ""
    day: str = ""
    abstract: str = ""
    venue: str = ""
    publisher: str = ""
    doi: str = ""
    address: str = ""
    kind: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    names: Sequence[Mapping[str, str]] = ()
    topics: Iterable[str] = ()
    own_id: str = ""
    """The publication's id in the file.

    Each program numbers publications in its own way, so this id is only used to recognise an entry that the catalogue
    already contains.
    """
    foreign: str = ""
    """A globally unique id of the publication, such as `pmid:123`."""
    extra: dict[str, str] = field(default_factory=dict)


def add(records: Records, place: str, paper: Paper) -> None:
    """Add a publication as an event. A publication without a title is skipped and reported."""
    title = plaintext.one_line(paper.title)
    if not title:
        records.leave_out(place, "title", "the publication has no title")
        return
    doi = bibliography.first_doi(paper.doi)
    url = web_address(paper.address) if paper.address else None
    url = url or (web_address(f"https://doi.org/{doi}") if doi else None)
    venue, publisher = plaintext.one_line(paper.venue), plaintext.one_line(paper.publisher)
    record: dict[str, Any] = {
        "kind": "event",
        "title": title,
        "date": dated(records, place, paper.day) if paper.day else None,
        "summary": plaintext.of_html(paper.abstract),
        "source": venue or publisher,
        "publisher": publisher if venue and publisher != venue else "",
        "url": url,
        "topics": list(dict.fromkeys(topic for topic in map(plaintext.one_line, paper.topics) if topic)),
        "doi": doi,
        "publication_type": bibliography.any_publication_type(paper.kind),
        "volume": paper.volume.strip(),
        "issue": paper.issue.strip(),
        "pages": full_pages(paper.pages),
        **paper.extra,
        **bibliography.authorship(paper.names),
    }
    entry_id = _id(records, paper, record)
    if paper.own_id:
        records.own_ids.setdefault(entry_id, paper.own_id)
    records.add(place, record | {"id": entry_id})


def _id(records: Records, paper: Paper, record: Mapping[str, Any]) -> str:
    """Return the event id, derived from the DOI, another global id, the URL or the title, in this order.

    A number that a program assigned has no meaning outside the file, so it is not used.
    """
    if record["doi"]:
        return of_address(f"https://doi.org/{record['doi'].lower()}")
    if paper.foreign:
        return of_foreign(paper.foreign)
    if record["url"]:
        return of_address(record["url"])
    plain = event_id(record["title"])
    held = records.entries.get(plain)
    texts = [str(record.get(name) or "") for name in ("title", "date", "source", "authors", "summary")]
    if held is None or [str(getattr(held, name, None) or "") for name in ("title", "date", "source")] == texts[:3]:
        return plain
    # Another publication has the same title, so the other fields distinguish the two.
    return event_id(" ".join(texts), crowded=True)


def full_pages(text: str) -> str:
    """Return a page range with the last page in full: `123-9` becomes `123-129`."""
    first, hyphen, last = bibliography.plain_pages(text).partition("-")
    if hyphen and first.isdigit() and last.isdigit() and len(last) < len(first):
        last = first[: len(first) - len(last)] + last
    return f"{first}-{last}" if first and last else first or last


def name_of(text: str, *, initials: bool = False) -> dict[str, str]:
    """Return the parts of a name such as `Doe, Jane`. A name without a comma is an organisation.

    With `initials`, names such as `Doe J` and `Doe JA Jr` also count as persons.
    """
    name = plaintext.one_line(text)
    if initials and (match := _INITIALS.fullmatch(name.rstrip(", "))):
        return {part: value for part, value in match.groupdict().items() if value}
    return bibliography.from_inverted(name, any_suffix=True)


def keywords(values: Iterable[str]) -> list[str]:
    """Return the keywords. One value may contain several, separated by semicolons or line breaks."""
    return [part.strip() for value in values for part in _SPLIT_KEYWORDS.split(value) if part.strip()]


def day_of(*candidates: str) -> str:
    """Return the first candidate that contains a date, unchanged; the first non-empty candidate if none does."""
    texts = [candidate.strip() for candidate in candidates if candidate.strip()]
    return next((candidate for candidate in texts if dates.parse(candidate)), texts[0] if texts else "")
