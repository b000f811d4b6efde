"""The parts of a summary: its entries brought under a few plain headings, by theme or by time."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from index import dates
from index.lexical import terms
from index.models import AnyEntry

MOST = 4
"""Themes, besides the background and what is left over."""
PERIODS = 5
"""Periods at the most in an order by time."""
BACKGROUND = "Background"
EVENTS = "Events"
FURTHER = "Further entries"

Part = tuple[str, list[AnyEntry]]
"""A heading, and the entries under it in reading order."""


def arranged(
    entries: Sequence[AnyEntry], order: Literal["theme", "time"], asked: Collection[str], frequency: Mapping[str, int]
) -> list[Part]:
    """Entries in parts: guides first, then events by theme, the most telling theme first, or by time.

    Args:
        entries: The entries, the most fitting first.
        order: What the parts are.
        asked: Index terms of the question: a topic of these words tells nothing more.
        frequency: In how many entries of the catalogue each topic stands.
    """
    guides: list[AnyEntry] = [entry for entry in entries if entry.kind != "event"]
    events = [entry for entry in entries if entry.kind == "event"]
    parts: list[Part] = [(BACKGROUND, guides)] if guides else []
    parts += _by_time(events) if order == "time" else _by_theme(events, asked, frequency)
    if guides and len(parts) == 2 and not parts[1][0]:
        parts[1] = (EVENTS, parts[1][1])
    # One part alone needs no heading, and neither do parts of which none has a name.
    return parts if len(parts) > 1 else [("", part) for _, part in parts]


def _dated(entry: AnyEntry) -> tuple[tuple[int, str], str]:
    return dates.sort_key(entry.date), entry.id


def _by_time(events: Sequence[AnyEntry]) -> list[Part]:
    """Periods of whole years with about as many entries in each; what has no date comes last."""
    dated = sorted((event for event in events if event.date), key=_dated)
    undated = [event for event in events if not event.date]
    years = Counter((event.date or "")[:4] for event in dated)
    wanted = max(2, -(-len(dated) // PERIODS))
    periods: list[list[str]] = []
    held = 0
    for year in sorted(years):
        if not periods or held >= wanted:
            periods.append([])
            held = 0
        periods[-1].append(year)
        held += years[year]
    parts: list[Part] = []
    for period in periods:
        named = period[0] if len(period) == 1 else f"{period[0]}–{period[-1]}"
        parts.append((named, [event for event in dated if (event.date or "")[:4] in period]))
    return [*parts, *([("Without a date", undated)] if undated else [])]


def _by_theme(events: Sequence[AnyEntry], asked: Collection[str], frequency: Mapping[str, int]) -> list[Part]:
    """The topics that divide the entries best, each named by its topic; in a part the oldest stands first."""
    left = list(events)
    themes: list[Part] = []
    place = {event.id: number for number, event in enumerate(events)}
    while len(left) > 2 and len(themes) < MOST:
        topic = _dividing(left, asked, frequency)
        if topic is None:
            break
        under = [event for event in left if topic in event.topics]
        themes.append((topic, under))
        left = [event for event in left if topic not in event.topics]
    if not themes:
        return [("", sorted(events, key=_dated))] if events else []
    themes.sort(key=lambda part: place[part[1][0].id])
    named = [(heading(topic, under), sorted(under, key=_dated)) for topic, under in themes]
    return [*named, *([(FURTHER, sorted(left, key=_dated))] if left else [])]


def _dividing(left: Sequence[AnyEntry], asked: Collection[str], frequency: Mapping[str, int]) -> str | None:
    """The topic that at least two, but not nearly all, of some entries share; of equals the rarer one."""
    counts = Counter(topic for event in left for topic in dict.fromkeys(event.topics))
    most = max(2, (len(left) + 1) // 2)

    def worth(topic: str) -> tuple[int, int, str]:
        return min(counts[topic], most), -frequency.get(topic, 0), topic

    fitting = [
        topic
        for topic, count in counts.items()
        if count >= 2 and count <= 0.75 * len(left) and not set(terms(topic.replace("-", " "))) <= set(asked)
    ]
    return max(fitting, key=worth, default=None)


def heading(topic: str, entries: Sequence[AnyEntry]) -> str:
    """A topic as a heading: "us-policy" -> "US policy", written in capitals where the entries write it so."""
    text = "\n".join(said for entry in entries for said in entry.texts().values())
    words = [
        word.upper() if len(word) <= 5 and re.search(rf"(?<!\w){re.escape(word.upper())}(?!\w)", text) else word
        for word in topic.replace("-", " ").replace("_", " ").split()
    ]
    joined = " ".join(words)
    return f"{joined[:1].upper()}{joined[1:]}"
