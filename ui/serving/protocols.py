"""The interfaces through which the web application uses the assistant."""

from collections.abc import Callable
from typing import Any, Protocol

from assistant.answer import Answer, Filters, Related
from assistant.question import Question
from index.catalogue import Catalogue
from index.models import AnyEntry


class Assistant(Protocol):
    """Answers questions over a catalogue that may change at run time."""

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue in use."""

    @property
    def notice(self) -> str | None:
        """A notice for users about how answers are made at present, or None."""

    def ask(self, question: Question | str) -> Answer:
        """Answer a question.

        Raises:
            AlmanacError: the question is not valid, or the index cannot be used.
        """

    def again(self, earlier: Answer) -> Answer:
        """Answer the question of an earlier answer again, without its conversation. Raises the same errors as `ask`."""

    def examples(self) -> tuple[str, ...]:
        """Example questions that this catalogue answers."""


class Finder(Protocol):
    """Finds entries, without writing an answer. Used by the API and the feeds."""

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue in use."""

    def search(self, text: str, filters: Filters, *, top: int) -> list[dict[str, Any]]:
        """The best matching entries, as JSON-ready values.

        Raises:
            AlmanacError: the text or the filters are not valid, or the index cannot be used.
        """

    def related(self, entry_id: str) -> tuple[Related, ...]:
        """The entries related to one entry, each with the reason.

        Raises:
            UnknownEntryError: there is no entry with this id.
        """

    def matching(self, text: str) -> list[AnyEntry]:
        """The entries that match a saved search, newest first.

        Raises:
            AlmanacError: the text is not valid, or the index cannot be used.
        """


class Almanac(Assistant, Finder, Protocol):
    """Everything that the web application needs: answers and entries."""


class AssistantWrapper:
    """Forwards every call to another assistant. Subclasses override what they change.

    Args:
        wrapped: The wrapped assistant.
    """

    def __init__(self, wrapped: Almanac) -> None:
        self.wrapped = wrapped

    @property
    def catalogue(self) -> Catalogue:
        """Forwarded to the wrapped assistant."""
        return self.wrapped.catalogue

    @property
    def notice(self) -> str | None:
        """Forwarded to the wrapped assistant."""
        return self.wrapped.notice

    def examples(self) -> tuple[str, ...]:
        """Forwarded to the wrapped assistant."""
        return self.wrapped.examples()

    def ask(self, question: Question | str) -> Answer:
        """Let `around_answer` call the wrapped assistant. Raises the same errors as the wrapped assistant."""
        return self.around_answer(lambda: self.wrapped.ask(question))

    def again(self, earlier: Answer) -> Answer:
        """Forwarded to the wrapped assistant."""
        return self.wrapped.again(earlier)

    def around_answer(self, make: Callable[[], Answer]) -> Answer:
        """Call `make`, which answers a question. Subclasses override this to do something before or after the call."""
        return make()

    def search(self, text: str, filters: Filters, *, top: int) -> list[dict[str, Any]]:
        """Forwarded to the wrapped assistant."""
        return self.wrapped.search(text, filters, top=top)

    def related(self, entry_id: str) -> tuple[Related, ...]:
        """Forwarded to the wrapped assistant."""
        return self.wrapped.related(entry_id)

    def matching(self, text: str) -> list[AnyEntry]:
        """Forwarded to the wrapped assistant."""
        return self.wrapped.matching(text)
