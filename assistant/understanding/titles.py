"""Finds the entries that a name refers to, using their titles; keeps versions and variants apart.

"Quiet-5" is the entry titled "Quiet-5", not "Quiet-5.1" and not "Quiet-5 mini". Case, punctuation, accents and a
leading article do not matter. Events whose whole title is the name come first, then those whose title contains more:
"Quiet-5: a new model", "Brindle (Sparse Maps at Scale)", "Heron Labs releases Quiet-5".
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from index.catalogue import Catalogue
from index.lexical import STOPWORDS, fold
from index.models import AnyEntry, Event

Name = tuple[str, ...]
"""A name in the form used for comparison: folded words, versions as one word ("5.1"), no leading article."""

LONGEST = 12
"""Maximum number of words in a name that is looked up."""
COMMON = 60
"""Maximum number of titles with the same word; a word in more titles does not identify one thing."""
WHOLE, HEAD, WITHIN = 0, 1, 2
"""How a title contains a name: as the whole title, as the part before a colon or bracket, or elsewhere."""

_WORD = re.compile(r"\d++(?:\.\d++)*+|[^\W\d_]++|(?<=[^\W_])[+#]++|&")
_POSSESSIVE = re.compile(r"(?<=\w)['’]s?(?!\w)")
_ARTICLES = frozenset({"the", "a", "an"})
_BRACKET = re.compile(r" ?\([^()]*+\)")
_IN_BRACKETS = re.compile(r"\(([A-Z][^()]{1,200})\)")
_HEAD_END = re.compile(r":\s|\s[—–-]\s")
_VERB = re.compile(r"[^\W\d_]{2,}(?:ed|[^suia]s|ing)")
"""A word that may follow a name without being part of it: "releases", "launched", but not "plus"."""
_NOT_VERBS = frozenset("pulse express labs systems".split())


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: its form for comparison, its spelling in the text, its offsets, and whether it looks like a name."""

    text: str
    said: str
    start: int
    end: int
    is_proper: bool


# The cache is small: a long text has hundreds of words, and each full garbage collection visits every cached word.
@lru_cache(maxsize=64)
def words_of(text: str) -> tuple[Word, ...]:
    """Return the words of a text in order, without an "'s" at the end of a word."""
    gone = {at for match in _POSSESSIVE.finditer(text) for at in range(*match.span())}
    found = []
    for match in _WORD.finditer(text):
        if match.start() in gone:
            continue
        said = match.group()
        proper = said[0].isupper() or said[0].isdigit()
        found.append(Word("and" if said == "&" else fold(said), said, match.start(), match.end(), proper))
    return tuple(found)


def name_of(text: str) -> Name:
    """Return a text in the form used to compare names."""
    return bare([word.text for word in words_of(text)])


def bare(words: Sequence[str]) -> Name:
    """Return the words without a leading article, unless the article is the only word."""
    return tuple(words[1:] if len(words) > 1 and words[0] in _ARTICLES else words)


def places_of(name: Name, words: Sequence[str]) -> Iterator[int]:
    """Yield the positions at which the words of a name occur, in sequence."""
    return (at for at in range(len(words) - len(name) + 1) if tuple(words[at : at + len(name)]) == name)


class Titles:
    """Looks up the events of one catalogue by the names in their titles."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._events = [entry for entry in catalogue.entries if isinstance(entry, Event)]

    @cached_property
    def _forms(self) -> dict[Name, dict[int, list[Event]]]:
        """Events by name: those with exactly that title, and those with the name as part of their title."""
        found: dict[Name, dict[int, list[Event]]] = defaultdict(lambda: defaultdict(list))
        for entry in self._events:
            whole = name_of(entry.title)
            if whole:
                found[whole][WHOLE].append(entry)
            for form in {name_of(text) for text in _heads(entry.title)} - {whole, ()}:
                found[form][HEAD].append(entry)
        return found

    @cached_property
    def _titles_by_word(self) -> dict[str, list[tuple[tuple[Word, ...], Event]]]:
        """Events by word: those with the word in their title, each with the words of that title."""
        found: dict[str, list[tuple[tuple[Word, ...], Event]]] = defaultdict(list)
        for entry in self._events:
            words = words_of(entry.title)
            for text in {word.text for word in words}:
                found[text].append((words, entry))
        return found

    def titled(self, name: Name) -> list[tuple[int, list[Event]]]:
        """Return the ways in which titles contain a name, each with its events, the most reliable first."""
        forms = dict(self._forms.get(name, {}))
        known = {entry.id for events in forms.values() for entry in events}
        within = [entry for entry in self._within(name) if entry.id not in known]
        return sorted((forms | ({WITHIN: within} if within else {})).items())

    def named_in(self, words: Sequence[Word]) -> dict[Name, tuple[int, int]]:
        """Return the whole titles among some words, the longest at each position, with the range of the first match."""
        found: dict[Name, tuple[int, int]] = {}
        texts = [word.text for word in words]
        at = 0
        while at < len(words):
            # Whole words only: "4" in "4o" is not a word.
            ends = (end for end in range(min(len(words), at + LONGEST), at, -1) if not runs_on(words, end))
            name = next((span for end in ends if (span := tuple(texts[at:end])) in self._forms), ())
            if WHOLE in self._forms.get(name, ()) and not STOPWORDS.issuperset(name):
                found.setdefault(name, (at, at + len(name)))
            at += len(name) or 1
        return found

    def others_than_named(self, text: str) -> frozenset[str]:
        """Return the ids of events that are variants of the one title in a text: longer names, other versions.

        Empty if the text contains no whole title, or several.
        """
        found = self.named_in(words_of(text))
        if len(found) != 1:
            return frozenset()
        name = next(iter(found))
        family = next((name[:at] for at, word in enumerate(name) if at and word[0].isdigit()), name)
        rarest = min(family, key=lambda word: len(self._titles_by_word.get(word, ())))
        alike = {
            entry.id
            for others, entry in self._titles_by_word.get(rarest, ())
            if next(places_of(family, [word.text for word in others]), None) is not None
        }
        own = {entry.id for entry in (*self._forms[name][WHOLE], *self._within(name))}
        return frozenset(alike - own)

    def _within(self, name: Name) -> Iterator[Event]:
        if not name or len(name) > LONGEST:
            return
        rarest = min(name, key=lambda text: len(self._titles_by_word.get(text, ())))
        titles = self._titles_by_word.get(rarest, [])
        for words, entry in titles if len(titles) <= COMMON else []:
            texts = [word.text for word in words]
            if any(_stands_alone(words, at, at + len(name), entry) for at in places_of(name, texts)):
                yield entry


def _heads(title: str) -> Iterator[str]:
    """Yield the names in a title: the part before a colon, a dash or a bracket, and the text in brackets."""
    plain = _BRACKET.sub("", title)
    yield plain
    for text in (title, plain):
        end = _HEAD_END.search(text)
        if end:
            yield text[: end.start()]
    yield from _IN_BRACKETS.findall(title)


def runs_on(words: Sequence[Word], end: int) -> bool:
    """Whether two adjacent words have nothing between them, as in "4o"."""
    return 0 < end < len(words) and words[end - 1].end == words[end].start


def _stands_alone(words: Sequence[Word], start: int, end: int, entry: AnyEntry) -> bool:
    """Whether the words at a position are a whole name, not the start or end of a longer one."""
    if not (words[start].is_proper and words[end - 1].is_proper):
        return False
    title = entry.title
    if end < len(words):
        gap = title[words[end - 1].end : words[end].start]
        if gap in {"", "-", "."} or not (_separates(gap) or _is_outside_name(words[end])):
            return False
    if start == 0:
        return True
    before = words[start - 1]
    gap = title[before.end : words[start].start]
    return _separates(gap) or _is_outside_name(before) or _is_owner(words[:start], entry)


def _separates(gap: str) -> bool:
    """Whether the text between two words separates them: a comma, a colon, a bracket or an "'s"."""
    return any(sign in gap for sign in ",;:()“”\"—–?!|'’") or gap.startswith(". ")


def _is_outside_name(word: Word) -> bool:
    """Whether a word next to a name is not part of it: "of", "releases", "launched"."""
    if word.text in STOPWORDS:
        return True
    return _VERB.fullmatch(word.text) is not None and word.text not in _NOT_VERBS


def _is_owner(before: Sequence[Word], entry: AnyEntry) -> bool:
    """Whether the words before a name in a title are its maker: "Heron Labs Quiet-5"."""
    texts = [word.text for word in before]
    makers = [*entry.organisations, getattr(entry, "source", None) or ""]
    return any(maker and tuple(texts[-len(maker) :]) == maker for maker in map(name_of, makers))
