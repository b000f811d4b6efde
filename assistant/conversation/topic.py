"""Finds the topic of a question, as a phrase from its text, and the topic of a conversation.

Word lists replace a part-of-speech tagger: English function words, verbs used in questions, and nouns for one aspect of a
thing ("the causes of …"). The remaining words form the phrases that name the thing.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from assistant.understanding.phrases import ASPECT_NOUNS, FUNCTION_WORDS, QUALIFIERS, QUESTION_VERBS
from index.lexical import fold, terms

_TOKEN = re.compile(r"[^\W_](?:[\w’'.&+/-]*[\w+])?")
_PREPOSITIONS = frozenset("of about for in on with behind between to from against by at".split())
_LONGEST = 6
"""Maximum number of words in a phrase; in a longer description, the last words name the thing."""


class OwnTopic(Protocol):
    """A function that returns the topic of a single question."""

    def __call__(self, question: str, *, first: bool) -> str:
        """Return the topic; "" if the question depends on earlier questions. `first` is true for the first question."""
        ...


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase from a text, its position, and its weight as a candidate for the topic."""

    text: str
    start: int
    weight: float


def phrases_in(text: str, weigh: Callable[[str], float]) -> list[Phrase]:
    """Return the noun phrases of a question, in order; `weigh` returns the weight of an index term."""
    found: list[Phrase] = []
    run: list[re.Match[str]] = []
    previous = ""
    leans = False
    for match in [*_TOKEN.finditer(text), None]:
        word = "" if match is None else fold(match.group()).replace("’", "'")
        gap = "" if match is None or not run else text[run[-1].end() : match.start()]
        proper = match is not None and _is_proper(match.group()) and match.start() > 0
        ends = (
            match is None
            or (not proper and (word in FUNCTION_WORDS or word in QUESTION_VERBS))
            or gap.strip() not in {"", "“", '"'}
        )
        if ends and run:
            phrase = _phrase(text, run, weigh, leans=leans)
            if phrase is not None:
                found.append(phrase)
            run = []
        if match is None:
            break
        if proper or not (word in FUNCTION_WORDS or word in QUESTION_VERBS):
            if not run:
                leans = previous in _PREPOSITIONS
            run.append(match)
        if word not in {"the", "a", "an"}:
            previous = word
    return found


def _phrase(text: str, run: Sequence[re.Match[str]], weigh: Callable[[str], float], *, leans: bool) -> Phrase | None:
    words = list(run)
    while words and not _is_proper(words[0].group()) and fold(words[0].group()) in QUALIFIERS:
        words.pop(0)
    plain = [fold(word.group()) for word in words]
    if not words or all(word in ASPECT_NOUNS or word in QUALIFIERS or word.isdigit() for word in plain):
        return None
    words = words[-_LONGEST:]
    cut = re.sub(r"['’]s$", "", text[words[0].start() : words[-1].end()])
    weight = sum(weigh(term) for term in set(terms(cut)))
    if not weight:
        return None
    named = any(_is_proper(word.group()) and word.start() > 0 for word in words)
    return Phrase(cut, words[0].start(), weight * (1.5 if named else 1.0) * (1.3 if leans else 1.0))


def _is_proper(word: str) -> bool:
    return any(character.isupper() for character in word) and word != "I" and not word.startswith(("I'", "I’"))


def topic_of(text: str, weigh: Callable[[str], float]) -> str:
    """Return the phrase with the highest weight in a question; "" if it has no phrase."""
    found = phrases_in(text, weigh)
    return max(found, key=lambda phrase: phrase.weight).text if found else ""


def conversation_topic(asked: Sequence[str], own_topic: OwnTopic) -> str:
    """Return the topic of a conversation, given its questions so far, oldest first.

    A question that depends on the conversation keeps its topic; a stand-alone question sets a new topic.
    """
    topic = ""
    for place, question in enumerate(asked):
        topic = own_topic(question, first=place == 0) or topic
    return topic
