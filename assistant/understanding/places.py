"""Finds countries and regions in a question, by their names and adjectives."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_FORMS: tuple[tuple[str, str], ...] = (
    ("the EU", r"(?:the )?(?:EU|E\.U\.|European Union)|Europe|European"),
    ("the US", r"(?:the )?(?:USA|U\.S\.A?\.?|United States(?: of America)?)|(?<![a-z])US(?![a-z])|the us\b|america|american|the states"),
    ("the UK", r"(?:the )?(?:UK|U\.K\.|United Kingdom)|(?:Great )?Britain|British|England"),
    ("China", r"China|Chinese"),
    ("India", r"India|Indian"),
    ("Japan", r"Japan|Japanese"),
    ("South Korea", r"(?:South )?Korean?"),
    ("Canada", r"Canada|Canadian"),
    ("Australia", r"Australian?"),
    ("Brazil", r"Brazil(?:ian)?"),
    ("Mexico", r"Mexic(?:o|an)"),
    ("Germany", r"Germany?"),
    ("France", r"France|French"),
    ("Italy", r"Italy|Italian"),
    ("Spain", r"Spain|Spanish"),
    ("Switzerland", r"Switzerland|Swiss"),
    ("the Netherlands", r"(?:the )?Netherlands|Dutch"),
    ("Russia", r"Russian?"),
    ("Ukraine", r"Ukrain(?:e|ian)"),
    ("Israel", r"Israeli?"),
    ("Singapore", r"Singapore"),
    ("Taiwan", r"Taiwan(?:ese)?"),
    ("South Africa", r"South African?"),
    ("Saudi Arabia", r"Saudi Arabian?"),
    ("the UAE", r"(?:the )?(?:UAE|United Arab Emirates)"),
    ("California", r"Californian?"),
    ("New York", r"New York(?! Times)"),
    ("Texas", r"Texas|Texan"),
)  # fmt: skip
_PLACE = re.compile("|".join(rf"(?P<p{n}>\b(?:{forms})(?!\w))" for n, (_, forms) in enumerate(_FORMS)))
_ANY_CASE = re.compile(_PLACE.pattern.replace(r"(?<![a-z])US(?![a-z])", r"(?<![a-zA-Z])US(?![a-zA-Z])"), re.IGNORECASE)
_US_AS_PRONOUN = re.compile(r"(?<!the )\bus\b")


@dataclass(frozen=True, slots=True)
class Place:
    """A country or region in a text: its name with an article, if it has one, and its range of characters."""

    name: str
    start: int
    end: int

    @property
    def bare(self) -> str:
        """The name without its article."""
        return self.name.removeprefix("the ")


def find(text: str) -> list[Place]:
    """Return the places named in a text, in order; "us" is one only with an article or in capitals."""
    masked = _US_AS_PRONOUN.sub("##", text)
    return [
        Place(_FORMS[int((match.lastgroup or "p0")[1:])][0], match.start(), match.end())
        for match in _ANY_CASE.finditer(masked)
    ]


def is_of(topic: str, place: Place) -> bool:
    """Whether a topic has a place in its name: `eu-policy`."""
    return topic.split("-", maxsplit=1)[0].casefold() == place.bare.casefold()


def topic_of(place: Place, topics: Iterable[str]) -> str | None:
    """Return the first topic with a place in its name."""
    return next((topic for topic in topics if is_of(topic, place)), None)
