"""What the gate decides from: what was asked, laid beside what was found, as numbers of about 0..1.

A question is in part names ("GPT-5") and in part what it asks of them ("how many parameters"). Near misses have the
name and lack the rest, so the rest is looked at by itself.
"""

from collections.abc import Collection, Mapping, Sequence

from assistant.answer import Query
from assistant.retrieval.search import Found, Searcher
from assistant.understanding import reading as question
from assistant.understanding.answer_type import AnswerType
from assistant.understanding.reading import Reading
from assistant.understanding.vocabulary import Vocabulary, key_of, names_in
from index.lexical import terms
from index.models import heading_of

from .evidence import READ, Evidence, Examiner

Signals = dict[str, float]

ABOUT = {
    "sentence": "cosine of the question and the best sentence",
    "passage": "cosine of the question and the best passage",
    "rest_cosine": "cosine of the question without its names and the best sentence",
    "rest_coverage": "share of the words besides the names, by weight, in the best sentences of one entry",
    "coverage": "share of all the words, by weight, in the best sentence, its title counting in part",
    "words": "score of the best passage by words, 1 at a BM25 score of twenty",
    "peaked": "how far the best twenty scores by words lie apart, beside the highest",
    "counted": "0 where a number of something is asked for that these sentences do not speak of, else 1",
    "holds": "1 where a kind of thing is asked for (a sum, a date, a name) and the best sentences hold one",
    "lacks": "1 where a kind of thing is asked for and they hold none",
    "missing_name": "1 where a name in the question is unknown to the catalogue",
    "unknown": "share of the words, by weight, that stand nowhere in the catalogue",
    "detail": "how much the question tells, 1 at twelve words of content: a long description that matches is no accident",
    "margin": "how far the best sentence is above the best one of another entry",
    "agree": "1 where words and meaning find the same entry first",
    "named": "1 where a name in the question stands for the entry found first",
    "named_other": "1 where the names in the question stand for other entries only",
    "spoken_of": "1 where the best sentence is of an entry that the conversation is about",
    "of_kind": "1 where a kind of entry is asked for: then to show the nearest of that kind is to answer",
    "said_of": "1 where “What is X?” is asked and the best sentences speak of X by its name",
    "not_said_of": "1 where they do not",
    "read": "1 where the reader took part",
    "reader": "the reader's highest probability that one of the best sentences answers",
    "reader_more": "the mean of its three highest",
}
"""Every signal, in the order of a vector, and what it is."""

_LOOKED_AT = 5
"""Sentences; the answer is made of about so many."""


class Observer:
    """Takes the signals of one question over one open index."""

    def __init__(self, examiner: Examiner, searcher: Searcher, vocabulary: Vocabulary) -> None:
        self._examiner = examiner
        self._searcher = searcher
        self._vocabulary = vocabulary

    def signals(
        self,
        query: Query,
        reading: Reading,
        kind: AnswerType | None,
        evidence: Sequence[Evidence],
        found: Sequence[Found],
    ) -> Signals:
        """The signals, one for each of `ABOUT`.

        Args:
            query: The question as understood.
            reading: The same, read.
            kind: The kind of thing asked for, where it can be told.
            evidence: The candidates for an answer, best first; not empty.
            found: The entries found, best first.
        """
        text, best = query.searched_for, evidence[:_LOOKED_AT]
        weights = self._examiner.weights(reading.words)
        unknown = self._examiner.unknown(reading.words)
        names = [name for name in self._vocabulary.find(text) if name.rank != 3 and name.is_proper]
        named = {word for name in names for word in terms(name.text)}
        rest = [word for word in reading.words if word not in named]
        together = [one for one in evidence[:8] if one.entry.id == evidence[0].entry.id][:3]
        said = {word for one in together for word in terms(one.text)}
        counted = question.counted(text)
        by_words = self._examiner.best_by_words(text)
        without = self._searcher.embed(question.without(text, [name.text for name in names]))
        # Reasons are given in too many ways for the lack of a "because" to tell anything.
        telling = kind if kind is not None and kind.name != "reason" else None
        stands_for = any(evidence[0].entry.id in name.entries for name in names)
        holds = telling is not None and any(telling.holds(one.text) for one in together)
        said_of = names_it(reading.subject, best) if reading.subject else None
        judged = sorted((one.judged for one in evidence[:READ] if one.judged is not None), reverse=True)
        return {
            "sentence": max(one.cosine for one in best),
            "passage": max((one.cosine for one in found[:3]), default=0.0),
            "rest_cosine": self._examiner.best_cosine(without, best),
            "rest_coverage": _share(weights, rest, said),
            "coverage": max(one.coverage for one in best),
            "words": min(1.5, float(by_words[0]) / 20) if len(by_words) else 0.0,
            "peaked": float(by_words.std() / by_words[0]) if len(by_words) and by_words[0] > 0 else 0.0,
            "counted": 0.0 if counted and counted not in said else 1.0,
            "holds": float(holds),
            "lacks": float(telling is not None and not holds),
            "missing_name": float(bool(unknown_names(text, unknown))),
            "unknown": 1.0 - _share(weights, reading.words, [word for word in reading.words if word not in unknown]),
            "detail": min(len(reading.words), 12) / 12,
            "margin": _margin(evidence),
            "agree": float(_agree(found)),
            "named": float(stands_for),
            "named_other": float(bool(names) and not stands_for),
            "spoken_of": float(evidence[0].entry.id in query.carried),
            "of_kind": float(bool(query.filters.kinds)),
            "said_of": float(said_of is True),
            "not_said_of": float(said_of is False),
            "read": float(bool(judged)),
            "reader": judged[0] if judged else 0.0,
            "reader_more": sum(judged[:3]) / 3,
        }


def unknown_names(text: str, unknown: Collection[str]) -> list[str]:
    """Names in a question of which a word is among the unknown index terms."""
    return [
        name
        for name, _, at_start in names_in(text)
        if set(terms(name)) & set(unknown) and not (at_start and name.istitle() and " " not in name and len(name) < 4)
    ]


def names_it(subject: str, evidence: Sequence[Evidence]) -> bool | None:
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


def _share(weights: Mapping[str, float], words: Sequence[str], held: Collection[str]) -> float:
    """The share of some words' weight that is held; 1 where there are no words."""
    total = sum(weights[word] for word in words)
    return sum(weights[word] for word in words if word in held) / total if total else 1.0


def _margin(evidence: Sequence[Evidence]) -> float:
    other = next((one.score for one in evidence if one.entry.id != evidence[0].entry.id), 0.0)
    return max(0.0, evidence[0].score - other)


def _agree(found: Sequence[Found]) -> bool:
    by_meaning = max(found, key=lambda one: one.cosine, default=None)
    by_words = max(found, key=lambda one: max(hit.bm25 for hit in one.hits), default=None)
    return by_meaning is not None and by_words is not None and by_meaning.entry.id == by_words.entry.id
