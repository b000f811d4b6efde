"""Catalogue -> passages -> word index and vectors: a new generation beside the one in use, then one rename.

A build may be killed at any point: the generation in use is whole until the rename and the new one is whole after
it; what a killed build left behind is cleared by the next.
"""

import importlib.metadata
import json
import logging
import shutil
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
from .catalogue import PART, Catalogue
from .chunk import Chunker, Passage
from .embed import Embedder, Vectors, token_counter
from .errors import AlmanacError, IndexBusyError, IndexDamagedError, IndexMissingError, IndexStaleError, StorageError
from .generation import FORMAT, Index, Manifest, vector_key
from .lexical import LexicalIndex
from .store import VectorStore

log = logging.getLogger(__name__)

Report = Callable[[str, int, int], None]
"""Called with the step's name, how much is done and how much there is."""

KEPT_GENERATIONS = 2
"""The one in use and the one before it, which a server that runs may still be reading."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: `embedded` of `texts` were new to the embedder; `reused` says nothing had to be done."""

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
    report: Report = lambda _step, _done, _all: None,
) -> Built:
    """Bring the index under `home` up to the catalogue.

    Args:
        catalogue: What to index.
        home: The folder of this catalogue's index; made if need be.
        embedder: What makes the vectors; None for word search alone.
        full: Embed every text again and build even where nothing changed.
        force: Build even where nothing changed; vectors that are undamaged are reused.
        check: Whether the files of an index that is up to date are compared with what was built, and the index is
            rebuilt where they differ. Opening it does the same, so a caller that opens it next can leave this out.
        with_sentences: Keep a vector for each sentence too; measurements of retrieval alone do without.
        known: Further folders with `keys.npy` and `vectors.npy` made by the same embedder.
        report: Told of progress.

    Raises:
        IndexBusyError: another process is building this index.
        StorageError: the disk refused; the generation in use is unchanged.
        EmbedderError: the embedder failed; the generation in use is unchanged.
    """
    started = time.perf_counter()
    try:
        # Looked at before the lock, too: where nothing has to be built, nobody waits for anybody.
        skip = full or force
        in_use = None if skip else _usable(home, catalogue, embedder, with_sentences=with_sentences, check=check)
        if in_use is not None:
            return Built(*in_use, 0, 0, time.perf_counter() - started, reused=True)
        home.mkdir(parents=True, exist_ok=True)
        with FileLock(home / "building.lock", timeout=0):
            in_use = None if skip else _usable(home, catalogue, embedder, with_sentences=with_sentences, check=check)
            if in_use is not None:
                return Built(*in_use, 0, 0, time.perf_counter() - started, reused=True)
            _clear(home, keep=KEPT_GENERATIONS)
            folder = home / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid4().hex[:8]}"
            folder.mkdir()
            try:
                sources = [] if full else [*_generations(home)[:1], *known]
                embedded, texts = _fill(folder, catalogue, embedder, sources, with_sentences, report)
                manifest = Manifest.read(folder)
                catalogues.write_atomically(home / "current", folder.name.encode())
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            _clear(home, keep=KEPT_GENERATIONS)
            return Built(folder, manifest, embedded, texts, time.perf_counter() - started)
    except Timeout as error:
        raise IndexBusyError(f"another process is building the index under {home}") from error
    except OSError as error:
        raise StorageError(f"cannot write the index under {home}: {error.strerror or error}") from error


def is_current(home: Path, catalogue: Catalogue, embedder: Embedder | None) -> bool:
    """Whether the index under `home` was built from this very catalogue with this very embedder."""
    return _usable(home, catalogue, embedder, with_sentences=True, check=False) is not None


def _usable(
    home: Path, catalogue: Catalogue, embedder: Embedder | None, *, with_sentences: bool, check: bool
) -> tuple[Path, Manifest] | None:
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
    report: Report,
) -> tuple[int, int]:
    passages = _passages(catalogue, report)
    owners = [catalogue.by_id[passage.entry_id] for passage in passages]
    sentences = list(chunk.sentences_of(passages)) if with_sentences else []
    for_vectors = [chunk.for_embedding(entry, passage) for entry, passage in zip(owners, passages, strict=True)]
    quoted = [catalogue.by_id[passages[s.passage].entry_id].texts()[passages[s.passage].field] for s in sentences]
    said = [text[s.start : s.end] for text, s in zip(quoted, sentences, strict=True)]

    texts = list(dict.fromkeys([*for_vectors, *said])) if embedder is not None else []
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
    np.save(folder / "keys.npy", np.frombuffer(b"".join(map(vector_key, texts)), np.uint8).reshape(-1, 16))
    np.save(folder / "vectors.npy", vectors.astype(np.float16))
    catalogues.save(folder / "entries.jsonl", catalogue.entries)
    table = {
        "passages": [[p.id, p.entry_id, p.field, p.start, p.end] for p in passages],
        "sentences": [[s.passage, s.start, s.end, rows.get(text, -1)] for s, text in zip(sentences, said, strict=True)],
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


def _passages(catalogue: Catalogue, report: Report) -> list[Passage]:
    chunker = Chunker(token_counter())
    found: list[Passage] = []
    for number, entry in enumerate(catalogue.entries):
        found.extend(chunker.passages(entry))
        if number % 100 == 0:
            report("reading", number, len(catalogue.entries))
    report("reading", len(catalogue.entries), len(catalogue.entries))
    return found


def _vectors(
    texts: Sequence[str], embedder: Embedder | None, sources: Sequence[Path], report: Report
) -> tuple[Vectors, int]:
    """A row for each text: taken over where a source has it, else made by the embedder."""
    if embedder is None or not texts:
        return np.zeros((len(texts), 0), np.float32), 0
    held: dict[bytes, Vectors] = {}
    for source in sources:
        held = _held(source, embedder.identity) | held
    found = [held.get(vector_key(text)) for text in texts]
    missing = [place for place, vector in enumerate(found) if vector is None]
    done = len(texts) - len(missing)
    report("embedding", done, len(texts))

    def step(more: int) -> None:
        nonlocal done
        done += more
        report("embedding", done, len(texts))

    # In the precision that is kept, so that an index is the same whether its vectors are new or reused.
    made = embedder.texts([texts[place] for place in missing], step).astype(np.float16)
    for place, vector in zip(missing, made, strict=True):
        found[place] = vector
    return np.array(found, np.float32), len(missing)


def _held(source: Path, identity: str) -> dict[bytes, Vectors]:
    try:
        manifest = Manifest.read(source)
        if manifest.embedder != identity:
            return {}
        # A damaged vector that was copied into a new generation would count as right there.
        integrity.check(source, {name: manifest.files[name] for name in ("keys.npy", "vectors.npy")})
        keys, vectors = generation.stored_vectors(source)
    except (AlmanacError, KeyError):
        return {}  # a source is a saving, never a need: what it lacks is embedded
    # One read of the whole file; row by row the memory map is many times slower.
    rows = np.array(vectors, np.float32)
    return {key.tobytes(): row for key, row in zip(keys, rows, strict=True)}


def _generations(home: Path) -> list[Path]:
    """Whole generations, the one in use first, then the latest."""
    used = generation.current(home)
    whole = sorted((path.parent for path in home.glob("*/manifest.json")), reverse=True)
    return sorted(whole, key=lambda path: path != used)


def _clear(home: Path, *, keep: int) -> None:
    """Remove what killed builds left behind and all generations but the last ones."""
    kept = set(_generations(home)[:keep])
    for path in home.iterdir():
        if path.is_dir() and path not in kept:
            shutil.rmtree(path, ignore_errors=True)
        elif path.name.endswith(PART):
            path.unlink(missing_ok=True)


def open_current(home: Path, embedder: Embedder | None) -> Index:
    """Open the generation in use for this embedder; errors as `generation.open_index`."""
    return generation.open_index(home, embedder=_identity(embedder))
