"""CSV and TSV with a header line. Each row becomes an entry; columns are mapped by `--map` or by well-known names."""

import csv
import io
import re
from collections.abc import Iterator

from index.errors import ImportSourceError
from index.importers import dates
from index.importers.mapping import Mapped, Mapper, resolve
from index.importers.records import Records
from index.importers.source import LONGEST_LINE, Imported, Source

from . import timelinejs

NAME = "csv"
ABOUT = "CSV or TSV with a header line; --map title=Headline,date=Published names the columns"
_DELIMITERS = ",\t;|"
_SAMPLE_ROWS = 20
_SAMPLE = 65_536
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_ZOTERO = {"Key", "Item Type", "Title", "Date Added"}
_ZOTERO_PRIVATE = {"Notes", "File Attachments", "Link Attachments", "Date Added", "Date Modified", "Access Date"}
csv.field_size_limit(LONGEST_LINE)


def fits(source: Source) -> bool:
    """Whether the file name is that of a table, or the header has a title column and another known column."""
    if source.folder is not None:
        return False
    named = source.file_name.endswith((".csv", ".tsv", ".tab"))
    head = source.data[:_SAMPLE].decode("utf-8-sig", errors="replace")
    if head.lstrip()[:1] in {"<", "{", "["}:
        return False
    header = next(_rows(head, _delimiter(head)), (0, []))[1]
    wanted = resolve((column for column in header if len(column) < 60), {}) if len(header) > 1 else {}
    return bool(header) and (named or ("title" in wanted and len(wanted) > 1))


def read(source: Source, mapping: Mapped | None = None) -> Imported:
    """Import every row that has a title or a text. Others are skipped and reported by line number.

    Raises:
        ImportSourceError: If no column has titles or texts, or a mapped column is missing.
    """
    if source.folder is not None:
        raise ImportSourceError(f"{source.name} is a folder", hint="name the files one by one")
    source.whole()
    text, odd = source.text()
    if match := _SEPARATOR_LINE.match(text):
        rows = _rows(text[match.end() :], match[1])
    else:
        rows = _rows(text, _delimiter(text[:_SAMPLE]))
    records = Records(NAME, warnings=list(odd))
    add_rows(records, source.name, rows, mapping)
    return records.imported(whole=True)


def add_rows(records: Records, name: str, rows: Iterator[tuple[int, list[str]]], mapping: Mapped | None) -> None:
    """Add the rows of a table. Each row comes with its number; the first row contains the column names.

    Raises:
        ImportSourceError: If no column has titles or texts, or a mapped column is missing.
    """
    _, header = next(rows, (0, []))
    body = list(_whole_rows(name, rows, header, records))
    if set(header) >= _ZOTERO:
        header, body = _of_zotero(header, body, records)
    if timelinejs.is_sheet(header):
        body = list(_events_of_sheet(body, records))
        header = timelinejs.header_of_sheet(header)
    fields = resolve((column for column in header if column), mapping or {})
    if not {"title", "summary"} & fields.keys() or (len(header) < 2 and not mapping):
        raise ImportSourceError(
            f"{name} has no column for a title: {', '.join(header)[:300]}",
            hint="name it with --map title=COLUMN; the first line holds the names of the columns",
        )
    columns = fields.get("date", [])
    order = dates.in_column(row.get(column, "") for _, row in body for column in columns)
    mapper = Mapper(records, fields, order=order, mapping=mapping)
    for place, row in body:
        mapper.add(place, row)


def _of_zotero(
    header: list[str], body: list[tuple[str, dict[str, str]]], records: Records
) -> tuple[list[str], list[tuple[str, dict[str, str]]]]:
    """Return a Zotero table without the owner's private data: notes, and paths of local files."""
    kept = []
    for place, row in body:
        kind = row.get("Item Type", "").lower()
        if kind in {"note", "attachment", "annotation"}:
            records.leave_out(place, "", f"it is a {kind} of its owner, not a publication")
        else:
            kept.append((place, {name: value for name, value in row.items() if name not in _ZOTERO_PRIVATE}))
    return [name for name in header if name not in _ZOTERO_PRIVATE], kept


def _events_of_sheet(body: list[tuple[str, dict[str, str]]], records: Records) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the event rows of a TimelineJS spreadsheet, with their dates merged into one column."""
    for place, row in body:
        if reason := timelinejs.why_not_event(row):
            records.leave_out(place, "", reason)
        else:
            yield place, timelinejs.row_of_sheet(row)


def _whole_rows(
    name: str, rows: Iterator[tuple[int, list[str]]], header: list[str], records: Records
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the rows as mappings from column name to value. Rows with too few or too many fields are reported."""
    try:
        for number, row in rows:
            place = f"{name}:{number}"
            if len(row) < len(header):
                records.warn(place, "", f"the row has {len(row)} fields, the header {len(header)}")
            elif any(cell.strip() for cell in row[len(header) :]):
                records.warn(place, "", f"left out: fields beyond the {len(header)} of the header")
            yield place, {column: cell.strip() for column, cell in zip(header, row, strict=False) if column}
    except csv.Error as error:
        records.leave_out(name, "", f"the rest cannot be read: {error}")


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the non-empty rows, each with the number of its first line. Header names are stripped.

    A quote that is never closed would swallow the rest of the file. Such a line is parsed again without its quotes.
    """
    lines = io.StringIO(text, newline="").readlines()
    width: int | None = None
    start = 0
    while start < len(lines):
        reader = csv.reader(lines[start:], delimiter=delimiter)
        before = 0
        for row in reader:
            first, before = start + before, reader.line_num
            last = start + before == len(lines)
            if last and before > 1 and first + 1 < len(lines) and width not in {None, len(row)} and '"' in lines[first]:
                lines[first] = lines[first].replace('"', "")
                start = first
                break
            if any(cell.strip() for cell in row):
                yield first + 1, row if width is not None else [" ".join(cell.split()) for cell in row]
                width = width or len(row)
        else:
            return


def _delimiter(sample: str) -> str:
    """Return the delimiter that splits the first rows most consistently, and into the most columns."""

    def score(delimiter: str) -> tuple[float, int]:
        widths = []
        try:
            for number, (_, row) in enumerate(_rows(sample, delimiter)):
                widths.append(len(row))
                if number == _SAMPLE_ROWS:
                    break
        except csv.Error:
            return 0.0, 0
        if not widths or widths[0] < 2:
            return 0.0, 0
        return sum(width == widths[0] for width in widths) / len(widths), widths[0]

    return max(_DELIMITERS, key=score)
