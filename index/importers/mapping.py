"""Rows and objects of any field names as records of a catalogue: by a mapping the reader gives, else by obvious names."""

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from index.errors import ImportSourceError
from index.models import Event, Guide, Path

from . import plaintext, when
from .ids import event_id, of_address, of_foreign
from .records import Records

Mapped = Mapping[str, Sequence[str]]
"""From a field of an entry to the fields of the source that hold it; lists may be in several."""

_OBVIOUS = {
    "id": "id _id uid guid uuid identifier key",
    "kind": "kind",
    "title": "title headline name subject",
    "date": "date published publishedat publisheddate publicationdate datepublished pubdate publishedon eventdate"
    " startdate created createdat year",
    "summary": "summary description abstract text body content excerpt details",
    "source": "source publisher publication outlet sitename",
    "url": "url link href address permalink webpage website",
    "importance": "importance",
    "organisations": "organisations organizations organisation organization orgs company companies",
    "topics": "topics topic tags tag categories category keywords labels",
    "level": "level",
    "tldr": "tldr",
    "key_takeaways": "keytakeaways takeaways",
}
_NAMES = {spelt: name for name, spellings in _OBVIOUS.items() for spelt in spellings.split()}
FIELDS = tuple(sorted({*Event.model_fields, *Guide.model_fields, *Path.model_fields}))
_LISTS = {"organisations", "topics", "related_events", "related_guides", "steps", "key_takeaways"}
_TEXTS = {"title", "summary", "source", "tldr", "description"}
_KINDS = {"event", "guide", "path"}
_OF_A_NAME = re.compile(r"(?:inc|ltd|llc|llp|plc|corp|co|gmbh|ag|s\.?a|b\.?v)\.?", re.IGNORECASE)
_AMBIGUOUS = re.compile(r".{0,12}\b\d{1,2}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d{4}\b.{0,30}")


def parse_map(texts: Iterable[str]) -> dict[str, list[str]]:
    """The mapping in words such as `title=Headline,date=Published`; a name with a comma is quoted as in CSV.

    Raises:
        ImportSourceError: a word is no mapping, or names no field of an entry.
    """
    found: dict[str, list[str]] = {}
    for word in (word for row in csv.reader(texts, skipinitialspace=True) for word in row if word.strip()):
        name, equals, column = (part.strip() for part in word.partition("="))
        if not equals or not column or name not in FIELDS:
            raise ImportSourceError(
                f"{word!r} maps no field of an entry", hint=f"write FIELD=COLUMN; the fields are {', '.join(FIELDS)}"
            )
        found.setdefault(name, []).append(column)
    return found


def resolve(columns: Iterable[str], mapping: Mapped) -> dict[str, list[str]]:
    """From fields of an entry to columns that are there: as mapped, the rest by obvious names, the likeliest first.

    Raises:
        ImportSourceError: a mapped column is not there.
    """
    there = list(dict.fromkeys(columns))
    found = {name: list(wanted) for name, wanted in mapping.items()}
    for column in (column for wanted in found.values() for column in wanted):
        if column not in there:
            raise ImportSourceError(f"there is no column {column!r}", hint=f"the columns are {', '.join(there)[:500]}")
    taken = {column for wanted in found.values() for column in wanted}
    spelt: dict[str, str] = {}
    for column in there:
        if column not in taken:
            spelt.setdefault(re.sub(r"[\W_]+", "", column.lower()) or column, column)
    for name, spellings in _OBVIOUS.items():
        likely = next((spelt[word] for word in (word.strip("_") for word in spellings.split()) if word in spelt), None)
        if name not in found and likely is not None:
            found[name] = [likely]
    taken |= {column for wanted in found.values() for column in wanted}
    for name in FIELDS:
        if name not in found and name in there and name not in taken:
            found[name] = [name]
    return found


class Mapper:
    """Turns one row after the other into a record and adds it."""

    def __init__(
        self,
        records: Records,
        fields: Mapping[str, Sequence[str]],
        *,
        order: when.Order | when.Habits | None,
        mapping: Mapped | None = None,
    ) -> None:
        self._records, self._fields, self._order = records, fields, order
        # A column that the reader mapped says what the reader takes it for.
        self._chosen = {column for columns in (mapping or {}).values() for column in columns}
        self._used = {column for columns in fields.values() for column in columns}

    def add(self, place: str, row: Mapping[str, Any]) -> None:
        """Make a record of a row that may be published; without a title it takes the first words of the text."""
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
        if kind == "path" and "description" not in record and "summary" in record:
            record["description"] = record.pop("summary")
        text = next((record[name] for name in ("summary", "tldr", "description") if record.get(name)), "")
        if not record.get("title") and not text:
            self._records.leave_out(place, "title", "neither a title nor a text is there")
            return
        record["title"] = record.get("title") or plaintext.first_words(str(text))
        if kind == "event":
            record.setdefault("summary", "")
        record["id"] = self._id(record)
        if stated:
            self._records.stated.add(record["id"])
        self._records.add(place, record)

    def _value(self, place: str, name: str, values: list[Any]) -> Any:
        first = values[0]
        if name in _LISTS:
            return list(dict.fromkeys(part for value in values for part in split(value)))
        if name == "date":
            return dated(self._records, place, first, order=self._order)
        if name in _TEXTS and not isinstance(first, list | dict):
            said = [plaintext.of_html(str(value)) for value in values]
            return " ".join(" ".join(said).split()) if name in {"title", "source"} else "\n\n".join(said)
        if name in {"level", "url"} and isinstance(first, str):
            return first.strip().lower() if name == "level" else first.strip()
        if name == "importance" and isinstance(first, str) and re.fullmatch(r"\s*\d{1,3}(?:\.0+)?\s*", first):
            return int(float(first))
        if name in {"sections", "terms"} and isinstance(first, str):
            return _json(first)
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
        # The same title on another day is another event.
        if held is not None and held.date != record.get("date"):
            return event_id(f"{title} {record.get('date')}", crowded=True)
        return plain


def dated(records: Records, place: str, value: object, *, order: when.Order | when.Habits | None = None) -> str | None:
    """A date as exact as is sure; what was lost of it is reported."""
    found = when.parse(value, order=order)
    said = " ".join(str(value).split())[:60]
    if found is None and said:
        records.warn(place, "date", f"{said!r} holds no sure date and was left out")
    elif found is not None and len(found) == 4 and _AMBIGUOUS.fullmatch(said):
        records.warn(place, "date", f"{said!r} can be read in two ways, so only {found} was kept")
    return found


def split(value: object) -> list[str]:
    """A list in a cell: JSON, or parted by semicolons, bars or line ends, or by commas where there are none of these."""
    if isinstance(value, list | tuple):
        return [part for item in value for part in ([plaintext.one_line(str(_named(item)))] if item else []) if part]
    if isinstance(value, dict):
        return split([_named(value)])
    text = str(value).strip()
    if text[:1] == "[" and text[-1:] == "]":
        parsed = _json(text)
        if not isinstance(parsed, list):
            parsed = _json(re.sub(r"(?<=[\[,\s])'|'(?=\s*[,\]])", '"', text))
        return split(parsed) if isinstance(parsed, list) else split(text[1:-1])
    mark = next((mark for mark in (";", "|", "\n") if mark in text), ",")
    parts: list[str] = []
    for part in (plaintext.one_line(part) for part in text.split(mark)):
        if mark == "," and parts and _OF_A_NAME.fullmatch(part):
            parts[-1] += f", {part}"
        elif part:
            parts.append(part)
    return parts


def _named(item: object) -> object:
    """The name in an object that stands for a thing: `{"name": "OpenAI"}`."""
    if not isinstance(item, dict):
        return item
    return next((item[name] for name in ("name", "title", "label", "term", "value") if item.get(name)), "")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
