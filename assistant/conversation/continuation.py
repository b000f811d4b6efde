"""Tells whether a message continues the conversation or changes the subject.

A logistic regression over a few numbers that compare the message with the messages before it. Its weights are data
(`assistant/data/continuation.json`), fitted by `python -m training.fit_continuation`. Without vectors the rules of
`references.py` decide alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant import logistic
from index.lexical import terms

from .acts import Recogniser
from .references import References

CONTINUES = 0.5
"""From this probability on, a message continues the one before it."""
_OPENERS = ("and ", "but ", "so ")
FEATURES = {
    "cosine": "cosine of the message and the one before it",
    "first_cosine": "cosine of the message and the one with which the subject began",
    "words": "number of words, at most 20, divided by 20",
    "terms": "number of index terms, divided by 10",
    "shared": "share of its index terms that occur in these two messages",
    "names": "1 if it has a name of the catalogue",
    "pointer": "1 if it has a word such as “it”",
    "points_back": "1 if this word refers to nothing in the message itself",
    "leans": "1 if the rules say that it cannot be understood alone",
    "opener": "1 if it begins with “and”, “but” or “so”",
    "follow_up": "the probability of a follow-up, by the classifier of acts, as a share of that of any question",
}
"""Every feature with its meaning, in the order used for vectors and sums."""


@dataclass(frozen=True, slots=True)
class Continuation:
    """Compares a message with its conversation.

    Args:
        references: Finds names and words that refer back.
        recogniser: Knows the acts of messages, and their vectors; None for the rules alone.
    """

    references: References
    recogniser: Recogniser | None

    def probability(self, text: str, previous: str, first: str) -> float:
        """The probability that a message continues the subject, in 0..1.

        Args:
            text: The message.
            previous: The user's message before it.
            first: The user's message with which this subject began.
        """
        values = self.features(text, previous, first)
        if values is None:
            return 0.0 if self.references.stands_alone(text) else 1.0
        return logistic.probability(*logistic.load("continuation.json"), values)

    def features(self, text: str, previous: str, first: str) -> dict[str, float] | None:
        """The features of a message, by name; None without vectors."""
        if self.recogniser is None:
            return None
        message, before, beginning = map(self.recogniser.vector, (text, previous, first))
        if message is None or before is None or beginning is None:
            return None
        own, earlier = set(terms(text)), {*terms(previous), *terms(first)}
        references = self.references
        return {
            "cosine": float(message @ before),
            "first_cosine": float(message @ beginning),
            "words": min(len(text.split()), 20) / 20,
            "terms": len(own) / 10,
            "shared": len(own & earlier) / max(1, len(own)),
            "names": float(bool(references.names(text))),
            "pointer": float(references.pointer(text) is not None),
            "points_back": float(references.points_back(text)),
            "leans": float(not references.stands_alone(text)),
            "opener": float(text.lower().startswith(_OPENERS)),
            "follow_up": self.recogniser.follow_up(text, previous),
        }

    def start(self, asked: Sequence[str]) -> int:
        """The place of the message with which the subject of the last one began.

        Args:
            asked: The user's messages, oldest first; not empty.
        """
        first = 0
        for place in range(1, len(asked)):
            if self.probability(asked[place], asked[place - 1], asked[first]) < CONTINUES:
                first = place
        return first
