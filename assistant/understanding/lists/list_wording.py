"""Separates what a request for entries says besides the entries: their order, what to leave out, where to go on.

Also removes words that restrict nothing. In a catalogue about birds, "in the world of birds" fits every entry; which words
those are is counted in the catalogue.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from index import deadline
from index.catalogue import Catalogue
from index.lexical import fold, terms

from .entry_request import Order

COMMON_SHARE = 0.4
"""A word in at least this share of the entries, also as part of a name, is what the whole catalogue is about."""
_SORTED = r"(?:[,;] ?| )(?:and |but )?+\(?+(?:please )?+(?:(?:sort(?:ed)?|order(?:ed)?|list(?:ed)?|ranked|rank|arranged?|put|shown?) (?:them |it |these )?+)?+"
_OF_LIST = r"(?: ones?| entry| entries| events?)?+"
_ORDERS: tuple[tuple[Order, re.Pattern[str]], ...] = (
    ("oldest", re.compile(
        rf"{_SORTED}(?:(?:by |in |with |from )?+(?:the )?+(?:(?:oldest|earliest){_OF_LIST}(?: first| at the top| on top| to (?:the )?(?:newest|latest))|chronological(?:ly| order)|order of time|ascending(?: order)?)"
        rf"|(?:starting|beginning) (?:with|from|at) (?:the )?+(?:oldest|earliest|first){_OF_LIST})\)?(?:,? please)?$", re.IGNORECASE)),
    ("newest", re.compile(
        rf"{_SORTED}(?:(?:by |in |with |from )?+(?:the )?+(?:(?:newest|latest|most recent){_OF_LIST}(?: first| at the top| on top| to (?:the )?(?:oldest|earliest))|reverse chronological order|(?<=by )(?:date|recency)|"
        rf"descending(?: order)?)|(?:starting|beginning) (?:with|from|at) (?:the )?+(?:newest|latest|most recent){_OF_LIST})\)?(?:,? please)?$", re.IGNORECASE)),
    ("importance", re.compile(
        rf"{_SORTED}(?:(?:by |in |with |from )?+(?:the )?+(?:(?:most important|biggest|major){_OF_LIST}(?: first| at the top| on top)|order of importance|(?<=by )(?:importance|relevance|significance))"
        rf"|(?:starting|beginning) (?:with|from|at) (?:the )?+(?:most important|biggest){_OF_LIST})\)?(?:,? please)?$", re.IGNORECASE)),
)  # fmt: skip
_EXCEPT = re.compile(
    r"(?:,|;|\bbut)?\s*\b(?:without|excluding|except(?:\s+for)?|other\s+than|apart\s+from|leaving\s+out|not\s+counting|minus|but\s+not|that\s+are\s+not|not)"
    r"\s+(?:(?:the|any|those|all)\s+)*(?:(?:ones?|events?|entries|papers?|things?)\s+)?(?:(?:of|by|from|about|on|involving|regarding|with)\s+)?(?:the\s+)?"
    r"(?P<left>[^,;]{2,80}?)(?=,|;|\s+(?:in|since|before|after|until|from|between)\s+(?:\w+\s+)?\d{4}|$)",
    re.IGNORECASE,
)
_AFTER_FIRST = re.compile(
    r",?\s*(?:after the first|from number|starting (?:at|from) number)\s+(?P<n>\d{1,4})(?:\s+on)?$", re.IGNORECASE
)
_CONTRACTED = re.compile(r"^(what)s\b", re.IGNORECASE)
_INVERTED = re.compile(
    r"^(?:which|what) (\w+(?: \w+)?) (?:is|are|was|were) (?:the )?(?:very )?(oldest|newest|latest|earliest|first|most recent)\b(.*)$",
    re.IGNORECASE,
)
"""The pattern of "which event is the oldest"."""
_FURTHER = ", further entries"
_ALL = 1_000_000
_RECENTLY = re.compile(
    r",?\s*\b(?:recently|lately|these days|at the moment|right now|nowadays|currently)\b", re.IGNORECASE
)
_AREA = (
    r"(?:world|field|area|domain|space|realm|land|sector|industry|scene|landscape|community|universe|research field)"
)
_BEFORE_NOUN = (
    r"news|events?|entries|developments?|announcements?|incidents?|updates?|stories|headlines|milestones|highlights|breakthroughs|things?|releases?|"
    r"launches|models?|systems?|products?|companies|labs|papers?|laws?|rules?|lawsuits?|papers"
)


@dataclass(frozen=True, slots=True)
class Wording:
    """A request for entries without the parts that this module has parsed."""

    text: str
    order: Order | None = None
    left_out: str = ""
    """What the entries must not be about."""
    skip: int = 0
    recently: bool = False


class Wordings:
    """Reads the wording of requests over one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._subjects = _subject_words(catalogue)
        self.subject_terms = frozenset(word for subject in self._subjects for word in terms(subject))
        """Index terms of what the whole catalogue is about."""
        subject = "|".join(
            re.escape(word).replace(r"\ ", r"\s+")
            for word in (*_long_forms(catalogue, self._subjects), *self._subjects)
        )
        self._general = re.compile(
            rf"\s*\b(?:in|about|on|for|within|across|around|from|of|regarding)\s+(?:(?:the|whole|wide)\s+)*(?:{_AREA}\s+of\s+)?(?:the\s+)?(?:{subject})"
            rf"(?:\s+{_AREA})?(?=\s*[,?.!]|\s+(?:in|since|before|after|until|between|during|this|last|today|on|from|over|happened|that|by|at|with|published|released)\b|\s*$)",
            re.IGNORECASE,
        ) if subject else None  # fmt: skip
        self._adjective = (
            re.compile(rf"\b(?:{subject})[ -](?=(?:{_BEFORE_NOUN})\b)", re.IGNORECASE) if subject else None
        )

    def read(self, question: str) -> Wording:
        """Return a question without the parts that restrict nothing, and those that give an order or leave something out."""
        text = _INVERTED.sub(r"the \2 \1\3", _CONTRACTED.sub(r"\1's", " ".join(question.split()).rstrip(" ?.!")))
        skip = 0
        if text.endswith(_FURTHER):
            skip, text = _ALL, text.removesuffix(_FURTHER)
        if match := _AFTER_FIRST.search(text):
            skip, text = int(match["n"]), text[: match.start()]
        text, order = _without_order(text)
        left_out = ""
        if (match := _EXCEPT.search(text)) and match.start() > 0:
            left_out, text = match["left"].strip(), f"{text[: match.start()]}{text[match.end() :]}"
            text, order = (text, order) if order else _without_order(text)
        text = self._without_subject(text)
        recent = _RECENTLY.search(text)
        if recent:
            text = f"{text[: recent.start()]}{text[recent.end() :]}"
        return Wording(" ".join(text.split()).rstrip(" ,;"), order, left_out, skip, recent is not None)

    def _without_subject(self, text: str) -> str:
        if self._general is None or self._adjective is None:
            return text
        return self._adjective.sub("", self._general.sub("", text))


def _without_order(text: str) -> tuple[str, Order | None]:
    for order, pattern in _ORDERS:
        match = pattern.search(text)
        if match and match.start() > 0:
            return text[: match.start()], order
    return text, None


def _subject_words(catalogue: Catalogue) -> tuple[str, ...]:
    """Acronyms and words, in lower case, that at least `COMMON_SHARE` of the entries have in their title or lead as a word of its own.

    Only acronyms: a common word such as "model" tells what an entry is about even if it is frequent.
    """
    found: dict[str, int] = {}
    with deadline.lifted():
        for entry in catalogue.entries:
            for word in set(re.findall(r"(?<![\w-])[A-Z]{2,5}(?![\w-])", "\n".join(entry.texts().values()))):
                found[word] = found.get(word, 0) + 1
    return tuple(
        fold(word)
        for word, count in found.items()
        if count >= COMMON_SHARE * len(catalogue.entries) and len(catalogue.entries) > 1
    )


def _long_forms(catalogue: Catalogue, acronyms: Sequence[str]) -> list[str]:
    """The most frequent words with the initials of each acronym: "artificial intelligence"."""
    found = []
    for acronym in acronyms:
        words = r"\s+".join(rf"{letter}[a-z]{{3,}}" for letter in acronym)
        texts = "\n".join(text for entry in catalogue.entries for text in entry.texts().values())
        counts = Counter(" ".join(match.lower().split()) for match in re.findall(rf"\b{words}\b", texts, re.IGNORECASE))
        found += [phrase for phrase, _ in counts.most_common(1)]
    return found
