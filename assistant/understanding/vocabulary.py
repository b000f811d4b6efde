"""The names in a catalogue: titles, organisations, topics, glossary terms, and the names in its texts.

All names come from the catalogue, so this works for any catalogue; the code has no list of names from any subject area.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from index import dates, deadline
from index.catalogue import Catalogue
from index.lexical import STOPWORDS, fold, stem, terms
from index.models import AnyEntry, Guide

from .wording import OtherNames

_WORD = r"[\w’'&+]+(?:[-./][\w’'&+]+)*"
_CAPITAL = re.compile(rf"(?<![\w.-])(?=[A-Z0-9ÀÖØ-Þ])({_WORD}(?:\s+(?=[A-Z0-9ÀÖØ-Þ]){_WORD})*)")
_INITIALS = re.compile(r"\(([A-Za-z][A-Za-z0-9-]{1,9})\)")
_DATE = re.compile(rf"(?:\d{{1,2}}\s+)?(?:{'|'.join(dates.MONTHS)})(?:\s+\d{{1,4}})*")
_SMALL = re.compile(r"(?<!\w)[a-z]+(?!\w)")
_SENTENCE_START = re.compile(r"(?:^|[.!?:]\s+|[\n“\"(])\s*$")

_LONGEST_CACHED = 2_000
"""Maximum number of characters of a text whose names are cached."""

_FIELD_WEIGHT = 3
"""How much an entry counts for the name of an organisation in its fields; a mention in a text counts 1, a title 10."""
Key = tuple[str, ...]


class NameRank(IntEnum):
    """Where a name in the catalogue comes from, the most reliable source first."""

    DEFINED = 0
    """A glossary term, or the title of a guide."""
    TITLE = 1
    """The title of an event or a reading path."""
    ORGANISATION = 2
    TOPIC = 3
    MENTIONED = 4
    """A name in running text."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name as the catalogue writes it, and the ids of its entries, the best match first."""

    text: str
    entries: tuple[str, ...]
    rank: NameRank

    @property
    def is_proper(self) -> bool:
        """Whether the name has a capital or a digit, and so is not a common word."""
        return any(character.isupper() or character.isdigit() for character in self.text)


def key_of(text: str) -> Key:
    """Return the form in which names are compared: index terms in order, without the joined forms."""
    return tuple(word for word in terms(text, stopwords=frozenset()) if not _is_joined(word))


def acronyms(catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """Return the acronyms and long forms that a catalogue defines, such as "reward model (RM)".

    Each key is the joined stems of one form; its value lists the other forms.
    """
    found: dict[str, dict[str, None]] = {}
    for entry in catalogue.entries:
        glossary = [term.term for term in entry.terms] if isinstance(entry, Guide) else []
        for text in (*entry.texts().values(), *glossary):
            for match in _INITIALS.finditer(text):
                long = _long_form(text[max(0, match.start() - 120) : match.start()], match[1])
                if long is not None:
                    found.setdefault("".join(key_of(long)), {})[match[1]] = None
                    found.setdefault("".join(key_of(match[1])), {})[long] = None
    return {form: tuple(others) for form, others in found.items()}


def _long_form(before: str, short: str) -> str | None:
    """Return the words before a bracket whose initials match its acronym; words such as "of" may be skipped."""
    letters = [letter for letter in fold(short.removesuffix("s")) if letter.isalnum()]
    if len(letters) < 2 or not any(letter.isupper() for letter in short):
        return None
    words = list(re.finditer(r"[^\W_]+", before))
    at = len(letters) - 1
    for word in reversed(words):
        small = fold(word.group())
        if small in STOPWORDS and at < len(letters) - 1 and small[0] != letters[at]:
            continue
        if small in STOPWORDS or small[0] != letters[at]:
            return None
        at -= 1
        if at < 0:
            return before[word.start() :].strip()
    return None


def _is_joined(word: str) -> bool:
    return any(c.isdigit() for c in word) and any(c.isalpha() for c in word)


def names_in(text: str) -> Iterator[tuple[str, int, bool]]:
    """Yield runs of capitalised or numbered words as (text, start, whether at the start of a sentence)."""
    for match in _CAPITAL.finditer(text):
        at_start = _SENTENCE_START.search(text, max(0, match.start() - 4), match.start()) is not None
        yield match.group().rstrip("’'.-"), match.start(), at_start or match.start() == 0


class Vocabulary:
    """Finds the catalogue's names in a text; the longest match wins."""

    def __init__(self, names: Mapping[Key, Name], spelled_out: Callable[[str], str] = str) -> None:
        self._names = dict(names)
        self.spelled_out = spelled_out
        """Returns a text with the organisation in the place of each alias that no text of the catalogue uses."""
        self._longest = max(map(len, names), default=0)
        self._longest_from: dict[str, int] = {}
        """Number of words in the longest name that starts with a word."""
        for key in names:
            self._longest_from[key[0]] = max(len(key), self._longest_from.get(key[0], 0))
        self._cached = lru_cache(maxsize=256)(self._found)  # the names of one question are needed many times

    @classmethod
    def of(cls, catalogue: Catalogue) -> "Vocabulary":
        """Collect the names of a catalogue."""
        found: dict[Key, tuple[NameRank, str, Counter[str]]] = {}

        def add(text: str, entry: str, rank: NameRank, weight: int) -> None:
            key = key_of(text)
            if not key or (len(key) == 1 and (key[0] in STOPWORDS or key[0].isdigit() or len(key[0]) < 2)):
                return
            if key not in found or rank < found[key][0]:
                found[key] = (rank, text, found[key][2] if key in found else Counter())
            found[key][2][entry] += weight

        for entry in catalogue.entries:
            for text, rank, weight in _own_names(entry):
                add(text, entry.id, rank, weight)
            for text in entry.organisations:
                add(text, entry.id, NameRank.ORGANISATION, _FIELD_WEIGHT)
            for text in entry.topics:
                add(text.replace("-", " "), entry.id, NameRank.TOPIC, 2)
        for entry_id, text in _names_in_texts(catalogue):
            add(text, entry_id, NameRank.MENTIONED, 1)
        _add_other_forms(found, acronyms(catalogue))
        other_names = OtherNames(catalogue)
        _add_aliases(found, catalogue, other_names)
        return cls(
            {
                key: Name(text, tuple(name for name, _ in entries.most_common()), rank)
                for key, (rank, text, entries) in found.items()
            },
            other_names.spelled_out,
        )

    def get(self, text: str) -> Name | None:
        """Return the name that equals the whole text; None if there is none."""
        key = key_of(text)
        return self._names.get(key) or self._run_together(key)

    def _run_together(self, words: Key) -> Name | None:
        """Return the name that two words form when written as one: "Deep Mind" for "DeepMind"."""
        if len(words) != 2 or not all(map(str.isalpha, words)) or STOPWORDS.intersection(words):
            return None  # "is a" must not match ISA
        return self._names.get((stem("".join(words)),))

    def names_one(self, text: str) -> bool:
        """Whether a name in a text belongs to exactly one entry, so that the text asks about a thing, not a topic."""
        return any(name.is_proper and len(name.entries) == 1 for name in self.find(text))

    def find(self, text: str) -> list[Name]:
        """Return the names in a text in order, the longest at each position, without overlaps."""
        return list(self._cached(text) if len(text) <= _LONGEST_CACHED else self._found(text))

    def proper_names(self, text: str) -> list[Name]:
        """Return the names in a text, without topics and common words."""
        return [name for name in self.find(text) if name.rank != NameRank.TOPIC and name.is_proper]

    def _found(self, text: str) -> tuple[Name, ...]:
        deadline.check()
        words = key_of(text)
        names: list[Name] = []
        at = 0
        while at < len(words):
            # Any two words may be one name "run together", even if no name starts with the first of them.
            longest = min(self._longest, len(words) - at, max(2, self._longest_from.get(words[at], 0)))
            for length in range(longest, 0, -1):
                name = self._names.get(words[at : at + length]) or self._run_together(words[at : at + length])
                if name is not None:
                    names.append(name)
                    at += length
                    break
            else:
                at += 1
        return tuple(dict.fromkeys(names))


def _add_other_forms(found: dict[Key, tuple[NameRank, str, Counter[str]]], forms: Mapping[str, Sequence[str]]) -> None:
    """Add the other forms of each known name, with the same entries."""
    known = {"".join(key): key for key in found}
    for form, others in forms.items():
        for other in others if form in known else ():
            key = key_of(other)
            if key and key not in found:
                rank, _, entries = found[known[form]]
                found[key] = (rank, other, Counter(entries))


def _add_aliases(
    found: dict[Key, tuple[NameRank, str, Counter[str]]], catalogue: Catalogue, aliases: OtherNames
) -> None:
    """Add the aliases of organisations, each with the entries of its organisation and with those that write the alias.

    A common word ("FAIR") is left out: names are compared without case, and "fair" would name the organisation.
    """
    holders: dict[str, Counter[str]] = {}
    for entry in catalogue.entries if aliases.organisations else ():
        for name in entry.organisations:
            holders.setdefault(name, Counter())[entry.id] = _FIELD_WEIGHT
    for other, name in aliases.organisations.items():
        key = key_of(other)
        if key and other not in aliases.common and not STOPWORDS.issuperset(key):
            rank, text, entries = found.get(key, (NameRank.MENTIONED, other, Counter()))
            better = (rank, text) if rank < NameRank.ORGANISATION else (NameRank.ORGANISATION, other)
            found[key] = (*better, entries + holders[name])


def _own_names(entry: AnyEntry) -> Iterator[tuple[str, NameRank, int]]:
    top = NameRank.DEFINED if isinstance(entry, Guide) else NameRank.TITLE
    yield entry.title, top, 10
    bare = re.sub(r"\s*\(.*?\)", "", entry.title)
    if bare != entry.title:
        yield bare, top, 10
    for mark in (":", " — ", " – "):
        head, found, _ = entry.title.partition(mark)
        if found and len(head) > 2:
            yield head, NameRank.TITLE, 8
    for match in _INITIALS.finditer(entry.title):
        yield match[1], top, 8
    if isinstance(entry, Guide):
        for term in entry.terms:
            bare = re.sub(r"\s*\(.*?\)", "", term.term)
            yield bare, NameRank.DEFINED, 6
            for match in _INITIALS.finditer(term.term):
                yield match[1], NameRank.DEFINED, 6


def _names_in_texts(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Yield names in running text, with their entry ids; ignore words capitalised only at the start of a sentence."""
    inside: set[str] = set()
    small: Counter[str] = Counter()
    shouted: Counter[str] = Counter()
    seen: list[tuple[str, str, bool]] = []
    for entry in catalogue.entries:
        for field, text in entry.texts().items():
            if field in {"title", "authors"}:
                continue  # titles capitalise common words; authors are not the subject of an entry
            small.update(stem(fold(match.group())) for match in _SMALL.finditer(text))
            for name, _, at_start in names_in(text):
                seen.append((entry.id, name, at_start))
                if name.isalpha() and name.isupper():
                    shouted[stem(fold(name))] += 1
                if not at_start:
                    inside.add(name.split()[0])
    # "FREE" is emphasis if "free" is more common than "FREE"; "RAG" stays a name even if "rags" occurs.
    loud = {word for word, times in shouted.items() if small[word] > times}
    for entry_id, name, at_start in seen:
        bare = _without_plain_start(name, small, inside if at_start else None)
        if bare and not bare.isdigit() and _tells(bare, loud):
            yield entry_id, bare


def _tells(name: str, loud: Collection[str]) -> bool:
    """Whether a name has a word other than stop words ("I", "Is") and common words in capitals."""
    words = terms(name)
    return any(not (len(words) == 1 and word in loud) for word in words)


def _without_plain_start(name: str, small: Collection[str], inside: set[str] | None) -> str:
    """Remove a first word that is capitalised only because of its position.

    `inside` holds the words capitalised inside sentences; it is given only at the start of a sentence.
    """
    if _DATE.fullmatch(name):
        return ""
    first, _, rest = name.partition(" ")
    if not (first.isalpha() and first[1:].islower()):
        return name
    plain = stem(fold(first)) in small
    if inside is not None and first not in inside and (plain or not rest):
        return rest  # "Researchers Jan Leike" becomes "Jan Leike"
    return "" if plain and not rest else name  # "Large" in a heading is a word, not a name
