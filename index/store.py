"""The vector store: Chroma, used through LlamaIndex's vector store. No other module imports chromadb."""

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
"""Passages written in one call; SQLite accepts many more in a statement."""
_MAX_IDS_IN_QUERY = 10_000
"""Entry ids in the filter of one query; SQLite accepts 32,766 variables in a statement."""
_CONFIGURATION: Any = {"hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 200, "max_neighbors": 32}}
_DISK_ERROR = re.compile(r"disk is full|no space|i/o error|read-?only", re.IGNORECASE)
"""Messages of SQLite about the disk; "database disk image is malformed" means a damaged file instead."""
_MIN_FREE_BYTES = 1 << 20
"""With less free space than this, a full disk is why Chroma failed, whatever its message says."""


def _free_bytes(path: Path) -> int:
    existing = next(folder for folder in (path, *path.parents) if folder.exists())
    return shutil.disk_usage(existing).free


@contextmanager
def _chroma_errors(path: Path) -> Iterator[None]:
    """Turn errors of Chroma into ours, and distinguish a full disk from a damaged store."""
    try:
        yield
    except chromadb.errors.NotFoundError as error:
        raise IndexMissingError(path) from error
    except OSError as error:
        raise StorageError(f"cannot use {path}: {error.strerror or error}") from error
    except (chromadb.errors.ChromaError, ValueError, RuntimeError) as error:
        if _DISK_ERROR.search(str(error)) or _free_bytes(path) < _MIN_FREE_BYTES:
            raise StorageError(f"cannot write {path}: {error}") from error
        raise StoreError(f"the vector store under {path} failed: {error}") from error


class VectorStore:
    """One Chroma collection of passages with their vectors, in its own folder."""

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
        """Write passages into a new collection.

        Args:
            path: The folder of the new collection.
            passages: The passages.
            entries: The entry of each passage.
            vectors: The unit vector of each passage, shape (passages, dimensions).
        """
        with _chroma_errors(path):
            client = _client(path)
            try:
                collection = client.create_collection(COLLECTION, configuration=_CONFIGURATION, embedding_function=None)
                store = cls(client, collection, path)
                for at in range(0, len(passages), _BATCH):
                    rows = range(at, min(at + _BATCH, len(passages)))
                    store._store.add([_node(passages[row], entries[row], vectors[row]) for row in rows])
            except BaseException:
                client.close()  # on Windows the folder could not be removed otherwise
                raise
            return store

    @classmethod
    def open(cls, path: Path) -> "VectorStore":
        """Open a collection that `create` wrote.

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
        """The number of passages in the whole collection."""
        with _chroma_errors(self._path):
            return int(self._collection.count())

    def within(self, entries: frozenset[str]) -> "VectorStore":
        """A view of the collection whose searches find only passages of these entries."""
        return VectorStore(self._client, self._collection, self._path, entries)

    def search(self, vector: Vectors, *, top: int, only: Collection[str] | None = None) -> list[tuple[str, float]]:
        """The passages nearest to a vector, as (passage id, cosine), best first.

        Args:
            vector: A unit vector.
            top: How many passages at most.
            only: Ids of the entries to search; None searches all.
        """
        if self._only is not None:
            only = self._only if only is None else self._only.intersection(only)
        if only is None:
            return self._nearest(vector, top, None)
        entry_ids = sorted(only)
        hits: list[tuple[str, float]] = []
        for at in range(0, len(entry_ids), _MAX_IDS_IN_QUERY):
            part = entry_ids[at : at + _MAX_IDS_IN_QUERY]
            by_entry = MetadataFilter(key="entry_id", value=part, operator=FilterOperator.IN)
            hits += self._nearest(vector, top, MetadataFilters(filters=[by_entry]))
        return sorted(hits, key=lambda hit: -hit[1])[:top]

    def _nearest(self, vector: Vectors, top: int, filters: MetadataFilters | None) -> list[tuple[str, float]]:
        query = VectorStoreQuery(query_embedding=vector.tolist(), similarity_top_k=top, filters=filters)
        with _chroma_errors(self._path):
            result = self._store.query(query)
        # LlamaIndex returns exp(-distance), where the distance is 1 - cosine.
        similarities = result.similarities or []
        return [(hit, 1 + math.log(s)) for hit, s in zip(result.ids or [], similarities, strict=True) if s > 0]

    def close(self) -> None:
        """Close the files; a second call does nothing."""
        self._client.close()


def _client(path: Path) -> Any:
    # Chroma also reads these settings from the environment and from a file `.env` in the working folder. Neither may
    # make it report telemetry or send passages to a server.
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
