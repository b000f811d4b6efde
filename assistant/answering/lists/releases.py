"""Decides whether an entry is the release of a thing ("OpenAI introduced the language model GPT-2 in February 2019").

No field says so. The opening of an entry does: a verb of releasing, the name of a thing, and the noun that says what it is.
"A set of tools for models" and "a standard for models" are no release of a model.
"""

import re
from functools import lru_cache

from assistant.answering.composition import Piece
from index import dates
from index.models import AnyEntry, Event

OPENING_CHARACTERS = 900
_VERBS = r"(?:introduced|released|launched|announced|presented|previewed|unveiled|published|opened (?:early )?access to|open-sourced|put out|debuted|shipped)"
_HEADS = {
    "models": r"(?:models?|model family|networks?|systems?)",
    "products": r"(?:models?|model family|networks?|systems?|chatbots?|assistants?|apps?|services?|tools?|products?|librar(?:y|ies)|preview|protocol)",
}
_NAME = r"(?:[A-Z][\w·.-]*|[a-z]*[\w-]*\d[\w.-]*)(?:\s+(?:[A-Z0-9][\w·.-]*|and\s+(?=[A-Za-z-]*\d)[\w.-]+))*"
_DATE = rf"(?:,?\s+(?:on|in)\s+(?:\d{{1,2}}\s+)?(?:{'|'.join(dates.MONTHS)})(?:\s+\d{{4}})?|\s+to the public)*"
_NOT_A_THING = re.compile(
    r"(?:Spec|Protocol|Framework|Policy|Policies|Statement|Report|Plan|Act|Order|Fellowship|Project|Convention|Code of \w+|Principles|Constitution|Declaration|"
    r"Institute|Committee|Summit|Grants|Exam|Team|Commitments|Roadmap|Foundation|Charter)$"
)
_MONTHS = re.compile(rf"(?:{'|'.join(dates.MONTHS)})\b")
_INTRODUCES = re.compile(r"^(?:introducing|announcing|hello|meet|launching)\s+", re.IGNORECASE)
_NEW_VERSION = re.compile(
    r"^(?:Introducing|Announcing)\b.*\b(?:a|the) new (?P<name>[A-Z][\w-]+ \d[\d.]*(?: [A-Z]\w+)*)"
)
_WORDS = r"(?:[\w’'-]+\s+){0,7}?"
_END = r"(?=\s*[,.;:)]|\s+(?:that|which|whose|who|with|built|trained|in|on|at|for|and|now|family|under|able|above|to|called|named|from|since)\b)"


def released(entry: AnyEntry, noun: str) -> str | None:
    """Return the name of the thing whose release an entry is; None if it is not the release of such a thing.

    Args:
        entry: The entry.
        noun: What the thing must be, in the plural: "models" or "products".
    """
    if not isinstance(entry, Event):
        return None
    return _released_in(entry.title, entry.summary, tuple(entry.organisations), noun)


def released_piece(entry: AnyEntry, noun: str) -> Piece | None:
    """Return the name of the thing released as a quotation; None if the title says it already, or if it is not a release."""
    name = released(entry, noun)
    if name is None or not isinstance(entry, Event) or name in entry.title:
        return None
    start = entry.summary.find(name)
    return Piece(entry, "summary", start, start + len(name)) if start >= 0 else None


@lru_cache(maxsize=20_000)
def _released_in(title: str, summary: str, organisations: tuple[str, ...], noun: str) -> str | None:
    heads = _HEADS.get(noun, _HEADS["products"])
    version = _NEW_VERSION.search(title)
    if version and re.search(rf"\b{heads}\b", summary):
        return version["name"]
    opening = summary[:OPENING_CHARACTERS]
    first, *more = re.split(r"(?<=[.!?])\s+(?=[A-Z0-9])", opening)
    direct = re.search(
        rf"\b{_VERBS}\s+(?:(?:the|a|an|its|two|three|four|new|technical report of|preview of|technical preview of|early access to)\s+)*"
        rf"(?:(?P<before>(?:[\w-]+\s+){{0,4}}?{heads}),?\s+(?:now called\s+|called\s+|named\s+|that [\w\s]+: )?)?(?P<name>{_NAME})(?P<rest>.*)$",
        first,
        re.DOTALL,
    )
    if direct is None:
        return None
    name = direct["name"].rstrip(".,")
    if _MONTHS.match(name) or _NOT_A_THING.search(name) or name in organisations:
        return None
    if direct["before"] or _says_what(direct["rest"], heads):
        return name
    if re.match(
        r"\s+[a-z-]+\b(?<! family)(?<! in)(?<! on)(?<! to)(?<! as)(?<! and)(?<! for)(?<! with)", direct["rest"]
    ):
        return None  # "announced its Superalignment team"
    if re.match(rf"{_DATE}\s*(?:,\s*(?:an?|its|the|which|data|one|tools|[a-z]+s\b)|:|’s|'s)", direct["rest"]):
        return None  # the apposition names another kind of thing
    if _announces(title, name) and any(_says_so(sentence, name, heads) for sentence in more[:4]):
        return name
    return None


def _says_what(rest: str, heads: str) -> bool:
    """Whether the text after a name says what it is: ", a large multimodal model", "as a thinking model", "family … models"."""
    pattern = (
        rf"(?:\s+family)?{_DATE}(?:,[^,]*as its preferred partner)?\s*(?:,|\(|\bas\b|\band presented it as\b)\s*(?:as\s+)?"
        rf"(?:a family of|(?:(?:an?|its|the|two|three|four)\b)?)\s*(?!.{{0,60}}\b(?:tools?|set|standard|study|method|library) )"
        rf"{_WORDS}{heads}{_END}"
    )
    return re.match(pattern, rest) is not None or re.search(rf", the first {_WORDS}{heads}\b", rest) is not None


def _announces(title: str, name: str) -> bool:
    """Whether a title is nothing but the announcement of a name."""
    bare = _INTRODUCES.sub("", title)
    return (
        (_INTRODUCES.match(title) is not None and name.split(maxsplit=1)[0] in bare)
        or bare.startswith(name)
        or title.endswith(f" {name}")
    )


def _says_so(sentence: str, name: str, heads: str) -> bool:
    """Whether a sentence about the name says what it is."""
    return (
        re.search(
            rf"\b{re.escape(name.split(maxsplit=1)[0])}\b[^,;]*\b(?:is|was|are|were|the first|became)\s+(?:(?:an?|the|its|as)\s+)?{_WORDS}{heads}\b",
            sentence,
        )
        is not None
    )
