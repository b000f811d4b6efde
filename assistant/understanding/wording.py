"""Undoes how a message is typed before it is understood: words in capitals, names that no text uses, several sentences."""

import re
from collections.abc import Callable

from index.catalogue import Catalogue
from index.lexical import fold

_SHOUTED = re.compile(r"[A-Z]{2,}(?:[ ,]+[A-Z]{2,})+")
_BETWEEN = re.compile(r"(?<=[.!?])\s+(?=\w)")
"""Between two sentences of a message; people start them with a small letter as well."""
_LONGEST_ACRONYM = 5
_QUESTION_WORDS = "who|whos|what|whats|when|where|which|why|how"
_AUXILIARIES = "is|are|was|were|do|does|did|can|could|will|would|has|have"
_ASKING = f"{_QUESTION_WORDS}|{_AUXILIARIES}"
"""Words that begin a question."""
_AND_ASKS = re.compile(
    rf"(?:[,;?.]\s*(?:and|but|so|or)?|\b(?:and|but))\s+(?=(?:{_ASKING}|whose|had)\b)",
    re.IGNORECASE,
)
_HAS_ASKED = re.compile(
    rf"\b(?:{_QUESTION_WORDS}|explain|tell)\b|^\W*(?:(?:so|and|but|ok|okay|hi|hey|hello)\W+)?(?:{_AUXILIARIES})\b|\?",
    re.IGNORECASE,
)
"""An auxiliary verb asks only at the start: "I was a nurse. Can these programs …" asks one thing."""
_SHORTEST_HALF = 3
"""Words of each of two questions in one message."""
_ASKS = re.compile(rf"\W*(?:{_ASKING}|explain|tell|list|show|compare|summari[sz]e)\b", re.IGNORECASE)


def in_lower_case(text: str, name: Callable[[str], object]) -> str:
    """Return a text with words in lower case that were typed in capitals to be loud: "AI KILLER DRONES".

    Only runs of capitals with a word longer than an acronym change, and in them no word for which `name` finds a name.
    """

    def lowered(match: re.Match[str]) -> str:
        run = match.group()
        words = re.findall(r"[A-Z]+", run)
        if max(map(len, words)) <= _LONGEST_ACRONYM:
            return run
        return re.sub(r"[A-Z]+", lambda word: word.group() if name(word.group()) else word.group().lower(), run)

    return _SHOUTED.sub(lowered, text)


class OtherNames:
    """The aliases of the organisations of one catalogue, and how its texts use them."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.organisations = {other: name for other, name in catalogue.organisation_of.items() if other != name}
        """By alias, the organisation."""
        acronyms = {other: fold(other) for other in self.organisations if other.isalpha() and other.isupper()}
        self.common: set[str] = set()
        """The acronyms that the texts use as a common word, in small letters: "FAIR"."""
        used: set[str] = set()
        for entry in catalogue.entries if self.organisations else ():
            text = "\n".join(entry.texts().values())
            used.update(other for other in self.organisations.keys() - used if other in text)
            for other, word in acronyms.items():
                if word in text and re.search(rf"(?<![\w.]){word}(?!\w|\.\w)", text):
                    self.common.add(other)
        unused = self.organisations.keys() - used - self.common
        self._unused = {fold(other): self.organisations[other] for other in unused}
        # "US Department of Justice" stays as it is, although "Department of Justice" is an alias of it.
        longer = {name for name in catalogue.organisation_of if any(other in name for other in unused)}
        forms = (
            re.escape(name) if name in acronyms else f"(?i:{re.escape(name)})"
            for name in sorted(unused | longer, key=len, reverse=True)
        )
        self._pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(forms)})(?![\w-])") if unused else None

    def spelled_out(self, text: str) -> str:
        """Return a text with the organisation in the place of each alias that no text of the catalogue uses.

        A search by words would not find "GDM" in texts that say "Google DeepMind".
        """
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda match: self._unused.get(fold(match.group()), match.group()), text)


def last_question(text: str) -> str | None:
    """Return the last sentence of a message if it is a question after other sentences, else None.

    "I keep hearing Claude. Who is Claude?" asks who Claude is.
    """
    sentences = _BETWEEN.split(text.strip())
    return sentences[-1] if len(sentences) > 1 and _ASKS.match(sentences[-1]) else None


def halves(text: str) -> tuple[str, str] | None:
    """Return the two questions of a text that asks two things, else None.

    "who is Sam Altman and why was he fired" asks who he is, and why he was fired.
    """
    for match in _AND_ASKS.finditer(text):
        first, second = text[: match.start()].strip(" ,;"), text[match.end() :].strip()
        if len(first.split()) >= _SHORTEST_HALF and len(second.split()) >= _SHORTEST_HALF and _HAS_ASKED.search(first):
            return first, second
    return None
