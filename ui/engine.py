"""What the doors ask of the engine behind them."""

from collections.abc import Sequence
from typing import Protocol

from assistant.types import Answer, Mode, Turn
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

    def matching(self, text: str) -> list[AnyEntry]:
        """The entries that a saved question is about, the newest first.

        Raises:
            AlmanacError: the question cannot be read, or the index not used.
        """
