"""One question to one answer, in a straight line.

Question + history -> follow-up resolved -> read -> searched -> gate -> sentences chosen -> related, suggestions.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from assistant.answering import refusal
from assistant.answering import saved_search as matching
from assistant.answering import suggestions as suggest
from assistant.answering.authors import Authors
from assistant.answering.comparison import Comparer
from assistant.answering.entry_lists import Records
from assistant.answering.extractive import Extractive
from assistant.answering.named_entry import Named
from assistant.answering.related import neighbours, related
from assistant.answering.selection import escape
from assistant.conversation import history as conversation
from assistant.conversation.followup import Resolved, Resolver
from assistant.retrieval import filters as find
from assistant.retrieval.filters import within
from assistant.retrieval.search import Searcher
from assistant.understanding import reading as question
from assistant.understanding import restrictions
from assistant.understanding.brief_request import asks_for_summary, topic_of
from assistant.understanding.list_request import Request
from assistant.understanding.vocabulary import Vocabulary
from assistant.verification.cross_encoder import Reader
from index.embed import Embedder
from index.generation import Index
from index.models import AnyEntry, Level

from . import __version__
from . import as_of as bounded
from .answer import LONGEST_QUESTION, Again, Answer, CatalogueStamp, Engine, Filters, Mode, Near, Query, Related, Turn
from .query_engine import Asked, Draft, make_engine, run

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
        reader: Reader | None = None,
    ) -> None:
        self.catalogue = index.catalogue
        self.notice = notice
        self._index = index
        self._embedder = embedder
        self._level: Level = level
        self._own_examples = tuple(examples)
        self._searcher = Searcher(index, embedder)
        self._vocabulary = Vocabulary.of(index.catalogue)
        self._records = Records(index)
        self._authors = Authors(index.catalogue)
        self._resolver = Resolver(index.catalogue, self._vocabulary, index.words)
        self._answerer = Extractive(index, self._searcher, self._vocabulary, reader)
        self._engine = make_engine(index, self._searcher, self._answerer.answer)
        self._trials = suggest.Trials(self._defined_in, self._cited_by)
        self._views = bounded.Views(
            index, lambda part: Assistant(part, embedder, level=level, examples=examples, reader=reader)
        )
        self._named = Named(index)
        self._comparer = Comparer(index.catalogue, self._vocabulary, self._records, self._looked_up)

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
        return suggest.examples(self.catalogue, self._own_examples, self._trials)

    def resolve(self, text: str, history: Sequence[Turn] = ()) -> Resolved:
        """The question as it would be searched after this conversation."""
        return self._resolver.resolve(text, history[-conversation.LONGEST :])

    def ask(
        self,
        text: str,
        *,
        history: Sequence[Turn] = (),
        level: Level | None = None,
        mode: Mode = "chat",
        without: Sequence[str] = (),
        as_of: str | None = None,
    ) -> Answer:
        """Answer a question.

        Args:
            text: The question, 1 to 2,000 characters.
            history: The conversation before it, oldest turn first.
            level: For whom; changes what is selected, never the facts.
            mode: `chat` for a short answer, `summary` for a longer one over more entries.
            without: Parts of what would be understood that are not to restrict, named as in `Answer.understood`.
            as_of: Leave out all entries dated after this day, which "last year" and the like are counted from as well;
                None leaves none out and counts from today.

        Raises:
            QuestionError: the question is empty or too long, or one of the last two is in no form that is known.
            AlmanacError: the index or the embedder failed.
        """
        view = self._views.at(as_of)
        assistant = view.assistant if view else self
        answer, _ = assistant._asked(text, history, level, mode, without, as_of)  # noqa: SLF001 -- of this class
        return bounded.marked(answer, view, as_of)

    def again(self, earlier: Answer) -> Answer:
        """The answer given now to the question of an earlier answer, outside its conversation; errors as `ask`."""
        asked = earlier.again or Again(earlier.searched_for, restrictions.day(None).isoformat())
        view = self._views.at(asked.as_of)
        assistant = view.assistant if view else self
        return assistant._asked(asked.text, (), earlier.level, earlier.mode, asked.without, asked.day)[0]  # noqa: SLF001

    def _asked(
        self,
        text: str,
        history: Sequence[Turn],
        level: Level | None,
        mode: Mode,
        without: Sequence[str] = (),
        as_of: str | None = None,
    ) -> tuple[Answer, Draft]:
        self._index.check.ensure()
        started = time.perf_counter()
        find.check(text)
        restrictions.check(without)
        today = restrictions.day(as_of)
        clean = conversation.whole(text)
        resolved = self.resolve(clean, history)
        whole = searched_for = conversation.whole(resolved.text)[:LONGEST_QUESTION]
        reading, bare = question.read(searched_for, today), searched_for
        asks = asks_for_summary(searched_for) and not resolved.wants_more
        summary = mode == "summary" or (asks and not self._vocabulary.names_one(searched_for))
        if summary:
            searched_for = topic_of(searched_for)
            reading, bare = question.as_topic(searched_for, today, self._vocabulary.get)
        reading = replace(reading, filters=restrictions.less(reading.filters, without))
        query = Query(
            clean,
            searched_for,
            "summary" if summary else reading.intent,
            # "Tell me more" goes on from what was cited; what is linked to it may lie outside the dates asked for first.
            Filters() if resolved.wants_more and resolved.carried else reading.filters,
            mode,
            level or resolved.level or self._level,
            reading.subject,
            resolved.carried,
            resolved.wants_more,
            None if resolved.wants_more else Again(whole, today.isoformat(), tuple(without)),
        )
        if question.is_small_talk(clean):
            return self._without_sources(query, started, refusal.greeting(self.catalogue))
        if not history and (word := self._resolver.hangs(clean)):
            return self._without_sources(query, started, refusal.asking_back(word))
        listed = self._listed(query, without, today, history)
        if listed is not None:
            took = round((time.perf_counter() - started) * 1000, 1)
            return replace(listed[0], timings_ms={"retrieve": 0.0, "answer": took, "total": took}), listed[1]
        vector = self._searcher.embed(bare)
        said = conversation.said_in(history if resolved.wants_more else ())
        asked = Asked(
            bare,
            query=query,
            reading=reading,
            vector=vector,
            only=find.allowed(self.catalogue, query),
            background=resolved.background,
            said=said,
            met=" ".join([clean, searched_for, conversation.end_of(history)]),
        )
        draft, query = self._drafted(asked, query)
        answer = self._finished(query, draft, history)
        timings = draft.timings_ms(started)
        log.info("answered", extra={"status": answer.status, "cited": answer.cited, "ms": timings["total"]})
        return replace(answer, timings_ms=timings), draft

    def _listed(
        self, query: Query, without: Sequence[str], today: date, history: Sequence[Turn]
    ) -> tuple[Answer, Draft] | None:
        """The answer to a question about entries; None for a question that asks something else."""
        if query.intent == "summary" or query.wants_more:
            return None
        written = self._authors.answer(query.searched_for, today)
        if written is not None:
            return self._finished(replace(query, intent=written[1]), written[0], history), written[0]
        made = self._records.asked(query.searched_for, today, without)
        if made is not None:
            draft, request = made
            query = replace(query, intent=request.intent, filters=request.filters)
            return self._finished(query, draft, history, request), draft
        named = self._named.answer(query.searched_for, self._defined_in)
        if named is not None:
            return self._finished(query, named, history), named
        compared = self._comparer.answer(query.searched_for)
        if compared is None:
            return None
        return self._finished(replace(query, intent="compare"), compared, history), compared

    def search(self, text: str, filters: Filters, *, top: int) -> list[dict[str, Any]]:
        """Ranked entries without an answer; see `find.search`."""
        self._index.check.ensure()
        return find.search(self._index, self._searcher, text, filters, top=top)

    def matching(self, text: str) -> list[AnyEntry]:
        """The entries that a saved question is about, the newest first; see `matching.matching`."""
        return matching.matching(text, self._records, lambda: self.ask(text))

    def related(self, entry_id: str) -> tuple[Related, ...]:
        """What goes with one entry; see `related.neighbours`."""
        self._index.check.ensure()
        return neighbours(self._index, find.entry(self.catalogue, entry_id))

    def judged(self, text: str, *, history: Sequence[Turn] = ()) -> tuple[Answer, Draft]:
        """An answer with the draft it was made from, which holds what the gate saw; for measurements."""
        return self._asked(text, history, None, "chat")

    def _drafted(self, asked: Asked, query: Query) -> tuple[Draft, Query]:
        draft = run(self._engine, asked)
        # A summary keeps to the dates asked for: its reader wants all there is of that time, and nothing else.
        if (
            query.intent == "summary"
            or draft.citations
            or asked.only is None
            or not (query.filters.since or query.filters.until)
        ):
            return draft, query
        # The date may be part of what is asked ("the law proposed in 2021") and not a restriction: an answer that
        # holds the date itself may then come from any entry.
        year = (query.filters.since or query.filters.until or "")[:4]
        wider = run(self._engine, replace(asked, only=None))
        if wider.citations and any(year in c.quote for c in wider.citations):
            return wider, replace(query, filters=Filters(query.filters.kinds))
        return draft, query

    def _finished(self, query: Query, draft: Draft, history: Sequence[Turn], request: Request | None = None) -> Answer:
        by_id = self.catalogue.by_id
        found: list[AnyEntry] = [by_id[name] for name in draft.found]
        more = related(self._index, draft.citations, found, level=query.level)
        asked = [query.question, query.searched_for, *conversation.questions_in(history)]
        next_up = more or suggest.nearest(found)
        suggestions = suggest.next_questions(
            self.catalogue, next_up, draft.citations, asked, self._trials, level=query.level
        )
        # A reason may hold the reader's own words; in Markdown they are shown as they are.
        text = draft.text or escape(draft.reason or "")
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
            brief=draft.brief,
            found=draft.found,
            total=draft.total,
            understood=restrictions.parts(query.filters, request),
            again=query.again,
        )

    def _without_sources(self, query: Query, started: float, reason: str) -> tuple[Answer, Draft]:
        """What is no question that has sources is met with what can be asked."""
        draft = Draft("", (), (), 0.0, time.perf_counter(), reason)
        answer = replace(self._finished(query, draft, ()), suggestions=self.examples()[: suggest.MOST])
        took = round((time.perf_counter() - started) * 1000, 1)
        return replace(answer, timings_ms={"retrieve": 0.0, "answer": took, "total": took}), draft

    def _defined_in(self, text: str) -> str | None:
        """The entry that says what a question asks about, for a question that asks only that."""
        definition = self._answerer.definition(question.read(text))
        return definition.entry.id if definition is not None else None

    def _cited_by(self, text: str) -> frozenset[str]:
        """The entries that an answer to a question would cite."""
        made = self._records.asked(text, restrictions.day(None))
        draft = made[0] if made else self._looked_up(text)
        return frozenset(citation.entry_id for citation in draft.citations)

    def _looked_up(self, text: str) -> Draft:
        """What a plain question is answered with, outside any conversation."""
        reading = question.read(text)
        query = Query(text, text, reading.intent, reading.filters, subject=reading.subject)
        only = within(self.catalogue, reading.filters)
        vector = self._searcher.embed(text)
        return run(self._engine, Asked(text, query=query, reading=reading, vector=vector, only=only, quick=True))
