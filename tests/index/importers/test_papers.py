"""Tests for BibTeX and CSL-JSON: papers become events."""

import json

import pytest

from assistant.export.bibliography import Form, render
from index import bibliography
from index.catalogue import Catalogue
from index.errors import ImportSourceError
from index.importers import merge, merge_imported
from index.models import Event, Guide

from .sources import events, problem_text, read

BIB = r"""
@string{neur = "Advances in " # "Everything"}
% a comment
@article{kiwi2017, title={Kiwi {Is} All of Schr\"odinger's 50\%}, author={Doe, Jane and {Kiwi Labs}}, year=2017,
  month=jun, journal=neur, doi={10.1000/x_y}, abstract={We show \emph{it}.}, keywords={a; b}}
@inproceedings{broken, title="No end, year=2020}
@misc(preprint, title={Later}, date={2020-05-01/2020-05-03}, eprint={2001.00001}, archivePrefix=arXiv)
@book{unsure, title={Unsure}, year={c. 1999}}
@proceedings{conf, title={The Conference}, year=2021}
@inproceedings{child, title={Child}, crossref={conf}}
@misc{kiwi2017, title={Again}}
@misc{cut, title={Cut}, year={20
"""
CSL = [
    {"id": "a1", "type": "article-journal", "title": "Kiwi <i>one</i>", "issued": {"date-parts": [[2023, "5", 1]]}, "DOI": "10.1/x", "container-title": "J", "author": [{"family": "Doe", "given": "Jane"}], "abstract": "<p>We show.</p>"},
    {"id": 2, "type": "book", "title": "Two", "issued": {"date-parts": [[2023, 5, 1], [2023, 6, 2]]}},
    {"id": "c", "type": "book", "title": "Three", "issued": {"date-parts": [[1999]], "circa": True}},
    {"id": "d", "type": "book", "title": "Four", "issued": {"raw": "Spring 2020"}},
    {"id": "e", "type": "book"},
    "x",
]  # fmt: skip


def test_a_publication_of_bibtex_is_an_event_under_its_key() -> None:
    """LaTeX becomes plain text, abbreviations are expanded, and dates keep their precision."""
    imported = read(BIB)
    found = {entry.id: entry for entry in events(imported)}
    kiwi = found["kiwi2017"]
    assert (imported.format, kiwi.title, kiwi.date) == ("bibtex", "Kiwi Is All of Schrödinger's 50%", "2017-06")
    assert (kiwi.source, kiwi.url, kiwi.summary) == (
        "Advances in Everything",
        "https://doi.org/10.1000/x_y",
        "We show it.",
    )
    assert kiwi.authors == ("Jane Doe", "Kiwi Labs")
    assert (found["preprint"].date, found["preprint"].url) == ("2020-05", "https://arxiv.org/abs/2001.00001")
    assert (found["child"].date, found["child"].source, found["unsure"].date) == ("2021", "The Conference", None)


def test_damaged_entries_cost_no_others() -> None:
    """Each damaged entry is reported with its line; entries before the damage are kept."""
    imported = read(BIB)
    titles = {entry.id: entry.title for entry in imported.entries}
    again = next(name for name, title in titles.items() if title == "Again")
    assert titles.keys() == {"kiwi2017", "preprint", "unsure", "conf", "child", "cut", again}
    assert again.startswith("kiwi2017:again-")
    known = f"'Again' is kept as {again!r}"
    assert all(
        word in problem_text(imported) for word in ("-:6: title: the entry 'broken'", known, "premature end", "c. 1999")
    )


def test_one_publication_that_stands_twice_is_reported() -> None:
    """The repeat is left out; a different title under the same key is a different publication."""
    imported = read("@misc{k, title={One}}\n@misc{K, title={{One}}}\n@misc{k, title={One}}\n@misc{k, title={Two}}\n")
    assert [entry.title for entry in imported.entries] == ["One", "Two"]
    assert [problem.message.split(";")[-1] for problem in imported.problems] == [" the first entry is kept"] * 2


def test_abbreviations_that_grow_without_end_are_refused() -> None:
    """Each abbreviation expands to four times the previous one."""
    bomb = '@string{a0 = "xxxxxxxxxx"}\n' + "".join(
        f"@string{{a{n} = {' # '.join([f'a{n - 1}'] * 4)}}}\n" for n in range(1, 30)
    )
    with pytest.raises(ImportSourceError, match="too long when they are expanded"):
        read(bomb + "@misc{k, title = a29}", "bibtex")
    assert "nested" in problem_text(read("@misc{a, title=" + "{" * 20_000, "bibtex"))


def test_csl_json_items_are_events() -> None:
    """A date range keeps the shared part, approximate dates are dropped, and items without a title are reported."""
    imported = read(json.dumps(CSL))
    found = {entry.id: entry for entry in events(imported)}
    assert imported.format == "csl-json"
    assert [found[name].date for name in ("a1", "2", "c", "d")] == ["2023-05-01", "2023", None, "2020"]
    one = found["a1"]
    assert (one.title, one.url, one.source, one.summary) == ("Kiwi one", "https://doi.org/10.1/x", "J", "We show.")
    assert [problem.place for problem in imported.problems] == ["-:item 5", "-:item 6"]


LIBRARY = r"""
@xdata{shared, publisher={Invented Press}}
@proceedings{conf, title={The Conference}, subtitle={On Things}, year=2021, doi={10.1/conf}, editor={Itor, Ed}}
@inproceedings{child, title={Child}, crossref={conf}, xdata={shared}, pages={1--9}, volume={12},
  author={van der Berg, Jan and Smith, Jr., John and {Department for Science, Innovation and Technology} and OpenAI and others}}
@article{J1, title={``Why?'' A Review}, subtitle={Part Two}, author={M{\"u}ller, Anna}, journal={J. of Results}, number=3,
  year={2019a}, doi={https://doi.org/10.5555/1}}
@techreport{rep, title={A Report}, author={Roe, Richard}, institution={Heron Labs}, date={2019~}}
@mastersthesis{MT, title={Theses \& more}, author={Poe, Ann}, school={A University}, year=2020}
@misc{pre, title={A preprint}, eprint={2001.00001}, archivePrefix={arXiv}, year=2020, month=jan}
@book{b, title={A Book}, author={Doe, Jane}, publisher={Invented Press}, year=2018}
@online{site, title={A Page}, url={https://x.example/a_b}, date={2024-05-06}}
@dataset{d, title={Data}, author={{Heron Labs}}, date={2024-05?}}
@article{mag, title={In a magazine}, journal={Wired}, entrysubtype={magazine}, year=2020}
"""


def test_a_publication_keeps_its_authors_and_what_it_is() -> None:
    """An "and" in braces does not separate authors; a paper inherits the title and year of its collection only."""
    found = {entry.id: entry for entry in events(read(LIBRARY))}
    child = found["child"]
    assert child.authors == (
        "Jan van der Berg",
        "John Smith Jr.",
        "Department for Science, Innovation and Technology",
        "OpenAI",
    )
    assert [name.family for name in child.author_names] == ["van der Berg", "Smith", "", ""]
    assert (child.source, child.date, child.doi, child.publisher) == (
        "The Conference: On Things",
        "2021",
        None,
        "Invented Press",
    )
    assert (child.volume, child.pages, child.publication_type) == ("12", "1-9", "paper-conference")
    paper = found["J1"]
    assert (paper.title, paper.date, paper.doi, paper.issue) == ("“Why?” A Review: Part Two", "2019", "10.5555/1", "3")
    assert {name: found[name].publication_type for name in ("rep", "MT", "pre", "b", "site", "d", "mag")} == {
        "rep": "report",
        "MT": "thesis",
        "pre": "article",
        "b": "book",
        "site": "webpage",
        "d": "dataset",
        "mag": "article-magazine",
    }
    assert (found["rep"].date, found["d"].date) == ("2019", "2024")
    assert "'2019~' is not exact, so only 2019 was kept" in problem_text(read(LIBRARY))
    assert "shared" not in found


@pytest.mark.parametrize("form", ["bibtex", "csl-json"])
def test_what_is_cited_and_imported_again_is_the_same(form: Form) -> None:
    """An exported reference is imported as an identical entry, for every type of publication."""
    first = read(LIBRARY)
    again = read(render(first.entries, form, accessed=None), form)
    assert [entry.id for entry in again.entries] == [entry.id for entry in first.entries]
    merged = merge(Catalogue(first.entries), again.entries, whole=again.whole)
    assert (merged.added, merged.changed, again.problems) == ((), (), ())


def test_ris_that_is_cited_and_imported_again_is_the_same() -> None:
    """The `ID` field is not reliable across programs, so it only matches an entry with equal title and date."""
    first = read(LIBRARY)
    again = read(render(first.entries, "ris", accessed=None))
    assert again.format == "ris"
    merged = merge_imported(Catalogue(first.entries), again)
    assert (merged.added, merged.changed, again.problems) == ((), (), ())
    assert set(merged.same) == {entry.id for entry in first.entries}
    other = read(render([first.entries[0].model_copy(update={"title": "Another"})], "ris", accessed=None))
    assert len(merge_imported(Catalogue(first.entries), other).added) == 1


def test_every_kind_of_publication_comes_back_from_ris() -> None:
    """The type in the file is kept, even if programs use the same name for different types."""
    for name in bibliography.PUBLICATION_TYPES:
        event = Event(id="a", kind="event", title="A", date="2024", summary="", publication_type=name)
        (again,) = events(read(render([event], "ris", accessed=None)))
        assert again.publication_type == name


def test_every_form_of_a_reference_names_authors_doi_venue_and_type() -> None:
    """Every citation style contains the imported authors, DOI, venue and type."""
    imported = read(BIB.replace("@article{kiwi2017", "@inproceedings{kiwi2017"))
    (kiwi,) = [entry for entry in imported.entries if entry.id == "kiwi2017"]
    bib, ris, csl, markdown = (
        render([kiwi], form, accessed=None) for form in ("bibtex", "ris", "csl-json", "markdown")
    )
    assert "@inproceedings{" in bib
    assert "author = {Doe, Jane and {Kiwi Labs}}" in bib
    assert "booktitle = {Advances in Everything}" in bib
    assert ris.startswith("TY  - CONF\n")
    assert "AU  - Doe, Jane\nAU  - Kiwi Labs\n" in ris
    assert "T2  - Advances in Everything\n" in ris
    (item,) = json.loads(csl)
    assert item["author"] == [{"family": "Doe", "given": "Jane"}, {"literal": "Kiwi Labs"}]
    assert (item["type"], item["container-title"]) == ("paper-conference", "Advances in Everything")
    assert markdown.startswith("1. Jane Doe, Kiwi Labs. [Kiwi")
    for text in (bib, ris, csl, markdown.replace("\\_", "_")):
        assert "10.1000/x_y" in text


def test_a_guide_is_cited_as_the_almanacs_own() -> None:
    """The organisations a guide is about are not its authors; the name of the almanac can be set."""
    guide = Guide(id="g", kind="guide", title="G", level="beginner", tldr="T.", organisations=("OpenAI",))
    for form in ("bibtex", "ris", "csl-json", "markdown"):
        text = render([guide], form, accessed=None, almanac="The Example Almanac")
        assert "OpenAI" not in text
        assert "The Example Almanac" in text


def test_authors_of_any_shape_break_no_entry() -> None:
    """An existing catalogue may use the field `authors` differently; values that are not names are ignored."""
    line = {"id": "a", "kind": "event", "title": "A", "date": "2024", "summary": "T."}
    shapes: list[object] = [
        "Jane Doe",
        ["Jane Doe", {"name": "Jane Doe"}, 3, None],
        {"name": "Jane Doe"},
        7,
        None,
        [[]],
    ]
    for shape in shapes:
        (event,) = events(read(json.dumps(line | {"authors": shape, "volume": [1, 2], "pages": {"a": 1}, "doi": 5})))
        assert set(event.authors) <= {"Jane Doe"}
        assert (event.volume, event.pages, event.doi) == ("1, 2", None, "5")
