"""Reads the numbers, months and weekdays in a text, whether they are written in digits or in words."""

import re

_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth"
NUMBER_WORDS = {word: float(value) for value, word in enumerate(_UNITS.split())}
NUMBER_WORDS |= {word: float(10 * place) for place, word in enumerate(_TENS.split(), start=2)}
NUMBER_WORDS |= {"dozen": 12.0, "half": 0.5, "once": 1.0, "twice": 2.0, "hundred": 100.0}
_ORDINAL_WORDS = {word: float(value) for value, word in enumerate(_ORDINALS.split(), start=1)}
_SCALES = {"thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9, "b": 1e9, "trillion": 1e12}
_SCALES |= {"hundred": 1e2}
_NUMBER = re.compile(
    r"(?<![\w.])(?<![^\W\d_]-)(?<!\d{4}[-–])(\d[\d,]*(?:\.\d+)?|\.\d+)(?:\s?(?:-\s?)?(thousand|million|billion|trillion|hundred|bn|[kmb])\b)?(st|nd|rd|th)?",
    re.IGNORECASE,
)
_IN_WORDS = re.compile(
    rf"\b(?:({_TENS.replace(' ', '|')})(?:-|\s)({'|'.join(_UNITS.split()[1:10])})|({'|'.join([*NUMBER_WORDS, *_ORDINAL_WORDS])}))"
    r"(?:\s(thousand|million|billion|trillion|hundred))?\b",
    re.IGNORECASE,
)
UNCOUNTED_WORDS = frozenset({"one", "first", "second", "half", "once", "zero"})
"""Number words that often count nothing: they count in evidence, but a claim may use them freely."""
_MONTHS = "january february march april may june july august september october november december".split()
_SHORT_MONTHS = {month[:3]: month for month in _MONTHS} | {"sept": "september"}
DAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())
MONTH_NAME = re.compile(
    r"\b(January|February|March|April|May(?=\s\d)|(?<=\d\s)May|(?<=[Ii]n\s)May|June|July|August|September|October|November|December|"
    r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)(?!\w)"
)
ISO_DATE = re.compile(r"\b(\d{4})-(\d\d)(?:-(\d\d))?\b")


def numbers(text: str) -> dict[float, str]:
    """The values of the numbers in a text, in digits or in words, each with its text."""
    found: dict[float, str] = {}
    for match in _NUMBER.finditer(text):
        value = float(match[1].replace(",", "") or 0)
        found.setdefault(value, match.group().strip())
        if match[2]:
            found[value * _SCALES[match[2].lower()]] = match.group()
            del found[value]
    for match in _IN_WORDS.finditer(text):
        if match[1]:
            value = NUMBER_WORDS[match[1].lower()] + NUMBER_WORDS[match[2].lower()]
        else:
            word = match[3].lower()
            value = NUMBER_WORDS.get(word, _ORDINAL_WORDS.get(word, 0.0))
        found.setdefault(value * _SCALES[match[4].lower()] if match[4] else value, match.group())
    return found


def months(text: str) -> set[str]:
    """The months and weekdays in a text; an ISO date counts as its month."""
    names = {
        _SHORT_MONTHS.get(match[1].lower().rstrip(".")[:4], _SHORT_MONTHS.get(match[1].lower()[:3], ""))
        for match in MONTH_NAME.finditer(text)
    }
    names |= {_MONTHS[int(match[2]) - 1] for match in ISO_DATE.finditer(text) if 1 <= int(match[2]) <= 12}
    return (names | {day for day in DAYS if re.search(rf"\b{day}\b", text, re.IGNORECASE)}) - {""}
