"""Other names of organisations, in the file `aliases.json` beside the entries."""

import json
from pathlib import Path

import pytest

from index import aliases, as_of, build, catalogue
from index.catalogue import Catalogue
from index.errors import CatalogueError
from index.importers.target import read_target

ORGANISATIONS = ("Heron Labs", "Tern Institute", "Kite")


def read(rows: object) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Read an object as if it were the file; return the aliases, and the faults as text."""
    known, faults = aliases.read(json.dumps(rows).encode(), ORGANISATIONS)
    return known, [": ".join(part for part in fault if part) for fault in faults]


def folder_with(folder: Path, rows: str | None) -> Path:
    """Write a catalogue of three organisations into a folder, with this file of aliases."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        {"id": f"e{number}", "kind": "event", "title": f"T{number}", "summary": "S.", "date": "2024", "organisations": [name]}
        for number, name in enumerate(ORGANISATIONS)
    ]  # fmt: skip
    (folder / "events.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    if rows is not None:
        (folder / "aliases.json").write_text(rows, "utf-8")
    return folder


def test_an_organisation_has_its_other_names_in_the_order_of_the_file() -> None:
    """A name that repeats another one in other letters is read once; the organisation's own name is no alias."""
    known, faults = read({"Tern Institute": ["TI", "Tern", "tern", "TERN  institute"], "Heron Labs": [" Heron   Lab "]})
    assert known == {"Tern Institute": ("TI", "Tern"), "Heron Labs": ("Heron Lab",)}
    assert list(known) == ["Tern Institute", "Heron Labs"]
    assert faults == []


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ({"Hern Labs": ["HL"]}, "Hern Labs: no entry has this organisation; write it as the entries do"),
        ({"Kite": ["HL"], "Heron Labs": ["H.L."]}, "Kite: 'HL' stands for Kite and Heron Labs; leave it out of one"),
        ({"Kite": ["Heron labs"]}, "Kite: 'Heron labs' is an organisation of an entry; use one spelling in the entries"),
        ({"Kite": "HL"}, 'Kite: its other names must be a list of texts, such as ["HL", "Heron"]'),
        ({"Kite": {"HL": 1}}, 'Kite: its other names must be a list of texts, such as ["HL", "Heron"]'),
        ({"Kite": ["HL", 7]}, 'Kite: its other names must be a list of texts, such as ["HL", "Heron"]'),
        ({"Kite": ["K."]}, "Kite: the name 'K.' has fewer than 2 letters or digits"),
        ([["Kite", ["K2"]]], 'must be a JSON object with a list of other names for each organisation: {"Heron Labs": ["HL"]}'),
        (7, 'must be a JSON object with a list of other names for each organisation: {"Heron Labs": ["HL"]}'),
    ],
    ids=["unknown", "ambiguous", "organisation", "text", "object", "number", "short", "list", "no object"],
)  # fmt: skip
def test_what_is_wrong_is_said_and_left_out(rows: object, fault: str) -> None:
    """Each fault names the organisation; nothing of a wrong name is kept."""
    known, faults = read(rows)
    assert faults[0] == fault
    assert known == {}


def test_one_wrong_name_costs_no_other() -> None:
    """The other names of the same organisation stay."""
    known, faults = read({"Kite": ["Heron Labs", "KT"], "Heron Labs": ["HL"], "Nobody": ["NN"]})
    assert known == {"Kite": ("KT",), "Heron Labs": ("HL",)}
    assert len(faults) == 2


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"Kite": ["A1"],\n "Kite": ["B2"]}', "Kite: stands twice in the file; put all its names into one list"),
        ('{"Kite": ["A1"]\n "Heron Labs"}', "not JSON: Expecting ',' delimiter at line 2, column 2"),
        ("", "not JSON: Expecting value at line 1, column 1"),
        ('{"Kite": ["\\ud83d1"]}', "has a character that is not UTF-8; save the file as UTF-8"),
        ("[" * 100_000, "nested too deeply"),
    ],
    ids=["twice", "comma", "empty", "half a character", "nested"],
)
def test_a_file_that_is_no_json_says_where(text: str, fault: str) -> None:
    """A person writes the file by hand, so the line is named."""
    _, faults = aliases.read(text.encode(), ORGANISATIONS)
    assert [": ".join(part for part in one if part) for one in faults] == [fault]
    assert "UTF-8" in aliases.read(b'{"Kite": ["Dr\xe4gon"]}', ORGANISATIONS)[1][0][1]


@pytest.mark.parametrize("place", ["", "events.jsonl"], ids=["folder", "file"])
def test_a_catalogue_is_loaded_with_the_aliases_beside_it(tmp_path: Path, place: str) -> None:
    """Both as a folder and as a file; problems have the name of the file as their place."""
    folder = folder_with(tmp_path, '{"Heron Labs": ["HL"], "Nobody": ["NN"]}')
    loaded = catalogue.load(folder / place)
    assert loaded.aliases == {"Heron Labs": ("HL",)}
    assert loaded.organisation_of == {name: name for name in ORGANISATIONS} | {"HL": "Heron Labs"}
    assert [str(problem) for problem in loaded.problems] == [
        "aliases.json: Nobody: no entry has this organisation; write it as the entries do"
    ]


def test_no_file_means_no_aliases_and_a_folder_of_that_name_is_no_file(tmp_path: Path) -> None:
    """The hash of a catalogue without aliases is that of its entries."""
    plain = catalogue.load(folder_with(tmp_path / "plain", None))
    (tmp_path / "odd" / "aliases.json").mkdir(parents=True)
    odd = catalogue.load(folder_with(tmp_path / "odd", None))
    assert (plain.aliases, odd.aliases, odd.problems) == ({}, {}, ())
    assert plain.hash == odd.hash == Catalogue(plain.entries).hash


def test_every_change_of_the_aliases_changes_the_hash_and_their_order_does_not(tmp_path: Path) -> None:
    """So that the index of a running server is built anew."""
    texts = ['{"Kite": ["K1", "K2"]}', '{"Kite": ["K2", "K1"]}', '{"Kite": ["K1"]}', '{"Heron Labs": ["K1"]}']
    hashes = [catalogue.load(folder_with(tmp_path / str(number), text)).hash for number, text in enumerate(texts)]
    assert hashes[0] == hashes[1]
    assert len({*hashes, catalogue.load(folder_with(tmp_path / "none", None)).hash}) == 4


def test_an_index_keeps_the_aliases_and_so_does_a_view_of_it(tmp_path: Path) -> None:
    """They are in a file of the generation, which is built anew when only they change."""
    home = tmp_path / "index"
    folder = folder_with(tmp_path / "catalogue", '{"Heron Labs": ["HL"]}')
    first = build.build(catalogue.load(folder), home, None)
    index = build.open_current(home, None)
    assert index.catalogue.aliases == {"Heron Labs": ("HL",)}
    assert index.catalogue.hash == first.manifest.catalogue
    view = as_of.without(index, frozenset({"e0"}))
    assert view.catalogue.aliases == index.catalogue.aliases
    assert "HL" not in view.catalogue.organisation_of
    index.close()
    (folder / "aliases.json").unlink()
    assert not build.build(catalogue.load(folder), home, None).reused


def test_an_import_into_a_catalogue_leaves_its_aliases_alone(tmp_path: Path) -> None:
    """A wrong alias is no reason not to write the entries, but a wrong line is."""
    folder = folder_with(tmp_path, '{"Nobody": ["NN"]}')
    target = read_target(folder / "events.jsonl")
    catalogue.save(folder / "events.jsonl", target.entries)
    assert (folder / "aliases.json").read_text("utf-8") == '{"Nobody": ["NN"]}'
    with (folder / "events.jsonl").open("a") as file:
        file.write("{\n")
    with pytest.raises(CatalogueError, match="holds 1 records that cannot be read"):
        read_target(folder / "events.jsonl")


def test_the_starter_catalogue_has_aliases_without_faults() -> None:
    """And one spelling for each organisation."""
    starter = catalogue.load_starter()
    assert starter.problems == ()
    assert starter.organisation_of["DeepMind"] == "Google DeepMind"
    keys = [aliases.key_of(name) for name in starter.organisation_of]
    assert len(keys) == len(set(keys))
