"""The earlier words of a conversation, which a search uses at a lower weight than the question itself.

Writing earlier questions into the question would give them the same weight as its own words, which measurably lowers
the quality of answers. As a background, they decide between passages that fit the question about equally well.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.understanding.reading import is_generic
from index.lexical import LexicalIndex, terms

DECAY = 0.8
"""Factor by which the weight of a question's words decreases for each later question."""
CARRIED = 0.5
"""Weight in word search of words that were inserted into a question."""
LOOKED_BACK = 8
"""Maximum number of earlier questions used."""


@dataclass(frozen=True, slots=True)
class Background:
    """Earlier words of a conversation: weighted terms for word search, and a text for vector search."""

    words: tuple[tuple[str, float], ...] = ()
    """Index terms, each with its weight; the question's own terms have weight 1."""
    own: str | None = None
    """The question as asked, if the searched question has inserted words; these have a lower weight."""
    text: str = ""
    share: float = 0.0
    """Weight in 0..1 of the text's vector in the search vector; the question's own vector has the rest."""

    def levels(self) -> list[tuple[float, list[str]]]:
        """Return the words grouped by weight, as word search takes them."""
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
    """Return the background for a question from the earlier questions.

    Args:
        question: The stand-alone question.
        asked: The earlier questions, oldest first.
        weight: Weight of the words of the last earlier question.
        share: Weight in 0..1 of the background in the search vector.
        own: The question as asked, if words inserted from the conversation should have a lower weight.
        spoken: The question as asked, for the background's vector; `question` by default.
    """
    known = set(terms(question if own is None else own))
    found = {word: CARRIED for word in terms(question) if word not in known}
    for place, text in enumerate(reversed(asked[-LOOKED_BACK:])):
        for word in terms(text):
            if word not in known and not is_generic(word):
                found.setdefault(word, round(weight * DECAY**place, 4))
    # The first question gives the subject of the conversation, the last question the current point.
    text = " ".join(dict.fromkeys([asked[0], asked[-1], spoken or question])) if asked else ""
    return Background(tuple(found.items()), own, text, share if text else 0.0)


def affinity(words: LexicalIndex, question: str, background: Background) -> float:
    """Return how closely the passages found for a question match its background, in 0..1.

    This is the background's score for the best of the question's first passages, divided by its highest score for any
    passage. The average is 0.3 for questions that continue a subject, and 0.07 for questions from other conversations.
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
