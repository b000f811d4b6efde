"""`almanac doctor`: a healthy installation has no problem; each fault is named with what to do."""

import json
import socket
from pathlib import Path

import pytest

from assistant.settings.settings import Settings
from assistant.workplace import Workplace
from index import catalogue as catalogues
from index import generation
from tests.support.answers import catalogue as small_catalogue
from tests.ui.cli.test_editing import Commands, bare
from ui.doctor import Diagnosis, diagnose

__all__ = ["bare"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A small catalogue with an index, without an embedder."""
    data = tmp_path / "data"
    catalogues.save(data / "catalogue.jsonl", small_catalogue().entries)
    made = Settings(data=data, embedder="none", port=0)
    Workplace(made).build()
    return made


def found(settings: Settings) -> dict[str, Diagnosis]:
    """The diagnoses by what was looked at."""
    return {one.what: one for one in diagnose(settings)}


def test_a_healthy_installation_has_no_problem(settings: Settings) -> None:
    """Every part was looked at, and nothing was written."""
    before = sorted(settings.data.rglob("*"))
    diagnoses = found(settings)
    assert {one.state for one in diagnoses.values()} == {"ok"}
    assert {
        "versions",
        "data folder",
        "disk",
        "catalogue",
        "history",
        "embedder",
        "index",
        "clock",
        "port",
        "network",
    } <= set(diagnoses)
    assert "2 entries" in diagnoses["catalogue"].finding
    assert sorted(settings.data.rglob("*")) == before


def test_each_fault_is_named_with_what_to_do(settings: Settings) -> None:
    """A changed catalogue, unreadable lines, a damaged index, a taken port, an open server."""
    with settings.catalogue_file.open("a", encoding="utf-8") as stream:
        stream.write('{"id": "new", "kind": "event", "title": "New", "summary": "New."}\n')
    assert found(settings)["index"] == Diagnosis("index", "note", found(settings)["index"].finding, "almanac build")
    with settings.catalogue_file.open("a", encoding="utf-8") as stream:
        stream.write("{\n")
    assert (found(settings)["catalogue"].state, found(settings)["catalogue"].advice) == (
        "problem",
        "almanac check --only unreadable",
    )
    folder = generation.current(Workplace(settings).home)
    assert folder is not None
    (folder / "passages.json").write_text("{}", "utf-8")
    assert found(settings)["catalogue and index"].state == "problem"
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = settings.model_copy(update={"port": other.getsockname()[1]})
        assert found(taken)["port"].state == "note"
    open_to_all = settings.model_copy(update={"host": "0.0.0.0", "url": "https://almanac.example"})
    assert {one.what for one in diagnose(open_to_all) if one.state == "note"} == {"access", "proxy"}


def test_the_command_exits_with_one_if_there_is_a_problem(bare: Commands) -> None:
    """As text and as JSON."""
    assert bare.run("doctor", status=0, ALMANAC_PORT="0").stdout.startswith("ok      versions: almanac ")
    (bare.folder / "data").mkdir()
    (bare.folder / "data" / "catalogue.jsonl").write_text("{\n", "utf-8")
    rows = json.loads(bare.run("doctor", "--json", status=1).stdout)
    assert [row["what"] for row in rows if row["state"] == "problem"] == ["catalogue and index"]
