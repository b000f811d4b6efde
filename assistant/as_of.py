"""Questions as of a day: answered from the entries that there were by then."""

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
"""Views that are kept: each has an index of names of its own, and most readers ask as of one day."""


@dataclass(frozen=True, slots=True)
class AsOf(Generic[_Assistant]):
    """An answer's bound: what to ask instead of the whole index, and how the answer names its catalogue."""

    assistant: _Assistant
    stamp: CatalogueStamp


class Views(Generic[_Assistant]):
    """Assistants over parts of one index, made when they are first asked for; safe to use from several threads.

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
        """What answers as of a day; None where no day is named, or no entry is later than that.

        Raises:
            QuestionError: the text is no date.
        """
        if as_of is None:
            return None
        catalogue, day = self._index.catalogue, restrictions.day(as_of)
        later = bounded.later(catalogue, day)
        if not later:
            return None
        # Two days between which nothing happened have the same view. One view is made at a time.
        with self._lock:
            view = self._views.get(later)
            if view is None:
                view = self._views[later] = self._make(bounded.without(self._index, later))
            self._views.move_to_end(later)
            while len(self._views) > VIEWS:
                self._views.popitem(last=False)
        return AsOf(view, CatalogueStamp(catalogue.hash, _reach(catalogue, day), len(catalogue.entries)))


def _reach(catalogue: Catalogue, day: date) -> str:
    """How far an answer reaches: to the catalogue's newest date, or to the day asked for if that is earlier."""
    return min(catalogue.as_of or day.isoformat(), day.isoformat())


def marked(answer: Answer, view: AsOf[_Assistant] | None, as_of: str | None) -> Answer:
    """An answer that names its bound, and whose catalogue is the whole one."""
    again = replace(answer.again, as_of=as_of) if answer.again else None
    return replace(answer, again=again, catalogue=view.stamp if view else answer.catalogue)
