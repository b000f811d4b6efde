"""Changes of the catalogue: each is recorded, can be undone, and keeps the links between entries right."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from index import catalogue as catalogues
from index import importers
from index.catalogue import Catalogue, to_line
from index.editing.change import Author
from index.editing.editor import Editor
from index.editing.journal import OUTSIDE, Journal
from index.errors import EditError, RemovedEntryError, StorageError, UnknownEntryError
from index.sync.changes import Changes

KIWI = {
    "id": "kiwi",
    "kind": "event",
    "title": "Kiwi 2",
    "date": "2024-05",
    "summary": "Kiwi has 9 billion parameters.",
}
AUDIT = {"id": "audit", "kind": "event", "title": "Audit", "summary": "14 faults.", "related_events": ["kiwi", "plum"]}
PLUM = {"id": "plum", "kind": "event", "title": "Plum", "date": "2025", "summary": "Plum paints."}
GUIDE = {
    "id": "basics",
    "kind": "guide",
    "title": "Basics",
    "level": "beginner",
    "tldr": "Start.",
    "related_events": ["kiwi"],
}
PATH = {"id": "start", "kind": "path", "title": "Start", "description": "First steps.", "steps": ["basics"]}
ALL = (KIWI, AUDIT, PLUM, GUIDE, PATH)


def lines(*entries: dict[str, Any]) -> str:
    """Entries as JSON Lines."""
    return "".join(json.dumps(entry) + "\n" for entry in entries)


@pytest.fixture
def editor(tmp_path: Path) -> Editor:
    """An editor of a small catalogue."""
    (tmp_path / "catalogue.jsonl").write_text(lines(*ALL), "utf-8")
    return Editor(tmp_path / "catalogue.jsonl", tmp_path, "ann")


def held(editor: Editor) -> dict[str, dict[str, Any]]:
    """The entries in the file, by id."""
    return {entry.id: json.loads(to_line(entry)) for entry in editor.read().entries}


def edited(editor: Editor, name: str, **fields: object) -> None:
    """Set fields of an entry."""
    seen = editor.read().by_id[name]
    assert editor.edit(seen, json.loads(to_line(seen)) | fields) is not None


def import_(editor: Editor, folder: Path, *entries: dict[str, Any], prune: bool = False) -> Changes:
    """Import entries from a file that is always named `source.jsonl`."""
    (folder / "source.jsonl").write_text(lines(*entries), "utf-8")
    imported = importers.read_source(str(folder / "source.jsonl"))
    changes = Changes.to(editor.journal.catalogue_file)
    merged = changes.take(imported)
    if prune:
        changes.prune(changes.left(imported, merged))
    changes.save(Author("bob", "import source.jsonl"))
    return changes


def test_an_edit_is_recorded_with_author_time_and_fields(editor: Editor) -> None:
    """The history has the field before and after; an edit that changes nothing is not recorded."""
    seen = editor.read().by_id["kiwi"]
    change = editor.edit(seen, KIWI | {"date": "2024-05-02"})
    assert change is not None
    assert (change.author.who, change.author.command) == ("ann", "edit kiwi")
    assert [(field.field, field.before, field.after) for field in change.entries[0].fields()] == [
        ("date", "2024-05", "2024-05-02")
    ]
    assert editor.edit(editor.read().by_id["kiwi"], KIWI | {"date": "2024-05-02"}) is None
    assert [one.number for one in editor.journal.changes(entry_id="kiwi")] == [1]


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"date": "soon"}, "date"), ({"title": " "}, "title"), ({"id": "other"}, "id"), ({"kind": "path"}, "kind"), ({"url": "x"}, "url")],
)  # fmt: skip
def test_an_invalid_edit_names_the_field_and_changes_nothing(editor: Editor, fields: dict[str, str], said: str) -> None:
    """Neither the file nor the history."""
    with pytest.raises(EditError, match=said):
        editor.edit(editor.read().by_id["kiwi"], KIWI | fields)
    assert held(editor)["kiwi"]["date"] == "2024-05"
    assert editor.journal.changes() == ()


def test_an_edit_of_an_older_version_is_refused(editor: Editor) -> None:
    """What somebody else saved meanwhile is not overwritten."""
    seen = editor.read().by_id["kiwi"]
    edited(editor, "kiwi", summary="New.")
    with pytest.raises(EditError, match="somebody else"):
        editor.edit(seen, KIWI | {"title": "Mine"})
    assert held(editor)["kiwi"]["summary"] == "New."


def test_a_renamed_entry_is_found_by_its_former_ids_and_keeps_its_links(editor: Editor) -> None:
    """Through two renamings, and back to the first id."""
    editor.rename("kiwi", "kiwi-2")
    editor.rename("kiwi", "kiwi-two")
    catalogue = editor.read()
    for name in ("kiwi", "kiwi-2", "kiwi-two"):
        found = catalogue.find(name)
        assert found is not None
        assert found.id == "kiwi-two"
    assert catalogue.by_id["audit"].related_events == ("kiwi-two", "plum")
    assert catalogue.by_id["basics"].related_events == ("kiwi-two",)
    assert [one.author.command for one in editor.journal.changes(entry_id="kiwi-two")] == [
        "rename kiwi kiwi-two",
        "rename kiwi kiwi-2",
    ]
    editor.rename("kiwi-two", "kiwi")
    assert editor.read().by_id["kiwi"].former_ids == ("kiwi-2", "kiwi-two")
    assert not editor.journal.was_removed("kiwi-2-x")


def test_an_id_in_use_or_a_former_id_of_another_entry_is_no_new_id(editor: Editor) -> None:
    """Old links must not lead to another entry."""
    editor.rename("kiwi", "kiwi-2")
    for name in ("audit", "kiwi", "not an id", "plum"):
        with pytest.raises(EditError):
            editor.rename("plum", name)
    with pytest.raises(UnknownEntryError):
        editor.rename("nothing", "x")


def test_a_removed_entry_comes_back_with_the_links_to_it(editor: Editor) -> None:
    """In their places, beside links that were added since."""
    editor.remove(["basics", "kiwi"])
    assert held(editor)["audit"]["related_events"] == ["plum"]
    assert "steps" in held(editor)["start"]
    assert held(editor)["start"]["steps"] == []
    assert set(editor.journal.removed()) == {"basics", "kiwi"}
    with pytest.raises(RemovedEntryError):
        editor.remove(["kiwi"])
    edited(editor, "audit", title="Audit of Kiwi")
    editor.restore("kiwi")
    assert held(editor)["audit"]["related_events"] == ["kiwi", "plum"]
    editor.restore("basics")
    assert held(editor)["start"]["steps"] == ["basics"]
    assert editor.journal.removed() == {}
    with pytest.raises(EditError, match="not removed"):
        editor.restore("kiwi")


def test_the_last_entry_cannot_be_removed(tmp_path: Path) -> None:
    """A catalogue without entries cannot be served."""
    (tmp_path / "c.jsonl").write_text(lines(KIWI), "utf-8")
    with pytest.raises(EditError, match="no entry left"):
        Editor(tmp_path / "c.jsonl", tmp_path).remove(["kiwi"])


def test_each_change_can_be_undone_and_the_undoing_too(editor: Editor) -> None:
    """One after the other back to the beginning, then forward again."""
    states = [held(editor)]
    edited(editor, "kiwi", title="Kiwi 3")
    states.append(held(editor))
    editor.remove(["plum"])
    states.append(held(editor))
    undo_removal = editor.undo()
    assert held(editor) == states[1]
    editor.undo()
    assert held(editor) == states[0]
    with pytest.raises(EditError, match="nothing to undo"):
        editor.undo()
    editor.undo(undo_removal.number + 1)
    assert held(editor) == states[1]
    editor.undo(undo_removal.number)
    assert held(editor) == states[2]


def test_an_undone_renaming_keeps_the_links_to_both_ids(editor: Editor) -> None:
    """Somebody may have shared the new address. Earlier changes can still be undone."""
    edited(editor, "kiwi", title="Kiwi 3")
    editor.rename("kiwi", "kiwi-2")
    editor.undo()
    editor.undo()
    assert held(editor)["kiwi"] == KIWI | {"former_ids": ["kiwi-2"]}
    catalogue = editor.read()
    assert catalogue.by_id["audit"].related_events == ("kiwi", "plum")
    assert catalogue.present_id("kiwi-2") == "kiwi"


def test_a_change_under_a_later_change_is_not_undone(editor: Editor) -> None:
    """The later change would be lost."""
    edited(editor, "kiwi", title="Kiwi 3")
    edited(editor, "kiwi", title="Kiwi 4")
    with pytest.raises(EditError, match="changed again"):
        editor.undo(1)
    assert held(editor)["kiwi"]["title"] == "Kiwi 4"
    with pytest.raises(EditError, match="number 99"):
        editor.undo(99)


def test_an_import_is_undone_as_one_change(editor: Editor, tmp_path: Path) -> None:
    """What it added is gone, what it changed is as before."""
    before = held(editor)
    import_(editor, tmp_path, KIWI | {"title": "Kiwi, again"}, PLUM | {"id": "fig", "title": "Fig"})
    assert editor.journal.changes()[0].author == Author("bob", "import source.jsonl")
    editor.undo()
    assert held(editor) == before


def test_an_import_does_not_bring_back_what_an_editor_removed(editor: Editor, tmp_path: Path) -> None:
    """It says so. Another thing with the same id is imported, and a restored entry is updated again."""
    editor.remove(["plum"])
    changes = import_(editor, tmp_path, PLUM, KIWI)
    assert "plum" not in held(editor)
    assert ["almanac restore plum" in str(problem) for problem in changes.left_out] == [True]
    editor.restore("plum")
    editor.undo()
    import_(editor, tmp_path, PLUM)
    assert "plum" not in held(editor)
    import_(
        editor, tmp_path, {"id": "plum", "kind": "event", "title": "A law on plums", "date": "1999", "summary": "No."}
    )
    assert held(editor)["plum"]["title"] == "A law on plums"


def test_an_import_with_a_former_id_updates_the_renamed_entry(editor: Editor, tmp_path: Path) -> None:
    """For ids from an editor and for ids that a source gave; links to the former id are updated."""
    editor.rename("kiwi", "kiwi-2")
    import_(editor, tmp_path, KIWI | {"summary": "Kiwi has 10 billion parameters."}, AUDIT)
    assert held(editor)["kiwi-2"]["summary"] == "Kiwi has 10 billion parameters."
    assert held(editor)["kiwi-2"]["former_ids"] == ["kiwi"]
    assert held(editor)["audit"]["related_events"] == ["kiwi-2", "plum"]
    (tmp_path / "t.csv").write_text("id,title,date,summary\nfig,Fig,2020,A fruit.\n", "utf-8")
    for name in ("fig", "fig-tree"):
        changes = Changes.to(editor.journal.catalogue_file)
        changes.take(importers.read_source(str(tmp_path / "t.csv")))
        changes.save(Author("bob", "import t.csv"))
        if name == "fig":
            editor.rename("fig", "fig-tree")
    assert "fig" not in held(editor)
    assert held(editor)["fig-tree"]["title"] == "Fig"


def test_what_left_its_source_can_be_pruned(editor: Editor, tmp_path: Path) -> None:
    """Only entries that came from this source, with the links to them; a later import may bring them back."""
    more = [PLUM | {"id": f"p{number}", "title": f"Plum {number}"} for number in range(6)]
    import_(editor, tmp_path, *more)
    edited(editor, "audit", related_events=["p0", "kiwi"])
    changes = import_(editor, tmp_path, *more[1:], prune=True)
    assert list(changes.removed) == ["p0"]
    assert "; 10 entries" in changes.in_words(dry_run=False)
    assert "1 removed" in changes.in_words(dry_run=False)
    assert set(held(editor)) == {"kiwi", "audit", "plum", "basics", "start", *(f"p{number}" for number in range(1, 6))}
    assert held(editor)["audit"]["related_events"] == ["kiwi"]
    import_(editor, tmp_path, *more)
    assert "p0" in held(editor)


def test_many_removals_need_consent(editor: Editor, tmp_path: Path) -> None:
    """More than a fifth of what came from the source."""
    more = [PLUM | {"id": f"p{number}", "title": f"Plum {number}"} for number in range(10)]
    import_(editor, tmp_path, *more)
    for present, needed in ((8, False), (7, True), (0, True)):
        (tmp_path / "source.jsonl").write_text(lines(*more[:present], KIWI), "utf-8")
        imported = importers.read_source(str(tmp_path / "source.jsonl"))
        changes = Changes.to(editor.journal.catalogue_file)
        left = changes.left(imported, changes.take(imported))
        assert (len(left.names), left.known, left.needs_consent) == (10 - present, 10, needed)


def test_what_another_program_changed_in_the_file_is_recorded(editor: Editor) -> None:
    """As a change of its own, before the next one."""
    edited(editor, "kiwi", title="Kiwi 3")
    entries = [entry for entry in editor.read().entries if entry.id != "start"]
    catalogues.save(editor.journal.catalogue_file, entries)
    edited(editor, "plum", title="Plum 2")
    newest, outside, first = editor.journal.changes()
    assert (newest.author.command, outside.author.command, first.author.command) == ("edit plum", OUTSIDE, "edit kiwi")
    assert [(one.id, one.action) for one in outside.entries] == [("start", "removed")]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_kill_while_a_change_is_written_leaves_one_state(editor: Editor, project: Path, moment: str) -> None:
    """The history has the change exactly if the catalogue file has it."""
    edited(editor, "kiwi", title="Kiwi 3")
    file = editor.journal.catalogue_file
    program = f"""
import os, sys
from pathlib import Path
from index import catalogue
from index.editing.editor import Editor
save = catalogue.save
def dying(path, entries):
    if {moment == "after"}:
        save(path, entries)
    os._exit(9)
catalogue.save = dying
Editor(Path({str(file)!r}), Path({str(file.parent)!r}), "ann").remove(["plum"])
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=project, check=False, timeout=60)
    assert done.returncode == 9
    edited(editor, "audit", title="Audit 2")
    commands = [change.author.command for change in editor.journal.changes()]
    made = ["rm plum"] if moment == "after" else []
    assert commands == ["edit audit", *made, "edit kiwi"]
    assert ("plum" in held(editor)) == (moment == "before")
    editor.undo()
    editor.undo()
    assert held(editor)["kiwi"]["title"] == ("Kiwi 3" if moment == "after" else "Kiwi 2")


def test_a_catalogue_that_cannot_be_written_leaves_no_record(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The change was not made."""

    def full(_path: Path, _entries: object) -> None:
        raise StorageError("no space")

    monkeypatch.setattr(catalogues, "save", full)
    with pytest.raises(StorageError):
        editor.remove(["plum"])
    assert editor.journal.changes() == ()


def test_a_damaged_history_is_a_clear_error(editor: Editor) -> None:
    """It names the file and what to do; the catalogue is as it was."""
    editor.journal.path.write_bytes(b"not a database" * 100)
    with pytest.raises(StorageError) as caught:
        editor.remove(["plum"])
    assert str(editor.journal.path) in str(caught.value)
    assert "move it away" in caught.value.hint
    assert "plum" in held(editor)


def test_the_hash_of_a_catalogue_does_not_depend_on_the_history(editor: Editor) -> None:
    """An index stays valid when an edit is undone."""
    before = editor.read().hash
    edited(editor, "kiwi", title="Kiwi 3")
    editor.undo()
    assert editor.read().hash == before
    assert Journal(editor.journal.catalogue_file).exists()
    assert Catalogue(editor.read().entries).moved == {}
