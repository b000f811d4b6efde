"""Suggests the next questions; each is tried first, because a suggestion without an answer is worse than none.

A question passes if its answer cites the entry that it is about. Most trials are free: a question that a glossary or a
guide's TL;DR answers needs no search. Only a few of the others are tried for one answer, and the results are cached.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from assistant.answer import Citation
from assistant.conversation.followup import short_title
from index import deadline
from index.catalogue import Catalogue, newest_first
from index.lexical import terms
from index.models import AnyEntry, Event, Guide, Level

from .related_candidates import RelatedEntry, RelatedReason

MAX_SUGGESTIONS = 3
MAX_EXAMPLES = 6
MAX_SEARCHES = 2
"""Searches that try questions for one answer: each takes as long as an answer."""
MAX_NEAREST = 6
_MAX_CACHED_TRIALS = 5_000
_LONG_TITLE = 70
"""Characters; a longer title makes a question that nobody would ask, so it comes last."""
_STEP_REASONS = frozenset({RelatedReason.START_HERE, RelatedReason.NEXT_STEP, RelatedReason.STEP})
_ANNOUNCES = re.compile(r"(?:Introducing|Announcing|Hello)\s+(?:the\s+)?", re.IGNORECASE)
_CASE = re.compile(r"\bv\.? ")


class Trials:
    """Which entries the answer to a question cites, cached; safe to use from several threads."""

    def __init__(self, define: Callable[[str], str | None], search: Callable[[str], frozenset[str]]) -> None:
        """Set up.

        Args:
            define: Returns the id of the entry that defines the subject of a question, if one does; takes no time.
            search: Returns the ids of the entries that the answer cites; takes as long as an answer.
        """
        self._define = define
        self._search = search
        self._cited: dict[str, frozenset[str]] = {}

    def free(self, question: str) -> frozenset[str] | None:
        """The entry that defines the subject of a question; None if only a search can tell."""
        entry_id = self._define(question)
        return None if entry_id is None else frozenset((entry_id,))

    def cites(self, question: str) -> frozenset[str]:
        """The ids of the entries that the answer cites; empty if there is no answer."""
        cited = self._cited.get(question)
        if cited is None:
            defined = self.free(question)
            cited = self._search(question) if defined is None else defined
            if len(self._cited) >= _MAX_CACHED_TRIALS:
                self._cited.clear()
            self._cited[question] = cited
        return cited


def questions_for(entry: AnyEntry, catalogue: Catalogue) -> Iterator[str]:
    """Questions that an entry should answer, the most natural first."""
    name = short_title(entry)
    tail = entry.title.partition(": ")[2]
    if tail and sum(short_title(other) == name for other in catalogue.entries) > 1:
        # With several titles "Organisation profile: …", only the part after the colon says which one it is.
        yield f"Tell me about {tail}"
        return
    bare = name.rstrip(".?! ")
    if isinstance(entry, Event):
        yield from _questions_for_event(entry, bare)
    elif len(bare.split()) <= 5:
        is_plural = " and " in bare or (bare.endswith("s") and not bare.endswith(("ss", "is", "us")))
        yield f"What {'are' if is_plural else 'is'} {_lower_first(bare)}?"
    yield f"Tell me about {bare}"


def _questions_for_event(event: Event, name: str) -> Iterator[str]:
    product = _ANNOUNCES.sub("", name) if _ANNOUNCES.match(name) else name
    if _CASE.search(name):
        yield f"What happened in {name}?"
    elif len(product.split()) <= 3 and product[:1].isupper() and not event.title.endswith("?"):
        yield f"What is {product}?"
    yield f"What is “{name}” about?"


def _lower_first(name: str) -> str:
    """A name with a small first letter, unless a later letter is a capital."""
    return f"{name[0].lower()}{name[1:]}" if name[1:].islower() else name


def next_questions(
    catalogue: Catalogue,
    related: Sequence[RelatedEntry],
    citations: Sequence[Citation],
    asked: Sequence[str],
    trials: Trials,
    *,
    level: Level = "intermediate",
    most: int = MAX_SUGGESTIONS,
) -> tuple[str, ...]:
    """Choose questions that lead on: the next step, what happened later, a word to learn; none was asked before.

    Args:
        catalogue: The live catalogue.
        related: Entries related to the answer, best first; if there are none, the entries found.
        citations: The citations of the answer; glossary words in them may become questions.
        asked: The user's questions so far.
        trials: Tries a question.
        level: A beginner gets guides and words first, an expert events.
        most: The largest number of questions.
    """
    known_words = [set(terms(question)) for question in asked]
    searches = 0
    chosen: list[str] = []
    for entry_id, questions in _candidates(catalogue, related, citations, level):
        if len(chosen) == most:
            break
        for question in questions:
            deadline.check()
            words = set(terms(question))
            if not words or any(words <= other for other in known_words):
                break  # asked before, in these words or in more words
            cited = trials.free(question)
            if cited is None:
                # Cached trials count as well: an answer must not depend on the questions asked before it.
                if searches == MAX_SEARCHES:
                    continue
                searches += 1
                cited = trials.cites(question)
            if entry_id in cited:
                chosen.append(question)
                known_words.append(words)
                break
    return tuple(chosen)


def _candidates(
    catalogue: Catalogue, related: Sequence[RelatedEntry], citations: Sequence[Citation], level: Level
) -> Iterator[tuple[str, Iterator[str]]]:
    """Entry ids with their questions, taken in turn from guides, events and words, so that the first few differ."""
    guides, events = _guides(related), _events(related, catalogue)
    by_kind: dict[str, list[tuple[str, Iterator[str]]]] = {
        "guides": [(entry_id, questions_for(catalogue.by_id[entry_id], catalogue)) for entry_id in guides],
        "events": [(entry_id, questions_for(catalogue.by_id[entry_id], catalogue)) for entry_id in events],
        "words": [(entry_id, iter((question,))) for entry_id, question in _glossary_questions(catalogue, citations)],
    }
    order = {
        "beginner": ("guides", "words", "events"),
        "intermediate": ("guides", "events", "words"),
        "advanced": ("events", "guides", "words"),
    }[level]
    rows = [by_kind[kind] for kind in order]
    for number in range(max(map(len, rows))):
        for row in rows:
            yield from row[number : number + 1]


def _guides(related: Sequence[RelatedEntry]) -> list[str]:
    """Ids of the steps of reading paths, then of the other guides and paths."""
    steps = [item.entry_id for item in related if item.reason in _STEP_REASONS]
    return [*steps, *(item.entry_id for item in related if item.kind != "event" and item.entry_id not in steps)]


def _events(related: Sequence[RelatedEntry], catalogue: Catalogue) -> list[str]:
    """Ids of the events that continue the answer, then of the other events, those with long titles last."""
    later = [item.entry_id for item in related if item.is_later]
    others = [item.entry_id for item in related if item.kind == "event" and item.entry_id not in later]
    others.sort(key=lambda entry_id: len(short_title(catalogue.by_id[entry_id])) > _LONG_TITLE)
    return [*later, *others]


def _glossary_questions(catalogue: Catalogue, citations: Sequence[Citation]) -> Iterator[tuple[str, str]]:
    """For each glossary word in the quotations, the id of the guide that explains it and a question for it."""
    quotes = " ".join(citation.quote for citation in citations if not citation.field.startswith("terms."))
    stems = set(terms(quotes))
    for entry in catalogue.entries:
        if not isinstance(entry, Guide):
            continue
        for term in entry.terms:
            name = re.sub(r"\s*\(.*?\)", "", term.term).strip()
            if stems.issuperset(terms(name)) and re.search(rf"(?<!\w){re.escape(name)}", quotes, re.IGNORECASE):
                yield entry.id, f"What does “{_lower_first(name)}” mean?"


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
