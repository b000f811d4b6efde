"""TimelineJS: its JSON, and the rows of its spreadsheet; each slide an event."""

from collections.abc import Iterable, Mapping
from typing import Any

from index.errors import ImportSourceError
from index.importers import dates
from index.importers.ids import event_id, of_foreign
from index.importers.records import Records
from index.importers.source import Imported, Source
from index.importers.text import json_text, plaintext
from index.importers.text.lines import web_address

NAME = "timelinejs"
ABOUT = "TimelineJS's JSON; its spreadsheet is read as CSV or Excel"
PARTS = ("Year", "Month", "Day")
"""The columns of its spreadsheet that hold the parts of a date."""
DATE = "Date"
"""The column in which those parts are joined."""


def fits(source: Source) -> bool:
    """Whether it has events with a start date and a headline."""
    if source.folder is not None or source.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
        return False
    if b'"start_date"' not in source.data or b'"events"' not in source.data:
        return False
    try:
        return bool(_slides(json_text.load(source, lambda _said: None)))
    except ImportSourceError:
        return False


def read(source: Source) -> Imported:
    """Every slide with a headline or a text; the others are reported by their number.

    Raises:
        ImportSourceError: it is no JSON of TimelineJS.
    """
    if source.folder is not None:
        raise ImportSourceError(f"{source.name} is a folder", hint="name the files one by one")
    records = Records(NAME)
    value = json_text.load(source, lambda said: records.warn(source.name, "", said))
    slides = _slides(value)
    if not slides:
        raise ImportSourceError(
            f"{source.name} holds no events of TimelineJS", hint="they stand in a list called events"
        )
    about = value.get("title") if isinstance(value, dict) else None
    site = plaintext.one_line(_words(about, "headline")) if isinstance(about, dict) else ""
    for number, slide in enumerate(slides, start=1):
        place = f"{source.name}:event {number}"
        if isinstance(slide, dict):
            _add(records, place, slide, site)
        else:
            records.leave_out(place, "", "an event is a JSON object")
    return records.imported(whole=False)


def _slides(value: Any) -> list[Any]:
    slides = value.get("events") if isinstance(value, dict) else value
    good = isinstance(slides, list) and any(isinstance(one, dict) and "start_date" in one for one in slides)
    return list(slides) if isinstance(slides, list) and good else []


def _words(slide: Mapping[str, Any], name: str) -> str:
    text = slide.get("text")
    value = text.get(name) if isinstance(text, dict) else None
    return value if isinstance(value, str) else ""


def _add(records: Records, place: str, slide: Mapping[str, Any], site: str) -> None:
    summary = plaintext.of_html(_words(slide, "text"))
    title = plaintext.one_line(_words(slide, "headline")) or plaintext.first_words(summary)
    if not title:
        records.leave_out(place, "headline", "neither a headline nor a text is there")
        return
    start = slide.get("start_date")
    parts = [str(start.get(name) or "") for name in ("year", "month", "day")] if isinstance(start, dict) else []
    day = joined(*parts) if parts else ""
    date = dates.parse(day) if day else None
    if day and date is None:
        records.warn(place, "date", f"{day!r} holds no date that an almanac can have, and was left out")
    own = slide.get("unique_id")
    group = slide.get("group")
    plain = event_id(title)
    held = records.entries.get(plain)
    crowded = held is not None and held.date != date
    records.add(
        place,
        {
            "id": of_foreign(f"{event_id(site or 'timeline')}:{own}")
            if isinstance(own, str) and own.strip()
            else event_id(f"{title} {date}", crowded=True)
            if crowded
            else plain,
            "kind": "event",
            "title": title,
            "date": date,
            "summary": summary,
            "source": site,
            "url": web_address(link) if isinstance(link := slide.get("link"), str) and link else None,
            "topics": [plaintext.one_line(group)] if isinstance(group, str) else [],
        },
    )


def joined(year: str, month: str = "", day: str = "") -> str:
    """A date from its parts, as far as they go: `2024`, `2024-3` or `2024-3-5`; months may be words."""
    parts = [part.strip().removesuffix(".0") for part in (year, month, day)]
    said = parts[: next((place for place, part in enumerate(parts) if not part), 3)]
    if len(said) > 1 and not said[1].isdigit():
        return " ".join(reversed(said))
    return "-".join(said)


def is_sheet(header: Iterable[str]) -> bool:
    """Whether a table has the columns of TimelineJS's spreadsheet, or at least a year and a month beside each other."""
    names = set(header)
    return {"Year", "Month"} <= names and DATE not in names


def header_of_sheet(header: Iterable[str]) -> list[str]:
    """The names of its columns as `row_of_sheet` gives them."""
    return [DATE, *("Topics" if name == "Group" else name for name in header if name not in PARTS)]


def row_of_sheet(row: Mapping[str, str]) -> dict[str, str]:
    """A row of that spreadsheet with one date in place of its parts; its group is a topic."""
    rest = {"Topics" if name == "Group" else name: value for name, value in row.items() if name not in PARTS}
    return {DATE: joined(*(row.get(name, "") for name in PARTS))} | rest


def no_event(row: Mapping[str, str]) -> str:
    """Why a row of that spreadsheet is no event, empty where it is one."""
    kind = row.get("Type", "").strip().lower()
    return {"title": "it is the title of the timeline", "era": "it is an era, no event"}.get(kind, "")
