"""A build reuses vectors of the same embedder and of no other."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index import build
from index.catalogue import Catalogue
from index.embed import Embedder, Vectors
from tests.support.odd_catalogues import entry

CATALOGUE = Catalogue(
    tuple(
        entry(id=f"e{number}", title=f"Study {number}", summary=f"A laboratory trained model {number}.")
        for number in range(4)
    )
)


class Backwards(Embedder):
    """The real model under another identity; the numbers of each vector are in reverse order."""

    def texts(self, texts, progress=None):  # type: ignore[no-untyped-def]
        """Vectors that the real embedder does not make."""
        return Embedder.texts(self, texts, progress)[:, ::-1]


@pytest.fixture
def other(embedder: Embedder) -> Embedder:
    """Another embedder, whose vectors have the same length."""
    return Backwards("backwards", "test:backwards", embedder.model)


def vectors(folder: Path) -> Vectors:
    """The vectors of a generation, one row for each text."""
    return np.array(np.load(folder / "vectors.npy"), np.float32)


def test_the_index_of_another_embedder_gives_no_vector(tmp_path: Path, embedder: Embedder, other: Embedder) -> None:
    """After a change of the embedder every text is embedded, and the vectors are those of the new embedder."""
    build.build(CATALOGUE, tmp_path / "home", embedder)
    built = build.build(CATALOGUE, tmp_path / "home", other)
    fresh = build.build(CATALOGUE, tmp_path / "fresh", other)
    assert built.embedded == built.texts > 0
    assert np.array_equal(vectors(built.folder), vectors(fresh.folder))


def test_a_known_folder_of_another_embedder_gives_no_vector(
    tmp_path: Path, embedder: Embedder, other: Embedder
) -> None:
    """The same for a folder that is passed as a source of vectors; of the same embedder it gives all of them."""
    source = build.build(CATALOGUE, tmp_path / "source", embedder).folder
    assert build.build(CATALOGUE, tmp_path / "same", embedder, known=[source]).embedded == 0
    built = build.build(CATALOGUE, tmp_path / "other", other, known=[source])
    assert built.embedded == built.texts


def test_an_embedder_of_the_same_name_but_other_bytes_is_another(tmp_path: Path, embedder: Embedder) -> None:
    """What counts is the identity, which holds the hash of the model's bytes, not the name in the settings."""
    build.build(CATALOGUE, tmp_path, embedder)
    changed = replace(embedder, identity="minilm:0000000000000000")
    assert build.build(CATALOGUE, tmp_path, changed).embedded > 0
    assert build.build(CATALOGUE, tmp_path, changed).reused
