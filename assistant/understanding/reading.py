"""Parses a question with rules and the catalogue's names: its subject, its dates, and its type of answer."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache

from assistant.answer import Filters, Intent
from index.lexical import terms
from index.models import EntryKind

from . import dates
from .answer_type import AnswerGroup, answer_group
from .phrases import GENERIC_TERMS, OPENER

_DEFINE = re.compile(
    rf"^{OPENER}"
    r"(?:what(?:'s|’s|s| is| are| was| were| exactly is| exactly are)|what does(?=.*\b(?:mean|stand for)\b)|who(?:'s|’s| is| are| was)|define|explain|describe|"
    r"tell me (?:about|what)|meaning of|definition of|know what|what do(?:es)?(?: people| they| you)? mean by)\s++"
    r"(?:(?:a|an|the|by|is|are|meant by|known about|(?:idea|concept|meaning|definition|story) (?:of|behind))\s++)*+(?P<subject>.+?)"
    r"(?:\s++(?:means?|stands? for|is|are|all about|about|simply|briefly|shortly|exactly|please|quickly)\b)*+"
    r"(?:[,;]?\s+(?:in|using|with) (?:simple|plain|easy|layman'?s?|everyday|a few|other)\s*(?:words|terms|english|language)?)?\s*+[?.!]*+$",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\s+(?:and|,)\s+(?:how|why|what|when|where|who|which|is|are|does|do|can)\b.*$", re.IGNORECASE)
_NOT_A_SUBJECT = re.compile(
    r"\b(?:difference|happened|happen|did|does|do|said|say|published|announced|reason|cause|effect|result|results|"
    r"relationship|connection|number|percentage|date|year|name|names|latest|newest|main|biggest|first|behind|accus\w+)\b",
    re.IGNORECASE,
)
_KIND_WORDS: tuple[tuple[re.Pattern[str], EntryKind], ...] = (
    (
        re.compile(r"\b(?:guides?|explainers?|tutorials?)\s+(?:on|about|to|for|that|do|are|is)\b", re.IGNORECASE),
        "guide",
    ),
    (re.compile(r"\b(?:reading|learning)\s+(?:paths?|lists?|orders?)\b", re.IGNORECASE), "path"),
)

_COUNTED = re.compile(
    r"\bhow (?:many|much)\s+(?:of the\s+|more\s+|different\s+|other\s+)?([\w-]+)|\bwhat (?:percentage|share|number) of\s+(?:the\s+)?(\w+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ParsedQuestion:
    """A parsed stand-alone question."""

    intent: Intent
    subject: str | None
    filters: Filters
    asked: AnswerGroup
    content: tuple[str, ...]
    """Index terms of the question without general terms such as "tell" or "kind"; may be empty."""
    everything: tuple[str, ...]
    """All index terms of the question."""

    @property
    def words(self) -> tuple[str, ...]:
        """The terms that an answer has to cover: `content`, or all terms if that is empty."""
        return self.content or self.everything


_CACHED = 256
"""Maximum number of parsed questions to cache; the current question and those before it in the conversation are parsed many times."""
_when = lru_cache(maxsize=_CACHED)(dates.read)


def is_generic(word: str) -> bool:
    """Whether an index term adds nothing to the subject of any question ("tell", "know", "kind")."""
    return word in GENERIC_TERMS


def read(question: str, today: date | None = None) -> ParsedQuestion:
    """Parse a stand-alone question; "last year" is counted from `today`, by default the current day."""
    return _read(question, today or _today())


@lru_cache(maxsize=_CACHED)
def _read(question: str, today: date) -> ParsedQuestion:
    asked = answer_group(question)
    subject = subject_of(question)
    kinds = tuple(kind for pattern, kind in _KIND_WORDS if pattern.search(question))
    since, until = dates_in(question, today)
    everything = dict.fromkeys(terms(question))
    content = tuple(word for word in everything if word not in GENERIC_TERMS)
    intent: Intent = "define" if subject is not None else "lookup"
    return ParsedQuestion(intent, subject, Filters(kinds, since, until), asked, content, tuple(everything))


def read_topic(topic: str, today: date, is_known: Callable[[str], object]) -> tuple[ParsedQuestion, str]:
    """Parse the topic of a brief, and return it with the text to search for: the topic without its dates.

    Args:
        topic: The topic of the brief.
        today: The day that "last year" is counted from.
        is_known: Looks up a name in the catalogue; returns None if the catalogue does not have it.
    """
    bare = without_dates(topic) or topic
    subject = subject_of(f"What is {bare}?")
    known = subject is not None and is_known(subject) is not None
    return replace(read(bare), filters=read(topic, today).filters, subject=subject if known else None), bare


@lru_cache(maxsize=_CACHED)
def subject_of(question: str) -> str | None:
    """Return X in "What is X?", "What does X mean?" or "Explain X"; None if something else is asked."""
    # On one line, because line breaks make the pattern backtrack heavily.
    bare = _ASIDE.sub("", " ".join(question.split())) + "?"
    match = _DEFINE.match(bare)
    if match is None:
        return None
    subject = match["subject"].strip(" \t\"'“”‘’?.!,")
    if not subject or len(terms(subject)) > 5 or _NOT_A_SUBJECT.search(subject):
        return None
    return subject


def dates_in(question: str, today: date | None = None) -> tuple[str | None, str | None]:
    """Return the first and last date that the question allows, each as exact as the question states it."""
    found = _when(question, today or _today())
    return (found.since, found.until) if found else (None, None)


def without_dates(question: str) -> str:
    """Return the question without its dates: "What did OpenAI publish in 2023?" -> "What did OpenAI publish?"."""
    found = _when(question, _today())
    rest = question[: found.start] + question[found.end :] if found else question
    return re.sub(r"\s+(?=[?.!,]|$)", "", rest).strip()


def date_phrase(question: str) -> str | None:
    """Return the words that state the date: "in 2023"."""
    found = _when(question, _today())
    return question[found.start : found.end] if found else None


def _today() -> date:
    return datetime.now(UTC).date()


_READING = re.compile(
    r"\b(?:start(?:ed|ing)?|begin(?:ner|ners|ning)?|learn(?:ing)?|read(?:ing)?|stud(?:y|ying)|paths?|order|course|curriculum|new to|introduction)\b",
    re.IGNORECASE,
)


_WHERE_TO_START = re.compile(
    r"\b(?:where|how|what)\s+(?:(?:should|do|can|could|would|must)\s+(?:i|we|one|beginners|newcomers)|to)\s+(?:\w+\s+)?"
    r"(?:(?:start|begin)(?=\W*$|\W+(?:with|learning|reading|if|when|on|in|about|as|from|first)\b)|(?:read|learn|study)\s+first)\b",
    re.IGNORECASE,
)


def asks_where_to_start(question: str) -> bool:
    """Whether somebody asks what to read first: "where do I start", "what should I read first"."""
    return _WHERE_TO_START.search(question) is not None


def is_about_reading(question: str) -> bool:
    """Whether a question may ask what to read and in which order; reading paths answer only such questions."""
    return _READING.search(question) is not None


def counted(question: str) -> str | None:
    """Return the index term for the things to count: `paramet` in "How many parameters does it have?"; else None."""
    match = _COUNTED.search(question)
    found = terms(match[1] or match[2]) if match else []
    return found[0] if found else None


def replace_names(question: str, names: Sequence[str]) -> str:
    """Return the question with each of the names replaced by "it", to compare it with questions about other things."""
    for name in names:
        pattern = r"\W+".join(map(re.escape, re.findall(r"\w+", name)))
        question = re.sub(rf"\b{pattern}\b", "it", question, flags=re.IGNORECASE)
    return question
