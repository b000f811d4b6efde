"""The steps from a question to an answer.

Question and history -> small talk, or an instruction about the last answer? -> resolve a follow-up -> parse the
question -> list, name or comparison from fields?
-> else search, abstention and selection of sentences -> related entries and suggestions.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from assistant.answering import last_answer, refusal, saved_search, suggestions
from assistant.answering.entry_questions import EntryQuestions
from assistant.answering.extractive import Extractive
from assistant.answering.field_answers import FieldAnswers
from assistant.answering.reader.entry_reader import EntryReader
from assistant.answering.related import neighbours
from assistant.conversation import history as conversation
from assistant.conversation.acts import Recogniser
from assistant.conversation.followup import Resolved, Resolver
from assistant.conversation.list_follow_ups import ListFollowUps
from assistant.conversation.replacements import Replacer
from assistant.retrieval import filters
from assistant.retrieval.search import Searcher
from assistant.understanding import reading as reading_of_question
from assistant.understanding import restrictions
from assistant.understanding.brief_request import asks_for_summary, topic_of
from assistant.understanding.occurrences import Occurrences
from assistant.understanding.reading import ParsedQuestion
from assistant.understanding.vocabulary import Vocabulary
from assistant.understanding.wording import in_lower_case
from assistant.verification.cross_encoder import CrossEncoder
from assistant.verification.generated_text import Checker
from index.embed import Embedder
from index.generation import Index
from index.models import AnyEntry, Level

from . import as_of as bounded
from .answer import LONGEST_QUESTION, Again, Answer, Filters, Query, Related, Turn
from .answer_builder import AnswerBuilder
from .dialogue import Dialogue, Move
from .draft import Draft, answer_time
from .query_engine import AlmanacQueryEngine, CatalogueRetriever, EngineQuery, LookupEngine, plain_query
from .question import Question

if TYPE_CHECKING:
    from llama_index.core.postprocessor.types import BaseNodePostprocessor
    from llama_index.core.response_synthesizers import BaseSynthesizer

log = logging.getLogger(__name__)


class Assistant:
    """Answers questions over one open index. Thread-safe.

    Args:
        index: The open index.
        embedder: Computes the vectors of questions; None to search by words alone.
        level: The reader's level, if a question does not name one.
        notice: A notice for users about how answers are currently made, or None.
        examples: Example questions, tested before they are shown.
        cross_encoder, entry_reader: The models that check generated sentences, and judge which sentences answer; or None.
        synthesizer: A LlamaIndex response synthesizer to use in place of the extractive answerer.
        node_postprocessors: LlamaIndex node postprocessors, applied between retrieval and answer.
    """

    def __init__(
        self,
        index: Index,
        embedder: Embedder | None,
        *,
        level: Level = "intermediate",
        notice: str | None = None,
        examples: Sequence[str] = (),
        cross_encoder: CrossEncoder | None = None,
        entry_reader: EntryReader | None = None,
        synthesizer: "BaseSynthesizer | None" = None,
        node_postprocessors: "Sequence[BaseNodePostprocessor]" = (),
    ) -> None:
        self.catalogue = index.catalogue
        self.notice = notice
        self.index = index
        self._level: Level = level
        self._own_examples = tuple(examples)
        self.searcher = Searcher(index, embedder)
        self._vocabulary = Vocabulary.of(index.catalogue)
        self.occurrences = Occurrences(index)
        self._fields = FieldAnswers(
            index,
            self.searcher,
            self._vocabulary,
            self.occurrences,
            defined_in=self._defined_in,
            looked_up=self._looked_up,
        )
        self._records = self._fields.records
        lists = ListFollowUps(index.catalogue, self._records.is_request, self._records.is_plain_request)
        known = embedder.identity if embedder and self.searcher.has_vectors else None
        recogniser = Recogniser(self.searcher.embed, known)
        replacer = Replacer(index.catalogue, self._records.names, self._vocabulary)
        self.resolver = Resolver(
            index.catalogue, self._vocabulary, index.words, lists, replacer, self.occurrences.people_in, recogniser
        )
        self._own_questions = EntryQuestions(index, self.searcher.embed)
        self._answerer = Extractive(index, self.searcher, self._vocabulary, entry_reader)
        self._lookup = LookupEngine(
            index,
            self.searcher,
            self._answerer.answer,
            synthesizer=synthesizer,
            node_postprocessors=node_postprocessors,
            checker=Checker(index, cross_encoder),
        )
        self._trials = suggestions.Trials(self._fields.cited, lambda text: self._looked_up(text).cited)
        made_by = (self._lookup.answerer, embedder.name if embedder else "none")
        self._builder = AnswerBuilder(index, *made_by, self._trials, self._own_questions, self._fields.names.things)
        self._views = bounded.Views(
            index,
            lambda part: Assistant(
                part,
                embedder,
                level=level,
                examples=examples,
                cross_encoder=cross_encoder,
                entry_reader=entry_reader,
                synthesizer=synthesizer,
                node_postprocessors=node_postprocessors,
            ),
        )
        self._dialogue = Dialogue(
            index,
            self.searcher,
            recogniser,
            self._vocabulary,
            self.resolver,
            quotes_only=synthesizer is None,
        )

    @property
    def retriever(self) -> CatalogueRetriever:
        """The LlamaIndex retriever: word and vector search over the passages, with combined scores."""
        return self._lookup.retriever

    def as_query_engine(self) -> AlmanacQueryEngine:
        """Return the whole assistant as a LlamaIndex query engine."""
        return AlmanacQueryEngine(self.ask)

    def examples(self) -> tuple[str, ...]:
        """Return example questions that this catalogue answers."""
        return suggestions.examples(self.catalogue, self._own_examples, self._trials)

    def resolve(self, text: str, history: Sequence[Turn] = ()) -> Resolved:
        """Return the question in the form in which it is searched after this conversation."""
        return self.resolver.resolve(text, self._dialogue.of_substance(history[-conversation.LONGEST :]))

    def ask(self, question: Question | str) -> Answer:
        """Answer a question.

        Raises:
            QuestionError: the text is empty or too long, or `without` or `as_of` has an unknown form.
            AlmanacError: the index or the embedder failed.
        """
        question = Question.of(question)
        view = self._views.at(question.as_of)
        answer, _ = (view.assistant if view else self).answer_and_draft(question)
        return bounded.marked(answer, view, question.as_of)

    def again(self, earlier: Answer) -> Answer:
        """Answer the question of an earlier answer again, without its conversation; errors as `ask`."""
        asked = earlier.again or Again(earlier.searched_for, restrictions.day(None).isoformat())
        view = self._views.at(asked.as_of)
        question = Question(asked.text, (), earlier.level, earlier.mode, asked.without, asked.day)
        return (view.assistant if view else self).answer_and_draft(question)[0]

    def search(self, text: str, restrict_to: Filters, *, top: int) -> list[dict[str, Any]]:
        """Return ranked entries without an answer; see `filters.search`."""
        self.index.check.ensure()
        return filters.search(self.index, self.searcher, text, restrict_to, top=top)

    def matching(self, text: str) -> list[AnyEntry]:
        """Return the entries that match a saved question, newest first; see `saved_search.matching`."""
        return saved_search.matching(text, self._records, lambda: self.ask(text), self._dialogue.is_question)

    def related(self, entry_id: str) -> tuple[Related, ...]:
        """Return entries related to one entry; see `related.neighbours`."""
        self.index.check.ensure()
        return neighbours(self.index, filters.entry(self.catalogue, entry_id))

    def answer_and_draft(self, question: Question) -> tuple[Answer, Draft]:
        """Return the answer and its draft, for measurements; `as_of` only sets the day that dates are counted from."""
        self.index.check.ensure()
        started = time.perf_counter()
        filters.check(question.text)
        restrictions.check(question.without)
        today = restrictions.day(question.as_of)
        clean = conversation.whole(question.text)
        move = self._dialogue.move(in_lower_case(clean, self._vocabulary.get), question.history)
        resolved = move.resolved or self.resolver.resolve(move.question, move.history)
        query, reading, bare = self._understood(question, clean, resolved, today, move.manner.level)
        if move.reply is not None:
            query = replace(query, searched_for=move.question, intent="lookup")
            return self._reply(query, started, move.reply, question)
        if move.draft is not None:
            query = replace(query, searched_for=move.question, intent="lookup", again=None)
            answer = self._builder.build(query, move.draft, question.history)
            return replace(answer, timings_ms=answer_time(started)), move.draft
        if not question.history and (word := self.resolver.references.hangs(move.question)):
            return self._reply(query, started, refusal.asking_back(word), question)
        from_fields = self._fields.answer(query, today, tuple(question.without))
        if from_fields is None or not from_fields[1].citations:
            asked = self._engine_query(move, query, reading, resolved, bare)
            from_fields = None if asked.is_known else from_fields  # an entry says that it answers this
        query, draft, request = from_fields or (*self._lookup.widened(asked), None)
        timings = answer_time(started) if from_fields else draft.timings_ms(started)
        if request is None and move.manner:
            draft, query = last_answer.limited(draft, move.manner), replace(query, intent="lookup")
        if move.instead and not draft.citations:
            answer, other = self.answer_and_draft(replace(question, text=move.instead, history=()))
            if answer.citations:
                return move.with_preface(replace(answer, question=clean)), other
        if move.preface and not draft.citations:
            return self._reply(query, started, move.alone, question)
        answer = move.with_preface(self._builder.build(query, draft, question.history, request))
        log.info("answered", extra={"status": answer.status, "cited": answer.cited, "ms": timings["total"]})
        return replace(answer, timings_ms=timings), draft

    def _understood(
        self, question: Question, clean: str, resolved: Resolved, today: date, level: Level | None
    ) -> tuple[Query, ParsedQuestion, str]:
        """Return the query, the parsed question, and the text to search for."""
        whole = searched_for = self._vocabulary.spelled_out(conversation.whole(resolved.text))[:LONGEST_QUESTION]
        reading, bare = reading_of_question.read(searched_for, today), searched_for
        asks = asks_for_summary(searched_for) and not resolved.wants_more
        summary = question.mode == "summary" or (asks and not self._vocabulary.names_one(searched_for))
        summary = summary and (asks or not self._records.is_plain_request(searched_for))  # a list is one in both modes
        if summary:
            searched_for = topic_of(searched_for)
            reading, bare = reading_of_question.read_topic(searched_for, today, self._vocabulary.get)
        reading = replace(reading, filters=restrictions.less(reading.filters, question.without))
        query = Query(
            clean,
            searched_for,
            "summary" if summary else reading.intent,
            # "Tell me more" continues from the cited entries; linked entries may lie outside the dates first asked for.
            Filters() if resolved.wants_more and resolved.carried else reading.filters,
            question.mode,
            question.level or resolved.level or level or self._level,
            reading.subject,
            resolved.carried,
            resolved.wants_more,
            None if resolved.wants_more else Again(whole, today.isoformat(), tuple(question.without)),
        )
        return query, reading, bare

    def _engine_query(
        self, move: Move, query: Query, reading: ParsedQuestion, resolved: Resolved, bare: str
    ) -> EngineQuery:
        vector = self.searcher.embed(bare)
        is_plain = query.intent == "lookup" and not resolved.changed and not resolved.leans
        known = self._own_questions.answered_by(bare, vector) if is_plain else None
        only = frozenset((known,)) if known else filters.paths_to_start(self.catalogue, bare if is_plain else "")
        return EngineQuery(
            bare,
            query=query,
            reading=reading,
            vector=vector,
            only=only or filters.allowed(self.catalogue, query),
            is_known=bool(only),
            background=resolved.background,
            said=conversation.said_in(move.history if resolved.changed or resolved.leans else ()),
            earlier=resolved.earlier,
            typed=move.question,
            met=" ".join([query.question, query.searched_for, conversation.end_of(move.history)]),
        )

    def _reply(self, query: Query, started: float, text: str, question: Question) -> tuple[Answer, Draft]:
        """Reply without sources, and with example questions."""
        return self._builder.reply(query, text, self.examples(), question.history, started)

    def _defined_in(self, text: str) -> str | None:
        """Return the id of the entry that defines the subject of a question; None if it is not a plain "What is X?"."""
        return found.entry.id if (found := self._answerer.definition(reading_of_question.read(text))) else None

    def _looked_up(self, text: str) -> Draft:
        """Return the draft for a plain question outside any conversation."""
        return self._lookup.run(plain_query(text, self.index, self.searcher, quick=True))
