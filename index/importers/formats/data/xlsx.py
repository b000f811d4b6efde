"""Excel workbooks (`.xlsx`, `.xlsm`), read with openpyxl. Each visible sheet is imported like a CSV file."""

import datetime as dt
import io
import warnings
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from index.errors import ImportSourceError
from index.importers.files import file_types, zip_archive
from index.importers.mapping import Mapped
from index.importers.records import Records
from index.importers.source import LARGEST_DOCUMENT, Imported, Source

from . import table

NAME = "xlsx"
ABOUT = "an Excel workbook; --map title=Headline,date=Published names the columns"
MOST_ROWS = 200_000
"""Maximum number of rows that are read from one sheet."""
MOST_COLUMNS = 500
"""Maximum number of columns that are read from one sheet."""
MOST_CHARACTERS = 4 * LARGEST_DOCUMENT
"""Maximum length of all cells of one sheet together, in characters."""
MOST_UNPACKED = 4 * LARGEST_DOCUMENT
"""Maximum size of all parts of a workbook after unpacking, in bytes."""
_HINT = "open it in Excel or LibreOffice and save it again, or save the sheet as CSV (UTF-8)"


def fits(source: Source) -> bool:
    """Whether the bytes are those of an Excel workbook."""
    return source.binary == file_types.XLSX


def read(source: Source, mapping: Mapped | None = None) -> Imported:
    """Import every row of the visible sheets that has a title or a text. The rest is reported.

    Raises:
        ImportSourceError: If the source is not a workbook, is damaged, or no sheet has a title column.
    """
    if source.binary != file_types.XLSX:
        raise ImportSourceError(f"{source.name} is no Excel workbook", hint="leave out --format, or save it as .xlsx")
    zip_archive.check_packed(source.data, source.name, "an Excel workbook", hint=_HINT, most=MOST_UNPACKED).close()
    records = Records(NAME)
    refused: list[ImportSourceError] = []
    sheets = _sheets(source, records)
    for place, rows in sheets:
        try:
            table.add_rows(records, place, iter(rows), mapping)
        except ImportSourceError as error:
            refused.append(error)
            records.leave_out(place, "", f"the sheet has no column with titles: {error.hint}")
    if refused and len(refused) == len(sheets):
        raise refused[0]
    if not sheets:
        raise ImportSourceError(
            f"{source.name} contains no rows in any visible sheet", hint="its first row names the columns"
        )
    return records.imported(whole=True)


def _sheets(source: Source, records: Records) -> list[tuple[str, list[tuple[int, list[str]]]]]:
    """Return the place and the rows of each visible sheet that has rows."""
    from openpyxl import load_workbook  # noqa: PLC0415 -- it takes a while to load, and few imports need it

    sheets = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns about styles and extensions that it does not know
            with closing(
                load_workbook(io.BytesIO(source.data), read_only=True, data_only=True, keep_links=False)
            ) as book:
                for sheet in book.worksheets:
                    place = f"{source.name}:{sheet.title}"
                    if sheet.sheet_state != "visible":
                        records.leave_out(place, "", "the sheet is hidden")
                    elif rows := list(_rows(sheet, place, records)):
                        sheets.append((place, rows))
    except zip_archive.BROKEN as error:
        raise ImportSourceError(
            f"{source.name} is an Excel workbook, but damaged: {_reason(error)}", hint=_HINT
        ) from error
    return sheets


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def _rows(sheet: Any, place: str, records: Records) -> Iterator[tuple[int, list[str]]]:
    """Yield the non-empty rows, each with its number. Line breaks in header names become spaces."""
    sheet.reset_dimensions()  # the size that the file declares is unreliable
    width = 0
    characters = 0
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), start=1):
        if number > MOST_ROWS or characters > MOST_CHARACTERS:
            records.leave_out(f"{place}:{number}", "", "the rest of the sheet: it is too large; split it")
            return
        if row.count(None) == len(row):  # a sheet may contain very many empty rows
            continue
        cells = [cell(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        characters += sum(map(len, cells))
        # Excel omits empty cells at the end of a row.
        yield number, cells + [""] * (width - len(cells)) if width else [" ".join(name.split()) for name in cells]
        width = width or len(cells)


def cell(value: object) -> str:
    """Return a cell's value as in a CSV file. Dates are in ISO format; error values such as `#N/A` become empty."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        return str(int(value))
    text = str(value)
    return "" if text in {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"} else text
