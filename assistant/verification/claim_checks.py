"""Checks without a model what a claim says and its evidence does not: numbers, dates, names, negations, opposites."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from index.lexical import STOPWORDS, fold, stem, terms

from .numbers_and_dates import DAYS, ISO_DATE, MONTH_NAME, NUMBER_WORDS, UNCOUNTED_WORDS, months, numbers

FaultKind = Literal["number", "date", "name", "negation", "comparative", "subject"]
REASONS: dict[FaultKind, str] = {
    "number": "number not in the cited entry",
    "date": "date not in the cited entry",
    "name": "name not in the cited entry",
    "negation": "denied in one and not in the other",
    "comparative": "the cited entry says the opposite",
    "subject": "the cited entry does not speak of its subject",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One part of a claim that the evidence does not support."""

    kind: FaultKind
    what: str
    """The part, as the claim or the evidence writes it."""

    @property
    def reason(self) -> str:
        """The fault in words, for the field `removed` of an answer."""
        return f"{REASONS[self.kind]}: {self.what}"


_WORD = re.compile(r"[^\W_][\w’'&.-]*[^\W_]|[^\W_]")
_NEGATION = re.compile(
    r"\b(?:not|never|no|none|nobody|nothing|neither|nor|without|cannot|fail(?:s|ed)? to|unable to|refus(?:es|ed) to|\w+n['’]t)\b",
    re.IGNORECASE,
)
_OPPOSITES = (
    "more/less/fewer higher/lower larger/smaller bigger/smaller longer/shorter faster/slower stronger/weaker better/worse best/worst "
    "most/least before/after above/below increase/decrease increased/decreased increases/decreases increasing/decreasing rose/fell "
    "rise/fall rising/falling grew/shrank gained/lost won/lost accepted/rejected approved/rejected allow/forbid allowed/banned "
    "allows/forbids always/never all/none earlier/later older/younger first/last northern/southern eastern/western public/private "
    "succeeded/failed support/oppose supported/opposed supports/opposes with/without includes/excludes included/excluded "
    "positive/negative legal/illegal able/unable possible/impossible largest/smallest highest/lowest reduce/raise reduced/raised "
    "bought/sold agreed/refused necessary/unnecessary often/rarely many/few both/neither likely/unlikely open/closed"
)
_PRONOUN = re.compile(
    r"^\W*(it|he|she|they|this|these|those|its|his|her|their|the (?:model|company|system|paper|study))\b", re.IGNORECASE
)
_RUN = re.compile(r"[A-Z][\w’'.]*(?:\s[A-Z][\w’'.]*)+")
_MAX_NAME_WORDS = 8
"""A longer run of capitalised words is a heading and not a name."""
_MAX_CLAIM_CHARACTERS = 2_000
"""Characters of a claim that are checked: a limit on the time for hostile claims."""
_PLACE_ENDING = re.compile(r"(?:ian|ean|an|ese|ish|i|n)s?$")
_SENTENCE_START = re.compile(r"(?:[.!?:]\s+|[\"“(]\s*)$")
_MIN_COMMON_WORDS = 0.5
"""Negations and opposites are compared only with a sentence that contains this share of the claim's words."""


@lru_cache(maxsize=1)
def _opposites() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for family in _OPPOSITES.split():
        for word in family.split("/"):
            table.setdefault(word, set()).update(other for other in family.split("/") if other != word)
    # "fewer" and "less" are both opposites of "more", but not of each other.
    return {
        word: frozenset(others - ({"less", "fewer"} if word in {"less", "fewer"} else set()))
        for word, others in table.items()
    }


def _names(text: str) -> list[str]:
    """The words that are written as names; the first word of a sentence only if it does not look like an ordinary one."""
    names = []
    words = list(_WORD.finditer(text))
    for place, match in enumerate(words):
        word = match.group()
        has_inner_capital = any(character.isupper() for character in word[1:])
        if not (word[0].isupper() or has_inner_capital) or MONTH_NAME.match(word) or word.lower() in DAYS:
            continue
        if not has_inner_capital and _is_at_start(text, match.start()):
            following = words[place + 1].group() if place + 1 < len(words) else ""
            if not _may_start_with_name(word, following):
                continue
        names.append(word)
    return names


def _is_at_start(text: str, place: int) -> bool:
    """Whether a sentence starts at an offset in a text."""
    return place == 0 or _SENTENCE_START.search(text[max(0, place - 8) : place]) is not None


def _may_start_with_name(word: str, following: str) -> bool:
    """Whether the first word of a sentence may be a name, judged by the word after it.

    In "Google released" a verb follows, so the first word is a subject. In "Early tests showed" it is not.
    """
    is_ordinary = word.lower() in STOPWORDS or word.lower() in _OPENINGS or word.lower() in NUMBER_WORDS
    return not is_ordinary and (following[:1].isupper() or _VERB.fullmatch(following) is not None)


_VERB = re.compile(
    r"is|are|was|were|has|have|had|will|would|can|could|may|might|did|does|[a-z]+(?:ed|s)|made|said|won|built|gave|took|led|wrote|told|held|found|began"
)
_OPENINGS = frozenset(
    "researchers scientists experts critics officials users people students authors developers engineers workers companies "
    "models systems several many some most other others another both each every all such first second early later recent "
    "following according although though because since despite given due based compared currently recently today two three "
    "four five participants members studies results reports analysts investors customers patients men women children everyone "
    "nobody police prosecutors lawyers teachers parents residents voters lawmakers regulators one training data tests".split()
)


def faults(claim: str, evidence: Sequence[str], *, subject: str = "") -> list[Fault]:
    """Find what a claim says and its evidence does not; an empty list does not prove that the evidence supports it.

    Args:
        claim: One sentence.
        evidence: Sentences or texts, including the title and the date of the entry.
        subject: The text that a pronoun at the start of the claim refers to: the sentence before, or the question.
    """
    claim = claim[:_MAX_CLAIM_CHARACTERS]
    whole = "\n".join(evidence)
    found = [*_missing_numbers_and_dates(claim, whole), *_missing_names(claim, whole)]
    if (pronoun := _PRONOUN.match(claim)) and subject:
        names = _names(subject)
        words = _all_terms(whole)
        if names and not any(_has_name(name, words, whole) for name in names):
            found.append(Fault("subject", pronoun[1]))
    return [*found, *_contradictions(claim, evidence)]


def _missing_numbers_and_dates(claim: str, whole: str) -> list[Fault]:
    found = []
    known = numbers(whole)
    for match in ISO_DATE.finditer(whole):
        known |= {float(part): part for part in match.groups() if part}
    for value, written in numbers(ISO_DATE.sub(" ", claim)).items():
        if written.lower() in UNCOUNTED_WORDS or any(
            abs(value - other) <= 1e-9 * max(1.0, abs(other)) for other in known
        ):
            continue
        found.append(Fault("number", written))
    return found + [Fault("date", month.capitalize()) for month in sorted(months(claim) - months(whole))]


def _missing_names(claim: str, whole: str) -> list[Fault]:
    words = _all_terms(whole)
    abbreviated = _abbreviated(claim, whole)
    return [
        Fault("name", name)
        for name in dict.fromkeys(_names(claim))
        if name not in abbreviated and not _has_name(name, words, whole)
    ]


def _abbreviated(claim: str, whole: str) -> set[str]:
    """The words of names that the evidence abbreviates: "United States" if it has "U.S."."""
    letters = set(re.findall(r"\b[A-Z]{2,}\b", re.sub(r"(?<=\b[A-Z])\.", "", whole)))
    found: set[str] = set()
    for run in _RUN.findall(claim):
        parts = run.split()
        for begin in range(len(parts)):
            for end in range(begin + 2, min(begin + _MAX_NAME_WORDS, len(parts)) + 1):
                if "".join(part[0] for part in parts[begin:end]) in letters:
                    found.update(parts[begin:end])
    return found


def _all_terms(text: str) -> frozenset[str]:
    """The index terms of a text, including stop words."""
    return frozenset(terms(text, stopwords=frozenset()))


def _has_name(name: str, words: frozenset[str], whole: str) -> bool:
    """Whether the evidence has a name, in this or another form.

    Args:
        name: The name.
        words: The index terms of the evidence.
        whole: The text of the evidence.
    """
    # In "AI-driven" only "AI" is a name.
    named = (
        [part for part in re.split(r"[-–/]", name) if part != part.lower()] if "-" in name or "–" in name else [name]
    )
    parts = terms(" ".join(named), stopwords=frozenset())
    if all(part in words for part in parts) or fold(name) in fold(whole):
        return True
    root = _PLACE_ENDING.sub("", fold(name))  # "Libyan" for "Libya"
    if len(root) >= 4 and re.search(rf"\b{re.escape(root)}\w{{0,3}}\b", fold(whole)):
        return True
    letters = re.sub(r"[^A-Z]", "", name)
    if len(letters) >= 2 and len(letters) >= len(name.rstrip("s")) - 1:  # "RLHF" for the words that it abbreviates
        initials = "".join(word[0] for word in re.findall(r"[A-Za-z][a-z]*", whole)).upper()
        return letters in initials
    return False


def _contradictions(claim: str, evidence: Sequence[str]) -> list[Fault]:
    """Negations and opposites, compared with the sentence that has the most words of the claim."""
    claim_words = set(terms(claim))
    if not claim_words or not evidence:
        return []
    nearest = max(evidence, key=lambda text: _overlap(claim_words, text))
    if len(claim_words & set(terms(nearest))) < _MIN_COMMON_WORDS * len(claim_words):
        return []
    found = []
    in_claim, in_evidence = _NEGATION.findall(claim), _NEGATION.findall(nearest)
    if in_claim and not in_evidence:
        found.append(Fault("negation", in_claim[0]))
    elif in_evidence and not in_claim and _denies(nearest, claim_words):
        found.append(Fault("negation", in_evidence[0]))
    words, others = _lower(claim), _lower(nearest)
    all_words = _lower(" ".join(evidence))
    opposites = _opposites()
    return found + [
        Fault("comparative", word)
        for word in words & opposites.keys()
        if opposites[word] & others and word not in all_words
    ]


def _overlap(words: set[str], text: str) -> float:
    """How many of some words a text contains; long texts score a little less."""
    own = set(terms(text))
    return len(words & own) / (len(words) + 0.2 * len(own))


def _denies(text: str, claim_words: set[str]) -> bool:
    """Whether a negation in a text denies what the claim says: one of the two content words after it is in the claim."""
    for negation in _NEGATION.finditer(text):
        following = re.findall(r"\w+", text[negation.end() : negation.end() + 60].lower())
        content = [stem(word) for word in following if word not in STOPWORDS]
        if any(word in claim_words for word in content[:2]):
            return True
    return False


def _lower(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower()))
