"""Which part of a question names an event, and whether the event's date is the date that the question asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.understanding import named_question, phrases
from assistant.understanding.titles import WITHIN, Name, Word, bare, runs_on, words_of
from index.lexical import stem
from index.models import AnyEntry, Event


@dataclass(frozen=True, slots=True)
class NamedMatch:
    """A part of a question that names entries."""

    rank: int
    """How it names them: the whole title, its head, or a part of it."""
    name: Name
    events: list[tuple[Event, list[Word]]]
    """The events, each with the words of the question that it does not account for."""


def is_enumeration(words: Sequence[Word], places: Sequence[tuple[int, int]]) -> bool:
    """Whether two or more names, given by their ranges of words, are joined by nothing but "and" and "or"."""
    gaps = [{word.text for word in words[end:start]} for (_, end), (start, _) in pairwise(places)]
    return any(gaps) and all(gap <= {"and", "or"} for gap in gaps)


def may_be_name(words: Sequence[Word], start: int, end: int) -> bool:
    """Whether a range of words may be a name: it cuts no longer name, and has more than articles and helper verbs."""
    texts = tuple(word.text for word in words[start:end])
    return (
        not runs_on(words, start)
        and not runs_on(words, end)
        and bare(texts) == texts
        and not all(text in phrases.DATE_FILLERS for text in texts)
    )


def has_that_date(entry: Event, left: Sequence[Word], match: NamedMatch, words: Sequence[Word]) -> bool:
    """Whether the date of an event is the date of what the question says about the name.

    Args:
        entry: The event.
        left: The words of the question that the event does not account for.
        match: How the question names the event.
        words: All words of the question.
    """
    if not all(_accounts_for(entry, word, match) for word in left):
        return False
    if match.rank != WITHIN:
        return True
    # A longer title dates its own statement: "Kestrel acquires Loom" does not say when Loom was released.
    stems = {stem(word.text) for word in words if not word.is_proper and word.text not in phrases.DATE_FILLERS}
    return named_question.tells_of(match.name, entry.title, stems - set(match.name))


def _accounts_for(entry: Event, word: Word, match: NamedMatch) -> bool:
    """Whether a left-over word fits the event: it is neither another name nor a later event in the life of the thing."""
    if word.is_proper or not word.text.isalpha():
        return False
    form = stem(word.text)
    if form in phrases.HAPPENED_LATER_TERMS and not _mentions_stem(entry, form):
        return False
    return match.rank != WITHIN or form in phrases.CAME_ABOUT_TERMS or form in title_stems(entry)


def _mentions_stem(entry: AnyEntry, form: str) -> bool:
    return any(form == stem(word.text) for text in entry.texts().values() for word in words_of(text))


def title_stems(entry: AnyEntry) -> set[str]:
    """The stems of the words in an entry's title."""
    return {stem(word.text) for word in words_of(entry.title)}
