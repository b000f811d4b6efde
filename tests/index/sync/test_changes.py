"""The report of `almanac import`, before and after a change."""

import json
from pathlib import Path

import pytest

from index import importers
from index.editing.change import Author
from index.errors import ImportSourceError
from index.sync.changes import Changes

ROWS = "id,title,date,url\na,One,2023,https://x.example/1\nb,Two,2023,\n"


def read(folder: Path, text: str) -> importers.Imported:
    """A table in a file."""
    (folder / "t.csv").write_text(text, "utf-8")
    return importers.read_source(str(folder / "t.csv"))


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    """New, then the same; one altered row is one change, and a row that says nothing is left out."""
    target = tmp_path / "c.jsonl"
    first = Changes.to(target)
    first.take(read(tmp_path, ROWS))
    assert not target.exists()
    first.save(Author("ann", "import t.csv"))
    assert first.in_words(dry_run=False).startswith("2 new, 0 changed, 0 the same; 2 entries are in ")
    again = Changes.to(target)
    again.take(read(tmp_path, ROWS))
    assert (again.any, list(again.same)) == (False, ["a", "b"])
    third = Changes.to(target)
    third.take(read(tmp_path, ROWS.replace("Two", "2") + "c,,,\nd,New,2024,\n"))
    words = third.in_words(dry_run=True)
    assert words.startswith("1 new, 1 changed, 1 the same, 1 left out; 3 entries would be in ")
    assert all(line in words for line in ("\n  new: d", "\n  changed: b", "\n  the same: a", "\n  left out: t.csv:4"))


def test_near_duplicates_are_named_with_both_ids(tmp_path: Path) -> None:
    """The same address but for its scheme and counters, or the same title and date; only of what is new."""
    changes = Changes.to(tmp_path / "c.jsonl")
    changes.take(
        read(tmp_path, ROWS + "c,Other,2020,http://www.x.example/1/?utm_source=y#top\nd,TWO!,2023,\ne,Two,2024,\n")
    )
    assert [str(warning) for warning in changes.warnings] == [
        "t.csv: 5 of 5 entries have no text",
        "c: url: the same address as 'a': may be the same",
        "d: title: the same title and date as 'b': may be the same",
    ]
    changes.warnings.clear()
    changes.take(read(tmp_path, ROWS))
    assert [str(warning) for warning in changes.warnings] == ["t.csv: 2 of 2 entries have no text"]


def test_defaults_fill_only_what_is_empty(tmp_path: Path) -> None:
    """And must fit."""
    changes = Changes.to(tmp_path / "c.jsonl")
    imported = read(tmp_path, "id,title,source\na,One,Own\nb,Two,\n")
    changes.take(imported, {"source": "Default", "topics": ["x"], "level": "beginner"})
    assert [(entry.source, entry.topics) for entry in changes.catalogue.entries] == [
        ("Own", ("x",)),
        ("Default", ("x",)),
    ]
    for wrong in ({"importance": 99}, {"nonsense": 1}):
        with pytest.raises(ImportSourceError):
            importers.with_defaults(imported, wrong)
    assert json.loads(changes.catalogue.entries[0].model_dump_json())["title"] == "One"
