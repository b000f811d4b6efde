"""`/browse`: the whole catalogue, by filters and page by page, as a list or along time."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import get_args

from index import dates
from index.models import AnyEntry, Level
from ui.html import attributes, plural, text

from . import parts
from .browse_query import LONGEST, Wanted
from .catalogue_orders import Shelf, year_of
from .layout import About, Place, cut, page

PER_PAGE = {"list": 20, "timeline": 60}
_OFFERED = 150
"""Names and topics offered to choose from, the commonest."""
_MOST_YEARS = 40
_NAMES = {
    "words": "Words",
    "kind": "Kind",
    "organisation": "Organisation",
    "topic": "Topic",
    "level": "Level",
    "importance": "Importance from",
    "since": "Since",
    "until": "Until",
}
_TITLES = {"list": "Browse the almanac", "timeline": "Timeline"}


def browse_page(wanted: Wanted, shelf: Shelf, place: Place, problem: str | None = None) -> str | None:
    """The page; None where so far back there is none. With a problem, its words and no entries."""
    others = [] if problem else wanted.with_(kind="").among(shelf)
    found = [entry for entry in others if wanted.kind in {"", entry.kind}]
    if wanted.view == "timeline":
        found = [entry for entry in found if entry.date]
    size = PER_PAGE[wanted.view]
    last = max(1, -(-len(found) // size))
    if wanted.page > last:
        return None
    shown = found[(wanted.page - 1) * size : wanted.page * size]
    listed = _timeline(shown, place) if wanted.view == "timeline" else _list(shown, place, with_kind=not wanted.kind)
    years = _years(wanted, shelf, place, found) if wanted.view == "timeline" and not problem else ""
    below = (
        f'<section aria-labelledby="found"><h2 class="found" id="found">{_found(found, wanted, last)}</h2>'
        f"{listed or _nothing(wanted, place)}</section>{_pages(wanted, last, place)}"
    )
    body = (
        f'<div class="browse"><header class="browse-head"><h1>{_TITLES[wanted.view]}</h1>{_views(wanted, place)}</header>'
        f"{_form(wanted, shelf, place)}{_alert(problem)}{years}{'' if problem else _kinds(wanted, others, place)}"
        f"{_chips(wanted, place)}{'' if problem else below}</div>"
    )
    named = (
        ": ".join([_TITLES[wanted.view], ", ".join(wanted.given.values())]) if wanted.given else _TITLES[wanted.view]
    )
    links = [("prev", wanted.with_(page=wanted.page - 1))] if wanted.page > 1 else []
    links += [("next", wanted.with_(page=wanted.page + 1))] if wanted.page < last else []
    about = About(
        description=f"{plural(len(found), 'entry', 'entries')} of the almanac: events, guides and reading paths.",
        path=wanted.address,
        # Filters can be combined without end; single ones are worth finding.
        hidden=bool(problem) or bool(wanted.words) or len(wanted.given) > 1,
        links=[(rel, place.out(other.address)) for rel, other in links],
    )
    part = "timeline" if wanted.view == "timeline" else "browse"
    return page(cut(named, 120), body, place=place, about=about, catalogue=shelf.catalogue, current=part)


def _found(found: Sequence[AnyEntry], wanted: Wanted, last: int) -> str:
    count = plural(len(found), "entry", "entries") + (" with a date" if wanted.view == "timeline" else "")
    return f"{count}{f', page {wanted.page} of {last}' if last > 1 else ''}"


def _views(wanted: Wanted, place: Place) -> str:
    links = "".join(
        f"<a{attributes(href=place.to(wanted.with_(view=view).address), aria_current='true' if view == wanted.view else None)}>"
        f"{name}</a>"
        for view, name in (("list", "List"), ("timeline", "Timeline"))
    )
    return f'<nav class="views" aria-label="View">{links}</nav>'


def _form(wanted: Wanted, shelf: Shelf, place: Place) -> str:
    more = any(name not in {"words", "kind"} for name in wanted.given)
    kept = {"view": wanted.view if wanted.view != "list" else "", "kind": wanted.kind}
    hidden = "".join(
        f"<input{attributes(type='hidden', name=name, value=value)}>" for name, value in kept.items() if value
    )
    levels = "".join(_option(level, level.capitalize(), wanted.level) for level in get_args(Level))
    least = "".join(_option(str(number), f"{number} or more", wanted.importance) for number in range(10, 0, -1))
    return (
        f'<form class="filters" action="{place.to("browse")}" method="get" role="search" aria-label="Filter the entries">{hidden}'
        f'<p class="row"><label class="unseen" for="words">Words</label>{_input("words", wanted, "Words in title or text …")}'
        '<button class="primary">Find</button></p>'
        f'<details{" open" if more else ""}><summary>More filters</summary><div class="fields">'
        f"{_field('organisation', _input('organisation', wanted, 'Any', offered=shelf.organisations))}"
        f"{_field('topic', _input('topic', wanted, 'Any', offered=shelf.topics))}"
        f"{_field('level', _select('level', levels))}{_field('importance', _select('importance', least))}"
        f"{_field('since', _input('since', wanted, 'YYYY or YYYY-MM-DD', inputmode='numeric'))}"
        f"{_field('until', _input('until', wanted, 'YYYY or YYYY-MM-DD', inputmode='numeric'))}"
        "</div></details></form>"
    )


def _field(name: str, control: str) -> str:
    return f'<p class="field"><label for="{name}">{_NAMES[name]}</label>{control}</p>'


def _input(name: str, wanted: Wanted, hint: str, *, offered: Sequence[str] = (), inputmode: str | None = None) -> str:
    choices = "".join(f"<option{attributes(value=one)}>" for one in offered[:_OFFERED])
    listed = f'<datalist id="{name}-offered">{choices}</datalist>' if choices else ""
    named = attributes(
        id=name,
        name=name,
        value=getattr(wanted, name) or None,
        placeholder=hint,
        maxlength=str(LONGEST),
        list=f"{name}-offered" if choices else None,
        inputmode=inputmode,
        autocomplete="off",
    )
    return f"<input{named}>{listed}"


def _select(name: str, options: str) -> str:
    return f'<select id="{name}" name="{name}"><option value="">Any</option>{options}</select>'


def _option(value: str, label: str, chosen: str) -> str:
    return f"<option{attributes(value=value)}{' selected' if value == chosen else ''}>{label}</option>"


def _kinds(wanted: Wanted, others: Sequence[AnyEntry], place: Place) -> str:
    """Tabs: how many of each kind there are under the other filters."""
    dated = [entry for entry in others if entry.date] if wanted.view == "timeline" else others
    counts: Counter[str] = Counter(entry.kind for entry in dated)
    tabs = [
        ("", "All", len(dated)),
        *((kind, name, counts[kind]) for kind, name in parts.KINDS.items() if counts[kind]),
    ]
    links = "".join(
        f"<a{attributes(href=place.to(wanted.with_(kind=kind).address), aria_current='true' if kind == wanted.kind else None)}>"
        f'{name} <span class="count">{count:,}</span></a>'
        for kind, name, count in tabs
    )
    return f'<nav class="tabs" aria-label="Kind of entry">{links}</nav>' if len(tabs) > 2 or wanted.kind else ""


def _chips(wanted: Wanted, place: Place) -> str:
    items = "".join(
        f'<li><a class="chip" href="{text(place.to(wanted.with_(**{name: ""}).address))}" aria-label="{text(f"Without {_NAMES[name]}: {value}")}">'
        f'<span dir="auto">{_NAMES[name]}: {text(value)}</span><i aria-hidden="true">×</i></a></li>'
        for name, value in wanted.given.items()
        if name != "kind"
    )
    return f'<ul class="chips" aria-label="Filters in force">{items}</ul>' if items else ""


def _alert(problem: str | None) -> str:
    return f'<p class="alert" role="alert">{text(problem)}</p>' if problem else ""


def _list(shown: Sequence[AnyEntry], place: Place, *, with_kind: bool) -> str:
    rows = "".join(parts.item(entry, place, with_kind=with_kind) for entry in shown)
    return f'<ol class="items">{rows}</ol>' if rows else ""


def _timeline(shown: Sequence[AnyEntry], place: Place) -> str:
    years = []
    for year, of_year in groupby(shown, key=year_of):
        months = "".join(
            f'<li class="month"><h4>{dates.MONTHS[int(month) - 1] if month else "In the year"}</h4>'
            f"<ol>{''.join(_moment(entry, place) for entry in of_month)}</ol></li>"
            for month, of_month in groupby(of_year, key=lambda entry: (entry.date or "")[5:7])
        )
        years.append(
            f'<section class="year" aria-labelledby="y{year}"><h3 id="y{year}">{year}</h3><ol>{months}</ol></section>'
        )
    return f'<div class="timeline">{"".join(years)}</div>' if years else ""


def _moment(entry: AnyEntry, place: Place) -> str:
    day = (entry.date or "")[8:10]
    shown = f'<time datetime="{text(entry.date or "")}">{int(day)}</time>' if day else "<span></span>"
    names = cut(", ".join(entry.organisations), 80)
    by = f' <span class="item-by" dir="auto">{text(names)}</span>' if names else ""
    great = " great" if getattr(entry, "importance", None) in {9, 10} else ""
    return f'<li class="moment{great}">{shown}<p><a href="{place.entry(entry.id)}" dir="auto">{text(entry.title)}</a>{by}</p></li>'


def _years(wanted: Wanted, shelf: Shelf, place: Place, found: Sequence[AnyEntry]) -> str:
    """How many entries each year has, as bars that lead to it; those of other years too."""
    of_all_years = wanted.with_(since="", until="").among(shelf) if wanted.since or wanted.until else found
    counts = Counter(year for entry in of_all_years if (year := year_of(entry)))
    if len(counts) < 2:
        return ""
    latest = max(counts)
    first = max(min(counts), latest - _MOST_YEARS + 1)
    most = max(counts.values())
    bars = "".join(_bar(year, counts[year], most, wanted, place) for year in range(first, latest + 1))
    return f'<nav class="years" aria-label="Years"><ol>{bars}</ol></nav>'


def _bar(year: int, count: int, most: int, wanted: Wanted, place: Place) -> str:
    height = round(100 * count / most, 1)
    chosen = wanted.since == wanted.until == str(year)
    target = wanted.with_(since="", until="") if chosen else wanted.with_(since=str(year), until=str(year))
    named = attributes(
        href=place.to(target.address),
        aria_current="true" if chosen else None,
        title=f"{year}: {plural(count, 'entry', 'entries')}",
    )
    drawn = (
        '<svg viewBox="0 0 10 100" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect y="{100 - height:g}" width="10" height="{height:g}"/></svg>'
    )
    label = f'<span class="bar-year">{year}</span><span class="unseen">: {plural(count, "entry", "entries")}</span>'
    return f"<li><a{named}>{drawn}{label}</a></li>" if count else f"<li><span class=none>{drawn}{label}</span></li>"


def _nothing(wanted: Wanted, place: Place) -> str:
    asking = (
        f' or <a href="{text(parts.ask(place, wanted.words))}">ask the almanac about it</a>' if wanted.words else ""
    )
    return f'<p class="nothing">No entry fits all of this. Take a filter off, <a href="{place.to("browse")}">see all entries</a>{asking}.</p>'


def _pages(wanted: Wanted, last: int, place: Place) -> str:
    if last == 1:
        return ""
    near = {1, last, *range(wanted.page - 1, wanted.page + 2)}
    links = []
    before = 0
    for number in sorted(number for number in near if 1 <= number <= last):
        if number > before + 1:
            links.append('<li aria-hidden="true">…</li>')
        links.append(f"<li>{_page_link(wanted, number, str(number), place)}</li>")
        before = number
    older = _page_link(wanted, wanted.page - 1, "Previous", place, rel="prev") if wanted.page > 1 else ""
    newer = _page_link(wanted, wanted.page + 1, "Next", place, rel="next") if wanted.page < last else ""
    return f'<nav class="pages" aria-label="Pages">{older}<ul>{"".join(links)}</ul>{newer}</nav>'


def _page_link(wanted: Wanted, number: int, label: str, place: Place, rel: str | None = None) -> str:
    named = attributes(
        href=place.to(wanted.with_(page=number).address),
        rel=rel,
        aria_current="page" if number == wanted.page else None,
        aria_label=f"Page {number}" if rel is None else None,
    )
    return f"<a{named}>{label}</a>"
