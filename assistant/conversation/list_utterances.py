"""Parses what is said about a list: "only the ones about safety", "oldest first", "how many is that", "number 3", "more"."""

import re
from dataclasses import dataclass
from typing import Literal

from assistant.understanding import reading as questions
from assistant.understanding.phrases import NUMBER_WORDS
from index import dates

_IN_MONTH = re.compile(rf"(?:in|from|during)\s+(?:{'|'.join(dates.MONTHS)})", re.IGNORECASE)
Act = Literal["list_filter", "list_sort", "list_count", "list_pick", "list_more"]
_LONGEST = 120
"""A longer utterance is a question of its own."""

_POLITE = (
    r"(?:(?:ok|okay|and|so|now|yes|but|well|please|great|thanks|cool|hm+|then|just|can you|could you|would you|i want|i'd like|i need|let me see|let's see|show(?: me)?|give(?: me)?|list|"
    r"display|open|read(?: me)?|tell me(?: more)?(?: about)?|what about|how about|what is|what's|more about|more on|go to|see|keep|leave|take|pick|filter(?: it| them| that| this)?(?: by| to| for)?|"
    r"narrow (?:it|that|them|this)(?: down)?(?: to)?|limit (?:it|that|them|this)?\s*to|restrict (?:it|that|them|this)?\s*to)[,.!]?\s+)*"
)
_ONES = r"(?:(?:the|those|these|that|all|any)\s+)?(?:(?:of\s+)?(?:the\s+)?(?:ones?|entries|entry|events?|items?|results?|papers?|things?|stuff|those|them|these|it)\s+)?(?:(?:that|which)\s+(?:are|were|is|have to do|deal|happened|came|mention|involve|concern)\s+(?:with\s+)?)?"
_LINK = r"(?P<link>about|on|from|by|of|in|with|involving|mentioning|related to|concerning|since|before|after|during|between|until|made by|published by|released by)"
_ONLY = re.compile(
    rf"^\W*{_POLITE}(?P<only>only|just|solely|nothing but|exclusively)\s+(?:show(?: me)?\s+|list\s+|keep\s+|include\s+)?{_ONES}(?:{_LINK}\s+)?(?P<rest>.+?)(?:\s+(?:ones?|entries|events?|please|only))*\W*$",
    re.IGNORECASE,
)
_THE_ONES = re.compile(
    rf"^\W*{_POLITE}(?:which|what)?\s*(?:(?:the|those|these)\s+(?:ones|entries|events|items|papers)|(?:which|what|any)(?:\s+ones)?\s+of\s+(?:them|these|those)|(?:which|what)\s+ones|ones|those|these|any of (?:them|these|those))"
    rf"\s+(?:(?:that\s+|which\s+)?(?:are|were|is|happened|came|have to do|deal)\s+(?:with\s+)?)?{_LINK}\s+(?P<rest>.+?)(?:\s+only|\s+please)*\W*$",
    re.IGNORECASE,
)
_DATED_ONLY = re.compile(
    rf"^\W*{_POLITE}(?:(?:and|only|just)\s+)?(?P<rest>(?:in|from|since|before|after|until|during|between)\s+.+?)(?:\s+only|\s+please|\s+then)*\W*$",
    re.IGNORECASE,
)
_WITHOUT = re.compile(
    rf"^\W*{_POLITE}(?:without|excluding|exclude|except(?:\s+for)?|leave out|leaving out|remove|drop|skip|minus|not|no|other than|but not|get rid of|hide|ignore)\s+{_ONES}"
    r"(?:(?:about|on|from|by|of|involving)\s+)?(?:the\s+)?(?P<rest>.+?)(?:\s+(?:ones?|entries|events?|please))*\W*$",
    re.IGNORECASE,
)
_SORTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (order, re.compile(rf"^\W*{_POLITE}(?:(?:sort|order|rank|arrange|put|show|list)(?:ed)?\s+(?:it|them|that|this|these|those)?\s*)?(?:by|in|with|from|starting with)?\s*(?:the\s+)?(?:{words})\W*(?:please)?\W*$", re.IGNORECASE))
    for order, words in (
        ("most important first", r"(?:starting|beginning|start|begin) (?:with|from|at) the (?:most important|biggest)(?: ones?| events?| entries)?|(?:most important|biggest|major)(?: ones?| events?| entries)?(?: first| at the top| on top)|importance|relevance|significance|order of importance|how important they (?:are|were)"),
        ("newest first", r"(?:starting|beginning|start|begin) (?:with|from|at) the (?:newest|latest|most recent)(?: ones?| events?| entries)?|(?:newest|latest|most recent|recent)(?: ones?| events?| entries)?(?: first| at the top| to oldest| on top)|reverse(?:d)?(?: chronological)?(?: order| that| it| the order)?|date|descending(?: order)?"),
        ("oldest first", r"(?:starting|beginning|start|begin) (?:with|from|at) the (?:oldest|earliest)(?: ones?| events?| entries)?|(?:oldest|earliest)(?: ones?| events?| entries)?(?: first| at the top| to newest| on top)|chronological(?:ly)?(?: order)?|ascending(?: order)?|order of time|time order|timeline order"),
    )
)  # fmt: skip
_COUNT = re.compile(
    r"^\W*(?:(?:and|so|ok|okay|but)\W+)*(?:how many(?:\s+(?:is|are|was|were)\s+(?:that|those|these|this|they|there|it)|\s+of (?:them|these|those)(?: are there)?|\s+(?:in total|altogether|did you (?:find|list|show)|do you have|ones?|entries|events|items|results))*(?: in total| altogether)?"
    r"|count (?:them|these|those|it|that)(?: please| up)?|what(?:'s| is) the (?:total|count|number)(?: of (?:them|these|those))?|(?:the )?total(?: number)?)\W*$",
    re.IGNORECASE,
)
_MORE = re.compile(
    rf"^\W*{_POLITE}(?:(?:the\s+)?(?P<rest>rest|remaining ones?|others|other ones|all of them|all|everything|remainder|full list|whole list|complete list)(?: of (?:them|it|the list|those))?"
    r"|(?:(?:some|a few|any)\s+)?more(?: of (?:them|these|those)| entries| events| results| items| ones)?|(?:the\s+)?next(?: (?:page|ones|entries|events|few))?|(?:the\s+)?next (?P<n>\d{1,2}|[a-z]+)(?: ones| events| entries)?|(?P<m>\d{1,2}|[a-z]+) more|next page|further(?: ones| entries| events)?|continue(?: the list)?|go on|keep going)"
    r"(?:\W+please)?\W*$",
    re.IGNORECASE,
)
_ORDINALS = {word: n for n, words in enumerate(("first 1st", "second 2nd", "third 3rd", "fourth 4th", "fifth 5th", "sixth 6th", "seventh 7th", "eighth 8th", "ninth 9th", "tenth 10th"), 1) for word in words.split()}  # fmt: skip
_ORDINALS |= {"last": -1, "final": -1, "bottom": -1, "top": 1}
_ITEM = r"(?:\s+(?:one|entry|event|item|result|paper|in the list|on the list|of (?:them|these|those|the list)|there|from the top|you (?:listed|mentioned|showed)|please|then|again|case|lawsuit|law|guide|model))*"
_PICK = re.compile(
    rf"^\W*{_POLITE}(?:(?:the\s+)?(?P<last>second (?:to )?last|last but one)|(?:the\s+)?(?P<nth>{'|'.join(_ORDINALS)})|(?:(?:the\s+)?(?:number|no\.?|nr\.?|item|entry|result|#|event)\s*|(?:the\s+)?one (?:at|with) number\s+)(?P<n>\d{{1,3}}|{'|'.join(NUMBER_WORDS)})|#?(?P<bare>\d{{1,3}}))"
    rf"{_ITEM}\W*$",
    re.IGNORECASE,
)
_PICK_ABOUT = re.compile(
    rf"^\W*{_POLITE}(?:the|that)\s+(?:one|entry|event|item|paper|case|lawsuit|article)\s+(?:(?:that|which)\s+(?:is|was)\s+)?(?:about|on|from|by|of|with|against|in|involving|called|named|where|where it says)\s+(?:the\s+)?(?P<about>.+?)(?:\s+please)?\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Pick:
    """An entry of a list: by its number (-1 for the last), or by what it is about."""

    number: int | None = None
    about: str = ""


def act_of(utterance: str) -> Act | None:
    """Return what an utterance asks of a list; None if it asks nothing of it."""
    text = " ".join(utterance.split())
    if len(text) > _LONGEST:
        return None
    if _COUNT.match(text):
        return "list_count"
    if any(pattern.match(text) for _, pattern in _SORTS):
        return "list_sort"
    if pick_of(text) is not None:
        return "list_pick"
    if _MORE.match(text):
        return "list_more"
    return "list_filter" if filter_of(text) is not None else None


def pick_of(utterance: str) -> Pick | None:
    """Return the entry that an utterance picks from a list."""
    text = " ".join(utterance.split())
    if match := _PICK.match(text):
        if match["last"]:
            return Pick(-2)
        if match["nth"]:
            return Pick(_ORDINALS[match["nth"].lower()])
        said = (match["n"] or match["bare"]).lower()
        return Pick(int(said) if said.isdigit() else NUMBER_WORDS[said])
    match = _PICK_ABOUT.match(text)
    return Pick(about=match["about"]) if match else None


@dataclass(frozen=True, slots=True)
class Filter:
    """What the entries of a list must be, or must not be: "safety" in "only the ones about safety"."""

    rest: str
    link: str = ""
    without: bool = False


def filter_of(text: str) -> Filter | None:
    """Return how an utterance restricts a list."""
    if match := _WITHOUT.match(text):
        return Filter(match["rest"].strip(), without=True)
    for pattern in (_ONLY, _THE_ONES):
        if match := pattern.match(text):
            return Filter(match["rest"].strip(), (match["link"] or "").lower())
    match = _DATED_ONLY.match(text)
    if match and _IN_MONTH.fullmatch(match["rest"]):
        return Filter(match["rest"].strip())
    if match and questions.date_phrase(match["rest"]) and not questions.without_dates(match["rest"]).strip(" ?.,"):
        return Filter(match["rest"].strip())
    return None


def order_of(text: str) -> str | None:
    """Return the order that an utterance asks for: "oldest first"."""
    return next((order for order, pattern in _SORTS if pattern.match(text)), None)


def more_of(text: str) -> tuple[bool, str]:
    """Return whether an utterance asks for the whole rest of a list, and the number of entries that it says, if any."""
    match = _MORE.match(text)
    return (bool(match["rest"]), (match["n"] or match["m"] or "").lower()) if match else (False, "")
