"""What a conversation adds to a search beside the question itself: its earlier words, at a lower weight.

To write earlier words into the question makes them weigh as much as its own; joining all earlier questions is measurably
worse than nothing. As a background they only tip the balance between passages that answer the question about equally well.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from index.lexical import terms

from .question import shapes

DECAY = 0.8
"""What a question's words weigh beside those of the question after it; measured in tests/evals/RESULTS.md."""
LOOKED_BACK = 10
"""Questions; what was said before is not worth its time."""


@dataclass(frozen=True, slots=True)
class Background:
    """Earlier words of a conversation: index terms with weights in 0..1, and a text for the search by meaning."""

    words: tuple[tuple[str, float], ...] = ()
    text: str = ""
    share: float = 0.0
    """Of the background in the vector that is searched with; the rest is the question's own."""

    def __bool__(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.words)


def background_of(question: str, asked: Sequence[str], *, weight: float, share: float) -> Background:
    """The background that earlier questions make for one; `asked` are oldest first."""
    own = set(terms(question))
    found: dict[str, float] = {}
    for place, text in enumerate(reversed(asked[-LOOKED_BACK:])):
        for word in terms(text):
            if word not in own and not shapes(word):
                found.setdefault(word, round(weight * DECAY**place, 4))
    return Background(tuple(found.items()), "", share)
