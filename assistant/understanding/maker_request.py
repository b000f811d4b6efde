"""Finds the noun for what a maker made or published: "models" in "How many models did Heron Labs release?"."""

import re

from .phrases import PUBLISHING_VERBS

_VERB = re.compile(r"\b(?:made|make|built|build|developed|develop|created|create)\b", re.IGNORECASE)
"""Verbs for making, in addition to the verbs for publishing."""
DID = re.compile(r"\b(?:did|do|does)\b", re.IGNORECASE)
"""Auxiliaries after which "release" and "report" are verbs."""
_FROM = re.compile(r"\b(?:from|by) ;", re.IGNORECASE)
_NOUN = re.compile(
    r" ?(?:the )?(?P<noun>(?:[a-z][\w-]*+|[A-Z]{2,5})(?: [a-z][\w-]*+){0,2}?)"
    r"(?= (?:(?:did|has|have|had|that|which|were|was|from|by)\b|;|[A-Z]))"
)


def noun_in(left: str) -> re.Match[str] | None:
    """Match the noun at the start of a question, up to the word that introduces the maker; group `noun`.

    Args:
        left: The question without its opening words; names already recognised are replaced by semicolons.
    """
    return _NOUN.match(left)


def has_name_after_from(left: str) -> bool:
    """Whether a recognised name follows "from" or "by"."""
    return _FROM.search(left) is not None


def has_publishing_verb(text: str) -> bool:
    """Whether a text has a verb for publishing."""
    return bool(PUBLISHING_VERBS & {word.lower() for word in text.split()})


def has_making_verb(text: str) -> bool:
    """Whether a text has a verb for publishing or making."""
    return has_publishing_verb(text) or _VERB.search(text) is not None


def without_verb(left: str) -> str:
    """Return the rest of a question with the first verb for making replaced by semicolons."""
    return _VERB.sub(lambda match: ";" * len(match.group()), left, count=1)


def specific_noun(noun: str | None) -> str | None:
    """Return the noun; None if it carries no information ("things")."""
    return None if noun in {"thing", "things"} else noun
