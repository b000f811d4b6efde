"""The texts shown if a question has no answer: questions back, and the reasons for refusing.

Each function returns one plain sentence or two for the reader. Nothing here decides whether to refuse.
"""

from collections.abc import Sequence

from assistant.answer import Filters
from assistant.understanding.reading import ParsedQuestion
from index import dates

from .evidence import Evidence

MAX_UNKNOWN_WORDS = 3
"""With more unknown words than this, the question is simply about something else, and listing them does not help."""
NOTHING_NEAR = 0.3
"""If the best sentence scores below this, we say that the catalogue has nothing near the question."""
NOTHING_MORE = "The catalogue says nothing more about this."
"""The reply to "Tell me more" when everything on the topic was already quoted."""
_MISSING_BY_KIND = {
    "amount": "but not the number you ask for",
    "time": "but not when that was",
    "person": "but not who that was",
    "place": "but not where that was",
    "reason": "but not the reason you ask for",
}


def asking_back(word: str) -> str:
    """The reply to "Who made it?" at the start of a conversation: what does the pronoun refer to?"""
    return f"This question does not say what “{word}” is. Name it, and I can look it up."


def reason(
    reading: ParsedQuestion,
    evidence: Sequence[Evidence],
    filters: Filters,
    names: Sequence[str],
    unknown: Sequence[str],
    *,
    about: str | None = None,
    wanted: str | None = None,
) -> str:
    """Why a question that was searched has no answer.

    Args:
        reading: The parsed question.
        evidence: The best sentences, best first; may be empty.
        filters: What the search was restricted to.
        names: Names in the question that the catalogue does not have.
        unknown: Other words of the question that the catalogue does not have, spelled as in the question.
        about: The title of the best entry, if a name in the question stands for that entry.
        wanted: What the question asks for, in the words of `wanted.wanted`.
    """
    if names:
        return f"The catalogue has no entry that mentions {_quoted_list(names)}."
    if filters.since or filters.until:
        return f"The catalogue has no entry {_period(filters)} that answers this."
    if about and wanted:
        return f"The catalogue has “{about}”, but no sentence found there says {wanted}."
    if unknown and len(unknown) <= MAX_UNKNOWN_WORDS:
        return f"Nothing in the catalogue speaks of {_quoted_list(unknown)}."
    if not evidence or evidence[0].score < NOTHING_NEAR:
        return "The catalogue has nothing near this question."
    if wanted:
        return f"The catalogue has entries near this question, but no sentence found there says {wanted}."
    missing = _MISSING_BY_KIND.get(reading.asked, "but nothing that answers this")
    return f"The catalogue has entries near this question, {missing}."


def not_mentioned(name: str) -> str:
    """No entry has the name."""
    return f"The catalogue has no entry that mentions “{name}”."


def nothing_about_name(title: str, name: str) -> str:
    """The entry exists, but the other name in the question is not in it."""
    return f"The catalogue has “{title}”, but nothing there mentions “{name}”."


def no_date_recorded(title: str) -> str:
    """The entry exists, but its date field is empty."""
    return f"The catalogue has “{title}”, but no date is recorded for it."


def date_not_stated(title: str) -> str:
    """The entry exists, but it does not say when the thing in the question happened."""
    return f"The catalogue has “{title}”, but no sentence found there says when that was."


def date_of_part_not_stated(title: str, name: str) -> str:
    """A longer name is in a title, but the name in the question has no date of its own."""
    return f"The catalogue has “{title}”, but does not say when “{name}” itself came about."


def no_matching_entries(description: str) -> str:
    """A list or a count is empty; `description` is in the singular: "event of Anthropic since 2024"."""
    return f"The catalogue has no {description}."


def no_entries_by(author: str, period: str) -> str:
    """The author is known, but has no entry in the period; `period` is empty or starts with a space."""
    return f"The catalogue has no entries by {author}{period}."


def _period(filters: Filters) -> str:
    since, until = filters.since, filters.until
    if since and since == until:
        return f"from {dates.in_words(since)}"
    if since and until:
        return f"between {dates.in_words(since)} and {dates.in_words(until)}"
    return f"since {dates.in_words(since)}" if since else f"up to {dates.in_words(until or '')}"


def _quoted_list(words: Sequence[str]) -> str:
    quoted = [f"“{word}”" for word in words[:3]]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
