"""Whether the catalogue has enough on a topic for a brief: a topic is no question, so the gate for questions is no help.

A question asks for one fact, and what lacks it is no answer. A topic asks for whatever there is; it is not there where
its words, weighed by how rare they are, do not come together in any entry, and no sentence is near it in meaning.
"""

from collections.abc import Callable, Sequence

import numpy as np

from assistant.answering.abstention import Verdict
from assistant.answering.abstention_signals import unknown_names
from assistant.answering.evidence import Evidence, Examiner
from assistant.understanding.reading import Reading
from index.embed import Vectors
from index.lexical import terms

BEST = 3
"""Sentences; the words have to come together in more than one of them."""
ENOUGH = 0.95
"""Share of the words, by weight, in the best sentences plus the highest cosine: set on topics made of the starter
catalogue's own names and on topics of other fields (tests/evals/RESULTS.md)."""
ENOUGH_WORDS = 0.5
"""The share of the words alone, where there are no vectors."""
CHANGED = 0.5
"""A topic that moves by this much (1 - cosine) when a word is left out is another topic without it."""


class Covered:
    """Decides about topics over one open index."""

    def __init__(self, examiner: Examiner, embed: Callable[[str], Vectors | None]) -> None:
        self._examiner = examiner
        self._embed = embed

    def decide(self, topic: str, reading: Reading, vector: Vectors | None, evidence: Sequence[Evidence]) -> Verdict:
        """Whether sentences found for a topic are on it.

        Args:
            topic: The topic without its dates.
            reading: The same as it was read.
            vector: Its vector, if there is an embedder.
            evidence: The sentences found; not empty.
        """
        shares = sorted((one.coverage for one in evidence), reverse=True)[:BEST]
        share = sum(shares) / BEST / (1 - self._idle(topic, reading, vector))
        if vector is None:
            return Verdict(share >= ENOUGH_WORDS, min(1.0, share))
        found = min(1.0, share) + max(one.cosine for one in evidence)
        return Verdict(found >= ENOUGH, min(1.0, found / 2))

    def _idle(self, topic: str, reading: Reading, vector: Vectors | None) -> float:
        """The share of the words' weight that tells little: of words the catalogue lacks, as far as the topic stays without them.

        "Mechanistic interpretability" is a kind of interpretability; "quantum machine learning" is another thing than
        machine learning. A name that the catalogue lacks always tells.
        """
        unknown = set(self._examiner.unknown(reading.words))
        # A word at the start is written large whatever it is.
        names = {word for name in unknown_names(f"{topic[:1].lower()}{topic[1:]}", unknown) for word in terms(name)}
        plain = unknown - names
        rest = " ".join(word for word in topic.split() if plain.isdisjoint(terms(word)))
        if vector is None or not plain or not terms(rest):
            return 0.0
        without = self._embed(rest)
        if without is None:
            return 0.0
        change = min(1.0, max(0.0, 1.0 - float(np.dot(vector, without))) / CHANGED)
        weights = self._examiner.weights(reading.words)
        total = sum(weights.values())
        return (1 - change) * sum(weights[word] for word in plain) / total if total else 0.0
