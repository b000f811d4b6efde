"""The kind of thing that a question asks for, and whether a sentence holds such a thing.

A sentence about the right subject often lacks the fact: asked what something cost, a sentence without a sum of money
does not answer. Only kinds that leave a mark in the text can be told: sums, shares, ages, spans of time, counts, dates, names, reasons.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from index.lexical import terms


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing that leaves a mark in a text; `holds` tells whether a sentence has such a thing."""

    name: str
    holds: Callable[[str], bool]


_NUMBER_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|"
    "hundred|thousand|million|billion|trillion|half|quarter|third|dozen|double|twice|both|several|single|no"
)
_NUMBER = re.compile(rf"\d|\b(?:{_NUMBER_WORDS})\b", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
_MONEY = re.compile(
    r"[$€£¥₹]\s?\d|\b\d[\d,.]*\s?(?:thousand|million|billion|trillion)?\s?(?:dollars?|euros?|pounds?|yuan|yen|rupees?|cents?|USD|EUR|GBP)\b"
    r"|\b(?:free of charge|for free|at no cost|free to use)\b",
    re.IGNORECASE,
)
_SHARE = re.compile(
    rf"%|\bper ?cent\b|\b(?:half|third|quarter|fifth|tenth|majority|most|all|none)\b|\b(?:\d+|{_NUMBER_WORDS})(?: \w+)? (?:in|of|out of)(?: the| every)? (?:\d|(?:{_NUMBER_WORDS})\b)",
    re.IGNORECASE,
)
_AGE = re.compile(r"\bage[ds]?\b|\byears? old\b|-year-old\b|\bborn\b|\bteen\w*\b", re.IGNORECASE)
_SPAN = re.compile(
    rf"\b(?:\d[\d,.]*|{_NUMBER_WORDS}|a|an|few|many)[\s-]+(?:\w+[\s-]+)?(?:second|minute|hour|day|night|week|month|year|decade|page|word|token)s?\b"
    r"|\b(?:since|until|from|between)\b.*\b(?:19|20)\d\d\b|\bovernight\b|\bpermanent\w*\b",
    re.IGNORECASE,
)
_BECAUSE = re.compile(
    r"\b(?:because|since|so that|in order to|to (?:make|avoid|prevent|keep|reduce|help|let|show|test|protect)|therefore|due to|"
    r"as a result|reason|why|means that|leads? to|caus(?:e|es|ed|ing)|after|aim(?:s|ed)?|concern\w*|worr\w+|saying|said|argu\w+|over)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-ZÀÖØ-Þ][\w’'-]+")
_INNER_NAME = re.compile(r"(?<=[a-z,;)0-9] )[A-ZÀÖØ-Þ][\w’'-]+")
_ASKS_MONEY = re.compile(
    r"\bhow (?:much|expensive|costly)\b.*\b(?:costs?|pay|pays|paid|spend|spent|raise[ds]?|invest\w*|worth|charge[ds]?|earn\w*|fined?|sells?|sold|expensive|costly|money|dollars?)\b"
    r"|\bhow expensive\b|\b(?:what|which)\b.*\b(?:prices?|costs?|fees?|fines?|salary|salaries|valuation|budget|revenues?|wages?|stipend)\b(?! of (?:living|being|doing))",
    re.IGNORECASE,
)
_ASKS_SHARE = re.compile(
    r"\b(?:what|which) (?:percentage|percent|share|fraction|proportion)\b|\bhow many percent\b", re.IGNORECASE
)
_ASKS_AGE = re.compile(r"\bhow old\b|\bwhat age\b|\b(?:at|by) what age\b", re.IGNORECASE)
_ASKS_SPAN = re.compile(
    r"\bhow long\b(?! ago)|\bhow many (?:seconds|minutes|hours|days|weeks|months|years|pages|words)\b", re.IGNORECASE
)
_ASKS_COUNT = re.compile(r"\bhow many\s+(?:of the\s+|more\s+|different\s+|other\s+)?(?P<noun>[\w-]+)", re.IGNORECASE)
_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|large|big|long|often|tall|far|high|fast|few|small)\b|\bwhat (?:number|size|amount|score|accuracy)\b",
    re.IGNORECASE,
)
_ASKS_DATE = re.compile(
    r"^\W*(?:and\s+|so\s+)?when\b|\b(?:what|which) (?:year|date|day|month)\b|\bhow long ago\b|,\s*when\b", re.IGNORECASE
)
_ASKS_PERSON = re.compile(
    r"^\W*(?:and\s+|so\s+)?(?:who|whom|whose)\b|\bwho (?:made|wrote|built|created|invented|founded|proposed|led|signed|came|runs?|owns?)\b",
    re.IGNORECASE,
)
_ASKS_REASON = re.compile(
    r"^\W*(?:and\s+|so\s+|but\s+)?why\b|\bhow come\b|\bwhat (?:is the |was the )?reason\b", re.IGNORECASE
)
_BY_MARK = (
    ("money", _ASKS_MONEY, _MONEY),
    ("share", _ASKS_SHARE, _SHARE),
    ("age", _ASKS_AGE, _AGE),
    ("span", _ASKS_SPAN, _SPAN),
)


def asked_kind(question: str) -> Kind | None:
    """The kind of thing that a question asks for; None where the kind leaves no mark."""
    for name, asks, mark in _BY_MARK:
        if asks.search(question):
            return Kind(name, _finds(mark))
    if _ASKS_NUMBER.search(question):
        counted = _ASKS_COUNT.search(question)
        nouns = frozenset(terms(counted["noun"])) if counted else frozenset()
        return Kind("number", lambda said: _has_number(said) and (not nouns or not nouns.isdisjoint(terms(said))))
    if _ASKS_DATE.search(question):
        return Kind("date", _finds(_DATE))
    if _ASKS_PERSON.search(question):
        known = {word for name in _NAME.findall(question) for word in terms(name)}
        return Kind("person", lambda said: any(map(_is_new(known), _INNER_NAME.findall(f"x {said}"))))
    return Kind("reason", _finds(_BECAUSE)) if _ASKS_REASON.search(question) else None


def _is_new(known: set[str]) -> Callable[[str], bool]:
    """Whether a capitalised word is a name that the question does not hold; "The" is none."""
    return lambda name: bool(terms(name)) and known.isdisjoint(terms(name))


def _finds(mark: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda said: mark.search(said) is not None


def _has_number(said: str) -> bool:
    return _NUMBER.search(_YEAR.sub("", said)) is not None
