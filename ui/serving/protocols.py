"""What the doors ask of the engine behind them."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from assistant.answer import Answer, Filters, Mode, Related, Turn
from index.catalogue import Catalogue
from index.models import AnyEntry, Level


class Assistant(Protocol):
    """One question to one answer, over a live catalogue; `assistant.factory` makes the real one."""

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue in use."""

    @property
    def notice(self) -> str | None:
        """What a reader should know about how answers are made now, or None."""

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        level: Level | None = None,
        mode: Mode = "chat",
        without: Sequence[str] = (),
        as_of: str | None = None,
    ) -> Answer:
        """The answer.

        Raises:
            AlmanacError: the question cannot be read, or the index not used.
        """

    def again(self, earlier: Answer) -> Answer:
        """The answer given now to the question of an earlier answer, outside its conversation; errors as `ask`."""

    def examples(self) -> tuple[str, ...]:
        """Questions that this catalogue answers."""


class Finder(Protocol):
    """Entries without an answer, for the doors where programs come in."""

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue in use."""

    def search(self, text: str, filters: Filters, *, top: int) -> list[dict[str, Any]]:
        """Ranked entries, as `assistant.find.search` gives them.

        Raises:
            AlmanacError: the words or the filters cannot be read, or the index not used.
        """

    def related(self, entry_id: str) -> tuple[Related, ...]:
        """What goes with one entry, each with why.

        Raises:
            UnknownEntryError: there is no such entry.
        """

    def matching(self, text: str) -> list[AnyEntry]:
        """The entries that a saved question is about, the newest first.

        Raises:
            AlmanacError: the question cannot be read, or the index not used.
        """


class Almanac(Assistant, Finder, Protocol):
    """All that the web application needs."""


class AssistantWrapper:
    """An assistant that passes everything on to another; what stands before the real one changes only what it must.

    Args:
        behind: The one that is asked.
    """

    def __init__(self, behind: Almanac) -> None:
        self.behind = behind

    @property
    def catalogue(self) -> Catalogue:
        """As the one behind."""
        return self.behind.catalogue

    @property
    def notice(self) -> str | None:
        """As the one behind."""
        return self.behind.notice

    def examples(self) -> tuple[str, ...]:
        """As the one behind."""
        return self.behind.examples()

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        level: Level | None = None,
        mode: Mode = "chat",
        without: Sequence[str] = (),
        as_of: str | None = None,
    ) -> Answer:
        """The answer, as `answered` lets it through; errors as the one behind."""
        return self.answered(
            lambda: self.behind.ask(question, history=history, level=level, mode=mode, without=without, as_of=as_of)
        )

    def again(self, earlier: Answer) -> Answer:
        """As the one behind."""
        return self.behind.again(earlier)

    def answered(self, make: Callable[[], Answer]) -> Answer:
        """What `make` gives: where a wrapper does its own before or after."""
        return make()

    def search(self, text: str, filters: Filters, *, top: int) -> list[dict[str, Any]]:
        """As the one behind."""
        return self.behind.search(text, filters, top=top)

    def related(self, entry_id: str) -> tuple[Related, ...]:
        """As the one behind."""
        return self.behind.related(entry_id)

    def matching(self, text: str) -> list[AnyEntry]:
        """As the one behind."""
        return self.behind.matching(text)
