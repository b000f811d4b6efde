"""BibTeX and BibLaTeX, parsed with pybtex. Each publication becomes an event."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pybtex.bibtex.utils import split_name_list
from pybtex.database import Person
from pybtex.database.input.bibtex import LowLevelParser, UndefinedMacro, month_names
from pybtex.exceptions import PybtexError
from pybtex.utils import CaseInsensitiveDict

from index import bibliography
from index.errors import ImportSourceError
from index.importers import dates
from index.importers.ids import of_foreign, without_hash
from index.importers.mapping import dated
from index.importers.records import Records
from index.importers.source import Imported, Source
from index.importers.text.latex import to_text
from index.importers.text.lines import web_address

NAME = "bibtex"
ABOUT = "BibTeX or BibLaTeX"
_ENTRY = re.compile(
    r"^[ \t]*@(?!(?:comment|string|preamble)\b)\w+\s*[{(]\s*[^\s,{}()\"]+\s*,\s*\w+\s*=", re.IGNORECASE | re.MULTILINE
)
_BLOCK = re.compile(r"^[ \t]*@\w+\s*[{(]", re.MULTILINE)
_SEASON = re.compile(r"(\d{4})-2[1-4]")
_APPROXIMATE = re.compile(r"(\d{4})(?:-\d{2}){0,2}\s*[?~%]")  # EDTF marks for approximate or uncertain dates
_UNSURE = re.compile(r".*(?:[?~%]|\dX)", re.IGNORECASE)
_LETTERED = re.compile(r"(\d{4})\s?[a-z]")  # 2019a, 2019b: two works of the same year
_NOT_INHERITED = set(
    "title subtitle titleaddon shorttitle sorttitle abstract annotation annote note keywords keyword doi url urldate eprint"
    " archiveprefix eprinttype pages pagetotal crossref xref xdata ids label file entrysubtype author editor".split()
)
"""Fields that describe only the collection itself, so its papers do not inherit them."""
_TEXTS = ("abstract", "annotation", "annote", "note")
_SOURCES = "journal journaltitle booktitle eventtitle publisher school institution organization howpublished".split()
_MOST_EXPANDED = 4 * 2**20
"""Maximum length of all expanded abbreviations together, in characters.

Real files stay far below it, because they abbreviate little more than journal names.
"""


def fits(source: Source) -> bool:
    """Whether an entry starts in the first 64 KiB, or the file name ends in `.bib` or `.bibtex`."""
    if source.folder is not None:
        return False
    if source.file_name.endswith((".bib", ".bibtex")):
        return True
    return _ENTRY.search(source.data[:65_536].decode("utf-8", errors="replace")) is not None


def read(source: Source) -> Imported:
    """Import every publication that has a title. Others are skipped and reported by line number.

    Raises:
        ImportSourceError: If the source has no BibTeX entry or is too large.
    """
    if source.folder is not None:
        raise ImportSourceError(f"{source.name} is a folder", hint="name the files one by one")
    source.whole()
    text, odd = source.text()
    records = Records(NAME, warnings=list(odd))
    by_key: dict[str, tuple[str, dict[str, str]]] = {}
    others: list[tuple[str, dict[str, str]]] = []
    for place, key, fields in _entries(source.name, text, records):
        _, first = by_key.setdefault(key.lower(), (place, fields | {"": key}))
        if first.get("title") != fields.get("title"):
            others.append((place, fields | {"": first[""]}))  # a different publication with the same key
        elif by_key[key.lower()][0] != place:
            records.leave_out(place, "id", f"the key {key!r} occurs twice in the source; the first entry is kept")
    if not by_key and not records.problems:
        raise ImportSourceError(f"{source.name} contains no BibTeX entry", hint="an entry begins with @article{KEY,")
    for place, fields in (*by_key.values(), *others):
        if fields["*"] in {"xdata", "set"}:
            continue  # these entries only provide fields for other entries, or list them
        whole = _with_inherited(fields, by_key)
        if not _full_title(whole, "title"):
            records.leave_out(place, "title", f"the entry {whole['']!r} has no title")
        elif not records.leave_out_hidden(place, whole):
            records.add(place, _record(records, place, whole))
    return records.imported(whole=False)


def _with_inherited(
    fields: Mapping[str, str], by_key: Mapping[str, tuple[str, dict[str, str]]], deep: int = 3
) -> dict[str, str]:
    """Return the fields of an entry, including those inherited through `crossref` and `xdata`."""
    whole = dict(fields)
    for key in fields.get("xdata", "").split(","):
        _, shared = by_key.get(key.strip().lower(), ("", {}))
        whole = {name: value for name, value in shared.items() if name not in {"", "*"}} | whole
    _, parent = by_key.get(fields.get("crossref", "").strip().lower(), ("", {}))
    if not parent or parent is fields or not deep:
        return whole
    above = _with_inherited(parent, by_key, deep - 1)
    inherited = {name: value for name, value in above.items() if name not in _NOT_INHERITED | {"", "*"}}
    if title := _full_title(above, "title"):
        inherited.setdefault("booktitle", f"{{{above['title']}}}" if not above.get("subtitle") else title)
    return inherited | whole


class _Parser(LowLevelParser):  # type: ignore[misc]
    """A parser that collects errors, continues after them, and limits the length of expanded abbreviations."""

    def __init__(self, text: str, macros: Any, errors: list[str], spent: list[int]) -> None:
        super().__init__(text, macros=macros)
        self._errors, self._spent = errors, spent

    def handle_error(self, error: Exception) -> None:
        if not isinstance(error, UndefinedMacro):
            self._errors.append(str(error).splitlines()[0])

    def substitute_macro(self, name: str) -> str:
        if name not in self.macros:
            return name  # an unquoted word that is not an abbreviation is kept unchanged
        value = str(self.macros[name])
        self._spent[0] += len(value)
        if self._spent[0] > _MOST_EXPANDED:
            raise ImportSourceError(
                "the @string abbreviations are too long when they are expanded", hint="remove the @string lines"
            )
        return value


def _entries(name: str, text: str, records: Records) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield the place, key and fields of each entry; the fields also hold the key as "" and the entry type as "*".

    Each block is parsed separately, so that a damaged one does not affect the others.
    """
    macros = CaseInsensitiveDict(month_names)
    spent = [0]
    starts = [match.start() for match in _BLOCK.finditer(text)]
    starts = [0, *starts] if starts and "@" in text[: starts[0]] else starts or [0]
    line, counted = 1, 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        line += text.count("\n", counted, start)
        counted = start
        place = f"{name}:{line}"
        errors: list[str] = []
        parsed = None
        try:
            for kind, body in _Parser(text[start:end], macros, errors, spent):
                if kind.lower() in {"string", "preamble"}:
                    continue
                parsed = body
                key, fields = body
                if key:
                    values: dict[str, str] = {"": key, "*": kind.lower()}
                    for field, value in fields:
                        values.setdefault(field.lower(), "".join(value))
                    yield place, key, values
        except (PybtexError, RecursionError, IndexError) as error:
            errors.append(str(error).splitlines()[0] if str(error) else type(error).__name__)
        if errors and parsed is None:
            records.leave_out(place, "", errors[0])
        elif errors:
            records.warn(place, "", f"the entry is damaged: {errors[0]}")


def _record(records: Records, place: str, fields: Mapping[str, str]) -> dict[str, Any]:
    doi = bibliography.bare_doi(fields.get("doi", "").replace("\\", ""))
    printed = to_text(fields.get("howpublished", ""))
    candidates = (
        fields.get("url", "").replace("\\", ""),
        printed if printed.startswith("http") else "",
        f"https://doi.org/{doi}" if doi else "",
        _arxiv_url(fields),
    )
    names = (text for name in _SOURCES if (text := _full_title(fields, name)))
    source = next((text for text in names if not text.startswith(("http://", "https://"))), None)
    publisher = to_text(fields.get("publisher", ""))
    words = re.split(r"[;,]", to_text(fields.get("keywords", "") or fields.get("keyword", "")))
    kind = "preprint" if fields["*"] == "misc" and _arxiv_url(fields) else fields.get("entrysubtype", "")
    return {
        "id": of_foreign(without_hash(fields[""])),
        "kind": "event",
        "title": _full_title(fields, "title"),
        "date": _date(records, place, fields),
        "summary": next((text for name in _TEXTS if (text := to_text(fields.get(name, "")))), ""),
        "source": source,
        "url": next((url for address in candidates if address and (url := web_address(address))), None),
        "topics": list(dict.fromkeys(word.strip() for word in words if word.strip())),
        "doi": doi,
        "publication_type": bibliography.publication_type(fields["*"], "bibtex", subtype=kind),
        "publisher": publisher if publisher != source else None,
        "volume": to_text(fields.get("volume", "")),
        "issue": to_text(fields.get("number", "") or fields.get("issue", "")),
        "pages": bibliography.plain_pages(to_text(fields.get("pages", ""))),
        "genre": "Master's thesis" if fields["*"] == "mastersthesis" else to_text(fields.get("type", "")),
        "isbn": to_text(fields.get("isbn", "")),
        "issn": to_text(fields.get("issn", "")),
    } | bibliography.authorship(_people(fields.get("author", "") or fields.get("editor", "")))


def _full_title(fields: Mapping[str, str], name: str) -> str:
    """Return a title and its subtitle on one line. BibLaTeX stores them in two fields."""
    title = " ".join(to_text(fields.get(name, "")).split())
    below = {"title": "subtitle", "booktitle": "booksubtitle", "journaltitle": "journalsubtitle"}.get(name, "")
    subtitle = " ".join(to_text(fields.get(below, "")).split()) if below else ""
    if not title or not subtitle:
        return title or subtitle
    return f"{title} {subtitle}" if title[-1] in "?!.:" else f"{title}: {subtitle}"


def _arxiv_url(fields: Mapping[str, str]) -> str:
    """Return the arXiv URL of a preprint; empty if the entry has no arXiv number."""
    archive = (fields.get("archiveprefix", "") or fields.get("eprinttype", "")).lower()
    number = fields.get("eprint", "").strip()
    return f"https://arxiv.org/abs/{number}" if archive == "arxiv" and re.fullmatch(r"[\w./-]+", number) else ""


def _people(text: str) -> Iterator[dict[str, str]]:
    """Yield the names in an author list.

    An "and" inside braces does not separate names. A name in braces is an organisation.
    """
    for name in split_name_list(" ".join(text.split())):
        if not name or name.lower() == "others":
            continue
        whole = name[1:-1] if name.startswith("{") and _closes_at_the_end(name) else ""
        try:
            person = Person(name) if not whole else None
        except PybtexError:
            person = None
        if person is None or not (person.first_names or person.prelast_names):
            yield bibliography.person(literal=to_text(whole or name))
            continue
        yield bibliography.person(
            given=to_text(" ".join([*person.first_names, *person.middle_names])),
            family=to_text(" ".join([*person.prelast_names, *person.last_names])),
            suffix=to_text(" ".join(person.lineage_names)),
        )


def _closes_at_the_end(text: str) -> bool:
    """Whether the last character closes the first brace."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "{") - (sign == "}")
        if not depth:
            return place == len(text) - 1
    return False


def _date(records: Records, place: str, fields: Mapping[str, str]) -> str | None:
    """Return the date from BibLaTeX's `date`, or else from `year`, `month` and `day` as far as they are present."""
    if stated := fields.get("date", "").strip("{} "):
        if match := _SEASON.fullmatch(stated):
            return match[1]
        if match := _APPROXIMATE.fullmatch(stated):
            records.warn(place, "date", f"{stated!r} is not exact, so only {match[1]} was kept")
            return match[1]
        if _UNSURE.match(stated):
            records.warn(place, "date", f"{stated!r} is uncertain and was left out")
            return None
        return dated(records, place, stated)
    year, month, day = (to_text(fields.get(name, "").replace("~", "\\~{}")) for name in ("year", "month", "day"))
    if not year:
        return None
    if match := _LETTERED.fullmatch(year) or _APPROXIMATE.fullmatch(year):
        year = match[1]
    if re.fullmatch(r"\d{4}", year):
        for words in (f"{day} {month} {year}", f"{month} {year}", f"{year}-{month}-{day}", f"{year}-{month}"):
            if month and (parsed := dates.parse(words)) and len(parsed) > 4:
                return parsed
    return dated(records, place, year)
