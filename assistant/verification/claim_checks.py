"""What stands in a claim and not in its evidence: numbers, dates, names, negations, comparatives. No model."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from index.lexical import STOPWORDS, fold, stem, terms

Kind = Literal["number", "date", "name", "negation", "comparative", "subject"]
REASONS: dict[Kind, str] = {
    "number": "number not in the cited entry",
    "date": "date not in the cited entry",
    "name": "name not in the cited entry",
    "negation": "denied in one and not in the other",
    "comparative": "the cited entry says the opposite",
    "subject": "the cited entry does not speak of its subject",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing of a claim that its evidence does not carry."""

    kind: Kind
    what: str

    @property
    def reason(self) -> str:
        """In words, for the answer's `removed`."""
        return f"{REASONS[self.kind]}: {self.what}"


_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth"
_NUMBER_WORDS = {word: float(value) for value, word in enumerate(_UNITS.split())}
_NUMBER_WORDS |= {word: float(10 * place) for place, word in enumerate(_TENS.split(), start=2)}
_NUMBER_WORDS |= {"dozen": 12.0, "half": 0.5, "once": 1.0, "twice": 2.0, "hundred": 100.0}
_ORDINAL_WORDS = {word: float(value) for value, word in enumerate(_ORDINALS.split(), start=1)}
_SCALES = {"thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9, "b": 1e9, "trillion": 1e12}
_SCALES |= {"hundred": 1e2}
_NUMBER = re.compile(
    r"(?<![\w.])(?<![^\W\d_]-)(?<!\d{4}[-–])(\d[\d,]*(?:\.\d+)?|\.\d+)(?:\s?(?:-\s?)?(thousand|million|billion|trillion|hundred|bn|[kmb])\b)?(st|nd|rd|th)?",
    re.IGNORECASE,
)
_IN_WORDS = re.compile(
    rf"\b(?:({_TENS.replace(' ', '|')})(?:-|\s)({'|'.join(_UNITS.split()[1:10])})|({'|'.join([*_NUMBER_WORDS, *_ORDINAL_WORDS])}))"
    r"(?:\s(thousand|million|billion|trillion|hundred))?\b",
    re.IGNORECASE,
)
_COMMON_WORDS = frozenset({"one", "first", "second", "half", "once", "zero"})
"""Number words that often count nothing; they are looked for in evidence but never demanded."""
_MONTHS = "january february march april may june july august september october november december".split()
_SHORT_MONTHS = {month[:3]: month for month in _MONTHS} | {"sept": "september"}
_DAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())
_MONTH = re.compile(
    r"\b(January|February|March|April|May(?=\s\d)|(?<=\d\s)May|(?<=[Ii]n\s)May|June|July|August|September|October|November|December|"
    r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)(?!\w)"
)
_ISO = re.compile(r"\b(\d{4})-(\d\d)(?:-(\d\d))?\b")
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
_LONGEST_NAME = 8
"""Words; a longer run of capitals is a heading, not a name with initials."""
_LONGEST_CLAIM = 2_000
"""Characters of a claim that are looked at: bounds the time for hostile ones."""
_OF_PLACE = re.compile(r"(?:ian|ean|an|ese|ish|i|n)s?$")
_SENTENCE_START = re.compile(r"(?:[.!?:]\s+|[\"“(]\s*)$")
_NEAR = 0.5
"""Share of a claim's words that a sentence must hold before its negations and comparatives are compared."""


@lru_cache(maxsize=1)
def _opposites() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for family in _OPPOSITES.split():
        for word in family.split("/"):
            table.setdefault(word, set()).update(other for other in family.split("/") if other != word)
    # "fewer" and "smaller" stand in several families; what is an opposite of "more" is none of "less".
    return {
        word: frozenset(others - ({"less", "fewer"} if word in {"less", "fewer"} else set()))
        for word, others in table.items()
    }


def numbers(text: str) -> dict[float, str]:
    """The values of the numbers of a text, digits and words alike, each as it is written."""
    found: dict[float, str] = {}
    for match in _NUMBER.finditer(text):
        value = float(match[1].replace(",", "") or 0)
        found.setdefault(value, match.group().strip())
        if match[2]:
            found[value * _SCALES[match[2].lower()]] = match.group()
            del found[value]
    for match in _IN_WORDS.finditer(text):
        if match[1]:
            value = _NUMBER_WORDS[match[1].lower()] + _NUMBER_WORDS[match[2].lower()]
        else:
            word = match[3].lower()
            value = _NUMBER_WORDS.get(word, _ORDINAL_WORDS.get(word, 0.0))
        found.setdefault(value * _SCALES[match[4].lower()] if match[4] else value, match.group())
    return found


def months(text: str) -> set[str]:
    """The months and weekdays named, ISO dates read as well."""
    found = {
        _SHORT_MONTHS.get(match[1].lower().rstrip(".")[:4], _SHORT_MONTHS.get(match[1].lower()[:3], ""))
        for match in _MONTH.finditer(text)
    }
    found |= {_MONTHS[int(match[2]) - 1] for match in _ISO.finditer(text) if 1 <= int(match[2]) <= 12}
    return (found | {day for day in _DAYS if re.search(rf"\b{day}\b", text, re.IGNORECASE)}) - {""}


def _names(text: str) -> list[str]:
    """Words written as names; the first of a sentence too, unless it is an ordinary opening."""
    found = []
    words = list(_WORD.finditer(text))
    for place, match in enumerate(words):
        word = match.group()
        inside = any(character.isupper() for character in word[1:])
        if not (word[0].isupper() or inside) or _MONTH.match(word) or word.lower() in _DAYS:
            continue
        at_start = (
            _SENTENCE_START.search(text[max(0, match.start() - 8) : match.start()]) is not None
            if match.start()
            else True
        )
        if at_start and not inside:
            following = words[place + 1].group() if place + 1 < len(words) else ""
            ordinary = word.lower() in STOPWORDS or word.lower() in _OPENINGS or word.lower() in _NUMBER_WORDS
            # "Google released": the first word is the subject of a verb. "Early tests showed": it is not.
            if ordinary or not (following[:1].isupper() or _VERB.fullmatch(following)):
                continue
        found.append(word)
    return found


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
    """What a claim says that its evidence, a list of sentences, does not; an empty list proves nothing.

    Args:
        claim: One sentence.
        evidence: Sentences or texts, the title and the date of the entry among them.
        subject: What a pronoun at the start of the claim refers to: the sentence before, or the question.
    """
    claim = claim[:_LONGEST_CLAIM]
    whole = "\n".join(evidence)
    found = [*_numbers_and_dates(claim, whole), *_missing_names(claim, whole)]
    if (pronoun := _PRONOUN.match(claim)) and subject:
        meant = _names(subject)
        words = _spelled(whole)
        if meant and not any(_carried(word, words, whole) for word in meant):
            found.append(Fault("subject", pronoun[1]))
    return [*found, *_turned(claim, evidence)]


def _numbers_and_dates(claim: str, whole: str) -> list[Fault]:
    found = []
    there = numbers(whole)
    for match in _ISO.finditer(whole):
        there |= {float(part): part for part in match.groups() if part}
    for value, written in numbers(_ISO.sub(" ", claim)).items():
        if written.lower() in _COMMON_WORDS or any(abs(value - one) <= 1e-9 * max(1.0, abs(one)) for one in there):
            continue
        found.append(Fault("number", written))
    return found + [Fault("date", month.capitalize()) for month in sorted(months(claim) - months(whole))]


def _missing_names(claim: str, whole: str) -> list[Fault]:
    words = _spelled(whole)
    short = _shortened(claim, whole)
    return [
        Fault("name", word)
        for word in dict.fromkeys(_names(claim))
        if word not in short and not _carried(word, words, whole)
    ]


def _shortened(claim: str, whole: str) -> set[str]:
    """Words of names that stand in the evidence by their initials: "United States" for "U.S."."""
    letters = set(re.findall(r"\b[A-Z]{2,}\b", re.sub(r"(?<=\b[A-Z])\.", "", whole)))
    found: set[str] = set()
    for run in _RUN.findall(claim):
        parts = run.split()
        for begin in range(len(parts)):
            for end in range(begin + 2, min(begin + _LONGEST_NAME, len(parts)) + 1):
                if "".join(part[0] for part in parts[begin:end]) in letters:
                    found.update(parts[begin:end])
    return found


def _spelled(text: str) -> frozenset[str]:
    return frozenset(terms(text, stopwords=frozenset()))


def _carried(name: str, words: frozenset[str], whole: str) -> bool:
    # Of "AI-driven" only "AI" is a name.
    named = (
        [part for part in re.split(r"[-–/]", name) if part != part.lower()] if "-" in name or "–" in name else [name]
    )
    parts = terms(" ".join(named), stopwords=frozenset())
    if all(part in words for part in parts) or fold(name) in fold(whole):
        return True
    root = _OF_PLACE.sub("", fold(name))  # "Libyan" where Libya is spoken of
    if len(root) >= 4 and re.search(rf"\b{re.escape(root)}\w{{0,3}}\b", fold(whole)):
        return True
    letters = re.sub(r"[^A-Z]", "", name)
    if len(letters) >= 2 and len(letters) >= len(name.rstrip("s")) - 1:  # "RLHF" for the words it is short for
        initials = "".join(word[0] for word in re.findall(r"[A-Za-z][a-z]*", whole)).upper()
        return letters in initials
    return False


def _turned(claim: str, evidence: Sequence[str]) -> list[Fault]:
    """Negations and comparatives, against the sentence that is nearest to the claim."""
    said = set(terms(claim))
    if not said or not evidence:
        return []
    nearest = max(evidence, key=lambda one: len(said & set(terms(one))) / (len(said) + 0.2 * len(set(terms(one)))))
    if len(said & set(terms(nearest))) < _NEAR * len(said):
        return []
    found = []
    denied, denying = _NEGATION.findall(claim), _NEGATION.findall(nearest)
    if denied and not denying:
        found.append(Fault("negation", denied[0]))
    elif denying and not denied and any(_near_words(nearest, one, said) for one in _NEGATION.finditer(nearest)):
        found.append(Fault("negation", denying[0]))
    words, others = _lower(claim), _lower(nearest)
    everywhere = _lower(" ".join(evidence))
    for word in words & _opposites().keys():
        against = _opposites()[word] & others
        if against and word not in everywhere:
            found.append(Fault("comparative", word))
    return found


def _near_words(text: str, negation: re.Match[str], said: set[str]) -> bool:
    """Whether what a negation denies is what the claim says: one of the next two words with meaning is in it."""
    following = [
        stem(word)
        for word in re.findall(r"\w+", text[negation.end() : negation.end() + 60].lower())
        if word not in STOPWORDS
    ]
    return any(word in said for word in following[:2])


def _lower(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower()))
