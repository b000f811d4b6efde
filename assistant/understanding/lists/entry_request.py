"""A parsed request for entries: which entries, in which form, and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assistant.answer import Filters, Intent
from assistant.understanding.restrictions import less
from index.models import Level

IMPORTANT = 8
"""The lowest importance, out of 10, at which an entry counts as "major"; it is compared with the entry's `importance` field."""
Order = Literal["newest", "oldest", "importance"]


@dataclass(frozen=True, slots=True)
class Request:
    """A parsed request for entries."""

    intent: Intent
    filters: Filters
    every_organisation: bool = False
    """Whether an entry must match all the organisations, not only one of them."""
    every_topic: bool = False
    words: str = ""
    """Text that an entry must mention, as the user wrote it."""
    level: Level | None = None
    important: bool = False
    order: Order = "newest"
    most: int | None = None
    """For "latest": how many entries."""
    unmarked: str | None = None
    """A noun more specific than the catalogue's kinds, such as "papers"."""
    sources: tuple[str, ...] = ()
    """Sources that an entry may come from; used only if no organisation is named."""
    named: tuple[tuple[str, ...], ...] = ()
    """The organisations as the question names them: the catalogue's names for each. The filters also hold their units."""
    counted: bool = False
    """Whether `words` replace the noun ("how many laws are there"), and describe the entries themselves."""
    released: str | None = None
    """The noun for things that came out ("models"): an entry must be the release of such a thing."""
    excluded: Filters = Filters()  # noqa: RUF009 -- frozen
    """Organisations and topics of entries to leave out."""
    excluded_words: str = ""
    """Text of entries to leave out."""
    left_out: str = ""
    """What is left out, in the words of the question."""
    skip: int = 0
    """How many of the first entries to leave out, because they were shown before."""

    @property
    def least_importance(self) -> int:
        """The lowest importance of a "major" entry. Releases are seldom rated as high as other events."""
        return IMPORTANT - 1 if self.released else IMPORTANT

    @property
    def oldest_first(self) -> bool:
        """Whether the oldest entry comes first."""
        return self.order == "oldest"

    def without(self, dropped: Sequence[str]) -> "Request":
        """Return the request without some of its restrictions, named as in `Answer.understood`."""
        filters = less(self.filters, dropped)
        return replace(
            self,
            filters=filters,
            named=tuple(
                kept for names in self.named if (kept := tuple(n for n in names if n in filters.organisations))
            ),
            words="" if "words" in dropped else self.words,
            level=None if "level" in dropped else self.level,
            important=self.important and "importance" not in dropped,
            unmarked=self.unmarked if filters.kinds else None,
        )
