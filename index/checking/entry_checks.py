"""Checks of single entries: missing fields, sentences that lean on others, dates that contradict the text, old checks."""

import re
from collections.abc import Iterator
from datetime import date

from index import dates, sentences
from index.catalogue import Catalogue
from index.models import AnyEntry, Event, Guide

from .finding import Finding

MAX_AGE_DAYS = 365
"""Days after which the day in `checked` is old."""
_LEANING = re.compile(
    r"(?:This|That|These|Those|It|Its|He|She|They|His|Her|Their|Such|However|Instead|Both|There|Here|The (?:latter|former|same|company|model|paper|authors?))\b"
)
"""The beginnings of sentences that say what they are about only together with the sentence before."""
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}}) ({_MONTHS}) (\d{{4}})\b")
_MONTH_FIRST = re.compile(rf"\b({_MONTHS}) (\d{{1,2}}), (\d{{4}})\b")
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_MONTH_NUMBERS = {name: number for number, name in enumerate(_MONTHS.split("|"), start=1)}


def missing(catalogue: Catalogue) -> Iterator[Finding]:
    """Entries without a date, a text or a source."""
    for entry in catalogue.entries:
        if isinstance(entry, Event) and entry.date is None:
            yield Finding("missing", "problem", entry.id, "date", "no date: it matches no date filter and sorts last")
        if not entry.has_text:
            yield Finding("missing", "problem", entry.id, "", "no text: only its title can be found and quoted")
        if isinstance(entry, Event) and entry.url is None:
            said = "no address, only the name of a source" if entry.source else "no source: neither address nor name"
            yield Finding("missing", "hint" if entry.source else "problem", entry.id, "url", said)
        if isinstance(entry, Guide) and entry.date is None:
            yield Finding("missing", "hint", entry.id, "date", "no day of the last update")


def contradictions(catalogue: Catalogue) -> Iterator[Finding]:
    """Events whose text gives one exact day, and another than the field `date`."""
    for entry in catalogue.entries:
        if not isinstance(entry, Event) or entry.date is None:
            continue
        days = set(days_in(f"{entry.title}\n{entry.summary}"))
        first, last = dates.span(entry.date)
        if len(days) == 1 and not first <= (day := days.pop()) <= last:
            yield Finding(
                "contradiction", "hint", entry.id, "date", f"is {entry.date}, and the only day in the text is {day}"
            )


def days_in(text: str) -> Iterator[date]:
    """The exact days that a text names, in English or as YYYY-MM-DD."""
    parts = [(year, _MONTH_NUMBERS[month], day) for day, month, year in _DAY_FIRST.findall(text)]
    parts += [(year, _MONTH_NUMBERS[month], day) for month, day, year in _MONTH_FIRST.findall(text)]
    parts += [(year, int(month), day) for year, month, day in _ISO.findall(text)]
    for year, month, day in parts:
        try:
            yield date(int(year), month, int(day))
        except ValueError:  # such as 31 June
            continue


def leaning(catalogue: Catalogue) -> Iterator[Finding]:
    """Fields whose first sentence says only together with another what it is about: alone, it cannot be quoted.

    Later sentences that begin so are counted: more than half of a field is a hint.
    """
    for entry in catalogue.entries:
        for field, text in entry.texts().items():
            if field in {"title", "authors"}:
                continue
            spans = sentences.split(text, by_line=field == "key_takeaways")
            beginnings = [bool(_LEANING.match(text, start)) for start, _ in spans]
            if beginnings and beginnings[0]:
                shown = text[spans[0][0] : spans[0][0] + 60]
                yield Finding(
                    "leaning", "hint", entry.id, field, f"begins with a reference to something else: {shown!r}"
                )
            elif sum(beginnings) > len(beginnings) / 2:
                yield Finding(
                    "leaning",
                    "hint",
                    entry.id,
                    field,
                    f"{sum(beginnings)} of {len(beginnings)} sentences lean on the one before",
                )


def outdated(catalogue: Catalogue, today: date) -> Iterator[Finding]:
    """Guides that are older than the newest event they are linked with, and entries that were checked long ago."""
    for entry in catalogue.entries:
        if isinstance(entry, Guide) and entry.date is not None:
            linked = [catalogue.by_id[name] for name in catalogue.links[entry.id]]
            newer = [
                event
                for event in linked
                if isinstance(event, Event)
                and event.date is not None
                and dates.span(event.date)[0] > dates.span(entry.date)[1]
            ]
            if newer:
                newest = max(newer, key=lambda event: dates.sort_key(event.date))
                message = f"was updated {entry.date}, before {newest.id!r} of {newest.date}"
                yield Finding("outdated", "hint", entry.id, "date", message, tuple(event.id for event in newer))
        yield from _old_check(entry, today)


def _old_check(entry: AnyEntry, today: date) -> Iterator[Finding]:
    if entry.checked is None:
        return
    age = (today - dates.span(entry.checked)[1]).days
    if age > MAX_AGE_DAYS:
        yield Finding("outdated", "hint", entry.id, "checked", f"was last checked {entry.checked}, {age} days ago")


def repeated_sentences(catalogue: Catalogue) -> Iterator[Finding]:
    """Sentences of at least eight words that two entries share word for word."""
    seen: dict[str, tuple[str, str]] = {}
    for entry in catalogue.entries:
        for field, text in entry.texts().items():
            for start, end in sentences.split(text):
                words = " ".join(text[start:end].casefold().split())
                if words.count(" ") < 7:
                    continue
                other, _ = seen.setdefault(words, (entry.id, field))
                if other != entry.id:
                    yield Finding(
                        "duplicate",
                        "hint",
                        entry.id,
                        field,
                        f"has a sentence of {other!r}: {text[start : start + 60]!r}",
                        (other,),
                    )
