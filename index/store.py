"""Vectors in Chroma, reached through LlamaIndex's vector store; the only importer of chromadb."""

import math
import re
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import chromadb
import chromadb.errors
from chromadb.config import Settings as ChromaSettings
from llama_index.core import VectorStoreIndex
from llama_index.core.embeddings import BaseEmbedding
from llama_index.core.schema import BaseNode, TextNode
from llama_index.core.vector_stores.types import (
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
)
from llama_index.vector_stores.chroma import ChromaVectorStore

from .chunk import Passage
from .embed import Vectors
from .errors import IndexMissingError, StorageError, StoreError
from .models import AnyEntry

COLLECTION = "passages"
_BATCH = 2_000
"""Passages written at once: a small part of what SQLite takes in one statement."""
_ASKED = 10_000
"""Entry ids named in one query: SQLite takes 32,766 variables in a statement."""
_CONFIGURATION: Any = {"hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 200, "max_neighbors": 32}}


_REFUSED = re.compile(r"disk is full|no space|i/o error|read-?only", re.IGNORECASE)
"""What SQLite says of a disk; "database disk image is malformed" is another matter."""
_ROOM = 1 << 20
"""Bytes; where less is left, that is why Chroma failed, whatever it says ("failed to apply logs")."""


def _free(path: Path) -> int:
    there = next(folder for folder in (path, *path.parents) if folder.exists())
    return shutil.disk_usage(there).free


@contextmanager
def _chroma_errors(path: Path) -> Iterator[None]:
    """Turn what Chroma raises into our errors: a full disk is not a broken index."""
    try:
        yield
    except chromadb.errors.NotFoundError as error:
        raise IndexMissingError(path) from error
    except OSError as error:
        raise StorageError(f"cannot use {path}: {error.strerror or error}") from error
    except (chromadb.errors.ChromaError, ValueError, RuntimeError) as error:
        if _REFUSED.search(str(error)) or _free(path) < _ROOM:
            raise StorageError(f"cannot write {path}: {error}") from error
        raise StoreError(f"the vector store under {path} failed: {error}") from error


class VectorStore:
    """One collection of passages with their vectors, in a folder of its own."""

    def __init__(self, client: Any, collection: Any, path: Path, only: frozenset[str] | None = None) -> None:
        self._only = only
        self._client = client
        self._collection = collection
        self._path = path
        self._store = ChromaVectorStore(chroma_collection=collection)

    @classmethod
    def create(
        cls, path: Path, passages: Sequence[Passage], entries: Sequence[AnyEntry], vectors: Vectors
    ) -> "VectorStore":
        """Write passages and their vectors (one row each, length 1) into a new collection."""
        with _chroma_errors(path):
            client = _client(path)
            collection = client.create_collection(COLLECTION, configuration=_CONFIGURATION, embedding_function=None)
            store = cls(client, collection, path)
            for at in range(0, len(passages), _BATCH):
                rows = range(at, min(at + _BATCH, len(passages)))
                store._store.add([_node(passages[row], entries[row], vectors[row]) for row in rows])
            return store

    @classmethod
    def open(cls, path: Path) -> "VectorStore":
        """Open what `create` wrote.

        Raises:
            IndexMissingError: there is no such collection.
            StoreError: Chroma cannot read it.
        """
        if not path.is_dir():
            raise IndexMissingError(path)
        with _chroma_errors(path):
            client = _client(path)
            return cls(client, client.get_collection(COLLECTION, embedding_function=None), path)

    def __len__(self) -> int:
        """How many passages it holds."""
        with _chroma_errors(self._path):
            return int(self._collection.count())

    def within(self, entries: frozenset[str]) -> "VectorStore":
        """The same collection, of which no search finds a passage of any other entry than these."""
        return VectorStore(self._client, self._collection, self._path, entries)

    def search(self, vector: Vectors, *, top: int, only: Collection[str] | None = None) -> list[tuple[str, float]]:
        """The nearest passages as (id, cosine), best first; `only` keeps to the passages of these entries."""
        if self._only is not None:
            only = self._only if only is None else self._only.intersection(only)
        if only is None:
            return self._nearest(vector, top, None)
        names = sorted(only)
        found: list[tuple[str, float]] = []
        for at in range(0, len(names), _ASKED):
            one = MetadataFilter(key="entry_id", value=names[at : at + _ASKED], operator=FilterOperator.IN)
            found += self._nearest(vector, top, MetadataFilters(filters=[one]))
        return sorted(found, key=lambda hit: -hit[1])[:top]

    def _nearest(self, vector: Vectors, top: int, filters: MetadataFilters | None) -> list[tuple[str, float]]:
        query = VectorStoreQuery(query_embedding=vector.tolist(), similarity_top_k=top, filters=filters)
        with _chroma_errors(self._path):
            result = self._store.query(query)
        # LlamaIndex gives exp(-distance); the distance is 1 - cosine.
        similarities = result.similarities or []
        return [(name, 1 + math.log(s)) for name, s in zip(result.ids or [], similarities, strict=True) if s > 0]

    def as_index(self, model: BaseEmbedding) -> VectorStoreIndex:
        """The same collection as a LlamaIndex index, for people who build on that library."""
        return VectorStoreIndex.from_vector_store(self._store, embed_model=model)

    def close(self) -> None:
        """Let go of the files; a second call does nothing."""
        self._client.close()


def _client(path: Path) -> Any:
    # Chroma also reads these from the environment and from a file `.env` in the working folder: neither may make it
    # report what it does, or send passages to a server.
    settings = ChromaSettings(
        anonymized_telemetry=False,
        chroma_otel_collection_endpoint="",
        chroma_otel_granularity=None,
        chroma_api_impl="chromadb.api.rust.RustBindingsAPI",
        is_persistent=True,
    )
    return chromadb.PersistentClient(path=str(path), settings=settings)


def _node(passage: Passage, entry: AnyEntry, vector: Vectors) -> BaseNode:
    return TextNode(
        id_=passage.id,
        text=passage.text,
        embedding=vector.tolist(),
        metadata={
            "entry_id": passage.entry_id,
            "kind": entry.kind,
            "field": passage.field,
            "start": passage.start,
            "end": passage.end,
        },
    )
