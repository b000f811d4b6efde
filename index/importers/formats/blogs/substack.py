"""Substack's export: a folder or ZIP archive with `posts.csv` and `posts/*.html`. Each public post becomes an event."""

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path

from index.errors import ImportSourceError
from index.importers.records import Records
from index.importers.source import LARGEST_DOCUMENT, Imported, Source
from index.importers.text import plaintext

from . import posts
from .posts import Post

NAME = "substack"
ABOUT = "Substack's export: the ZIP archive or folder with posts.csv and posts/*.html"
_INDEX = "posts.csv"
_COLUMNS = {"post_id", "is_published"}


def fits(source: Source) -> bool:
    """Whether the source is a folder with Substack's `posts.csv`."""
    if source.folder is None or not (source.folder / _INDEX).is_file():
        return False
    with (source.folder / _INDEX).open("rb") as stream:
        header = stream.readline(10_000).decode("utf-8-sig", errors="replace")
    return {column.strip().strip('"') for column in header.split(",")} >= _COLUMNS


def read(source: Source) -> Imported:
    """Import every published post that is visible to everyone. Drafts and subscribers-only posts are reported.

    Raises:
        ImportSourceError: If the source is not a Substack export.
    """
    if source.folder is None or not (source.folder / _INDEX).is_file():
        raise ImportSourceError(
            f"{source.name} is not a Substack export: there is no {_INDEX} in it",
            hint="in Substack: Settings, Exports, New export; import the ZIP archive as it is",
        )
    records = Records(NAME)
    listed = Source.file(source.folder / _INDEX)
    text, odd = listed.text()
    records.warnings += odd
    texts = {_identity(path.stem): path for path in sorted(source.folder.glob("posts/*.html"))}
    seen: set[str] = set()
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        for row in reader:
            place = f"{source.name}:{_INDEX}:{reader.line_num}"
            identity = _identity(row.get("post_id") or "")
            if not identity:
                records.leave_out(place, "post_id", "the row has no post_id")
                continue
            seen.add(identity)
            _add(records, place, row, texts.get(identity))
    except csv.Error as error:
        records.leave_out(f"{source.name}:{_INDEX}", "", f"the rest of the list cannot be read: {error}")
    for identity in texts.keys() - seen:
        records.leave_out(f"{source.name}:{texts[identity].name}", "", f"{_INDEX} does not list it as published")
    return records.imported(whole=False)


def _identity(post_id: str) -> str:
    """Return the post's number, such as `123` for `123.a-slug`. Only the number is stable if the title changes."""
    return post_id.strip().partition(".")[0]


def _add(records: Records, place: str, row: Mapping[str, str], file: Path | None) -> None:
    title = " ".join((row.get("title") or "").split())
    shown = f"{title[:60]!r}: " if title else ""
    audience = (row.get("audience") or "").strip().lower()
    if (row.get("is_published") or "").strip().lower() not in {"true", "1", "yes"}:
        records.leave_out(place, "", f"{shown}it is a draft")
    elif audience not in {"", "everyone", "public"}:
        records.leave_out(place, "", f"{shown}it is not public: its audience is {audience[:40]}")
    elif file is None:
        records.leave_out(place, "", f"{shown}its text (posts/*.html) is not in the export")
    elif file.stat().st_size > LARGEST_DOCUMENT:
        records.leave_out(place, "", f"{shown}its text is larger than {LARGEST_DOCUMENT:,} bytes")
    else:
        try:
            html = Source.file(file).text(declared=True)[0]
        except ImportSourceError as error:
            records.leave_out(place, "", str(error))
            return
        kind = (row.get("type") or "").strip().lower()
        posts.add(
            records,
            place,
            Post(
                own=f"substack:{_identity(row['post_id'])}",
                title=title,
                day=row.get("post_date") or "",
                html=html,
                excerpt=plaintext.tidy(row.get("subtitle") or ""),
                url=_canonical(html),
                topics=[kind] if kind in {"podcast", "thread", "video"} else [],
            ),
        )


def _canonical(html: str) -> str:
    match = re.search(r"<link\b[^<>]{0,200}?\brel=[\"']canonical[\"'][^<>]{0,500}?\bhref=[\"']([^\"']+)", html)
    return match[1] if match else ""
