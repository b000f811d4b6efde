"""Turn rows and objects with arbitrary field names into catalogue records, by a given mapping or by common names."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from index import bibliography
from index.errors import ImportSourceError
from index.importers.text import plaintext
from index.models import Event, Guide, Path

from . import dates
from .cells import parse_json, people, split
from .ids import event_id, of_address, of_foreign
from .records import Records

Mapped = Mapping[str, Sequence[str]]
"""For each field of an entry, the source fields that hold its value; a list may be spread over several."""

_OBVIOUS = {
    "id": "id _id uid guid uuid identifier key",
    "kind": "kind",
    "title": "title headline name subject event eventname eventtitle articletitle papertitle posttitle paper papername"
    " model modelname release releasename",
    "date": "date published publishedat publisheddate publicationdate datepublished pubdate publishedon eventdate"
    " startdate releasedate released announced announcementdate dateannounced announcedon posted postedon postedat"
    " postdate created createdat year publicationyear",
    "summary": "summary description abstract abstractnote text body content html contenthtml bodyhtml excerpt details lead dek standfirst tldr"
    " notes note subtitle",
    "source": "source publication publicationtitle journal journaltitle venue booktitle proceedings conference outlet"
    " sitename publisher",
    "url": "url link href address permalink webpage website",
    "importance": "importance",
    "checked": "checked lastchecked",
    "organisations": "organisations organizations organisation organization orgs company companies developer developers"
    " lab labs vendor institution institutions",
    "topics": "topics topic tags tag categories category keywords labels manualtags",
    "level": "level",
    "tldr": "tldr",
    "key_takeaways": "keytakeaways takeaways",
    "authors": "authors author creators creator writers writer byline",
    "doi": "doi",
    "publication_type": "publicationtype itemtype",
    "publisher": "publisher",
    "volume": "volume",
    "issue": "issue",
    "pages": "pages",
}
_MORE_COLUMNS = {"date": ("publicationyear",), "topics": ("automatictags",)}
"""Additional columns in Zotero exports: the year if there is no date, and tags that Zotero added automatically."""
FIELDS = tuple(sorted({*Event.model_fields, *Guide.model_fields, *Path.model_fields}))
_LISTS = {"organisations", "topics", "related_events", "related_guides", "steps", "key_takeaways"}
_TEXTS = {"title", "summary", "source", "tldr", "description", "publisher"}
_KINDS = {"event", "guide", "path"}
_NUMERIC_DATE = re.compile(r"\b\d{1,2}+\s?+[-/.]\s?+\d{1,2}+\s?+[-/.]\s?+\d{4}\b")
_MAX_BEFORE_DATE, _MAX_AFTER_DATE = 12, 30
"""Characters around a numeric date, such as a weekday or a time."""


def parse_map(texts: Iterable[str]) -> dict[str, list[str]]:
    """Parse mappings such as `title=Headline,date=Published`; names that contain a comma are quoted as in CSV.

    Raises:
        ImportSourceError: a text is not of the form FIELD=COLUMN, or FIELD is not a field of an entry.
    """
    mapping: dict[str, list[str]] = {}
    for word in (word for row in csv.reader(texts, skipinitialspace=True) for word in row if word.strip()):
        name, equals, column = (part.strip() for part in word.partition("="))
        if not equals or not column or name not in FIELDS:
            raise ImportSourceError(
                f"{word!r} maps no field of an entry", hint=f"write FIELD=COLUMN; the fields are {', '.join(FIELDS)}"
            )
        mapping.setdefault(name, []).append(column)
    return mapping


def resolve(columns: Iterable[str], mapping: Mapped) -> dict[str, list[str]]:
    """Find the columns for each field of an entry: by the given mapping, otherwise by common names, best match first.

    Raises:
        ImportSourceError: a mapped column does not exist.
    """
    there = list(dict.fromkeys(columns))
    columns_of = {name: list(wanted) for name, wanted in mapping.items()}
    for column in (column for wanted in columns_of.values() for column in wanted):
        if column not in there:
            raise ImportSourceError(f"there is no column {column!r}", hint=f"the columns are {', '.join(there)[:500]}")
    taken = {column for wanted in columns_of.values() for column in wanted}
    spelt: dict[str, str] = {}
    for column in there:
        if column not in taken:
            spelt.setdefault(re.sub(r"[\W_]+", "", column.lower()) or column, column)
    for name, spellings in _OBVIOUS.items():
        known = [word.strip("_") for word in spellings.split()]
        likely = next((spelt[word] for word in known if word in spelt and spelt[word] not in taken), None)
        if name not in columns_of and likely is not None:
            columns_of[name] = [likely, *(spelt[word] for word in _MORE_COLUMNS.get(name, ()) if word in spelt)]
            taken.update(columns_of[name])
    taken |= {column for wanted in columns_of.values() for column in wanted}
    for name in FIELDS:
        if name not in columns_of and name in there and name not in taken:
            columns_of[name] = [name]
    return columns_of


class Mapper:
    """Converts rows to records and adds them to `records`."""

    def __init__(
        self,
        records: Records,
        fields: Mapping[str, Sequence[str]],
        *,
        order: dates.Order | dates.Habits | None,
        mapping: Mapped | None = None,
    ) -> None:
        self._records, self._fields, self._order = records, fields, order
        # Columns that the user mapped explicitly are not checked for signs that the row is a draft or private.
        self._chosen = {column for columns in (mapping or {}).values() for column in columns}
        self._used = {column for columns in fields.values() for column in columns}
        self._warned = False

    def add(self, place: str, row: Mapping[str, Any]) -> None:
        """Convert a row to a record and add it, unless it is not public; a missing title is taken from its text."""
        if self._records.leave_out_hidden(place, {name: row[name] for name in row if name not in self._chosen}):
            return
        record: dict[str, Any] = {
            str(name): value for name, value in row.items() if name not in self._used and value not in ("", None)
        }
        for name, columns in self._fields.items():
            values = [row[column] for column in columns if row.get(column) not in (None, "")]
            if values:
                record[name] = self._value(place, name, values)
        stated = "kind" in record
        kind = str(record.get("kind", "event")).strip().lower()
        record["kind"] = kind
        if kind not in _KINDS:
            self._records.leave_out(place, "kind", "must be event, guide or path")
            return
        record |= self._about_publication(record)
        own = {"path": "description", "guide": "tldr"}.get(kind, "")
        if own and own not in record and "summary" in record:
            record[own] = record.pop("summary")
        text = next((record[name] for name in ("summary", "tldr", "description") if record.get(name)), "")
        if not record.get("title") and not text:
            self._records.leave_out(place, "title", "it has neither a title nor a text")
            return
        if not record.get("title"):
            record["title"] = self._guessed_title(place, str(text), row)
        if kind == "event":
            record.setdefault("summary", "")
        record["id"] = self._id(record)
        if stated:
            self._records.stated.add(record["id"])
        self._records.add(place, record)

    def _guessed_title(self, place: str, text: str, row: Mapping[str, Any]) -> str:
        """Return the first words of the text as the title; warn once if the source has no title column."""
        if "title" in self._fields:
            return self._records.title_from(text)
        if not self._warned:
            self._warned = True
            held = next(
                (self._fields[name][0] for name in ("summary", "tldr", "description") if name in self._fields),
                "the text",
            )
            other = next(
                (name for name, value in row.items() if name not in self._used and _may_be_title(value)), "COLUMN"
            )
            message = f"no column of titles; titles are the first words of {held}; name it with --map title={other}"
            self._records.warn(place, "title", message)
        return plaintext.first_words(text)

    def _about_publication(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return authors, DOI, type and pages as entries store them; a missing address is derived from the DOI."""
        fields: dict[str, Any] = {}
        if "authors" in record:
            inverted = "Item Type" in self._fields.get("publication_type", ())
            fields |= bibliography.authorship(people(record["authors"], inverted=inverted))
        if isinstance(record.get("doi"), str) and (doi := bibliography.bare_doi(record["doi"])):
            fields["doi"] = doi
            if not record.get("url"):
                fields["url"] = f"https://doi.org/{doi}"
        if isinstance(stated_type := record.get("publication_type"), str):
            fields["publication_type"] = bibliography.publication_type(stated_type, "zotero") or stated_type
        if isinstance(record.get("pages"), str):
            fields["pages"] = bibliography.plain_pages(record["pages"])
        return fields

    def _value(self, place: str, name: str, values: list[Any]) -> Any:
        first = values[0]
        if name in _LISTS:
            return list(dict.fromkeys(part for value in values for part in split(value)))
        if name == "date":
            return dated(self._records, place, first, order=self._order)
        if name == "checked":
            day = dates.parse(first, order=self._order)
            return day if day is not None and len(day) == len("YYYY-MM-DD") else first
        if name == "authors":
            return first
        if name in _TEXTS and not isinstance(first, list | dict):
            texts = [plaintext.of_html(str(value)) for value in values]
            return " ".join(" ".join(texts).split()) if name in {"title", "source"} else "\n\n".join(texts)
        if name in {"level", "url"} and isinstance(first, str):
            return first.strip().lower() if name == "level" else first.strip()
        if name == "importance" and isinstance(first, str) and re.fullmatch(r"\s*\d{1,3}(?:\.0+)?\s*", first):
            return int(float(first))
        if name in {"sections", "terms"} and isinstance(first, str):
            return parse_json(first)
        return first

    def _id(self, record: Mapping[str, Any]) -> str:
        own = record.get("id")
        if isinstance(own, str | int) and not isinstance(own, bool) and str(own).strip():
            return of_foreign(str(own).strip())
        if isinstance(record.get("url"), str):
            return of_address(record["url"])
        title = str(record["title"])
        plain = event_id(title)
        held = self._records.entries.get(plain)
        # An equal title with another date is a different event.
        if held is not None and held.date != record.get("date"):
            return event_id(f"{title} {record.get('date')}", crowded=True)
        return plain


def _may_be_title(value: object) -> bool:
    return (
        isinstance(value, str) and 1 < len(value) < 200 and not value.startswith("http") and dates.parse(value) is None
    )


def dated(
    records: Records, place: str, value: object, *, order: dates.Order | dates.Habits | None = None
) -> str | None:
    """Parse a date as precisely as is certain; warn if the date or a part of it is dropped."""
    date = dates.parse(value, order=order)
    text = " ".join(str(value).split())[:60]
    if date is None and text:
        records.warn(place, "date", f"{text!r} is not a clear date and was left out")
    elif date is not None and len(date) == 4 and _is_numeric_date(text):
        records.warn(place, "date", f"{text!r} can be read in two ways, so only {date} was kept")
    return date


def _is_numeric_date(text: str) -> bool:
    """Whether a text is a date such as `03/04/2023`, with little around it."""
    match = _NUMERIC_DATE.search(text)
    return match is not None and match.start() <= _MAX_BEFORE_DATE and len(text) - match.end() <= _MAX_AFTER_DATE
