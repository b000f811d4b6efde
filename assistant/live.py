"""An assistant for a running server; it switches to a new generation of the index when one is available."""

import logging
import threading
from pathlib import Path
from typing import Any

from index import deadline, generation
from index.catalogue import Catalogue
from index.errors import AlmanacError, IndexDamagedError
from index.models import AnyEntry

from .answer import Answer, Filters, Related
from .pipeline import Assistant
from .question import Question
from .workplace import Workplace

log = logging.getLogger(__name__)


class LiveAssistant:
    """Answers from the latest generation of an index; opens a new generation between two questions."""

    def __init__(self, workplace: Workplace, assistant: Assistant) -> None:
        self._workplace = workplace
        self._lock = threading.Lock()
        self._assistant = assistant
        self._rebuilding: tuple[Path, threading.Thread] | None = None

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue of the latest generation."""
        return self._fresh().catalogue

    @property
    def notice(self) -> str | None:
        """A notice for users about how answers are currently made, or None."""
        return self._workplace.notice

    def examples(self) -> tuple[str, ...]:
        """Return example questions that the catalogue answers."""
        return self._fresh().examples()

    def ask(self, question: Question | str) -> Answer:
        """Answer from the latest generation; see `Assistant.ask`."""
        return self._fresh().ask(question)

    def again(self, earlier: Answer) -> Answer:
        """Ask the question of an earlier answer again, of the latest generation; see `Assistant.again`."""
        return self._fresh().again(earlier)

    def matching(self, text: str) -> list[AnyEntry]:
        """The entries that match a saved question; see `Assistant.matching`."""
        return self._fresh().matching(text)

    def search(self, text: str, filters: Filters, *, top: int) -> list[dict[str, Any]]:
        """Ranked entries of the latest generation; see `Assistant.search`."""
        return self._fresh().search(text, filters, top=top)

    def related(self, entry_id: str) -> tuple[Related, ...]:
        """Return entries related to an entry of the latest generation; see `Assistant.related`."""
        return self._fresh().related(entry_id)

    def refresh(self) -> None:
        """Open a new generation now if there is one, so that the next question does not have to wait for that."""
        self._fresh()

    def _fresh(self) -> Assistant:
        latest = generation.current(self._workplace.home)
        if latest is None or latest == self._assistant.index.folder:
            if self._assistant.index.check.damage is not None:
                self._rebuild(self._assistant.index.folder)
            return self._assistant
        # Other questions wait while the generation opens, so that a removed entry is not cited again.
        with self._lock:
            if latest != self._assistant.index.folder:
                try:
                    # Running questions keep the old generation; it is closed when the last of them ends.
                    with deadline.lifted():
                        self._assistant = self._workplace.open()
                except IndexDamagedError as error:
                    log.warning("the new index is damaged and will be rebuilt: %s", error)
                    self._rebuild(latest)
                except AlmanacError as error:
                    # For example, the index was built for another embedder. This server keeps the old index.
                    log.warning("the new index cannot be used: %s", error)
            return self._assistant

    def _rebuild(self, damaged: Path) -> None:
        """Rebuild the index in a thread, once per damaged generation; questions are refused until then."""
        if self._rebuilding is not None and self._rebuilding[0] == damaged:
            return
        thread = threading.Thread(target=self._rebuild_now, name="almanac-index-rebuild", daemon=True)
        self._rebuilding = damaged, thread
        thread.start()

    def _rebuild_now(self) -> None:
        try:
            self._workplace.build(force=True)
        except AlmanacError as error:
            log.warning("the damaged index could not be rebuilt: %s; %s", error, error.hint)
        else:
            log.warning("the damaged index was rebuilt from the catalogue")
