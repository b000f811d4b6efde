"""One visitor's conversation: what was asked, what has been shown of each answer, and the turns it makes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from assistant.answer import Answer, Citation, Restriction, Turn
from index.errors import AlmanacError

LONGEST_REVEAL = 0.5
"""Seconds over which an answer appears; the first sentence is shown at once."""
_STEPS = 6
_SHOWN_AT_ONCE = 15
"""A longer answer is a list, which nobody reads as it appears."""
_CARRIED = 12
"""Entries of an answer that a follow-up may lean on."""
_KEPT = 60
"""Exchanges a session keeps: what a reader may scroll back to, and what one session may hold in memory."""
_CITATIONS_KEPT = 600
"""Citations of the earlier exchanges that a session keeps: a list of everything, drawn, is a thousand times an answer."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong with a question, and the mend."""

    message: str
    hint: str

    @classmethod
    def of(cls, error: AlmanacError) -> "Failure":
        """A foreseen error in words."""
        return cls(str(error), error.hint)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and what came of it; `shown` counts the sentences on the page so far."""

    number: int
    question: str
    answer: Answer | None = None
    shown: int = 0
    failure: Failure | None = None
    stopped: bool = False
    without: tuple[Restriction, ...] = ()
    """What was understood before and taken off by the reader."""

    @property
    def pending(self) -> bool:
        """Whether more is to come."""
        if self.stopped or self.failure is not None:
            return False
        return self.answer is None or self.shown < len(self.answer.sentences)

    @property
    def state(self) -> str:
        """How it stands: `pending`, `stopped`, or the answer's status."""
        if self.failure is not None:
            return "unavailable"
        if self.stopped:
            return "stopped"
        return "pending" if self.pending or self.answer is None else self.answer.status

    @property
    def text(self) -> str:
        """What was said, as plain text without markers."""
        if self.answer is None:
            return ""
        if not self.answer.sentences:
            return self.answer.reason or self.answer.text
        return " ".join(sentence.text for sentence in self.answer.sentences[: self.shown])

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations of the answer; of one that was stopped, those of the sentences shown."""
        if self.answer is None:
            return ()
        if not self.stopped:
            return self.answer.citations
        used = {number for sentence in self.answer.sentences[: self.shown] for number in sentence.citations}
        return tuple(citation for citation in self.answer.citations if citation.number in used)


@dataclass(frozen=True, slots=True)
class Conversation:
    """The exchanges so far, oldest first; a value, so that nothing is shared between sessions."""

    exchanges: tuple[Exchange, ...] = ()

    @property
    def current(self) -> Exchange | None:
        """The latest exchange."""
        return self.exchanges[-1] if self.exchanges else None

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The conversation as the engine reads it; a question that got no answer is left out."""
        return tuple(turn for exchange in self.exchanges for turn in _turns(exchange))

    def asked(self, question: str, without: tuple[Restriction, ...] = ()) -> "Conversation":
        """With a new question at the end; what was still being shown counts as stopped."""
        settled = self.stopped().exchanges
        number = settled[-1].number + 1 if settled else 1
        return Conversation((*_light(settled), Exchange(number, question, without=without)))

    def answered(self, answer: Answer) -> Iterator["Conversation"]:
        """The steps in which an answer appears: the first at once, the last whole."""
        count = len(answer.sentences)
        steps = min(count, _STEPS) if count <= _SHOWN_AT_ONCE else 1
        for step in range(1, steps):
            yield self._latest(answer=answer, shown=max(1, count * step // steps))
        yield self._latest(answer=answer, shown=count)

    def failed(self, failure: Failure) -> "Conversation":
        """The latest question came to nothing."""
        return self._latest(failure=failure)

    def stopped(self) -> "Conversation":
        """As left when the visitor pressed Stop: what was shown stays, and nothing follows."""
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
    return LONGEST_REVEAL / max(1, min(len(answer.sentences), _STEPS))


def _light(exchanges: tuple[Exchange, ...]) -> tuple[Exchange, ...]:
    """The latest exchanges that one session may hold; the last always, for a follow-up leans on it."""
    room, kept = _CITATIONS_KEPT, 0
    for exchange in reversed(exchanges[-_KEPT + 1 :]):
        room -= len(exchange.answer.citations) if exchange.answer else 0
        if room < 0 and kept:
            break
        kept += 1
    return exchanges[len(exchanges) - kept :]


def _turns(exchange: Exchange) -> Iterator[Turn]:
    if exchange.answer is None:
        return
    yield Turn("user", exchange.question, searched_for=exchange.answer.searched_for)
    cited = tuple(dict.fromkeys(citation.entry_id for citation in exchange.citations))
    yield Turn("assistant", exchange.text, cited=cited[:_CARRIED], suggestions=exchange.answer.suggestions)
