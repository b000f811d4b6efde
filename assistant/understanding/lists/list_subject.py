"""Finds what the requested entries are about: topics of the catalogue, or words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.understanding import maker_request
from assistant.understanding.phrases import CLAUSE_WORDS, LIST_FILLERS
from index.lexical import terms

from . import list_frames, thesaurus
from .filter_names import FieldNames, Mention
from .list_frames import Frame

WORD = re.compile(r"[^\W_]+(?:[-.'’&/][^\W_]+)*")
_ABOUT = re.compile(
    r"\b(?:about|on|regarding|concerning|involving|mentioning|covering|around|discussing|explaining|"
    r"(?:related|relating|devoted|dedicated) to|(?:that|which) (?:mentions?|involves?|concerns?|covers?|discuss(?:es)?|explains?)|"
    r"(?:dealing|to do|having to do) with|(?:with|under|of|on|for) the (?:topic|subject)(?:s)?(?: of)?|tagged(?: with)?|mentions?|involves?|concerns?|against|to|for)\s+(?:the\s+)?",
    re.IGNORECASE,
)
_LONGEST_PHRASE = 6
"""Maximum number of words that entries may be asked to mention; a longer text goes to the search."""
_MAX_WORDS_BEFORE_NOUN = 3


@dataclass(frozen=True, slots=True)
class Subject:
    """What entries are about."""

    topics: tuple[Mention, ...] = ()
    words: str = ""
    heads: bool = False
    """Whether a topic, or the words, replace the noun."""


@dataclass(frozen=True, slots=True)
class Remainder:
    """The text of a request, and the same text with all parsed parts replaced by semicolons."""

    text: str
    left: str
    frame: Frame
    has_noun: bool
    """Whether a word for a kind of entry was found."""
    is_release: bool = False


def find(rest: Remainder, names: FieldNames, *, by_field: bool) -> Subject | None:
    """Return the subject: topics if all the words are topic names, else words; None if a word does not fit."""
    left = rest.left
    content = [match for match in WORD.finditer(left) if match.group().lower() not in LIST_FILLERS]
    if not content:
        return Subject()
    # "us" is a filler word, but not in the topic "us policy".
    around = [one for one in names.topics(left) if any(one.start <= word.start() < one.end for word in content)]
    start = min([content[0].start(), *(one.start for one in around)])
    end = content[-1].end()
    topics = [one for one in around if one.end <= end]
    if by_field and all(any(one.start <= word.start() and word.end() <= one.end for one in topics) for word in content):
        heads = left[: topics[0].start].strip(" ;") == "" and _is_plural(left[topics[0].start : topics[0].end])
        return Subject(tuple(topics), heads=heads)
    noun = _topic_with_more(rest, start, end, topics) if by_field else None
    if noun is not None:
        return noun
    inside = left[start:end]
    between = [match.group().lower() for match in WORD.finditer(inside)]
    if (
        len(between) > _LONGEST_PHRASE
        or set(between) & CLAUSE_WORDS
        or re.search(r"[;:!?()]", inside)
        or not terms(inside)
    ):
        return None
    words = inside.strip("'’\"“” ")
    if _is_introduced(rest, start, end, content, has_makers=names.has_makers):
        return Subject(words=words)
    return Subject(words=words, heads=True) if _is_counted(rest, start, words, names) else None


def counted_noun(rest: Remainder, names: FieldNames) -> Mention | None:
    """Return the noun at the start of a request that is another name of a topic: "court cases"; its names are the topics."""
    content = [match for match in WORD.finditer(rest.left) if match.group().lower() not in LIST_FILLERS]
    if rest.has_noun or not content or rest.left[: content[0].start()].strip(" ;"):
        return None
    for count in range(min(_MAX_WORDS_BEFORE_NOUN, len(content)), 0, -1):
        start, end = content[0].start(), content[count - 1].end()
        said = rest.left[start:end]
        if any(one.end - one.start == len(said) for one in names.topics(said)):
            return None  # a topic under its own name
        topics = thesaurus_topics(said, names)
        if topics and not _ABOUT.search(rest.left[:start]):
            return Mention(start, end, topics)
    return None


_MORE = re.compile(
    r"(?P<apart>[;,\s]*[;,]\s*|)(?:\s+|(?<=[;, ]))(?P<link>on|about|for|of|around|regarding|concerning|to do with|involving|mentioning|with|against)\s+(?:the\s+)?(?P<more>\w.*)",
    re.IGNORECASE,
)
_NARROWING = frozenset({"involving", "mentioning", "with", "against"})


def _topic_with_more(rest: Remainder, start: int, end: int, topics: Sequence[Mention]) -> Subject | None:
    """The subject of "summits on AI safety" or "incidents in 2023, involving chatbots": a topic as the noun, and words."""
    if not topics or topics[0].start != start or rest.left[:start].strip(" ;"):
        return None
    said = rest.left[start : topics[0].end]
    more = _MORE.fullmatch(rest.left[topics[0].end : end])
    if more is None or not _is_plural(said) or re.search(r"[;:!?()]", more["more"]):
        return None
    if len(more["more"].split()) > _MAX_WORDS_BEFORE_NOUN or set(more["more"].lower().split()) & CLAUSE_WORDS:
        return None
    if more["apart"] or more["link"].lower() in _NARROWING:
        return Subject(tuple(topics[:1]), more["more"], heads=True)
    return Subject(words=f"{more['more']} {said}", heads=True)


def _is_introduced(
    rest: Remainder, start: int, end: int, content: Sequence[re.Match[str]], *, has_makers: bool
) -> bool:
    """Whether words follow "about", precede the noun ("reward hacking papers"), or name a maker."""
    left = rest.left
    if rest.is_release and not left[:start].strip(" ;") and len(content) <= _MAX_WORDS_BEFORE_NOUN:
        return True
    if any(zone.end() <= start and not WORD.search(left[zone.end() : start]) for zone in _ABOUT.finditer(left)):
        return True
    followed = re.search(r"\w", rest.text[end:]) and left[end : end + 2].strip(" ") == ";"
    noun = followed and list_frames.kind_in(rest.text[end:])
    if noun and not left[:start].strip(" ;") and len(content) <= _MAX_WORDS_BEFORE_NOUN:
        return True
    is_proper = all(word.group()[0].isupper() for word in content)
    return not has_makers and maker_request.has_making_verb(rest.text) and is_proper


def _is_counted(rest: Remainder, start: int, words: str, names: FieldNames) -> bool:
    """Whether words are the counted noun itself: "list the safety summits".

    It must end in the name of a topic.
    """
    if rest.has_noun or rest.frame not in {"count", "list", "which", "there", "latest", "top", "bare"}:
        return False
    if rest.left[:start].strip(" ;") or not _is_plural(words):
        return False
    topics = names.topics(words)
    return bool(topics) and topics[-1].end == len(words)


def thesaurus_topics(words: str, names: FieldNames) -> tuple[str, ...]:
    """Return the catalogue's topics for another name of the same thing: `lawsuits` for "court cases"."""
    found = [
        topic
        for other in thesaurus.same_as(words)
        for mention in names.topics(other)
        if mention.end - mention.start == len(other)
        for topic in mention.names
    ]
    return tuple(dict.fromkeys(found))


def _is_plural(said: str) -> bool:
    said = said.lower()
    return said.endswith("s") and not said.endswith(("ss", "is", "us"))
