"""Reads how long an answer should be and in what form: "in one sentence", "two sentences max", "as bullet points"."""

import re
from dataclasses import dataclass, replace

from index.models import Level

from .phrases import NUMBER_WORDS

_NUMBERS = {"a": 1, "single": 1, "couple": 2} | {
    word: number for word, number in NUMBER_WORDS.items() if 1 <= number <= 6
}
_SIZE = (
    r"(?:(?:in|with|using|to|into|within|of) )?(?:(?:only|just|exactly|about|at most|max|maximum|no more than|less than) )?(?:(?:just )?a )?"
    rf"(?P<number>{'|'.join(_NUMBERS)}|\d{{1,2}}) (?:(?:of|or two) )?(?:(?:short|simple|single|brief|clear|plain) )?"
    r"(?P<unit>sentences?|lines?|words?)(?: (?:only|max|maximum|at most|or less|long|tops|answer))?"
)
_BULLETS = (
    r"(?:as|in|with|using|into) (?:an? )?(?:(?:short|few) )?(?:bulleted list|bullet list|bullet points?|bullet-points|bullets)"
    r"(?: (?:form|format))?"
)
_POLITE = r"(?:\W{1,3}(?:please|pls|plz|thanks|thx|ok)){0,2}"
_AT_END = re.compile(rf"(?:^|[ ,;:(–-])(?:{_SIZE}|{_BULLETS})\)?{_POLITE}\W{{0,5}}$", re.IGNORECASE)
_AT_START = re.compile(
    rf"^\W{{0,5}}(?:please )?(?:(?:answer|explain|tell me|summari[sz]e) )?(?:{_SIZE}|{_BULLETS}) ?[,:;–-] ?",
    re.IGNORECASE,
)
_ANYWHERE = re.compile(rf"(?<!\w){_SIZE}(?!\w)", re.IGNORECASE)
_AUDIENCE = re.compile(
    r"[\s,(–-]*\b(?:(?:explain (?:it|this|that) )?(?:(?:like|as if|as though|pretend|imagine) (?:that )?i(?:['’]?m| am| was| were) "
    r"(?:an? |the |your |my |only |just )?[\w-]+(?: [\w-]+){0,3}|for (?:dummies|(?:a )?lay(?:men|man|person|people))|eli5|"
    r"in (?:plain|simple|easy|layman'?s|everyday|normal) (?:words|terms|english|language)))\)?\W*$",
    re.IGNORECASE,
)
"""For whom an explanation is meant, at the end of a question: "like I'm five", "for dummies", "in plain English"."""
_TAUGHT = re.compile(
    r"[\s,]*\b(?:explain(?:ed)?|describe|teach)(?: (?:it|this|that))? (?:for|to) (?:an? |my |your )?(?:(?:complete|total|absolute) )?"
    r"(?:beginners?|newcomers?|child(?:ren)?|kids?|grand(?:ma|mother|pa|father)|(?:\d{1,2}|five|six|eight|ten)[- ]years?[- ]olds?)\W*$",
    re.IGNORECASE,
)
"""The same as a clause of its own: "explain it to a child"."""
_ONE = re.compile(r"\b(?:tl;? ?dr|one[- ]?liner|in (?:short|brief)|in a nutshell|bottom line)\b", re.IGNORECASE)
_IS_COUNT = re.compile(
    r"\bhow many ?$|\b(?:first|last|next|these|those|the|other|more|longer than|over|than) ?$", re.IGNORECASE
)
_LONGEST = 2_000
_FEWEST_WORDS = 2
"""Minimum number of words in a question before the words about its answer."""


@dataclass(frozen=True, slots=True)
class Manner:
    """The length and form of an answer; by default both are open."""

    sentences: int | None = None
    """Maximum number of sentences."""
    words: int | None = None
    """Maximum number of words."""
    bullets: bool = False
    level: Level | None = None
    """Who the answer is for: "beginner" if it is to be simple."""

    def __bool__(self) -> bool:
        """Whether a length or a form is asked for."""
        return self.sentences is not None or self.words is not None or self.bullets


ANY = Manner()
"""Any length and form."""


def without_manner(question: str) -> tuple[str, Manner]:
    """Return a question without the words about its answer's length or form, and what they ask for.

    The words must be set off at the end or the start, as in "What is RLHF in one sentence?". If nothing else is left, the
    text is not a question but an instruction; it is then returned unchanged.
    """
    text = " ".join(question[:_LONGEST].split())
    audience = _AUDIENCE.search(text) or _TAUGHT.search(text)
    if audience is not None and len(text[: audience.start()].split()) >= _FEWEST_WORDS:
        bare, manner = without_manner(text[: audience.start()])
        return f"{bare}?" if text.endswith("?") else bare, replace(manner, level="beginner")
    for pattern in (_AT_END, _AT_START):
        match = pattern.search(text)
        if match is None or _IS_COUNT.search(text[: match.start("number")] if match["unit"] else ""):
            continue
        rest = f"{text[: match.start()]}{text[match.end() :]}".strip(" ,;:(–-")
        if len(rest.split()) < 2 and not (rest and match.start()):
            continue
        ends = "?" if text.rstrip().endswith("?") and not rest.endswith("?") else ""
        return f"{rest}{ends}", _manner(match)
    return question, ANY


def of_instruction(text: str) -> Manner:
    """Return the length that an instruction such as "two sentences max" or "tl;dr" asks for."""
    text = " ".join(text[:_LONGEST].split())
    match = _ANYWHERE.search(text)
    if match is not None:
        return _manner(match)
    return Manner(sentences=1) if _ONE.search(text) else ANY


def _manner(match: re.Match[str]) -> Manner:
    unit = (match["unit"] or "").lower()
    if not unit:
        return Manner(bullets=True)
    number = match["number"].lower()
    count = max(1, _NUMBERS.get(number) or int(number))
    return Manner(words=count) if unit.startswith("word") else Manner(sentences=count)
