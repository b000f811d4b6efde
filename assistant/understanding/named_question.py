"""Parses questions about one named thing ("When was Quiet-5 released?", "What is Quiet-5?") and finds answers.

A question is split into its opening words, a name, and what the question says about the name. Most verbs make no
difference. Some verbs describe something that happens to a thing later; the date of the thing's entry is then not the
answer.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from index.lexical import stem, terms
from index.models import Event

from .phrases import CAME_ABOUT_TERMS, DATE_FILLERS, LIGHT_VERBS, OPENER, SORTS_OF_THING, TELL_ME
from .titles import LONGEST, Name, Word, places_of, words_of

_LONGEST_QUESTION = 30
"""Maximum number of words of a question parsed here; a longer question asks for more than a date."""
_POLITE = rf"^{OPENER}{TELL_ME}?+"
_AUXILIARY = r"(?=\W+(?:was|were|did|is|are|has|have|had|does|exactly)\b)"
_WHEN = re.compile(
    _POLITE + r"(?:(?:on|in|at|by|from|since) )?+(?:when(?:['’]s\b|" + _AUXILIARY + r")|how long ago\b|"
    r"(?:what|which) (?:exact |calendar )?+(?P<unit>day|date|month|year)\b" + _AUXILIARY + r")",
    re.IGNORECASE,
)
_SAID_WHEN = re.compile(
    rf"^{OPENER}{TELL_ME}(?:when|(?:on )?+(?:what|which) (?P<unit>day|date|month|year))\b", re.IGNORECASE
)
_DATE_OF = re.compile(
    _POLITE + r"(?:what(?:['’]s| is| was) )?+(?:the )?+(?:exact )?+(?:[a-z]{3,15} )?"
    r"(?:date (?:of|for|when|that|on which)|(?P<unit>day|month|year) (?:of the (?:release|launch|publication|founding|signing) of|when|that))\b",
    re.IGNORECASE,
)
_WHICH_FIRST = re.compile(
    _POLITE
    + r"(?:which|what)(?: one)?+(?: of them)?+ (?:is|was|came|appeared|started|launched)(?: [a-z]{2,12})? (?:first|earlier|later|last|older|newer|before)\b",
    re.IGNORECASE,
)
_MADE_BY = re.compile(
    _POLITE
    + r"(?:who|(?:which|what) (?:company|lab|organi[sz]ation|group|team|institute|firm|startup|maker))(?: has| had)?+ "
    r"(?:released|launched|published|announced|introduced|unveiled|made|makes|built|developed|created|shipped|is behind|was behind)\s++(?P<rest>\S.*)$",
    re.IGNORECASE,
)
_ITS_DATE = re.compile(r"(?:(?:['’]s)?+ [a-z]{3,15}|(?<! to)(?<! up)) date\W*+$|,? when\W*+$", re.IGNORECASE)
_WHAT = re.compile(_POLITE + r"(?:what|who)(?:['’]s| is| are| was| were)\s++(?P<rest>\S.*)$", re.IGNORECASE)
_OWN = frozenset({"its", "their", "his", "her"})
_EARLIER = frozenset(terms("earlier previously last ago already had since after before", stopwords=frozenset()))
_SAYS_BEFORE = re.compile(r"\b(?:called|named|dubbed|titled|nicknamed|known as|branded)\W{1,3}$", re.IGNORECASE)
_SAYS_AFTER = re.compile(
    r"\W{0,2}(?:\s?\((?:an?|the|our|its|their)\b|,\s(?:an?|the|our|its|their|one of)\s|\s[—–-]\s(?:an?|the|our|its|their)\s|"
    r":\s(?:an?|the|our|its|their)\s|,?\s(?:which\s)?(?:is|are|was|were|means|stands for|refers to)\s)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class DateAsked:
    """The rest of a question about a date: its text, its words, and the unit asked for (such as "year"), if any."""

    said: str
    words: tuple[Word, ...]
    unit: str = ""


def date_asked(question: str) -> DateAsked | None:
    """Parse a question that asks for a date; None if it asks for something else."""
    text = " ".join(question.split())
    for pattern in (_WHEN, _SAID_WHEN, _DATE_OF, _WHICH_FIRST):
        match = pattern.match(text)
        if match is not None:
            return _bounded(text[match.end() :], (match.groupdict().get("unit") or "").lower())
    tail = _ITS_DATE.search(text)
    if tail is None:
        return None
    what = _WHAT.match(text[: tail.start()])
    return _bounded(what["rest"] if what else text[: tail.start()], "")


def _bounded(rest: str, unit: str) -> DateAsked | None:
    words = words_of(rest)
    return DateAsked(rest, words, unit) if 0 < len(words) <= _LONGEST_QUESTION else None


def thing_asked(question: str) -> tuple[str, tuple[Word, ...]] | None:
    """Return X in "What is X?", and its words; None for another question, or if X is too long for a name."""
    return _rest(_WHAT, question)


def maker_asked(question: str) -> tuple[str, tuple[Word, ...]] | None:
    """Return X in "Who released X?", and its words; None for another question, or if X is too long for a name."""
    return _rest(_MADE_BY, question)


def _rest(pattern: re.Pattern[str], question: str) -> tuple[str, tuple[Word, ...]] | None:
    match = pattern.match(" ".join(question.split()))
    words = words_of(match["rest"]) if match is not None else ()
    return (match["rest"], words) if match is not None and 0 < len(words) <= LONGEST else None


def left_over(words: Sequence[Word], start: int, end: int, entry: Event) -> list[Word]:
    """Return the words of a question, other than a name, that do not fit the name's entry.

    Filler words, words for sorts of things, and words of the entry's title, source and organisations fit. A name from
    the entry's summary fits too ("When did Heron Labs release Quiet-4?"), unless it is next to the name in the
    question: then it makes another name ("Quiet-4 Instant").
    """
    after = [word.text for word in words[end:]]
    if len(after) > 1 and after[0] not in DATE_FILLERS and after[1] in LIGHT_VERBS:
        return list(words)  # "When did Quiet-5 mini come out?" is about another thing
    if not _OWN.isdisjoint(after) or (start and words[start - 1].text == "did" and _is_agent(after, entry)):
        return list(words)  # "When did Heron Labs release its first model?" does not ask for the date of Heron Labs
    own = {word.text for text in (entry.title, entry.source or "", *entry.organisations) for word in words_of(text)}
    told = {word.text for word in words_of(entry.summary) if word.is_proper and word.text.isalpha()}
    left = []
    for at, word in enumerate(words):
        if start <= at < end or word.text in DATE_FILLERS or word.text in SORTS_OF_THING or word.text in own:
            continue
        if word.is_proper and word.text in told and at not in {start - 1, end}:
            continue
        left.append(word)
    return left


def came_about(words: Sequence[Word]) -> bool:
    """Whether the words start with a verb for the beginning of a thing: "released", "come out"."""
    return words[0].text in LIGHT_VERBS or stem(words[0].text) in CAME_ABOUT_TERMS


def _is_agent(after: Sequence[str], entry: Event) -> bool:
    """Whether the words after a name state an action on something that is not in the entry's title."""
    titled = {word.text for word in words_of(entry.title)}
    return sum(text not in DATE_FILLERS and text not in titled for text in after) > 1


def _is_longer(text: str, words: Sequence[Word], end: int, verbs: Collection[str]) -> bool:
    """Whether a name continues with another word: "Quiet-5 Instant", "Quiet-5-based"."""
    if end == len(words):
        return False
    gap = text[words[end - 1].end : words[end].start]
    return gap in {"-", "."} or (gap == " " and words[end].is_proper and stem(words[end].text) not in verbs)


def tells_of(name: Name, sentence: str, verbs: Collection[str]) -> bool:
    """Whether a sentence says, next to a name, that the thing came about or that one of the `verbs` happened.

    `verbs` are stems. The name must not be part of a longer name.
    """
    words = words_of(sentence)
    for at in places_of(name, [word.text for word in words]):
        end = at + len(name)
        near = {stem(word.text) for word in (*words[max(0, at - 3) : at], *words[end : end + 3])}
        told = ({*CAME_ABOUT_TERMS, *verbs} - _EARLIER) & near
        if told and not near & _EARLIER and not _is_longer(sentence, words, end, told):
            return True
    return False


def names_in(said: str, words: Sequence[Word]) -> list[list[Word]]:
    """Return the runs of words that are written as names: with a capital, or joined to a number."""
    runs: list[list[Word]] = [[]]
    for at, word in enumerate(words):
        after = words[at + 1] if at + 1 < len(words) else None
        joined = after is not None and after.text[0].isdigit() and said[word.end : after.start] in {"", "-"}
        if word.is_proper or joined:
            runs[-1].append(word)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def says_what(name: Name, sentence: str) -> bool:
    """Whether a sentence says, next to a name, what the name stands for: "a watermark called Tallow"."""
    words = words_of(sentence)
    for at in places_of(name, [word.text for word in words]):
        before, after = sentence[: words[at].start], sentence[words[at + len(name) - 1].end :]
        if _SAYS_BEFORE.search(before[-16:]) or _SAYS_AFTER.match(after):
            return True
    return False
