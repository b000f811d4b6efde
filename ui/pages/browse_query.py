"""The filters of `/browse`, as given in its URL."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args
from urllib.parse import urlencode

from assistant.answer import Filters
from assistant.retrieval import filters as retrieval_filters
from index import dates
from index.errors import QuestionError
from index.lexical import fold
from index.models import AnyEntry, EntryKind, Event, Level

from .catalogue_view import CatalogueView

MAX_FILTER_LENGTH = 200
"""Characters of one filter."""
_NON_WORD = re.compile(r"\W+")
View = Literal["list", "timeline"]


@dataclass(frozen=True, slots=True)
class BrowseQuery:
    """The filters, the view and the page number. An empty filter matches every entry."""

    words: str = ""
    kind: str = ""
    organisation: str = ""
    topic: str = ""
    level: str = ""
    importance: str = ""
    """The minimum, 1 to 10."""
    since: str = ""
    until: str = ""
    view: str = "list"
    page: int = 1

    @classmethod
    def read(cls, params: Mapping[str, str]) -> "BrowseQuery":
        """Read the parameters of an address. Invalid filters are kept, so that `check` can name them."""
        names = [name for name in cls.__slots__ if name not in {"page", "view"}]
        values: dict[str, Any] = {name: _clean(params.get(name, "")) for name in names}
        view = params.get("view", "list")
        number = params.get("page", "1")
        page = int(number) if re.fullmatch(r"[1-9]\d{0,6}", number, re.ASCII) else 1
        return cls(**values, view=view if view in get_args(View) else "list", page=page)

    def check(self) -> None:
        """Check the filters.

        Raises:
            QuestionError: a filter is too long, or the kind, the level, the importance or a date is invalid.
        """
        for name, value in self.filters.items():
            if len(value) > MAX_FILTER_LENGTH:
                raise QuestionError(f"{name} is longer than {MAX_FILTER_LENGTH} characters", hint="shorten it")
        if self.kind and self.kind not in get_args(EntryKind):
            raise QuestionError(f"there is no kind {self.kind!r}", hint="kinds are event, guide and path")
        if self.level and self.level not in get_args(Level):
            raise QuestionError(f"there is no level {self.level!r}", hint=f"levels are {', '.join(get_args(Level))}")
        if self.importance and not re.fullmatch(r"10|[1-9]", self.importance):
            raise QuestionError(f"{self.importance!r} is not an importance", hint="use a number from 1 to 10")
        for value in (self.since, self.until):
            try:
                dates.span(value or "2000")
            except ValueError as error:
                raise QuestionError(str(error), hint="a year such as 2024 is enough") from None

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are set, by name."""
        names = (name for name in self.__slots__ if name not in {"page", "view"})
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    def change(self, **changes: Any) -> "BrowseQuery":
        """A copy with changes. It shows the first page unless `page` is given."""
        return replace(self, **({"page": 1} | changes))

    def without(self, name: str) -> "BrowseQuery":
        """A copy without one filter. It shows the first page."""
        return self.change(**{name: ""})

    @property
    def address(self) -> str:
        """The address of this page, relative to the start page."""
        values = self.filters | ({"view": self.view} if self.view != "list" else {})
        values |= {"page": str(self.page)} if self.page > 1 else {}
        return f"browse?{urlencode(values)}" if values else "browse"

    def entries(self, view: CatalogueView) -> list[AnyEntry]:
        """The entries that match all filters, the newest first."""
        filters = Filters(
            kinds=(self.kind,) if self.kind else (),  # type: ignore[arg-type]
            since=self.since or None,
            until=self.until or None,
            organisations=(self.organisation,) if self.organisation else (),
            topics=(self.topic,) if self.topic else (),
        )
        filters = retrieval_filters.with_organisations(filters, view.catalogue)
        words = [f" {word}" for word in _NON_WORD.sub(" ", fold(self.words)).split()]
        matches = (
            (entry for entry in view.newest if retrieval_filters.matches(entry, filters)) if filters else view.newest
        )
        return [entry for entry in matches if self._matches_rest(entry, words, view)]

    def _matches_rest(self, entry: AnyEntry, words: list[str], view: CatalogueView) -> bool:
        """Whether an entry matches the level, the importance and the words (each with a space before it)."""
        if self.level and (isinstance(entry, Event) or entry.level != self.level):
            return False
        if self.importance and not (isinstance(entry, Event) and (entry.importance or 0) >= int(self.importance)):
            return False
        return all(word in view.words[entry.id] for word in words)


def _clean(value: str) -> str:
    return " ".join(value.encode("utf-8", "replace").decode("utf-8").replace("\x00", " ").split())
