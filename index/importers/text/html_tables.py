"""HTML tables as lines of text: each row becomes one line that names the column of each value."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)")
_SPAN = re.compile(r'\b(colspan|rowspan)="?(\d{1,3})')
_LONGEST_CELL = 4_000
_LONGEST_OF_PARAGRAPHS = 600
"""Maximum length of a cell with several paragraphs, in characters.

A table with longer cells is used for page layout, and its cells are treated as paragraphs.
"""
_MOST_COLUMNS = 100
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_PARAGRAPHS = {"br", "p", "div", "li", "ul", "ol", "blockquote", "pre", "dd", "dt", "dl"}


@dataclass(slots=True)
class _Cell:
    text: str
    heading: bool
    columns: int
    rows: int
    paragraphs: int = 0


class _Table:
    """The rows and the caption of a table that is being read."""

    def __init__(self, text_of: Callable[[str], str]) -> None:
        self.rows: list[list[_Cell]] = []
        self.caption: list[str] = []
        self.head_rows = 0
        self._text_of = text_of
        self._words: list[str] | None = None
        self._head = False

    def add(self, piece: str) -> None:
        """Add a tag or a text between `<table>` and `</table>`."""
        name, closing = _name(piece), piece.startswith("</")
        if name == "thead":
            self._head = not closing
        elif name == "tr" and not closing:
            self.rows.append([])
            self.head_rows += self._head
        elif name in {"td", "th"}:
            self._end_cell() if closing else self._begin_cell(piece, heading=name == "th")
        elif self._words is not None:
            self.rows[-1][-1].paragraphs += name in _PARAGRAPHS and not closing
            self._words.append(" " if name in _PARAGRAPHS else piece)
        elif name is None and piece.strip():
            self.caption.append(piece)

    def _begin_cell(self, piece: str, *, heading: bool) -> None:
        if not self.rows:
            self.rows.append([])
        spans = {name: max(int(number), 1) for name, number in _SPAN.findall(piece)}
        self._words = []
        self.rows[-1].append(_Cell("", heading, spans.get("colspan", 1), spans.get("rowspan", 1)))

    def _end_cell(self) -> None:
        if self._words is not None:
            self.rows[-1][-1].text = self._text_of("".join(self._words))
        self._words = None


def as_lines(pieces: Sequence[str], start: int, text_of: Callable[[str], str]) -> tuple[list[str], int] | None:
    """Return the lines of the table at `pieces[start]` and the index after it; None if it is used for page layout.

    Args:
        pieces: Tags and texts of well-formed HTML, in alternation.
        start: The index of `<table>`.
        text_of: Converts the markup of a cell to text.
    """
    table = _Table(text_of)
    for place in range(start + 1, len(pieces)):
        name = _name(pieces[place])
        if name == "table" and pieces[place].startswith("</"):
            return (_lines(table, text_of), place + 1) if _holds_data(table) else None
        if name == "table" or name in _HEADINGS:
            return None
        table.add(pieces[place])
    return None


def _name(piece: str) -> str | None:
    match = _NAME.match(piece)
    return match[1].lower() if match else None


def _holds_data(table: _Table) -> bool:
    cells = [cell for row in table.rows for cell in row]
    wide = any(len(row) > 1 for row in table.rows)
    return bool(cells) and wide and all(_is_short(cell) for cell in cells)


def _is_short(cell: _Cell) -> bool:
    return len(cell.text) <= (_LONGEST_OF_PARAGRAPHS if cell.paragraphs > 1 else _LONGEST_CELL)


def _lines(table: _Table, text_of: Callable[[str], str]) -> list[str]:
    grid = _grid(table.rows)
    header_rows = table.head_rows
    while not table.head_rows and header_rows < len(table.rows) and _all_headings(table.rows[header_rows]):
        header_rows += 1
    if header_rows >= len(grid):
        header_rows = 0
    width = max(len(row) for row in grid)
    headers = [_united([row[n] for row in grid[:header_rows] if n < len(row)]) for n in range(width)]
    caption = text_of(" ".join(table.caption))
    lines = [
        _line(row, headers) if header_rows else " | ".join(cell for cell in row if cell) for row in grid[header_rows:]
    ]
    return [line for line in (caption, *lines) if line]


def _all_headings(row: Sequence[_Cell]) -> bool:
    return bool(row) and all(cell.heading for cell in row)


def _grid(rows: Sequence[Sequence[_Cell]]) -> list[list[str]]:
    """Return the texts by row and column. A cell that spans several rows or columns is repeated in each."""
    grid: list[list[str]] = []
    hanging: dict[int, tuple[str, int]] = {}
    for row in rows:
        line: list[str] = []
        cells = list(row)
        while (cells or len(line) in hanging) and len(line) < _MOST_COLUMNS:
            column = len(line)
            if column in hanging:
                text, left = hanging.pop(column)
                line.append(text)
                if left > 1:
                    hanging[column] = (text, left - 1)
                continue
            cell = cells.pop(0)
            for extra in range(min(cell.columns, _MOST_COLUMNS)):
                line.append(cell.text)
                if cell.rows > 1:
                    hanging[column + extra] = (cell.text, cell.rows - 1)
        grid.append(line)
    return grid


def _united(names: Sequence[str]) -> str:
    return " ".join(dict.fromkeys(name for name in names if name))


def _line(row: Sequence[str], headers: Sequence[str]) -> str:
    """Return a row as text, such as `Quiet-1: Score 71.2, Cost 3`: the first cell, then each value after its header."""
    first, *others = row or [""]
    values: list[str] = []
    for number, text in enumerate(others, start=1):
        header = headers[number] if number < len(headers) else ""
        same_cell = number > 1 and text == others[number - 2] and header == headers[number - 1]
        if text and not same_cell:
            values.append(f"{header} {text}".strip())
    between = "; " if any("," in value for value in values) else ", "
    cells = between.join(values)
    return f"{first}: {cells}" if first and cells else first or cells
