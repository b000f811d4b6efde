"""What somebody made or published, in a question for entries: "models" in "How many models did Heron Labs release?"."""

import re

from .phrases import PUBLISHING_VERBS

_VERB = re.compile(r"\b(?:made|make|built|build|developed|develop|created|create)\b", re.IGNORECASE)
"""A word for making, besides those for publishing."""
DID = re.compile(r"\b(?:did|do|does)\b", re.IGNORECASE)
"""A word after which "release" and "report" are verbs."""
_FROM = re.compile(r"\b(?:from|by) ;", re.IGNORECASE)
_NOUN = re.compile(
    r" ?(?:the )?(?P<noun>(?:[a-z][\w-]*+|[A-Z]{2,5})(?: [a-z][\w-]*+){0,2}?)"
    r"(?= (?:(?:did|has|have|had|that|which|were|was|from|by)\b|;|[A-Z]))"
)


def noun_in(left: str) -> re.Match[str] | None:
    """The noun that a question begins with, up to the word that leads to who made it; group `noun`.

    Args:
        left: The question without the words that ask, names that were understood written as semicolons.
    """
    return _NOUN.match(left)


def is_from(left: str) -> bool:
    """Whether a name that was understood stands after "from" or "by"."""
    return _FROM.search(left) is not None


def is_published(text: str) -> bool:
    """Whether a text has a word for publishing."""
    return bool(PUBLISHING_VERBS & {word.lower() for word in text.split()})


def is_made(text: str) -> bool:
    """Whether a text has a word for publishing or making."""
    return is_published(text) or _VERB.search(text) is not None


def without_verb(left: str) -> str:
    """What is left of a question when the word for making is understood: semicolons stand in its place."""
    return _VERB.sub(lambda match: ";" * len(match.group()), left, count=1)


def unmarked(noun: str | None) -> str | None:
    """The noun, unless it says nothing ("things")."""
    return None if noun in {"thing", "things"} else noun
