"""Publications from reference managers: what their formats share on the way to an event."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from index.importers import dates
from index.importers.ids import event_id, of_address, of_foreign
from index.importers.mapping import dated
from index.importers.records import Records
from index.importers.text import plaintext
from index.importers.text.lines import web_address

_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_SPLIT_KEYWORDS = re.compile(r"[;\n]")
# Letters of given names without points, as in "Doe J" and "Doe JA": PubMed writes names so.
_INITIALS = re.compile(r"(?P<family>[^ ]+(?: [^ ]+)*?) (?P<given>[A-Z]{1,3})(?: (?P<suffix>Jr|Sr|2nd|3rd|II|III|IV))?")

TYPES = {
    spelt: known
    for known, words in {
        "article-journal": "jour ejour journalarticle article electronicarticle jfull abst inpr",
        "article-magazine": "mgzn magazinearticle",
        "article-newspaper": "news newspaperarticle",
        "paper-conference": "conf cpaper conferencepaper conferenceproceedings conferenceproceeding inproceedings",
        "book": "book ebook edbook editedbook electronicbook whole booksection_whole",
        "chapter": "chap echap booksection electronicbooksection",
        "report": "rprt report governmentdocument govdoc stand standard",
        "thesis": "thes thesis",
        "webpage": "elec webpage icomm onlinedatabase",
        "post-weblog": "blog blogpost",
        "dataset": "data dataset aggr aggregateddatabase",
        "software": "comp computerprogram software",
        "patent": "pat patent",
        "manuscript": "unpb unpublishedwork manuscript unpd unbill",
        "article": "preprint unpublishedpreprint",
        "speech": "slide presentation hear",
        "interview": "interview",
        "broadcast": "vidbroadcast podcast radiobroadcast tvbroadcast",
        "document": "gen generic document",
    }.items()
    for spelt in words.split()
}
"""From the types of RIS, EndNote and Zotero, in small letters and without spaces, to those of CSL."""


@dataclass(slots=True)
class Paper:
    """What a reference manager says of one publication, as plain text; empty where it says nothing."""

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
    foreign: str = ""
    """A number that the whole world knows the publication by, such as `pmid:123`."""
    extra: dict[str, str] = field(default_factory=dict)


def add(records: Records, place: str, paper: Paper) -> None:
    """Make an event of a publication; one without a title is left out and reported."""
    title = plaintext.one_line(paper.title)
    if not title:
        records.leave_out(place, "title", "the publication has none")
        return
    doi = bare_doi(paper.doi)
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
        "publication_type": TYPES.get(re.sub(r"[\W_]+", "", paper.kind.lower()), ""),
        "volume": paper.volume.strip(),
        "issue": paper.issue.strip(),
        "pages": plain_pages(paper.pages),
        **paper.extra,
        **authorship(paper.names),
    }
    records.add(place, record | {"id": _id(records, paper, record)})


def _id(records: Records, paper: Paper, record: Mapping[str, Any]) -> str:
    """From what the world knows the publication by; a number that a program gave it says nothing elsewhere."""
    if record["doi"]:
        return of_address(f"https://doi.org/{record['doi'].lower()}")
    if paper.foreign:
        return of_foreign(paper.foreign)
    if record["url"]:
        return of_address(record["url"])
    plain = event_id(record["title"])
    held = records.entries.get(plain)
    said = [str(record.get(name) or "") for name in ("title", "date", "source", "authors", "summary")]
    if held is None or [str(getattr(held, name, None) or "") for name in ("title", "date", "source")] == said[:3]:
        return plain
    # Two publications of one title: what else is known of them tells them apart.
    return event_id(" ".join(said), crowded=True)


def bare_doi(text: str) -> str:
    """The DOI in a text, without an address before it; empty where there is none."""
    match = _DOI.search(text.strip())
    return match[1].rstrip(".,;") if match else ""


def plain_pages(text: str) -> str:
    """Pages as `1-9`: one plain hyphen, and the last page in full (`123-9` is `123-129`)."""
    parts = [part.strip() for part in re.split(r"\s*(?:-+|–|—)\s*", text.strip()) if part.strip()]
    if len(parts) == 2 and all(part.isdigit() for part in parts) and len(parts[1]) < len(parts[0]):
        parts[1] = parts[0][: len(parts[0]) - len(parts[1])] + parts[1]
    return "-".join(parts)


def name_of(text: str, *, initials: bool = False) -> dict[str, str]:
    """`Doe, Jane` as its parts; what has no comma is an organisation, or with `initials` maybe `Doe J`."""
    said = " ".join(plaintext.one_line(text).split())
    family, comma, rest = said.partition(",")
    given, _, suffix = rest.partition(",")
    if comma and family.strip() and given.strip():
        parts = {"given": given.strip(), "family": family.strip(), "suffix": suffix.strip()}
        return {name: value for name, value in parts.items() if value}
    said = said.rstrip(", ")
    if initials and (match := _INITIALS.fullmatch(said)):
        return {name: value for name, value in match.groupdict().items() if value}
    return {"literal": said} if said else {}


def authorship(names: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """`authors` as they are called, and `author_names` with their parts where some are known."""
    known = list({_shown(name): dict(name) for name in names if _shown(name)}.items())
    if not known:
        return {}
    parts = [name for _, name in known]
    authors = {"authors": [shown for shown, _ in known]}
    return authors | ({"author_names": parts} if any("family" in name for name in parts) else {})


def _shown(name: Mapping[str, str]) -> str:
    if "family" not in name:
        return name.get("literal", "")
    return " ".join(name[part] for part in ("given", "family", "suffix") if name.get(part))


def keywords(values: Iterable[str]) -> list[str]:
    """Keywords, each in a value of its own or several in one, parted by semicolons or lines."""
    return [part.strip() for value in values for part in _SPLIT_KEYWORDS.split(value) if part.strip()]


def day_of(*candidates: str) -> str:
    """The first candidate that holds a date, as it is written; the first of all where none does."""
    said = [candidate.strip() for candidate in candidates if candidate.strip()]
    return next((candidate for candidate in said if dates.parse(candidate)), said[0] if said else "")
