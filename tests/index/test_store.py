"""The vector store: exact neighbours, filters, and clear errors."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from index import catalogue, chunk
from index.embed import Embedder, Vectors, token_counter
from index.errors import IndexMissingError, StorageError, StoreError
from index.store import VectorStore

QUERIES = ("reward hacking", "laws on artificial intelligence in Europe", "Who makes the chips?", "goulash", "")


class Made:
    """A store of part of the starter catalogue, with the passages, entries and vectors in it."""

    def __init__(self, path: Path, embedder: Embedder) -> None:
        chunker = chunk.Chunker(token_counter())
        entries = catalogue.load_starter().entries[:60]
        pairs = [(passage, entry) for entry in entries for passage in chunker.passages(entry)]
        self.passages = [passage for passage, _ in pairs]
        self.entries = [entry for _, entry in pairs]
        self.vectors: Vectors = embedder.texts([chunk.for_embedding(entry, passage) for passage, entry in pairs])
        self.path = path
        VectorStore.create(path, self.passages, self.entries, self.vectors).close()
        self.store = VectorStore.open(path)

    def nearest(self, vector: Vectors, top: int, only: set[str] | None = None) -> list[tuple[str, float]]:
        """The nearest passages, by comparing with every vector."""
        cosines = self.vectors @ vector
        order = [
            place
            for place in np.argsort(-cosines, kind="stable")
            if only is None or self.passages[place].entry_id in only
        ]
        return [(self.passages[place].id, float(cosines[place])) for place in order[:top]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Made]:
    """One store for this module."""
    store = Made(tmp_path_factory.mktemp("store") / "chroma", embedder)
    yield store
    store.store.close()


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("top", [1, 10, 50])
def test_the_nearest_are_those_of_comparing_with_every_vector(
    made: Made, embedder: Embedder, query: str, top: int
) -> None:
    """The same passages with the same cosines, best first."""
    vector = embedder.query(query)
    found = made.store.search(vector, top=top)
    expected = made.nearest(vector, top)
    assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=1e-3)
    assert {name for name, _ in found} == {name for name, _ in expected}


def test_a_filter_keeps_to_its_entries_and_finds_all_of_them(made: Made, embedder: Embedder) -> None:
    """Even if these entries are far from the question, and for any number of ids."""
    vector = embedder.query("goulash")
    some = {made.entries[0].id, made.entries[-1].id}
    assert dict(made.store.search(vector, top=20, only=some)) == pytest.approx(
        dict(made.nearest(vector, 20, some)), abs=1e-3
    )
    every = {entry.id for entry in made.entries} | {f"none-{number}" for number in range(70_000)}
    assert dict(made.store.search(vector, top=5, only=every)) == pytest.approx(dict(made.nearest(vector, 5)), abs=1e-3)
    assert made.store.search(vector, top=5, only=set()) == []
    assert made.store.search(vector, top=5, only={"none"}) == []


def test_asking_for_more_than_there_is_gives_all(made: Made, embedder: Embedder) -> None:
    """Each passage appears once."""
    found = made.store.search(embedder.query("model"), top=10_000)
    assert sorted(name for name, _ in found) == sorted(passage.id for passage in made.passages)
    assert len(made.store) == len(made.passages)


def test_what_is_not_there_is_missing(tmp_path: Path) -> None:
    """A missing folder, or a folder without our collection; opening creates nothing."""
    with pytest.raises(IndexMissingError):
        VectorStore.open(tmp_path / "none")
    assert not (tmp_path / "none").exists()
    (tmp_path / "empty").mkdir()
    with pytest.raises((IndexMissingError, StoreError)):
        VectorStore.open(tmp_path / "empty")


def test_a_broken_database_is_our_error_with_a_hint(tmp_path: Path, made: Made) -> None:
    """Errors of Chroma become our errors."""
    folder = tmp_path / "broken"
    VectorStore.create(folder, made.passages[:2], made.entries[:2], made.vectors[:2]).close()
    (folder / "chroma.sqlite3").write_bytes(b"not a database at all" * 1000)
    with pytest.raises(StoreError) as caught:
        VectorStore.open(folder)
    assert "almanac build --full" in caught.value.hint


def test_a_place_that_cannot_be_written_is_a_storage_error(tmp_path: Path, made: Made) -> None:
    """A file has the name of the folder."""
    (tmp_path / "file").touch()
    with pytest.raises((StorageError, StoreError)):
        VectorStore.create(tmp_path / "file" / "chroma", made.passages[:1], made.entries[:1], made.vectors[:1])


def test_closing_twice_is_closing_once(tmp_path: Path, made: Made) -> None:
    """A second call of `close` does nothing."""
    store = VectorStore.create(tmp_path / "c", made.passages[:1], made.entries[:1], made.vectors[:1])
    store.close()
    store.close()
    assert len(VectorStore.open(tmp_path / "c")) == 1
