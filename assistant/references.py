"""References to entries of the catalogue: BibTeX, RIS, CSL-JSON and Markdown.

An event is an article in the publication that carried it; a guide, a path, or an event of no known publication is
a page on the web. A date is given as exactly as the catalogue knows it, and never more so.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from index import dates
from index.models import AnyEntry

Form = Literal["bibtex", "ris", "csl-json", "markdown"]

# A brace of its own would unbalance the record even behind a backslash, so braces are spelt out.
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
} | {sign: f"\\{sign}" for sign in "%&#_$"}
_LATEX_SPECIAL = re.compile("[" + re.escape("".join(_LATEX)) + "]")
_MARKDOWN_SPECIAL = re.compile(r"[\\`*_\[\]{}<>#|~&$!^=]|^[-+]")
_MARKDOWN_NUMBER = re.compile(r"^(\d+)([.)])")  # "2023. A year" at the start of an item would open a list in it
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class _Reference:
    """What a reference says, each text on one line."""

    entry_id: str
    title: str
    authors: tuple[str, ...]
    issued: tuple[str, ...]
    """Year, month and day as digits, as many as are known."""
    written: str
    publication: str | None
    url: str | None
    accessed: date | None
    article: bool


def render(entries: Sequence[AnyEntry], form: Form, *, accessed: date | None) -> str:
    """References to entries, each named once, in the order given; `accessed` is told of entries with an address."""
    once = {entry.id: entry for entry in entries}
    references = [_reference(entry, accessed) for entry in once.values()]
    if form == "csl-json":
        return json.dumps([_csl(reference) for reference in references], ensure_ascii=False, indent=2) + "\n"
    if form == "markdown":
        return "".join(f"{number}. {_markdown(one)}\n" for number, one in enumerate(references, start=1))
    written = [_bibtex(reference) if form == "bibtex" else _ris(reference) for reference in references]
    return "\n".join(written)


def _reference(entry: AnyEntry, accessed: date | None) -> _Reference:
    source = _one_line(entry.source or "")
    return _Reference(
        entry_id=entry.id,
        title=_one_line(entry.title) or entry.id,
        authors=tuple(name for name in map(_one_line, entry.organisations) if name),
        issued=tuple(entry.date.split("-")) if entry.date else (),
        written=dates.in_words(entry.date) if entry.date else "",
        publication=source or None,
        url=entry.url,
        accessed=accessed if entry.url else None,
        article=entry.kind == "event" and bool(source),
    )


def _one_line(text: str) -> str:
    return " ".join(_CONTROLS.sub(" ", text).split())


def _bibtex(reference: _Reference) -> str:
    fields: dict[str, str] = {"title": f"{{{{{_latex(reference.title)}}}}}"}
    if reference.authors:
        fields["author"] = "{" + " and ".join(f"{{{_latex(name)}}}" for name in reference.authors) + "}"
    if reference.publication:
        fields["journal" if reference.article else "howpublished"] = f"{{{_latex(reference.publication)}}}"
    year, month, day = (*reference.issued, "", "", "")[:3]
    if year:
        fields["year"] = f"{{{year}}}"
    if month:
        fields["month"] = _MONTHS[int(month) - 1]
    if day:
        fields["day"] = f"{{{int(day)}}}"
    if reference.url:
        fields["url"] = f"{{{_braceless(reference.url)}}}"
    if reference.accessed:
        fields["urldate"] = f"{{{reference.accessed.isoformat()}}}"
    kind = "article" if reference.article else "misc"
    body = "".join(f"  {name} = {value},\n" for name, value in fields.items())
    return f"@{kind}{{{_key(reference.entry_id)},\n{body}}}\n"


def _key(entry_id: str) -> str:
    """The id; BibTeX takes keys that differ in case alone for one, so an id with capitals gets a hash of itself."""
    if entry_id == entry_id.lower():
        return entry_id
    return f"{entry_id}-{hashlib.sha256(entry_id.encode('ascii')).hexdigest()[:8]}"


def _latex(text: str) -> str:
    return _LATEX_SPECIAL.sub(lambda match: _LATEX[match[0]], text)


def _braceless(url: str) -> str:
    return url.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


def _ris(reference: _Reference) -> str:
    return "".join(f"{tag}  - {value}\n" for tag, value in _ris_fields(reference)) + "ER  - \n"


def _ris_fields(reference: _Reference) -> Iterator[tuple[str, str]]:
    yield "TY", "NEWS" if reference.article else "ELEC"
    yield "ID", reference.entry_id
    yield "TI", reference.title
    yield from (("AU", name) for name in reference.authors)
    if reference.issued:
        yield "PY", reference.issued[0]
        # The slashes stay where a part is not known: year/month/day/other.
        yield "DA", "/".join((*reference.issued, "", "")[:3]) + "/"
    if reference.publication:
        yield "JO", reference.publication
    if reference.url:
        yield "UR", reference.url
    if reference.accessed:
        yield "Y2", reference.accessed.strftime("%Y/%m/%d/")


def _csl(reference: _Reference) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": reference.entry_id,
        "type": "article-newspaper" if reference.article else "webpage",
        "title": reference.title,
    }
    if reference.authors:
        item["author"] = [{"literal": name} for name in reference.authors]
    if reference.issued:
        item["issued"] = {"date-parts": [[int(part) for part in reference.issued]]}
    if reference.publication:
        item["container-title"] = reference.publication
    if reference.url:
        item["URL"] = reference.url
    if reference.accessed:
        day = reference.accessed
        item["accessed"] = {"date-parts": [[day.year, day.month, day.day]]}
    return item


def _markdown(reference: _Reference) -> str:
    title = _plain(reference.title)
    named = f"[{title}]({_bracketless(reference.url)})" if reference.url else title
    place = ", ".join(part for part in (_plain(reference.publication or ""), reference.written) if part)
    accessed = f"Accessed {dates.in_words(reference.accessed.isoformat())}" if reference.accessed else ""
    authors = _plain(", ".join(reference.authors))
    parts = [part for part in (authors, named, place, accessed) if part]
    return " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts)


def _plain(text: str) -> str:
    return _MARKDOWN_NUMBER.sub(r"\1\\\2", _MARKDOWN_SPECIAL.sub(lambda match: f"\\{match[0]}", text))


def _bracketless(url: str) -> str:
    for sign in "()<>\\":
        url = url.replace(sign, f"%{ord(sign):02X}")
    return url
