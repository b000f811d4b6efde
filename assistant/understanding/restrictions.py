"""The restrictions found in a question, their display text, and the question without some of them."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Protocol

from assistant.answer import Filters, Restriction
from index import dates
from index.errors import QuestionError

KINDS = {"event": "events", "guide": "guides", "path": "reading paths"}
_NAMES = re.compile(r"(?:dates|kinds|organisations|topics|words|level|importance)(?::.{1,300})?", re.DOTALL)
_MOST = 40


def check(dropped: Sequence[str]) -> None:
    """Check the names of restrictions to remove.

    Raises:
        QuestionError: a name has an unknown form, or there are too many names.
    """
    wrong = next((name for name in dropped if _NAMES.fullmatch(name) is None), None)
    if wrong is not None or len(dropped) > _MOST:
        raise QuestionError(
            f"{wrong[:60]!r} is not a part of a question"
            if wrong is not None
            else f"more than {_MOST} parts to leave out",
            hint="leave out dates, kinds, organisations, topics, words, level or importance, or one of them as organisations:NAME",
        )


def less(filters: Filters, dropped: Sequence[str]) -> Filters:
    """Return the filters without the named restrictions."""

    def kept(field: str, names: tuple[str, ...]) -> tuple[str, ...]:
        return () if field in dropped else tuple(name for name in names if f"{field}:{name}" not in dropped)

    dated = "dates" not in dropped
    return Filters(
        tuple(kind for kind in filters.kinds if "kinds" not in dropped and f"kinds:{kind}" not in dropped),
        filters.since if dated else None,
        filters.until if dated else None,
        kept("organisations", filters.organisations),
        kept("topics", filters.topics),
    )


class Restricted(Protocol):
    """Restrictions of a list in addition to its filters."""

    @property
    def words(self) -> str:
        """Text that an entry must mention."""

    @property
    def level(self) -> str | None:
        """The level that an entry must have."""

    @property
    def important(self) -> bool:
        """Whether only major entries match."""


def day(text: str | None) -> date:
    """Return the day that relative dates are counted from: the last day of `text`, or today.

    Raises:
        QuestionError: the text is not a date.
    """
    try:
        return dates.span(text)[1] if text else datetime.now(UTC).date()
    except ValueError as error:
        raise QuestionError(str(error), hint="dates are YYYY, YYYY-MM or YYYY-MM-DD") from None


def parts(filters: Filters, more: Restricted | None = None) -> tuple[Restriction, ...]:
    """Return the restrictions of a question with their display text."""
    found = [Restriction(f"organisations:{name}", name) for name in filters.organisations]
    found += [Restriction(f"topics:{name}", name.replace("-", " ")) for name in filters.topics]
    if more and more.words:
        found.append(Restriction("words", f"“{more.words}”"))
    if filters.since or filters.until:
        found.append(Restriction("dates", span_in_words(filters.since, filters.until)))
    if more and more.level:
        found.append(Restriction("level", more.level))
    if more and more.important:
        found.append(Restriction("importance", "major"))
    found += [Restriction(f"kinds:{kind}", KINDS[kind]) for kind in filters.kinds]
    return tuple(found)


def span_in_words(since: str | None, until: str | None) -> str:
    """Return a period in words: "since 2024", "up to 2024", "in 2024", "on 5 May 2024", or "from … to …"."""
    if since is None:
        return f"up to {dates.in_words(until)}" if until else ""
    if until is None:
        return f"since {dates.in_words(since)}"
    if since == until:
        return f"{'on' if len(since) == 10 else 'in'} {dates.in_words(since)}"
    return f"from {dates.in_words(since)} to {dates.in_words(until)}"
