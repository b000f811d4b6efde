"""Questions with `as_of`: answered as if the entries dated after that day did not exist."""

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
"""Cached views. Each has its own index of names, and most readers use the same day."""


@dataclass(frozen=True, slots=True)
class AsOf(Generic[_Assistant]):
    """A view of the index for one day: the assistant to ask, and the catalogue stamp of its answers."""

    assistant: _Assistant
    stamp: CatalogueStamp


class Views(Generic[_Assistant]):
    """Assistants over parts of one index, made at first use. Safe to use from several threads.

    Args:
        index: The whole index.
        make: Makes an assistant over a part of it.
    """

    def __init__(self, index: Index, make: Callable[[Index], _Assistant]) -> None:
        self._index = index
        self._make = make
        self._lock = threading.Lock()
        self._views: OrderedDict[frozenset[str], _Assistant] = OrderedDict()

    def at(self, as_of: str | None) -> AsOf[_Assistant] | None:
        """The view for a day; None if there is no day, or no entry is later.

        Raises:
            QuestionError: the text is not a date.
        """
        if as_of is None:
            return None
        catalogue, day = self._index.catalogue, restrictions.day(as_of)
        later = bounded.later(catalogue, day)
        if not later:
            return None
        # Two days without an entry between them share a view. Views are made one at a time.
        with self._lock:
            view = self._views.get(later)
            if view is None:
                view = self._views[later] = self._make(bounded.without(self._index, later))
            self._views.move_to_end(later)
            while len(self._views) > VIEWS:
                self._views.popitem(last=False)
        return AsOf(view, CatalogueStamp(catalogue.hash, _reach(catalogue, day), len(catalogue.entries)))


def _reach(catalogue: Catalogue, day: date) -> str:
    """The newest date an answer can contain: the catalogue's, or the requested day if that is earlier."""
    return min(catalogue.as_of or day.isoformat(), day.isoformat())


def marked(answer: Answer, view: AsOf[_Assistant] | None, as_of: str | None) -> Answer:
    """The answer with its `as_of` day, and with the stamp of the whole catalogue."""
    again = replace(answer.again, as_of=as_of) if answer.again else None
    return replace(answer, again=again, catalogue=view.stamp if view else answer.catalogue)
