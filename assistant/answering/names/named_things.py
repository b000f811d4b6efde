"""Describes a person, an organisation or a product that the texts name, with the best sentences about it.

"Who is Ada Example?" has no entry of its own, but several entries say what she did. The sentences that give a role or
say what a thing is come first, the newest role first; sentences that only mention the name are the last resort.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from assistant.answering.composition import Piece
from assistant.answering.definitions import sentence_spans
from assistant.understanding import person_names
from assistant.understanding.occurrences import Occurrence, Occurrences
from assistant.understanding.titles import Name, Titles, name_of, words_of
from index import dates
from index.generation import Index
from index.lexical import terms
from index.models import Event, Guide

MAX_SENTENCES = 4
MAX_THING_SENTENCES = 3
ROLE, SUBJECT, AUTHOR, PART, MENTION = 5, 4, 3, 2, 1
"""How much a sentence says about a name: its role or kind; what it did; what it did among many; less; a mention."""
_MANY_NAMES = 4
"""A list of at least this many people says little about each of them."""
_REPEATED = 0.5
"""Two sentences say the same if this share of the shorter one's words is in the other."""
_LONGER_NAMES = 2
"""How many longer names are tried for a name that no sentence explains."""
_SUBJECT_END = 90
"""Characters of a sentence within which its subject is looked for."""
_APPOSITION = re.compile(
    r"^(?:\W{0,2}\s?\((?:an?|the|our|its|their|short for)\b[^)]*\)|,\s(?:an?|the|its|their|one of|short for|known for)\s|\s[—–-]\s(?:an?|the)\s)",
    re.IGNORECASE,
)
_IS_KIND = re.compile(
    r"^,?\s(?:which\s)?(?:(?:is|are|was|were)\s(?:an?|the|one of|its|[\w’'-]+(?:'s|’s)|led|made|run|developed|built|short)\b|means\b|stands for\b|models\b)",
    re.IGNORECASE,
)
_CALLED = re.compile(r"\b(?:called|named|dubbed|nicknamed|known as|family of)\W{1,3}$", re.IGNORECASE)
_BROUGHT = re.compile(
    r"\b(?:introduc|releas|launch|open|announc|unveil|present|publish|describ|propos|develop|creat|buil|found|start|set up|made|make)\w*\s(?:(?!(?:for|of|in|on|with|about|from|by|against|because)\s)[\w-]+\s){0,4}$",
    re.IGNORECASE,
)
_THEN_KIND = re.compile(
    r"^(?:\W{0,2}\s(?:[\w-]+\s){0,6}?(?:(?:in|on) [\w\s]{4,20}\d{4}))?,\s(?:an?|the|its|their|with which)\s",
    re.IGNORECASE,
)
_IN_CLAUSE = re.compile(r"\bthat $")
_CAUSED = re.compile(r"\bfounde[dr]\b", re.IGNORECASE)
_LISTED = re.compile(r"[A-Z][\w’'.-]+(?:,| and )")
_AMONG = re.compile(r"\b(?:among them|including|such as|as did|endorsed by|like) [^.;]{0,160}$", re.IGNORECASE)
_BY = re.compile(r"\bby (?>[A-Z][\w’'.-]++(?: (?!and (?:[A-Z][\w’'.-]|$))[\w’'.-]++){0,3}+(?:, | and ))*+$")
_WHO = re.compile(r"^, who\b")


@dataclass(frozen=True, slots=True)
class _Scored:
    """A sentence, how much it says about the name, and the date of what it says."""

    strength: float
    date: str
    occurrence: Occurrence


class NamedThings:
    """The people, organisations and products that the texts of one catalogue name."""

    def __init__(self, index: Index, occurrences: Occurrences, titles: Titles) -> None:
        self._index = index
        self._titles = titles
        self.occurrences = occurrences

    def is_explained(self, name: Name) -> bool:
        """Whether a sentence says what the thing with exactly this name is, and another one names it too."""
        scored = self._scored(name)
        return len(scored) > 1 and self.occurrences.is_name(name) and any(item.strength >= ROLE for item in scored)

    def has_profile(self, name: Name) -> bool:
        """Whether a guide is the profile of the name."""
        return bool(self._profile(name))

    def is_organisation(self, name: Name) -> bool:
        """Whether a name is an organisation of any entry, or an alias of one."""
        return name in self._organisations

    def describe_person(self, name: Name) -> list[Piece]:
        """The best sentences about the person with a full name or an unambiguous surname; empty if there is none."""
        full = self.occurrences.full_name(name) or (name if self.occurrences.may_be_person(name) else None)
        if full is None:
            return []
        scored = [
            _Scored(_says_of_person(occurrence), occurrence.date, occurrence)
            for occurrence in self.occurrences.of_person(full)
        ]
        told = [item for item in scored if item.strength >= AUTHOR]
        least = told or [item for item in scored if item.strength >= PART] or scored[:1]
        best = sorted(least, key=lambda item: (item.strength, item.date), reverse=True)
        chosen = _unrepeated(best, MAX_SENTENCES)
        chosen.sort(key=lambda item: (item.strength >= SUBJECT, item.date), reverse=True)
        return [item.occurrence.piece for item in chosen]

    def describe_thing(self, name: Name) -> list[Piece]:
        """The best sentences about an organisation or a product; empty if no sentence says what it is."""
        own = self._profile(name) or self._explained(name)
        if own:
            return own
        longer = (other for other in self.occurrences.longer_names(name)[:_LONGER_NAMES] if _holds_whole(other, name))
        return next((pieces for other in longer if (pieces := self._explained(other))), [])

    def _explained(self, name: Name) -> list[Piece]:
        """The best sentences about a thing with exactly this name; empty if none says what it is."""
        scored = self._scored(name)
        is_organisation = name in self._organisations
        best = sorted(
            (item for item in scored if item.strength >= PART),
            key=lambda item: (-item.strength, item.date or "9", item.occurrence.piece.start),
        )
        if not best or best[0].strength < SUBJECT:
            return []
        newest = [] if is_organisation else self._newest_version(name)
        chosen = _unrepeated(best, MAX_THING_SENTENCES - bool(newest))
        return _distinct([item.occurrence.piece for item in chosen] + newest)

    def _profile(self, name: Name) -> list[Piece]:
        """The TL;DR of a guide about the name: "Organisation profile: Heron Labs"."""
        for entry in self._index.catalogue.entries:
            if isinstance(entry, Guide) and name_of(entry.title.partition(": ")[2]) == name:
                spans = sentence_spans(self._index, entry, "tldr")[:MAX_THING_SENTENCES]
                return [Piece(entry, "tldr", *span) for span in spans]
        return []

    def _scored(self, name: Name) -> list[_Scored]:
        """The sentences with exactly this name, each with how much it says about the thing."""
        titled = {entry.id for _, events in self._titles.titled(name) for entry in events}
        return [
            _Scored(_says_of_thing(occurrence, is_titled=occurrence.entry.id in titled), occurrence.date, occurrence)
            for occurrence in self.occurrences.of(name)
            if not occurrence.is_within_longer
        ]

    def doings(self, name: Name) -> list[Piece]:
        """What an organisation did, newest first: the first sentences of events that it is the subject of."""
        if name not in self._organisations:
            return []
        opening = [item for item in self._scored(name) if item.strength >= AUTHOR and not item.occurrence.piece.start]
        opening.sort(key=lambda item: item.date, reverse=True)
        return [item.occurrence.piece for item in _unrepeated(opening, MAX_THING_SENTENCES)]

    @cached_property
    def _organisations(self) -> frozenset[Name]:
        """The names in the field `organisations` of all entries, and their aliases."""
        return frozenset(map(name_of, self._index.catalogue.organisation_of))

    def _newest_version(self, name: Name) -> list[Piece]:
        """The first sentence of the newest event whose title has the name and a version: "Gemini 3"."""
        versions = []
        for occurrence in self.occurrences.of(name):
            entry = occurrence.entry
            if (
                not isinstance(entry, Event)
                or not entry.date
                or occurrence.piece.start
                or not occurrence.is_within_longer
            ):
                continue
            words = [word.text for word in words_of(entry.title)]
            if name[0] in words and _BROUGHT.search(occurrence.text[: occurrence.start]):
                versions.append((dates.sort_key(entry.date), occurrence.piece))
        return [max(versions, key=lambda version: version[0])[1]] if versions else []


def _says_of_person(occurrence: Occurrence) -> float:
    """How much a sentence says about the person named in it."""
    text, start, end = occurrence.text, occurrence.start, occurrence.end
    before = text[:start]
    names = max(len(list(person_names.full_names(text))), len(_LISTED.findall(text[:_SUBJECT_END])))
    is_mentioned = _AMONG.search(before) is not None
    if person_names.states_role(text, start, end):
        return AUTHOR if is_mentioned else ROLE
    if is_mentioned and _CAUSED.search(text):
        return SUBJECT
    if is_mentioned or _BY.search(before):
        return MENTION if names >= _MANY_NAMES else PART
    if _is_in_subject(text, start):
        return AUTHOR if names >= _MANY_NAMES else SUBJECT
    is_told = _WHO.match(text[end:]) or (_IN_CLAUSE.search(before) and text[end : end + 1] == " ")
    return SUBJECT if is_told else PART


def _is_in_subject(text: str, start: int) -> bool:
    """Whether a name is (part of) the subject: at the start, or after other names only."""
    before = text[:start]
    if start > _SUBJECT_END:
        return False
    small = [word for word in re.findall(r"[^\W\d_]+", before) if word[0].islower()]
    return all(word in {"and", "van", "de", "of", "the", "s"} for word in small)


def _says_of_thing(occurrence: Occurrence, *, is_titled: bool) -> float:
    """How much a sentence says about the thing named in it."""
    text, start, end = occurrence.text, occurrence.start, occurrence.end
    before, after = text[:start], text[end:]
    bonus = 0.3 if is_titled and occurrence.piece.start == 0 else 0.0
    is_subject = not _has_lower(before)
    if is_subject and (_APPOSITION.match(after) or _IS_KIND.match(after)):
        return ROLE + bonus + 0.2
    if _CALLED.search(before) or (_BROUGHT.search(before) and _THEN_KIND.match(after)):
        return ROLE + bonus
    if _BROUGHT.search(before) and occurrence.piece.start == 0 and len(before) < _SUBJECT_END:
        return SUBJECT + bonus
    if _APPOSITION.match(after):
        return SUBJECT + bonus
    return AUTHOR + bonus if is_subject else MENTION


def _has_lower(before: str) -> bool:
    """Whether a text has a word other than an article and names."""
    return any(word[0].islower() and word != "the" for word in re.findall(r"[^\W\d_]+", before))


def _unrepeated(best: Iterable[_Scored], most: int) -> list[_Scored]:
    """The first sentences that do not say again what an earlier one says."""
    chosen: list[_Scored] = []
    stems: list[set[str]] = []
    for item in best:
        own = {word for word in terms(item.occurrence.text) if not word.isdigit()}
        if len(chosen) == most:
            break
        if all(_shared(own, other) < _REPEATED for other in stems):
            chosen.append(item)
            stems.append(own)
    return chosen


def _holds_whole(other: Name, name: Name) -> bool:
    """Whether a longer name is the name with words before or after it that are no version: "Stargate Project"."""
    return (other[: len(name)] == name or other[-len(name) :] == name) and not any(
        word[0].isdigit() for word in set(other) - set(name)
    )


def _shared(one: set[str], other: set[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))


def _distinct(pieces: Sequence[Piece]) -> list[Piece]:
    return list({(piece.entry.id, piece.field, piece.start): piece for piece in pieces}.values())
