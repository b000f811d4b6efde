"""Writes references to entries of the catalogue as BibTeX, RIS, CSL-JSON and Markdown.

A publication keeps the type it was imported with, and its authors, DOI, venue, volume and pages. Any other event becomes an
article in its source; without authors, its organisations are the authors. A guide or a path becomes a web page by the
almanac. A date has exactly the precision that the catalogue has.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from index import bibliography, dates
from index.models import AnyEntry, Event, Guide, Person

Form = Literal["bibtex", "ris", "csl-json", "markdown"]

# Even after a backslash, a single brace would unbalance the record, so braces become commands.
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
} | {sign: f"\\{sign}" for sign in "%&#_$"}
_LATEX_SPECIAL = re.compile("[" + re.escape("".join(_LATEX)) + "]")
_MARKDOWN_SPECIAL = re.compile(r"[\\`*_\[\]{}<>#|~&$!^=]|^[-+]")
_MARKDOWN_NUMBER = re.compile(r"^(\d+)([.)])")  # "2023. A year" at the start of an item would start a nested list
_CONTROL_CHARACTERS = re.compile("[\x00-\x1f\x7f-\x9f]")
_NAME_SEPARATOR = re.compile(r"[,{}]|\band\b", re.IGNORECASE)
_PUBLISHERS = {"publisher", "institution", "school"}
_PAGE = bibliography.PublicationType("webpage", "misc", "", "ELEC", "howpublished")
_ARTICLE = bibliography.PublicationType("article-newspaper", "article", "", "NEWS", "journal")
_CSL_TYPES = frozenset(
    "broadcast classic collection event figure graphic hearing interview map musical_score pamphlet performance periodical"
    " personal_communication regulation review review-book song treaty".split()
)
"""Types that exist only in CSL."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


ALMANAC = "Ask the almanac"
"""The default publisher of a catalogue's guides and paths."""


@dataclass(frozen=True, slots=True)
class _Reference:
    """The fields of a reference; each text is on one line."""

    entry_id: str
    title: str
    authors: tuple[Person, ...]
    issued: tuple[str, ...]
    """Year, month and day in digits, as far as they are known."""
    written: str
    publication: str | None
    publisher: str | None
    url: str | None
    accessed: date | None
    kind: bibliography.PublicationType
    csl: str
    """The CSL type from the catalogue; it may be more exact than `kind`."""
    doi: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    genre: str = ""


def render(entries: Sequence[AnyEntry], form: Form, *, accessed: date | None, almanac: str = ALMANAC) -> str:
    """Write references to entries, each entry once, in the given order.

    Args:
        entries: The entries.
        form: The format.
        accessed: The date of access, added to entries with a URL; None adds none.
        almanac: The publisher of guides and paths.
    """
    unique = {entry.id: entry for entry in entries}
    references = [_reference(entry, accessed, almanac) for entry in unique.values()]
    if form == "csl-json":
        return json.dumps([_csl(reference) for reference in references], ensure_ascii=False, indent=2) + "\n"
    if form == "markdown":
        return "".join(f"{number}. {_markdown(reference)}\n" for number, reference in enumerate(references, start=1))
    written = [_bibtex(reference) if form == "bibtex" else _ris(reference) for reference in references]
    return "\n".join(written)


def _reference(entry: AnyEntry, accessed: date | None, almanac: str) -> _Reference:
    source = _one_line(entry.source or "") or None
    csl, kind = _kind(entry, source)
    common: dict[str, Any] = {
        "entry_id": entry.id,
        "title": _one_line(entry.title) or entry.id,
        "authors": _authors(entry, almanac),
        "issued": tuple(entry.date.split("-")) if entry.date else (),
        "written": dates.in_words(entry.date) if entry.date else "",
        "publication": source,
        "url": entry.url,
        "accessed": accessed if entry.url else None,
        "kind": kind,
        "csl": csl,
    }
    if not isinstance(entry, Event):
        return _Reference(**common, publisher=_one_line(almanac) or None)
    names = ("doi", "volume", "issue", "pages")
    details: dict[str, Any] = {name: _one_line(getattr(entry, name) or "") for name in names}
    genre = (entry.model_extra or {}).get("genre")
    return _Reference(
        **common,
        **details,
        publisher=_one_line(entry.publisher or "") or None,
        genre=_one_line(genre) if isinstance(genre, str) else "",
    )


def _kind(entry: AnyEntry, source: str | None) -> tuple[str, bibliography.PublicationType]:
    """The CSL type, and the types of the other formats."""
    if not isinstance(entry, Event):
        return "webpage", _PAGE
    if entry.publication_type and (known := bibliography.PUBLICATION_TYPES.get(entry.publication_type)):
        return known.csl, known
    if entry.publication_type in _CSL_TYPES:
        return str(entry.publication_type), bibliography.PUBLICATION_TYPES["document"]
    return ("article-newspaper", _ARTICLE) if source else ("webpage", _PAGE)


def _authors(entry: AnyEntry, almanac: str) -> tuple[Person, ...]:
    """The authors, with the parts of their names if known; for an event without authors its organisations."""
    if isinstance(entry, Event | Guide) and entry.authors:
        parts = entry.author_names if isinstance(entry, Event) else ()
        known = {bibliography.display(name.model_dump()): name for name in parts}
        return tuple(known.get(name) or Person(literal=line) for name in entry.authors if (line := _one_line(name)))
    names = entry.organisations if isinstance(entry, Event) else (almanac,)
    return tuple(Person(literal=line) for name in names if (line := _one_line(name)))


def _one_line(text: str) -> str:
    return " ".join(_CONTROL_CHARACTERS.sub(" ", text).split())


def _bibtex(reference: _Reference) -> str:
    kind = reference.kind
    master = kind.csl == "thesis" and "master" in reference.genre.lower()
    body = "".join(f"  {name} = {value},\n" for name, value in _bibtex_fields(reference, master=master) if value)
    return f"@{'mastersthesis' if master else kind.bibtex}{{{_key(reference.entry_id)},\n{body}}}\n"


def _bibtex_fields(reference: _Reference, *, master: bool) -> Iterator[tuple[str, str]]:
    """Yield field names and values with their braces; a value may be empty."""

    def braced(text: str | None) -> str:
        return f"{{{text}}}" if text else ""

    kind = reference.kind
    yield "title", braced(braced(_latex(reference.title)))
    yield "author", braced(" and ".join(map(_bibtex_name, reference.authors)))
    yield kind.venue, braced(_latex(reference.publication or ""))
    if not (kind.venue == "publisher" and reference.publication):
        yield "publisher", braced(_latex(reference.publisher or ""))
    yield "volume", braced(_latex(reference.volume))
    yield "number", braced(_latex(reference.issue))
    yield "pages", braced(_latex(reference.pages.replace("-", "--")))
    year, month, day = (*reference.issued, "", "", "")[:3]
    yield "year", braced(year)
    yield "month", _MONTHS[int(month) - 1] if month else ""
    yield "day", braced(day.removeprefix("0"))
    yield "doi", braced(_without_braces(reference.doi))
    yield "url", braced(_without_braces(reference.url or ""))
    yield "urldate", braced(reference.accessed.isoformat() if reference.accessed else "")
    yield "type", braced("" if master else _latex(reference.genre))
    yield "entrysubtype", braced(kind.subtype)


def _bibtex_name(name: Person) -> str:
    """Write a name as `Doe, Jane`; a name without parts, or with a comma or an "and" in a part, gets braces."""
    parts = [part for part in (name.family, name.suffix, name.given) if part]
    if not name.family or not name.given or any(_NAME_SEPARATOR.search(part) for part in parts):
        return f"{{{_latex(_one_line(bibliography.display(name.model_dump())))}}}"
    return ", ".join(_latex(_one_line(part)) for part in parts)


def _key(entry_id: str) -> str:
    """The BibTeX key of an id. BibTeX ignores case, so an id with capitals gets a suffix from its hash."""
    if entry_id == entry_id.lower():
        return entry_id
    return f"{entry_id}-{hashlib.sha256(entry_id.encode('ascii')).hexdigest()[:8]}"


def _latex(text: str) -> str:
    return _LATEX_SPECIAL.sub(lambda match: _LATEX[match[0]], text)


def _without_braces(url: str) -> str:
    return url.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


def _ris(reference: _Reference) -> str:
    return "".join(f"{tag}  - {value}\n" for tag, value in _ris_fields(reference)) + "ER  - \n"


def _ris_fields(reference: _Reference) -> Iterator[tuple[str, str]]:
    kind = reference.kind
    yield "TY", kind.ris
    yield "ID", reference.entry_id
    yield "TI", reference.title
    yield from (("AU", _ris_name(name)) for name in reference.authors)
    if reference.issued:
        yield "PY", reference.issued[0]
        # The slashes stay even if a part is unknown: year/month/day/other.
        yield "DA", "/".join((*reference.issued, "", "")[:3]) + "/"
    publishes = kind.venue in _PUBLISHERS
    if reference.publication:
        yield "PB" if publishes else "T2" if kind.venue == "booktitle" else "JO", reference.publication
    if reference.publisher and not (publishes and reference.publication):
        yield "PB", reference.publisher
    yield from ((tag, text) for tag, text in (("VL", reference.volume), ("IS", reference.issue)) if text)
    first, hyphen, last = reference.pages.partition("-")
    if first:
        yield "SP", first if last.strip("0123456789") == "" else reference.pages
    if hyphen and last and last.strip("0123456789") == "":
        yield "EP", last
    if reference.doi:
        yield "DO", reference.doi
    if reference.genre:
        yield "M3", reference.genre
    if reference.url:
        yield "UR", reference.url
    if reference.accessed:
        yield "Y2", reference.accessed.strftime("%Y/%m/%d/")


def _ris_name(name: Person) -> str:
    parts = (name.family, name.given, name.suffix) if name.family and name.given else ()
    return ", ".join(_one_line(part) for part in parts if part) or _one_line(bibliography.display(name.model_dump()))


def _csl(reference: _Reference) -> dict[str, Any]:
    item: dict[str, Any] = {"id": reference.entry_id, "type": reference.csl, "title": reference.title}
    if reference.authors:
        item["author"] = [_csl_name(name) for name in reference.authors]
    if reference.issued:
        item["issued"] = {"date-parts": [[int(part) for part in reference.issued]]}
    publishes = reference.kind.venue in _PUBLISHERS and not reference.publisher
    more = {
        "container-title": None if publishes else reference.publication,
        "publisher": reference.publication if publishes else reference.publisher,
        "volume": reference.volume,
        "issue": reference.issue,
        "page": reference.pages,
        "DOI": reference.doi,
        "genre": reference.genre,
        "URL": reference.url,
    }
    item |= {name: value for name, value in more.items() if value}
    if reference.accessed:
        day = reference.accessed
        item["accessed"] = {"date-parts": [[day.year, day.month, day.day]]}
    return item


def _csl_name(name: Person) -> dict[str, str]:
    if name.family and name.given:
        parts = {"family": name.family, "given": name.given, "suffix": name.suffix}
        return {part: _one_line(text) for part, text in parts.items() if text}
    return {"literal": _one_line(bibliography.display(name.model_dump()))}


def _markdown(reference: _Reference) -> str:
    title = _plain(reference.title)
    named = f"[{title}]({_without_brackets(reference.url)})" if reference.url else title
    issue = f"({_plain(reference.issue)})" if reference.issue else ""
    volume = f"{_plain(reference.volume)}{issue}"
    published = reference.publication or reference.publisher
    if published and published == ", ".join(bibliography.display(name.model_dump()) for name in reference.authors):
        published = None  # the almanac is already the author
    place = ", ".join(
        part for part in (_plain(published or ""), volume, _plain(reference.pages), reference.written) if part
    )
    doi = _plain(f"doi:{reference.doi}") if reference.doi else ""
    accessed = f"Accessed {dates.in_words(reference.accessed.isoformat())}" if reference.accessed else ""
    authors = _plain(", ".join(_one_line(bibliography.display(name.model_dump())) for name in reference.authors))
    parts = [part for part in (authors, named, place, doi, accessed) if part]
    return " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts)


def _plain(text: str) -> str:
    return _MARKDOWN_NUMBER.sub(r"\1\\\2", _MARKDOWN_SPECIAL.sub(lambda match: f"\\{match[0]}", text))


def _without_brackets(url: str) -> str:
    for sign in "()<>\\":
        url = url.replace(sign, f"%{ord(sign):02X}")
    return url
