"""An almanac page: the page of one event, saved as plain text or HTML, with its related guides and events."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from index.catalogue import Problem
from index.errors import ImportSourceError
from index.importers.ids import event_ids
from index.importers.source import Imported, Source
from index.importers.text.lines import from_html, from_text, is_html
from index.importers.text.outline import Item, Outline, outline
from index.importers.text.page_marks import BACK, RELATED, Line, is_meta, parts
from index.models import ENTRY, AnyEntry

NAME = "page"
ABOUT = "an event's page of an almanac, saved as text or HTML: title, summary, Related guides (N), Related events (N)"
_LONGEST = 2_000
_LARGEST = 4 * 2**20
_LEVEL = r"beginner|intermediate|advanced"
# A guide's level is on its own line or, in a page saved as text, joined to the title without a space.
_LEVEL_LINE = re.compile(rf"(?:{_LEVEL})(?:\s*[·•|]\s*.{{0,40}})?", re.IGNORECASE)
_LEVEL_TOUCHING = re.compile(rf"^(?i:{_LEVEL})(?=[A-Z\d])|(?<=[a-z?!)])(?:{_LEVEL.title()})$")


@dataclass(frozen=True, slots=True)
class _List:
    """The lines under one heading. The head of the page has no heading."""

    lines: tuple[Line, ...]
    heading: Line | None = None
    what: str = ""
    count: int | None = None


@dataclass(slots=True)
class _Page:
    """A page that is being read, with the problems found so far."""

    name: str
    address: str | None
    problems: list[Problem] = field(default_factory=list)

    def report(self, line: Line, message: str, *, about: str = "") -> None:
        self.problems.append(Problem(f"{self.name}:{line.number}", about, message))

    def outline(self, part: _List, *, expected: int | None, bare: bool = False) -> Outline:
        titled, alone = parts(part.lines)
        for line in alone:
            self.report(line, f"left out: no title follows {line.text!r}")
        read = outline(titled, count=expected, bare=bare)
        passed = (*read.before, *read.after) if part.heading else read.after
        if passed:
            more = f" and {len(passed) - 1} more lines" if len(passed) > 1 else ""
            self.report(passed[0], f"left out, as it looks like no part of the list: {passed[0].text[:60]!r}{more}")
        return read


def fits(source: Source) -> bool:
    """Whether the text has a "Related guides/events" heading or a source line."""
    if source.folder is not None or len(source.data) > _LARGEST:
        return False
    lines, _ = _lines(source.name, source.text()[0])
    return any(RELATED.fullmatch(line.text) or is_meta(lines[place:][:7]) for place, line in enumerate(lines))


def read(source: Source) -> Imported:
    """Import every event of the page. The page's own event is linked with all related events.

    Raises:
        ImportSourceError: If the page has no event or too many lines.
    """
    if source.folder is not None:
        raise ImportSourceError(f"{source.name} is a folder", hint="name the saved pages one by one")
    text, odd = source.text()
    lines, address = _lines(source.name, text)
    if len(lines) > _LONGEST:
        message = f"{source.name} has {len(lines)} lines of text, more than the page of one event ever has"
        raise ImportSourceError(message, hint="name another format with --format")
    page = _Page(source.name, address, list(odd))
    head, *lists = _lists(lines)
    first = _head(page, head, alone=not lists)
    guides = [item for part in lists if part.what == "guides" for item in _listed(page, _without_levels(part))]
    related = [item for part in lists if part.what == "events" for item in _listed(page, part)]
    if not first and not related:
        raise ImportSourceError(
            f"no event was found in {source.name}",
            hint="where a script draws the page: select all in the browser, copy it into a text file and import that",
        )
    if lists and not first:
        page.report(lines[0], "the page's own event was not found, so the events are not linked")
    entries = _entries(page, first, guides, related)
    # The ids come from the titles, so that all pages use the same id for one event.
    edited = frozenset(entry.id for entry in entries)
    return Imported(entries, tuple(page.problems), NAME, whole=False, edited=edited)


def _lines(name: str, text: str) -> tuple[list[Line], str | None]:
    return from_html(text) if is_html(name, text) else (from_text(text), None)


def _lists(lines: Sequence[Line]) -> list[_List]:
    """Split the page into its head and the lines under each heading."""
    headings = [(place, match) for place, line in enumerate(lines) if (match := RELATED.fullmatch(line.text))]
    ends = [place for place, _ in headings] + [len(lines)]
    lists = [_List(tuple(lines[: ends[0]]))]
    for (place, match), end in zip(headings, ends[1:], strict=True):
        number = int(match["count"]) if match["count"] else None
        lists.append(_List(tuple(lines[place + 1 : end]), lines[place], match["what"].lower(), number))
    return lists


def _head(page: _Page, head: _List, *, alone: bool) -> tuple[Item, ...]:
    """Return the page's own event. If nothing is listed as related, return all events that have a source line."""
    back = [place for place, line in enumerate(head.lines) if BACK.fullmatch(line.text)]
    lines = head.lines[back[-1] + 1 :] if back else head.lines
    metas = [place for place in range(len(lines)) if is_meta(lines[place:][:7])]
    if metas:
        lines = lines[metas[0 if alone else -1] :]
    items = page.outline(_List(lines), expected=len(metas) if alone and metas else 1).items
    if alone:
        return items
    for item in items[1:]:
        page.report(item.title.line, f"left out, as the page is about one event: {item.title.line.text[:60]!r}")
    return items[:1]


def _without_levels(part: _List) -> _List:
    lines = tuple(line for line in part.lines if not _LEVEL_LINE.fullmatch(line.text))
    return _List(lines, part.heading, part.what, part.count)


def _listed(page: _Page, part: _List) -> tuple[Item, ...]:
    items = page.outline(part, expected=part.count, bare=part.what == "guides").items
    if part.heading is not None and part.count not in {None, len(items)}:
        page.report(part.heading, f"the page says {part.count} related {part.what}, {len(items)} were found")
    return items


def _entries(
    page: _Page, first: Sequence[Item], guides: Sequence[Item], related: Sequence[Item]
) -> tuple[AnyEntry, ...]:
    ids = event_ids(item.title.line.text for item in (*first, *related))
    records: dict[str, dict[str, Any]] = {}
    for number, item in enumerate((*first, *related)):
        line = item.title.line
        if ids[line.text] in records:
            page.report(line, f"{line.text[:60]!r} stands on the page twice; the first entry is kept", about="title")
            continue
        if not item.text:
            page.report(line, "the event has none on this page", about="summary")
        own = page.address if first and number == 0 else None
        records[ids[line.text]] = _record(ids[line.text], item, own)
    if len(first) == 1:
        _link(records, [ids[item.title.line.text] for item in related])
    if guides and first:
        _name_guides(next(iter(records.values())), guides)
    return tuple(ENTRY.validate_python(record) for record in records.values())


def _record(entry_id: str, item: Item, own_address: str | None) -> dict[str, Any]:
    meta, links = item.title.meta, item.title.line.links
    url = (meta.url if meta else None) or (links[0][0] if links else None) or own_address
    record = {
        "id": entry_id,
        "kind": "event",
        "title": item.title.line.text,
        "summary": item.text,
        "source": meta.source if meta else None,
        "importance": meta.importance if meta else None,
        "url": url,
        "age_when_saved": meta.age if meta else None,
    }
    return {name: value for name, value in record.items() if value is not None}


def _link(records: dict[str, dict[str, Any]], related: Sequence[str]) -> None:
    own, *_ = records
    others = tuple(other for other in dict.fromkeys(related) if other != own)
    for other in others:
        records[other]["related_events"] = (own,)
    records[own]["related_events"] = others


def _name_guides(record: dict[str, Any], guides: Sequence[Item]) -> None:
    titles = [_LEVEL_TOUCHING.sub("", item.title.line.text) for item in guides]
    record["related_guide_titles"] = titles
    addresses = {
        title: item.title.line.links[0][0] for title, item in zip(titles, guides, strict=True) if item.title.line.links
    }
    if addresses:
        record["related_guide_urls"] = addresses
