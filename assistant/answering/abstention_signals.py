"""Computes the signals from which the gate decides: numbers of about 0..1 that compare a question with its evidence.

A question consists of names ("GPT-5") and of what it asks about them ("how many parameters"). Typical near misses
contain the name and lack the rest, so the rest has signals of its own.
"""

import re
from collections.abc import Collection, Mapping, Sequence

from assistant.answer import Query
from assistant.retrieval.search import FoundEntry, Searcher
from assistant.understanding import reading as question
from assistant.understanding.answer_type import OPEN_TYPES, AnswerType
from assistant.understanding.phrases import FUNCTION_WORDS
from assistant.understanding.reading import ParsedQuestion
from assistant.understanding.vocabulary import Name, Vocabulary, key_of, names_in
from index.lexical import terms
from index.models import heading_of

from .evidence import Evidence, Examiner

Signals = dict[str, float]

SIGNALS = {
    "sentence": "cosine of the question and the best sentence",
    "passage": "cosine of the question and the best passage",
    "rest_cosine": "cosine of the question without its names and the best sentence",
    "rest_coverage": "share of the words other than names, by weight, that the best sentences of one entry contain",
    "coverage": "share of all words, by weight, that the best sentence contains; words of its title count in part",
    "words": "BM25 score of the best passage, divided by 20",
    "peaked": "standard deviation of the best twenty BM25 scores, divided by the highest",
    "counted": "0 if the question counts something that these sentences do not mention, else 1",
    "holds": "1 if the question asks for a kind of thing (an amount, a date, a name) and the best sentences contain one",
    "lacks": "1 if the question asks for a kind of thing and they contain none",
    "missing_name": "1 if a name in the question is unknown to the catalogue",
    "unknown": "share of the words, by weight, that occur nowhere in the catalogue",
    "detail": "number of content words, divided by 12, at most 1: a match with a long description is not an accident",
    "margin": "score of the best sentence minus that of the best sentence of another entry",
    "agree": "1 if word search and vector search rank the same entry first",
    "named": "1 if a name in the question stands for the entry ranked first",
    "named_other": "1 if the names in the question stand only for other entries",
    "spoken_of": "1 if the best sentence is from an entry that the conversation is about",
    "of_kind": "1 if the question asks for a kind of entry: showing the nearest entry of that kind is then an answer",
    "said_of": "1 if the question is “What is X?” and the best sentences contain X by name",
    "not_said_of": "1 if the question is “What is X?” and they do not",
    "read": "1 if the entry reader took part",
    "answered": "the entry reader's highest probability that an entry answers the question",
    "answered_more": "the mean of its probabilities for the three best entries",
    "best_sentence": "its highest probability that a sentence helps to answer",
    "chance": "the highest probability that a sentence answers, by the ranking of sentences",
    "follows": "1 if the question was read together with the conversation before it",
}
"""Every signal with its meaning, in the order used for vectors and sums."""

_BEST_SENTENCES = 5
"""Number of sentences compared with the question; an answer has about as many."""
_SAME_ENTRY_SENTENCES = 3
_SAME_ENTRY_AMONG = 8
"""The best entry is represented by its first three sentences among the best eight."""
_FULL_BM25 = 20
"""The BM25 score at which the signal `words` is 1."""
_FULL_DETAIL = 12
_QUANTITY = re.compile(r"\d[\d.,:]*(?:[ap]m|st|nd|rd|th|s|k|m|b|bn|t|km|kg|h|x|%)?", re.IGNORECASE)
"""A number with its unit ("5pm", "3rd", "100k") is not a name."""
_OWNED = re.compile(r"['’]s\b")
"""A name ends before its possessive: "Hinton's 2016 remark" names Hinton."""
_SHORTEST_OPENING = 4
"""A shorter word in capitals at the start of a sentence need not be a name."""
_MAX_SUBJECT_WORDS = 3
"""A longer subject is a description and not a name: "the paper a lab publishes at launch"."""


class Observer:
    """Computes the signals of questions over one open index."""

    def __init__(self, examiner: Examiner, searcher: Searcher, vocabulary: Vocabulary) -> None:
        self._examiner = examiner
        self._searcher = searcher
        self._vocabulary = vocabulary

    def signals(
        self,
        query: Query,
        reading: ParsedQuestion,
        kind: AnswerType | None,
        evidence: Sequence[Evidence],
        found: Sequence[FoundEntry],
        *,
        follows: bool = False,
    ) -> Signals:
        """Compute the value of every signal in `SIGNALS`, in that order.

        Args:
            query: The question with its filters and its conversation.
            reading: The parsed question.
            kind: The kind of thing it asks for, if known.
            evidence: The candidate sentences, best first; not empty.
            found: The entries found, best first.
            follows: Whether the question was read together with the conversation before it.
        """
        names = self._vocabulary.proper_names(query.searched_for)
        top = [item for item in evidence[:_SAME_ENTRY_AMONG] if item.entry.id == evidence[0].entry.id]
        top = top[:_SAME_ENTRY_SENTENCES]
        top_words = {word for item in top for word in terms(item.text)}
        values = {
            **self._similarity(query.searched_for, names, evidence[:_BEST_SENTENCES], found),
            **self._coverage(reading, names, evidence[:_BEST_SENTENCES], top_words),
            **self._word_scores(query.searched_for),
            **self._unknown_words(query.searched_for, reading),
            **_named_entries(query, names, evidence[0]),
            **_requested_kind(query.searched_for, kind, top, top_words),
            **_subject(reading, evidence[:_BEST_SENTENCES]),
            **_reader_values(evidence),
            "detail": min(len(reading.words), _FULL_DETAIL) / _FULL_DETAIL,
            "margin": _margin(evidence),
            "agree": float(_searches_agree(found)),
            "of_kind": float(bool(query.filters.kinds)),
            "follows": float(follows),
        }
        return {name: values[name] for name in SIGNALS}

    def _similarity(
        self, text: str, names: Sequence[Name], best: Sequence[Evidence], found: Sequence[FoundEntry]
    ) -> Signals:
        rest = self._searcher.embed(question.replace_names(text, [name.text for name in names]))
        return {
            "sentence": max(item.cosine for item in best),
            "passage": max((entry.cosine for entry in found[:3]), default=0.0),
            "rest_cosine": self._examiner.best_cosine(rest, best),
        }

    def _coverage(
        self, reading: ParsedQuestion, names: Sequence[Name], best: Sequence[Evidence], top_words: Collection[str]
    ) -> Signals:
        in_names = {word for name in names for word in terms(name.text)}
        rest = [word for word in reading.words if word not in in_names]
        return {
            "rest_coverage": _share(self._examiner.weights(reading.words), rest, top_words),
            "coverage": max(item.coverage for item in best),
        }

    def _word_scores(self, text: str) -> Signals:
        scores = self._examiner.best_by_words(text)
        has_match = len(scores) > 0 and scores[0] > 0
        return {
            "words": min(1.5, float(scores[0]) / _FULL_BM25) if len(scores) else 0.0,
            "peaked": float(scores.std() / scores[0]) if has_match else 0.0,
        }

    def _unknown_words(self, text: str, reading: ParsedQuestion) -> Signals:
        unknown = self._examiner.unknown(reading.words)
        known = [word for word in reading.words if word not in unknown]
        return {
            "missing_name": float(bool(unknown_names(text, unknown))),
            "unknown": 1.0 - _share(self._examiner.weights(reading.words), reading.words, known),
        }


def _named_entries(query: Query, names: Sequence[Name], best: Evidence) -> Signals:
    is_named = any(best.entry.id in name.entries for name in names)
    return {
        "named": float(is_named),
        "named_other": float(bool(names) and not is_named),
        "spoken_of": float(best.entry.id in query.carried),
    }


def _requested_kind(text: str, kind: AnswerType | None, top: Sequence[Evidence], top_words: Collection[str]) -> Signals:
    """Whether the sentences contain the kind of thing, and mention what is counted."""
    counted = question.counted(text)
    # A text can give a reason in too many ways: a missing "because" says nothing.
    usable = kind if kind is not None and kind.name not in OPEN_TYPES else None
    has_kind = usable is not None and any(usable.holds(item.text) for item in top)
    return {
        "counted": 0.0 if counted and counted not in top_words else 1.0,
        "holds": float(has_kind),
        "lacks": float(usable is not None and not has_kind),
    }


def _subject(reading: ParsedQuestion, best: Sequence[Evidence]) -> Signals:
    is_named = names_subject(reading.subject, best) if reading.subject else None
    return {"said_of": float(is_named is True), "not_said_of": float(is_named is False)}


def _reader_values(evidence: Sequence[Evidence]) -> Signals:
    read = [item for item in evidence if item.judged is not None]
    by_unit = {(item.entry.id, item.field): item.answered for item in read}
    answered = sorted(by_unit.values(), reverse=True)
    return {
        "read": float(bool(read)),
        "answered": answered[0] if answered else 0.0,
        "answered_more": sum(answered[:3]) / 3,
        "best_sentence": max((item.judged or 0.0 for item in read), default=0.0),
        "chance": max((item.chance or 0.0 for item in read), default=0.0),
    }


def unknown_names(text: str, unknown: Collection[str]) -> list[str]:
    """The names in a question that contain one of some unknown index terms."""
    found = []
    for name, _, at_start in names_in(text):
        words = _OWNED.split(name)[0].split()
        while at_start and words and words[0].casefold() in FUNCTION_WORDS:
            words.pop(0)  # "Did Duolingo"
        joined = " ".join(words)
        is_opening = at_start and len(words) == 1 and joined.istitle() and len(joined) < _SHORTEST_OPENING
        if set(terms(joined)) & set(unknown) and not _QUANTITY.fullmatch(joined) and not is_opening:
            found.append(joined)
    return found


def names_subject(subject: str, evidence: Sequence[Evidence]) -> bool | None:
    """Whether a sentence, its title or its heading contains the words of a subject next to each other.

    None if the subject is so long that it describes a thing instead of naming it.
    """
    key = list(key_of(subject))
    if len(key) > _MAX_SUBJECT_WORDS:
        return None
    for item in evidence:
        for text in (item.text, item.entry.title, heading_of(item.entry, item.field) or ""):
            words = key_of(text)
            if any(list(words[at : at + len(key)]) == key for at in range(len(words) - len(key) + 1)):
                return True
    return False


def _share(weights: Mapping[str, float], words: Sequence[str], present: Collection[str]) -> float:
    """The share of the weight of some words that is present; 1 if there are no words."""
    total = sum(weights[word] for word in words)
    return sum(weights[word] for word in words if word in present) / total if total else 1.0


def _margin(evidence: Sequence[Evidence]) -> float:
    runner_up = next((item.score for item in evidence if item.entry.id != evidence[0].entry.id), 0.0)
    return max(0.0, evidence[0].score - runner_up)


def _searches_agree(found: Sequence[FoundEntry]) -> bool:
    by_meaning = max(found, key=lambda entry: entry.cosine, default=None)
    by_words = max(found, key=lambda entry: max(hit.bm25 for hit in entry.hits), default=None)
    return by_meaning is not None and by_words is not None and by_meaning.entry.id == by_words.entry.id
