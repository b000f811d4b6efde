"""Tests that different things stay separate and the same thing is updated, whatever ids their sources use."""

import itertools
import json
import random
from pathlib import Path

import pytest

from index import catalogue as catalogues
from index.catalogue import Catalogue
from index.importers import Merged, merge_imported, read_source
from index.importers.identity import FIELD, key_of, source_of
from index.importers.source import Source
from index.models import Event

HEAD = "id,title,date,summary\n"
MODELS = HEAD + "1,Quiet-1 released,2024-03-05,Heron Labs released Quiet-1.\n2,Quiet-2 released,2025-03-05,Again.\n"
LAWS = HEAD + "1,Reading law passed,2024-06-01,Parliament passed the reading law.\n"


class Shelf:
    """A catalogue that files are imported into, one after another; `report` is the result of the last import."""

    def __init__(self, folder: Path, catalogue: Catalogue | None = None) -> None:
        self.folder, self.catalogue = folder, catalogue or Catalogue(())
        self.report = Merged((), (), (), ())

    def take(self, name: str, text: str) -> tuple[int, int, int]:
        """Write a file and import it. Return the numbers of new, changed and unchanged entries."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return self.read(name)

    def read(self, name: str) -> tuple[int, int, int]:
        """Import an existing file or folder. Return the numbers of new, changed and unchanged entries."""
        self.report = merge_imported(self.catalogue, read_source(str(self.folder / name)))
        # Serialise and load the catalogue, as between two runs of the program.
        lines = [("x", catalogues.to_line(entry).encode()) for entry in self.report.entries]
        self.catalogue = catalogues.read(lines)
        assert not self.catalogue.problems
        return len(self.report.added), len(self.report.changed), len(self.report.same)

    @property
    def titles(self) -> dict[str, str]:
        """The titles of all entries by id."""
        return {entry.id: entry.title for entry in self.catalogue.entries}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """An empty catalogue, and a folder for files."""
    return Shelf(tmp_path)


def test_the_same_number_in_two_tables_is_two_things(shelf: Shelf) -> None:
    """The second record gets an id with the name of its source and a warning; another import changes nothing."""
    assert shelf.take("models.csv", MODELS) == (2, 0, 0)
    assert shelf.take("laws.csv", LAWS) == (1, 0, 0)
    assert shelf.titles == {"1": "Quiet-1 released", "2": "Quiet-2 released", "laws:1": "Reading law passed"}
    assert "kept apart as 'laws:1'" in str(shelf.report.warnings[0])
    for name, count in (("laws.csv", 1), ("models.csv", 2), ("laws.csv", 1)):
        assert shelf.read(name) == (0, 0, count)
        assert shelf.report.warnings == ()


def test_an_edited_row_is_an_update_by_its_source(shelf: Shelf) -> None:
    """A new title, or a new date and text, updates the entry, even if the entry got a different id."""
    shelf.take("models.csv", MODELS)
    shelf.take("laws.csv", LAWS)
    assert shelf.take("models.csv", MODELS.replace("Quiet-1 released,", "Quiet-1 is out,")) == (0, 1, 1)
    assert shelf.take("laws.csv", LAWS.replace("Reading law passed", "Reading act passed")) == (0, 1, 0)
    assert shelf.take("laws.csv", HEAD + "1,Reading act passed,2024-06-02,Corrected.\n") == (0, 1, 0)
    assert shelf.titles == {"1": "Quiet-1 is out", "2": "Quiet-2 released", "laws:1": "Reading act passed"}


def test_a_renamed_file_is_known_by_its_rows(shelf: Shelf) -> None:
    """Rows with equal title and date are the same entries; they then store the new file name as their source."""
    shelf.take("models.csv", MODELS)
    assert shelf.take("other/models-2025.csv", MODELS) == (0, 2, 0)
    assert shelf.take("other/models-2025.csv", MODELS.replace("Quiet-1 released,", "Quiet-1 is out,")) == (0, 1, 1)
    assert {source_of(entry) for entry in shelf.catalogue.entries} == {f"{shelf.folder.name}/other/models-2025.csv"}


def test_files_of_one_name_in_two_folders_are_two_sources(shelf: Shelf) -> None:
    """Many tables are called `data.csv`; even an equal title with another date is a different entry."""
    shelf.take("a/data.csv", HEAD + "1,Year in review,2023-12-31,We looked back.\n")
    assert shelf.take("b/data.csv", HEAD + "1,Year in review,2024-12-31,They looked back.\n") == (1, 0, 0)
    assert shelf.take("c/data.csv", HEAD + "1,Something else,2023-12-31,Another text.\n") == (1, 0, 0)
    assert len(set(shelf.titles)) == 3
    for folder in "abc":
        assert shelf.read(f"{folder}/data.csv") == (0, 0, 1)


def test_one_key_in_two_bibliographies_makes_no_chimera(shelf: Shelf) -> None:
    """Each publication keeps its own authors, text and year, and no fields are mixed."""
    first = "@article{smith2024, author={Smith, Ann}, title={Probes of Honesty}, year=2024, doi={10.5555/probes}, abstract={Probes work.}}"
    second = "@misc{smith2024, title={Costs of Reading}, year=2023}"
    third = "@misc{smith2024, title={Probes of Taste}, year=2024}"
    shelf.take("a.bib", first)
    before = shelf.catalogue.entries[0]
    assert shelf.take("b.bib", second) == (1, 0, 0)
    assert shelf.take("c.bib", third) == (1, 0, 0)
    assert shelf.catalogue.entries[0] == before
    costs = shelf.catalogue.by_id["b:smith2024"]
    assert isinstance(costs, Event)
    assert (costs.title, costs.date, costs.summary, costs.url) == ("Costs of Reading", "2023", "", None)
    assert (costs.model_extra or {}).keys() == {FIELD}
    assert shelf.take("a.bib", first.replace("Probes work.", "Probes do work.")) == (0, 1, 0)


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        (
            "x.json",
            '[{"id": 7, "title": "A", "date": "2024", "text": "x"}]',
            '[{"id": 7, "title": "B", "date": "2023"}]',
        ),
        (
            "x.json",
            '[{"id": "k", "type": "book", "title": "A", "issued": {"raw": "2024"}}]',
            '[{"id": "k", "type": "book", "title": "B"}]',
        ),
        (
            "year-in-review.md",
            "---\ntitle: A\ndate: 2023-12-31\n---\nOne.",
            "---\ntitle: B\ndate: 2024-12-31\n---\nTwo.",
        ),
        (
            "intro.md",
            "---\ntitle: Intro\nlevel: beginner\n---\nOne.",
            "---\ntitle: Welcome\nlevel: beginner\n---\nTwo.",
        ),
        ("x.csv", "key,title\nk,A\n", "key,title\nk,B\n"),
    ],
)
def test_every_format_keeps_what_shares_an_id_apart(shelf: Shelf, name: str, one: str, other: str) -> None:
    """Both orders of import keep both entries, and another import changes nothing."""
    for first, second in ((one, other), (other, one)):
        shelf.catalogue = Catalogue(())
        assert shelf.take(f"one/{name}", first) == (1, 0, 0)
        assert shelf.take(f"two/{name}", second) == (1, 0, 0)
        assert len(shelf.report.warnings) == 1
        assert shelf.read(f"one/{name}") == shelf.read(f"two/{name}") == (0, 0, 1)


def test_a_folder_of_posts_and_one_file_of_it_are_one_source(shelf: Shelf) -> None:
    """A post with a new text and the same title stays the same entry, even if a post with an equal name is added."""
    for blog, title, year in (("blogA", "Year in review", 2023), ("blogB", "Our year in review", 2024)):
        (shelf.folder / blog).mkdir()
        (shelf.folder / blog / "year-in-review.md").write_text(f"---\ntitle: {title}\ndate: {year}-12-31\n---\nText.")
    assert (shelf.read("blogA"), shelf.read("blogB")) == ((1, 0, 0), (1, 0, 0))
    assert shelf.read("blogB/year-in-review.md") == (0, 0, 1)
    assert shelf.titles == {"year-in-review": "Year in review", "blogb:year-in-review": "Our year in review"}
    (shelf.folder / "blogA/old").mkdir()
    (shelf.folder / "blogA/old/year-in-review.md").write_text("---\ntitle: Older review\ndate: 2022-12-31\n---\nOld.")
    assert shelf.read("blogA") == (1, 0, 1)
    assert shelf.titles["year-in-review"] == "Year in review"
    assert shelf.read("blogA") == (0, 0, 2)


def feed(*numbers: int, guid: bool = False) -> str:
    """Return a changelog feed whose items share one link, and with `guid` also one guid."""
    shared = "<guid>https://heron.example/changelog</guid>" if guid else ""
    items = "".join(
        f"<item><title>Version {number}</title><link>https://heron.example/changelog</link>{shared}"
        f"<pubDate>0{number} Mar 2024 10:00:00 GMT</pubDate><description>Change {number} was made.</description></item>"
        for number in numbers
    )
    return (
        f"<rss version='2.0'><channel><title>Changes</title><link>https://heron.example/</link>{items}</channel></rss>"
    )


@pytest.mark.parametrize("guid", [False, True])
@pytest.mark.parametrize(
    "fetches", [((2, 1), (3, 2), (5, 4), (2, 1)), ((1,), (2,), (3, 2), (3,), (5, 4, 1)), ((5,), (5, 4))]
)
def test_items_that_share_a_link_are_never_overwritten(
    shelf: Shelf, fetches: tuple[tuple[int, ...], ...], *, guid: bool
) -> None:
    """Each version keeps the id that it got first, whatever other items the feed contains."""
    known: dict[str, str] = {}
    for number, versions in enumerate(fetches):
        shelf.take(f"fetch{number}.xml", feed(*versions, guid=guid))
        assert all(shelf.titles[name] == title for name, title in known.items())
        known = shelf.titles
    assert sorted(known.values()) == sorted({f"Version {number}" for number in itertools.chain(*fetches)})
    assert not any("may be the same" in str(warning) for warning in shelf.report.warnings)


def test_items_that_share_a_link_get_ids_from_themselves_alone(tmp_path: Path) -> None:
    """The id of an item does not depend on the other items."""
    found = []
    for number, versions in enumerate(((2, 1), (3, 2), (2, 5, 4))):
        shelf = Shelf(tmp_path / str(number))
        shelf.take("x.xml", feed(*versions))
        found += [name for name, title in shelf.titles.items() if title == "Version 2"]
    assert len(set(found)) == 1


def test_a_corrected_item_of_a_feed_is_an_update(shelf: Shelf) -> None:
    """An item with a changed title or a changed text updates its entry."""
    shelf.take("a.xml", feed(1))
    assert shelf.take("a.xml", feed(1).replace("Version 1", "Version 1.0")) == (0, 1, 0)
    assert shelf.take("b.xml", feed(1).replace("Version 1", "Version 1.0").replace("was made", "is made")) == (0, 1, 0)
    assert len(shelf.titles) == 1


def test_rows_that_share_a_link_are_all_kept(shelf: Shelf) -> None:
    """Their ids are derived from the address and the title; a repeated row is left out."""
    rows = [f"Model A{n} released,2024-03-0{n},https://lab.example/news/a,The model {n}." for n in range(1, 6)]
    text = "Title,Date,Link,Summary\n" + "\n".join([*rows, rows[0]]) + "\n"
    assert shelf.take("in.csv", text) == (5, 0, 0)
    assert shelf.report.warnings == ()
    first = dict(shelf.titles)
    assert shelf.take("in.csv", "Title,Date,Link,Summary\n" + "\n".join(reversed(rows))) == (0, 0, 5)
    assert shelf.titles == first
    assert shelf.take(
        "more/in.csv", "Title,Date,Link,Summary\nModel A9 released,2024-03-01,https://lab.example/news/a,No."
    ) == (1, 0, 0)


def test_one_id_for_two_rows_of_a_table_keeps_both(shelf: Shelf) -> None:
    """The first row keeps the id, and the second row gets another id."""
    assert shelf.take("t.csv", HEAD + "1,One,2024,x\n1,Two,2024,y\n1,One,2024,x\n") == (2, 0, 0)
    assert shelf.titles["1"] == "One"
    assert shelf.take("t.csv", HEAD + "1,One,2024,x\n1,Two,2024,y\n") == (0, 0, 2)


def test_links_within_an_import_follow_the_new_ids(shelf: Shelf) -> None:
    """A link to another row of the same table points to the new id of that row."""
    shelf.take("models.csv", MODELS)
    shelf.take("laws.csv", "id,title,date,related_events\n1,Law one,2020,2\n2,Law two,2021,1\n")
    assert shelf.catalogue.by_id["laws:1"].related_events == ("laws:2",)
    assert shelf.catalogue.by_id["laws:2"].related_events == ("laws:1",)


def test_ids_that_an_editor_gave_are_updates_as_ever(shelf: Shelf) -> None:
    """In the catalogue's own format, an equal id means the same entry, whatever else changed."""
    line = {"id": "1", "kind": "event", "title": "A", "date": "2024", "summary": "x"}
    shelf.take("a.jsonl", json.dumps(line))
    assert shelf.take("b.jsonl", json.dumps(line | {"title": "B", "date": "2023", "summary": "y"})) == (0, 1, 0)
    assert shelf.titles == {"1": "B"}
    assert source_of(shelf.catalogue.entries[0]) is None
    assert shelf.take("c.csv", HEAD + "1,C,2022,z\n") == (1, 0, 0)


def test_a_catalogue_of_an_earlier_version_keeps_its_ids(shelf: Shelf) -> None:
    """Entries without a stored source are matched by title, and a dated guide becomes an event."""
    lines: list[dict[str, object]] = [
        {"id": "1", "kind": "event", "title": "Quiet-1 released", "date": "2024-03-05", "summary": "Old text."},
        {"id": "heron-example-changelog-86390229", "kind": "event", "title": "Version 2", "date": "2024-03-02",
         "summary": "Change 2 was made.", "url": "https://heron.example/changelog"},
        {"id": "post", "kind": "guide", "title": "Post", "date": "2024-01-01", "level": "intermediate", "tldr": "Text."},
    ]  # fmt: skip
    read = catalogues.read([("x", json.dumps(line).encode()) for line in lines])
    shelf.catalogue = Catalogue(read.entries)
    assert shelf.take("models.csv", MODELS) == (1, 1, 0)
    assert shelf.take("x.xml", feed(3, 2)) == (1, 1, 0)
    assert shelf.titles["heron-example-changelog-86390229"] == "Version 2"
    assert shelf.take("post.md", "---\ntitle: Post\ndate: 2024-01-01\n---\nText.\n\n## A\n\nx\n\n## B\n\ny") == (
        0,
        1,
        0,
    )
    assert shelf.catalogue.by_id["post"].kind == "event"


def test_the_name_of_a_source_is_no_path_and_no_secret(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is named by at most two folders and no part of the home folder, an address without its query."""
    shelf.take("deep/down/models.csv", MODELS)
    assert {source_of(entry) for entry in shelf.catalogue.entries} == {"deep/down/models.csv"}
    monkeypatch.setattr(Path, "home", lambda: shelf.folder)
    shelf.take("models.csv", MODELS)
    assert {source_of(entry) for entry in shelf.catalogue.entries} == {"models.csv"}
    opened = Source.fetched("https://x.example/feed.xml?token=sesame", b"text")
    assert key_of(opened).startswith("https://x.example/feed.xml?")
    assert "sesame" not in key_of(opened)


def test_what_a_source_no_longer_publishes_is_named(shelf: Shelf) -> None:
    """The entry stays in the catalogue, and a warning names it."""
    shelf.take("models.csv", HEAD.replace("id", "status") + ",A,2024,x\n,B,2024,x\n")
    assert shelf.take("models.csv", HEAD.replace("id", "status") + "draft,A,2024,x\n,B,2024,x\n") == (0, 0, 1)
    assert [str(warning) for warning in shelf.report.warnings] == [
        "a: it is a draft in its source, but still in the catalogue: remove it there"
    ]


def _written(folder: Path, form: str, rows: list[tuple[int, str, str, str]]) -> Path:
    """Write a source in one of five forms; each row is a number, a title, a date and a text."""
    folder.mkdir()
    path = folder / {"table": "t.csv", "links": "l.csv", "papers": "r.bib", "feed": "x.xml", "posts": "blog"}[form]
    if form == "posts":
        for number, title, day, text in rows:
            (path / title).mkdir(parents=True)
            (path / title / f"post{number}.md").write_text(f"---\ntitle: {title}\ndate: {day}\n---\n{text}")
        return path
    head, line, end = {
        "table": ("id,title,date,summary\n", "{0},{1},{2},{3}\n", ""),
        "links": ("title,date,link,summary\n", "{1},{2},https://{4}.example/{0},{3}\n", ""),
        "papers": ("", "@misc{{k{0}, title={{{1}}}, date={{{2}}}, abstract={{{3}}}}}\n", ""),
        "feed": (
            f"<rss version='2.0'><channel><title>T</title><link>https://{folder.name}.example/</link>",
            "<item><title>{1}</title><link>https://{4}.example/{0}</link><pubDate>{2}</pubDate><description>{3}</description></item>",
            "</channel></rss>",
        ),
    }[form]
    path.write_text(head + "".join(line.format(*row, folder.name) for row in rows) + end)
    return path


@pytest.mark.parametrize("seed", range(40))
def test_nothing_is_lost_whatever_is_imported_in_whatever_order(tmp_path: Path, seed: int) -> None:
    """Each row of sources that share ids, titles and links is imported; a second import adds and loses nothing."""
    chance = random.Random(seed)  # noqa: S311 -- no secret
    shelf, sources, wanted = Shelf(tmp_path), [], set()
    for number in range(4):
        titles = chance.sample(["A", "B", "C", "A B", "D 1", "D 2", "E"], chance.randint(1, 4))
        rows = [
            (
                chance.randint(1, 3),
                title,
                f"202{chance.randint(0, 4)}-0{chance.randint(1, 9)}-01",
                f"Text {chance.random()}",
            )
            for title in titles
        ]
        form = chance.choice(["table", "links", "papers", "feed", "posts"])
        sources.append(_written(tmp_path / f"f{number}", form, rows))
        wanted |= {(title, day) for _, title, day, _ in rows}
    for path in (*sources, *chance.sample(sources, 4)):
        new, _, _ = shelf.read(str(path.relative_to(tmp_path)))
    assert new == 0
    assert {(entry.title, entry.date) for entry in shelf.catalogue.entries} >= wanted
