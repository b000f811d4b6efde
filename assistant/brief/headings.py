"""Groups the entries of a brief under a few headings, by theme or by time."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from index import dates
from index.lexical import terms
from index.models import AnyEntry

MAX_THEMES = 4
"""Themes, not counting the background and the further entries."""
MAX_PERIODS = 5
MAX_THEME_SHARE = 0.75
"""A topic of more than this share of the entries does not divide them."""
MAX_ACRONYM_LETTERS = 5
"""A word of a topic with at most this many letters may be an acronym."""
BACKGROUND = "Background"
EVENTS = "Events"
FURTHER = "Further entries"

Group = tuple[str, list[AnyEntry]]
"""A heading, and the entries under it in reading order."""


def arranged(
    entries: Sequence[AnyEntry], order: Literal["theme", "time"], asked: Collection[str], frequency: Mapping[str, int]
) -> list[Group]:
    """Group entries: guides first as the background, then events by theme or by time.

    Args:
        entries: The entries, best first.
        order: Whether to group events by theme or by time.
        asked: Index terms of the question; a topic made of these words says nothing new, so it is not a theme.
        frequency: The number of entries in the catalogue with each topic.
    """
    guides: list[AnyEntry] = [entry for entry in entries if entry.kind != "event"]
    events = [entry for entry in entries if entry.kind == "event"]
    groups: list[Group] = [(BACKGROUND, guides)] if guides else []
    groups += _by_time(events) if order == "time" else _by_theme(events, asked, frequency)
    if guides and len(groups) == 2 and not groups[1][0]:
        groups[1] = (EVENTS, groups[1][1])
    # A single group needs no heading.
    return groups if len(groups) > 1 else [("", under) for _, under in groups]


def _date_key(entry: AnyEntry) -> tuple[tuple[int, str], str]:
    return dates.sort_key(entry.date), entry.id


def _by_time(events: Sequence[AnyEntry]) -> list[Group]:
    """Periods of whole years with about as many events in each; events without a date come last."""
    dated = sorted((event for event in events if event.date), key=_date_key)
    undated = [event for event in events if not event.date]
    groups: list[Group] = []
    for period in _periods([_year(event) for event in dated]):
        label = period[0] if len(period) == 1 else f"{period[0]}–{period[-1]}"
        groups.append((label, [event for event in dated if _year(event) in period]))
    return [*groups, *([("Without a date", undated)] if undated else [])]


def _periods(years: Sequence[str]) -> list[list[str]]:
    """Divide the years of dated events, one item per event, into periods of about as many events."""
    counts = Counter(years)
    size = max(2, -(-len(years) // MAX_PERIODS))
    periods: list[list[str]] = []
    in_period = 0
    for year in sorted(counts):
        if not periods or in_period >= size:
            periods.append([])
            in_period = 0
        periods[-1].append(year)
        in_period += counts[year]
    return periods


def _year(event: AnyEntry) -> str:
    return (event.date or "")[:4]


def _by_theme(events: Sequence[AnyEntry], asked: Collection[str], frequency: Mapping[str, int]) -> list[Group]:
    """Groups by the topics that divide the events best; in a group the oldest event comes first."""
    left = list(events)
    themes: list[Group] = []
    place = {event.id: number for number, event in enumerate(events)}
    while len(left) > 2 and len(themes) < MAX_THEMES:
        topic = _dividing_topic(left, asked, frequency)
        if topic is None:
            break
        under = [event for event in left if topic in event.topics]
        themes.append((topic, under))
        left = [event for event in left if topic not in event.topics]
    if not themes:
        return [("", sorted(events, key=_date_key))] if events else []
    themes.sort(key=lambda theme: place[theme[1][0].id])
    named = [(heading(topic, under), sorted(under, key=_date_key)) for topic, under in themes]
    return [*named, *([(FURTHER, sorted(left, key=_date_key))] if left else [])]


def _dividing_topic(left: Sequence[AnyEntry], asked: Collection[str], frequency: Mapping[str, int]) -> str | None:
    """The topic that divides the events best: at least two and at most three quarters have it. The rarer one if two are equal."""
    counts = Counter(topic for event in left for topic in dict.fromkeys(event.topics))
    half = max(2, (len(left) + 1) // 2)

    def worth(topic: str) -> tuple[int, int, str]:
        return min(counts[topic], half), -frequency.get(topic, 0), topic

    topics = [
        topic
        for topic, count in counts.items()
        if count >= 2 and count <= MAX_THEME_SHARE * len(left) and not set(terms(topic.replace("-", " "))) <= set(asked)
    ]
    return max(topics, key=worth, default=None)


def heading(topic: str, entries: Sequence[AnyEntry]) -> str:
    """Write a topic as a heading: "us-policy" becomes "US policy", with capitals if the entries use them."""
    text = "\n".join(field_text for entry in entries for field_text in entry.texts().values())
    words = [
        word.upper()
        if len(word) <= MAX_ACRONYM_LETTERS and re.search(rf"(?<!\w){re.escape(word.upper())}(?!\w)", text)
        else word
        for word in topic.replace("-", " ").replace("_", " ").split()
    ]
    joined = " ".join(words)
    return f"{joined[:1].upper()}{joined[1:]}"
