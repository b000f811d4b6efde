"""Parses questions about entries: which entries, and whether as a list, a count, the newest entries or a timeline.

A question is read this way only if every word is understood: as a kind of entry, a name, a date, a level, words that an
entry must mention, or a filler word. All other questions go to the search.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from assistant.answer import Filters, Intent
from index.lexical import terms
from index.models import EntryKind, Level

from . import dates, list_frames, maker_request
from .filter_names import FieldNames, Mention
from .list_frames import Frame, FramedQuestion
from .phrases import CLAUSE_WORDS, LIST_FILLERS, OWNING_VERBS
from .restrictions import less

_WORD = re.compile(r"[^\W_]+(?:[-.'’&/][^\W_]+)*")
_ABOUT = re.compile(
    r"\b(?:about|on|regarding|concerning|involving|mentioning|covering|around|discussing|explaining|"
    r"(?:related|relating|devoted|dedicated) to|(?:that|which) (?:mentions?|involves?|concerns?|covers?|discuss(?:es)?|explains?)|"
    r"(?:dealing|to do|having to do) with|(?:with|under|of|on|for) the (?:topic|subject)(?:s)?(?: of)?|tagged(?: with)?|mentions?|involves?|concerns?|against|to|for)\s+(?:the\s+)?",
    re.IGNORECASE,
)
_MENTIONING = re.compile(r"\bmention(?:s|ed|ing)?\b", re.IGNORECASE)
"""Text after "mention" is searched for in the entries' text, even if it also names a topic or an organisation."""
_FIELD = re.compile(r"(?:organi[sz]ations?|topics?|sources?|levels?|dates?)\b", re.IGNORECASE)
_MOST_KINDS = 12
"""Maximum number of words for kinds of entries in one question."""
_LONGEST_PHRASE = 6
"""Maximum number of words that entries may be asked to mention; a longer text goes to the search."""
_KindNoun = tuple[str, tuple[EntryKind, ...]]


@dataclass(frozen=True, slots=True)
class Request:
    """A parsed request for entries."""

    intent: Intent
    filters: Filters
    every_organisation: bool = False
    """Whether an entry must match all the organisations, not only one of them."""
    every_topic: bool = False
    words: str = ""
    """Text that an entry must mention, as the user wrote it."""
    level: Level | None = None
    important: bool = False
    oldest_first: bool = False
    most: int | None = None
    """For "latest": how many entries."""
    unmarked: str | None = None
    """A noun more specific than the catalogue's kinds, such as "papers"."""
    sources: tuple[str, ...] = ()
    """Sources that an entry may come from; used only if no organisation is named."""

    def without(self, dropped: Sequence[str]) -> "Request":
        """Return the request without some of its restrictions, named as in `Answer.understood`."""
        filters = less(self.filters, dropped)
        return replace(
            self,
            filters=filters,
            words="" if "words" in dropped else self.words,
            level=None if "level" in dropped else self.level,
            important=self.important and "importance" not in dropped,
            unmarked=self.unmarked if filters.kinds else None,
        )


class Reader:
    """Parses questions about the entries of one catalogue."""

    def __init__(self, names: FieldNames, *, with_importance: bool) -> None:
        self._names = names
        self._with_importance = with_importance
        self._cached_read = lru_cache(maxsize=256)(self._read)

    def read(self, question: str, today: date) -> Request | None:
        """Return the request that a question states; None if it asks something else.

        The result is cached, because several later steps need it.
        """
        return self._cached_read(question, today)

    def _read(self, question: str, today: date) -> Request | None:
        for framed in list_frames.frames(question):
            request = _Attempt(self._names, framed, today).request()
            if request is not None and (self._with_importance or not request.important):
                return request
        return None


class _Attempt:
    """One attempt to parse a question: claims parts of the text until none is left, or fails."""

    def __init__(self, names: FieldNames, framed: FramedQuestion, today: date) -> None:
        self._names = names
        self._framed = framed
        self._today = today
        # "reward hacking (RLHF)": a completed follow-up has its topic in brackets at the end.
        rest = f"about {framed.rest}" if framed.frame == "timeline" else framed.rest
        self._text = re.sub(r"\s*\(([^()]+)\)$", r" about \1", rest)
        self._left = self._text

    def _claim(self, start: int, end: int) -> None:
        self._left = self._left[:start] + ";" * (end - start) + self._left[end:]

    def request(self) -> Request | None:
        framed = self._framed
        if _FIELD.match(framed.rest):
            return None  # "which organisations …" asks for names, not for entries
        span = dates.read(self._left, self._today, anchor=self._names.anchor, bare=True)
        if span is not None:
            self._claim(span.start, span.end)
            if dates.read(self._left, self._today, bare=True) is not None:
                return None  # two dates that do not form one period
        nouns_found = self._kinds()
        mentioned = _MENTIONING.search(self._left)
        up_to = mentioned.start() if mentioned else len(self._left)
        organisations = [one for one in self._names.organisations(self._left) if one.start < up_to]
        sources = [] if organisations or not maker_request.is_made(self._text) else self._names.sources(self._left)
        for one in (*organisations, *sources):
            self._claim(one.start, one.end)
        noun_made = None if nouns_found else self._made(by_field=bool(organisations or sources))
        if noun_made is not None:
            nouns_found.append((noun_made, ("event",)))
        level = list_frames.level_in(self._left)
        if level is not None:
            self._claim(*level[0].span())
        important = list_frames.MAJOR.search(self._left)
        if important is not None:
            self._claim(*important.span())
        subject = self._subject(by_field=mentioned is None)
        if subject is None or not self._fits(
            framed.frame, nouns_found, [*organisations, *sources], subject, dated=span is not None
        ):
            return None
        kinds = self._kinds_meant(nouns_found, leveled=level is not None)
        dated = span or dates.When(None, None, 0, 0)
        topics, words = subject.topics, subject.words
        return Request(
            framed.intent,
            Filters(kinds, dated.since, dated.until, _each(organisations), _each(topics)),
            every_organisation=len(organisations) > 1 and re.search(r"\b(?:both|joint\w*|together)\b", self._text, re.IGNORECASE) is not None,
            every_topic=len(topics) > 1 and not re.search(r"\bor\b", self._text, re.IGNORECASE),
            words=words,
            level=level[1] if level else None,
            important=important is not None,
            oldest_first=framed.oldest_first
            or framed.frame == "timeline"
            or (framed.frame == "happened" and not (framed.came and dated.since is None)),
            most=self._most(nouns_found),
            unmarked=maker_request.unmarked(noun_made) or next((noun.lower() for noun, _ in nouns_found if list_frames.is_unmarked(noun)), None),
            sources=_each(sources),
        )  # fmt: skip

    def _made(self, *, by_field: bool) -> str | None:
        """Return the noun for what a maker made ("models"); None if there is no maker or the noun is a topic."""
        if not (by_field or not self._names.has_makers) or not (
            maker_request.is_made(self._text) or maker_request.is_from(self._left)
        ):
            return None
        match = maker_request.noun_in(self._left)
        if match is None or LIST_FILLERS & set(match["noun"].split()) or self._names.topics(match["noun"]):
            return None
        self._claim(*match.span("noun"))
        self._left = maker_request.without_verb(self._left)
        return match["noun"]

    def _kinds(self) -> list[_KindNoun]:
        """Find the words for kinds of entries, with their kinds; a word that also names a topic is left to be read as the topic."""
        found: list[_KindNoun] = []
        while len(found) < _MOST_KINDS and (kind := list_frames.kind_in(self._left)) is not None:
            match, kinds = kind
            is_verb = self._framed.frame == "did" or maker_request.DID.search(self._text, 0, match.start()) is not None
            if is_verb and list_frames.is_unmarked(match.group()) and match.group()[-1] != "s":
                self._claim(*match.span())  # "what did they release" names no kind
                continue
            found.append((match.group(), kinds))
            if any(match.start() == topic.start for topic in self._names.topics(self._left)):
                break
            self._claim(*match.span())
        return found

    def _kinds_meant(self, found: Sequence[_KindNoun], *, leveled: bool) -> tuple[EntryKind, ...]:
        if found:
            return (
                () if any(not kinds for _, kinds in found) else tuple(dict.fromkeys(k for _, ks in found for k in ks))
            )
        if leveled:
            return ("guide", "path")
        if self._framed.frame == "everything" and not maker_request.is_published(self._text):
            return ()
        return () if self._framed.frame == "about" else ("event",)

    def _most(self, found: Sequence[_KindNoun]) -> int | None:
        if self._framed.intent != "latest":
            return None
        single = found and not found[0][0].lower().endswith("s")
        return self._framed.most or (1 if single else 5)

    def _fits(
        self,
        frame: Frame,
        found: Sequence[_KindNoun],
        organisations: Sequence[Mention],
        subject: "_Subject",
        *,
        dated: bool,
    ) -> bool:
        """Whether this frame with these parts asks for entries at all."""
        words = {match.group().lower() for match in _WORD.finditer(self._left)}
        restricted = dated or bool(organisations) or bool(subject.topics) or bool(subject.words)
        if frame == "bare" and all(noun.lower() in {"anything", "everything"} for noun, _ in found):
            return False
        if found:
            single = not any(
                noun.lower().endswith("s") or noun.lower() in {"everything", "anything"} for noun, _ in found
            )
            return not (single and frame in {"which", "count", "bare"}) and (
                frame != "bare" or restricted or len(words) == 0
            )
        match frame:
            case "happened":
                return dated
            case "did":
                named = bool(organisations) or (bool(subject.words) and not self._names.has_makers)
                return named and maker_request.is_published(self._text)
            case "about" | "timeline" | "everything":
                return restricted
            case "latest":
                return (
                    restricted
                    and re.match(r"(?:on|about|from|by|in|at|with|regarding|for)\b", self._framed.rest) is not None
                )
            case "count" | "list" | "which" | "there":
                # The counted noun may be a topic: "lawsuits since 2023".
                return subject.heads and not words & OWNING_VERBS
            case _:
                return False  # fmt: skip

    def _subject(self, *, by_field: bool) -> "_Subject | None":
        """Find the subject: topics if all the words are topic names, else words; None if a word does not fit."""
        zones = list(_ABOUT.finditer(self._left))
        content = [match for match in _WORD.finditer(self._left) if match.group().lower() not in LIST_FILLERS]
        if not content:
            return _Subject()
        start, end = content[0].start(), content[-1].end()
        topics = [one for one in self._names.topics(self._left) if one.start >= start and one.end <= end]
        if by_field and all(
            any(one.start <= word.start() and word.end() <= one.end for one in topics) for word in content
        ):
            return _Subject(
                tuple(topics), heads=self._left[: topics[0].start].strip(" ;") == "" and _plural(self._left, topics[0])
            )
        between = [match.group().lower() for match in _WORD.finditer(self._left, start, end)]
        inside = self._left[start:end]
        if (
            len(between) > _LONGEST_PHRASE
            or set(between) & CLAUSE_WORDS
            or re.search(r"[;:!?()]", inside)
            or not terms(inside)
        ):
            return None
        led = any(zone.end() <= start and not _WORD.search(self._left[zone.end() : start]) for zone in zones)
        noun = (
            re.search(r"\w", self._text[end:])
            and self._left[end : end + 2].strip(" ") == ";"
            and list_frames.kind_in(self._text[end:])
        )
        before_noun = bool(noun) and not self._left[:start].strip(" ;")
        by_maker = (
            not self._names.has_makers
            and maker_request.is_made(self._text)
            and all(word.group()[0].isupper() for word in content)
        )
        if not led and not by_maker and not (before_noun and len(between) <= 3):
            return None
        return _Subject(words=inside.strip("'’\"“” "))  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Subject:
    topics: tuple[Mention, ...] = ()
    words: str = ""
    heads: bool = False
    """Whether a topic takes the place of the noun."""


def _plural(text: str, topic: Mention) -> bool:
    said = text[topic.start : topic.end].lower()
    return said.endswith("s") and not said.endswith(("ss", "is", "us"))


def _each(mentions: Sequence[Mention]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in mentions for name in one.names))
