"""Suggests the next questions; each is tried first, because a suggestion without an answer is worse than none.

A question about an entry passes if its answer cites that entry; any other one if its answer cites an entry that is not
quoted yet. Most trials are free: a question that a glossary, a guide's TL;DR, a name or a list answers needs no search.
Only a few of the others are tried for one answer, and the results are cached.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistant.answer import Citation
from assistant.answering.names.named_things import NamedThings
from index import deadline
from index.catalogue import Catalogue, newest_first
from index.lexical import terms
from index.models import AnyEntry, Level

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
    "beginner": ("guides", "words", "things", "people", "limits", "events", "later", "linked"),
    "intermediate": ("things", "guides", "events", "people", "words", "limits", "later", "linked"),
    "advanced": ("events", "people", "limits", "things", "guides", "later", "words", "linked"),
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
    known_words = [set(terms(question)) for question in shown.asked]
    quoted = {citation.entry_id for citation in shown.citations}
    tried = searches = 0
    chosen: list[str] = []
    for entry_id, questions in _in_turn(_rows(catalogue, related, shown, things, level), shown.turns):
        if len(chosen) == most or tried == MAX_TRIALS:
            break
        for question in questions:
            deadline.check()
            words = set(terms(question))
            if not words or any(words <= other for other in known_words):
                break  # asked before, in these words or in more words
            tried += 1
            cited = trials.free(question)
            if cited is None:
                # Cached trials count as well: an answer must not depend on the questions asked before it.
                if searches == MAX_SEARCHES:
                    continue
                searches += 1
                cited = trials.cites(question)
            if (entry_id in cited) if entry_id is not None else (cited and not cited <= quoted):
                chosen.append(question)
                known_words.append(words)
                break
    return tuple(chosen)


def _rows(
    catalogue: Catalogue,
    related: Sequence[RelatedEntry],
    shown: Shown,
    things: NamedThings | None,
    level: Level,
) -> list[list[Candidate]]:
    """The candidates, one row for each kind."""
    cited = [catalogue.by_id[entry_id] for entry_id in dict.fromkeys(one.entry_id for one in shown.citations)]
    is_guide = bool(cited) and cited[0].kind == "guide"
    linked = list(sources.events(related, catalogue))
    near, far = sources.guides(related, catalogue, shown.citations, level)
    by_kind: dict[str, Iterable[Candidate]] = {
        "guides": near,
        # What a guide links to is as broad as its subject, so it comes last, as guides do that are only linked.
        "linked": [*far[:1], *(linked if is_guide else ())],
        "events": () if is_guide else linked,
        "words": sources.words(catalogue, shown.citations),
        "limits": sources.limits(cited),
        "later": sources.later(cited),
        "people": sources.people(shown.citations, things) if things is not None else iter(()),
        "things": sources.things(shown.citations, things) if things is not None else iter(()),
    }
    return [list(by_kind[kind]) for kind in _ORDERS[level]]


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


def _prominent(catalogue: Catalogue) -> list[AnyEntry]:
    """Four guides, for beginners and with many links first, and eight events, the most important and newest first."""
    guides = [entry for entry in catalogue.entries if entry.kind == "guide"]
    guides.sort(key=lambda entry: (entry.level != "beginner", -len(catalogue.links[entry.id])))
    events = [entry for entry in newest_first(catalogue.entries) if entry.kind == "event"]
    events.sort(key=lambda entry: -(entry.importance or 0))
    return [*guides[:4], *events[:8]]
