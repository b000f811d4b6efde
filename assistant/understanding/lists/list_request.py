"""Parses questions about entries: which entries, and whether as a list, a count, the newest entries or a timeline.

A question is read this way only if every word is understood: as a kind of entry, a name, a date, a level, words that an
entry must mention, or a filler word. All other questions go to the search.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from assistant.answer import Filters
from assistant.understanding import dates, maker_request
from assistant.understanding.phrases import LIST_FILLERS, OWNING_VERBS
from index.lexical import fold
from index.models import EntryKind

from . import list_frames, list_subject, release_request
from .entry_request import Request
from .filter_names import FieldNames, Mention
from .list_frames import Frame, FramedQuestion
from .list_subject import WORD, Remainder, Subject
from .list_wording import Wording, Wordings

_MENTIONING = re.compile(r"\bmention(?:s|ed|ing)?\b", re.IGNORECASE)
"""Text after "mention" is searched for in the entries' text, even if it also names a topic or an organisation."""
_POSSESSIVE = re.compile(r"['’]s?(?!\w)")
_TOGETHER = re.compile(r"\b(?:both|joint\w*|together)\b", re.IGNORECASE)
_THERE_WAS = re.compile(
    r"\s+(?:(?:have|has) (?:there )?(?:ever )?been|(?:did|do) (?:we|you) (?:see|have|know of|hold|get)|(?:exist|existed|took place|were held|were there|are there))\b",
    re.IGNORECASE,
)
"""Words that only say that entries exist: "how many lawsuits have there been"."""
_LINK = re.compile(r"(?:on|about|from|by|in|at|with|regarding|for)\b")
_ANYTHING = frozenset({"anything", "everything"})
_FIELD = re.compile(r"(?:organi[sz]ations?|topics?|sources?|levels?|dates?)\b", re.IGNORECASE)
_MOST_KINDS = 12
"""Maximum number of words for kinds of entries in one question."""
_KindNoun = tuple[str, tuple[EntryKind, ...]]


class ListRequestParser:
    """Parses questions about the entries of one catalogue."""

    def __init__(self, names: FieldNames, wordings: Wordings, *, with_importance: bool) -> None:
        self._names = names
        self._wordings = wordings
        self._with_importance = with_importance
        self._cached_read = lru_cache(maxsize=256)(self._read)

    def read(self, question: str, today: date) -> Request | None:
        """Return the request that a question states; None if it asks something else.

        The result is cached, because several later steps need it.
        """
        return self._cached_read(question, today)

    def is_plain(self, question: str, today: date) -> bool:
        """Whether a question explicitly asks for entries: not "copyright events" or "everything on copyright"."""
        if self.read(question, today) is None:
            return False
        framed = list_frames.frames(self._wordings.read(question).text)
        return framed[0].frame not in {"bare", "everything", "about"}

    def _read(self, question: str, today: date) -> Request | None:
        wording = self._wordings.read(question)
        for framed in list_frames.frames(wording.text):
            attempt = _Attempt(self._names, framed, today, recently=wording.recently)
            request = attempt.request()
            if request is not None and (self._with_importance or not request.important):
                return self._worded(request, wording)
        return None

    def _worded(self, request: Request, wording: Wording) -> Request:
        """The request with the order and the exceptions that the question states."""
        request = replace(request, order=wording.order or request.order, skip=wording.skip, left_out=wording.left_out)
        if not wording.left_out:
            return request
        organisations = _each(self._names.organisations(wording.left_out))
        if organisations:
            return replace(request, excluded=Filters(organisations=(*organisations, *self._names.units(organisations))))
        topics = self._names.topics(wording.left_out)
        if topics and len(topics) == 1 and topics[0].end - topics[0].start == len(wording.left_out):
            return replace(request, excluded=Filters(topics=topics[0].names))
        return replace(request, excluded_words=wording.left_out)


class _Attempt:
    """One attempt to parse a question: claims parts of the text until none is left, or fails."""

    def __init__(self, names: FieldNames, framed: FramedQuestion, today: date, *, recently: bool) -> None:
        self._names = names
        self._framed = framed
        self._recently = recently
        self._today = today
        # "reward hacking (RLHF)": a completed follow-up has its topic in brackets at the end.
        rest = f"about {framed.rest}" if framed.frame == "timeline" else framed.rest
        self._text = _THERE_WAS.sub("", re.sub(r"\s*\(([^()]+)\)$", r" about \1", rest))
        self._left = self._text
        self._release = ""

    def _claim(self, start: int, end: int) -> None:
        self._left = self._left[:start] + ";" * (end - start) + self._left[end:]

    def request(self) -> Request | None:
        """Return the parsed request; None if a part of the text is not understood."""
        framed = self._framed
        if _FIELD.match(framed.rest):
            return None  # "which organisations …" asks for names, not for entries
        span = dates.read(self._left, self._today, anchor=self._names.event_dates.named_at_start, bare=True)
        if span is not None:
            self._claim(span.start, span.end)
            if dates.read(self._left, self._today, bare=True) is not None:
                return None  # two dates that do not form one period
        mentioned = _MENTIONING.search(self._left)
        makers, sources = self._makers(mentioned)
        important = list_frames.MAJOR.search(self._left)
        if important is not None:
            self._claim(*important.span())
        released = None if mentioned else self._released(by_maker=bool(makers))
        nouns_found: list[_KindNoun] = [(released, ("event",))] if released else self._kinds()
        noun_made = None if nouns_found else self._made(by_field=bool(makers or sources))
        if noun_made is not None:
            nouns_found.append((noun_made, ("event",)))
        counted = self._topic_noun(framed.frame) if not (nouns_found or mentioned) else ()
        nouns_found += [("things", ("event",))] if counted else []
        level = list_frames.level_in(self._left)
        if level is not None:
            self._claim(*level[0].span())
        remainder = Remainder(self._text, self._left, framed.frame, bool(nouns_found), released is not None)
        subject = list_subject.find(remainder, self._names, by_field=mentioned is None)
        dated = span or dates.When(None, None, 0, 0)
        if subject is None or not self._fits(
            framed.frame, nouns_found, [*makers, *sources], subject, dated=span is not None
        ):
            return None
        topics = tuple(dict.fromkeys([*counted, *_each(subject.topics)]))
        named = [_exactly(one, self._text) for one in makers]
        organisations = tuple(dict.fromkeys([*(name for names in named for name in names), *_each(makers)]))
        return Request(
            "latest" if self._is_recent(span is not None) else framed.intent,
            Filters(
                self._kinds_meant(nouns_found, leveled=level is not None),
                dated.since,
                dated.until,
                (*organisations, *self._names.units(organisations)),
                topics,
            ),
            every_organisation=len(makers) > 1 and _TOGETHER.search(self._text) is not None,
            every_topic=len(topics) > 1 and not re.search(r"\bor\b", self._text, re.IGNORECASE),
            words=subject.words,
            level=level[1] if level else None,
            important=important is not None,
            order="newest" if self._is_recent(span is not None) else framed.order(has_start=dated.since is not None),
            most=self._most(nouns_found),
            unmarked=released
            or maker_request.specific_noun(noun_made)
            or next((noun.lower() for noun, _ in nouns_found if list_frames.is_unmarked(noun)), None),
            sources=_each(sources),
            named=tuple(named),
            counted=subject.heads and bool(subject.words),
            released=released,
        )

    def _is_recent(self, dated: bool) -> bool:  # noqa: FBT001
        return self._recently and not dated and self._framed.intent == "list"

    def _makers(self, mentioned: re.Match[str] | None) -> tuple[list[Mention], list[Mention]]:
        """Find and claim the organisations, or else the sources, that the text names."""
        up_to = mentioned.start() if mentioned else len(self._left)
        makers = [one for one in self._names.organisations(self._left) if one.start < up_to]
        sources = [] if makers or not maker_request.has_making_verb(self._text) else self._names.sources(self._left)
        for one in (*makers, *sources):
            owner = _POSSESSIVE.match(self._left, one.end)
            self._claim(one.start, owner.end() if owner else one.end)
        return makers, sources

    def _topic_noun(self, frame: Frame) -> tuple[str, ...]:
        """Find and claim a noun that is another name of a topic ("court cases"); return the topics."""
        found = list_subject.counted_noun(Remainder(self._text, self._left, frame, has_noun=False), self._names)
        if found is None or frame not in {"count", "list", "which", "there", "latest", "top", "bare"}:
            return ()
        self._claim(found.start, found.end)
        return found.names

    def _released(self, *, by_maker: bool) -> str | None:
        """Find and claim the words for released things ("models"); return the noun."""
        if maker_request.DID.search(self._text) and not by_maker:
            return None
        found = release_request.find(self._left, self._text, self._framed.frame, by_maker=by_maker)
        if found is None:
            return None
        self._claim(found.start, found.end)
        self._release = found.noun
        return found.noun

    def _made(self, *, by_field: bool) -> str | None:
        """Return the noun for what a maker made ("models"); None if there is no maker or the noun is a topic."""
        if not (by_field or not self._names.has_makers) or not (
            maker_request.has_making_verb(self._text) or maker_request.has_name_after_from(self._left)
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
        if self._framed.frame == "everything" and not maker_request.has_publishing_verb(self._text):
            return ()
        return () if self._framed.frame == "about" else ("event",)

    def _most(self, found: Sequence[_KindNoun]) -> int | None:
        if self._recently and self._framed.intent == "list":
            return 5
        if self._framed.intent != "latest":
            return None
        single = found and not found[0][0].lower().endswith(("s", "stuff"))
        return self._framed.most or (1 if single else 5)

    def _fits(
        self,
        frame: Frame,
        found: Sequence[_KindNoun],
        organisations: Sequence[Mention],
        subject: Subject,
        *,
        dated: bool,
    ) -> bool:
        """Whether this frame with these parts asks for entries at all."""
        words = {match.group().lower() for match in WORD.finditer(self._left)}
        restricted = dated or bool(organisations) or bool(subject.topics) or bool(subject.words)
        if frame == "happened":
            return dated or self._recently or (restricted and bool(found))
        if found and frame != "when":
            return _fits_noun(frame, [noun.lower() for noun, _ in found], is_bare=not restricted and bool(words))
        match frame:
            case "when":
                return self._release != ""
            case "did":
                named = bool(organisations) or (bool(subject.words) and not self._names.has_makers)
                return named and maker_request.has_publishing_verb(self._text)
            case "about" | "timeline" | "everything":
                return restricted
            case "latest":
                return subject.heads or (restricted and _LINK.match(self._framed.rest) is not None)
            case "bare":
                return subject.heads and (dated or bool(organisations))
            case _:
                # The counted noun may be a topic: "lawsuits since 2023".
                return subject.heads and not words & OWNING_VERBS


def _fits_noun(frame: Frame, nouns: Sequence[str], *, is_bare: bool) -> bool:
    """Whether a frame with words for kinds of entries asks for entries; `is_bare`: nothing else is understood."""
    if frame == "bare" and (is_bare or all(noun in _ANYTHING for noun in nouns)):
        return False
    single = not any(noun.endswith("s") or noun in _ANYTHING for noun in nouns)
    return not (single and frame in {"which", "count", "bare"})


def _exactly(mention: Mention, text: str) -> tuple[str, ...]:
    """Those names of a mention that are spelled as in the text; all its names if none is."""
    said = fold(text[mention.start : mention.end])
    return tuple(name for name in mention.names if fold(name) == said) or mention.names


def _each(mentions: Sequence[Mention]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in mentions for name in one.names))
