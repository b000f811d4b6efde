"""One page of a feed, before it is written as Atom or JSON."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.exceptions import HTTPException

from index import dates
from index.catalogue import newest_first
from index.models import AnyEntry, Event, Guide
from ui.serving.protocols import Finder

from .texts import NAME

PAGE = 50
"""Entries of one page."""
UNKNOWN = "1970-01-01T00:00:00Z"
"""What stands for no date where a format must have one: it changes nothing, and readers sort it last."""


@dataclass(frozen=True, slots=True)
class Feed:
    """Some entries, where they come from and what comes before and after them."""

    base: str
    question: str | None
    entries: tuple[AnyEntry, ...]
    number: int
    pages: int
    updated: str

    @property
    def title(self) -> str:
        """The name that a reader's list of feeds shows."""
        return NAME if self.question is None else f"{one_line(self.question)[:200]} · {NAME}"

    @property
    def home(self) -> str:
        """The page for people."""
        return f"{self.base}/" if self.question is None else f"{self.base}/?{urlencode({'ask': self.question})}"

    def address(self, path: str, number: int | None = None) -> str:
        """Where a page of this feed is; `path` says in which format, no number means this page."""
        page = self.number if number is None else number
        wanted = {} if self.question is None else {"q": self.question}
        query = urlencode(wanted | ({"page": str(page)} if page > 1 else {}))
        return f"{self.base}/{path}{'?' if query else ''}{query}"


def page_of(finder: Finder, base: str, question: str | None, number: int) -> Feed:
    """One page of all entries, or of those that match a question.

    Raises:
        QuestionError: the question is empty or too long.
        HTTPException: there is no such page.
    """
    catalogue = finder.catalogue
    found = newest_first(catalogue.entries) if question is None else finder.matching(question)
    pages = max(1, -(-len(found) // PAGE))
    if number > pages:
        raise HTTPException(404, f"the last page of this feed is {pages}")
    dated = next((entry.date for entry in found if entry.date), catalogue.as_of)
    return Feed(base, question, tuple(found[(number - 1) * PAGE : number * PAGE]), number, pages, moment(dated))


def moment(date: str | None) -> str:
    """A moment for a date, where a format wants one: the first of the day, month or year that is known."""
    return UNKNOWN if date is None else f"{dates.span(date)[0].isoformat()}T00:00:00Z"


def to_the_day(date: str | None) -> bool:
    """Whether a date says the day."""
    return date is not None and len(date) == len("2024-02-29")


def page_address(base: str, entry: AnyEntry) -> str:
    """An entry's page, and its name for all time; an id has only characters that an address may bear."""
    return f"{base}/entries/{entry.id}"


def summary(entry: AnyEntry) -> str:
    """What an entry says of itself in short."""
    if isinstance(entry, Event):
        return entry.summary
    return entry.tldr if isinstance(entry, Guide) else entry.description


def labels(entry: AnyEntry) -> tuple[str, ...]:
    """Under what an entry can be filed: its kind, organisations and topics."""
    return tuple(dict.fromkeys((entry.kind, *entry.organisations, *entry.topics)))


def one_line(text: str) -> str:
    """A text with each run of white space as one space."""
    return " ".join(text.split())
