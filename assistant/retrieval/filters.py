"""Filters entries by their fields, checks questions, and searches for ranked entries without an answer."""

import difflib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from assistant.answer import LONGEST_QUESTION, Filters, Query
from assistant.understanding import reading
from index import dates
from index.catalogue import Catalogue
from index.errors import QuestionError, UnknownEntryError
from index.generation import Index
from index.lexical import fold
from index.models import AnyEntry

from .search import Searcher

_folded = lru_cache(maxsize=50_000)(fold)
"""Cached, because a catalogue repeats the same few names."""


def with_organisations(filters: Filters, catalogue: Catalogue) -> Filters:
    """Return the filters with the organisation itself in the place of each alias, compared without case and accents."""
    if not filters.organisations or not catalogue.aliases:
        return filters
    known = {_folded(other): name for other, name in catalogue.organisation_of.items()}
    names = (known.get(_folded(name), name) for name in filters.organisations)
    return replace(filters, organisations=tuple(dict.fromkeys(names)))


def matches(entry: AnyEntry, filters: Filters) -> bool:
    """Whether an entry passes the filters; names and topics are compared without case and accents."""

    def shares(allowed_names: Sequence[str], names: Sequence[str]) -> bool:
        return not allowed_names or bool(set(map(_folded, allowed_names)) & set(map(_folded, names)))

    return (
        (not filters.kinds or entry.kind in filters.kinds)
        and shares(filters.organisations, entry.organisations)
        and shares(filters.topics, entry.topics)
        and dates.within(entry.date, filters.since, filters.until)
    )


def within(catalogue: Catalogue, filters: Filters) -> frozenset[str] | None:
    """Ids of the entries that pass the filters; None if the filters restrict nothing. An alias is its organisation."""
    filters = with_organisations(filters, catalogue)
    return frozenset(entry.id for entry in catalogue.entries if matches(entry, filters)) if filters else None


def allowed(catalogue: Catalogue, query: Query) -> frozenset[str] | None:
    """Ids of the entries that may answer a question; None if nothing restricts them.

    Entries that the conversation is about stay in, whatever date a follow-up names, because an entry may say something about
    later times. Only a follow-up that is nothing but a date ("And in 2024?") leaves them out.
    """
    only = within(catalogue, query.filters)
    if only is None or not reading.read(reading.without_dates(query.question)).content:
        return only
    return only.union(query.carried)


def entry(catalogue: Catalogue, name: str) -> AnyEntry:
    """The entry with an id, which may be a former one.

    Raises:
        UnknownEntryError: there is none; the hint names ids with a similar spelling.
    """
    match = catalogue.find(name)
    if match is None:
        raise UnknownEntryError(name, tuple(difflib.get_close_matches(name, catalogue.by_id, n=2, cutoff=0.75)))
    return match


def check(text: str, filters: Filters = Filters()) -> None:  # noqa: B008 -- frozen
    """Check a question and its filters before anything is opened for them.

    Raises:
        QuestionError: the text is empty or too long, or a date has an unknown form.
    """
    if not text.strip():
        raise QuestionError("the question is empty")
    if len(text) > LONGEST_QUESTION:
        raise QuestionError(f"the question has {len(text):,} characters; {LONGEST_QUESTION:,} are allowed")
    for value in (filters.since, filters.until):
        try:
            dates.span(value or "2000")
        except ValueError as error:
            raise QuestionError(str(error), hint="dates are YYYY, YYYY-MM or YYYY-MM-DD") from None


def search(index: Index, searcher: Searcher, text: str, filters: Filters, *, top: int) -> list[dict[str, Any]]:
    """Ranked entries for `almanac search` and the API, each with its score and its best passage.

    Raises:
        QuestionError: the text is empty or too long, or a date has an unknown form.
    """
    check(text, filters)
    only = within(index.catalogue, filters)
    found = searcher.entries(searcher.passages(text, searcher.embed(text), only=only))
    return [
        {
            "entry_id": match.entry.id,
            "kind": match.entry.kind,
            "title": match.entry.title,
            "date": match.entry.date,
            "url": match.entry.url,
            "score": round(match.score, 5),
            "field": index.passages[match.hits[0].place].field,
            "passage": index.passages[match.hits[0].place].text,
        }
        for match in found[:top]
    ]


def paths_to_start(catalogue: Catalogue, text: str) -> frozenset[str]:
    """Return the ids of the reading paths if a question asks what to read first, else none."""
    if not reading.asks_where_to_start(text):
        return frozenset()
    return frozenset(entry.id for entry in catalogue.entries if entry.kind == "path")
