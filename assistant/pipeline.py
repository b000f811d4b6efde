"""One question to one answer, in a straight line:

question + history -> follow-up resolved -> read -> searched -> gate -> sentences chosen -> related, suggestions.
"""

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from index import dates
from index.embed import Embedder
from index.errors import QuestionError
from index.generation import Index
from index.lexical import fold, terms
from index.models import AnyEntry, Level

from . import __version__, extract, gate, question, suggest
from .engine import Asked, Draft, make_engine, run
from .evidence import Evidence, Examiner
from .followup import Resolved, Resolver
from .question import Reading
from .related import related
from .retrieve import Found, Hit, Searcher
from .types import (
    LONGEST_QUESTION,
    Answer,
    CatalogueStamp,
    Engine,
    Filters,
    Mode,
    Near,
    Query,
    Turn,
)
from .vocabulary import Vocabulary, key_of, names_in

log = logging.getLogger(__name__)

NEAREST = 3
"""Entries shown where there is no answer."""


class Assistant:
    """Answers questions over one open index; safe to use from several threads at once."""

    def __init__(
        self,
        index: Index,
        embedder: Embedder | None,
        *,
        level: Level = "intermediate",
        notice: str | None = None,
        examples: Sequence[str] = (),
    ) -> None:
        self.catalogue = index.catalogue
        self.notice = notice
        self._index = index
        self._embedder = embedder
        self._level: Level = level
        self._own_examples = tuple(examples)
        self._searcher = Searcher(index, embedder)
        self._examiner = Examiner(index)
        self._vocabulary = Vocabulary.of(index.catalogue)
        self._resolver = Resolver(index.catalogue, self._vocabulary)
        self._engine = make_engine(index, self._searcher, self._answer)
        self._answers: Callable[[str], bool] = lru_cache(maxsize=2_000)(self._is_answered)

    @property
    def searcher(self) -> Searcher:
        """The searches this assistant answers from."""
        return self._searcher

    @property
    def index(self) -> Index:
        """The open index."""
        return self._index

    def examples(self) -> tuple[str, ...]:
        """Questions to begin with; each is answered by this catalogue."""
        return suggest.examples(self.catalogue, self._own_examples, self._answers)

    def resolve(self, text: str, history: Sequence[Turn] = ()) -> Resolved:
        """The question as it would be searched after this conversation."""
        return self._resolver.resolve(text, history)

    def ask(self, text: str, *, history: Sequence[Turn] = (), level: Level | None = None, mode: Mode = "chat") -> Answer:
        """Answer a question.

        Args:
            text: The question, 1 to 2,000 characters.
            history: The conversation before it, oldest turn first.
            level: For whom; changes what is selected, never the facts.
            mode: `chat` for a short answer, `summary` for a longer one over more entries.

        Raises:
            QuestionError: the question is empty or too long.
            AlmanacError: the index or the embedder failed.
        """
        return self._asked(text, history, level, mode)[0]

    def _asked(self, text: str, history: Sequence[Turn], level: Level | None, mode: Mode) -> tuple[Answer, Draft]:
        started = time.perf_counter()
        if not text.strip():
            raise QuestionError("the question is empty")
        if len(text) > LONGEST_QUESTION:
            raise QuestionError(f"the question has {len(text):,} characters; {LONGEST_QUESTION:,} are allowed")
        clean = text.encode("utf-8", "replace").decode("utf-8")
        resolved = self._resolver.resolve(clean, history)
        searched_for = resolved.text[:LONGEST_QUESTION]
        reading = question.read(searched_for)
        query = Query(
            clean,
            searched_for,
            reading.intent,
            reading.filters,
            mode,
            level or resolved.level or self._level,
            reading.subject,
            resolved.carried,
            resolved.wants_more,
        )
        vector = self._searcher.embed(searched_for)
        said = _said_in(history) if resolved.wants_more else _never
        asked = Asked(searched_for, query=query, reading=reading, vector=vector, only=self._only(query.filters), said=said)
        retrieved = time.perf_counter()
        draft, query = self._drafted(asked, query)
        answer = self._finished(query, draft, history)
        ended = time.perf_counter()
        timings = {
            "retrieve": round((retrieved - started) * 1000, 1),
            "answer": round((ended - retrieved) * 1000, 1),
            "total": round((ended - started) * 1000, 1),
        }
        log.info("answered", extra={"status": answer.status, "cited": answer.cited, "ms": timings["total"]})
        return replace(answer, timings_ms=timings), draft

    def judged(self, text: str, *, history: Sequence[Turn] = ()) -> tuple[Answer, float]:
        """An answer with the gate's probability that the evidence answers; for measurements."""
        answer, draft = self._asked(text, history, None, "chat")
        return answer, draft.probability

    def _drafted(self, asked: Asked, query: Query) -> tuple[Draft, Query]:
        draft = run(self._engine, asked)
        if draft.citations or asked.only is None or not (query.filters.since or query.filters.until):
            return draft, query
        # The date may be part of what is asked ("the law proposed in 2021") and not a restriction: an answer that
        # holds the date itself may then come from any entry.
        year = (query.filters.since or query.filters.until or "")[:4]
        wider = run(self._engine, replace(asked, only=None))
        if wider.citations and any(year in c.quote for c in wider.citations):
            return wider, replace(query, filters=Filters(query.filters.kinds))
        return draft, query

    def _only(self, filters: Filters) -> frozenset[str] | None:
        return frozenset(entry.id for entry in self.catalogue.entries if matches(entry, filters)) if filters else None

    def _answer(self, asked: Asked, hits: Sequence[Hit]) -> Draft:
        """What the synthesizer does with a question and its hits."""
        assert asked.query is not None
        assert asked.reading is not None
        query, reading = asked.query, asked.reading
        found = self._searcher.entries(hits)
        names = tuple(one.entry.id for one in found)
        evidence = [
            one for one in self._examiner.examine(reading, asked.vector, found) if not asked.said(one.text)
        ]
        definition = None if query.wants_more or asked.only is not None else self._definition(reading)
        verdict = self._verdict(query, reading, evidence, found, defined=definition is not None)
        if not verdict.answers:
            return Draft("", (), (), verdict.probability, verdict.reason, names)
        pieces = extract.choose(
            evidence, self._examiner.likeness, mode=query.mode, level=query.level, definition=definition
        )
        text, sentences, citations = extract.compose(pieces)
        return Draft(text, sentences, citations, verdict.probability, None, names)

    def _definition(self, reading: Reading) -> extract.Definition | None:
        if reading.subject is None:
            return None
        name = self._vocabulary.get(reading.subject)
        if name is None:
            return None
        key = key_of(reading.subject)
        alike = {key, key_of(name.text)}
        return extract.define(self._index, name.entries, lambda text: key_of(text) in alike)

    def _verdict(
        self, query: Query, reading: Reading, evidence: Sequence[Evidence], found: Sequence[Found], *, defined: bool
    ) -> gate.Verdict:
        if defined:
            return gate.Verdict(answers=True, probability=1.0)
        if not evidence:
            reason = gate.reason(reading, (), query.filters, (), ())
            if query.wants_more:
                reason = "The catalogue says nothing more about this."
            return gate.Verdict(answers=False, probability=0.0, reason=reason)
        unknown = self._examiner.unknown(reading.words)
        missing = self._unknown_names(query.searched_for, unknown)
        signals = self.signals(query.searched_for, reading, evidence, found)
        verdict = gate.decide(signals, with_vectors=self._searcher.has_vectors)
        if verdict.answers or query.wants_more:
            return replace(verdict, answers=True)
        written = [word for word in query.searched_for.split() if set(terms(word)) & set(unknown)]
        odd = [word.strip("?!.,;:\"'“”()") for word in written]
        return replace(verdict, reason=gate.reason(reading, evidence, query.filters, missing, odd))

    def signals(self, text: str, reading: Reading, evidence: Sequence[Evidence], found: Sequence[Found]) -> gate.Signals:
        """What the gate decides from; `evidence` is not empty."""
        examiner = self._examiner
        weights = examiner.weights(reading.words)
        unknown = examiner.unknown(reading.words)
        names = [name.text for name in self._vocabulary.find(text) if name.rank != 3 and name.is_proper]
        named = {word for name in names for word in terms(name)}
        rest = [word for word in reading.words if word not in named]
        together = [one for one in evidence[:8] if one.entry.id == evidence[0].entry.id][:3]
        said = {word for one in together for word in terms(one.text)}
        counted = question.counted(text)
        return gate.Signals(
            sentence=max(one.cosine for one in evidence[:5]),
            passage=max((one.cosine for one in found[:3]), default=0.0),
            rest_cosine=examiner.best_cosine(self._searcher.embed(question.without(text, names)), evidence[:5]),
            rest_coverage=_share(weights, rest, said),
            counted=0.0 if counted and counted not in said else 1.0,
            missing_name=1.0 if self._unknown_names(text, unknown) else 0.0,
            unknown=1.0 - _share(weights, reading.words, set(reading.words) - set(unknown)),
        )

    def _unknown_names(self, text: str, unknown: Sequence[str]) -> list[str]:
        """Names in a question of which a word stands nowhere in the catalogue."""
        missing = set(unknown)
        return [
            name
            for name, _, at_start in names_in(text)
            if set(terms(name)) & missing and not (at_start and name.istitle() and " " not in name and len(name) < 4)
        ]

    def _finished(self, query: Query, draft: Draft, history: Sequence[Turn]) -> Answer:
        by_id = self.catalogue.by_id
        found: list[AnyEntry] = [by_id[name] for name in draft.found]
        more = related(self.catalogue, draft.citations, found) if draft.citations else ()
        earlier = [turn.content for turn in history if turn.role == "user"]
        next_up = more
        if not draft.citations:
            next_up = related(self.catalogue, (), found)
        asked = [query.question, query.searched_for, *earlier]
        suggestions = suggest.next_questions(self.catalogue, next_up, asked, self._answers)
        text = draft.text or draft.reason or ""
        return Answer(
            status="answered" if draft.citations else "abstained",
            question=query.question,
            searched_for=query.searched_for,
            intent=query.intent,
            filters=query.filters,
            mode=query.mode,
            level=query.level,
            text=text,
            catalogue=CatalogueStamp(self.catalogue.hash, self.catalogue.as_of, len(self.catalogue.entries)),
            engine=Engine("extractive", self._embedder.name if self._embedder else "none", __version__),
            sentences=draft.sentences,
            citations=draft.citations,
            reason=None if draft.citations else draft.reason,
            nearest=() if draft.citations else tuple(Near(entry.id, entry.title) for entry in found[:NEAREST]),
            related=more,
            suggestions=suggestions,
        )

    def _is_answered(self, text: str) -> bool:
        reading = question.read(text)
        query = Query(text, text, reading.intent, reading.filters, subject=reading.subject)
        if self._definition(reading) is not None:
            return True
        asked = Asked(text, query=query, reading=reading, vector=self._searcher.embed(text), only=self._only(reading.filters))
        return bool(run(self._engine, asked).citations)


def matches(entry: AnyEntry, filters: Filters) -> bool:
    """Whether an entry is within the filters; names and topics are compared without case or accents."""

    def shares(wanted: Sequence[str], given: Sequence[str]) -> bool:
        return not wanted or bool({fold(name) for name in wanted} & {fold(name) for name in given})

    return (
        (not filters.kinds or entry.kind in filters.kinds)
        and shares(filters.organisations, entry.organisations)
        and shares(filters.topics, entry.topics)
        and dates.within(entry.date, filters.since, filters.until)
    )


def _share(weights: Mapping[str, float], words: Sequence[str], held: Collection[str]) -> float:
    """The share of some words' weight that is held; 1 where there are no words."""
    total = sum(weights[word] for word in words)
    return sum(weights[word] for word in words if word in held) / total if total else 1.0


def _never(_text: str) -> bool:
    return False


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def _said_in(history: Sequence[Turn]) -> Callable[[str], bool]:
    """Whether an earlier answer holds a sentence; markers, marks and white space do not count."""
    told = _letters(" ".join(turn.content for turn in history if turn.role == "assistant"))
    return lambda text: _letters(text) in told


def search(assistant: Assistant, text: str, filters: Filters, *, top: int) -> list[dict[str, Any]]:
    """Ranked entries for `almanac search` and the API, each with its score and the passage that fits best.

    Raises:
        QuestionError: the words are too many, or a date has no form that is known.
    """
    if len(text) > LONGEST_QUESTION:
        raise QuestionError(f"the query has {len(text):,} characters; {LONGEST_QUESTION:,} are allowed")
    for value in (filters.since, filters.until):
        try:
            dates.span(value or "2000")
        except ValueError as error:
            raise QuestionError(str(error), hint="dates are YYYY, YYYY-MM or YYYY-MM-DD") from None
    searcher, index = assistant.searcher, assistant.index
    only = frozenset(entry.id for entry in assistant.catalogue.entries if matches(entry, filters)) if filters else None
    found = searcher.entries(searcher.passages(text, searcher.embed(text), only=only)) if text.strip() else []
    return [
        {
            "entry_id": one.entry.id,
            "kind": one.entry.kind,
            "title": one.entry.title,
            "date": one.entry.date,
            "url": one.entry.url,
            "score": round(one.score, 5),
            "field": index.passages[one.hits[0].place].field,
            "passage": index.passages[one.hits[0].place].text,
        }
        for one in found[:top]
    ]
