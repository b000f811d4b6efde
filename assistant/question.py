"""A question and the options that determine its answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from index.models import Level

from .answer import Mode, Turn


@dataclass(frozen=True, slots=True)
class Question:
    """A user's question and the options for its answer."""

    text: str
    """1 to 2,000 characters."""
    history: Sequence[Turn] = ()
    """The conversation before the question, oldest turn first."""
    level: Level | None = None
    """The reader's level; None for the assistant's default. It affects which sentences are quoted, never the facts."""
    mode: Mode = "chat"
    """`chat` for a short answer, `summary` for a longer one over more entries."""
    without: Sequence[str] = ()
    """Restrictions to ignore although the question states them, named as in `Answer.understood`."""
    as_of: str | None = None
    """Ignore entries dated after this day, and count "last year" from it. None for no limit, counting from today."""

    def __post_init__(self) -> None:
        """Convert the sequences to tuples, so that a question is immutable and hashable."""
        object.__setattr__(self, "history", tuple(self.history))
        object.__setattr__(self, "without", tuple(self.without))

    @classmethod
    def of(cls, question: "Question | str") -> "Question":
        """Return a `Question`, given a text or a `Question`."""
        return cls(question) if isinstance(question, str) else question
