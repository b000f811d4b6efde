"""One generation of an index: everything a question needs, in one folder that never changes once it is in use.

DATA/indexes/NAME/
    current            the name of the generation in use: the one file that changes, by one rename
    building.lock      held while a build runs
    20260629-…/        manifest.json entries.jsonl passages.json keys.npy vectors.npy words/ chroma/
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from . import catalogue as catalogues
from .catalogue import Catalogue
from .chunk import Passage, Sentence
from .errors import CatalogueError, IndexDamagedError, IndexMissingError, IndexStaleError, StoreError
from .files import write_atomically
from .integrity import Check, FileDigest
from .lexical import LexicalIndex
from .similarity import Nearness
from .store import VectorStore

FORMAT = 2
"""Raised when the files of a generation change their form; an index with another number is rebuilt."""

Keys = npt.NDArray[np.void]
Half = npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation was built from, and with what."""

    format: int
    catalogue: str
    embedder: str
    versions: dict[str, str]
    entries: int
    passages: int
    sentences: int
    with_sentences: bool
    built_at: str
    files: dict[str, FileDigest]
    """The other files of the generation, by their path in its folder."""

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """The manifest of a generation.

        Raises:
            IndexMissingError: there is none.
            IndexStaleError: it is damaged, or of another form.
        """
        try:
            values = json.loads((folder / "manifest.json").read_text("utf-8"))
            found = values["format"]
            if found != FORMAT:
                raise IndexStaleError(f"the index has format {found}, this version reads format {FORMAT}")
            seal = values.pop("seal")
            files = {name: FileDigest(**known) for name, known in values.pop("files").items()}
            manifest = cls(files=files, **values)
        except FileNotFoundError as error:
            raise IndexMissingError(folder) from error
        except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
            raise IndexStaleError(f"the manifest of {folder} cannot be read") from error
        if seal != manifest.seal:
            raise IndexDamagedError(f"the manifest of {folder} is not as it was written")
        return manifest

    @property
    def seal(self) -> str:
        """SHA-256 of everything else in it, so that a changed manifest is noticed too."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def write(self, folder: Path) -> None:
        """Write it last: a folder without a manifest is not a generation."""
        write_atomically(
            folder / "manifest.json", json.dumps(asdict(self) | {"seal": self.seal}, indent=1).encode()
        )


def vector_key(text: str) -> bytes:
    """What a stored vector is found by: the first 16 bytes of the text's SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


def current(home: Path) -> Path | None:
    """The folder of the generation in use, or None."""
    try:
        name = (home / "current").read_text("utf-8").strip()
    except (OSError, ValueError):  # not there, or damaged: then nothing is in use
        return None
    folder = home / name
    return folder if name and folder.is_dir() else None


@dataclass(frozen=True)
class Index:
    """An open generation. Rows of `vectors` are unit vectors in half precision; -1 means there is none."""

    folder: Path
    manifest: Manifest
    catalogue: Catalogue
    passages: tuple[Passage, ...]
    sentences: tuple[Sentence, ...]
    sentence_rows: npt.NDArray[np.int64]
    vectors: Half
    words: LexicalIndex
    store: VectorStore | None
    check: Check
    _place: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the passages by id."""
        object.__setattr__(self, "_place", {passage.id: n for n, passage in enumerate(self.passages)})

    def place(self, passage_id: str) -> int:
        """The place of a passage in `passages`."""
        return self._place[passage_id]

    @cached_property
    def passages_of(self) -> dict[str, tuple[int, ...]]:
        """The places of each entry's passages."""
        found: dict[str, list[int]] = {}
        for place, passage in enumerate(self.passages):
            found.setdefault(passage.entry_id, []).append(place)
        return {name: tuple(places) for name, places in found.items()}

    @cached_property
    def sentences_of(self) -> dict[int, tuple[int, ...]]:
        """The places of each passage's sentences, by the passage's place."""
        found: dict[int, list[int]] = {}
        for place, sentence in enumerate(self.sentences):
            found.setdefault(sentence.passage, []).append(place)
        return {name: tuple(places) for name, places in found.items()}

    @cached_property
    def nearness(self) -> Nearness:
        """How near its entries are to each other."""
        return Nearness(self.catalogue, self.passages, self.sentences, self.sentence_rows, self.vectors, self.words)

    def close(self) -> None:
        """Let go of the files."""
        if self.store is not None:
            self.store.close()


def open_index(home: Path, *, embedder: str) -> Index:
    """Open the generation in use.

    Args:
        home: The folder of one catalogue's index.
        embedder: The identity of the embedder in force, or "none".

    Raises:
        IndexMissingError: nothing has been built.
        IndexStaleError: it was built with another embedder.
        IndexDamagedError: its files are not the ones that were built.
        StoreError: its vector store or its word index cannot be opened.
    """
    folder = current(home)
    if folder is None:
        raise IndexMissingError(home)
    manifest = Manifest.read(folder)
    if manifest.embedder != embedder:
        raise IndexStaleError(f"the index was built with {manifest.embedder!r}, the settings ask for {embedder!r}")
    check = Check(folder, manifest.files)
    try:
        table = json.loads((folder / "passages.json").read_text("utf-8"))
        loaded = catalogues.load(folder / "entries.jsonl")
        texts = {entry.id: entry.texts() for entry in loaded.entries}
        passages = tuple(
            Passage(name, entry, where, start, end, texts[entry][where][start:end])
            for name, entry, where, start, end in table["passages"]
        )
        sentences = tuple(Sentence(*row[:3]) for row in table["sentences"])
        rows = np.array([row[3] for row in table["sentences"]], np.int64)
        vectors: Half = np.load(folder / "vectors.npy", mmap_mode="r")
        if rows.max(initial=-1) >= 0:
            vectors[rows.max()]  # the last one is there, or this is damaged
        store = VectorStore.open(folder / "chroma") if embedder != "none" and passages else None
    except (OSError, EOFError, ValueError, LookupError, TypeError, CatalogueError, IndexMissingError) as error:
        raise IndexDamagedError(f"the index under {folder} is damaged: {error}") from error
    words = LexicalIndex.open(folder / "words", len(passages))
    return Index(folder, manifest, loaded, passages, sentences, rows, vectors, words, store, check)


def stored_vectors(folder: Path) -> tuple[Keys, Half]:
    """The keys and vectors kept in a generation, or next to the starter catalogue.

    Raises:
        StoreError: they are missing or damaged.
    """
    try:
        keys: Keys = np.load(folder / "keys.npy")
        vectors: Half = np.load(folder / "vectors.npy", mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise StoreError(f"the vectors under {folder} cannot be read") from error
    if keys.shape != (len(vectors), 16):
        raise StoreError(f"the vectors under {folder} are damaged")
    return keys, vectors
