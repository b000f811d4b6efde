"""What a conversation adds to a search beside the question itself: its earlier words, at a lower weight.

To write earlier questions into the question makes them weigh as much as its own words, which is measurably worse than
nothing. As a background they tip the balance between passages that fit the question about equally well.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.understanding.reading import shapes
from index.lexical import LexicalIndex, terms

DECAY = 0.8
"""What a question's words weigh beside those of the question after it."""
CARRIED = 0.5
"""What words put into a question weigh in word search."""
LOOKED_BACK = 8
"""Questions."""


@dataclass(frozen=True, slots=True)
class Background:
    """Earlier words of a conversation: for the search by words with weights, for the search by meaning as a text."""

    words: tuple[tuple[str, float], ...] = ()
    """Index terms, each with its weight; the question's own weigh 1."""
    own: str | None = None
    """The question as asked, where the one that is searched for holds words that were put in: those weigh less."""
    text: str = ""
    share: float = 0.0
    """The share of the text's vector in the one that is searched with; the rest is the question's own."""

    def levels(self) -> list[tuple[float, list[str]]]:
        """The words by weight, as word search takes them."""
        found: dict[float, list[str]] = {}
        for word, weight in self.words:
            found.setdefault(weight, []).append(word)
        return list(found.items())


NOTHING = Background()
_LOOKED_AT = 10
_BEST = 3


def background_of(
    question: str,
    asked: Sequence[str],
    *,
    weight: float,
    share: float = 0.0,
    own: str | None = None,
    spoken: str | None = None,
) -> Background:
    """What earlier questions, oldest first, add to one that is about to be searched.

    Args:
        question: The question, standing alone.
        asked: The earlier questions.
        weight: Of the words of the last of them.
        share: Of the vector that is searched with.
        own: The question as asked, where words were put in from the conversation that are to weigh less.
        spoken: The question as asked, for the text whose vector takes a share; `question` by default.
    """
    known = set(terms(question if own is None else own))
    found = {word: CARRIED for word in terms(question) if word not in known}
    for place, text in enumerate(reversed(asked[-LOOKED_BACK:])):
        for word in terms(text):
            if word not in known and not shapes(word):
                found.setdefault(word, round(weight * DECAY**place, 4))
    # What the talk began with says what it is about, the last question where it has got to.
    text = " ".join(dict.fromkeys([asked[0], asked[-1], spoken or question])) if asked else ""
    return Background(tuple(found.items()), own, text, share if text else 0.0)


def affinity(words: LexicalIndex, question: str, background: Background) -> float:
    """How much the passages that a question finds are about its background as well, in 0..1.

    The background's score for the best of the question's first passages, beside the best it gives to any. Questions
    that go on about a subject have .3 on average, questions asked in other conversations .07.
    """
    own = words.scores(terms(question))
    behind = np.zeros_like(own)
    for weight, level in background.levels():
        behind = behind + weight * words.scores(level)
    highest = float(behind.max(initial=0.0))
    if not highest or not own.any():
        return 0.0
    first = np.argsort(-own, kind="stable")[:_LOOKED_AT]
    return float(np.sort(behind[first[own[first] > 0]])[-_BEST:].mean()) / highest
