"""What the doors ask of the engine behind them."""

from collections.abc import Sequence
from typing import Any, Protocol

from assistant.types import Answer, Filters, Mode, Related, Turn
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
