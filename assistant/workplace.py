"""Opens an assistant from settings: with the catalogue, the embedder and the index that the settings name."""

import hashlib
import logging
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.answering.reader.entry_reader import EntryReader
from assistant.settings.settings import Settings, load
from assistant.verification.cross_encoder import CrossEncoder
from index import build as builds
from index import catalogue as catalogues
from index import generation
from index.build import BuildResult, ProgressCallback
from index.catalogue import Catalogue
from index.embed import Embedder, open_embedder
from index.errors import CatalogueError, IndexStaleError, StoreError

from .pipeline import Assistant
from .query_engine import synthesizer_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_index.core.llms import LLM
    from llama_index.core.postprocessor.types import BaseNodePostprocessor
    from llama_index.core.response_synthesizers import BaseSynthesizer

log = logging.getLogger(__name__)


def _nothing(_step: str, _done: int, _all: int) -> None:
    pass


def _catalogue_path(settings: Settings) -> Path | None:
    if settings.catalogue is not None:
        return settings.catalogue
    return settings.catalogue_file if settings.catalogue_file.is_file() else None


def read_catalogue(settings: Settings) -> Catalogue:
    """Read the catalogue that the settings name.

    Raises:
        CatalogueError: the catalogue is missing or has no entries.
    """
    path = _catalogue_path(settings)
    if path is None:
        return catalogues.load_starter()
    loaded = catalogues.load(path)
    if not loaded.entries:
        first = f"; first of {len(loaded.problems)} problems: {loaded.problems[0]}" if loaded.problems else ""
        raise CatalogueError(f"{path} has no entries{first}")
    return loaded


class Workplace:
    """The catalogue, the embedder and the index folder named by the settings."""

    def __init__(
        self,
        settings: Settings,
        *,
        synthesizer: "BaseSynthesizer | None" = None,
        node_postprocessors: "Sequence[BaseNodePostprocessor]" = (),
    ) -> None:
        self.settings = settings
        self._synthesizer = synthesizer
        self._node_postprocessors = tuple(node_postprocessors)
        key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else None
        self.embedder: Embedder | None
        self.embedder, self.notice = open_embedder(
            settings.embedder, openai_api_key=key, ollama_url=settings.ollama_url
        )

    # The models are opened when they are first needed: a build, an import and a sync need neither.
    @cached_property
    def cross_encoder(self) -> CrossEncoder | None:
        """The model that checks generated sentences; None without a synthesizer, because quotations are exact."""
        return CrossEncoder.open() if self._synthesizer is not None else None

    @cached_property
    def entry_reader(self) -> EntryReader | None:
        """The model that judges which sentences answer; None if the settings turn it off."""
        return EntryReader.open() if self.settings.reader else None

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
        report: ProgressCallback = _nothing,
    ) -> BuildResult:
        """Update the index to the catalogue; arguments and errors as `index.build.build`."""
        loaded = catalogue if catalogue is not None else self.read()
        known = [_starter_folder()] if self.catalogue_path is None else self._other_generations()
        return builds.build(
            loaded, self.home, self.embedder, full=full, force=force, check=check, known=known, report=report
        )

    def _other_generations(self) -> list[Path]:
        """The generations of other catalogues, if this one has none yet: it may have been moved, with its data folder."""
        if generation.current(self.home) is not None:
            return []
        homes = (path.parent for path in self.home.parent.glob("*/current") if path.parent != self.home)
        return [folder for home in homes if (folder := generation.current(home)) is not None]

    def assistant(self, report: ProgressCallback = _nothing) -> Assistant:
        """Build what is missing and open the index. A damaged index is rebuilt, with a warning in the log."""
        self.build(check=False, report=report)
        try:
            return self.open()
        except (IndexStaleError, StoreError) as error:
            log.warning("the index is rebuilt from the catalogue: %s", error)
            self.build(force=True, report=report)
            return self.open()

    def open(self) -> Assistant:
        """Open the current generation; errors as `index.generation.open_index`."""
        index = builds.open_current(self.home, self.embedder)
        own = _starter_examples() if self.catalogue_path is None else ()
        return Assistant(
            index,
            self.embedder,
            level=self.settings.level,
            notice=self.notice,
            examples=own,
            cross_encoder=self.cross_encoder,
            entry_reader=self.entry_reader,
            synthesizer=self._synthesizer,
            node_postprocessors=self._node_postprocessors,
        )


def _starter_folder() -> Path:
    return Path(str(resources.files("index") / "starter"))


def _starter_examples() -> tuple[str, ...]:
    file = _starter_folder() / "examples.txt"
    return tuple(line for line in file.read_text("utf-8").splitlines() if line.strip())


def open_assistant(
    settings: Settings | None = None,
    *,
    answerer: "BaseSynthesizer | None" = None,
    node_postprocessors: "Sequence[BaseNodePostprocessor]" = (),
    llm: "LLM | None" = None,
) -> Assistant:
    """Open an assistant; build or update its index first if necessary.

    Args:
        settings: The catalogue, the data folder and the embedder; by default read from the environment and
            `almanac.toml`, with the starter catalogue as the fallback.
        answerer: A LlamaIndex response synthesizer to use in place of the extractive answerer. Each sentence it writes
            is checked against the retrieved entries; unsupported sentences are removed and listed in `removed`.
        node_postprocessors: LlamaIndex node postprocessors, applied between retrieval and answer.
        llm: A LlamaIndex language model; ignored if `answerer` is given. LlamaIndex's `CompactAndRefine` writes answers
            with it.

    Raises:
        AlmanacError: the settings, the catalogue or the index cannot be used; `error.hint` says how to fix it.
    """
    if answerer is None and llm is not None:
        answerer = synthesizer_of(llm)
    workplace = Workplace(settings or load()[0], synthesizer=answerer, node_postprocessors=node_postprocessors)
    return workplace.assistant()
