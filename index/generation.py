"""One generation of an index: all files that answering needs, in one folder that never changes after its build.

DATA/indexes/NAME/
    current            the name of the generation in use; the only file that is ever replaced (with one rename)
    building.lock      held while a build runs
    20260629T…/        manifest.json entries.jsonl aliases.json passages.json keys.npy vectors.npy words/ chroma/
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
from .chunk import EntryQuestion, Passage, Sentence
from .errors import CatalogueError, IndexDamagedError, IndexMissingError, IndexStaleError, StoreError
from .files import write_atomically
from .integrity import Check, FileDigest
from .lexical import LexicalIndex, terms
from .similarity import EntrySimilarity
from .store import VectorStore

FORMAT = 3
"""The format of the files in a generation; an index with another number is rebuilt."""

Keys = npt.NDArray[np.void]
Half = npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation was built from and with which versions; the file `manifest.json`."""

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
    """Size and hash of every other file of the generation, by its path in the folder."""

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Read the manifest of a generation.

        Raises:
            IndexMissingError: the folder has none.
            IndexStaleError: it cannot be read, or has another format.
            IndexDamagedError: it was changed after the build.
        """
        try:
            values = json.loads((folder / "manifest.json").read_text("utf-8"))
            version = values["format"]
            if version != FORMAT:
                raise IndexStaleError(f"the index has format {version}, but this version reads format {FORMAT}")
            seal = values.pop("seal")
            files = {name: FileDigest(**known) for name, known in values.pop("files").items()}
            manifest = cls(files=files, **values)
        except FileNotFoundError as error:
            raise IndexMissingError(folder) from error
        except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
            raise IndexStaleError(f"the manifest of {folder} cannot be read") from error
        if seal != manifest.seal:
            raise IndexDamagedError(f"the manifest of {folder} was changed after the build")
        return manifest

    @property
    def seal(self) -> str:
        """SHA-256 of all other fields: stored in the file, it shows whether the manifest itself was changed."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def write(self, folder: Path) -> None:
        """Write the manifest. It must be written last, because a folder without a manifest is not a generation."""
        write_atomically(folder / "manifest.json", json.dumps(asdict(self) | {"seal": self.seal}, indent=1).encode())


def vector_key(text: str) -> bytes:
    """The key of a stored vector: the first 16 bytes of its text's SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


def current(home: Path) -> Path | None:
    """The folder of the generation in use, or None."""
    try:
        name = (home / "current").read_text("utf-8").strip()
    except (OSError, ValueError):  # missing or damaged: no generation is in use
        return None
    folder = home / name
    return folder if name and folder.is_dir() else None


@dataclass(frozen=True)
class Index:
    """An open generation.

    `vectors` has shape (texts, dimensions), unit vectors in half precision, memory-mapped. `sentence_rows` gives the
    row of each sentence in it, `question_rows` that of each question; -1 means that there is no vector.
    """

    folder: Path
    manifest: Manifest
    catalogue: Catalogue
    passages: tuple[Passage, ...]
    sentences: tuple[Sentence, ...]
    sentence_rows: npt.NDArray[np.int64]
    questions: tuple[EntryQuestion, ...]
    question_rows: npt.NDArray[np.int64]
    vectors: Half
    words: LexicalIndex
    store: VectorStore | None
    check: Check
    _positions: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Map the ids of passages to their positions in `passages`."""
        object.__setattr__(self, "_positions", {passage.id: n for n, passage in enumerate(self.passages)})

    def position(self, passage_id: str) -> int:
        """The position of a passage in `passages`, by its id."""
        return self._positions[passage_id]

    @cached_property
    def passages_of(self) -> dict[str, tuple[int, ...]]:
        """By the id of an entry: the positions of its passages in `passages`."""
        positions: dict[str, list[int]] = {}
        for position, passage in enumerate(self.passages):
            positions.setdefault(passage.entry_id, []).append(position)
        return {entry_id: tuple(own) for entry_id, own in positions.items()}

    @cached_property
    def sentences_of(self) -> dict[int, tuple[int, ...]]:
        """By the position of a passage in `passages`: the positions of its sentences in `sentences`."""
        positions: dict[int, list[int]] = {}
        for position, sentence in enumerate(self.sentences):
            positions.setdefault(sentence.passage, []).append(position)
        return {passage: tuple(own) for passage, own in positions.items()}

    @cached_property
    def question_vectors(self) -> npt.NDArray[np.float32] | None:
        """The vectors of `questions`, of shape (questions, dimensions); None without an embedder, or without questions."""
        rows = self.question_rows
        return self.vectors[rows].astype(np.float32) if len(rows) and (rows >= 0).all() else None

    @cached_property
    def words_of_questions(self) -> frozenset[str]:
        """The index terms of `questions`."""
        return frozenset(word for question in self.questions for word in terms(question.text))

    def sentence_at(self, entry_id: str, field: str, start: int) -> int | None:
        """The position of the sentence that starts at an offset of a field; None if no sentence starts there."""
        for passage in self.passages_of.get(entry_id, ()):
            if self.passages[passage].field == field:
                for position in self.sentences_of.get(passage, ()):
                    if self.sentences[position].start == start:
                        return position
        return None

    @cached_property
    def similarity(self) -> EntrySimilarity:
        """How similar the entries of the index are to each other."""
        return EntrySimilarity(
            self.catalogue, self.passages, self.sentences, self.sentence_rows, self.vectors, self.words
        )

    def close(self) -> None:
        """Close the files and drop the memory maps; the index cannot be used afterwards.

        Windows does not remove a file that is still mapped.
        """
        if self.store is not None:
            self.store.close()
        if "similarity" in self.__dict__:
            self.similarity.close()
        object.__setattr__(self, "vectors", np.zeros((0, 0), np.float16))
        object.__setattr__(self, "words", LexicalIndex.build([]))


def open_index(home: Path, *, embedder: str) -> Index:
    """Open the generation in use.

    Args:
        home: The folder of one catalogue's index.
        embedder: The identity of the embedder that the settings name, or "none".

    Raises:
        IndexMissingError: no index has been built.
        IndexStaleError: the index was built with another embedder.
        IndexDamagedError: its files differ from what the build wrote.
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
        questions = tuple(
            EntryQuestion(name, loaded.by_id[name].questions[number], sentence)
            for name, number, sentence, _ in table["questions"]
        )
        question_rows = np.array([row[3] for row in table["questions"]], np.int64)
        vectors: Half = np.load(folder / "vectors.npy", mmap_mode="r")
        last = max(rows.max(initial=-1), question_rows.max(initial=-1))
        if last >= 0:
            vectors[last]  # an IndexError here means that vectors are missing
        store = VectorStore.open(folder / "chroma") if embedder != "none" and passages else None
    except (OSError, EOFError, ValueError, LookupError, TypeError, CatalogueError, IndexMissingError) as error:
        raise IndexDamagedError(f"the index under {folder} is damaged: {error}") from error
    words = LexicalIndex.open(folder / "words", len(passages))
    return Index(
        folder, manifest, loaded, passages, sentences, rows, questions, question_rows, vectors, words, store, check
    )


def stored_vectors(folder: Path) -> tuple[Keys, Half]:
    """The keys and vectors stored in a generation, or next to the starter catalogue.

    Returns:
        Keys of shape (texts, 16), as `vector_key` makes them, and vectors of shape (texts, dimensions).

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
