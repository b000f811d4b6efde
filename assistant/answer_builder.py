"""Builds the complete answer from a draft: adds related entries, suggestions, and the versions of its sources."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant.answering import suggestions
from assistant.answering.composition import escape
from assistant.answering.entry_questions import EntryQuestions
from assistant.answering.names.named_things import NamedThings
from assistant.answering.related import related
from assistant.conversation.history import questions_in
from assistant.understanding import restrictions
from assistant.understanding.lists.entry_request import Request
from index.generation import Index

from . import __version__
from .answer import Answer, CatalogueStamp, Engine, Near, Query, Turn
from .draft import Draft, answer_time

if TYPE_CHECKING:
    from index.models import AnyEntry

MAX_NEAREST = 3
"""Maximum number of entries shown if there is no answer."""


class AnswerBuilder:
    """Completes drafts over one open index.

    Args:
        index: The open index.
        answerer: The name of the answerer: `extractive`, or the name of a synthesizer.
        embedder: The name of the embedder, or `none`.
        trials: Tests suggestions before they are shown.
        own_questions: Suggests questions from the field `questions` of the entries.
        things: Finds people and things in quoted sentences, to suggest questions about them.
    """

    def __init__(
        self,
        index: Index,
        answerer: str,
        embedder: str,
        trials: suggestions.Trials,
        own_questions: EntryQuestions,
        things: NamedThings | None = None,
    ) -> None:
        self._own_questions = own_questions
        self._things = things
        self._index = index
        self._catalogue = index.catalogue
        self._engine = Engine(answerer, embedder, __version__)
        self._trials = trials

    def build(self, query: Query, draft: Draft, history: Sequence[Turn], request: Request | None = None) -> Answer:
        """Return the answer to a query.

        Args:
            query: The parsed question.
            draft: The answerer's draft.
            history: The conversation; its questions are not suggested.
            request: For a list or a count: the parsed request for entries.
        """
        catalogue = self._catalogue
        hits: list[AnyEntry] = [catalogue.by_id[name] for name in draft.found]
        read_next = related(self._index, draft.citations, hits, level=query.level)
        asked = questions_in(history)
        closest = hits if draft.near is None else [catalogue.by_id[name] for name in draft.near]
        near = read_next or suggestions.nearest(closest)
        before = [*asked, *(one for turn in history for one in turn.suggestions)]
        next_questions = self._own_questions.next(
            query.searched_for,
            [query.question, *before],
            draft.citations,
            [item.entry_id for item in near],
            most=suggestions.MAX_SUGGESTIONS,
        )
        if not self._index.questions:
            next_questions = suggestions.next_questions(
                catalogue,
                near,
                suggestions.Shown(draft.citations, [query.question, query.searched_for, *before], len(asked)),
                self._trials,
                things=self._things,
                level=query.level,
            )
        answered = bool(draft.citations)
        return Answer(
            status="answered" if answered else "abstained",
            question=query.question,
            searched_for=query.searched_for,
            intent=query.intent,
            filters=query.filters,
            mode=query.mode,
            level=query.level,
            # A reason may repeat the user's own words; escaped, they cannot act as Markdown.
            text=draft.text or escape(draft.reason or ""),
            catalogue=CatalogueStamp(catalogue.hash, catalogue.as_of, len(catalogue.entries)),
            engine=self._engine,
            sentences=draft.sentences,
            citations=draft.citations,
            removed=draft.removed,
            reason=None if answered else draft.reason,
            nearest=() if answered else tuple(Near(entry.id, entry.title) for entry in closest[:MAX_NEAREST]),
            related=read_next,
            suggestions=next_questions,
            brief=draft.brief,
            found=draft.found,
            total=draft.total,
            understood=restrictions.parts(query.filters, request),
            again=query.again,
        )

    def reply(
        self, query: Query, reason: str, examples: tuple[str, ...], history: Sequence[Turn], started: float
    ) -> tuple[Answer, Draft]:
        """Return a reply to small talk, or to a question with an unclear pronoun: a reason, and example questions."""
        draft = Draft("", (), (), 0.0, time.perf_counter(), reason)
        openers = suggestions.openers(self._catalogue, examples, history)
        answer = replace(self.build(query, draft, ()), suggestions=openers)
        return replace(answer, timings_ms=answer_time(started)), draft
