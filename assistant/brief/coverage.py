"""Decides whether the catalogue has enough on a topic for a brief.

The gate for questions does not fit here: a question asks for one fact, a topic for anything on it. A topic is covered if
its words, weighted by their rarity, occur together in some sentences, or if a sentence is close to it in meaning.
"""

from collections.abc import Callable, Sequence

import numpy as np

from assistant.answering.abstention import Verdict
from assistant.answering.abstention_signals import unknown_names
from assistant.answering.evidence import Evidence, Examiner
from assistant.understanding.reading import ParsedQuestion
from index.embed import Vectors
from index.lexical import terms

BEST_SENTENCES = 3
"""Number of sentences in the mean coverage of the words, because one sentence is too little for a brief."""
MIN_COVERAGE = 0.95
"""Threshold for the covered share of the words plus the highest cosine. Set on topics made of names in the starter
catalogue and on topics from other fields (tests/evals/RESULTS.md)."""
MIN_COVERAGE_BY_WORDS = 0.5
"""Threshold for the covered share of the words, without vectors."""
OTHER_TOPIC = 0.5
"""If the vector of a topic moves by this much (1 - cosine) without a word, it is a different topic without that word."""


class TopicCoverage:
    """Decides about topics, over one open index."""

    def __init__(self, examiner: Examiner, embed: Callable[[str], Vectors | None]) -> None:
        self._examiner = examiner
        self._embed = embed

    def decide(
        self, topic: str, reading: ParsedQuestion, vector: Vectors | None, evidence: Sequence[Evidence]
    ) -> Verdict:
        """Decide whether the sentences found for a topic cover it.

        Args:
            topic: The topic without its dates.
            reading: The parsed topic.
            vector: Its vector; None without an embedder.
            evidence: The sentences found; not empty.
        """
        shares = sorted((item.coverage for item in evidence), reverse=True)[:BEST_SENTENCES]
        share = sum(shares) / BEST_SENTENCES / (1 - self._ignorable_share(topic, reading, vector))
        if vector is None:
            return Verdict(share >= MIN_COVERAGE_BY_WORDS, min(1.0, share))
        coverage = min(1.0, share) + max(item.cosine for item in evidence)
        return Verdict(coverage >= MIN_COVERAGE, min(1.0, coverage / 2))

    def _ignorable_share(self, topic: str, reading: ParsedQuestion, vector: Vectors | None) -> float:
        """The share of the words' weight that may be missing: words unknown to the catalogue that hardly change the topic.

        "Mechanistic interpretability" is a kind of interpretability, so "mechanistic" may be missing. "Quantum machine
        learning" is not machine learning, so "quantum" may not. A name may never be missing.
        """
        unknown = set(self._examiner.unknown(reading.words))
        # The first word may have a capital without being a name.
        names = {word for name in unknown_names(f"{topic[:1].lower()}{topic[1:]}", unknown) for word in terms(name)}
        ignorable = unknown - names
        rest = " ".join(word for word in topic.split() if ignorable.isdisjoint(terms(word)))
        if vector is None or not ignorable or not terms(rest):
            return 0.0
        without = self._embed(rest)
        if without is None:
            return 0.0
        change = min(1.0, max(0.0, 1.0 - float(np.dot(vector, without))) / OTHER_TOPIC)
        weights = self._examiner.weights(reading.words)
        total = sum(weights.values())
        return (1 - change) * sum(weights[word] for word in ignorable) / total if total else 0.0
