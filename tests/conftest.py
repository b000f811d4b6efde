"""Fixtures for the whole suite: the real engine over a fixed catalogue, and over the one that ships."""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from assistant.pipeline import Assistant
from assistant.settings.settings import Settings
from assistant.workplace import Workplace
from index import build as builds
from index.embed import Embedder, open_embedder
from tests.support.web_server import Site, site

FIXED_CATALOGUE = Path(__file__).parent / "support" / "catalogue_2026_06"
"""The starter catalogue as it was in June 2026, with its vectors: the catalogue that ships may grow without changing tests."""

# The machines that tests run on are shared: no test fails for having taken long.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Remove the developer's own settings from the environment of each test."""
    for name in [name for name in os.environ if name.upper().startswith("ALMANAC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ALMANAC_DATA", str(tmp_path_factory.getbasetemp() / "data"))


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings with a data folder for this session, on a free port."""
    # All tests ask from one address; the limits have tests of their own.
    many = {"client_per_minute": 100_000, "site_per_minute": 100_000}
    # The entry reader has tests of its own, and `reading_assistant`; without it the suite takes half the time.
    data = tmp_path_factory.getbasetemp() / "data"
    return Settings(data=data, catalogue=FIXED_CATALOGUE, reader=False, port=0, **many)


@pytest.fixture(scope="session")
def assistant(settings: Settings) -> Iterator[Assistant]:
    """The real engine over the starter catalogue of June 2026, without the entry reader: tests know what it holds."""
    workplace = Workplace(settings)
    builds.build(workplace.read(), workplace.home, workplace.embedder, known=[FIXED_CATALOGUE])
    made = workplace.assistant()
    yield made
    made.index.close()


@pytest.fixture(scope="session")
def reading_assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """The real engine as it ships: the starter catalogue and the entry reader."""
    made = Workplace(Settings(data=tmp_path_factory.getbasetemp() / "shipped")).assistant()
    yield made
    made.index.close()


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The real embedder."""
    opened, notice = open_embedder("minilm")
    assert opened is not None, notice
    return opened


@pytest.fixture(scope="session")
def project() -> Path:
    """The root folder of the checkout."""
    return Path(__file__).parent.parent


@pytest.fixture(scope="module")
def server() -> Iterator[Site]:
    """A real web server for one test module; each test adds its own pages."""
    with site() as running:
        yield running


@pytest.fixture
def web(server: Site) -> Site:
    """The server without pages."""
    server.pages.clear()
    server.asked.clear()
    return server
