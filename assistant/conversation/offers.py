"""Detects replies that accept what the assistant offered last: "yes", "go on", "the second one, please"."""

import re
from collections.abc import Sequence

from assistant.answer import Turn

_POLITE = r"(?:ok|okay|yes|yeah|yep|yup|sure|absolutely|definitely|of course|please|great|good|nice|cool|thanks|thank you|do|why not|let'?s|i would|i'd)"
_YES = re.compile(
    rf"^\W*(?:{_POLITE}\W+)*(?:{_POLITE}|yes|go on|go ahead|continue|carry on|keep going|(?:please )?do(?: (?:it|so|that))?|"
    r"tell me|show me|(?:i'd|i would) (?:like|love) (?:that|to|it)|that would be (?:great|good|nice|helpful)|sounds good|do tell|"
    rf"(?:let'?s )?(?:hear|do) (?:it|that))(?:\W+{_POLITE})*\W*$",
    re.IGNORECASE,
)
_CHOSEN = re.compile(
    rf"^\W*(?:{_POLITE}\W+)*(?:(?:tell me|show me|answer|let'?s (?:do|hear))\s+)?(?:the\s+)?(?P<which>first|second|third|last|1st|2nd|3rd|latter|former)"
    r"(?:\s+(?:one|question|suggestion|option))?(?:\W+please)?\W*$",
    re.IGNORECASE,
)
_PLACES = {"first": 0, "1st": 0, "former": 0, "second": 1, "2nd": 1, "latter": -1, "third": 2, "3rd": 2, "last": -1}
_OFFER = re.compile(
    r"\b(?:would you like(?: me)?|do you want(?: me)?|want me|shall i|should i|(?:are you )?interested in|may i|can i|i can(?: also)?|i could(?: also)?)\s+"
    r"(?:to\s+)?(?P<rest>[^.?!]+)",
    re.IGNORECASE,
)
_TELLING = re.compile(
    r"^(?:(?:also|now|perhaps|maybe|instead)\s++)*+(?:know|hear|learn|read|see|find out|tell you|show you|explain to you)\s++(?P<more>some more|a bit more|more)?\s*+"
    r"(?P<what>.+)$",
    re.IGNORECASE,
)
_LAST_SENTENCE = re.compile(r"[^.!?\n]++[.!?]*+\W*+$")
_LONGEST = 2_000
"""Maximum number of characters read at the end of an answer; an offer comes last."""


def taken_up(reply: str, last: Turn, asked: Sequence[str]) -> str | None:
    """Return the question that a reply accepts from the assistant's last turn; None if it accepts none.

    Args:
        reply: The user's reply: "yes", "go on", "the second one".
        last: The assistant's last turn.
        asked: The user's earlier questions; a suggestion that repeats one of them is skipped.
    """
    chosen = _CHOSEN.match(reply)
    if chosen is not None and len(last.suggestions) > 1:
        place = _PLACES[chosen["which"].lower()]
        return last.suggestions[place] if place < len(last.suggestions) else None
    if not _YES.match(reply):
        return None
    before = {_bare(question) for question in asked}
    for suggestion in last.suggestions:
        if _bare(suggestion) not in before:
            return suggestion
    return offered_in(last.content)


def offered_in(text: str) -> str | None:
    """Return the offer or question at the end of a text, as a question to search for; None if there is none."""
    end = " ".join(text[-_LONGEST:].split())
    match = _LAST_SENTENCE.search(end)
    if match is None or not match.group().rstrip("*_\"'”’) ").endswith("?"):
        return None
    sentence = match.group().strip(" *_\"'“”‘’()")
    offer = _OFFER.search(sentence)
    if offer is None:
        return sentence
    rest = offer["rest"].strip()
    telling = _TELLING.match(rest)
    if telling is None:
        return f"{rest[:1].upper()}{rest[1:]}"
    what = telling["what"]
    if what.lower().startswith(("about ", "of ")):
        return f"Tell me {what}"
    return f"{what[:1].upper()}{what[1:]}?"


def _bare(question: str) -> str:
    return "".join(character for character in question.casefold() if character.isalnum())
