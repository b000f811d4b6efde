"""TimelineJS: its JSON format, and the rows of its spreadsheet. Each slide becomes an event."""

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
"""Names of the spreadsheet columns that contain the parts of a date."""
DATE = "Date"
"""Name of the column that contains the joined date."""


def fits(source: Source) -> bool:
    """Whether the source has an `events` list with start dates."""
    if source.folder is not None or source.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
        return False
    if b'"start_date"' not in source.data or b'"events"' not in source.data:
        return False
    try:
        return bool(_slides(json_text.load(source, lambda _message: None)))
    except ImportSourceError:
        return False


def read(source: Source) -> Imported:
    """Import every slide that has a headline or a text. Others are skipped and reported by number.

    Raises:
        ImportSourceError: If the source is not TimelineJS JSON.
    """
    if source.folder is not None:
        raise ImportSourceError(f"{source.name} is a folder", hint="name the files one by one")
    records = Records(NAME)
    value = json_text.load(source, lambda message: records.warn(source.name, "", message))
    slides = _slides(value)
    if not slides:
        raise ImportSourceError(
            f"{source.name} contains no TimelineJS events", hint="the events must be in a list called events"
        )
    about = value.get("title") if isinstance(value, dict) else None
    site = plaintext.one_line(_text_of(about, "headline")) if isinstance(about, dict) else ""
    for number, slide in enumerate(slides, start=1):
        place = f"{source.name}:event {number}"
        if isinstance(slide, dict):
            _add(records, place, slide, site)
        else:
            records.leave_out(place, "", "an event must be a JSON object")
    return records.imported(whole=False)


def _slides(value: Any) -> list[Any]:
    slides = value.get("events") if isinstance(value, dict) else value
    good = isinstance(slides, list) and any(isinstance(slide, dict) and "start_date" in slide for slide in slides)
    return list(slides) if isinstance(slides, list) and good else []


def _text_of(slide: Mapping[str, Any], name: str) -> str:
    text = slide.get("text")
    value = text.get(name) if isinstance(text, dict) else None
    return value if isinstance(value, str) else ""


def _add(records: Records, place: str, slide: Mapping[str, Any], site: str) -> None:
    summary = plaintext.of_html(_text_of(slide, "text"))
    title = plaintext.one_line(_text_of(slide, "headline")) or plaintext.first_words(summary)
    if not title:
        records.leave_out(place, "headline", "it has neither a headline nor a text")
        return
    start = slide.get("start_date")
    parts = [str(start.get(name) or "") for name in ("year", "month", "day")] if isinstance(start, dict) else []
    day = joined(*parts) if parts else ""
    date = dates.parse(day) if day else None
    if day and date is None:
        records.warn(place, "date", f"{day!r} is not a date that an entry can have, and was left out")
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
    """Return a date from its parts, up to the first empty part: `2024`, `2024-3` or `2024-3-5`.

    Months may be words: `5 March 2024`.
    """
    parts = [part.strip().removesuffix(".0") for part in (year, month, day)]
    leading = parts[: next((place for place, part in enumerate(parts) if not part), 3)]
    if len(leading) > 1 and not leading[1].isdigit():
        return " ".join(reversed(leading))
    return "-".join(leading)


def is_sheet(header: Iterable[str]) -> bool:
    """Whether a table has the `Year` and `Month` columns of TimelineJS's spreadsheet and no `Date` column."""
    names = set(header)
    return {"Year", "Month"} <= names and DATE not in names


def header_of_sheet(header: Iterable[str]) -> list[str]:
    """Return the column names of the rows that `row_of_sheet` returns."""
    return [DATE, *("Topics" if name == "Group" else name for name in header if name not in PARTS)]


def row_of_sheet(row: Mapping[str, str]) -> dict[str, str]:
    """Return a spreadsheet row with one date instead of its parts. Its group becomes a topic."""
    rest = {"Topics" if name == "Group" else name: value for name, value in row.items() if name not in PARTS}
    return {DATE: joined(*(row.get(name, "") for name in PARTS))} | rest


def why_not_event(row: Mapping[str, str]) -> str:
    """Return the reason why a spreadsheet row is not an event; empty if it is one."""
    kind = row.get("Type", "").strip().lower()
    return {"title": "it is the title of the timeline", "era": "it is an era, not an event"}.get(kind, "")
