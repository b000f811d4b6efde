"""`/browse`: the whole catalogue by filters, page by page, as a list or as a timeline."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import get_args

from index import dates
from index.models import AnyEntry, Level
from ui.html import plural
from ui.templating import shorten

from .browse_query import MAX_FILTER_LENGTH, BrowseQuery
from .catalogue_view import CatalogueView, year_of
from .entry_fields import KIND_PLURALS
from .layout import PageMeta, SiteLinks, page

PER_PAGE = {"list": 20, "timeline": 60}
_MAX_CHOICES = 150
"""Organisations, or topics, that the form suggests: the most common ones."""
_MAX_YEARS = 40
_FILTER_NAMES = {
    "words": "Words",
    "kind": "Kind",
    "organisation": "Organisation",
    "topic": "Topic",
    "level": "Level",
    "importance": "Minimum importance",
    "since": "Since",
    "until": "Until",
}
_HEADINGS = {"list": "Browse the almanac", "timeline": "Timeline"}


@dataclass(frozen=True, slots=True)
class _YearBar:
    """One bar of the chart of years."""

    year: int
    count: int
    height: float
    """In percent of the highest bar."""
    chosen: bool
    """Whether the page shows this year only."""
    query: BrowseQuery
    """Where the bar leads: to this year, or back to all years."""


def browse_page(query: BrowseQuery, view: CatalogueView, links: SiteLinks, problem: str | None = None) -> str | None:
    """Render one page of the entries that match the filters.

    Args:
        query: The filters, the view and the page number.
        view: The catalogue.
        links: Makes the links of the page.
        problem: What is wrong with the filters that were given; it is shown in place of the entries.

    Returns:
        The HTML, or None if the page number is too high.
    """
    timeline = query.view == "timeline"
    any_kind = [] if problem else query.change(kind="").entries(view)
    if timeline:
        any_kind = [entry for entry in any_kind if entry.date]
    matches = [entry for entry in any_kind if query.kind in {"", entry.kind}]
    per_page = PER_PAGE[query.view]
    last_page = max(1, -(-len(matches) // per_page))
    if query.page > last_page:
        return None
    entries = matches[(query.page - 1) * per_page : query.page * per_page]
    heading = _HEADINGS[query.view]
    return page(
        "browse.html",
        title=shorten(": ".join([heading, ", ".join(query.filters.values())]) if query.filters else heading, 120),
        links=links,
        meta=_meta(query, links, len(matches), last_page, problem),
        catalogue=view.catalogue,
        current="timeline" if timeline else "browse",
        query=query,
        heading=heading,
        problem=problem,
        more_filters=any(name not in {"words", "kind"} for name in query.filters),
        organisations=view.organisations[:_MAX_CHOICES],
        topics=view.topics[:_MAX_CHOICES],
        levels=[(level, level.capitalize()) for level in get_args(Level)],
        importances=[(str(number), f"{number} or more") for number in range(10, 0, -1)],
        years=_years(query, view, matches) if timeline and not problem else (),
        tabs=() if problem else _tabs(query, any_kind),
        chips=[(name, value) for name, value in query.filters.items() if name != "kind"],
        count=len(matches),
        entries=entries,
        timeline=_by_month(entries) if timeline else (),
        last_page=last_page,
        page_numbers=_page_numbers(query.page, last_page),
        FILTER_NAMES=_FILTER_NAMES,
        MAX_FILTER_LENGTH=MAX_FILTER_LENGTH,
    )


def _meta(query: BrowseQuery, links: SiteLinks, count: int, last_page: int, problem: str | None) -> PageMeta:
    neighbours = [("prev", query.change(page=query.page - 1))] if query.page > 1 else []
    neighbours += [("next", query.change(page=query.page + 1))] if query.page < last_page else []
    return PageMeta(
        description=f"{plural(count, 'entry', 'entries')} of the almanac: events, guides and reading paths.",
        path=query.address,
        # There are endless combinations of filters; only pages with one filter are worth indexing.
        noindex=bool(problem) or bool(query.words) or len(query.filters) > 1,
        neighbours=[(rel, links.absolute(other.address)) for rel, other in neighbours],
    )


def _tabs(query: BrowseQuery, any_kind: Sequence[AnyEntry]) -> list[tuple[str, str, int]]:
    """Kind, label and number of entries of each tab; no tabs if all entries are of one kind."""
    counts: Counter[str] = Counter(entry.kind for entry in any_kind)
    kinds = [(kind, label, counts[kind]) for kind, label in KIND_PLURALS.items() if counts[kind]]
    return [("", "All", len(any_kind)), *kinds] if len(kinds) > 1 or query.kind else []


def _by_month(entries: Sequence[AnyEntry]) -> list[tuple[int | None, list[tuple[str, list[AnyEntry]]]]]:
    """Entries by year and month, in their order."""

    def month(entry: AnyEntry) -> str:
        return (entry.date or "")[5:7]

    return [
        (
            year,
            [
                (dates.MONTHS[int(number) - 1] if number else "Month unknown", list(month_entries))
                for number, month_entries in groupby(year_entries, key=month)
            ],
        )
        for year, year_entries in groupby(entries, key=year_of)
    ]


def _years(query: BrowseQuery, view: CatalogueView, matches: Sequence[AnyEntry]) -> list[_YearBar]:
    """The number of entries of each year, whatever years the filters select."""
    any_year = query.change(since="", until="").entries(view) if query.since or query.until else matches
    counts = Counter(year for entry in any_year if (year := year_of(entry)))
    if len(counts) < 2:
        return []
    latest = max(counts)
    first = max(min(counts), latest - _MAX_YEARS + 1)
    highest = max(counts.values())
    bars = []
    for year in range(first, latest + 1):
        chosen = query.since == query.until == str(year)
        target = query.change(since="", until="") if chosen else query.change(since=str(year), until=str(year))
        bars.append(_YearBar(year, counts[year], round(100 * counts[year] / highest, 1), chosen, target))
    return bars


def _page_numbers(page_number: int, last_page: int) -> list[int | None]:
    """The page numbers to link to, with None where numbers are left out."""
    shown = {1, last_page, *range(page_number - 1, page_number + 2)}
    numbers: list[int | None] = []
    previous = 0
    for number in sorted(number for number in shown if 1 <= number <= last_page):
        if number > previous + 1:
            numbers.append(None)
        numbers.append(number)
        previous = number
    return numbers
