"""`almanac export`: what it writes can be read again, and nothing is overwritten by accident."""

import csv
import io
import json
from pathlib import Path

from assistant.export import catalogue_files
from index import catalogue as catalogues
from index.catalogue import Catalogue
from index.importers import merge_imported, read_source
from tests.support import odd_catalogues

from .test_editing import Commands, bare, done, shell

__all__ = ["bare", "shell"]


def test_json_lines_are_the_catalogue_itself(shell: Commands) -> None:
    """Also on standard output."""
    assert "2 entries are in copy.jsonl" in done(shell, "export", "copy.jsonl")
    catalogue = catalogues.load(shell.folder / "data" / "catalogue.jsonl")
    assert catalogues.load(shell.folder / "copy.jsonl").hash == catalogue.hash
    printed = done(shell, "export")
    assert (
        catalogues.read((str(n), line.encode()) for n, line in enumerate(printed.splitlines())).hash == catalogue.hash
    )
    assert "copy first" not in shell.fails("export", "data/catalogue.jsonl")
    assert "folder" in shell.fails("export", "data")


def test_references_have_every_entry(shell: Commands) -> None:
    """The format follows the ending of the file or --as."""
    for name, mark in (("a.bib", "@"), ("a.ris", "TY  - "), ("a.json", '"id"')):
        done(shell, "export", name)
        assert (shell.folder / name).read_text("utf-8").count(mark) == 2
    assert done(shell, "export", "--as", "bibtex").count("@") == 2


def test_a_folder_of_markdown_can_be_imported_again(shell: Commands) -> None:
    """With ids, dates, organisations, topics and texts. A folder with files is refused."""
    done(shell, "export", "pages", "--as", "markdown")
    assert "not an empty folder" in shell.fails("export", "pages", "--as", "markdown")
    assert "almanac export FOLDER" in shell.fails("export", "--as", "markdown")
    again = read_source(str(shell.folder / "pages"))
    before = catalogues.load(shell.folder / "data" / "catalogue.jsonl")
    merged = merge_imported(Catalogue(()), again)
    fields = ("id", "kind", "title", "date", "summary", "organisations", "topics")
    assert [
        [getattr(entry, name) for name in fields] for entry in sorted(merged.entries, key=lambda entry: entry.id)
    ] == [[getattr(entry, name) for name in fields] for entry in sorted(before.entries, key=lambda entry: entry.id)]


def test_a_table_can_be_imported_again_and_runs_no_formula(tmp_path: Path) -> None:
    """Lists are JSON; a text that a spreadsheet would run begins with an apostrophe."""
    entries = (
        odd_catalogues.entry(
            id="a", title="Law, “new”", date="2024-05", summary="One.\nTwo; three.", topics=["x, y", "z"]
        ),
        odd_catalogues.entry(id="b", title='=HYPERLINK("http://evil.example")', summary="+1", date="2023"),
    )
    text = catalogue_files.to_csv(entries)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [rows[1]["title"], rows[1]["summary"]] == ['\'=HYPERLINK("http://evil.example")', "'+1"]
    (tmp_path / "t.csv").write_text(text, "utf-8", newline="")
    first = read_source(str(tmp_path / "t.csv")).entries[0]
    assert (first.id, first.title, first.date, first.topics) == ("a", "Law, “new”", "2024-05", ("x, y", "z"))


def test_files_of_markdown_never_share_a_name_and_show_their_text_as_it_is() -> None:
    """Where case does not count, too; text that looks like a heading stays text."""
    entries = [
        odd_catalogues.entry(id=name, title=name, summary="# No heading\n1. no list")
        for name in ("Kiwi", "kiwi", "a:b")
    ]
    files = dict(catalogue_files.markdown_files(entries))
    assert list(files) == ["events/Kiwi.md", "events/kiwi~2.md", "events/a%3Ab.md"]
    assert files["events/Kiwi.md"].endswith("\\# No heading\n\\1. no list\n")
    assert json.dumps(list(files.values())).count("---") == 6
