"""One question of the chat with its answer or error. The conversation itself is kept by the reader's browser."""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer import Answer, Citation, Restriction, Turn
from index.errors import AlmanacError

_SENT_EXCHANGES = 8
_MAX_SENT_CITED = 12
"""As in `conversation.js` and `shared.js`: the exchanges and the cited entries that a question is sent with."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An error in place of an answer: what went wrong, and how to fix it."""

    message: str
    hint: str

    @classmethod
    def of(cls, error: AlmanacError) -> "Failure":
        """The message and the hint of a known error."""
        return cls(str(error), error.hint)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question, and its answer or the error in its place."""

    number: int
    question: str
    answer: Answer | None = None
    failure: Failure | None = None
    without: tuple[Restriction, ...] = ()
    """Restrictions of the question that the reader removed."""

    @property
    def state(self) -> str:
        """`unavailable` after an error, else the status of the answer."""
        return "unavailable" if self.failure is not None or self.answer is None else self.answer.status

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations of the answer."""
        return self.answer.citations if self.answer else ()


def turns(exchanges: Sequence[Exchange]) -> tuple[Turn, ...]:
    """What a follow-up question is asked with, as the page sends it: the latest exchanges that have an answer."""
    said: list[Turn] = []
    for exchange in exchanges[-_SENT_EXCHANGES:]:
        answer = exchange.answer
        if answer is None:
            continue
        words = " ".join(sentence.text for sentence in answer.sentences) or answer.reason or answer.text
        said.append(Turn("user", exchange.question, searched_for=answer.searched_for))
        said.append(Turn("assistant", words, answer.cited[:_MAX_SENT_CITED], suggestions=answer.suggestions))
    return tuple(said)
