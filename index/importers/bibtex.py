"""BibTeX and BibLaTeX, read with pybtex: each publication an event."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pybtex.database import Person
from pybtex.database.input.bibtex import LowLevelParser, UndefinedMacro, month_names
from pybtex.exceptions import PybtexError
from pybtex.utils import CaseInsensitiveDict

from index.errors import ImportSourceError

from . import when
from .ids import of_foreign
from .latex import to_text
from .lines import web_address
from .mapping import dated
from .records import Records
from .source import Imported, Source

NAME = "bibtex"
ABOUT = "BibTeX or BibLaTeX"
_ENTRY = re.compile(
    r"^[ \t]*@(?!(?:comment|string|preamble)\b)\w+\s*[{(]\s*[^\s,{}()\"]+\s*,\s*\w+\s*=", re.IGNORECASE | re.MULTILINE
)
_BLOCK = re.compile(r"^[ \t]*@\w+\s*[{(]", re.MULTILINE)
_SEASON = re.compile(r"(\d{4})-2[1-4]")
_UNSURE = re.compile(r".*(?:[?~%]|\dX)", re.IGNORECASE)
_SOURCES = "journal journaltitle booktitle eventtitle publisher school institution organization howpublished".split()
_MOST_EXPANDED = 4 * 2**20
"""Characters that abbreviations may come to in all; a bibliography has its journals' names in them, no more."""


def fits(source: Source) -> bool:
    """Whether an entry begins on some line near the beginning, or its name says so."""
    if source.folder is not None:
        return False
    if source.file_name.endswith((".bib", ".bibtex")):
        return True
    return _ENTRY.search(source.data[:65_536].decode("utf-8", errors="replace")) is not None


def read(source: Source) -> Imported:
    """Every publication that has a title; the others are reported, each with its line.

    Raises:
        ImportSourceError: it holds no entry of BibTeX at all, or is too large.
    """
    if source.folder is not None:
        raise ImportSourceError(f"{source.name} is a folder", hint="name the files one by one")
    source.whole()
    text, odd = source.text()
    records = Records(NAME, warnings=list(odd))
    found: dict[str, tuple[str, dict[str, str]]] = {}
    others: list[tuple[str, dict[str, str]]] = []
    for place, key, fields in _entries(source.name, text, records):
        _, first = found.setdefault(key.lower(), (place, fields | {"": key}))
        if first.get("title") != fields.get("title"):
            others.append((place, fields | {"": first[""]}))  # another publication with the same key
        elif found[key.lower()][0] != place:
            records.leave_out(place, "id", f"the key {key!r} stands in the source twice; the first is kept")
    if not found and not records.problems:
        raise ImportSourceError(f"{source.name} holds no BibTeX entry", hint="each begins as @article{KEY,")
    for place, fields in (*found.values(), *others):
        _, parent = found.get(fields.get("crossref", "").lower(), ("", {}))
        inherited = {name: value for name, value in parent.items() if name and name != "title"}
        if "title" in parent:
            inherited.setdefault("booktitle", parent["title"])
        whole = inherited | fields
        if not to_text(whole.get("title", "")):
            records.leave_out(place, "title", f"the entry {whole['']!r} has none")
        elif not records.leave_out_hidden(place, whole):
            records.add(place, _record(records, place, whole))
    return records.imported(whole=False)


class _Parser(LowLevelParser):  # type: ignore[misc]
    """Reports what is wrong and goes on; abbreviations made of abbreviations cannot grow without end."""

    def __init__(self, text: str, macros: Any, errors: list[str], spent: list[int]) -> None:
        super().__init__(text, macros=macros)
        self._errors, self._spent = errors, spent

    def handle_error(self, error: Exception) -> None:
        if not isinstance(error, UndefinedMacro):
            self._errors.append(str(error).splitlines()[0])

    def substitute_macro(self, name: str) -> str:
        if name not in self.macros:
            return name  # a word without quotes: kept as it stands
        value = str(self.macros[name])
        self._spent[0] += len(value)
        if self._spent[0] > _MOST_EXPANDED:
            raise ImportSourceError(
                "its abbreviations grow without end when they are expanded", hint="take the @string lines out"
            )
        return value


def _entries(name: str, text: str, records: Records) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Place, key and fields of each entry; block by block, so that a damaged one costs no other."""
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
                    values: dict[str, str] = {}
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
    doi = re.sub(r"^https?://(?:dx\.)?doi\.org/", "", fields.get("doi", "").replace("\\", "").strip())
    told = (fields.get("url", "").replace("\\", ""), f"https://doi.org/{doi}" if doi else "", _archived(fields))
    source = next((text for name in _SOURCES if (text := to_text(fields.get(name, "")))), None)
    words = re.split(r"[;,]", to_text(fields.get("keywords", "") or fields.get("keyword", "")))
    return {
        "id": of_foreign(fields[""]),
        "kind": "event",
        "title": " ".join(to_text(fields["title"]).split()),
        "date": _date(records, place, fields),
        "summary": to_text(fields.get("abstract", "") or fields.get("annotation", "") or fields.get("note", "")),
        "source": source,
        "url": next((found for address in told if address and (found := web_address(address))), None),
        "topics": list(dict.fromkeys(word.strip() for word in words if word.strip())),
        "authors": _authors(fields.get("author", "") or fields.get("editor", "")),
        "doi": doi,
    }


def _archived(fields: Mapping[str, str]) -> str:
    """The address of a preprint, from the number of its archive."""
    archive = (fields.get("archiveprefix", "") or fields.get("eprinttype", "")).lower()
    number = fields.get("eprint", "").strip()
    return f"https://arxiv.org/abs/{number}" if archive == "arxiv" and re.fullmatch(r"[\w./-]+", number) else ""


def _authors(text: str) -> list[str]:
    names = []
    for one in re.split(r"\s+and\s+", text.strip()):
        if not one or one.lower() == "others":
            continue
        try:
            person = Person(one) if not one.startswith("{") else None
        except PybtexError:
            person = None
        parts = [*person.first_names, *person.middle_names, *person.prelast_names, *person.last_names] if person else []
        names.append(" ".join(to_text(" ".join([*parts, *(person.lineage_names if person else [])]) or one).split()))
    return [name for name in names if name]


def _date(records: Records, place: str, fields: Mapping[str, str]) -> str | None:
    """`date` of BibLaTeX, else `year` with `month` and `day` as far as they are there."""
    if stated := to_text(fields.get("date", "")):
        if match := _SEASON.fullmatch(stated):
            return match[1]
        if _UNSURE.match(stated):
            records.warn(place, "date", f"{stated!r} is not sure and was left out")
            return None
        return dated(records, place, stated)
    year, month, day = (to_text(fields.get(name, "")) for name in ("year", "month", "day"))
    if not year:
        return None
    if re.fullmatch(r"\d{4}", year):
        for words in (f"{day} {month} {year}", f"{month} {year}", f"{year}-{month}-{day}", f"{year}-{month}"):
            if month and (found := when.parse(words)) and len(found) > 4:
                return found
    return dated(records, place, year)
