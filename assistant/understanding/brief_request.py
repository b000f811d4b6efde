"""Parses a request for a brief: its topic ("Summarise all about X since 2024" -> "X since 2024") and its order."""

import re
from typing import Literal

from .phrases import OPENER

_KNOWN = (
    r"(?:(?:what|all(?: that)?|everything(?: that)?|how much)(?:['’]s| is| are| we| do we| has been| have been| has| the catalogue| there is)?\s+"
    r"(?:known|know|knows|learnt|learned|understood|established|said|says|written|published|reported|happened|happening|to know|there|about)\s*"
    r"(?:so far\s+)?(?:(?:about|on|of|in|with|to|around|regarding|concerning)\b)?)"
)
_ASKS = (
    r"(?:summari[sz]e|sum up|recap|outline|review|survey|synthesi[sz]e|condense|digest|brief me|fill me in|catch me up|bring me up to (?:date|speed)|"
    r"(?:(?:give|write|make|prepare|draft|produce|get|show|send)\s+(?:me\s+|us\s+|up\s+)?)?"
    r"(?:an?\s+|the\s+)?(?:(?:short|brief|quick|concise|cited|full|detailed|general|longer|literature|research|executive)\s+)*"
    r"(?:summary|overview|brief|briefing|digest|recap|outline|review|survey|synthesis|rundown|run-down|report)\b)"
)
_LEAD = re.compile(
    rf"{OPENER}(?:{_ASKS}(?:\s+(?:for|to) me)?(?:\s*:)?(?:\s+(?:of|on|about|for|in|regarding|concerning)\b)?\s*(?:{_KNOWN})?|{_KNOWN})\s*",
    re.IGNORECASE,
)
_IN_CHAT = re.compile(
    rf"{OPENER}"
    r"(?:summari[sz]e|sum up|recap|synthesi[sz]e|(?:brief|fill) me in|brief me on|catch me up on|bring me up to (?:date|speed) on|"
    r"(?:(?:give|write|make|prepare|draft|produce|get|show|send)\s+(?:me\s+|us\s+|up\s+)?)?(?:an?\s+|the\s+)?"
    r"(?:(?:short|brief|quick|concise|cited|general)\s+)*(?:summary|overview|recap|synthesis|rundown|run-down|briefing)\s+(?:of|on|about)|"
    r"what(?:['’]s| is| do we| has been)\s+(?:known?|learnt|learned|understood|established)\s+(?:so far\s+)?(?:about|on|of))\b",
    re.IGNORECASE,
)
_STATE = re.compile(
    r"\W*(?:the\s+)?(?:(?:current\s+)?state(?:\s+of\s+(?:the\s+art|knowledge|research|play))?|history|story|timeline|chronology|evolution|development|"
    r"progress|course|field|topic|subject|question|area|(?:latest\s+|recent\s+|main\s+|key\s+)*(?:developments?|events|findings|results|evidence|research|work))"
    r"\s+(?:of|in|on|about|around|for)\s+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"[\s,]*\b(?:please|for me|for us|so far|to date|briefly|in brief|in short|over time)\W*$", re.IGNORECASE
)
_IN_TIME = re.compile(
    r"\b(?:histor(?:y|ical|ically)|timeline|chronolog\w*|evol\w+|over (?:time|the (?:years|months))|year by year|step by step|"
    r"developments?|progress\w*|unfold\w*|course of|how (?:did|has|have) .{1,200}?\b(?:chang\w+|develop\w*|gr[eo]wn?|becom\w+|came|come)|since when|"
    r"what happened)\b",
    re.IGNORECASE,
)


def topic_of(question: str) -> str:
    """Return the question without the words that ask for a summary; the whole question if nothing would be left."""
    text = " ".join(question.split())
    lead = _LEAD.match(text)
    rest = text[lead.end() :] if lead is not None else text
    state = _STATE.match(rest)
    if state is not None:
        rest = rest[state.end() :]
    if lead is None and state is None:
        return question
    rest = _TAIL.sub("", rest).strip(" \t?!.,;:")
    return rest if any(character.isalnum() for character in rest) else question


def order_of(question: str) -> Literal["theme", "time"]:
    """Return "time" if the question asks about a course of events, else "theme"."""
    return "time" if _IN_TIME.search(question) else "theme"


def asks_for_summary(question: str) -> bool:
    """Whether a chat question asks for a summary of a whole topic ("summarise …", "what is known about …")."""
    return _IN_CHAT.match(" ".join(question.split())) is not None and topic_of(question) != question
