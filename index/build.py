"""Build the search index of a catalogue: passages, word index and vectors.

A build writes a new generation next to the one in use, then switches to it by one rename. So it may be killed at any
moment: before the rename the old generation is in use, after it the new one. The next build removes the leftovers of
a killed build.
"""

import importlib.metadata
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import numpy as np
from filelock import FileLock, Timeout

from . import catalogue as catalogues
from . import chunk, generation, integrity
from .catalogue import Catalogue
from .chunk import Chunker, Passage, Sentence
from .embed import Embedder, Vectors, token_counter
from .errors import AlmanacError, IndexBusyError, IndexDamagedError, IndexMissingError, IndexStaleError, StorageError
from .files import PART, REMOVED, remove_folder, write_atomically
from .generation import FORMAT, Index, Manifest, vector_key
from .lexical import LexicalIndex
from .store import VectorStore

log = logging.getLogger(__name__)

ProgressCallback = Callable[[str, int, int], None]
"""Called with the name of a step, the amount of work done, and the total amount."""

KEPT_GENERATIONS = 2
"""Generations that a build keeps: the one in use, and the one before it, which a running server may still read."""


@dataclass(frozen=True, slots=True)
class BuildResult:
    """The result of a build. `texts` is the number of texts, `embedded` the number of those that needed a new vector.

    `reused` is true if the index was up to date and nothing was built.
    """

    folder: Path
    manifest: Manifest
    embedded: int
    texts: int
    seconds: float
    reused: bool = False


def build(
    catalogue: Catalogue,
    home: Path,
    embedder: Embedder | None,
    *,
    full: bool = False,
    force: bool = False,
    check: bool = True,
    with_sentences: bool = True,
    known: Sequence[Path] = (),
    report: ProgressCallback = lambda _step, _done, _all: None,
) -> BuildResult:
    """Bring the index under `home` up to date with the catalogue.

    Args:
        catalogue: What to index.
        home: The folder of this catalogue's index; created if it does not exist.
        embedder: Makes the vectors; None builds an index for word search only.
        full: Build even if nothing changed, and embed every text again.
        force: Build even if nothing changed, but reuse undamaged vectors.
        check: Check the files of an index that is up to date, and rebuild it if they are damaged. Opening an index
            checks them too, so a caller that opens it next can pass False.
        with_sentences: Store a vector for each sentence too; measurements of retrieval need none.
        known: Further folders with a manifest, `keys.npy` and `vectors.npy`, whose vectors are reused if the same
            embedder made them.
        report: Called with the progress.

    Raises:
        IndexBusyError: another process is building this index.
        StorageError: a file cannot be written; the generation in use is unchanged.
        EmbedderError: the embedder failed; the generation in use is unchanged.
    """
    started = time.perf_counter()
    try:
        # Checked before the lock is taken and again after: an index that is up to date never waits for a lock.
        skip = full or force
        in_use = None if skip else _usable(home, catalogue, embedder, with_sentences=with_sentences, check=check)
        if in_use is not None:
            return BuildResult(*in_use, 0, 0, time.perf_counter() - started, reused=True)
        home.mkdir(parents=True, exist_ok=True)
        with FileLock(home / "building.lock", timeout=0):
            in_use = None if skip else _usable(home, catalogue, embedder, with_sentences=with_sentences, check=check)
            if in_use is not None:
                return BuildResult(*in_use, 0, 0, time.perf_counter() - started, reused=True)
            _clear(home, keep=KEPT_GENERATIONS)
            folder = home / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{uuid4().hex[:8]}"
            folder.mkdir()
            try:
                sources = [] if full else [*_generations(home)[:1], *known]
                embedded, texts = _fill(folder, catalogue, embedder, sources, with_sentences, report)
                manifest = Manifest.read(folder)
                write_atomically(home / "current", folder.name.encode())
            except BaseException:
                remove_folder(folder)
                raise
            _clear(home, keep=KEPT_GENERATIONS)
            return BuildResult(folder, manifest, embedded, texts, time.perf_counter() - started)
    except Timeout as error:
        raise IndexBusyError(f"another process is building the index under {home}") from error
    except OSError as error:
        raise StorageError(f"cannot write the index under {home}: {error.strerror or error}") from error


def _usable(
    home: Path, catalogue: Catalogue, embedder: Embedder | None, *, with_sentences: bool, check: bool
) -> tuple[Path, Manifest] | None:
    """The generation in use, if it was built from this catalogue with this embedder; else None."""
    folder = generation.current(home)
    if folder is None:
        return None
    try:
        manifest = Manifest.read(folder)
        same = manifest.catalogue == catalogue.hash and manifest.embedder == _identity(embedder)
        if not same or manifest.with_sentences < with_sentences:
            return None
        if check:
            integrity.check(folder, manifest.files)
    except IndexDamagedError as error:
        log.warning("the index is rebuilt from the catalogue: %s", error)
        return None
    except (IndexMissingError, IndexStaleError):
        return None
    return folder, manifest


def _identity(embedder: Embedder | None) -> str:
    return "none" if embedder is None else embedder.identity


def _fill(
    folder: Path,
    catalogue: Catalogue,
    embedder: Embedder | None,
    sources: Sequence[Path],
    with_sentences: bool,  # noqa: FBT001
    report: ProgressCallback,
) -> tuple[int, int]:
    """Write every file of a generation; returns how many texts were embedded, and how many there are."""
    passages = _passages(catalogue, report)
    owners = [catalogue.by_id[passage.entry_id] for passage in passages]
    sentences = list(chunk.sentences_of(passages)) if with_sentences else []
    for_vectors = [chunk.for_embedding(entry, passage) for entry, passage in zip(owners, passages, strict=True)]
    fields = [catalogue.by_id[passages[s.passage].entry_id].texts()[passages[s.passage].field] for s in sentences]
    sentence_texts = [text[s.start : s.end] for text, s in zip(fields, sentences, strict=True)]

    asking = catalogue.entries if with_sentences else ()
    questions = [(entry.id, number, text) for entry in asking for number, text in enumerate(entry.questions)]
    with_vectors = [*for_vectors, *sentence_texts, *(text for _, _, text in questions)]
    texts = list(dict.fromkeys(with_vectors)) if embedder is not None else []
    vectors, embedded = _vectors(texts, embedder, sources, report)
    rows = {text: row for row, text in enumerate(texts)}

    report("words", 0, 1)
    LexicalIndex.build([chunk.for_words(entry, p) for entry, p in zip(owners, passages, strict=True)]).save(
        folder / "words"
    )
    report("words", 1, 1)
    if embedder is not None and passages:
        report("storing", 0, 1)
        order = [rows[text] for text in for_vectors]
        VectorStore.create(folder / "chroma", passages, owners, vectors[order]).close()
        integrity.compact(folder)
        report("storing", 1, 1)
    sentence_rows = [rows.get(text, -1) for text in sentence_texts]
    nearest = _nearest_sentence(passages, sentences, sentence_rows, vectors)
    np.save(folder / "keys.npy", np.frombuffer(b"".join(map(vector_key, texts)), np.uint8).reshape(-1, 16))
    np.save(folder / "vectors.npy", vectors.astype(np.float16))
    catalogues.save(folder / "entries.jsonl", catalogue.entries, catalogue.aliases)
    table = {
        "passages": [[p.id, p.entry_id, p.field, p.start, p.end] for p in passages],
        "sentences": [[s.passage, s.start, s.end, row] for s, row in zip(sentences, sentence_rows, strict=True)],
        "questions": [
            [entry_id, number, nearest(entry_id, row), row]
            for entry_id, number, text in questions
            for row in (rows.get(text, -1),)
        ],
    }
    (folder / "passages.json").write_text(json.dumps(table), "utf-8")
    Manifest(
        format=FORMAT,
        catalogue=catalogue.hash,
        embedder=_identity(embedder),
        versions={name: importlib.metadata.version(name) for name in ("chromadb", "bm25s", "llama-index-core")},
        entries=len(catalogue.entries),
        passages=len(passages),
        sentences=len(sentences),
        with_sentences=with_sentences,
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
        files=integrity.digests(folder),
    ).write(folder)
    return embedded, len(texts)


def _passages(catalogue: Catalogue, report: ProgressCallback) -> list[Passage]:
    chunker = Chunker(token_counter())
    passages: list[Passage] = []
    for number, entry in enumerate(catalogue.entries):
        passages.extend(chunker.passages(entry))
        if number % 100 == 0:
            report("reading", number, len(catalogue.entries))
    report("reading", len(catalogue.entries), len(catalogue.entries))
    return passages


def _vectors(
    texts: Sequence[str], embedder: Embedder | None, sources: Sequence[Path], report: ProgressCallback
) -> tuple[Vectors, int]:
    """One row for each text, reused from a source or made by the embedder; and how many the embedder made."""
    if embedder is None or not texts:
        return np.zeros((len(texts), 0), np.float32), 0
    reusable: dict[bytes, Vectors] = {}
    for source in sources:
        reusable = _reusable(source, embedder.identity) | reusable  # earlier sources take precedence
    vectors = [reusable.get(vector_key(text)) for text in texts]
    missing = [place for place, vector in enumerate(vectors) if vector is None]
    done = len(texts) - len(missing)
    report("embedding", done, len(texts))

    def step(more: int) -> None:
        nonlocal done
        done += more
        report("embedding", done, len(texts))

    # Rounded to the precision of the file, so that an index is the same whether its vectors are new or reused.
    new = embedder.texts([texts[place] for place in missing], step).astype(np.float16)
    for place, vector in zip(missing, new, strict=True):
        vectors[place] = vector
    return np.array(vectors, np.float32), len(missing)


def _reusable(source: Path, identity: str) -> dict[bytes, Vectors]:
    """The vectors of an earlier generation by `vector_key`; none if another embedder made them or they are damaged."""
    try:
        manifest = Manifest.read(source)
        if manifest.embedder != identity:
            return {}
        # Once copied into a new generation, a damaged vector could no longer be recognised.
        integrity.check(source, {name: manifest.files[name] for name in ("keys.npy", "vectors.npy")})
        keys, vectors = generation.stored_vectors(source)
    except (AlmanacError, KeyError):
        return {}  # sources only save time: texts without a reusable vector are embedded again
    # Read the whole file at once: reading a memory map row by row is many times slower.
    rows = np.array(vectors, np.float32)
    return {key.tobytes(): row for key, row in zip(keys, rows, strict=True)}


def _generations(home: Path) -> list[Path]:
    """The complete generations: first the one in use, then the others from newest to oldest."""
    in_use = generation.current(home)
    folders = [path.parent for path in home.glob("*/manifest.json") if not path.parent.name.startswith(REMOVED)]
    return sorted(sorted(folders, reverse=True), key=lambda folder: folder != in_use)


def _clear(home: Path, *, keep: int) -> None:
    """Remove the leftovers of killed builds, and all generations except the first `keep` of `_generations`."""
    kept = set(_generations(home)[:keep])
    for path in list(home.iterdir()):
        if path.is_dir() and path not in kept:
            if not remove_folder(path):
                log.info("%s is still in use; a later build will remove it", path)
        elif path.name.endswith(PART):
            path.unlink(missing_ok=True)


def open_current(home: Path, embedder: Embedder | None) -> Index:
    """Open the generation in use, built with this embedder; raises what `generation.open_index` raises."""
    return generation.open_index(home, embedder=_identity(embedder))


def _nearest_sentence(
    passages: Sequence[Passage], sentences: Sequence[Sentence], rows: Sequence[int], vectors: Vectors
) -> Callable[[str, int], int]:
    """A function that returns the position of the sentence of an entry nearest to the vector in a row; -1 for none."""
    own: dict[str, list[int]] = {}
    for place, sentence in enumerate(sentences):
        if rows[place] >= 0:
            own.setdefault(passages[sentence.passage].entry_id, []).append(place)

    def nearest(entry_id: str, row: int) -> int:
        places = own.get(entry_id, [])
        if row < 0 or not places:
            return -1
        return places[int(np.argmax(vectors[[rows[place] for place in places]] @ vectors[row]))]

    return nearest
