"""BibTeX and CSL-JSON: papers become events."""

import json

import pytest

from index.errors import ImportSourceError

from .sources import events, read, said

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
    """LaTeX is text, abbreviations are words, dates are as exact as given."""
    imported = read(BIB)
    found = {entry.id: entry for entry in events(imported)}
    kiwi = found["kiwi2017"]
    assert (imported.format, kiwi.title, kiwi.date) == ("bibtex", "Kiwi Is All of Schrödinger's 50%", "2017-06")
    assert (kiwi.source, kiwi.url, kiwi.summary) == (
        "Advances in Everything",
        "https://doi.org/10.1000/x_y",
        "We show it.",
    )
    assert (kiwi.model_extra or {})["authors"] == ["Jane Doe", "Kiwi Labs"]
    assert (found["preprint"].date, found["preprint"].url) == ("2020-05", "https://arxiv.org/abs/2001.00001")
    assert (found["child"].date, found["child"].source, found["unsure"].date) == ("2021", "The Conference", None)


def test_damaged_entries_cost_no_others() -> None:
    """Each is reported with its line; what stands before the damage is kept."""
    imported = read(BIB)
    titles = {entry.id: entry.title for entry in imported.entries}
    again = next(name for name, title in titles.items() if title == "Again")
    assert titles.keys() == {"kiwi2017", "preprint", "unsure", "conf", "child", "cut", again}
    assert again.startswith("kiwi2017:again-")
    known = f"'Again' is kept as {again!r}"
    assert all(word in said(imported) for word in ("-:6: title: the entry 'broken'", known, "premature end", "c. 1999"))


def test_one_publication_that_stands_twice_is_reported() -> None:
    """The first is kept; another title under the same key is another publication."""
    imported = read("@misc{k, title={One}}\n@misc{K, title={{One}}}\n@misc{k, title={One}}\n@misc{k, title={Two}}\n")
    assert [entry.title for entry in imported.entries] == ["One", "Two"]
    assert [problem.message.split(";")[-1] for problem in imported.problems] == [" the first is kept"] * 2


def test_abbreviations_that_grow_without_end_are_refused() -> None:
    """Each is four times the one before."""
    bomb = '@string{a0 = "xxxxxxxxxx"}\n' + "".join(
        f"@string{{a{n} = {' # '.join([f'a{n - 1}'] * 4)}}}\n" for n in range(1, 30)
    )
    with pytest.raises(ImportSourceError, match="grow without end"):
        read(bomb + "@misc{k, title = a29}", "bibtex")
    assert "nested" in said(read("@misc{a, title=" + "{" * 20_000, "bibtex"))


def test_csl_json_items_are_events() -> None:
    """Of two dates the part they share; what is about right is none; what has no title is reported."""
    imported = read(json.dumps(CSL))
    found = {entry.id: entry for entry in events(imported)}
    assert imported.format == "csl-json"
    assert [found[name].date for name in ("a1", "2", "c", "d")] == ["2023-05-01", "2023", None, "2020"]
    one = found["a1"]
    assert (one.title, one.url, one.source, one.summary) == ("Kiwi one", "https://doi.org/10.1/x", "J", "We show.")
    assert [problem.place for problem in imported.problems] == ["-:item 5", "-:item 6"]
