"""Suggests questions that entries say they answer: the field `questions`, written by the editor of a catalogue.

They come from the entries of the answer, and from entries related to it. A question is left out if the user has asked it,
or if the sentence that answers it was just shown. The others are ordered by the probability that a reader of the answer
wants to press them: a logistic regression whose weights are data (`assistant/data/suggestions.json`), fitted by
`python -m training.fit_suggestions`.
"""

import re
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from assistant import logistic
from assistant.answer import Citation
from assistant.understanding.vocabulary import names_in
from index.embed import Vectors
from index.generation import Index
from index.lexical import terms

MAX_OF_AN_ENTRY = 2
"""Questions suggested about one entry."""
SAME_QUESTION = 0.8
"""Two questions of entries with a higher cosine ask the same thing."""
JUST_ASKED = 0.72
"""A question with a higher cosine to the user's asks what was just answered, in other words."""
KNOWN_QUESTION = 0.85
"""A question with this cosine to one of an entry's questions, and the same question word, names and numbers, is that
question in other words. Of 12 such questions of our own sets 10 have a right entry."""
_QUESTION_WORD = re.compile(
    r"\b(?:(?P<amount>how (?:many|much))|(?P<degree>how (?!do|did|does|is|was|were|are|can|could|to|will|would|has|have)\w+)|"
    r"(?P<plain>who|what|when|where|why|which|how))(?:['’]?s)?\b",
    re.IGNORECASE,
)
MIN_CHANCE = 0.4
"""A question is suggested from this probability on. Of those judged for the fit, readers wanted about 55 % of such."""
MIN_LIKENESS_TO_REFUSED = 0.55
"""After a refusal, a question needs this cosine with the user's: of less similar ones hardly any was wanted."""
FEATURES = {
    "asked": "cosine of the question and the user's, as typed",
    "quoted": "highest cosine of the question and a quoted sentence",
    "cited": "1 if its entry is cited",
    "first": "1 if its entry is cited first",
    "related": "1 if its entry is related to the cited ones",
    "guide": "1 if its entry is a guide",
}
"""What decides whether a question is suggested, with its meaning."""


class EntryQuestions:
    """The questions of one open index.

    Args:
        index: The open index.
        embed: Returns the vector of a text; None without an embedder.
    """

    def __init__(self, index: Index, embed: Callable[[str], Vectors | None]) -> None:
        self._index = index
        self._embed = embed
        self._by_entry: dict[str, list[int]] = {}
        for number, question in enumerate(index.questions):
            self._by_entry.setdefault(question.entry_id, []).append(number)
        self._vectors = index.question_vectors

    def next(
        self, question: str, asked: Sequence[str], citations: Sequence[Citation], others: Sequence[str], *, most: int
    ) -> tuple[str, ...]:
        """Choose questions to ask next, best first; none if no question is likely to be wanted.

        Args:
            question: The user's question, as it was searched.
            asked: What the user asked, the latest first, and what was suggested before.
            citations: The citations of the answer.
            others: Ids of entries related to the answer, or of those found for a question without one.
            most: The largest number of questions.
        """
        known = [set(terms(text)) for text in (question, *asked)]
        shown = {self._index.sentence_at(one.entry_id, one.field, one.start) for one in citations}
        chosen: list[int] = []
        for number, likeness in self._wanted(question, asked[0] if asked else question, citations, others):
            candidate = self._index.questions[number]
            words = set(terms(candidate.text))
            of_entry = sum(self._index.questions[n].entry_id == candidate.entry_id for n in chosen)
            if (
                of_entry < MAX_OF_AN_ENTRY
                and likeness < JUST_ASKED
                and candidate.sentence not in shown
                and not any(words <= other for other in known)
                and not any(self._are_alike(number, other) for other in chosen)
            ):
                chosen.append(number)
                if len(chosen) == most:
                    break
        return tuple(self._index.questions[number].text for number in chosen)

    def features(
        self, numbers: Sequence[int], typed: str, citations: Sequence[Citation], others: Sequence[str]
    ) -> npt.NDArray[np.float64]:
        """The features of some questions, one row each, in the order of `FEATURES`.

        Args:
            numbers: The numbers of the questions in the index.
            typed: The user's question, as typed.
            citations: The citations of the answer.
            others: Ids of entries related to the answer.
        """
        cited, index = dict.fromkeys(citation.entry_id for citation in citations), self._index
        first = next(iter(cited), None)
        quoted = [index.sentence_at(one.entry_id, one.field, one.start) for one in citations]
        rows = [int(index.sentence_rows[place]) for place in quoted if place is not None]
        sentences = index.vectors[[row for row in rows if row >= 0]].astype(np.float32)
        nearest = np.zeros(len(numbers))
        if self._vectors is not None and len(sentences):
            nearest = np.max(self._vectors[list(numbers)] @ sentences.T, axis=1)
        entries = [index.questions[number].entry_id for number in numbers]
        return np.column_stack(
            [
                self._likeness(numbers, typed),
                nearest,
                [name in cited for name in entries],
                [name == first for name in entries],
                [name in others and name not in cited for name in entries],
                [index.catalogue.by_id[name].kind == "guide" for name in entries],
            ]
        ).astype(np.float64)

    def _wanted(
        self, question: str, typed: str, citations: Sequence[Citation], others: Sequence[str]
    ) -> list[tuple[int, float]]:
        """The numbers of the questions that a reader may want to press, best first, with their cosine to the user's."""
        cited = dict.fromkeys(citation.entry_id for citation in citations)
        numbers = [n for entry in dict.fromkeys((*cited, *others)) for n in self._by_entry.get(entry, ())]
        if self._vectors is None or not numbers:
            return [(n, 0.0) for n in numbers if self._index.questions[n].entry_id in cited]
        likeness = self._likeness(numbers, question)
        chances, least = np.asarray(likeness, np.float64), MIN_LIKENESS_TO_REFUSED
        if cited:
            weights, bias = logistic.load("suggestions.json")
            rows = self.features(numbers, typed, citations, others)
            chances = np.array(
                [logistic.probability(weights, bias, dict(zip(FEATURES, row, strict=True))) for row in rows]
            )
            least = MIN_CHANCE
        order = np.argsort(-chances, kind="stable")
        return [(numbers[at], float(likeness[at])) for at in order if chances[at] >= least]

    def answered_by(self, text: str, vector: Vectors | None) -> str | None:
        """The id of the entry that says it answers a question; None if no entry does.

        The vectors of "When was Quiet-4 released?" hardly differ from those of "When was Quiet-5 released?" and "How was
        Quiet-4 released?", so the question word, the names and the numbers must be the same.
        """
        if vector is None or self._vectors is None:
            return None
        cosines = self._vectors @ vector
        best = int(np.argmax(cosines))
        question = self._index.questions[best]
        if cosines[best] < KNOWN_QUESTION or _question_word(text) != _question_word(question.text):
            return None
        asked, known = set(terms(text)), set(terms(question.text))
        names = {word for name, _, at_start in names_in(question.text) if not at_start for word in terms(name)}
        numbers = {word for word in asked ^ known if any(map(str.isdigit, word))}
        return question.entry_id if names <= asked and not numbers else None

    def _likeness(self, numbers: Sequence[int], text: str) -> Vectors:
        """Cosines of some questions with a text; 0 without vectors."""
        vector = self._embed(text) if self._vectors is not None else None
        if self._vectors is None or vector is None:
            return np.zeros(len(numbers), np.float32)
        return np.asarray(self._vectors[list(numbers)] @ vector)

    def _are_alike(self, first: int, second: int) -> bool:
        return self._vectors is not None and float(self._vectors[first] @ self._vectors[second]) >= SAME_QUESTION


def _question_word(text: str) -> str:
    """What a question asks for: "how many", "why", or "" for a question of yes or no."""
    match = _QUESTION_WORD.search(text)
    if match is None:
        return ""
    return "how many" if match["amount"] else (match["degree"] or match["plain"]).lower()
