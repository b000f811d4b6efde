"""Parses messages about a list: "only the ones about safety", "oldest first", "how many is that", "number 3", "more"."""

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

# Every pattern below is matched with text that `_plain` has brought into one form: single spaces, no polite words around it.
_LEADS = re.compile(
    r"(?>(?>ok|okay|and|so|now|yes|but|well|please|great|thanks|cool|hm|then|can you|could you|would you|i want|i'd like|i need|let me see|let's see|show me|show|give me|give|list|display|open|read me|"
    r"read|tell me more about|tell me about|tell me|what about|how about|what is|what's|more about|more on|go to|see|keep|leave(?! out)|take|pick|filter them by|filter by|filter it by|filter for|"
    r"narrow (?:it|that|them|this) down to|narrow (?:it|that|them|this) to|limit (?:it|that|them|this) to|limit to|restrict (?:it|that|them|this) to)[,.!]?+ )*+",
    re.IGNORECASE,
)
"""Polite words and verbs of showing, at the start."""
_TRAILS = re.compile(r" (?:please|then|again|thanks|only)$", re.IGNORECASE)
_NOUNS_AT_END = re.compile(r" (?:ones?|entries|events)$", re.IGNORECASE)
_ONES = (
    r"(?:the |those |these |that |all |any )?+(?:of )?+(?:the )?+(?:(?:ones?|entries|entry|events?|items?|results?|papers?|things?|stuff|those|them|these|it) )?+"
    r"(?:(?:that|which) (?:are|were|is|have to do|deal|happened|came|mention|involve|concern) (?:with )?+)?+"
)
_LINK = r"(?P<link>about|on|from|by|of|in|with|involving|mentioning|related to|concerning|since|before|after|during|between|until|against|made by|published by|released by)"
_ONLY = re.compile(
    rf"^(?:only|just|solely|nothing but|exclusively) (?:show me |show |list |keep |include )?+{_ONES}(?:{_LINK} )?+(?P<rest>.+)$",
    re.IGNORECASE,
)
_THE_ONES = re.compile(
    r"^(?:(?:the|those|these) (?:ones|entries|events|items|papers)|(?:which|what|any)(?: ones)? of (?:them|these|those)|(?:which|what) ones|ones|those|these)"
    rf" (?:(?:that |which )?(?:are|were|is|happened|came|have to do|deal) (?:with )?+)?+{_LINK} (?P<rest>.+)$",
    re.IGNORECASE,
)
_DATED_ONLY = re.compile(
    r"^(?:only |just )?+(?P<rest>(?:in|from|since|before|after|until|during|between) .+)$", re.IGNORECASE
)
_WITHOUT = re.compile(
    rf"^(?:without|excluding|exclude|except for|except|leave out|leaving out|remove|drop|skip|minus|not|no|other than|but not|get rid of|hide|ignore) {_ONES}"
    r"(?:(?:about|on|from|by|of|involving) )?+(?:the )?+(?P<rest>.+)$",
    re.IGNORECASE,
)
_SORTED = r"^(?:(?:sort|order|rank|arrange|put|show|list)(?:ed)? (?:(?:it|them|that|this|these|those) )?+)?+(?:by |in |with |from )?+(?:the )?+"
_START = r"(?:starting|beginning|start|begin) (?:with|from|at) (?:the )?+"
_OF_LIST = r"(?: ones| one| events| entries)?+"
_FIRST = r"(?: first| at the top| on top)"
_SORTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (order, re.compile(rf"{_SORTED}(?:{words})$", re.IGNORECASE))
    for order, words in (
        (
            "most important first",
            rf"{_START}(?:most important|biggest){_OF_LIST}|(?:most important|biggest|major){_OF_LIST}{_FIRST}?|importance|relevance|significance|order of importance|how important they (?:are|were)",
        ),
        (
            "newest first",
            (
                rf"{_START}(?:newest|latest|most recent){_OF_LIST}|(?:newest|latest|most recent|recent){_OF_LIST}(?:{_FIRST}| to oldest)|reverse chronological order|reversed?(?: order| that| it| the order)?|date|"
                r"descending(?: order)?"
            ),
        ),
        (
            "oldest first",
            rf"{_START}(?:oldest|earliest){_OF_LIST}|(?:oldest|earliest){_OF_LIST}(?:{_FIRST}| to newest)|chronological(?:ly)?(?: order)?|ascending(?: order)?|order of time|time order|timeline order",
        ),
    )
)
_COUNT = re.compile(
    r"^(?:how many(?: (?:is|are|was|were) (?:that|those|these|this|they|there|it)| of (?:them|these|those)(?: are there| is that)?| did you (?:find|list|show)| do you have| ones| entries| events| items| results)?+"
    r"(?: are there| are these| are they| are those| were there| did you (?:find|list|show))?+(?: in total| altogether)?"
    r"|count (?:them|these|those|it|that)(?: up)?|(?:the )?(?:total|count|number)(?: number)?(?: of (?:them|these|those))?)$",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"^(?:(?:the )?(?P<rest>rest|remaining ones?|others|other ones|all of them|all|everything|remainder|full list|whole list|complete list)(?: of (?:them|it|the list|those))?"
    r"|(?:(?:some|a few|any) )?more(?: of (?:them|these|those)| entries| events| results| items| ones)?|(?:the )?next (?P<n>\d{1,2}|[a-z]{3,7})(?: ones| events| entries)?|(?:the )?next|(?P<m>\d{1,2}|[a-z]{3,7}) more"
    r"|further(?: ones| entries| events)?|continue(?: the list)?|go on|keep going)$",
    re.IGNORECASE,
)
_ORDINALS = {word: n for n, words in enumerate(("first 1st", "second 2nd", "third 3rd", "fourth 4th", "fifth 5th", "sixth 6th", "seventh 7th", "eighth 8th", "ninth 9th", "tenth 10th"), 1) for word in words.split()}  # fmt: skip
_ORDINALS |= {"last": -1, "final": -1, "bottom": -1, "top": 1}
_ITEM = r"(?: (?:one|entry|event|item|result|paper|case|lawsuit|law|guide|model))?+(?: (?:in the list|on the list|of (?:them|these|those|the list)|there|from the top|you (?:listed|mentioned|showed)))?+"
_PICK = re.compile(
    rf"^(?:(?:the )?+(?P<last>second to last|second last|last but one)|(?:the )?+(?P<nth>{'|'.join(_ORDINALS)})"
    rf"|(?:(?:the )?+(?:number|no\.?|nr\.?|item|entry|result|#|event) ?|(?:the )?+one (?:at|with) number )(?P<n>\d{{1,3}}|{'|'.join(NUMBER_WORDS)})|(?P<bare>\d{{1,3}})){_ITEM}$",
    re.IGNORECASE,
)
_PICK_ABOUT = re.compile(
    r"^(?:the|that) (?:one|entry|event|item|paper|case|lawsuit|article) (?:(?:that|which) (?:is|was) )?+(?:about|on|from|by|of|with|against|in|involving|called|named|where it says|where) (?:the )?+(?P<about>.+)$",
    re.IGNORECASE,
)


def _plain(utterance: str) -> str:
    """An utterance with single spaces, without punctuation around it and polite words before and after it."""
    text = " ".join(utterance.split()).strip(" \t?!.,;:-…")
    text = text[_LEADS.match(f"{text} ").end() :] if text else text  # type: ignore[union-attr]
    while match := _TRAILS.search(text):
        text = text[: match.start()].rstrip(" ,")
    return text


def _without_noun(text: str) -> str:
    """What the entries of a list must be, without "ones" or "events" after it."""
    match = _NOUNS_AT_END.search(text)
    return text[: match.start()] if match else text


@dataclass(frozen=True, slots=True)
class Pick:
    """An entry of a list: by its number (-1 for the last), or by what it is about."""

    number: int | None = None
    about: str = ""


def act_of(utterance: str) -> Act | None:
    """Return the operation on a list that an utterance asks for; None if it asks for none."""
    if len(utterance) > _LONGEST:
        return None
    text = _plain(utterance)
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
    text = _plain(utterance)
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


def filter_of(utterance: str) -> Filter | None:
    """Return how an utterance restricts a list."""
    text = _plain(utterance)
    if match := _WITHOUT.match(text):
        return Filter(_without_noun(match["rest"]), without=True)
    for pattern in (_ONLY, _THE_ONES):
        if match := pattern.match(text):
            return Filter(_without_noun(match["rest"]), (match["link"] or "").lower())
    match = _DATED_ONLY.match(text)
    if match and _IN_MONTH.fullmatch(match["rest"]):
        return Filter(match["rest"].strip())
    if match and questions.date_phrase(match["rest"]) and not questions.without_dates(match["rest"]).strip(" ?.,"):
        return Filter(match["rest"].strip())
    return None


def order_of(utterance: str) -> str | None:
    """Return the order that an utterance asks for: "oldest first"."""
    text = _plain(utterance)
    return next((order for order, pattern in _SORTS if pattern.match(text)), None)


def more_of(utterance: str) -> tuple[bool, str]:
    """Return whether an utterance asks for the whole rest of a list, and the number of entries that it says, if any."""
    match = _MORE.match(_plain(utterance))
    return (bool(match["rest"]), (match["n"] or match["m"] or "").lower()) if match else (False, "")
