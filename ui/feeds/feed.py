"""One page of a feed, independent of its format."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.exceptions import HTTPException

from index import dates
from index.catalogue import newest_first
from index.models import AnyEntry, Event, Guide
from ui.serving.protocols import Finder

from .texts import NAME

PER_PAGE = 50
"""Entries on one page."""
UNKNOWN_TIME = "1970-01-01T00:00:00Z"
"""Stands for an unknown date where a format requires one. It never changes, and feed readers sort it last."""


@dataclass(frozen=True, slots=True)
class Feed:
    """The entries of one page, and what is needed to link to the other pages."""

    base: str
    """The public address, without a slash at the end."""
    question: str | None
    """The question that the entries match; None for a feed of all entries."""
    entries: tuple[AnyEntry, ...]
    number: int
    """The page number, from 1."""
    pages: int
    updated: str

    @property
    def title(self) -> str:
        """The title that feed readers show."""
        return NAME if self.question is None else f"{on_one_line(self.question)[:200]} · {NAME}"

    @property
    def home(self) -> str:
        """The web page of the feed."""
        return f"{self.base}/" if self.question is None else f"{self.base}/?{urlencode({'ask': self.question})}"

    def address(self, path: str, number: int | None = None) -> str:
        """The address of a page of this feed.

        Args:
            path: `feed` or `feed.json`.
            number: The page number; this page by default.
        """
        page = self.number if number is None else number
        params = {} if self.question is None else {"q": self.question}
        query = urlencode(params | ({"page": str(page)} if page > 1 else {}))
        return f"{self.base}/{path}{'?' if query else ''}{query}"


def page_of(finder: Finder, base: str, question: str | None, number: int) -> Feed:
    """One page of the feed of all entries, or of those that match a question.

    Raises:
        QuestionError: the question is empty or too long.
        HTTPException: there is no page with this number.
    """
    catalogue = finder.catalogue
    entries = newest_first(catalogue.entries) if question is None else finder.matching(question)
    pages = max(1, -(-len(entries) // PER_PAGE))
    if number > pages:
        raise HTTPException(404, f"the last page of this feed is {pages}")
    page_entries = tuple(entries[(number - 1) * PER_PAGE : number * PER_PAGE])
    latest = next((entry.date for entry in entries if entry.date), catalogue.as_of)
    return Feed(base, question, page_entries, number, pages, timestamp(latest))


def timestamp(date: str | None) -> str:
    """The start of a day, month or year as a timestamp, for formats that need one."""
    return UNKNOWN_TIME if date is None else f"{dates.span(date)[0].isoformat()}T00:00:00Z"


def has_day(date: str | None) -> bool:
    """Whether a date includes the day."""
    return date is not None and len(date) == len("2024-02-29")


def page_address(base: str, entry: AnyEntry) -> str:
    """The address of an entry's page. Entry ids need no escaping."""
    return f"{base}/entries/{entry.id}"


def permanent_id(base: str, entry: AnyEntry) -> str:
    """The id of an entry in feeds: the first address that its page had. It stays when the entry is renamed."""
    return f"{base}/entries/{(*entry.former_ids, entry.id)[0]}"


def summary(entry: AnyEntry) -> str:
    """The short text of an entry."""
    if isinstance(entry, Event):
        return entry.summary
    return entry.tldr if isinstance(entry, Guide) else entry.description


def labels(entry: AnyEntry) -> tuple[str, ...]:
    """The kind, organisations and topics of an entry."""
    return tuple(dict.fromkeys((entry.kind, *entry.organisations, *entry.topics)))


def on_one_line(text: str) -> str:
    """Replace each run of white space by one space."""
    return " ".join(text.split())
