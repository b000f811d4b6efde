"""The conversation of one visitor: its questions, its answers, and how much of the latest answer is shown."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from assistant.answer import Answer, Citation, Restriction, Turn
from index.errors import AlmanacError

MAX_REVEAL_SECONDS = 0.5
"""An answer is revealed in this time, sentence by sentence. The first sentence is shown immediately."""
_MAX_REVEAL_STEPS = 6
_MAX_REVEALED_SENTENCES = 15
"""A longer answer is a list, which is shown at once."""
_MAX_CITED_IN_TURN = 12
"""Cited entries that the turn of an answer names for follow-up questions."""
_MAX_EXCHANGES = 60
"""Exchanges in one session. Earlier ones are dropped, to limit the memory of a session."""
_MAX_EARLIER_CITATIONS = 600
"""Citations of all earlier exchanges in one session. A list of the whole catalogue is a thousand times as large as
a usual answer."""


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
    """A question and its answer or error. `shown` is the number of sentences on the page so far."""

    number: int
    question: str
    answer: Answer | None = None
    shown: int = 0
    failure: Failure | None = None
    stopped: bool = False
    without: tuple[Restriction, ...] = ()
    """Restrictions of the question that the reader removed."""

    @property
    def pending(self) -> bool:
        """Whether the answer is not yet complete on the page."""
        if self.stopped or self.failure is not None:
            return False
        return self.answer is None or self.shown < len(self.answer.sentences)

    @property
    def state(self) -> str:
        """`pending`, `stopped`, `unavailable` (after an error), or the status of the answer."""
        if self.failure is not None:
            return "unavailable"
        if self.stopped:
            return "stopped"
        return "pending" if self.pending or self.answer is None else self.answer.status

    @property
    def text(self) -> str:
        """The text of the answer so far, without markers."""
        if self.answer is None:
            return ""
        if not self.answer.sentences:
            return self.answer.reason or self.answer.text
        return " ".join(sentence.text for sentence in self.answer.sentences[: self.shown])

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations of the answer. If it was stopped, only those of the sentences on the page."""
        if self.answer is None:
            return ()
        if not self.stopped:
            return self.answer.citations
        used = {number for sentence in self.answer.sentences[: self.shown] for number in sentence.citations}
        return tuple(citation for citation in self.answer.citations if citation.number in used)


@dataclass(frozen=True, slots=True)
class Conversation:
    """The exchanges so far, oldest first. It is immutable, so sessions share no state."""

    exchanges: tuple[Exchange, ...] = ()

    @property
    def current(self) -> Exchange | None:
        """The latest exchange."""
        return self.exchanges[-1] if self.exchanges else None

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The conversation as turns for the assistant, without questions that have no answer."""
        return tuple(turn for exchange in self.exchanges for turn in _turns(exchange))

    def asked(self, question: str, without: tuple[Restriction, ...] = ()) -> "Conversation":
        """Add a question at the end. An answer that is not yet complete counts as stopped."""
        settled = self.stopped().exchanges
        number = settled[-1].number + 1 if settled else 1
        return Conversation((*_trimmed(settled), Exchange(number, question, without=without)))

    def answered(self, answer: Answer) -> Iterator["Conversation"]:
        """The steps in which an answer is revealed; the last one shows it completely."""
        count = len(answer.sentences)
        steps = min(count, _MAX_REVEAL_STEPS) if count <= _MAX_REVEALED_SENTENCES else 1
        for step in range(1, steps):
            yield self._latest(answer=answer, shown=max(1, count * step // steps))
        yield self._latest(answer=answer, shown=count)

    def failed(self, failure: Failure) -> "Conversation":
        """The conversation with an error in place of the latest answer."""
        return self._latest(failure=failure)

    def stopped(self) -> "Conversation":
        """The conversation after a click on Stop: what is shown stays, and nothing follows."""
        if self.current is None or not self.current.pending:
            return self
        return self._latest(stopped=True)

    def _latest(
        self, *, answer: Answer | None = None, shown: int = 0, failure: Failure | None = None, stopped: bool = False
    ) -> "Conversation":
        current = self.exchanges[-1]
        changed = replace(
            current,
            answer=answer or current.answer,
            shown=shown or current.shown,
            failure=failure,
            stopped=stopped,
        )
        return Conversation((*self.exchanges[:-1], changed))


def pause(answer: Answer) -> float:
    """Seconds between two steps of `Conversation.answered`."""
    return MAX_REVEAL_SECONDS / max(1, min(len(answer.sentences), _MAX_REVEAL_STEPS))


def _trimmed(exchanges: tuple[Exchange, ...]) -> tuple[Exchange, ...]:
    """The latest exchanges that fit into one session. The last one is always kept, for follow-up questions."""
    room, count = _MAX_EARLIER_CITATIONS, 0
    for exchange in reversed(exchanges[-_MAX_EXCHANGES + 1 :]):
        room -= len(exchange.answer.citations) if exchange.answer else 0
        if room < 0 and count:
            break
        count += 1
    return exchanges[len(exchanges) - count :]


def _turns(exchange: Exchange) -> Iterator[Turn]:
    if exchange.answer is None:
        return
    yield Turn("user", exchange.question, searched_for=exchange.answer.searched_for)
    cited = tuple(dict.fromkeys(citation.entry_id for citation in exchange.citations))
    yield Turn("assistant", exchange.text, cited=cited[:_MAX_CITED_IN_TURN], suggestions=exchange.answer.suggestions)
