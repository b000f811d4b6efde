"""Writes the entries of an answer as a table: those it cites, and those that were considered and not used."""

import csv
import io
from collections.abc import Iterator, Sequence

from assistant.answer import Answer
from index.catalogue import Catalogue
from index.models import AnyEntry

COLUMNS = ("number", "id", "kind", "title", "date", "source", "organisations", "topics", "url", "cited", "quotations")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(answer: Answer, cited: Sequence[AnyEntry], catalogue: Catalogue) -> str:
    """One row for each entry: cited ones first, with their number; then the others that were found, best first.

    Spreadsheets would run a cell that starts with `=` as a formula, so such a cell gets an apostrophe before it. The
    byte order mark at the start tells them that the text is UTF-8.
    """
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _rows(answer, cited, catalogue):
        writer.writerow([_cell(value) for value in row])
    return "\ufeff" + written.getvalue()


def _rows(answer: Answer, cited: Sequence[AnyEntry], catalogue: Catalogue) -> Iterator[tuple[str, ...]]:
    quoted: dict[str, list[str]] = {}
    for citation in answer.citations:
        quoted.setdefault(citation.entry_id, []).append(" ".join(citation.quote.split()))
    for number, entry in enumerate(cited, start=1):
        quotations = [quotation for quotation in quoted[entry.id] if quotation != entry.title]
        yield _row(str(number), entry, "yes", " … ".join(quotations))
    for name in dict.fromkeys(answer.found):
        if name not in quoted and name in catalogue.by_id:
            yield _row("", catalogue.by_id[name], "no", "")


def _row(number: str, entry: AnyEntry, cited: str, quotations: str) -> tuple[str, ...]:
    return (
        number,
        entry.id,
        entry.kind,
        entry.title,
        entry.date or "",
        entry.source or "",
        "; ".join(entry.organisations),
        "; ".join(entry.topics),
        entry.url or "",
        cited,
        quotations,
    )


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
