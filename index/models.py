"""The entries of a catalogue: events, guides and reading paths, validated with pydantic (docs/catalogue.md)."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from . import dates

EntryKind = Literal["event", "guide", "path"]
Level = Literal["beginner", "intermediate", "advanced"]
ID_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,199}", re.ASCII)


def _entry_id(value: str) -> str:
    if ID_PATTERN.fullmatch(value) is None:
        raise ValueError("an id has 1 to 200 characters of A-Za-z0-9._:- and starts with a letter or a digit")
    return value


def _non_empty(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _date(value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        dates.span(value)
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return _date(str(value))
    raise ValueError("must be a text like YYYY, YYYY-MM or YYYY-MM-DD")


def _day(value: Any) -> Any:
    if value is None or value == "":
        return None
    try:
        if isinstance(value, str) and len(value) == len("YYYY-MM-DD"):
            dates.span(value)
            return value
    except ValueError:
        pass
    raise ValueError("must be a day that exists, as YYYY-MM-DD, such as 2026-11-27")


def _url(value: str) -> str | None:
    if not value:
        return None
    parts = urlsplit(value)
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address that starts with http:// or https://")
    if any(character.isspace() or ord(character) < 32 for character in value):
        raise ValueError("an address must not have spaces or control characters")
    return value


def _as_text(value: Any) -> Any:
    """A number becomes text, a list one text; anything else becomes None, because an optional field refuses no entry."""
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value if isinstance(item, str | int)) or None
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value).strip() or None
    return None


def _as_names(value: Any) -> Any:
    """Names from one text, a list of texts, or a list of objects with a `name` or `literal`."""
    items = value if isinstance(value, list | tuple) else [value]
    named = (
        next((item[key] for key in ("name", "literal") if item.get(key)), "") if isinstance(item, dict) else item
        for item in items
    )
    return tuple(text for item in named if isinstance(item, str) and (text := " ".join(item.split())))


def _as_people(value: Any) -> Any:
    items = value if isinstance(value, list | tuple) else ()
    return tuple(item for item in items if isinstance(item, Person) or _is_person(item))


def _is_person(item: Any) -> bool:
    return isinstance(item, dict) and bool(item) and all(isinstance(part, str) for part in item.values())


EntryId = Annotated[str, AfterValidator(_entry_id)]
NonEmptyText = Annotated[str, AfterValidator(_non_empty)]
Date = Annotated[str | None, BeforeValidator(_date)]
Day = Annotated[str | None, BeforeValidator(_day)]
Url = Annotated[str, AfterValidator(_url)]
Names = tuple[NonEmptyText, ...]


class _Record(BaseModel):
    # Unknown fields are kept, because the catalogue belongs to its owner, who may need them.
    model_config = ConfigDict(frozen=True, extra="allow")


class Section(_Record):
    """One section of a guide: a heading and its text."""

    heading: str
    text: str


class Term(_Record):
    """One term of a guide's glossary, with its definition."""

    term: NonEmptyText
    definition: str


class Person(_Record):
    """The parts of an author's name, named as in CSL; the whole name of an organisation is `literal`."""

    given: str = ""
    family: str = ""
    suffix: str = ""
    literal: str = ""


OptionalText = Annotated[str | None, BeforeValidator(_as_text)]
Authors = Annotated[tuple[str, ...], BeforeValidator(_as_names)]
Questions = Annotated[tuple[str, ...], BeforeValidator(_as_names)]
"""Questions that an entry answers, as readers would ask them; the search compares with them, and the chat suggests them."""
People = Annotated[tuple[Person, ...], BeforeValidator(_as_people)]


class _Entry(_Record):
    id: EntryId
    title: NonEmptyText
    date: Date = None
    url: Url | None = None
    organisations: Names = ()
    topics: Names = ()
    related_events: tuple[EntryId, ...] = ()
    related_guides: tuple[EntryId, ...] = ()
    checked: Day = None
    """The day on which the facts of the entry were last confirmed; it changes no answer."""
    questions: Questions = ()
    former_ids: tuple[EntryId, ...] = ()

    def texts(self) -> dict[str, str]:
        """Every non-empty field that can be quoted, by its name; `texts()[field][start:end]` is a quotation.

        A list is joined with newlines. Parts of a guide are named `sections.N.text` and `terms.N.definition`.
        """
        fields = {"title": self.title, **self._body(), "authors": "\n".join(getattr(self, "authors", ()))}
        return {name: text for name, text in fields.items() if text.strip()}

    @property
    def has_text(self) -> bool:
        """Whether any field other than title and authors has text."""
        return any(text.strip() for text in self._body().values())

    def _body(self) -> Mapping[str, str]:
        raise NotImplementedError

    @property
    def links(self) -> tuple[str, ...]:
        """Ids of the entries that this entry links to, in order, without repetitions and without its own id."""
        named = dict.fromkeys((*self.related_guides, *self.related_events))
        return tuple(other for other in named if other != self.id)


class Event(_Entry):
    """A news item or a publication.

    The fields that only a bibliography needs are optional: `publication_type` is a CSL type, `author_names` holds the
    parts of the names in `authors`, in the same order.
    """

    kind: Literal["event"]
    summary: str
    source: str | None = None
    importance: Annotated[int, Field(ge=1, le=10)] | None = None
    authors: Authors = ()
    author_names: People = ()
    doi: OptionalText = None
    publication_type: OptionalText = None
    publisher: OptionalText = None
    volume: OptionalText = None
    issue: OptionalText = None
    pages: OptionalText = None

    def _body(self) -> Mapping[str, str]:
        return {"summary": self.summary}


class Guide(_Entry):
    """An explanation of a subject: level, TL;DR, takeaways, sections and a glossary."""

    kind: Literal["guide"]
    level: Level
    tldr: str
    key_takeaways: Names = ()
    sections: tuple[Section, ...] = ()
    terms: tuple[Term, ...] = ()
    source: str | None = None
    authors: Authors = ()

    def _body(self) -> Mapping[str, str]:
        return {
            "tldr": self.tldr,
            "key_takeaways": "\n".join(self.key_takeaways),
            **{f"sections.{n}.text": section.text for n, section in enumerate(self.sections)},
            **{f"terms.{n}.definition": term.definition for n, term in enumerate(self.terms)},
        }


class Path(_Entry):
    """A reading path: ids of guides in reading order."""

    kind: Literal["path"]
    description: str
    steps: tuple[EntryId, ...]
    level: Level | None = None
    source: str | None = None

    def _body(self) -> Mapping[str, str]:
        return {"description": self.description}

    @property
    def links(self) -> tuple[str, ...]:
        """Ids of the steps, then of the other entries that this path links to."""
        named = dict.fromkeys((*self.steps, *self.related_guides, *self.related_events))
        return tuple(other for other in named if other != self.id)


Entry = Annotated[Event | Guide | Path, Field(discriminator="kind")]
ENTRY: TypeAdapter[Event | Guide | Path] = TypeAdapter(Entry)
AnyEntry = Event | Guide | Path


def heading_of(entry: AnyEntry, field: str) -> str | None:
    """The heading of a quoted field: of a section its heading, of a definition its term; None for other fields."""
    name, _, rest = field.partition(".")
    if not isinstance(entry, Guide) or not rest:
        return None
    number = int(rest.partition(".")[0])
    return entry.sections[number].heading if name == "sections" else entry.terms[number].term
