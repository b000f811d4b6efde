"""Suggests the next questions; each is tried first, because a suggestion without an answer is worse than none.

A question about an entry passes if its answer cites that entry; any other one if its answer cites an entry that is not
quoted yet. Most trials are free: a question that a glossary, a guide's TL;DR, a name or a list answers needs no search.
Only a few of the others are tried for one answer, and the results are cached.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistant.answer import Citation, Turn
from assistant.answering.names.named_things import NamedThings
from index import deadline
from index.catalogue import Catalogue, newest_first
from index.lexical import terms
from index.models import AnyEntry, Guide, Level

from . import suggestion_sources as sources
from .related_candidates import RelatedEntry, RelatedReason
from .suggestion_sources import Candidate
from .suggestion_wording import questions_for

MAX_SUGGESTIONS = 3
MAX_EXAMPLES = 6
MAX_SEARCHES = 2
"""Searches that try questions for one answer: each takes as long as an answer."""
MAX_TRIALS = 14
"""Questions tried for one answer, with and without a search."""
MAX_NEAREST = 6
_MAX_CACHED_TRIALS = 5_000
_ORDERS = {
    "beginner": ("guides", "words", "things", "people", "limits", "events", "later"),
    "intermediate": ("things", "guides", "events", "people", "words", "limits", "later"),
    "advanced": ("events", "people", "limits", "things", "guides", "later", "words"),
}
"""The kinds of suggestions, by level, in the order in which they are chosen."""


class Trials:
    """Which entries the answer to a question cites, cached; safe to use from several threads."""

    def __init__(
        self, from_fields: Callable[[str], frozenset[str] | None], search: Callable[[str], frozenset[str]]
    ) -> None:
        """Set up.

        Args:
            from_fields: Returns the ids of the entries that an answer without a search cites, none if such an answer
                is a refusal; None if only a search can tell.
            search: Returns the ids of the entries that the answer cites; takes as long as an answer.
        """
        self._from_fields = from_fields
        self._search = search
        self._free: dict[str, frozenset[str] | None] = {}
        self._cited: dict[str, frozenset[str]] = {}

    def free(self, question: str) -> frozenset[str] | None:
        """The ids of the entries cited without a search; None if only a search can tell."""
        if question not in self._free:
            _make_room(self._free)
            self._free[question] = self._from_fields(question)
        return self._free[question]

    def cites(self, question: str) -> frozenset[str]:
        """The ids of the entries that the answer cites; empty if there is no answer."""
        cited = self._cited.get(question)
        if cited is None:
            held = self.free(question)
            cited = self._search(question) if held is None else held
            _make_room(self._cited)
            self._cited[question] = cited
        return cited


def _make_room(cache: dict[str, frozenset[str]] | dict[str, frozenset[str] | None]) -> None:
    if len(cache) >= _MAX_CACHED_TRIALS:
        cache.clear()


@dataclass(frozen=True, slots=True)
class Shown:
    """What the user has seen and asked so far."""

    citations: Sequence[Citation]
    """The citations of the answer."""
    asked: Sequence[str]
    """The user's questions, and the questions suggested before."""
    turns: int = 0
    """Number of questions before this one: the kinds of suggestions change with it."""


def next_questions(
    catalogue: Catalogue,
    related: Sequence[RelatedEntry],
    shown: Shown,
    trials: Trials,
    *,
    things: NamedThings | None = None,
    level: Level = "intermediate",
    most: int = MAX_SUGGESTIONS,
) -> tuple[str, ...]:
    """Choose questions that lead on: people and things just named, a guide, what happened later, a word to learn.

    Args:
        catalogue: The live catalogue.
        related: Entries related to the answer, best first; if there are none, the entries found.
        shown: What the user has seen and asked so far.
        trials: Tries a question.
        things: Finds people and things in the quoted sentences; None to leave them out.
        level: A beginner gets guides and words first, an expert events.
        most: The largest number of questions.
    """
    choice = _Choice(shown, trials, most)
    rows, broad = _rows(catalogue, related, shown, things, level)
    choice.take(_in_turn(rows, shown.turns))
    if not choice.chosen:
        choice.take(broad)
    return tuple(choice.chosen)


class _Choice:
    """The questions chosen so far for one answer."""

    def __init__(self, shown: Shown, trials: Trials, most: int) -> None:
        self.chosen: list[str] = []
        self._trials = trials
        self._most = most
        self._known_words = [set(terms(question)) for question in shown.asked]
        self._names: set[str] = set()
        self._quoted = {citation.entry_id for citation in shown.citations}
        self._tried = self._searches = 0

    def take(self, candidates: Iterable[Candidate]) -> None:
        """Choose the first question that passes of each candidate, until there are enough."""
        for entry_id, questions in candidates:
            if len(self.chosen) == self._most or self._tried >= MAX_TRIALS:
                return
            for question in questions:
                deadline.check()
                if self._is_repeated(question):
                    break
                if self._passes(question, entry_id):
                    self.chosen.append(question)
                    self._known_words.append(set(terms(question)))
                    self._names |= _names(question)
                    break

    def _is_repeated(self, question: str) -> bool:
        """Whether it was asked before, in these or more words, or is a second one about a family of models."""
        words = set(terms(question))
        return not words or any(words <= other for other in self._known_words) or bool(_names(question) & self._names)

    def _passes(self, question: str, entry_id: str | None) -> bool:
        self._tried += 1
        cited = self._trials.free(question)
        if cited is None:
            # Cached trials count as well: an answer must not depend on the questions asked before it.
            if self._searches == MAX_SEARCHES:
                return False
            self._searches += 1
            cited = self._trials.cites(question)
        return entry_id in cited if entry_id is not None else not cited <= self._quoted


def _names(question: str) -> set[str]:
    """The capitalised words of a question after its first word, apart from acronyms of two letters."""
    return set(re.findall(r"(?<=\s)[A-Z]\w{2,}", question))


def _rows(
    catalogue: Catalogue,
    related: Sequence[RelatedEntry],
    shown: Shown,
    things: NamedThings | None,
    level: Level,
) -> tuple[list[list[Candidate]], list[Candidate]]:
    """The candidates, one row for each kind; and broad ones, for an answer that has no others."""
    cited = [catalogue.by_id[entry_id] for entry_id in dict.fromkeys(one.entry_id for one in shown.citations)]
    if not cited:
        return [list(sources.found(related, catalogue))], []
    now = shown.asked[: len(shown.asked) and 2]
    is_guide = bool(cited) and cited[0].kind == "guide"
    linked = list(sources.events(related, catalogue, shown.citations, now))
    near, far = sources.guides(related, catalogue, shown.citations, level)
    by_kind: dict[str, Iterable[Candidate]] = {
        "guides": [*near, *far] if is_guide else near,
        "events": () if is_guide else linked,
        "words": sources.words(catalogue, shown.citations, level),
        "limits": sources.limits(cited),
        "later": sources.later(cited, now),
        "people": sources.people(shown.citations, things) if things is not None else iter(()),
        "things": sources.things(shown.citations, things, now) if things is not None else iter(()),
    }
    # The events that a guide links to are as broad as its subject, and so are the guides that an event links to.
    return [list(by_kind[kind]) for kind in _ORDERS[level]], linked if is_guide else far


def _in_turn(rows: Sequence[list[Candidate]], turns: int) -> Iterator[Candidate]:
    """The candidates in turn from each row, so that the first few differ; each turn starts with another row."""
    held = [row for row in rows if row]
    start = turns % len(held) if held else 0
    order = held[start:] + held[:start]
    for number in range(max(map(len, order), default=0)):
        for row in order:
            yield from row[number : number + 1]


def nearest(found: Sequence[AnyEntry], *, most: int = MAX_NEAREST) -> tuple[RelatedEntry, ...]:
    """The entries found for a question without an answer, as entries to ask about."""
    return tuple(RelatedEntry(entry, RelatedReason.FOUND, "found") for entry in found[:most])


def examples(catalogue: Catalogue, own: Sequence[str], trials: Trials, *, most: int = MAX_EXAMPLES) -> tuple[str, ...]:
    """Questions to start with: the owner's own that have an answer, then questions about prominent entries."""
    chosen = [question for question in own if trials.cites(question)][:most]
    for entry in _prominent(catalogue):
        if len(chosen) >= most:
            break
        candidates = (question for question in questions_for(entry, catalogue) if question not in chosen)
        question = next((question for question in candidates if trials.cites(question)), None)
        if question is not None:
            chosen.append(question)
    return tuple(chosen)


def openers(catalogue: Catalogue, own: Sequence[str], history: Sequence[Turn]) -> tuple[str, ...]:
    """Questions to go on with after small talk: others each time, because the same three are soon a nuisance.

    Args:
        catalogue: The catalogue.
        own: Example questions, tested.
        history: The conversation so far.
    """
    asked = [turn.content.casefold() for turn in history if turn.role == "user"]
    guides = [entry for entry in catalogue.entries if isinstance(entry, Guide) and entry.level == "beginner"]
    pool = dict.fromkeys((*own, *(question for entry in guides for question in entry.questions[:1])))
    fresh = [question for question in pool if question.casefold() not in asked]
    start = len(asked) * MAX_SUGGESTIONS % max(1, len(fresh))
    return tuple([*fresh[start:], *fresh[:start]][:MAX_SUGGESTIONS])


def _prominent(catalogue: Catalogue) -> list[AnyEntry]:
    """Four guides, for beginners and with many links first, and eight events, the most important and newest first."""
    guides = [entry for entry in catalogue.entries if entry.kind == "guide"]
    guides.sort(key=lambda entry: (entry.level != "beginner", -len(catalogue.links[entry.id])))
    events = [entry for entry in newest_first(catalogue.entries) if entry.kind == "event"]
    events.sort(key=lambda entry: -(entry.importance or 0))
    return [*guides[:4], *events[:8]]
