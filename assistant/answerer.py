"""The default answerer: hits to a draft made of the catalogue's own sentences, or to the reason why there is none."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from index.generation import Index
from index.lexical import terms
from index.models import heading_of

from . import extract, gate, question
from .engine import Asked, Draft
from .evidence import Evidence, Examiner
from .question import Reading
from .retrieve import Found, Hit, Searcher
from .types import Query
from .vocabulary import Vocabulary, key_of, names_in


class Extractive:
    """Answers by quotation over one open index."""

    def __init__(self, index: Index, searcher: Searcher, vocabulary: Vocabulary) -> None:
        self._index = index
        self._searcher = searcher
        self._vocabulary = vocabulary
        self._examiner = Examiner(index)

    def answer(self, asked: Asked, hits: Sequence[Hit]) -> Draft:
        """What the synthesizer does with a question and its hits."""
        began = time.perf_counter()
        assert asked.query is not None
        assert asked.reading is not None
        query, reading = asked.query, asked.reading
        found = self._searcher.entries(hits)
        names = tuple(one.entry.id for one in found)
        paths = "path" in query.filters.kinds or question.is_about_reading(query.searched_for)
        looked_at = [one for one in found if paths or one.entry.kind != "path"]
        evidence = [one for one in self._examiner.examine(reading, asked.vector, looked_at) if not asked.said(one.text)]
        if query.wants_more:
            # More of the same first: what the entries just cited, and those linked to them, have not said yet.
            near = {*query.carried, *(o for name in query.carried for o in self._index.catalogue.links.get(name, ()))}
            evidence = [one for one in evidence if one.entry.id in near]
            evidence.sort(key=lambda one: one.entry.id not in query.carried)
        definition = None if query.wants_more or asked.only is not None else self.definition(reading)
        verdict = self._verdict(query, reading, evidence, found, defined=definition is not None)
        if not verdict.answers:
            return Draft("", (), (), verdict.probability, began, verdict.reason, names)
        pieces = extract.choose(
            evidence,
            self._examiner.likeness,
            mode=query.mode,
            level=query.level,
            definition=definition,
            answer_first=query.mode == "chat" and reading.asked != "thing",
        )
        text, sentences, citations = extract.compose(pieces)
        return Draft(text, sentences, citations, verdict.probability, began, None, names)

    def definition(self, reading: Reading) -> extract.Definition | None:
        """What the catalogue's guides say the subject of a question is, if they do."""
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
        signals = self._signals(query.searched_for, reading, evidence, found)
        spoken_of = evidence[0].entry.id in query.carried
        verdict = gate.decide(
            signals,
            with_vectors=self._searcher.has_vectors,
            spoken_of=spoken_of,
            of_kind=bool(query.filters.kinds),
            said_of=_names_it(reading.subject, evidence[:5]) if reading.subject else None,
        )
        if verdict.answers or query.wants_more:
            return replace(verdict, answers=True)
        written = [word for word in query.searched_for.split() if set(terms(word)) & set(unknown)]
        odd = [word.strip("?!.,;:\"'“”()") for word in written]
        return replace(verdict, reason=gate.reason(reading, evidence, query.filters, missing, odd))

    def _signals(
        self, text: str, reading: Reading, evidence: Sequence[Evidence], found: Sequence[Found]
    ) -> gate.Signals:
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
            detail=min(len(reading.words), 12) / 12,
        )

    def _unknown_names(self, text: str, unknown: Sequence[str]) -> list[str]:
        """Names in a question of which a word stands nowhere in the catalogue."""
        missing = set(unknown)
        return [
            name
            for name, _, at_start in names_in(text)
            if set(terms(name)) & missing and not (at_start and name.istitle() and " " not in name and len(name) < 4)
        ]


def _share(weights: Mapping[str, float], words: Sequence[str], held: Collection[str]) -> float:
    """The share of some words' weight that is held; 1 where there are no words."""
    total = sum(weights[word] for word in words)
    return sum(weights[word] for word in words if word in held) / total if total else 1.0


def _names_it(subject: str, evidence: Sequence[Evidence]) -> bool | None:
    """Whether one of some sentences, or the title or heading above it, has a subject's words side by side.

    None for a long subject, which is described and not named ("the paper a lab puts out at launch").
    """
    key = list(key_of(subject))
    if len(key) > 3:
        return None
    for one in evidence:
        for text in (one.text, one.entry.title, heading_of(one.entry, one.field) or ""):
            words = key_of(text)
            if any(list(words[at : at + len(key)]) == key for at in range(len(words) - len(key) + 1)):
                return True
    return False
