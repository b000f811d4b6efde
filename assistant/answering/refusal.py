"""The texts shown if a question has no answer: questions back, and the reasons for refusing.

Each function returns one plain sentence or two for the reader. Nothing here decides whether to refuse. A search that
found nothing does not prove that nothing is there, so the texts say what was found. Only a name or a word that was looked
up in all texts is said to be absent.
"""

from collections.abc import Sequence

from assistant.answer import Filters
from assistant.understanding.phrases import QUALIFIERS
from assistant.understanding.reading import ParsedQuestion
from index import dates

from .evidence import Evidence

MAX_UNKNOWN_WORDS = 3
"""With more unknown words than this, the question is simply about something else, and listing them does not help."""
NOTHING_NEAR = 0.3
"""If the best sentence scores below this, no entry is named as the nearest one."""
UNLIKELY = 0.12
"""The same where the entry reader took part and a score is a probability."""
NOTHING_MORE = "I found nothing more about this in the catalogue."
"""The reply to "Tell me more" when everything on the topic was already quoted."""
NEAREST = "This is the nearest that I found:"
UNSURE = "I am not sure that this answers the question. It is the nearest that I found:"
"""The note before an answer that is right less often than not."""
_NOTHING = "I found nothing that answers this in the catalogue"
_SAYS = {"amount": "how many", "time": "when", "person": "who", "place": "where", "reason": "why"}
"""What a sentence would have to say, by the kind of answer."""
_MIN_LETTERS = 5
"""A shorter unknown word is rarely what a question is about ("whos", "btw")."""


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
        return no_entry_mentions(names)
    if filters.since or filters.until:
        return f"I found no entry {_period(filters)} that answers this."
    if about:
        return _nothing_but(about)
    telling = [word for word in unknown if len(word) >= _MIN_LETTERS and word.casefold() not in QUALIFIERS]
    if telling and len(unknown) <= MAX_UNKNOWN_WORDS:
        return f"{_NOTHING}, and no entry has the word {_quoted_list(telling)}."
    if not evidence or not _is_near(evidence[0]):
        says = wanted or _SAYS.get(reading.asked)
        return f"I found nothing in the catalogue that says {says}." if says else f"{_NOTHING}."
    return _nothing_but(evidence[0].entry.title)


def near(evidence: Sequence[Evidence], *, is_named: bool) -> tuple[str, ...]:
    """The ids of entries to show beside a refusal, nearest first; none if no entry has to do with the question.

    Args:
        evidence: The candidates, best first.
        is_named: Whether the question names the entry of the first one, which `reason` then names as well.
    """
    shown = [item for number, item in enumerate(evidence) if (is_named and number == 0) or _is_near(item)]
    return tuple(dict.fromkeys(item.entry.id for item in shown))


def _is_near(item: Evidence) -> bool:
    return item.score >= (NOTHING_NEAR if item.chance is None else UNLIKELY)


def _nothing_but(title: str) -> str:
    return f"{_NOTHING}. The nearest entry is “{title}”."


def no_entry_mentions(names: Sequence[str]) -> str:
    """None of some names is in an entry."""
    return f"The catalogue has no entry that mentions {_quoted_list(names)}."


def other_part(question: str) -> str:
    """One of two questions in a message has no answer; `question` is that part as it was typed."""
    return f"I found nothing in the catalogue that answers the other part: “{question}”."


def not_mentioned(name: str) -> str:
    """No entry has the name."""
    return f"The catalogue has no entry that mentions “{name}”."


def nothing_about_name(title: str, name: str) -> str:
    """The entry exists, and all its texts were searched for the other name in the question."""
    return f"The catalogue has “{title}”, but nothing there mentions “{name}”."


def role_not_found(name: str, wanted: str) -> str:
    """The name is in the catalogue, but no sentence was found for the role; `wanted` is "who founded it" or the like."""
    return f"I found “{name}” in the catalogue, but not {wanted}."


def only_doings(name: str) -> str:
    """A note before sentences on what an organisation did, if no sentence describes the organisation."""
    return f"I found no description of “{name}” in the catalogue, only what it did."


def no_date_recorded(title: str) -> str:
    """The entry exists, but its date field is empty."""
    return f"The catalogue has “{title}”, but no date is recorded for it."


def date_not_stated(title: str) -> str:
    """The entry exists, but its date is not the date of what the question asks about."""
    return f"I found “{title}” in the catalogue, but not when that was."


def date_of_part_not_stated(title: str, name: str) -> str:
    """A longer name is in a title, but the name in the question has no date of its own."""
    return f"I found “{title}” in the catalogue, but not when “{name}” itself came about."


def no_matching_entries(description: str) -> str:
    """A list or a count is empty; `description` is in the singular: "event of Anthropic since 2024"."""
    return f"The catalogue has no {description}."


def no_more_entries(description: str, count: int) -> str:
    """Every entry of a list was shown; `description` is in the number of `count`."""
    return f"There are no more: the catalogue has {count:,} {description}."


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
