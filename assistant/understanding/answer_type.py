"""The type of answer that a question asks for: an amount of money, a date, a person, a reason, and so on.

One table decides the type of a question. Each row also has the pattern that finds such an answer in a sentence, and a
broad group, which selects the wording when the assistant cannot answer. A sentence on the right subject often lacks the fact itself: a sentence without an
amount of money does not answer a question about a price.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from index.lexical import terms

from . import answer_marks
from .phrases import AUXILIARIES, CONTRACTIONS, PHRASE_ENDS, SIMPLE_VERBS

AnswerGroup = Literal["person", "time", "amount", "place", "reason", "thing"]
"""The broad type of answer that a question asks for; "thing" is everything that fits none of the others."""


@dataclass(frozen=True, slots=True)
class AnswerType:
    """A type of answer that can be detected in a sentence; `is_in` returns whether a sentence contains such an answer."""

    name: str
    holds: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the table: the type's name and group, and the patterns for its questions and for its answers."""

    name: str
    group: AnswerGroup
    asks: re.Pattern[str]
    mark: re.Pattern[str] | None
    """Pattern that a sentence must match to contain such an answer; None if the type has no such pattern."""


_START = r"^\W*(?:(?:and|so|but)\s+)?"
_TABLE = (
    _Row(
        "money",
        "amount",
        re.compile(
            r"\bhow (?:much|expensive|costly)\b.*\b(?:costs?|pay|pays|paid|spend|spent|raise[ds]?|invest\w*|worth|charge[ds]?|earn\w*|fined?|sells?|sold|expensive|costly|money|dollars?)\b"
            r"|\bhow expensive\b|\b(?:what|which) (?:price|cost)\b",
            re.IGNORECASE,
        ),
        answer_marks.MONEY,
    ),
    # The group is "thing", so the answer to "What was the price of …?" does not have to begin with a sentence that has an amount of money.
    _Row(
        "money",
        "thing",
        re.compile(
            r"\b(?:what|which)\b.*\b(?:prices?|costs?|fees?|fines?|salary|salaries|valuation|budget|revenues?|wages?|stipend)\b(?! of (?:living|being|doing))",
            re.IGNORECASE,
        ),
        answer_marks.MONEY,
    ),
    _Row(
        "share",
        "amount",
        re.compile(
            r"\b(?:what|which) (?:percentage|percent|share|fraction|proportion)\b|\bhow many percent\b", re.IGNORECASE
        ),
        answer_marks.SHARE,
    ),
    _Row("age", "amount", re.compile(r"\bhow old\b|\bwhat age\b", re.IGNORECASE), answer_marks.AGE),
    _Row(
        "span",
        "amount",
        re.compile(
            r"\bhow long\b(?! ago)|\bhow many (?:seconds|minutes|hours|days|weeks|months|years|pages|words)\b",
            re.IGNORECASE,
        ),
        answer_marks.SPAN,
    ),
    _Row(
        "number",
        "amount",
        re.compile(
            r"\bhow (?:many|much|large|big|long|often|tall|far|high|fast|few|small)\b|\bwhat (?:number|size|amount|score|accuracy)\b",
            re.IGNORECASE,
        ),
        answer_marks.NUMBER,
    ),
    _Row(
        "date",
        "time",
        re.compile(
            rf"{_START}when\b|\b(?:what|which) (?:year|date|day|month)\b|\bhow long ago\b|,\s*when\b", re.IGNORECASE
        ),
        answer_marks.DATE,
    ),
    _Row(
        "person",
        "person",
        re.compile(
            rf"{_START}(?:who|whom|whose)\b|\bwho (?:made|wrote|built|created|invented|founded|proposed|led|signed|came|runs?|owns?)\b",
            re.IGNORECASE,
        ),
        answer_marks.INNER_NAME,
    ),
    _Row(
        "evidence",
        "thing",
        re.compile(
            r"\b(?:evidence|proof|support|data|research|stud(?:y|ies)|experiments?)\b.{0,30}\b(?:for|of|that|against|on|about|behind|show(?:s|ing)?)\b|\bwhat(?:'s|’s| is) the (?:evidence|proof)\b"
            r"|\bhow do we know\b|\bis there (?:any )?(?:evidence|proof)\b",
            re.IGNORECASE,
        ),
        answer_marks.PROOF,
    ),
    _Row(
        "example",
        "thing",
        re.compile(
            r"\b(?:examples?|instances?|cases|illustrations?)\s+(?:of|for|where|when|in which)\b|\bexamples?\W*$|\b(?:an?|some|real|concrete|known|famous)\s+(?:[\w-]+\s+)?(?:examples?|instances?)\b|\bexamples?\s+(?:in|from|with)\b",
            re.IGNORECASE,
        ),
        answer_marks.INSTANCE,
    ),
    _Row(
        "criticism",
        "thing",
        re.compile(
            r"\b(?:criticisms?|critiques?|critics?|criticis\w+|criticiz\w+|objections?|drawbacks?|downsides?|disadvantages?|weaknesses|limitations?|limits|problems?|flaws|shortcomings|arguments? against|case against|what(?:'s|’s| is) wrong with)\b",
            re.IGNORECASE,
        ),
        answer_marks.CRITICISM,
    ),
    _Row(
        "result",
        "thing",
        re.compile(
            r"\b(?:results?|findings?|outcomes?|conclusions?)\s+(?:of|from|in|on|for)\b|\b(?:what|which) (?:were|are|was) the (?:main |key |most important )?(?:results?|findings?|outcomes?|conclusions?)\b|\bwhat did .{1,80}\b(?:find|show|conclude|discover|achieve)\b",
            re.IGNORECASE,
        ),
        answer_marks.PROOF,
    ),
    _Row("place", "place", re.compile(rf"{_START}where\b", re.IGNORECASE), None),
    _Row(
        "reason",
        "reason",
        re.compile(rf"{_START}why\b|\bhow come\b|\bwhat (?:is the |was the )?reason\b", re.IGNORECASE),
        answer_marks.BECAUSE,
    ),
)
"""The first row whose `asks` pattern matches the question gives its type."""
OPEN_TYPES = frozenset({"reason", "evidence", "example", "criticism", "result"})
"""Types that a text can give in too many ways: a sentence without their pattern may still be such an answer."""
NOT_DEFINITIONS = frozenset({"evidence", "example", "criticism", "result"})
"""Types that a definition never gives."""
_COUNTED = re.compile(r"\bhow many\s+(?:of the\s+|more\s+|different\s+|other\s+)?(?P<noun>[\w-]+)", re.IGNORECASE)


def _row(question: str) -> _Row | None:
    return next((row for row in _TABLE if row.asks.search(question)), None)


def answer_group(question: str) -> AnswerGroup:
    """Return the broad type of answer that a question asks for."""
    row = _row(question)
    return row.group if row is not None else "thing"


def answer_type(question: str) -> AnswerType | None:
    """Return the type of answer that a question asks for; None if there is no pattern for such an answer."""
    row = _row(question)
    if row is None or row.mark is None:
        return None
    if row.name == "number":
        counted = _COUNTED.search(question)
        return AnswerType(row.name, _holds_number_of(frozenset(terms(counted["noun"])) if counted else frozenset()))
    if row.name == "person":
        known = {word for name in answer_marks.NAME.findall(question) for word in terms(name)}
        return AnswerType(row.name, _holds_name_besides(known))
    mark = row.mark
    if row.name in NOT_DEFINITIONS:
        return AnswerType(row.name, lambda text: mark.search(text) is not None and not is_definition(text))
    return AnswerType(row.name, lambda sentence: mark.search(sentence) is not None)


def is_definition(sentence: str) -> bool:
    """Whether a sentence says what a thing is ("RLHF is a way to …"), and names no figure or year."""
    return answer_marks.DEFINES.match(sentence) is not None and re.search(r"\d\s?%|\b(?:19|20)\d\d\b", sentence) is None


def _holds_number_of(nouns: frozenset[str]) -> Callable[[str], bool]:
    """Return a check that a sentence has a number.

    Years do not count. Unless `nouns` is empty, the sentence must also have one of those index terms.
    """

    def holds(sentence: str) -> bool:
        if answer_marks.NUMBER.search(answer_marks.YEAR.sub("", sentence)) is None:
            return False
        return not nouns or not nouns.isdisjoint(terms(sentence))

    return holds


def _holds_name_besides(known: set[str]) -> Callable[[str], bool]:
    """Return a check that a sentence contains a capitalised name that shares no index term with `known`.

    "The" does not count as a name.
    """

    def is_new(name: str) -> bool:
        words = terms(name)
        return bool(words) and known.isdisjoint(words)

    return lambda sentence: any(map(is_new, answer_marks.INNER_NAME.findall(f"x {sentence}")))


_COURSE = re.compile(
    r"\b(?:timeline|chronology|chronological|step by step|sequence of events|milestones|(?:key|important) dates|history of|with (?:the )?dates|blow by blow|how (?:it|things|everything) unfolded)\b",
    re.IGNORECASE,
)


_SEVERAL = re.compile(
    r"^\W*(?:please )?(?:list|name)\b|\b(?:all|every) (?:the |of the |of )?(?!of a sudden|right|day|time|year|one\b|that\b|this\b|about\b|over\b)"
    r"[\w-]{3,}|\bso far\b|\bby (?:country|company|year)\b|\bone by one\b|\beach of\b|"
    r"\bwhich (?:[\w-]+ ){0,2}(?:countries|companies|firms|states|cities|schools|newspapers|publishers|models|labs|artists|authors|people|laws|cases)\b|"
    r"\bwhat (?:[\w-]+ ){0,2}(?:laws|lawsuits|cases|deals|rulings|fines|incidents|accidents|models|summits|treaties|prizes|studies) (?:are|were|have|has|did|came|about|on|by|against)\b",
    re.IGNORECASE,
)


def asks_for_course(question: str) -> bool:
    """Whether a question asks how an affair went from start to end, and not for one fact."""
    return _COURSE.search(question) is not None


def asks_for_several(question: str) -> bool:
    """Whether a question asks for several things, or for a whole course: "all rulings on AI training", "key dates"."""
    return asks_for_course(question) or _SEVERAL.search(question) is not None


_MAX_PHRASE_WORDS = 4
"""A longer run of words is not the name of a thing."""
_QUESTION_WORD = re.compile(rf"{_START}(?P<word>who|whom|whose|when|where|why)\b", re.IGNORECASE)
_HOW_COME = re.compile(r"\bhow come\b", re.IGNORECASE)
_AMOUNT = re.compile(r"\bhow (?P<how>many|much)\b(?: of the| more| different| other)?\s*(?P<rest>.*)", re.IGNORECASE)
_DEGREE = re.compile(
    r"\bhow (?P<how>old|big|large|long|often|tall|far|high|fast|expensive|few|small|deep|wide|heavy|accurate|well|soon)\b",
    re.IGNORECASE,
)
_CHOICE = re.compile(r"\b(?:which|what)\s+(?P<rest>.*)", re.IGNORECASE)
_NAMED = re.compile(
    r"\bwhat(?:'s|’s|s| is| are| was| were)\s+(?P<the>the|its|his|her|their)\s+(?P<rest>.*)", re.IGNORECASE
)
_PAST_VERB = re.compile(r"[a-z]{3,}ed")
_TOKEN = re.compile(r"[^\W_][\w’'-]*|[^\w\s]")
_PHRASE_VERBS = AUXILIARIES | CONTRACTIONS | SIMPLE_VERBS


def wanted_phrase(question: str) -> str | None:
    """Return what a question asks for, in the user's words: "how many tokens", "what the monthly price is".

    A refusal puts this phrase after "does not say", to show that the question was understood. None if no phrase fits
    there.
    """
    if match := _QUESTION_WORD.search(question):
        word = match["word"].lower()
        return "who" if word == "whom" else word
    if _HOW_COME.search(question):
        return "why"
    if match := _AMOUNT.search(question):
        noun = _noun_phrase(match["rest"])
        return f"how {match['how'].lower()}{f' {noun}' if noun else ''}"
    if match := _DEGREE.search(question):
        return f"how {match['how'].lower()}"
    if match := _NAMED.search(question):
        noun = _noun_phrase(match["rest"])
        return f"what {match['the'].lower()} {noun} is" if noun else None
    if match := _CHOICE.search(question):
        noun = _noun_phrase(match["rest"])
        return f"which {noun}" if noun else None
    return None


def _noun_phrase(text: str) -> str:
    """Return the words at the start of a text, up to a verb, preposition or punctuation mark; "" if too many."""
    words: list[str] = []
    for word in _TOKEN.findall(text):
        ends = not word[0].isalnum() or word.lower() in _PHRASE_VERBS or word.lower() in PHRASE_ENDS
        # "which law firm defended …": after the first word, a word ending in -ed is treated as a verb.
        if ends or (words and _PAST_VERB.fullmatch(word)):
            break
        words.append(word)
    return " ".join(words) if len(words) <= _MAX_PHRASE_WORDS else ""
