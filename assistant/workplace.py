"""From settings to an assistant: which catalogue, which embedder, which index."""

import hashlib
import logging
import threading
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from assistant.settings.settings import Settings
from assistant.verification.cross_encoder import Reader
from index import build as builds
from index import catalogue as catalogues
from index import deadline, generation
from index.build import Built, Report
from index.catalogue import Catalogue
from index.embed import Embedder, open_embedder
from index.errors import AlmanacError, CatalogueError, IndexDamagedError, IndexStaleError, StoreError
from index.models import AnyEntry, Level

from .answer import Answer, Filters, Mode, Related, Turn
from .pipeline import Assistant

log = logging.getLogger(__name__)


def _nothing(_step: str, _done: int, _all: int) -> None:
    pass


def _catalogue_path(settings: Settings) -> Path | None:
    if settings.catalogue is not None:
        return settings.catalogue
    return settings.catalogue_file if settings.catalogue_file.is_file() else None


def read_catalogue(settings: Settings) -> Catalogue:
    """The catalogue that the settings name.

    Raises:
        CatalogueError: it is missing, or holds no entry.
    """
    path = _catalogue_path(settings)
    if path is None:
        return catalogues.load_starter()
    loaded = catalogues.load(path)
    if not loaded.entries:
        first = f"; first of {len(loaded.problems)} problems: {loaded.problems[0]}" if loaded.problems else ""
        raise CatalogueError(f"{path} holds no entry{first}")
    return loaded


class Workplace:
    """The catalogue, the embedder and the index folder that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else None
        self.embedder: Embedder | None
        self.embedder, self.notice = open_embedder(
            settings.embedder, openai_api_key=key, ollama_url=settings.ollama_url
        )
        self.reader = Reader.open() if settings.reader else None

    @property
    def catalogue_path(self) -> Path | None:
        """The catalogue file or folder, or None for the starter catalogue."""
        return _catalogue_path(self.settings)

    @property
    def home(self) -> Path:
        """The folder of this catalogue's index."""
        path = self.catalogue_path
        if path is None:
            return self.settings.data / "indexes" / catalogues.STARTER
        digest = hashlib.sha256(str(path.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:12]
        return self.settings.data / "indexes" / f"catalogue-{digest}"

    def read(self) -> Catalogue:
        """Read the catalogue; errors as `read_catalogue`."""
        return read_catalogue(self.settings)

    def build(
        self,
        catalogue: Catalogue | None = None,
        *,
        full: bool = False,
        force: bool = False,
        check: bool = True,
        report: Report = _nothing,
    ) -> Built:
        """Bring the index up to the catalogue; arguments and errors as `index.build.build`."""
        loaded = catalogue if catalogue is not None else self.read()
        known = [_starter_folder()] if self.catalogue_path is None else []
        return builds.build(
            loaded, self.home, self.embedder, full=full, force=force, check=check, known=known, report=report
        )

    def assistant(self, report: Report = _nothing) -> Assistant:
        """Build what is missing, then open the index and answer from it; a damaged index is rebuilt with a notice."""
        self.build(check=False, report=report)
        try:
            return self.open()
        except (IndexStaleError, StoreError) as error:
            log.warning("the index is rebuilt from the catalogue: %s", error)
            self.build(force=True, report=report)
            return self.open()

    def open(self) -> Assistant:
        """Open the generation in use; errors as `index.generation.open_index`."""
        index = builds.open_current(self.home, self.embedder)
        own = _starter_examples() if self.catalogue_path is None else ()
        return Assistant(
            index, self.embedder, level=self.settings.level, notice=self.notice, examples=own, reader=self.reader
        )


class LiveAssistant:
    """An assistant that takes up a new generation of its index between two questions."""

    def __init__(self, workplace: Workplace, assistant: Assistant) -> None:
        self._workplace = workplace
        self._lock = threading.Lock()
        self._assistant = assistant
        self._rebuilding: tuple[Path, threading.Thread] | None = None

    @property
    def catalogue(self) -> Catalogue:
        """The live catalogue."""
        return self._fresh().catalogue

    @property
    def notice(self) -> str | None:
        """What the reader ought to know about this assistant's state."""
        return self._workplace.notice

    def examples(self) -> tuple[str, ...]:
        """Questions to begin with; each is answered by this catalogue."""
        return self._fresh().examples()

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
        """Answer from the latest generation; see `Assistant.ask`."""
        return self._fresh().ask(question, history=history, level=level, mode=mode, without=without, as_of=as_of)

    def again(self, earlier: Answer) -> Answer:
        """The question of an earlier answer asked of the latest generation; see `Assistant.again`."""
        return self._fresh().again(earlier)

    def matching(self, text: str) -> list[AnyEntry]:
        """The entries of the latest generation that a saved question is about; see `Assistant.matching`."""
        return self._fresh().matching(text)

    def search(self, text: str, filters: Filters, *, top: int) -> list[dict[str, Any]]:
        """Ranked entries of the latest generation; see `find.search`."""
        return self._fresh().search(text, filters, top=top)

    def related(self, entry_id: str) -> tuple[Related, ...]:
        """What goes with one entry of the latest generation; see `related.neighbours`."""
        return self._fresh().related(entry_id)

    def refresh(self) -> None:
        """Take up a new generation now, so that the next question need not."""
        self._fresh()

    def _fresh(self) -> Assistant:
        latest = generation.current(self._workplace.home)
        if latest is None or latest == self._assistant.index.folder:
            if self._assistant.index.check.damage is not None:
                self._rebuild(self._assistant.index.folder)
            return self._assistant
        # Whoever asks meanwhile waits for the moment of opening: an entry taken out is not cited once more.
        with self._lock:
            if latest != self._assistant.index.folder:
                try:
                    # The old one is left to the questions still using it; the collector closes it after them.
                    with deadline.lifted():
                        self._assistant = self._workplace.open()
                except IndexDamagedError as error:
                    log.warning("the new index is not taken up, and is rebuilt: %s", error)
                    self._rebuild(latest)
                except AlmanacError as error:
                    # Built for another embedder, say: this server goes on with what it has.
                    log.warning("the new index is not taken up: %s", error)
            return self._assistant

    def _rebuild(self, damaged: Path) -> None:
        """Rebuild the index in a thread, once for each damaged generation; questions are refused until it is done."""
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


def _starter_folder() -> Path:
    return Path(str(resources.files("index") / "starter"))


def _starter_examples() -> tuple[str, ...]:
    file = _starter_folder() / "examples.txt"
    return tuple(line for line in file.read_text("utf-8").splitlines() if line.strip())
