"""What a question is about, as a phrase cut out of it, and what a whole conversation is about.

There is no part-of-speech tagger, so lists of words stand in for one: English function words, verbs of questions, and
nouns for one side of a thing ("the causes of …"). The words left between those are the phrases that name the thing.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from assistant.understanding.phrases import FUNCTION_WORDS, QUALIFIERS, SIDES_OF_A_THING, VERBS_OF_QUESTIONS
from index.lexical import fold, terms

_TOKEN = re.compile(r"[^\W_](?:[\w’'.&+/-]*[\w+])?")
_LEANS_ON = frozenset("of about for in on with behind between to from against by at".split())
_LONGEST = 6
"""Words; a longer phrase is a description, and its last words name the thing."""


class OwnTopic(Protocol):
    """Says what a question is about by itself."""

    def __call__(self, question: str, *, first: bool) -> str:
        """The phrase; "" where the question leans on those before it. `first` is true of the first one."""
        ...


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words cut out of a text, where they stand, and what speaks for them as the subject."""

    text: str
    start: int
    weight: float


def phrases_in(text: str, weigh: Callable[[str], float]) -> list[Phrase]:
    """The noun phrases of a question, in order; `weigh` says how much an index term tells."""
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
            or (not proper and (word in FUNCTION_WORDS or word in VERBS_OF_QUESTIONS))
            or gap.strip() not in {"", "“", '"'}
        )
        if ends and run:
            phrase = _phrase(text, run, weigh, leans=leans)
            if phrase is not None:
                found.append(phrase)
            run = []
        if match is None:
            break
        if proper or not (word in FUNCTION_WORDS or word in VERBS_OF_QUESTIONS):
            if not run:
                leans = previous in _LEANS_ON
            run.append(match)
        if word not in {"the", "a", "an"}:
            previous = word
    return found


def _phrase(text: str, run: Sequence[re.Match[str]], weigh: Callable[[str], float], *, leans: bool) -> Phrase | None:
    words = list(run)
    while words and not _is_proper(words[0].group()) and fold(words[0].group()) in QUALIFIERS:
        words.pop(0)
    plain = [fold(word.group()) for word in words]
    if not words or all(word in SIDES_OF_A_THING or word in QUALIFIERS or word.isdigit() for word in plain):
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
    """The phrase of a question that tells most; "" where it has none."""
    found = phrases_in(text, weigh)
    return max(found, key=lambda phrase: phrase.weight).text if found else ""


def followed(asked: Sequence[str], own_topic: OwnTopic) -> str:
    """What a conversation is about after some questions, oldest first.

    A question that leans on the conversation leaves its subject as it is; one that stands alone sets a new one.
    """
    topic = ""
    for place, question in enumerate(asked):
        topic = own_topic(question, first=place == 0) or topic
    return topic
