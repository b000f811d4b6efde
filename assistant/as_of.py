"""Answers questions with `as_of` as if the entries dated after that day did not exist."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Generic, TypeVar

from assistant.understanding import restrictions
from index import as_of as bounded
from index.catalogue import Catalogue
from index.generation import Index

from .answer import Answer, CatalogueStamp

_Assistant = TypeVar("_Assistant")

VIEWS = 2
"""Maximum number of cached views. Each has its own index of names, and most users choose the same day."""


@dataclass(frozen=True, slots=True)
class AsOf(Generic[_Assistant]):
    """A view of the index for one day: the assistant for that day, and the catalogue stamp for its answers."""

    assistant: _Assistant
    stamp: CatalogueStamp


class Views(Generic[_Assistant]):
    """Assistants over parts of one index, created at first use. Thread-safe.

    Args:
        index: The whole index.
        make: Creates an assistant over a part of the index.
    """

    def __init__(self, index: Index, make: Callable[[Index], _Assistant]) -> None:
        self._index = index
        self._make = make
        self._lock = threading.Lock()
        self._views: OrderedDict[frozenset[str], _Assistant] = OrderedDict()

    def at(self, as_of: str | None) -> AsOf[_Assistant] | None:
        """Return the view for a day; None if no day is given or no entry is later.

        Raises:
            QuestionError: the text is not a date.
        """
        if as_of is None:
            return None
        catalogue, day = self._index.catalogue, restrictions.day(as_of)
        later = bounded.later(catalogue, day)
        if not later:
            return None
        # Two days with no entry dated between them share a view. The lock makes threads create views one at a time.
        with self._lock:
            view = self._views.get(later)
            if view is None:
                view = self._views[later] = self._make(bounded.without(self._index, later))
            self._views.move_to_end(later)
            while len(self._views) > VIEWS:
                self._views.popitem(last=False)
        return AsOf(view, CatalogueStamp(catalogue.hash, _reach(catalogue, day), len(catalogue.entries)))


def _reach(catalogue: Catalogue, day: date) -> str:
    """Return the newest date that an answer can contain: the catalogue's, or the requested day if that is earlier."""
    return min(catalogue.as_of or day.isoformat(), day.isoformat())


def marked(answer: Answer, view: AsOf[_Assistant] | None, as_of: str | None) -> Answer:
    """Return the answer with its `as_of` day, and with the view's catalogue stamp if there is a view."""
    again = replace(answer.again, as_of=as_of) if answer.again else None
    return replace(answer, again=again, catalogue=view.stamp if view else answer.catalogue)
