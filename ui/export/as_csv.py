"""Writes the entries of an answer as a table: those it cites, and those that were considered and not used."""

from collections.abc import Iterator, Sequence

from assistant.answer import Answer
from assistant.export.catalogue_files import csv_table
from index.catalogue import Catalogue
from index.models import AnyEntry

COLUMNS = ("number", "id", "kind", "title", "date", "source", "organisations", "topics", "url", "cited", "quotations")


def as_csv(answer: Answer, cited: Sequence[AnyEntry], catalogue: Catalogue) -> str:
    """One row for each entry: cited ones first, with their number; then the others that were found, best first.

    The byte order mark at the start tells spreadsheets that the text is UTF-8.
    """
    return "\ufeff" + csv_table([COLUMNS, *_rows(answer, cited, catalogue)])


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
