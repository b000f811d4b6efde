"""Entries by filters, and ranked entries without an answer."""

import difflib
from collections.abc import Sequence
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
"""A catalogue says the same few names over and over."""


def matches(entry: AnyEntry, filters: Filters) -> bool:
    """Whether an entry is within the filters; names and topics are compared without case or accents."""

    def shares(wanted: Sequence[str], given: Sequence[str]) -> bool:
        return not wanted or bool(set(map(_folded, wanted)) & set(map(_folded, given)))

    return (
        (not filters.kinds or entry.kind in filters.kinds)
        and shares(filters.organisations, entry.organisations)
        and shares(filters.topics, entry.topics)
        and dates.within(entry.date, filters.since, filters.until)
    )


def within(catalogue: Catalogue, filters: Filters) -> frozenset[str] | None:
    """Ids of the entries within the filters; None where nothing is restricted."""
    return frozenset(entry.id for entry in catalogue.entries if matches(entry, filters)) if filters else None


def allowed(catalogue: Catalogue, query: Query) -> frozenset[str] | None:
    """Ids of the entries that may answer a question; None where nothing restricts them.

    What the conversation is about stays in, whatever date a follow-up names: an entry tells of later times too.
    "And in 2024?" asks for nothing but another time, and leaves it out.
    """
    only = within(catalogue, query.filters)
    if only is None or not reading.read(reading.without_dates(query.question)).content:
        return only
    return only.union(query.carried)


def entry(catalogue: Catalogue, name: str) -> AnyEntry:
    """The entry with an id.

    Raises:
        UnknownEntryError: there is none; the hint names ids that are spelt alike.
    """
    found = catalogue.by_id.get(name)
    if found is None:
        raise UnknownEntryError(name, tuple(difflib.get_close_matches(name, catalogue.by_id, n=2, cutoff=0.75)))
    return found


def check(text: str, filters: Filters = Filters()) -> None:  # noqa: B008 -- frozen
    """Refuse a question or filters that cannot be used, before anything is opened for them.

    Raises:
        QuestionError: the text is empty or too long, or a date has no form that is known.
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
    """Ranked entries for `almanac search` and the API, each with its score and the passage that fits best.

    Raises:
        QuestionError: the words are too many, or a date has no form that is known.
    """
    check(text, filters)
    only = within(index.catalogue, filters)
    found = searcher.entries(searcher.passages(text, searcher.embed(text), only=only))
    return [
        {
            "entry_id": one.entry.id,
            "kind": one.entry.kind,
            "title": one.entry.title,
            "date": one.entry.date,
            "url": one.entry.url,
            "score": round(one.score, 5),
            "field": index.passages[one.hits[0].place].field,
            "passage": index.passages[one.hits[0].place].text,
        }
        for one in found[:top]
    ]
