"""What is wanted of the catalogue, as the address of `/browse` says it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args
from urllib.parse import urlencode

from assistant.answer import Filters
from assistant.retrieval import filters as find
from index import dates
from index.errors import QuestionError
from index.lexical import fold
from index.models import AnyEntry, Event, Kind, Level

from .catalogue_orders import Shelf

LONGEST = 200
"""Characters of one filter."""
_APART = re.compile(r"\W+")
View = Literal["list", "timeline"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters; empty text restricts nothing."""

    words: str = ""
    kind: str = ""
    organisation: str = ""
    topic: str = ""
    level: str = ""
    importance: str = ""
    """The least."""
    since: str = ""
    until: str = ""
    view: str = "list"
    page: int = 1

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Wanted":
        """From an address; what has no form that is known is kept as it is, for `check`."""
        names = [name for name in cls.__slots__ if name not in {"page", "view"}]
        values: dict[str, Any] = {name: _clean(given.get(name, "")) for name in names}
        view = given.get("view", "list")
        number = given.get("page", "1")
        page = int(number) if re.fullmatch(r"[1-9]\d{0,6}", number, re.ASCII) else 1
        return cls(**values, view=view if view in get_args(View) else "list", page=page)

    def check(self) -> None:
        """Refuse what cannot be used.

        Raises:
            QuestionError: a filter is too long, or is no such kind, level, number or date.
        """
        for name, words in self.given.items():
            if len(words) > LONGEST:
                raise QuestionError(f"{name} is longer than {LONGEST} characters", hint="shorten it")
        if self.kind and self.kind not in get_args(Kind):
            raise QuestionError(f"there is no kind {self.kind!r}", hint="kinds are event, guide and path")
        if self.level and self.level not in get_args(Level):
            raise QuestionError(f"there is no level {self.level!r}", hint=f"levels are {', '.join(get_args(Level))}")
        if self.importance and not re.fullmatch(r"10|[1-9]", self.importance):
            raise QuestionError(f"{self.importance!r} is no importance", hint="importance is 1 to 10")
        for value in (self.since, self.until):
            try:
                dates.span(value or "2000")
            except ValueError as error:
                raise QuestionError(str(error), hint="a year alone will do") from None

    @property
    def given(self) -> dict[str, str]:
        """The filters that restrict, by name."""
        names = (name for name in self.__slots__ if name not in {"page", "view"})
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    def with_(self, **changes: Any) -> "Wanted":
        """With other filters; back at the first page unless another is named."""
        return replace(self, **({"page": 1} | changes))

    @property
    def address(self) -> str:
        """The page that shows this, relative to the start page."""
        values = self.given | ({"view": self.view} if self.view != "list" else {})
        values |= {"page": str(self.page)} if self.page > 1 else {}
        return f"browse?{urlencode(values)}" if values else "browse"

    def among(self, shelf: Shelf) -> list[AnyEntry]:
        """The entries that are wanted, the latest first."""
        filters = Filters(
            kinds=(self.kind,) if self.kind else (),  # type: ignore[arg-type]
            since=self.since or None,
            until=self.until or None,
            organisations=(self.organisation,) if self.organisation else (),
            topics=(self.topic,) if self.topic else (),
        )
        words = [f" {word}" for word in _APART.sub(" ", fold(self.words)).split()]
        fitting = (entry for entry in shelf.newest if find.matches(entry, filters)) if filters else shelf.newest
        return [entry for entry in fitting if self._also(entry, words, shelf)]

    def _also(self, entry: AnyEntry, words: list[str], shelf: Shelf) -> bool:
        if self.level and (isinstance(entry, Event) or entry.level != self.level):
            return False
        if self.importance and not (isinstance(entry, Event) and (entry.importance or 0) >= int(self.importance)):
            return False
        return all(word in shelf.words[entry.id] for word in words)


def _clean(words: str) -> str:
    return " ".join(words.encode("utf-8", "replace").decode("utf-8").replace("\x00", " ").split())
