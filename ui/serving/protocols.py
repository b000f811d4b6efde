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
        """Answer the question of an earlier answer again, without its conversation. Raises the errors of `ask`."""

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
        behind: The wrapped assistant.
    """

    def __init__(self, behind: Almanac) -> None:
        self.behind = behind

    @property
    def catalogue(self) -> Catalogue:
        """Forwarded to the wrapped assistant."""
        return self.behind.catalogue

    @property
    def notice(self) -> str | None:
        """Forwarded to the wrapped assistant."""
        return self.behind.notice

    def examples(self) -> tuple[str, ...]:
        """Forwarded to the wrapped assistant."""
        return self.behind.examples()

    def ask(self, question: Question | str) -> Answer:
        """Answer through `answered`. Raises the errors of the wrapped assistant."""
        return self.answered(lambda: self.behind.ask(question))

    def again(self, earlier: Answer) -> Answer:
        """Forwarded to the wrapped assistant."""
        return self.behind.again(earlier)

    def answered(self, make: Callable[[], Answer]) -> Answer:
        """Call `make`, which answers a question. Subclasses add their work before or after it."""
        return make()

    def search(self, text: str, filters: Filters, *, top: int) -> list[dict[str, Any]]:
        """Forwarded to the wrapped assistant."""
        return self.behind.search(text, filters, top=top)

    def related(self, entry_id: str) -> tuple[Related, ...]:
        """Forwarded to the wrapped assistant."""
        return self.behind.related(entry_id)

    def matching(self, text: str) -> list[AnyEntry]:
        """Forwarded to the wrapped assistant."""
        return self.behind.matching(text)
