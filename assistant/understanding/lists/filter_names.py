"""Names that restrict a list: organisations, topics and dated things, in any spelling that a user may type.

All names come from the catalogue's own fields and its aliases; the code has no list of names from any subject area.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from assistant.understanding.event_dates import EventDates
from assistant.understanding.vocabulary import acronyms, key_of
from index import deadline
from index.catalogue import Catalogue
from index.lexical import STOPWORDS, fold, stem
from index.models import Event

from .organisation_units import units_of

_WORD = re.compile(r"[^\W_]+(?:[.&'’-][^\W_]+)*")
_PUNCTUATION = re.compile(r"[,;:?!()]|\.\s")
_MAX_NAME_WORDS = 9
"""A longer run of words is not looked up as one name."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name found in a text: its range of characters, and the catalogue's names for it."""

    start: int
    end: int
    names: tuple[str, ...]


class _Word(NamedTuple):
    """One word of a text, and how it is joined to the word before it."""

    start: int
    end: int
    folded: str
    letters: str
    """The stems of its parts, joined."""
    ending: str
    """The same as the last word of a name: without "'s"."""
    is_joined: bool
    """Whether a name may continue from the word before it: there is no punctuation between them."""
    is_plain: bool
    """Whether nothing between the two words can become part of an index term."""


@dataclass(frozen=True, slots=True)
class _NameTable:
    """The names in one catalogue field, indexed by spelling, and the first characters of all spellings."""

    names: Mapping[str, tuple[str, ...]]
    initials: frozenset[str]


class FieldNames:
    """Finds the names from a catalogue's fields in a text, in any spelling."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._long_forms = acronyms(catalogue)
        self._organisations = self._table(
            ((name, name) for entry in catalogue.entries for name in entry.organisations),
            initials=True,
            aliases={other: name for other, name in catalogue.organisation_of.items() if other != name},
        )
        self._sources = self._table(
            (entry.source, entry.source) for entry in catalogue.entries if isinstance(entry, Event) and entry.source
        )
        self._topics = self._table(
            (topic.replace("-", " ").replace("_", " "), topic) for entry in catalogue.entries for topic in entry.topics
        )
        self.event_dates = EventDates(catalogue)

    def _table(
        self, pairs: Iterable[tuple[str, str]], *, initials: bool = False, aliases: Mapping[str, str] | None = None
    ) -> _NameTable:
        """Index names by each of their spellings; a spelling shared by several names maps to all of them.

        An alias has no other spellings, and stands for one name even if it is a part of others.
        """
        found: dict[str, dict[str, None]] = defaultdict(dict)
        held = dict.fromkeys(pairs)
        own = {_squeezed(said) for said, _ in held}
        for said, name in held:
            forms = (re.sub(r"\s*\(.*?\)", "", said), *re.findall(r"\((.+?)\)", said), *self.other_forms(said))
            further = {_squeezed(form) for form in forms}
            if initials:
                further.add(_initials(said))
            for spelling in {_squeezed(said)} | (further - own):
                if len(spelling) > 1:
                    found[spelling][name] = None
        if initials:
            self._add_longer(found, [name for _, name in held], own)
        for other, name in (aliases or {}).items():
            spelling = _squeezed(other)
            if len(spelling) > 1 and spelling not in own:
                found[spelling] = {name: None}
        return _NameTable(
            {spelling: tuple(names) for spelling, names in found.items()},
            frozenset(spelling[0] for spelling in found),
        )

    def _add_longer(self, found: dict[str, dict[str, None]], names: Sequence[str], own: set[str]) -> None:
        """Also index the end of a longer name if it is a name in its own right: "DeepMind" for "Google DeepMind"."""
        for name in names:
            words = name.split()
            for at in range(1, len(words)):
                spelling = _squeezed(" ".join(words[at:]))
                # Not after a preposition: "AI Safety" is the subject of the "Center for AI Safety", not its name.
                by_itself = (
                    len(words) - at > 1 and all(word[0].isupper() for word in words[at:]) and words[at - 1][0].isupper()
                )
                if spelling and (spelling in own or by_itself):  # signs alone have no spelling
                    found[spelling].setdefault(name)

    def other_forms(self, text: str) -> tuple[str, ...]:
        """Return the long forms of an acronym, or the acronyms of a long form, that the catalogue itself defines."""
        return self._long_forms.get("".join(key_of(text)), ())

    def organisations(self, text: str) -> list[Mention]:
        """Return the organisations named in a text."""
        return list(self._mentions(text, self._organisations, _proper_enough))

    def units(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the organisations that belong to some others by their names: "Google Brain" to "Google".

        "DeepMind" belongs to "Google" as well, because "Google DeepMind" does.
        """
        return tuple(
            dict.fromkeys(unit for name in names for unit in self._units.get(name, ()) if unit not in set(names))
        )

    @cached_property
    def _units(self) -> dict[str, tuple[str, ...]]:
        """By organisation: those with its name and another word, or with its name in brackets."""
        known = dict.fromkeys(name for entry in self._catalogue.entries for name in entry.organisations)
        return {name: units for name in known if (units := units_of(name, known))}

    @property
    def has_makers(self) -> bool:
        """Whether any entry names an organisation or a source."""
        return bool(self._organisations.names or self._sources.names)

    def sources(self, text: str) -> list[Mention]:
        """Return the sources named in a text."""
        return list(self._mentions(text, self._sources, _proper_enough))

    def topics(self, text: str) -> list[Mention]:
        """Return the topics named in a text."""
        return list(self._mentions(text, self._topics, lambda _said, _name: True))

    def _mentions(self, text: str, table: _NameTable, fits: Callable[[str, str], bool]) -> Iterable[Mention]:
        """Yield the names from a table that occur in a text, the longest at each position.

        `fits` takes a spelling and a name, and may reject the match.
        """
        words = _split(text)
        # Most words start no name, so the check of the first letter below saves time: a text is searched many times.
        at = 0
        while at < len(words):
            deadline.check()
            word = words[at].folded
            mention = None
            if word[:1] in table.initials or word == "the" or not word[:1].isalnum():
                mention = _longest_mention(text, words[at : at + _MAX_NAME_WORDS], table.names, fits)
            if mention is None:
                at += 1
                continue
            yield mention
            at = next((n for n in range(at, len(words)) if words[n].start >= mention.end), len(words))


def _longest_mention(
    text: str, words: Sequence[_Word], by_spelling: Mapping[str, tuple[str, ...]], fits: Callable[[str, str], bool]
) -> Mention | None:
    """Return the longest name that starts with the first of some words of a text."""
    start = words[0].start
    squeezed = _squeezed_runs(text, words)
    for place in range(len(squeezed) - 1, -1, -1):
        names = by_spelling.get(squeezed[place])
        if names:
            spelling = _without_possessive(text[start : words[place].end])
            if fits(spelling, names[0]):
                return Mention(start, start + len(spelling), names)
    return None


@lru_cache(maxsize=32)  # a question is searched for names of each kind, and for some of them more than once
def _split(text: str) -> tuple[_Word, ...]:
    words, last = [], 0
    for match in _WORD.finditer(text):
        gap, word = text[last : match.start()], match.group()
        is_joined = gap == " " or _joined(gap)
        # "_" and signs such as "™" are not part of a word, but an index term may contain them.
        is_plain = gap == " " or (gap.isascii() and "_" not in gap)
        ending = _letters_of(_without_possessive(word))
        last = match.end()
        words.append(_Word(match.start(), last, fold(word), _letters_of(word), ending, is_joined, is_plain))
    return tuple(words)


def _squeezed_runs(text: str, words: Sequence[_Word]) -> list[str]:
    """Return `_squeezed` for the first word, for the first two words, and so on, as far as they are one phrase.

    The words are squeezed one at a time and then joined, because each word occurs in many runs.
    """
    start, found = words[0].start, [_squeezed(_without_possessive(text[words[0].start : words[0].end]))]
    before, is_plain = words[0].letters, True
    for word in words[1:]:
        if not word.is_joined:
            break
        is_plain = is_plain and word.is_plain
        found.append(stem(before + word.ending) if is_plain else _squeezed(_without_possessive(text[start : word.end])))
        before += word.letters
    return found


def _without_possessive(text: str) -> str:
    """Return a text without "'s" or "'" at its end."""
    ending = next((ending for ending in ("'s", "’s", "'", "’") if text.endswith(ending)), "")
    return text.removesuffix(ending)


@lru_cache(maxsize=16_384)
def _squeezed(text: str) -> str:
    """Return the stemmed letters and digits of a text, joined: equal for "Deep Mind", "DeepMind" and "deep-minds"."""
    if text.isupper() and text.isalpha():
        return fold(text)  # the stemmer would take an acronym's last letter for an ending
    return stem(_letters_of(text))


@lru_cache(maxsize=16_384)
def _letters_of(text: str) -> str:
    return "".join(word for word in key_of(text.replace(".", " ")) if word != "the")


def _initials(name: str) -> str:
    """Return `fli` for "Future of Life Institute"; "" for a name with fewer than three capitalised words."""
    words = [word for word in re.findall(r"[^\W_]+", re.sub(r"\(.*?\)", "", name)) if word.lower() not in STOPWORDS]
    if len(words) < 3 or not all(word[0].isupper() for word in words):
        return ""
    letters = "".join(word if word.isupper() else word[0] for word in words)
    return fold(letters)


def _proper_enough(said: str, name: str) -> bool:
    """Whether a spelling may refer to an organisation: acronyms must be in capitals, and short names need one."""
    if fold(said) == fold(name):
        return len(said) > 3 or any(character.isupper() for character in said)
    if len(said) <= 4 and " " not in said:
        return said.isupper()
    return True


def _joined(text: str) -> bool:
    """Whether a text is one phrase, with no punctuation between its words other than hyphens and the like."""
    return _PUNCTUATION.search(text) is None
