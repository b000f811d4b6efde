"""Answer or abstain: is what was asked in the evidence? If not, the reason, in words for the reader."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from index import dates

from .evidence import Evidence
from .question import Reading
from .types import Filters


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's decision: `probability` that the evidence answers, and why not where it does not."""

    answers: bool
    probability: float
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Signals:
    """What the decision is made from, each about in 0..1.

    A question is in part names ("GPT-5") and in part what it asks of them ("how many parameters"). Near misses have
    the name and lack the rest, so the rest is looked at by itself.
    """

    sentence: float
    """Cosine of the question and the best sentence."""
    passage: float
    """Cosine of the question and the best passage."""
    rest_cosine: float
    """Cosine of the question without its names and the best sentence."""
    rest_coverage: float
    """Share of the words besides the names, by weight, in the best sentences of one entry."""
    counted: float
    """0 where a number of something is asked for ("how many pages") that these sentences do not speak of, else 1."""
    missing_name: float
    """1 where a name in the question is unknown to the catalogue."""
    detail: float
    """How much the question tells, 1 at twelve words of content: a long description that matches is no accident."""

    def vector(self) -> tuple[float, ...]:
        """In the order of `WEIGHTS`."""
        return (
            self.sentence,
            self.passage,
            self.rest_cosine,
            self.rest_coverage,
            self.counted,
            self.missing_name,
            self.detail,
        )


# Logistic regression on 236 questions of our own over the starter catalogue, tests/evals/tuning-*.jsonl: 20-fold
# cross-validation gives an area under the curve of .79; `False` was also what would have been answered wrongly.
WEIGHTS = (2.6, 1.2, 1.9, 1.75, 0.45, -0.45, 2.9)
BIAS = -4.5
WORD_WEIGHTS = (0.0, 0.0, 0.0, 5.0, 0.45, -0.45, 1.5)
WORD_BIAS = -2.0
"""Without vectors, words decide alone."""
THRESHOLD = 0.5


IN_CONVERSATION = 0.6
"""Added where the best sentence is of an entry that the conversation is about: its words alone say too little."""


OF_KIND = 1.5
"""Added where a kind of entry is asked for."""
SAID_OF_IT = 2.5
NOT_SAID_OF_IT = -1.0
"""Added where "What is X?" is asked and the sentences do, or do not, speak of X by its name."""


def decide(
    signals: Signals, *, with_vectors: bool, spoken_of: bool = False, said_of: bool | None = None, of_kind: bool = False
) -> Verdict:
    """Whether evidence with these signals answers.

    Args:
        signals: What was seen.
        with_vectors: Whether cosines took part.
        spoken_of: The best sentence is of an entry cited just before.
        of_kind: A kind of entry is asked for ("a guide on …"): then to show the nearest of that kind is to answer.
        said_of: For "What is X?": whether the best sentences name X; None for other questions.
    """
    weights, bias = (WEIGHTS, BIAS) if with_vectors else (WORD_WEIGHTS, WORD_BIAS)
    logit = bias + sum(weight * signal for weight, signal in zip(weights, signals.vector(), strict=True))
    logit += IN_CONVERSATION if spoken_of else 0.0
    logit += OF_KIND if of_kind else 0.0
    if said_of is not None:
        logit += SAID_OF_IT if said_of else NOT_SAID_OF_IT
    probability = 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
    return Verdict(probability >= THRESHOLD, probability)


def reason(
    reading: Reading, evidence: Sequence[Evidence], filters: Filters, names: Sequence[str], unknown: Sequence[str]
) -> str:
    """Why there is no answer, as a sentence for the reader.

    Args:
        reading: The question as it was read.
        evidence: The best sentences, best first; may be empty.
        filters: What the search was restricted to.
        names: Names in the question that the catalogue does not have.
        unknown: Other words of the question that the catalogue does not have, as the reader wrote them.
    """
    if names:
        return f"The catalogue has no entry that mentions {_listed(names)}."
    if filters.since or filters.until:
        return f"The catalogue has no entry {_when(filters)} that answers this."
    if unknown and len(unknown) <= 3:
        return f"Nothing in the catalogue speaks of {_listed(unknown)}."
    if not evidence or evidence[0].score < 0.3:
        return "The catalogue has nothing near this question."
    kind = {
        "amount": "but not the number you ask for",
        "time": "but not when that was",
        "person": "but not who that was",
        "place": "but not where that was",
        "reason": "but not the reason you ask for",
    }.get(reading.asked, "but nothing that answers this")
    return f"The catalogue has entries near this question, {kind}."


def _when(filters: Filters) -> str:
    since, until = filters.since, filters.until
    if since and since == until:
        return f"from {dates.in_words(since)}"
    if since and until:
        return f"between {dates.in_words(since)} and {dates.in_words(until)}"
    return f"since {dates.in_words(since)}" if since else f"up to {dates.in_words(until or '')}"


def _listed(words: Sequence[str]) -> str:
    quoted = [f"“{word}”" for word in words[:3]]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
