"""The default answerer: hits to a draft made of the catalogue's own sentences, or to the reason why there is none."""

import time
from collections.abc import Sequence
from dataclasses import replace

from assistant.answer import Query
from assistant.brief.brief import Summariser
from assistant.brief.coverage import Covered
from assistant.query_engine import Asked, Draft
from assistant.retrieval.search import Hit, Searcher
from assistant.understanding import reading as question
from assistant.understanding.answer_type import AnswerType, answer_type, wanted_phrase
from assistant.understanding.reading import Reading
from assistant.understanding.titles import Titles
from assistant.understanding.vocabulary import Name, Vocabulary, key_of
from assistant.verification.cross_encoder import Reader
from index.generation import Index
from index.lexical import terms
from index.models import AnyEntry

from . import abstention, selection
from .abstention_signals import Observer, Signals, unknown_names
from .evidence import Evidence, Examiner
from .levels import Glossary

CAME_ABOUT = frozenset(
    terms(
        "released release published launched launch announced introduced presented unveiled come came out appear signed passed "
        "adopted enacted posted debut happen held take place start begin date year month day"
    )
)
"""Index terms of what is said of any event: to ask when is to ask for its date."""
LEADING = 5
"""Sentences that a plain answer is made of."""


class Extractive:
    """Answers by quotation over one open index."""

    def __init__(self, index: Index, searcher: Searcher, vocabulary: Vocabulary, reader: Reader | None = None) -> None:
        self._reader = reader
        self._index = index
        self._searcher = searcher
        self._vocabulary = vocabulary
        self._examiner = Examiner(index)
        self._observer = Observer(self._examiner, searcher, vocabulary)
        self._glossary = Glossary(index)
        self._titles = Titles(index.catalogue)
        bare = abstention.is_bare(index.catalogue.entries)
        self._gates = {
            read: abstention.Gate.open(with_vectors=searcher.has_vectors, with_reader=read, bare=bare)
            for read in (False, True)
        }
        self._summariser = Summariser(index, self._examiner, vocabulary)
        self._covered = Covered(self._examiner, searcher.embed)

    def answer(self, asked: Asked, hits: Sequence[Hit]) -> Draft:
        """What the synthesizer does with a question and its hits."""
        began = time.perf_counter()
        assert asked.query is not None
        assert asked.reading is not None
        query, reading = asked.query, self._spelt(asked.reading)
        found = self._searcher.entries(hits)
        names = tuple(one.entry.id for one in found)
        paths = "path" in query.filters.kinds or question.is_about_reading(query.searched_for)
        looked_at = [one for one in found if paths or one.entry.kind != "path"]
        kind = answer_type(query.searched_for)
        examined = self._examiner.examine(reading, asked.vector, looked_at, kind=kind)
        # An entry named by its whole title comes before those with a longer name: Quiet-5 is not Quiet-5.1.
        others = self._titles.others_than_named(query.searched_for)
        examined.sort(key=lambda one: one.entry.id in others)
        evidence = [one for one in examined if not asked.said(one.text)]
        if query.wants_more:
            # More of the same first: what the entries just cited, and those linked to them, have not said yet.
            near = {*query.carried, *(o for name in query.carried for o in self._index.catalogue.links.get(name, ()))}
            evidence = [one for one in evidence if one.entry.id in near]
            evidence.sort(key=lambda one: one.entry.id not in query.carried)
        definition = None if query.wants_more or asked.only is not None else self.definition(reading)
        if self._reader is not None and not asked.quick and definition is None and not query.wants_more:
            evidence = self._examiner.judge(query.searched_for, evidence, self._reader.answers)
        signals: Signals = {}
        is_brief = query.intent == "summary" and not query.wants_more
        if definition is None and evidence and not is_brief:
            signals = self._observer.signals(query, reading, kind, evidence, found)
        if is_brief and definition is None and evidence:
            # All that was found is looked into, so that the order of what leads decides nothing.
            wide = [part for one in looked_at for part in self._examiner.examine(reading, asked.vector, [one])]
            verdict = self._covered.decide(asked.query_str, reading, asked.vector, wide)
            verdict = verdict if verdict.answers else replace(verdict, reason=self._reason(query, reading, evidence))
        else:
            dated = self._is_dated(query, kind, evidence)
            sure = definition is not None or dated
            if dated and kind is not None:
                event = evidence[0].entry.id
                evidence = sorted(evidence, key=lambda one: one.entry.id != event or not kind.holds(one.text))
            verdict = self._verdict(query, reading, evidence, signals, sure=sure)
        leading = tuple(dict.fromkeys(one.entry.id for one in evidence[:LEADING]))
        seen = Draft("", (), (), verdict.probability, began, verdict.reason, names, signals, leading)
        if not verdict.answers:
            return seen
        if is_brief:
            made = self._summariser.write(query, reading, asked.vector, looked_at, definition)
            return replace(
                seen,
                text=made.text,
                sentences=made.sentences,
                citations=made.citations,
                brief=made.brief,
                reason=None,
            )
        pieces = selection.choose(
            evidence,
            self._examiner.likeness,
            mode=query.mode,
            level=query.level,
            definition=definition,
            answer_first=query.mode == "chat" and reading.asked != "thing",
        )
        if query.level == "beginner" and query.mode == "chat":
            pieces = selection.explained(pieces, self._glossary, asked.met)
        text, sentences, citations = selection.compose(pieces)
        return replace(seen, text=text, sentences=sentences, citations=citations, reason=None)

    def _spelt(self, reading: Reading) -> Reading:
        """A reading whose words are the catalogue's where they are only spelt otherwise."""
        near = self._index.words.nearest
        return replace(
            reading, content=tuple(map(near, reading.content)), everything=tuple(map(near, reading.everything))
        )

    def _is_dated(self, query: Query, kind: AnswerType | None, evidence: Sequence[Evidence]) -> bool:
        """Whether a question asks only when something came about that the first entry is the event of.

        Its date is a field then, and stands before its words: "When was GPT-4 released?"
        """
        if kind is None or kind.name != "date" or not evidence or query.wants_more:
            return False
        entry = evidence[0].entry
        if entry.kind != "event" or entry.date is None:
            return False
        names = [name for name in self._vocabulary.find(query.searched_for) if name.rank != 3 and name.is_proper]
        if not any(entry.id == self._event_of(name) for name in names):
            return False
        rest = question.without(query.searched_for, [name.text for name in names])
        return set(terms(rest)) <= CAME_ABOUT

    def _event_of(self, name: Name) -> str | None:
        """The event that fits a name best."""
        by_id = self._index.catalogue.by_id
        return next((one for one in name.entries if by_id[one].kind == "event"), None)

    def definition(self, reading: Reading) -> selection.Definition | None:
        """What the catalogue's guides say the subject of a question is, if they do."""
        if reading.subject is None:
            return None
        name = self._vocabulary.get(reading.subject)
        if name is None:
            return None
        key = key_of(reading.subject)
        alike = {key, key_of(name.text)}
        return selection.define(self._index, name.entries, lambda text: key_of(text) in alike)

    def _verdict(
        self, query: Query, reading: Reading, evidence: Sequence[Evidence], signals: Signals, *, sure: bool
    ) -> abstention.Verdict:
        if sure:
            return abstention.Verdict(answers=True, probability=1.0)
        if not evidence:
            reason = abstention.reason(reading, (), query.filters, (), ())
            if query.wants_more:
                reason = "The catalogue says nothing more about this."
            return abstention.Verdict(answers=False, probability=0.0, reason=reason)
        verdict = self._gates[bool(signals["read"])].decide(signals)
        if verdict.answers or query.wants_more:
            return replace(verdict, answers=True)
        return replace(verdict, reason=self._reason(query, reading, evidence))

    def _reason(self, query: Query, reading: Reading, evidence: Sequence[Evidence]) -> str:
        """Why there is no answer."""
        unknown = self._examiner.unknown(reading.words)
        written = [word for word in query.searched_for.split() if set(terms(word)) & set(unknown)]
        odd = [word.strip("?!.,;:\"'“”()") for word in written]
        return abstention.reason(
            reading,
            evidence,
            query.filters,
            unknown_names(query.searched_for, unknown),
            odd,
            about=self._about(query.searched_for, evidence[0].entry),
            wanted=wanted_phrase(query.searched_for),
        )

    def _about(self, text: str, entry: AnyEntry) -> str | None:
        """The title of an entry, where a name in the question stands for it."""
        names = [name for name in self._vocabulary.find(text) if name.is_proper and name.rank != 3]
        return entry.title if any(entry.id in name.entries for name in names) else None
