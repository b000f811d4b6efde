"""The default answerer: quotes the catalogue's own sentences, or gives the reason why there is no answer."""

import time
from collections.abc import Sequence
from dataclasses import replace

from assistant.answer import Query
from assistant.answering.names.date_questions import DateQuestions, dated_first
from assistant.answering.reader.entry_reader import EntryReader
from assistant.answering.reader.judging import read
from assistant.brief.brief import Summariser
from assistant.brief.coverage import TopicCoverage
from assistant.draft import Draft
from assistant.query_engine import EngineQuery
from assistant.retrieval.search import FoundEntry, Hit, Searcher
from assistant.understanding import reading as question
from assistant.understanding.answer_type import (
    AnswerType,
    answer_type,
    asks_for_course,
    asks_for_several,
    wanted_phrase,
)
from assistant.understanding.reading import ParsedQuestion
from assistant.understanding.titles import Titles
from assistant.understanding.vocabulary import Vocabulary, key_of
from assistant.understanding.wording import halves
from index.generation import Index
from index.lexical import terms
from index.models import AnyEntry

from . import abstention, composition, notes, refusal, selection
from .abstention import Verdict
from .abstention_signals import Observer, Signals, unknown_names
from .composition import Piece
from .definitions import Definition, define
from .evidence import Evidence, Examiner, best_of
from .levels import Glossary

LEADING_ENTRIES = 3
"""Entries found first; those that the conversation is about come next."""
LEADING_SENTENCES = 5
"""The entries of so many sentences count as the leading ones of a draft."""


class Extractive:
    """Answers questions with quotations from one open index."""

    def __init__(
        self, index: Index, searcher: Searcher, vocabulary: Vocabulary, entry_reader: EntryReader | None = None
    ) -> None:
        self._entry_reader = entry_reader
        self._index = index
        self._searcher = searcher
        self._vocabulary = vocabulary
        self._examiner = Examiner(index)
        self._observer = Observer(self._examiner, searcher, vocabulary)
        self._glossary = Glossary(index)
        self._titles = Titles(index.catalogue)
        self._date_questions = DateQuestions(index.catalogue, vocabulary)
        bare = abstention.is_bare(index.catalogue.entries)
        self._has_guides = any(entry.kind == "guide" for entry in index.catalogue.entries)
        self._gates = {
            with_reader: abstention.Gate.open(with_vectors=searcher.has_vectors, with_reader=with_reader, bare=bare)
            for with_reader in (False, True)
        }
        self._summariser = Summariser(index, self._examiner, vocabulary)
        self._topic_coverage = TopicCoverage(self._examiner, searcher.embed)

    def answer(self, asked: EngineQuery, hits: Sequence[Hit]) -> Draft:
        """Answer a question from the passages found for it; the draft has citations, or a reason."""
        began = time.perf_counter()
        assert asked.query is not None
        assert asked.reading is not None
        query, reading = asked.query, self._with_known_spelling(asked.reading)
        found = self._searcher.entries(hits)
        found = [*found[:LEADING_ENTRIES], *self._spoken_of(query, found), *found[LEADING_ENTRIES:]]
        readable = _without_paths(query, found)
        kind = answer_type(query.searched_for)
        is_more = query.wants_more or (query.mode == "chat" and halves(asked.to_read) is not None)  # than a definition
        definition = None if is_more or asked.only is not None else self.definition(reading)
        evidence = self._candidates(asked, query, self._examined(asked, query, reading, kind, readable))
        if definition is None:
            evidence = self._reranked(asked, query, evidence)
        is_brief = query.intent == "summary" and not query.wants_more
        signals: Signals = {}
        if is_brief and definition is None and evidence:
            verdict = self._topic_verdict(asked, query, reading, readable, evidence)
        elif definition is not None or not evidence:
            verdict = self._certain_verdict(query, reading, is_defined=definition is not None)
        else:
            signals = self._observer.signals(query, reading, kind, evidence, found, follows=bool(asked.earlier))
            is_dated = self._date_questions.is_all(query, kind, evidence)
            evidence = dated_first(evidence, kind) if is_dated else evidence
            is_sure = is_dated or asked.is_known
            verdict = self._verdict(query, reading, evidence, signals, is_sure=is_sure)
        leading = tuple(dict.fromkeys(item.entry.id for item in evidence[:LEADING_SENTENCES]))
        ids = tuple(entry.entry.id for entry in found)
        draft = Draft("", (), (), verdict.probability, began, verdict.reason, ids, signals, leading)
        if not verdict.answers:
            is_named = bool(evidence) and self._title_if_named(query.searched_for, evidence[0].entry) is not None
            return replace(draft, near=refusal.near(evidence, is_named=is_named))
        if is_brief:
            brief = self._summariser.write(query, reading, asked.vector, readable, definition)
            return replace(
                draft,
                text=brief.text,
                sentences=brief.sentences,
                citations=brief.citations,
                brief=brief.brief,
                reason=None,
            )
        return self._quoted(draft, asked, query, reading, evidence, definition)

    def _spoken_of(self, query: Query, found: Sequence[FoundEntry]) -> list[FoundEntry]:
        """The entries that the conversation is about, if the search has not found them: a follow-up often asks about them."""
        known = {item.entry.id for item in found}
        by_id = self._index.catalogue.by_id
        return [
            FoundEntry(by_id[name], 0.0, tuple(Hit(place, 0.0) for place in self._index.passages_of.get(name, ())))
            for name in query.carried[:LEADING_ENTRIES]
            if name in by_id and name not in known
        ]

    def _examined(
        self,
        asked: EngineQuery,
        query: Query,
        reading: ParsedQuestion,
        kind: AnswerType | None,
        found: Sequence[FoundEntry],
    ) -> list[Evidence]:
        """The sentences found for a question, best first.

        A follow-up has a second search, for its words with the earlier turns: how it was completed may be wrong, and
        the entry reader decides between the sentences of both.
        """
        examined = self._examiner.examine(reading, asked.vector, found, kind=kind)
        if not asked.earlier or self._entry_reader is None:
            return examined
        text = asked.with_conversation
        vector = self._searcher.embed(text)
        found = _without_paths(query, self._searcher.entries(self._searcher.passages(text, vector, only=asked.only)))
        whole = self._with_known_spelling(question.read(text))
        return best_of(examined, self._examiner.examine(whole, vector, found, kind=kind))

    def _with_known_spelling(self, reading: ParsedQuestion) -> ParsedQuestion:
        """A parsed question with each misspelled word replaced by the nearest word of the catalogue."""
        nearest = self._index.words.nearest
        return replace(
            reading, content=tuple(map(nearest, reading.content)), everything=tuple(map(nearest, reading.everything))
        )

    def _candidates(self, asked: EngineQuery, query: Query, examined: list[Evidence]) -> list[Evidence]:
        """The sentences that may be quoted, best first: new to the conversation, and on its topic for "Tell me more"."""
        # An entry whose whole title is in the question comes before entries with a longer name: Quiet-5 is not Quiet-5.1.
        others = self._titles.others_than_named(query.searched_for)
        examined.sort(key=lambda item: item.entry.id in others)
        candidates = examined
        if query.wants_more:
            candidates = [item for item in examined if not asked.said(item.text)]
            # First the rest of the entries just cited, then the entries linked to them.
            links = self._index.catalogue.links
            allowed = {*query.carried, *(other for entry_id in query.carried for other in links.get(entry_id, ()))}
            candidates = [item for item in candidates if item.entry.id in allowed]
            candidates.sort(key=lambda item: item.entry.id not in query.carried)
        return candidates

    def _reranked(self, asked: EngineQuery, query: Query, evidence: list[Evidence]) -> list[Evidence]:
        """The candidates in the order of the entry reader, if there is one and the question is worth its time."""
        if self._entry_reader is None or asked.quick or query.wants_more:
            return evidence
        cosines = self._examiner.asked(asked.vector)
        marked = [replace(item, asked=cosines.get(item.place, 0.0)) for item in evidence]
        return read(self._entry_reader, asked.to_read, asked.earlier, marked)

    def _topic_verdict(
        self,
        asked: EngineQuery,
        query: Query,
        reading: ParsedQuestion,
        readable: Sequence[FoundEntry],
        evidence: Sequence[Evidence],
    ) -> Verdict:
        """Whether the catalogue has enough on the topic of a brief.

        Every entry found is examined by itself, so that the decision does not depend on which entries come first.
        """
        sentences = [item for entry in readable for item in self._examiner.examine(reading, asked.vector, [entry])]
        verdict = self._topic_coverage.decide(asked.query_str, reading, asked.vector, sentences)
        return verdict if verdict.answers else replace(verdict, reason=self._reason(query, reading, evidence))

    def _quoted(
        self,
        draft: Draft,
        asked: EngineQuery,
        query: Query,
        reading: ParsedQuestion,
        evidence: Sequence[Evidence],
        definition: Definition | None,
    ) -> Draft:
        """The draft with the best sentences as its text; a sentence that was shown before only if it is the best."""
        evidence = [*evidence[:1], *(item for item in evidence[1:] if not asked.said(item.text))]
        if definition is None and query.mode == "chat" and evidence[0].judged is not None:
            pieces = selection.choose_read(
                evidence,
                self._examiner.likeness,
                self._examiner.before,
                level=query.level,
                group=reading.asked,
                is_several=asks_for_several(query.searched_for),
                by_time=asks_for_course(query.searched_for),
            )
        else:
            pieces = self._chosen_by_words(query, reading, evidence, definition)
        if query.level == "beginner" and query.mode == "chat":
            # Only a word of the sentence that answers is explained, at the end: other definitions hide the answer.
            pieces += selection.explained(pieces[:1], self._glossary, asked.met, most=1)[1:]
        text, sentences, citations = composition.compose(pieces)
        if draft.probability < 1 and not query.wants_more:
            missing = draft.signals.get("missing_name")
            names = unknown_names(query.searched_for, self._examiner.unknown(reading.words)) if missing else []
            text = notes.added(text, asked.to_read, evidence, names)
        return replace(draft, text=text, sentences=sentences, citations=citations, reason=None)

    def _chosen_by_words(
        self, query: Query, reading: ParsedQuestion, evidence: Sequence[Evidence], definition: Definition | None
    ) -> list[Piece]:
        """The sentences of a definition, of "Tell me more", or of an answer without the entry reader."""
        return selection.choose(
            evidence,
            self._examiner.likeness,
            mode=query.mode,
            level=query.level,
            definition=definition,
            answer_first=query.mode == "chat" and reading.asked != "thing",
        )

    def definition(self, reading: ParsedQuestion) -> Definition | None:
        """What the catalogue's guides say the subject of a question is; None if they do not define it."""
        if reading.subject is None:
            return None
        name = self._vocabulary.get(reading.subject)
        if name is None:
            return None
        keys = {key_of(reading.subject), key_of(name.text)}
        return define(self._index, name.entries, lambda text: key_of(text) in keys)

    def _certain_verdict(self, query: Query, reading: ParsedQuestion, *, is_defined: bool) -> Verdict:
        """The verdict that needs no gate: there is a definition, or there is no candidate at all."""
        if is_defined:
            return Verdict(answers=True, probability=1.0)
        reason = refusal.NOTHING_MORE if query.wants_more else refusal.reason(reading, (), query.filters, (), ())
        return Verdict(answers=False, probability=0.0, reason=reason)

    def _verdict(
        self, query: Query, reading: ParsedQuestion, evidence: Sequence[Evidence], signals: Signals, *, is_sure: bool
    ) -> Verdict:
        """The verdict of the gate, unless a date answers for certain, or an entry says that it answers."""
        if is_sure:
            return Verdict(answers=True, probability=1.0)
        verdict = self._gates[bool(signals["read"])].decide(signals, with_guides=self._has_guides)
        if verdict.answers or query.wants_more:
            return replace(verdict, answers=True)
        return replace(verdict, reason=self._reason(query, reading, evidence))

    def _reason(self, query: Query, reading: ParsedQuestion, evidence: Sequence[Evidence]) -> str:
        """Why there is no answer, as a sentence for the reader."""
        unknown = self._examiner.unknown(reading.words)
        # Only what the user typed now: a follow-up may be searched with words of earlier questions.
        words = [word for word in query.question.split() if set(terms(word)) & set(unknown)]
        return refusal.reason(
            reading,
            evidence,
            query.filters,
            unknown_names(query.searched_for, unknown),
            [word.strip("?!.,;:\"'“”()") for word in words],
            about=self._title_if_named(query.searched_for, evidence[0].entry),
            wanted=wanted_phrase(query.searched_for),
        )

    def _title_if_named(self, text: str, entry: AnyEntry) -> str | None:
        """The title of an entry, if a name in the question stands for the entry."""
        return entry.title if any(entry.id in name.entries for name in self._vocabulary.proper_names(text)) else None


def _without_paths(query: Query, found: Sequence[FoundEntry]) -> list[FoundEntry]:
    """The entries to quote from: reading paths only if the question is about reading."""
    wants_paths = "path" in query.filters.kinds or question.is_about_reading(query.searched_for)
    return [entry for entry in found if wants_paths or entry.entry.kind != "path"]
